"""`quarterdeck limits`: who is being limited, whatever keeps the record."""

import asyncio
from contextlib import suppress
from pathlib import Path

import click

from cli.limits_report import as_document, as_lines, exit_code
from cli.options import config_option, json_option, system_option
from cli.output import print_json, print_lines
from cli.redis import only_servers
from cli.redis_reading import Reading, read_each
from cli.watched import load_topology
from core.clients.clock import Clock, SystemClock
from core.clients.keyspace.port import Keyspace
from core.model.limit import Rejections
from core.model.redis_spec import RedisSpec
from core.model.redis_view import Scan
from core.model.topology import Topology
from core.redis.limits.book import LimitsBook
from core.redis.limits.rejections import with_rejections
from core.sources.log_rejections import LogRejections
from tui.redis_views import log_rejections

SCAN_S = 10.0
"""For reading what the first look left out; what is left then is said."""
_LINES = 20
_LOGS_S = 2.0
"""For what containers and units print to come, where nothing tells of refusals yet."""


@click.command(
    short_help="Rate limits: who is limited now, tokens left, when the next request passes.",
    epilog="Exit: 0 nobody is limited, 1 somebody is or a server cannot be read,"
    " 2 configuration error, 3 no server could be reached.",
)
@click.argument("names", nargs=-1, metavar="[SYSTEM[/SERVICE]]...")
@system_option
@click.option("--limited", is_flag=True, help="Only who is limited now or had run dry when seen.")
@click.option("--pattern", default="", metavar="GLOB", help="Only records whose key is of this.")
@click.option(
    "--limit",
    "most",
    type=click.IntRange(1, 1000),
    metavar="N",
    help="At most so many records; 20 unless said, with --json all of the worst 1,000.",
)
@click.option("--complete", is_flag=True, help="Read every record, however long that takes.")
@json_option
@config_option
def command(
    names: tuple[str, ...],
    systems: tuple[str, ...],
    limited: bool,
    pattern: str,
    most: int | None,
    complete: bool,
    is_json: bool,
    config_path: Path | None,
) -> None:
    """Look at the records of rate limits, those nearest to their limit first, and leave."""
    topology = only_servers(load_topology(config_path, systems), names)
    readings = asyncio.run(read_limits(topology, pattern, is_complete=complete))
    code = exit_code(readings)
    if is_json:
        print_json(as_document(readings, code, is_limited=limited, most=most))
    else:
        print_lines(as_lines(readings, is_limited=limited, most=most or _LINES))
    click.get_current_context().exit(code)


async def read_limits(
    topology: Topology, pattern: str = "", *, is_complete: bool = False
) -> tuple[Reading, ...]:
    """Read the records of every server, all of them or what the time is enough for."""
    clock = SystemClock()
    logs = log_rejections(topology, clock)

    async def read(spec: RedisSpec, keyspace: Keyspace) -> object:
        book = LimitsBook(spec, clock, lambda: None, pattern)
        await book.look(keyspace)
        if not book.view.progress.is_complete:
            with suppress(TimeoutError):
                async with asyncio.timeout(None if is_complete else SCAN_S):
                    await book.carry_out(keyspace, Scan(spec.server, "limits"))
        services = dict.fromkeys(one.service for one in spec.limits if one.service)
        told = {service: await _refusals(logs, service, clock) for service in services}
        return with_rejections(book.view, spec.limits, told)

    try:
        return await read_each(topology, clock, read)
    finally:
        await asyncio.to_thread(logs.close)


async def _refusals(logs: LogRejections, service: str, clock: Clock) -> Rejections:
    """Return what a service's logs tell; the past of those that are streamed takes a moment."""
    until_s = clock.monotonic() + _LOGS_S
    found = await asyncio.to_thread(logs.read, service)
    while found.why and logs.is_streamed(service) and clock.monotonic() < until_s:
        await clock.sleep(0.1)
        found = await asyncio.to_thread(logs.read, service)
    return found
