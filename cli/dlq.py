"""`quarterdeck dlq`: dead letters, what they have in common, and which can go back."""

from pathlib import Path

import click

from cli import exits
from cli.dlq_report import as_document, as_lines
from cli.options import config_option, json_option, system_option
from cli.output import print_json, print_lines
from cli.stream_reading import are_unreached, keys_of, look_at_all, read_streams
from core.clients.keyspace.port import Keyspace
from core.errors import ConsoleError
from core.logs.query.quantities import parse_duration_ms
from core.model.dead_letter import DeadLetters
from core.model.redis_view import More, ShowLetters
from core.model.stream import Presence
from core.model.text import clean
from core.redis.streams.book import StreamsBook
from core.redis.streams.letter_reading import MOST_ROWS

_THERE = frozenset({Presence.BOTH, Presence.UNNAMED})


@click.command(
    short_help="Dead letters: why they died, and which can go back.",
    epilog="Exit: 0 read, 1 not all could be read, 2 configuration error, 3 nothing reached.",
)
@click.argument("stream", default="", metavar="[STREAM]")
@click.option(
    "--group-by",
    "by",
    type=click.Choice(("error", "type", "age")),
    help="Count them by what they have in common.",
)
@click.option("--text", default="", metavar="TEXT", help="Only those that have this somewhere.")
@click.option(
    "--age",
    "ages",
    nargs=2,
    default=("", ""),
    metavar="FROM TO",
    help="Only those dead for so long at least, and for less: 1d 7d; '' is no bound.",
)
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
def command(
    stream: str,
    by: str | None,
    text: str,
    ages: tuple[str, str],
    limit: int,
    systems: tuple[str, ...],
    is_json: bool,
    config_path: Path | None,
) -> None:
    """Print the letters of one dead-letter stream, or of all; nothing is read away."""
    found: list[DeadLetters] = []
    older_s, newer_s = map(_age_s, ages)

    async def read(book: StreamsBook, keyspace: Keyspace) -> object:
        if stream:
            await book.look(keyspace)
            keys = await keys_of(book.view, keyspace, stream)
            await book.meet(keyspace, keys)
        else:
            rows = (await look_at_all(book, keyspace)).rows
            dead = (row for row in rows if row.is_dead_letters and row.presence in _THERE)
            keys = tuple(row.key for row in dead)
        server = book.view.server
        for key in keys:
            await book.carry_out(keyspace, ShowLetters(server, key, text, older_s, newer_s))
            letters = await _read_on(book, keyspace, limit)
            if letters is not None:
                found.append(letters)
        return book.view

    readings = read_streams(config_path, systems, read)
    is_all_read = all(one.trouble is None for one in readings)
    if stream and not found and is_all_read:
        raise ConsoleError(f"no stream {clean(stream, 120)!r}; `quarterdeck streams` lists them")
    if is_json:
        print_json(as_document(readings, found, limit))
    else:
        print_lines(as_lines(readings, found, by or "", limit))
    code = exits.OK if is_all_read else exits.TROUBLE
    click.get_current_context().exit(exits.UNREACHED if are_unreached(readings) else code)


async def _read_on(book: StreamsBook, keyspace: Keyspace, limit: int) -> DeadLetters | None:
    """Read pages until there are so many letters, or no more."""
    while (letters := book.view.letters) is not None and book.view.problem is None:
        if letters.is_at_end or len(letters.rows) >= limit:
            return letters
        await book.carry_out(keyspace, More(book.view.server))
    return book.view.letters


def _age_s(text: str) -> float | None:
    age_ms = parse_duration_ms(text) if text else None
    if text and age_ms is None:
        raise click.BadParameter("write 90s, 5m, 1h30m or 2d", param_hint="--age")
    return None if age_ms is None else age_ms / 1000
