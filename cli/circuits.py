"""`quarterdeck circuits`: the state of circuit breakers, whatever keeps the record."""

import asyncio
from contextlib import suppress
from pathlib import Path

import click

from cli.circuits_report import as_document, as_lines, exit_code
from cli.options import config_option, json_option, system_option
from cli.output import print_json, print_lines
from cli.redis import only_servers
from cli.redis_reading import Reading, read_each
from cli.watched import load_topology
from core.clients.clock import SystemClock
from core.clients.keyspace.port import Keyspace
from core.model.redis_spec import RedisSpec
from core.model.topology import Topology
from core.redis.circuits.book import CircuitsBook

WALK_S = 20.0
"""For coming by all keys: until then nothing is said to be absent."""


@click.command(
    short_help="Circuit breakers: state, since when, failures, the next probe.",
    epilog="Exit: 0 all closed or without a record, 1 one is not or a server cannot be read,"
    " 2 configuration error, 3 no server could be reached.",
)
@click.argument("names", nargs=-1, metavar="[SYSTEM[/SERVICE]]...")
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
    """Look once at every circuit breaker, and leave."""
    topology = only_servers(load_topology(config_path, systems), names)
    readings = asyncio.run(read_circuits(topology))
    code = exit_code(readings)
    if is_json:
        print_json(as_document(readings, code))
    else:
        print_lines(as_lines(readings))
    context.exit(code)


async def read_circuits(topology: Topology) -> tuple[Reading, ...]:
    """Read the breakers of every server."""
    clock = SystemClock()

    async def read(spec: RedisSpec, keyspace: Keyspace) -> object:
        book = CircuitsBook(spec, clock, lambda: None)
        with suppress(TimeoutError):
            async with asyncio.timeout(WALK_S):
                await book.walk_all(keyspace)
                return book.view
        await book.look(keyspace)
        return book.view

    return await read_each(topology, clock, read)
