"""`quarterdeck check`: one pass over all checks and thresholds."""

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import exits
from cli.check_report import (
    Report,
    as_document,
    as_lines,
    exit_code,
    has_something_to_check,
)
from cli.options import config_option, json_option, system_option
from cli.output import is_coloured, print_json, print_lines
from cli.watched import load_watched
from core.clients.clock import Clock, SystemClock
from core.errors import ConfigError
from core.model.text import SafeText
from core.model.topology import Topology
from core.once import look_once
from core.store.selectors import system_views
from tui.bootstrap import sources_of

if TYPE_CHECKING:
    from config.loader import Loaded


@click.command(
    short_help="One pass over all checks; the exit code tells the result.",
    epilog="Exit: 0 ok, 1 not proven ok, 2 configuration error, 3 nothing could be reached.",
)
@click.argument("names", nargs=-1, metavar="[SYSTEM]...")
@system_option
@json_option
@config_option
@click.pass_context
def command(
    context: click.Context,
    names: tuple[str, ...],
    systems: tuple[str, ...],
    is_json: bool,
    config_path: Path | None,
) -> None:
    """Look once at every check and process manager, say what was found, and leave."""
    topology, loaded = load_watched(config_path, (*names, *systems))
    if not has_something_to_check(topology):
        raise ConfigError("nothing to check: add `checks` to a service in the configuration")
    clock = SystemClock()
    report = asyncio.run(read_report(topology, clock))
    report = replace(report, overdue=_overdue(topology, loaded, clock))
    if is_json:
        print_json(as_document(report))
    else:
        print_lines(as_lines(report, is_coloured()))
        if exit_code(report) == exits.UNREACHED:
            click.echo("quarterdeck: nothing could be reached", err=True)
    context.exit(exit_code(report))


def _overdue(topology: Topology, loaded: "Loaded", clock: Clock) -> tuple[SafeText, ...]:
    """Return the graces that are over; where none was ever noted, nothing is loaded for it."""
    from config.state import state_folders_of

    folders = state_folders_of(loaded.settings.state, os.environ, os.geteuid())
    if next((folders.actions.parent / "keys").glob("*/*.due"), None) is None:
        return ()
    from config.operation_specs import operations_of
    from tui.key_books import overdue_graces

    return overdue_graces(topology, operations_of(loaded), folders, clock)


async def read_report(topology: Topology, clock: Clock) -> Report:
    """Look once at everything a verdict depends on."""
    snapshot = await look_once(sources_of(topology, clock, only_checks=True), clock)
    now = clock.now()
    failed = tuple(one for one in snapshot.sources.values() if not one.is_working)
    return Report(topology.environment, system_views(topology, snapshot, now), failed, now)
