"""`quarterdeck validate`: check the configuration and name every problem."""

import os
import sys
from pathlib import Path

import click

from cli import exits
from cli.options import config_option, json_option
from cli.output import print_json, print_lines
from config.loader import load
from config.problems import ConfigProblems
from config.topology import topology_of
from core.model.text import clean
from core.model.topology import Topology


@click.command(
    short_help="Check the configuration and name every problem by file, line and key.",
    epilog="Exit: 0 the configuration can be used, 2 it cannot.",
)
@click.argument("file", required=False, type=click.Path(path_type=Path), metavar="[FILE]")
@json_option
@config_option
@click.pass_context
def command(
    context: click.Context, file: Path | None, is_json: bool, config_path: Path | None
) -> None:
    """Read the configuration with everything it includes, and look at nothing else."""
    try:
        loaded = load(file or config_path, os.environ)
        topology = topology_of(loaded.settings)
    except ConfigProblems as error:
        _show_problems(error, is_json)
        context.exit(exits.CONFIG)
    warnings = [str(clean(str(warning), 500)) for warning in loaded.warnings]
    if is_json:
        document = _document(str(loaded.path), [], warnings)
        print_json({**document, "counts": _counts(topology)})
        return
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
    counted = ", ".join(f"{count} {name}" for name, count in _counts(topology).items())
    print_lines([f"{clean(str(loaded.path))}: ok ({counted})"])


def _show_problems(error: ConfigProblems, is_json: bool) -> None:
    if is_json:
        problems: list[dict[str, object]] = [
            {
                "file": problem.place.file,
                "line": problem.place.line or None,
                "key": problem.key,
                "what": problem.what,
                "remedy": problem.remedy,
            }
            for problem in error.problems
        ]
        print_json(_document(error.problems[0].place.file, problems, []))
        return
    for problem in error.problems:
        print(f"quarterdeck: {problem}", file=sys.stderr)


def _document(
    file: str, problems: list[dict[str, object]], warnings: list[str]
) -> dict[str, object]:
    return {
        "format": 1,
        "file": file,
        "is_valid": not problems,
        "problems": problems,
        "warnings": warnings,
    }


def _counts(topology: Topology) -> dict[str, int]:
    services = [service for system in topology.systems for service in system.services]
    return {
        "systems": len(topology.systems),
        "services": len(services),
        "checks": sum(len(service.checks) for service in services),
    }
