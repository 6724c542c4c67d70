"""Reads streams for verbs that print and leave: what is named on a command line, found."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import click

from cli import exits
from cli.redis_reading import Reading, read_each
from cli.watched import load_topology
from core.clients.clock import SystemClock
from core.clients.keyspace.port import Keyspace
from core.errors import ConfigError, ConsoleError
from core.model.redis_key import KeyName
from core.model.redis_spec import RedisSpec
from core.model.redis_view import Scan, Streams
from core.model.text import clean
from core.redis.streams.book import StreamsBook
from tui.redis_views import redis_specs

SCAN_S = 5.0
"""For finding streams that nobody named; what is left is said."""
_READ_S = 10.0
"""For reading those that were found; what is left is said too."""
_BETWEEN_S = 1.0


def read_streams(
    config_path: Path | None,
    systems: tuple[str, ...],
    read: Callable[[StreamsBook, Keyspace], Awaitable[object]],
) -> tuple[Reading, ...]:
    """Read every server of the configuration in turn.

    Raises:
        ConfigError: the configuration cannot be used, or names no Redis.
    """
    clock = SystemClock()
    topology = load_topology(config_path, systems)
    if not redis_specs(topology):
        raise ConfigError("no Redis in the configuration: add `redis: {url: …}` to a system")

    async def read_one(spec: RedisSpec, keyspace: Keyspace) -> object:
        return await read(StreamsBook(spec, clock, lambda: None), keyspace)

    return asyncio.run(read_each(topology, clock, read_one))


async def look_at_all(book: StreamsBook, keyspace: Keyspace) -> Streams:
    """Return every stream that is named or found within the time for it."""
    await book.look(keyspace)
    progress = book.view.discovery
    if progress is None or not (progress.is_complete or progress.stopped):
        with suppress(TimeoutError):
            async with asyncio.timeout(SCAN_S):
                await book.carry_out(keyspace, Scan(book.view.server, "streams"))
    clock = SystemClock()
    until_s = clock.monotonic() + _READ_S
    left = unread(book.view)
    while left > 0 and clock.monotonic() < until_s:
        await book.read_on(keyspace)
        before, left = left, unread(book.view)
        if left >= before:
            break  # what is left is gone, or no stream any more
    return book.view


async def look_twice(book: StreamsBook, keyspace: Keyspace) -> Streams:
    """Look at all streams, and a second later again: rates need both."""
    await look_at_all(book, keyspace)
    await SystemClock().sleep(_BETWEEN_S)
    await book.look(keyspace)
    return book.view


async def look_twice_at(book: StreamsBook, keyspace: Keyspace, name: str) -> Streams:
    """Look at what a name means, and a second later again; no scan need have come to it."""
    await book.look(keyspace)
    keys = await keys_of(book.view, keyspace, name)
    await book.meet(keyspace, keys)
    await SystemClock().sleep(_BETWEEN_S if keys else 0.0)
    await book.look(keyspace)
    await book.meet(keyspace, keys)
    return book.view


def unread(view: Streams) -> int:
    """Return how many of the streams that were found are not among the rows."""
    return view.unnamed_count - sum(not row.spec_name for row in view.rows)


async def keys_of(view: Streams, keyspace: Keyspace, name: str) -> tuple[KeyName, ...]:
    """Return the streams that a name on the command line means: a key, or the profile's name."""
    named = tuple(row.key for row in view.rows if row.key.spelled == name)
    named = named or tuple(row.key for row in view.rows if row.spec_name == name)
    if named:
        return named
    key = KeyName.read(name)
    looks = await keyspace.looks([key])
    return (key,) if looks[0].kind == "stream" else ()


def the_one(readings: tuple[Reading, ...], name: str) -> Streams:
    """Return what the one server that has a stream says of it.

    Raises:
        ConfigError: several have it.
        ConsoleError: none has it, or what was asked for could not be read.
        click.exceptions.Exit: no server could be reached.
    """
    found = [one.view for one in readings if isinstance(one.view, Streams)]
    if len(found) > 1:
        servers = ", ".join(one.server for one in found)
        raise ConfigError(f"{servers} have it: say which with --system")
    if found:
        if (problem := found[0].problem) is not None:
            raise ConsoleError(f"{problem.word}: {problem.text}; {problem.remedy}")
        return found[0]
    failed = "; ".join(f"{one.spec.server}: {one.trouble.text}" for one in readings if one.trouble)
    if are_unreached(readings):
        print(f"quarterdeck: {failed}", file=sys.stderr)
        raise click.exceptions.Exit(exits.UNREACHED)
    servers = ", ".join(one.spec.server for one in readings if one.trouble is None)
    because = f"; {failed}" if failed else ""
    raise ConsoleError(f"no stream {clean(name, 120)!r} on {servers}{because}")


def are_unreached(readings: tuple[Reading, ...]) -> bool:
    """Tell whether no server answered."""
    return all(one.trouble is not None for one in readings)
