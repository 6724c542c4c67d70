"""Puts text on stdout: aligned, with glyph and word, coloured only on a terminal that wants it."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import cast
from unicodedata import east_asian_width

import click

from cli import exits
from core.model.veil import VEIL
from core.model.verdict import Verdict

GLYPHS = {
    Verdict.OK: "●",
    Verdict.DEGRADED: "▲",
    Verdict.DOWN: "✖",
    Verdict.UNKNOWN: "?",
}
"""The console's own shapes, written again: a test holds them equal, `check` starts sooner."""
_COLOURS = {Verdict.OK: 32, Verdict.DEGRADED: 33, Verdict.DOWN: 31, Verdict.UNKNOWN: 35}


def is_coloured() -> bool:
    """Tell whether stdout is a terminal on which colours are welcome."""
    if "NO_COLOR" in os.environ or os.environ.get("TERM", "dumb") == "dumb":
        return False
    return sys.stdout.isatty()


def verdict_word(verdict: Verdict, is_colour: bool) -> str:
    """Return glyph and word."""
    text = f"{GLYPHS[verdict]} {verdict}"
    return f"\x1b[{_COLOURS[verdict]}m{text}\x1b[0m" if is_colour else text


def print_lines(lines: Iterable[str]) -> None:
    """Print lines; characters that the terminal's encoding lacks are replaced, never fatal."""
    print_text("".join(f"{line.rstrip()}\n" for line in lines))


def print_text(text: str) -> None:
    """Print text as it is, but for known secrets and what the terminal's encoding lacks."""
    encoding = sys.stdout.encoding or "utf-8"
    _write(VEIL.hide(text).encode(encoding, "replace").decode(encoding))


def print_json(document: object) -> None:
    """Print one JSON document, in ASCII: any reader in any locale takes it."""
    import json

    _write(json.dumps(hidden(document), indent=2, allow_nan=False) + "\n")


def print_parts(parts: Iterable[str]) -> None:
    """Print a text that is too large to be held, in which nothing is to be hidden any more."""
    for part in parts:
        _write(part)


def hidden(document: object) -> object:
    """Return a document of plain values without known secrets, in names and values."""
    if VEIL.redacting is None:
        return document
    if isinstance(document, str):
        return VEIL.hide(document)
    if isinstance(document, Mapping):
        own = cast("Mapping[object, object]", document)
        return {hidden(name): hidden(value) for name, value in own.items()}
    if isinstance(document, list | tuple):
        return [hidden(one) for one in cast("Sequence[object]", document)]
    return document


def forget_stdout() -> None:
    """Point stdout at nothing, so that the interpreter's last flush cannot fail either."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())


def _write(text: str) -> None:
    """Write all of it now.

    Raises:
        click.exceptions.Exit: the reader went away; that is no error of ours.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        forget_stdout()
        raise click.exceptions.Exit(exits.PIPE) from None


def aligned(rows: Sequence[Sequence[str]], gap: str = "  ") -> list[str]:
    """Return rows as lines with columns of equal width; the last column is as long as it is."""
    if not rows:
        return []
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        gap.join(_padded(cell, width) for cell, width in zip(row[:-1], widths, strict=False))
        + gap
        + row[-1]
        for row in rows
    ]


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - _width(cell))


def _width(cell: str) -> int:
    """Return the columns a cell takes: colour codes take none, wide characters two."""
    plain = cell if "\x1b" not in cell else _without_colour(cell)
    if plain.isascii():
        return len(plain)
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in plain)


def _without_colour(cell: str) -> str:
    import re

    return re.sub(r"\x1b\[\d+m", "", cell)
