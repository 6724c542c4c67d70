"""Plain processes: found by pidfile or exact command, signalled by handle, never by name."""

from dataclasses import dataclass
from typing import Protocol

from core.model.text import SafeText


@dataclass(frozen=True, slots=True, order=True)
class ProcessId:
    """One run of one process; a reused pid is another."""

    pid: int
    start_ticks: int
    """Field 22 of /proc/PID/stat."""


@dataclass(frozen=True, slots=True)
class ProcessView:
    """A process that matched."""

    id: ProcessId
    argv: tuple[SafeText, ...]
    user: SafeText
    ports: tuple[int, ...]
    """It listens there."""


class ProcessControl(Protocol):
    """What steps need of processes."""

    async def find(
        self, command: tuple[str, ...], cwd: str, pidfile: str
    ) -> tuple[ProcessView, ...]:
        """Return what runs: by pidfile, else by exact words of argv in order; never ours."""
        ...

    async def is_running(self, one: ProcessId) -> bool:
        """Tell whether exactly this run lives."""
        ...

    async def end(self, ones: tuple[ProcessId, ...], grace_s: float) -> tuple[ProcessId, ...]:
        """TERM, then KILL after the grace, by pidfd; return those that needed KILL.

        Raises:
            ClientDenied: one belongs to somebody else.
            ClientTimeout: one survives even KILL (uninterruptible).
        """
        ...

    async def start(
        self, argv: tuple[str, ...], cwd: str, env: tuple[tuple[str, str], ...], log: str
    ) -> ProcessId:
        """Start in a session of its own, output appended to `log`; it outlives us.

        Raises:
            ClientMissing, ClientDenied: it could not be started.
        """
        ...

    async def listening(self, ports: tuple[int, ...]) -> dict[int, SafeText]:
        """Return who holds which of these ports."""
        ...
