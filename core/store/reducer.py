"""Folds events into the snapshot. Pure: no clock, no I/O, no logging.

Invariant: a slice that no event touched keeps its identity, so readers compare with `is`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Generic, TypeVar, assert_never

from core.model.check import NO_PROBES, CheckStatus, Probe
from core.model.events import (
    CheckObserved,
    Event,
    FoldersObserved,
    HostObserved,
    MetricsObserved,
    Noted,
    PortsObserved,
    ProcessesObserved,
    RuntimeObserved,
    SourceReported,
)
from core.model.host import HostState
from core.model.ids import CheckId, ServiceId
from core.model.metric import MetricsState
from core.model.runtime_state import RuntimeState
from core.model.snapshot import Snapshot
from core.store.changes import note_check, note_runtime, note_source
from core.store.history import HOST_WINDOW, PROBE_WINDOW, TIMELINE_WINDOW
from core.store.series import fold_scrape

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


def reduce(snapshot: Snapshot, event: Event) -> Snapshot:
    """Return the snapshot after one event."""
    return reduce_all(snapshot, (event,))


def reduce_all(snapshot: Snapshot, events: Iterable[Event]) -> Snapshot:
    """Return the snapshot after all events, oldest first.

    The same as folding `reduce`, but every touched mapping is copied once per call instead of
    once per event. The revision grows by the number of events; without any, the snapshot itself
    comes back.
    """
    draft = _Draft(snapshot)
    count = 0
    for event in events:
        draft.apply(event)
        count += 1
    return draft.finish(snapshot.revision + count) if count else snapshot


class _Slice(Generic[_Key, _Value]):
    """A mapping of the snapshot, copied when it is first changed."""

    __slots__ = ("_base", "_changed")

    def __init__(self, base: Mapping[_Key, _Value]) -> None:
        self._base = base
        self._changed: dict[_Key, _Value] | None = None

    def now(self, key: _Key) -> _Value | None:
        """Return the present value of a key."""
        return (self._base if self._changed is None else self._changed).get(key)

    def put(self, key: _Key, value: _Value) -> None:
        """Change one key."""
        if self._changed is None:
            self._changed = _copied(self._base)
        self._changed[key] = value

    def frozen(self) -> Mapping[_Key, _Value]:
        """Return the base itself where nothing changed."""
        return self._base if self._changed is None else MappingProxyType(self._changed)


def _copied(base: Mapping[_Key, _Value]) -> dict[_Key, _Value]:
    """Return a dictionary of one's own. Copying through the proxy does not hash every key anew."""
    return base.copy() if isinstance(base, MappingProxyType) else dict(base)


class _Draft:
    """A snapshot while a batch of events is folded into it."""

    def __init__(self, base: Snapshot) -> None:
        self._base = base
        self._checks: _Slice[CheckId, CheckStatus] = _Slice(base.checks)
        self._runtimes: _Slice[ServiceId, RuntimeState] = _Slice(base.runtimes)
        self._runtime_since: _Slice[ServiceId, datetime] = _Slice(base.runtime_since)
        self._metrics: _Slice[ServiceId, MetricsState] = _Slice(base.metrics)
        self._sources: _Slice[str, SourceReported] = _Slice(base.sources)
        self._host: HostState = base.host
        self._notes: list[Noted] = []

    def apply(self, event: Event) -> None:
        """Fold one event in."""
        match event:
            case CheckObserved():
                self._check(event)
            case RuntimeObserved(service, state):
                self._runtime(service, state)
            case MetricsObserved(service):
                self._metrics.put(service, fold_scrape(self._metrics.now(service), event))
            case HostObserved(sample):
                past = self._host.past.with_newest(sample.point, HOST_WINDOW)
                self._host = replace(self._host, sample=sample, past=past)
            case ProcessesObserved(at, processes):
                self._host = replace(self._host, processes=processes, processes_at=at)
            case PortsObserved(at, ports):
                self._host = replace(self._host, ports=ports, ports_at=at)
            case FoldersObserved(at, folders):
                self._host = replace(self._host, folders=folders, folders_at=at)
            case Noted():
                self._notes.append(event)
            case SourceReported(source):
                self._note(note_source(self._sources.now(source), event))
                self._sources.put(source, event)
            case _:
                assert_never(event)

    def finish(self, revision: int) -> Snapshot:
        """Return the new snapshot."""
        timeline = self._base.timeline
        if self._notes:
            timeline = (*reversed(self._notes), *timeline)[:TIMELINE_WINDOW]
        return Snapshot(
            revision=revision,
            checks=self._checks.frozen(),
            runtimes=self._runtimes.frozen(),
            runtime_since=self._runtime_since.frozen(),
            metrics=self._metrics.frozen(),
            host=self._host,
            sources=self._sources.frozen(),
            timeline=timeline,
        )

    def _check(self, event: CheckObserved) -> None:
        result = event.result
        before = self._checks.now(event.check)
        probe = Probe(result.observed_at, result.verdict, result.latency_s)
        since = result.observed_at
        history = NO_PROBES
        if before is not None:
            history = before.history
            if before.result.verdict is result.verdict:
                since = before.since
            else:
                self._note(note_check(event.check, before.result, result))
        history = history.with_newest(probe, PROBE_WINDOW)
        status = CheckStatus(result, since, event.next_at, history)
        self._checks.put(event.check, status)

    def _runtime(self, service: ServiceId, state: RuntimeState) -> None:
        before = self._runtimes.now(service)
        if before is None or before.verdict is not state.verdict:
            self._runtime_since.put(service, state.observed_at)
        if before is not None:
            self._note(note_runtime(service, before, state))
        self._runtimes.put(service, state)

    def _note(self, note: Noted | None) -> None:
        if note is not None:
            self._notes.append(note)
