"""`quarterdeck pending`: entries that were delivered to a group and not acknowledged."""

from dataclasses import replace
from pathlib import Path

import click

from cli.options import config_option, json_option, system_option
from cli.output import print_json, print_lines
from cli.pending_report import as_document, as_lines
from cli.stream_reading import keys_of, read_streams, the_one
from core.clients.keyspace.port import Keyspace
from core.errors import ConfigError, ConsoleError
from core.logs.query.quantities import parse_duration_ms
from core.model.redis_key import KeyName
from core.model.redis_view import More, ShowPending, Streams
from core.model.stream import PendingFilter
from core.model.text import clean
from core.redis.streams.book import StreamsBook
from core.redis.streams.pending import MOST_ROWS


@click.command(short_help="Pending entries of a group, oldest first, and why they are stuck.")
@click.argument("stream")
@click.argument("group")
@click.option("--idle", default="", metavar="TIME", help="Only those idle for 1h, 90s or longer.")
@click.option("--deliveries", default=0, metavar="N", help="Only those delivered so often.")
@click.option("--consumer", default="", metavar="NAME", help="Only this consumer's.")
@click.option("--text", default="", metavar="TEXT", help="Only those with this in the payload.")
@click.option(
    "--limit",
    default=100,
    show_default=True,
    type=click.IntRange(1, MOST_ROWS),
    help="The oldest so many.",
)
@system_option
@json_option
@config_option
def command(  # noqa: PLR0913, PLR0917 - one argument per option
    stream: str,
    group: str,
    idle: str,
    deliveries: int,
    consumer: str,
    text: str,
    limit: int,
    systems: tuple[str, ...],
    is_json: bool,
    config_path: Path | None,
) -> None:
    """Print pending entries with who holds them, for how long, and why they are stuck.

    A filter looks at every pending entry, in small steps, until it has found enough.
    """
    wanted = PendingFilter(_seconds(idle), deliveries, consumer, text)

    async def read(book: StreamsBook, keyspace: Keyspace) -> Streams | None:
        await book.look(keyspace)
        keys = await keys_of(book.view, keyspace, stream)
        if not keys:
            return None
        name = KeyName.read(group)
        has_group = {
            row.key for row in book.view.rows if any(one.name == name for one in row.groups)
        }
        key = next((one for one in keys if one in has_group), keys[0])
        await book.carry_out(keyspace, ShowPending(book.view.server, key, name, wanted))
        await _read_on(book, keyspace, limit)
        return book.view

    page = the_one(read_streams(config_path, systems, read), stream).pending
    if page is None:
        raise ConsoleError("nothing could be read")
    page = replace(
        page, rows=page.rows[:limit], is_at_end=page.is_at_end and len(page.rows) <= limit
    )
    if is_json:
        print_json(as_document(page))
    else:
        print_lines(as_lines(page))


async def _read_on(book: StreamsBook, keyspace: Keyspace, limit: int) -> None:
    """Read pages until there are so many rows, or no more."""
    while (page := book.view.pending) is not None and book.view.problem is None:
        if page.is_at_end or len(page.rows) >= limit:
            return
        await book.carry_out(keyspace, More(book.view.server))


def _seconds(idle: str) -> float:
    milliseconds = parse_duration_ms(idle) if idle else 0.0
    if milliseconds is None:
        raise ConfigError(f"--idle {clean(idle, 40)!r} is no span; write 90s, 15m or 1h")
    return milliseconds / 1000
