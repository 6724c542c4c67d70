"""`quarterdeck streams`: streams, their groups and consumers, and their entries."""

from dataclasses import replace
from pathlib import Path

import click

from cli.options import config_option, json_option, system_option
from cli.output import is_coloured, print_json, print_lines
from cli.stream_lines import as_lines, entries_lines, stream_lines
from cli.stream_reading import keys_of, look_twice, look_twice_at, read_streams, the_one
from cli.stream_report import (
    as_document,
    entries_document,
    exit_code,
    trouble_lines,
)
from core.clients.keyspace.port import Keyspace
from core.errors import ConfigError, ConsoleError
from core.logs.query.quantities import parse_time_s
from core.model.redis_view import More, ShowEntries, Streams
from core.model.stream import EntryId
from core.model.text import clean
from core.redis.streams.book import StreamsBook

_MOST_ENTRIES = 1000


@click.command(
    short_help="Streams: groups, lag, consumers, entries.",
    epilog="Exit: 0 ok, 1 not proven ok, 2 configuration error, 3 no server could be reached.",
)
@click.argument("stream", default="", metavar="[STREAM]")
@click.option(
    "--entries",
    "count",
    type=click.IntRange(1, _MOST_ENTRIES),
    metavar="N",
    help="Entries of STREAM: its newest so many.",
)
@click.option("--from-start", is_flag=True, help="With --entries: its oldest.")
@click.option("--since", default="", metavar="TIME", help="With --entries: from 1h, 09:00, an id.")
@click.option("--search", default="", metavar="TEXT", help="With --entries: those with this text.")
@system_option
@json_option
@config_option
def command(
    stream: str,
    count: int | None,
    from_start: bool,
    since: str,
    search: str,
    systems: tuple[str, ...],
    is_json: bool,
    config_path: Path | None,
) -> None:
    """Look at every stream, or at one with its groups and consumers, and leave."""
    if count is None and (from_start or since or search):
        raise ConfigError("--from-start, --since and --search go with --entries N")
    if count is None:
        click.get_current_context().exit(_show(config_path, systems, stream, is_json))
    if not stream:
        raise ConfigError("--entries needs the name of a stream")

    async def read(book: StreamsBook, keyspace: Keyspace) -> Streams | None:
        await book.look(keyspace)
        keys = await keys_of(book.view, keyspace, stream)
        if not keys:
            return None
        start = _start(since, await keyspace.now_s()) if since else None
        wish = ShowEntries(book.view.server, keys[0], start, not from_start, search)
        await book.carry_out(keyspace, wish)
        is_before = start is None and not from_start
        await _read_on(book, keyspace, count, is_before=is_before)
        return book.view

    page = the_one(read_streams(config_path, systems, read), stream).entries
    if page is None:
        raise ConsoleError("nothing could be read")
    is_newest = not since and not from_start
    rows = page.rows[-count:] if is_newest else page.rows[:count]
    page = replace(page, rows=rows)
    if is_json:
        print_json(entries_document(page))
    else:
        print_lines(entries_lines(page))


def _show(config_path: Path | None, systems: tuple[str, ...], stream: str, is_json: bool) -> int:
    async def look(book: StreamsBook, keyspace: Keyspace) -> Streams:
        if stream:
            return await look_twice_at(book, keyspace, stream)
        return await look_twice(book, keyspace)

    readings = read_streams(config_path, systems, look)
    rows = [row for one in readings if isinstance(one.view, Streams) for row in one.view.rows]
    if stream:
        exact = [row for row in rows if row.key.spelled == stream]
        rows = exact or [row for row in rows if row.spec_name == stream]
    code = exit_code(readings, rows)
    if stream and not rows and any(one.trouble is None for one in readings):
        raise ConsoleError(f"no stream {clean(stream, 120)!r}; `quarterdeck streams` lists them")
    if is_json:
        print_json(as_document(readings, rows, code))
    elif stream:
        print_lines(line for row in rows for line in stream_lines(row, is_coloured()))
        print_lines(line for one in readings for line in trouble_lines(one))
    else:
        print_lines(as_lines(readings, is_coloured()))
    return code


async def _read_on(book: StreamsBook, keyspace: Keyspace, count: int, *, is_before: bool) -> None:
    """Read pages until there are so many entries, or no more."""
    while (page := book.view.entries) is not None and book.view.problem is None:
        is_done = page.is_at_start if is_before else page.is_at_end
        if is_done or len(page.rows) >= count:
            return
        await book.carry_out(keyspace, More(book.view.server, is_before))


def _start(since: str, now_s: float) -> EntryId:
    """Return the id to begin at: an id as it is written, or the first of a moment.

    Raises:
        ConfigError: it is neither.
    """
    found = EntryId.read(since)
    if found is not None and "-" in since:
        return found
    at_s = parse_time_s(since, now_s)
    if at_s is None:
        raise ConfigError(f"--since {clean(since, 40)!r}: write 1h, 09:00, 2026-03-14 or an id")
    return EntryId(max(0, int(at_s * 1000)))
