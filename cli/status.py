"""`quarterdeck status`: the whole snapshot."""

import asyncio
from pathlib import Path

import click

from cli.check_report import Report
from cli.options import config_option, json_option, system_option
from cli.output import is_coloured, print_json, print_lines
from cli.status_report import as_document, status_lines
from cli.watched import load_topology
from core.clients.clock import Clock, SystemClock
from core.model.snapshot import Snapshot
from core.model.topology import Topology
from core.runtime import look_once
from core.store.selectors import system_views
from tui.bootstrap import sources_of


@click.command(short_help="The whole snapshot: systems, services, checks, metrics, host.")
@click.argument("names", nargs=-1, metavar="[SYSTEM]...")
@system_option
@json_option
@config_option
def command(
    names: tuple[str, ...], systems: tuple[str, ...], is_json: bool, config_path: Path | None
) -> None:
    """Look once at everything and print it. The exit code is 0 whatever was found."""
    topology = load_topology(config_path, (*names, *systems))
    report, snapshot = asyncio.run(read_status(topology, SystemClock()))
    if is_json:
        print_json(as_document(report, snapshot))
    else:
        print_lines(status_lines(report, snapshot, is_coloured()))


async def read_status(topology: Topology, clock: Clock) -> tuple[Report, Snapshot]:
    """Look once at everything."""
    snapshot = await look_once(sources_of(topology, clock), clock)
    now = clock.now()
    failed = tuple(one for one in snapshot.sources.values() if not one.is_working)
    report = Report(topology.environment, system_views(topology, snapshot, now), failed, now)
    return report, snapshot
