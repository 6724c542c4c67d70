"""`quarterdeck redis`: what Redis servers say of themselves, and what they hold."""

import asyncio
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict, Unpack

import click

from cli import exits
from cli.options import config_option, json_option, system_option
from cli.output import is_coloured, print_json, print_lines
from cli.redis_report import Report, Wanted, as_document, as_lines, exit_code
from cli.watched import load_topology
from core.clients.clock import Clock, SystemClock
from core.clients.keyspace.port import Keyspace
from core.errors import ConfigError
from core.model.redis_spec import RedisSpec
from core.model.redis_view import SampleLatency, Scan
from core.model.text import clean
from core.model.topology import Topology

_RATE_S = 1.0
"""Between two looks: rates need both."""
_LATENCY_S = 5.0


class More(TypedDict):
    """What else than figures and findings is asked for."""

    is_slow: bool
    latency_s: float | None
    is_census: bool
    is_tokens: bool


@click.command(
    short_help="Redis servers: memory, persistence, evictions, slow log, keys by family.",
    epilog="Exit: 0 nothing found, 1 findings, 2 configuration error, 3 no server was reached.",
)
@click.argument("names", nargs=-1, metavar="[SYSTEM[/SERVICE]]...")
@system_option
@click.option("--slow", "is_slow", is_flag=True, help="The newest lines of the slow log.")
@click.option(
    "--latency",
    "latency_s",
    is_flag=False,
    flag_value=_LATENCY_S,
    type=click.FloatRange(0.1, 3600),
    metavar="[SECONDS]",
    help="Ping for so long (5 s), in windows of a second; put it after the names.",
)
@click.option("--census", "is_census", is_flag=True, help="Count all keys by family.")
@click.option("--tokens", "is_tokens", is_flag=True, help="Find the tokens that the profile names.")
@json_option
@config_option
@click.pass_context
def command(
    context: click.Context,
    names: tuple[str, ...],
    systems: tuple[str, ...],
    is_json: bool,
    config_path: Path | None,
    **more: Unpack[More],
) -> None:
    """Look at Redis servers, a second long, and say what was found. Nothing is written."""
    named = dict.fromkeys(name.partition("/")[0] for name in names)
    topology = only_servers(load_topology(config_path, (*named, *systems)), names)
    wanted = Wanted(**more)
    report = asyncio.run(read_report(topology, SystemClock(), wanted))
    if is_json:
        print_json(as_document(report))
    else:
        print_lines(as_lines(report, is_coloured()))
        if exit_code(report) == exits.UNREACHED:
            click.echo("quarterdeck: no server was reached", err=True)
    context.exit(exit_code(report))


def only_servers(topology: Topology, names: tuple[str, ...]) -> Topology:
    """Return the topology with only the named servers.

    Raises:
        ConfigError: there is no server at all, or none of a name.
    """
    servers = [spec.server for system in topology.systems for spec in system.redis]
    if not servers:
        raise ConfigError("no Redis in the configuration: add `redis: {url: …}` to a system")
    for name in names:
        if not any(name in {server, server.partition("/")[0]} for server in servers):
            known = ", ".join(servers)
            raise ConfigError(f"no Redis server {clean(name, 80)!r}; known: {known}")
    if not names:
        return topology

    def is_named(server: str) -> bool:
        return server in names or server.partition("/")[0] in names

    return replace(
        topology,
        systems=tuple(
            replace(one, redis=tuple(spec for spec in one.redis if is_named(spec.server)))
            for one in topology.systems
        ),
    )


async def read_report(topology: Topology, clock: Clock, wanted: Wanted) -> Report:
    """Look twice at each server, and do what else is wanted."""
    # Client libraries are loaded only when there is a server to ask.
    from cli.redis_reading import read_each
    from core.redis.server.book import ServerBook

    async def read(spec: RedisSpec, keyspace: Keyspace) -> object:
        progress = _Progress(spec.server)
        book = ServerBook(spec, clock, lambda: progress.show(book.view.busy))
        with progress.cleared():
            await book.look(keyspace)
            if wanted.is_census:
                await book.carry_out(keyspace, Scan(spec.server, "census"))
            if wanted.is_tokens:
                await book.carry_out(keyspace, Scan(spec.server, "tokens"))
            if wanted.latency_s is not None:
                windows, window_s = wanted.windows
                await book.carry_out(keyspace, SampleLatency(spec.server, windows, window_s))
            await clock.sleep(_RATE_S)
            await book.look(keyspace)
        return replace(book.view, load=keyspace.load)

    readings = await read_each(topology, clock, read)
    return Report(topology.environment, readings, wanted, clock.now())


@dataclass(slots=True)
class _Progress:
    """Says on a terminal's stderr what takes long."""

    server: str
    shown: str = ""

    def show(self, busy: str) -> None:
        """Show what is being done, once."""
        if busy and busy != self.shown and sys.stderr.isatty():
            sys.stderr.write(f"\r{self.server}: {busy}…\x1b[K")
            sys.stderr.flush()
        self.shown = busy or self.shown

    @contextmanager
    def cleared(self) -> Generator[None]:
        """Take the line away in the end."""
        try:
            yield
        finally:
            if self.shown and sys.stderr.isatty():
                sys.stderr.write("\r\x1b[K")
                sys.stderr.flush()
