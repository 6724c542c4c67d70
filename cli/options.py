"""Options that every verb takes, and what they come to."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])
_READ_ONLY = "quarterdeck.read_only"


def config_option(command: _Command) -> _Command:
    """Add `--config FILE`, which may also stand before the verb."""
    return click.option(
        "--config",
        "config_path",
        type=click.Path(path_type=Path),
        callback=_or_the_one_before_the_verb,
        help="The configuration file; default: the usual places.",
        metavar="FILE",
    )(command)


def json_option(command: _Command) -> _Command:
    """Add `--json`."""
    return click.option(
        "--json", "is_json", is_flag=True, help="One JSON document with stable field names."
    )(command)


def read_only_option(command: _Command) -> _Command:
    """Add `--read-only`, which may also stand before the verb; no variable switches it."""
    return click.option(
        "--read-only",
        is_flag=True,
        expose_value=False,
        callback=_note_read_only,
        help="Refuse every change, whatever the configuration says.",
    )(command)


def is_read_only_asked() -> bool:
    """Tell whether `--read-only` was given, before the verb or after it."""
    context = click.get_current_context(silent=True)
    return context is not None and context.meta.get(_READ_ONLY, False)


def system_option(command: _Command) -> _Command:
    """Add `--system NAME`, repeatable."""
    return click.option(
        "--system",
        "systems",
        multiple=True,
        metavar="SYSTEM",
        help="Only this system; may be repeated.",
    )(command)


def _or_the_one_before_the_verb(
    context: click.Context, _parameter: click.Parameter, value: Path | None
) -> Path | None:
    while value is None and context.parent is not None:
        context = context.parent
        value = context.params.get("config_path")
    return value


def _note_read_only(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    """Contexts of one call share what is noted: a verb does not take back what stands before it."""
    if value:
        context.meta[_READ_ONLY] = True
