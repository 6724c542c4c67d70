"""`quarterdeck status`: the whole snapshot."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.backup_report import cron_lines, schedules_json
from cli.check_report import Report
from cli.options import config_option, json_option, system_option
from cli.output import is_coloured, print_json, print_lines
from cli.status_report import as_document, status_lines
from cli.watched import load_watched, warn
from core.clients.clock import Clock, SystemClock
from core.errors import ClientError
from core.model.snapshot import Snapshot
from core.model.topology import Topology
from core.once import look_once
from core.store.selectors import system_views
from tui.bootstrap import sources_of

if TYPE_CHECKING:
    from config.loader import Loaded
    from core.actions.backups.listing import BackupSetView


@click.command(short_help="The whole snapshot: systems, services, checks, metrics, host.")
@click.argument("names", nargs=-1, metavar="[SYSTEM]...")
@system_option
@json_option
@config_option
def command(
    names: tuple[str, ...], systems: tuple[str, ...], is_json: bool, config_path: Path | None
) -> None:
    """Look once at everything and print it. The exit code is 0 whatever was found."""
    topology, loaded = load_watched(config_path, (*names, *systems))
    report, snapshot = asyncio.run(read_status(topology, SystemClock()))
    schedules = _schedules(topology, loaded)
    if is_json:
        print_json(as_document(report, snapshot, schedules_json(schedules)))
    else:
        print_lines([*status_lines(report, snapshot, is_coloured()), *cron_lines(schedules)])


def _schedules(topology: Topology, loaded: "Loaded") -> tuple["BackupSetView", ...]:
    """Return the backups that cron makes; nothing of acting is loaded where it makes none."""
    own = {name: loaded.operations.get(name) for name in (one.name for one in topology.systems)}
    named = tuple(
        name
        for name, one in own.items()
        if one is not None
        and any(set_.schedule or set_.schedule_line for set_ in one.backups.values())
    )
    if not named:
        return ()
    from core.actions.families.backups import backup_views
    from tui.acting import Acting

    site = Acting(loaded, SystemClock()).site
    try:
        views = asyncio.run(backup_views(site, named))
    except ClientError as error:
        warn([f"backups cannot be looked at: {error}"])
        return ()
    return tuple(one for one in views if one.schedule is not None)


async def read_status(topology: Topology, clock: Clock) -> tuple[Report, Snapshot]:
    """Look once at everything."""
    snapshot = await look_once(sources_of(topology, clock), clock)
    now = clock.now()
    failed = tuple(one for one in snapshot.sources.values() if not one.is_working)
    report = Report(topology.environment, system_views(topology, snapshot, now), failed, now)
    return report, snapshot
