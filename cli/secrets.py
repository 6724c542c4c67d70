"""`quarterdeck secrets`: which secrets there are, where, how old, and what is wrong with them."""

import asyncio
import os
import sys
from pathlib import Path

import click

from cli.options import config_option, json_option
from cli.output import print_json, print_lines
from cli.secrets_report import exit_code, secrets_document, secrets_lines
from cli.watched import narrowed, warn
from core.clients.clock import SystemClock
from core.errors import ConfigError, ConsoleError
from core.model.secret_view import SecretsView
from core.model.text import clean

_MODE = 0o600
_MOST_CHARS = 64 * 1024


@click.command(
    short_help="Secrets by name: places, ages, findings; never a value.",
    epilog="Exit: 0 nothing is wrong, 1 something is or cannot be read, 2 configuration error.",
)
@click.argument("systems", nargs=-1, metavar="[SYSTEM]...")
@click.option(
    "--enter",
    "path",
    default="",
    metavar="PATH",
    help="Ask for a value without showing it, and write it to this new private file.",
)
@json_option
@config_option
@click.pass_context
def command(
    context: click.Context,
    systems: tuple[str, ...],
    path: str,
    is_json: bool,
    config_path: Path | None,
) -> None:
    """List the secrets of env files, compose files and units by name."""
    if path:
        _enter(path.removeprefix("file:"))
        return
    views = _views(config_path, systems)
    if is_json:
        print_json(secrets_document(views))
    else:
        print_lines(secrets_lines(views))
    context.exit(exit_code(views))


def _views(config_path: Path | None, systems: tuple[str, ...]) -> tuple[SecretsView, ...]:
    from config.loader import load
    from config.operation_specs import operations_of
    from config.state import state_folders_of
    from config.topology import topology_of
    from tui.secrets_books import secrets_books

    loaded = load(config_path, os.environ, checks_filters=False)
    warn(loaded.warnings)
    topology = narrowed(topology_of(loaded.settings, operations=loaded.operations), systems)
    folders = state_folders_of(loaded.settings.state, os.environ, os.geteuid())
    books = secrets_books(topology, operations_of(loaded), SystemClock(), folders)
    return tuple(book.look() for book in books)


def _enter(path: str) -> None:
    """Write a value that nobody sees to a new file.

    Raises:
        ConsoleError: nothing was entered, or the file cannot be made.
    """
    from core.clients.acting.files import LocalFiles

    if not path.startswith("/"):
        raise ConfigError(f"a new file is named from / on, not {clean(path, 80)!r}")
    value = _asked().strip()
    if not value:
        raise ConsoleError("nothing was entered")
    data = f"{value}\n".encode("utf-8", "surrogateescape")
    asyncio.run(LocalFiles(SystemClock()).create(path, data, _MODE, f"{os.getpid()}"))
    print_lines(
        [
            f"written to {clean(path)}, 0600: {len(value)} characters",
            f"use it as --set value=file:{clean(path)}, then remove it",
        ]
    )


def _asked() -> str:
    """Return what is typed, or what stands on a pipe."""
    if not sys.stdin.isatty():
        return sys.stdin.read(_MOST_CHARS)
    from getpass import getpass

    return getpass("Value (not shown): ", sys.stderr)
