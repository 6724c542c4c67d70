"""The machine: CPU, memory, disks, network, processes, listening ports, log folders."""

from dataclasses import dataclass
from datetime import datetime
from struct import Struct

from core.model.text import SafeText
from core.model.window import Numbers, Packing, Window, moment


@dataclass(frozen=True, slots=True)
class Disk:
    """One mounted file system, bytes."""

    mount: SafeText
    device: SafeText
    used_bytes: int
    free_bytes: int
    """Free to unprivileged users (psutil `free`)."""
    total_bytes: int

    @property
    def used_percent(self) -> float:
        """Used share of what users can have, as `df` shows it."""
        available = self.used_bytes + self.free_bytes
        return 100.0 * self.used_bytes / available if available else 0.0


@dataclass(frozen=True, slots=True)
class NetworkRate:
    """Traffic of one interface since the previous sample, bytes per second."""

    interface: SafeText
    received_bytes_per_s: float
    sent_bytes_per_s: float


@dataclass(frozen=True, slots=True)
class HostSample:
    """One look at the machine."""

    at: datetime
    cpu_percent: float
    """All cores together, 0 to 100."""
    cpu_percent_per_core: tuple[float, ...]
    load_1m: float
    load_5m: float
    load_15m: float
    memory_total_bytes: int
    memory_available_bytes: int
    """What can be had without swapping; pressure is judged by this, not by `free`."""
    swap_used_bytes: int
    swap_total_bytes: int
    disks: tuple[Disk, ...]
    networks: tuple[NetworkRate, ...]
    disk_read_bytes_per_s: float
    disk_written_bytes_per_s: float
    boot_at: datetime

    @property
    def memory_percent(self) -> float:
        """Share of memory that is not available."""
        if not self.memory_total_bytes:
            return 0.0
        return 100.0 * (1 - self.memory_available_bytes / self.memory_total_bytes)

    @property
    def swap_percent(self) -> float:
        """Share of the swap space in use; 0 where there is none."""
        total = self.swap_total_bytes
        return 100.0 * self.swap_used_bytes / total if total else 0.0

    @property
    def point(self) -> "HostPoint":
        """What history keeps of this look."""
        outside = [one for one in self.networks if one.interface != "lo"]
        return HostPoint(
            self.at,
            self.cpu_percent,
            self.memory_percent,
            self.swap_percent,
            self.load_1m,
            sum(one.received_bytes_per_s for one in outside),
            sum(one.sent_bytes_per_s for one in outside),
            self.disk_read_bytes_per_s,
            self.disk_written_bytes_per_s,
        )


@dataclass(frozen=True, slots=True)
class HostPoint:
    """The figures of one look that are drawn over time."""

    at: datetime
    cpu_percent: float
    memory_percent: float
    swap_percent: float
    load_1m: float
    received_bytes_per_s: float
    """All interfaces but the loopback."""
    sent_bytes_per_s: float
    disk_read_bytes_per_s: float
    disk_written_bytes_per_s: float


def _pack(point: HostPoint) -> Numbers:
    return (
        point.at.timestamp(),
        point.cpu_percent,
        point.memory_percent,
        point.swap_percent,
        point.load_1m,
        point.received_bytes_per_s,
        point.sent_bytes_per_s,
        point.disk_read_bytes_per_s,
        point.disk_written_bytes_per_s,
    )


def _unpack(numbers: Numbers) -> HostPoint:
    return HostPoint(moment(numbers[0]), *numbers[1:])


NO_HOST_POINTS = Window(Packing(Struct("<9d"), _pack, _unpack))


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """One process. Identity is pid with start time, since pids are reused."""

    pid: int
    started_at: datetime
    name: SafeText
    command: SafeText
    user: SafeText
    cpu_percent: float | None
    """100 is one core; None until seen twice."""
    memory_bytes: int
    threads: int
    state: str


@dataclass(frozen=True, slots=True)
class ListeningPort:
    """A listening TCP or UDP socket."""

    protocol: str
    address: SafeText
    port: int
    pid: int | None
    """None: owned by another user, and we lack the right to see whose it is."""
    process: SafeText


@dataclass(frozen=True, slots=True)
class FolderSize:
    """A log folder's size."""

    path: SafeText
    size_bytes: int | None
    """None: the folder cannot be read or does not exist; `note` says which."""
    files: int
    newest_at: datetime | None
    note: SafeText
    is_complete: bool = True
    """False: the walk stopped at its limit and the size is a lower bound."""


@dataclass(frozen=True, slots=True)
class HostState:
    """The machine with its recent past."""

    sample: HostSample | None = None
    """The last look; None: none yet."""
    past: Window[HostPoint] = NO_HOST_POINTS
    """Oldest first, the last look included; bounded (`core.store.history.HOST_WINDOW`)."""
    processes: tuple[ProcessRow, ...] = ()
    processes_at: datetime | None = None
    ports: tuple[ListeningPort, ...] = ()
    ports_at: datetime | None = None
    folders: tuple[FolderSize, ...] = ()
    folders_at: datetime | None = None
