"""The composition root of the Redis views: keyspaces and books of what is configured."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.clients.clock import Clock
from core.model.redis_spec import RedisSpec
from core.model.text import SafeText
from core.model.topology import Topology

if TYPE_CHECKING:
    from core.clients.keyspace.port import Keyspace
    from core.redis.desk_thread import RedisDeskThread
    from core.redis.topic import Book
    from core.sources.log_rejections import LogRejections


def redis_specs(topology: Topology) -> tuple[RedisSpec, ...]:
    """Return every server with what is kept in it."""
    return tuple(spec for system in topology.systems for spec in system.redis)


def keyspace_of(topology: Topology, spec: RedisSpec, clock: Clock) -> "Keyspace":
    """Return the way to a server; nothing is connected yet.

    Raises:
        ClientError: its address is none that a connection can be made from.
    """
    from core.clients.keyspace.server import ServerKeyspace
    from core.redis.servers import redis_addresses

    return ServerKeyspace(redis_addresses(topology)[spec.server], clock, spec.commands_per_s)


def redis_desk_of(
    topology: Topology, clock: Clock
) -> "Callable[[Callable[[], None]], RedisDeskThread] | None":
    """Return what makes the desk of the configured servers; None: there are none."""
    specs = redis_specs(topology)
    if not specs:
        return None

    def make_desk(tell: Callable[[], None]) -> "RedisDeskThread":
        from core.redis.desk import RedisDesk
        from core.redis.desk_thread import RedisDeskThread

        def open_keyspace(spec: RedisSpec) -> "Keyspace":
            return keyspace_of(topology, spec, clock)

        def make_book(spec: RedisSpec, topic: str, tell: Callable[[], None]) -> "Book":
            return book_of(topology, spec, topic, clock, tell)

        return RedisDeskThread(
            lambda changed: RedisDesk(specs, open_keyspace, make_book, clock, changed), tell
        )

    return make_desk


def book_of(
    topology: Topology, spec: RedisSpec, topic: str, clock: Clock, tell: Callable[[], None]
) -> "Book":
    """Return the book of a topic, imported when it is first looked at."""
    match topic:
        case "streams":
            from core.redis.streams.book import StreamsBook

            return StreamsBook(spec, clock, tell)
        case "limits":
            return _limits_book(topology, spec, clock, tell)
        case "circuits":
            return _circuits_book(topology, spec, clock, tell)
        case _:
            from core.redis.server.book import ServerBook

            return ServerBook(spec, clock, tell)


def _circuits_book(
    topology: Topology, spec: RedisSpec, clock: Clock, tell: Callable[[], None]
) -> "Book":
    from core.redis.circuits.book import CircuitsBook
    from core.redis.circuits.logged import LoggedCircuits

    book = CircuitsBook(spec, clock, tell)
    services = frozenset(one.service for one in spec.circuits if one.service)
    if not services:
        return book

    def read_lines(service: str) -> tuple[SafeText, ...]:
        # Loaded in the thread that reads: breakers are shown before what logs say of them.
        from core.sources.log_tail import tail_lines

        return tail_lines(topology, service)

    return LoggedCircuits(book, services, read_lines, clock)


def log_rejections(topology: Topology, clock: Clock) -> "LogRejections":
    """Return what reads from logs who was refused; nothing is opened yet."""
    from core.sources.log_opening import LogOpening
    from core.sources.log_places import log_places
    from core.sources.log_rejections import LogRejections
    from core.sources.log_streams import EngineStreams

    opening = LogOpening(EngineStreams(topology.docker_url), topology.log_formats)
    places = log_places(topology)

    def now_s() -> float:
        return clock.now().timestamp()

    return LogRejections(
        lambda service: [
            opening.open_place(place, now_s())
            for place in places
            if place.source.rpartition("/")[0] == service
        ],
        now_s,
    )


def _limits_book(
    topology: Topology, spec: RedisSpec, clock: Clock, tell: Callable[[], None]
) -> "Book":
    from core.redis.limits.book import LimitsBook
    from core.redis.limits.logged import LoggedLimits

    book = LimitsBook(spec, clock, tell)
    if not any(one.service for one in spec.limits):
        return book
    # The log engine is loaded in the thread that reads, after the first picture of limits.
    return LoggedLimits(book, spec.limits, lambda: log_rejections(topology, clock), clock)
