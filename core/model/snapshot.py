"""All that is known at one moment.

Frozen; untouched parts keep their identity between revisions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from core.model.check import CheckStatus
from core.model.events import Noted, SourceReported
from core.model.host import HostState
from core.model.ids import CheckId, ServiceId
from core.model.metric import MetricsState
from core.model.runtime_state import RuntimeState


def _no_checks() -> Mapping[CheckId, CheckStatus]:
    return MappingProxyType({})


def _no_runtimes() -> Mapping[ServiceId, RuntimeState]:
    return MappingProxyType({})


def _no_moments() -> Mapping[ServiceId, datetime]:
    return MappingProxyType({})


def _no_metrics() -> Mapping[ServiceId, MetricsState]:
    return MappingProxyType({})


def _no_sources() -> Mapping[str, SourceReported]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the screens draw and `status --json` prints."""

    revision: int = 0
    checks: Mapping[CheckId, CheckStatus] = field(default_factory=_no_checks)
    runtimes: Mapping[ServiceId, RuntimeState] = field(default_factory=_no_runtimes)
    metrics: Mapping[ServiceId, MetricsState] = field(default_factory=_no_metrics)
    host: HostState = HostState()
    sources: Mapping[str, SourceReported] = field(default_factory=_no_sources)
    timeline: tuple[Noted, ...] = ()
    """Newest first, bounded (`core.store.history.TIMELINE_WINDOW`)."""
    runtime_since: Mapping[ServiceId, datetime] = field(default_factory=_no_moments)
    """When the present verdict of a service's container, unit or process was first seen."""


EMPTY_SNAPSHOT = Snapshot()
