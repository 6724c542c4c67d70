"""Derives what screens and the command line show from the snapshot.

Pure in effect: equal arguments give equal answers. The views of the last call are remembered, so
that a call recomputes only services whose slices are other objects than before, or of which
something has become stale since.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from core.model.check import NO_PROBES, CheckSpec, CheckStatus, Probe
from core.model.events import Noted, SourceReported
from core.model.ids import CheckId, ServiceId
from core.model.snapshot import Snapshot
from core.model.text import SafeText, clean
from core.model.topology import ServiceSpec, SystemSpec, Topology
from core.model.verdict import Verdict
from core.model.views import CheckView, Picture, ServiceView, SystemView
from core.model.window import Window
from core.store.check_views import check_view, stale_from
from core.store.consequences import root_causes
from core.store.figures import ProbeFigures, figures_of
from core.store.service_views import RUNTIME_STALE_S, UNWATCHED, service_view
from core.store.system_views import system_view

_FOREVER = datetime.max.replace(tzinfo=UTC)


def picture(
    topology: Topology,
    snapshot: Snapshot,
    now: datetime,
    host_name: SafeText,
    is_paused: bool = False,
) -> Picture:
    """Return everything a screen draws at `now`."""
    systems = system_views(topology, snapshot, now)
    return Picture(topology, snapshot, systems, now, host_name, is_paused)


def system_views(topology: Topology, snapshot: Snapshot, now: datetime) -> tuple[SystemView, ...]:
    """Return the systems as shown at `now`, in the order of the configuration."""
    return _memory_of(topology).systems(snapshot, now)


def check_source_name(check: CheckId) -> str:
    """Return the name of the source that looks at a check."""
    return f"check {check}"


@dataclass(frozen=True, slots=True)
class _Own:
    """A service's view with what it was computed from, and the moment until which it holds."""

    key: tuple[object, ...]
    view: ServiceView
    until: datetime


class _Memory:
    """The views of one topology as last computed, each with what it was computed from."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self._services = tuple(service for one in topology.systems for service in one.services)
        self._names = {
            service.id: tuple(check_source_name(check.id) for check in service.checks)
            for service in self._services
        }
        self._dependencies = {one.id: one.depends_on for one in self._services}
        self._last: tuple[tuple[object, ...], tuple[SystemView, ...]] | None = None
        self._figures: dict[CheckId, tuple[Window[Probe], ProbeFigures]] = {}
        self._own: dict[ServiceId, _Own] = {}
        self._told: dict[ServiceId, tuple[ServiceView, SafeText, ServiceView]] = {}
        self._systems: dict[str, tuple[tuple[object, ...], SystemView]] = {}

    def systems(self, snapshot: Snapshot, now: datetime) -> tuple[SystemView, ...]:
        """Return the views, recomputing only what is touched."""
        second = int(now.timestamp())
        sources = (snapshot.checks, snapshot.runtimes, snapshot.sources, snapshot.timeline, second)
        if self._last is not None and _same(self._last[0], sources):
            return self._last[1]
        own = {one.id: self._own_view(one, snapshot, now) for one in self._services}
        views = self._with_causes(own)
        notes = _newest_notes(snapshot)
        systems = tuple(
            self._system(spec, views, notes.get(spec.name)) for spec in self.topology.systems
        )
        self._last = (sources, systems)
        return systems

    def _own_view(self, spec: ServiceSpec, snapshot: Snapshot, now: datetime) -> ServiceView:
        """Return a service before its dependencies are weighed."""
        runtime = snapshot.runtimes.get(spec.id)
        statuses = [snapshot.checks.get(check.id) for check in spec.checks]
        reports = [snapshot.sources.get(name) for name in self._names[spec.id]]
        key = (runtime, *statuses, *reports)
        known = self._own.get(spec.id)
        if known is not None and now < known.until and _same(known.key, key):
            return known.view
        checks = tuple(
            self._check(check, status, report, now)
            for check, status, report in zip(spec.checks, statuses, reports, strict=True)
        )
        since = snapshot.runtime_since.get(spec.id)
        view = service_view(spec, checks, runtime, since, now)
        stale_moments = [
            stale_from(check, status)
            for check, status in zip(spec.checks, statuses, strict=True)
            if status is not None
        ]
        if runtime is not None:
            stale_moments.append(runtime.observed_at + timedelta(seconds=RUNTIME_STALE_S))
        until = min(stale_moments, default=_FOREVER)
        # What is stale tells its age, so it is another view every second.
        self._own[spec.id] = _Own(key, view, until if until > now else now)
        return view

    def _check(
        self,
        spec: CheckSpec,
        status: CheckStatus | None,
        report: SourceReported | None,
        now: datetime,
    ) -> CheckView:
        history = status.history if status is not None else NO_PROBES
        known = self._figures.get(spec.id)
        if known is None or known[0] is not history:
            known = self._figures[spec.id] = (history, figures_of(history))
        return check_view(spec, status, known[1], report, now)

    def _with_causes(self, own: dict[ServiceId, ServiceView]) -> dict[ServiceId, ServiceView]:
        """Return the services with `because` filled in where another one is the root."""
        verdicts = {service: view.verdict for service, view in own.items()}
        blamable = [service for service, view in own.items() if _is_blamable(view)]
        roots = root_causes(self._dependencies, verdicts, blamable) if blamable else {}
        views = dict(own)
        for service, root in roots.items():
            views[service] = self._told_view(own[service], _name_seen_from(service, root))
        return views

    def _told_view(self, view: ServiceView, because: SafeText) -> ServiceView:
        known = self._told.get(view.spec.id)
        if known is not None and known[0] is view and known[1] == because:
            return known[2]
        told = replace(view, because=because)
        self._told[view.spec.id] = (view, because, told)
        return told

    def _system(
        self, spec: SystemSpec, views: dict[ServiceId, ServiceView], last: Noted | None
    ) -> SystemView:
        services = tuple(views[service.id] for service in spec.services)
        key = (last, *services)
        known = self._systems.get(spec.name)
        if known is not None and _same(known[0], key):
            return known[1]
        view = system_view(spec, services, last)
        self._systems[spec.name] = (key, view)
        return view


def _same(before: tuple[object, ...], after: tuple[object, ...]) -> bool:
    """Tell whether two tuples hold the same objects (numbers are compared by value)."""
    return len(before) == len(after) and all(
        one is other or (isinstance(one, int) and one == other)
        for one, other in zip(before, after, strict=True)
    )


def _is_blamable(view: ServiceView) -> bool:
    """Tell whether trouble was seen here, as against nothing having been looked at yet."""
    if view.verdict is Verdict.UNKNOWN:
        return view.state not in {"loading", UNWATCHED, "not found"}
    return view.verdict is not Verdict.OK


def _name_seen_from(service: ServiceId, root: ServiceId) -> SafeText:
    """Return a name as short as it can be said: the system only where it is another one."""
    if root.host != service.host:
        return clean(str(root))
    return clean(root.service if root.system == service.system else f"{root.system}/{root.service}")


def _newest_notes(snapshot: Snapshot) -> dict[str, Noted]:
    """Return the newest timeline entry of each system."""
    newest: dict[str, Noted] = {}
    for note in snapshot.timeline:
        if note.service is not None:
            newest.setdefault(note.service.system, note)
    return newest


_memories: list[_Memory] = []
"""At most one: the console and the command line each watch one topology."""


def _memory_of(topology: Topology) -> _Memory:
    """Return the memory of this very topology, a new one if another was watched before."""
    for memory in _memories:
        if memory.topology is topology:
            return memory
    memory = _Memory(topology)
    _memories[:] = [memory]
    return memory
