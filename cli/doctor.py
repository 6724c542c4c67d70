"""`quarterdeck doctor`: what can be reached, which rights are missing, and what to do about it."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import click

from cli import exits
from cli.options import config_option, json_option, system_option
from cli.output import aligned, is_coloured, print_json, print_lines, verdict_word
from cli.watched import load_topology
from core.clients.clock import SystemClock
from core.clients.daemon_executor import DaemonExecutor
from core.model.finding import Finding
from core.model.topology import Topology
from core.model.verdict import Verdict, worst
from core.sources.examine import examine

_UNMET = frozenset({Verdict.DOWN, Verdict.DEGRADED})


@click.command(
    short_help="What can be reached, which rights are missing, and what to do about it.",
    epilog="Exit: 0 every need is met, 1 something is missing, 2 configuration error.",
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
    """Ask every address, log, pidfile and manager the configuration needs; change nothing."""
    topology = load_topology(config_path, (*names, *systems))
    findings = (*asyncio.run(_examined(topology)), *_audit(config_path))
    if is_json:
        print_json(as_document(findings))
    else:
        print_lines(as_lines(findings, is_coloured()))
    context.exit(exit_code(findings))


async def _examined(topology: Topology) -> tuple[Finding, ...]:
    # A name server that hangs must not keep the command.
    asyncio.get_running_loop().set_default_executor(DaemonExecutor())
    return await examine(topology, SystemClock())


def _audit(config_path: Path | None) -> tuple[Finding, ...]:
    """Look at the folder of the audit log; whoever only reads needs none."""
    from config.loader import load
    from config.state import state_folders_of
    from core.actions.audit.weaker import examine_audit

    loaded = load(config_path, os.environ, checks_filters=False)
    return examine_audit(state_folders_of(loaded.settings.state, os.environ, os.geteuid()).audit)


def exit_code(findings: Sequence[Finding]) -> int:
    """Return 1 when a need is known not to be met."""
    return exits.TROUBLE if any(one.verdict in _UNMET for one in findings) else exits.OK


def as_document(findings: Sequence[Finding]) -> dict[str, object]:
    """Return the JSON document."""
    return {
        "format": 1,
        "verdict": str(worst(one.verdict for one in findings)),
        "findings": [
            {
                "area": one.area,
                "subject": one.subject,
                "verdict": str(one.verdict),
                "text": one.text,
                "remedy": one.remedy or None,
            }
            for one in findings
        ],
    }


def as_lines(findings: Sequence[Finding], is_colour: bool) -> list[str]:
    """Return the findings by area for a person, each remedy under its finding."""
    lines: list[str] = []
    for area in dict.fromkeys(one.area for one in findings):
        here = [one for one in findings if one.area == area]
        rows = [(verdict_word(one.verdict, is_colour), one.subject, one.text) for one in here]
        lines.append(area)
        for one, line in zip(here, aligned(rows), strict=True):
            lines.append(f"  {line}")
            if one.remedy:
                lines.append(f"      → {one.remedy}")
        lines.append("")
    return lines[:-1]
