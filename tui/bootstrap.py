"""The composition root: builds clients and sources from what is to be watched.

Headless. A client library is imported only when something that is watched needs it, so that the
command line pays for nothing else.
"""

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from core.clients.clock import Clock
from core.errors import ClientError
from core.model.check import CheckKind, CheckSpec
from core.model.text import clean
from core.model.topology import (
    ComposeService,
    DockerContainer,
    PlainProcess,
    ServiceSpec,
    SwarmService,
    SystemdUnit,
    Topology,
)
from core.sources.base import PolledSource, Source
from core.sources.owning import OwningSource
from core.sources.unbuilt import UnbuiltSource

if TYPE_CHECKING:
    from core.logs.desk.desk_thread import DeskThread

_OTHER_THAN_HTTP = frozenset({CheckKind.TCP, CheckKind.REDIS})
_IN_DOCKER = (ComposeService, DockerContainer, SwarmService)


def sources_of(
    topology: Topology, clock: Clock, *, only_checks: bool = False
) -> tuple[Source, ...]:
    """Return everything that looks at the topology.

    Args:
        topology: What to watch.
        clock: Given to every client and source.
        only_checks: Leave out what no verdict depends on: metrics, the host, log folders.
    """
    services = tuple(service for system in topology.systems for service in system.services)
    checks = tuple(check for service in services for check in service.checks)
    sources: list[Source] = []
    sources += _http_sources(services, checks, clock, with_metrics=not only_checks)
    sources += _tcp_sources(_of_kind(checks, CheckKind.TCP), clock)
    sources += _redis_sources(_of_kind(checks, CheckKind.REDIS), clock)
    sources += _container_sources(topology, services, clock)
    sources += _unit_sources(services, clock)
    if only_checks:
        sources += _process_sources(services, clock)
    else:
        sources += _host_sources(topology, services, clock)
    return tuple(sources)


def desk_of(topology: Topology, clock: Clock) -> "Callable[[Callable[[], None]], DeskThread]":
    """Return what makes the desk that reads the configured logs; nothing is opened yet."""

    def make_desk(tell: "Callable[[], None]") -> "DeskThread":
        from core.logs.desk.desk_thread import DeskThread
        from core.logs.desk.housekeeping import Housekeeping
        from core.model.log_view import SavedLogQuery
        from core.sources.log_opening import LogOpening
        from core.sources.log_places import log_places, saved_queries
        from core.sources.log_streams import EngineStreams

        def wake() -> None:
            desk.wake()

        streams = EngineStreams(topology.docker_url, wake)
        opening = LogOpening(streams, topology.log_formats)
        places = {place.source: place for place in log_places(topology)}

        def now_s() -> float:
            return clock.now().timestamp()

        desk = DeskThread(
            {source: clean(source) for source in places},
            lambda source: opening.open_place(places[source], now_s()),
            now_s,
            tell,
            tuple(
                SavedLogQuery(one.system, one.spec, one.place.source)
                for one in saved_queries(topology)
            ),
            Housekeeping(topology.systems),
        )
        return desk

    return make_desk


def _of_kind(checks: Iterable[CheckSpec], kind: CheckKind) -> tuple[CheckSpec, ...]:
    return tuple(check for check in checks if check.kind is kind)


def _http_sources(
    services: tuple[ServiceSpec, ...],
    checks: tuple[CheckSpec, ...],
    clock: Clock,
    *,
    with_metrics: bool,
) -> list[Source]:
    """Return the HTTP checks and scrapes. They share one client, closed with the first of them."""
    specs = [check for check in checks if check.kind not in _OTHER_THAN_HTTP]
    scraped = [service for service in services if service.metrics is not None and with_metrics]
    if not specs and not scraped:
        return []
    _leave_out_what_httpx_does_not_need()
    from core.clients.http import HttpClient

    client = HttpClient(clock)
    sources: list[PolledSource] = []
    if specs:
        from core.sources.http_check import HttpCheckSource

        sources += [HttpCheckSource(spec, client, clock) for spec in specs]
    if scraped:
        from core.sources.metrics import MetricsSource

        sources += [
            MetricsSource(service.id, service.metrics, client, clock)
            for service in scraped
            if service.metrics is not None
        ]
    return [OwningSource(sources[0], client.aclose), *sources[1:]]


def _leave_out_what_httpx_does_not_need() -> None:
    """Mark as absent what httpx and httpcore look for and can do without.

    httpx loads click, rich and pygments for a command nobody calls, wherever they are installed:
    half of its import time, 50 ms of CPU at every start. httpcore looks for sniffio anew with each
    connection, a search through the disk where it is not installed; without it asyncio is meant.
    """
    if "httpx" not in sys.modules:
        for name in ("httpx._main", "sniffio"):
            sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # Python's own mark


def _tcp_sources(specs: tuple[CheckSpec, ...], clock: Clock) -> list[Source]:
    if not specs:
        return []
    from core.sources.tcp_check import TcpCheckSource

    return [TcpCheckSource(spec, clock) for spec in specs]


def _redis_sources(specs: tuple[CheckSpec, ...], clock: Clock) -> list[Source]:
    if not specs:
        return []
    from core.sources.redis_check import RedisCheckSource

    sources: list[Source] = []
    for spec in specs:
        try:
            sources.append(RedisCheckSource(spec, clock))
        except ClientError as error:
            sources.append(UnbuiltSource(f"check {spec.id}", error))
    return sources


def _container_sources(
    topology: Topology, services: tuple[ServiceSpec, ...], clock: Clock
) -> list[Source]:
    inside = tuple(service for service in services if isinstance(service.runs_as, _IN_DOCKER))
    if not inside:
        return []
    from core.clients.docker import DockerEngine
    from core.sources.containers import ContainerSource

    return [ContainerSource(inside, DockerEngine(topology.docker_url, clock), clock)]


def _unit_sources(services: tuple[ServiceSpec, ...], clock: Clock) -> list[Source]:
    units = tuple(service for service in services if isinstance(service.runs_as, SystemdUnit))
    if not units:
        return []
    from core.clients.command import LocalCommands
    from core.clients.systemd import Systemctl
    from core.sources.units import UnitSource

    return [UnitSource(units, Systemctl(LocalCommands()), clock)]


def _process_sources(services: tuple[ServiceSpec, ...], clock: Clock) -> list[Source]:
    plain = tuple(service for service in services if isinstance(service.runs_as, PlainProcess))
    if not plain:
        return []
    from core.clients.host import LocalHost
    from core.sources.processes import ServiceProcessSource

    return [ServiceProcessSource(plain, LocalHost(clock), clock)]


def _host_sources(
    topology: Topology, services: tuple[ServiceSpec, ...], clock: Clock
) -> list[Source]:
    """Return what looks at the machine; plain processes share the reads of its process table."""
    from core.clients.host import LocalHost
    from core.sources.folders import FolderSource
    from core.sources.host import HostSource, PortSource, ProcessTableSource
    from core.sources.processes import ServiceProcessSource

    host = LocalHost(clock)
    plain = tuple(service for service in services if isinstance(service.runs_as, PlainProcess))
    sources: list[Source] = [
        HostSource(host, clock),
        ProcessTableSource(host, clock),
        PortSource(host, clock),
    ]
    if plain:
        sources.append(ServiceProcessSource(plain, host, clock))
    if topology.log_folders:
        sources.append(FolderSource(topology.log_folders, clock))
    return sources
