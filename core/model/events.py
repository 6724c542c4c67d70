"""The closed union of facts that a source can report."""

from dataclasses import dataclass
from datetime import datetime

from core.model.check import CheckResult
from core.model.host import FolderSize, HostSample, ListeningPort, ProcessRow
from core.model.ids import CheckId, ServiceId
from core.model.metric import Scrape
from core.model.runtime_state import RuntimeState
from core.model.text import SafeText
from core.model.verdict import Verdict


@dataclass(frozen=True, slots=True)
class CheckObserved:
    """A probe ended."""

    check: CheckId
    result: CheckResult
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class RuntimeObserved:
    """A process manager was asked about a service."""

    service: ServiceId
    state: RuntimeState


@dataclass(frozen=True, slots=True)
class MetricsObserved:
    """A metrics endpoint was read."""

    service: ServiceId
    scrape: Scrape
    known_as: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HostObserved:
    """The machine was looked at."""

    sample: HostSample


@dataclass(frozen=True, slots=True)
class ProcessesObserved:
    """The process table was read, busiest first."""

    at: datetime
    processes: tuple[ProcessRow, ...]


@dataclass(frozen=True, slots=True)
class PortsObserved:
    """The listening sockets were read."""

    at: datetime
    ports: tuple[ListeningPort, ...]


@dataclass(frozen=True, slots=True)
class FoldersObserved:
    """The log folders were measured."""

    at: datetime
    folders: tuple[FolderSize, ...]


@dataclass(frozen=True, slots=True)
class Noted:
    """Something happened that a person would want on a timeline."""

    at: datetime
    service: ServiceId | None
    verdict: Verdict | None
    text: SafeText


@dataclass(frozen=True, slots=True)
class SourceReported:
    """A source's own state: it works, or why it does not and when it tries again."""

    source: str
    at: datetime
    is_working: bool
    reason: SafeText
    retry_at: datetime | None


Event = (
    CheckObserved
    | RuntimeObserved
    | MetricsObserved
    | HostObserved
    | ProcessesObserved
    | PortsObserved
    | FoldersObserved
    | Noted
    | SourceReported
)
