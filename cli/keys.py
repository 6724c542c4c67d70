"""`quarterdeck keys`: the API keys of a system, masked; what they use; what is wrong with them."""

import hashlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.keys_report import (
    analytics_lines,
    breach_lines,
    document_parts,
    exit_code,
    info_lines,
    list_lines,
    usage_lines,
)
from cli.options import config_option, json_option
from cli.output import print_lines, print_parts
from cli.watched import narrowed, warn
from core.errors import ConfigError
from core.model.key_store import ApiKey, KeyStoreView
from core.model.text import clean

if TYPE_CHECKING:
    from core.keys.store.book import KeyBook
    from core.keys.store.redis_book import RedisKeyBook

_WORDS = ("list", "info", "usage", "analytics", "breach")
_LINES = 100
_KEY_CHARS = 4096


@click.command(
    short_help="API keys, masked: list, info, usage, analytics, breach.",
    epilog="Exit: 0 nothing is wrong, 1 a store has findings or cannot be read, or no such key,"
    " 2 configuration error.",
)
@click.argument("words", nargs=-1, metavar="[SYSTEM[/STORE]] [list|info ID|usage|analytics|breach]")
@click.option(
    "--limit",
    "most",
    type=click.IntRange(1, 1_000_000),
    metavar="N",
    help=f"At most so many keys; {_LINES} unless said, with --json all of them.",
)
@json_option
@config_option
def command(
    words: tuple[str, ...], most: int | None, is_json: bool, config_path: Path | None
) -> None:
    """Look at the stores of API keys. A key is known by its short id; no key is ever printed.

    `info -` reads a whole key from stdin and says which one it is.
    """
    target, verb, wanted = _asked(words)
    books = books_of(config_path, target)
    views = [book.look() for book in books]
    if verb == "info":
        views = _only(views, books, wanted)
    code = exit_code(views, is_info=verb == "info")
    if is_json:
        print_parts(document_parts(views, verb, code, most))
    else:
        print_lines(_lines(views, verb, most or _LINES))
    click.get_current_context().exit(code)


def _asked(words: tuple[str, ...]) -> tuple[str, str, str]:
    """Return whose stores, what about them, and the id that is asked for.

    Raises:
        UsageError: the words are none of the ways to ask.
    """
    rest = list(words)
    target = rest.pop(0) if rest and rest[0] not in _WORDS else ""
    verb = rest.pop(0) if rest and rest[0] in _WORDS else "list"
    wanted = rest.pop(0) if rest and verb == "info" else ""
    if rest:
        raise click.UsageError(f"there are: {', '.join(_WORDS)}; a key is named by its short id.")
    if verb == "info" and not wanted:
        raise click.UsageError("info needs a short id such as k-3fa91c, or - for a key on stdin.")
    if wanted not in {"", "-"} and not wanted.startswith("k-"):
        # Whatever it is, it is not said again: it may be a key.
        raise click.UsageError(
            "info takes a short id such as k-3fa91c; a whole key only on stdin, as in `info -`:"
            " what stands on a command line, everybody on this machine can read."
        )
    return target, verb, wanted


def books_of(config_path: Path | None, target: str) -> "tuple[KeyBook | RedisKeyBook, ...]":
    """Return the books of the stores that are asked for.

    Raises:
        ConfigError: there is no such system or store.
    """
    from config.loader import load
    from config.operation_specs import operations_of
    from config.state import state_folders_of
    from config.topology import topology_of
    from core.clients.clock import SystemClock
    from tui.key_books import key_books

    system, _, store = target.partition("/")
    loaded = load(config_path, os.environ, checks_filters=False)
    warn(loaded.warnings)
    topology = topology_of(loaded.settings, operations=loaded.operations)
    topology = narrowed(topology, (system,) if system else ())
    folders = state_folders_of(loaded.settings.state, os.environ, os.geteuid())
    books = key_books(topology, operations_of(loaded), folders, SystemClock())
    if not books:
        raise ConfigError("the configuration names no key stores; they stand under `keys:`")
    if not store:
        return books
    found = tuple(book for book in books if book.target == target)
    if not found:
        known = ", ".join(book.target for book in books) or "none"
        raise ConfigError(f"no store {clean(target, 80)!r} in the configuration; known: {known}")
    return found


def _only(
    views: list[KeyStoreView], books: "tuple[KeyBook | RedisKeyBook, ...]", wanted: str
) -> list[KeyStoreView]:
    """Return the stores with only the key that is asked for."""
    from dataclasses import replace

    key = _key_of_stdin() if wanted == "-" else ""
    made: list[KeyStoreView] = []
    for view, book in zip(views, books, strict=True):
        ids = _ids_of(book, key) if key else (wanted.lower(),)
        kept = tuple(one for one in view.keys if _is_one(one, ids))
        made.append(replace(view, keys=kept, active=None))
    return made


def _ids_of(book: "KeyBook | RedisKeyBook", key: str) -> tuple[str, ...]:
    """Return the short ids that a whole key has in a store, where it is kept as it is or hashed."""
    hashes = {hashlib.new(name, key.encode()).hexdigest() for name in ("sha256", "sha512")}
    known = book.identity_of(lambda one: one == key or one.lower() in hashes)
    return () if known is None else (book.mark_of(known),)


def _is_one(key: ApiKey, ids: tuple[str, ...]) -> bool:
    """Tell whether a key's id is the beginning of what is asked for, or what is asked for of it."""
    return any(one.startswith(key.short_id) or _is_short(one, key) for one in ids)


def _is_short(asked: str, key: ApiKey) -> bool:
    return len(asked) >= len("k-123456") and key.short_id.startswith(asked)


def _key_of_stdin() -> str:
    """Return the key that somebody gives, from a terminal without echo.

    Raises:
        UsageError: there is none.
    """
    if sys.stdin.isatty():
        from getpass import getpass

        key = getpass("Key: ").strip()
    else:
        key = sys.stdin.readline(_KEY_CHARS).strip()
    if not key:
        raise click.UsageError("there is no key on stdin.")
    return key


def _lines(views: list[KeyStoreView], verb: str, most: int) -> list[str]:
    make = {"list": list_lines, "usage": usage_lines, "breach": breach_lines}.get(verb)
    if make is not None:
        return [line for view in views for line in make(view, most)]
    make_one = info_lines if verb == "info" else analytics_lines
    return [line for view in views for line in make_one(view)]
