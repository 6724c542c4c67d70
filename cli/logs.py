"""`quarterdeck logs`: search, count and follow logs: files, containers, the journal, a pipe."""

import sys
from pathlib import Path
from typing import TypedDict, Unpack

import click

from cli import exits
from cli.log_choice import choose, needs_configuration, saved_query
from cli.log_figures import FigureRequest
from cli.log_query import OptionError, QueryRequest
from cli.log_run import LogCall, run, with_saved
from cli.options import config_option
from cli.watched import load_topology
from core.clients.clock import SystemClock
from core.errors import ConfigError
from core.model.topology import Topology

_COUNT = click.IntRange(min=0)


class Options(TypedDict):
    """The options as they were given."""

    text: str
    since: str
    until: str
    level: str
    is_followed: bool
    limit: int | None
    tail: int | None
    has_counts: bool
    count_by: tuple[str, ...]
    percentiles: tuple[str, ...]
    has_histogram: bool
    saved: str
    values: tuple[str, ...]
    is_personal_data: bool
    is_list: bool
    is_retention: bool
    is_json: bool


@click.command(
    short_help="Search, count and follow logs: files, containers, the journal, a pipe.",
    epilog="Exit: 0 something matched, 1 nothing did, 2 query or configuration error, 3 nothing"
    " could be read.",
)
@click.argument("names", nargs=-1, metavar="[LOG]...")
@click.option("--filter", "text", default="", metavar="EXPR", help="Only records that match.")
@click.option("--since", default="", metavar="TIME", help="From: 1h, 09:00, 2026-03-14T09:00Z.")
@click.option("--until", default="", metavar="TIME", help="Up to; written as --since.")
@click.option("--level", default="", metavar="LEVEL", help="This level and above: warn, error.")
@click.option("-f", "--follow", "is_followed", is_flag=True, help="Go on with what is written.")
@click.option("--limit", type=_COUNT, metavar="N", help="Only the first N.")
@click.option("--tail", type=_COUNT, metavar="N", help="Only the last N.")
@click.option("--count", "has_counts", is_flag=True, help="How many, of which levels, how often.")
@click.option("--count-by", multiple=True, metavar="FIELD", help="Count the values of a field.")
@click.option("--percentiles", multiple=True, metavar="FIELD", help="p50 to p99 of a field.")
@click.option("--histogram", "has_histogram", is_flag=True, help="Count over time.")
@click.option("--query", "saved", default="", metavar="NAME", help="A saved query of the systems.")
@click.option("--set", "values", multiple=True, metavar="NAME=VALUE", help="A value it asks for.")
@click.option("--personal-data", "is_personal_data", is_flag=True, help="Look for personal data.")
@click.option("--list", "is_list", is_flag=True, help="The logs, with size, age and rule.")
@click.option("--retention", "is_retention", is_flag=True, help="The files against their rules.")
@click.option("--json", "is_json", is_flag=True, help="JSON lines; figures as one document.")
@config_option
@click.pass_context
def command(
    context: click.Context,
    names: tuple[str, ...],
    config_path: Path | None,
    **options: Unpack[Options],
) -> None:
    """Read LOGs together in order of time. LOG is a configured name, a path, or - (a pipe)."""
    try:
        context.exit(_done(names, config_path, options))
    except OptionError as error:
        print("\n".join(error.lines()), file=sys.stderr)
        context.exit(exits.CONFIG)


def _done(names: tuple[str, ...], config_path: Path | None, options: Options) -> int:
    needs_all = bool(options["is_list"] or options["is_retention"] or options["saved"])
    topology: Topology | None = None
    if needs_all or config_path is not None or needs_configuration(names):
        topology = load_topology(config_path)
    if topology is not None and (options["is_list"] or options["is_retention"]):
        from cli.log_keeping import show

        is_list, is_json = options["is_list"], options["is_json"]
        return show(topology, names, SystemClock(), is_list=is_list, is_json=is_json)
    call = LogCall(
        choose(names, topology),
        QueryRequest(options["text"], options["since"], options["until"], options["level"]),
        FigureRequest(
            options["count_by"],
            options["percentiles"],
            options["has_histogram"],
            options["has_counts"],
        ),
        limit=options["limit"],
        tail=options["tail"],
        is_followed=options["is_followed"],
        is_personal_data=options["is_personal_data"],
        is_json=options["is_json"],
        formats=topology.log_formats if topology is not None else (),
        docker_url=topology.docker_url if topology is not None else "",
    )
    if options["saved"] and topology is not None:
        call = with_saved(call, saved_query(options["saved"], topology), options["values"])
    if not call.chosen:
        raise click.UsageError("name a LOG: a configured name, a path, or -; or --list them.")
    if call.is_followed and (call.figures.is_any or call.is_personal_data):
        raise ConfigError("figures have an end, -f has none; leave one of them out")
    return run(call, SystemClock())
