"""What every Redis view is asked through: wishes in, one picture out."""

import asyncio
from collections.abc import Callable

from core.clients.clock import Clock
from core.model.circuit import Circuits
from core.model.limit import Limits
from core.model.redis_spec import RedisSpec
from core.model.redis_view import Cancel, LookNow, RedisPicture, RedisWish, Streams, Watch
from core.redis.station import MakeBook, OpenKeyspace, Station


class RedisDesk:
    """All servers of a configuration. Lives in one loop; nothing here blocks it.

    Args:
        specs: The servers.
        open_keyspace: Makes the way to one.
        make_book: Makes the book of a topic of one.
        clock: Time.
        tell: Called whenever another picture could be had.
    """

    def __init__(
        self,
        specs: tuple[RedisSpec, ...],
        open_keyspace: OpenKeyspace,
        make_book: MakeBook,
        clock: Clock,
        tell: Callable[[], None],
    ) -> None:
        self._clock = clock
        self._stations = {
            spec.server: Station(spec, open_keyspace, make_book, clock, tell) for spec in specs
        }

    async def run(self) -> None:
        """Look and carry out, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for station in self._stations.values():
                group.create_task(station.run())

    def carry_out(self, wish: RedisWish) -> None:
        """Begin to carry out a wish; a server that the configuration lacks has none."""
        match wish:
            case Watch(topics):
                for station in self._stations.values():
                    station.watch(topics)
            case LookNow():
                for station in self._stations.values():
                    station.look_now()
            case Cancel(server):
                if station := self._stations.get(server):
                    station.cancel()
            case _:
                if station := self._stations.get(wish.server):
                    station.wish(wish)

    def picture(self) -> RedisPicture:
        """Return everything that is known now."""
        stations = tuple(self._stations.values())
        streams = [one.book("streams") for one in stations]
        limits = [one.book("limits") for one in stations]
        circuits = [one.book("circuits") for one in stations]
        return RedisPicture(
            servers=tuple(one.server for one in stations),
            streams=tuple(one for one in streams if isinstance(one, Streams)),
            limits=tuple(one for one in limits if isinstance(one, Limits)),
            circuits=tuple(one for one in circuits if isinstance(one, Circuits)),
            is_read=all(one.is_read for one in stations),
            now_s=self._clock.monotonic(),
        )
