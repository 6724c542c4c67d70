"""The Redis servers of the scripted night, and a desk that knows them and looks at nothing."""

from collections.abc import Callable

from bench.scene_limits import GATEWAY, circuits_of, limits_of
from bench.scene_servers import filled
from bench.scene_streams import all_streams, stream_servers
from core.model.redis_server import OwnLoad, ServerView
from core.model.redis_view import RedisPicture, RedisWish, Streams
from core.model.stream import Progress

_LOAD = OwnLoad(commands_total=4210, per_s=6.0, cap_per_s=200.0)


def redis_picture(now_s: float) -> RedisPicture:
    """Return everything there is to see of Redis."""
    return RedisPicture(
        servers=filled((ServerView(GATEWAY, load=_LOAD, looked_at_s=0.0), *stream_servers())),
        streams=(*all_streams(), Streams(GATEWAY, (), Progress(800, 800, True, 0.1))),
        limits=limits_of(),
        circuits=circuits_of(now_s),
        is_read=True,
    )


class StillRedisDesk:
    """Knows one picture."""

    def __init__(self, picture: RedisPicture, tell: Callable[[], None]) -> None:
        """Take what is known."""
        self.picture, self._tell = picture, tell
        self.wishes: list[RedisWish] = []

    def start(self) -> None:
        """Do nothing."""

    def send(self, wish: RedisWish) -> None:
        """Remember it."""
        self.wishes.append(wish)
        self._tell()

    def stop(self, timeout_s: float = 1.0) -> bool:
        """Do nothing, in time."""
        return True
