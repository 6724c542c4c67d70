"""Options that every verb takes, and what they come to."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])


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
    if value is not None or context.parent is None:
        return value
    given: Path | None = context.parent.params.get("config_path")
    return given
