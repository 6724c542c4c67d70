"""What every followed log offers, be it a file, a container's log, the journal or a pipe."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from core.logs.segment import Segment
from core.model.follow import FollowState
from core.model.log import Seam
from core.model.text import SafeText

Cancelled = Callable[[], bool]
"""Asked at least every 50 ms of work; True ends it."""


def never() -> bool:
    """Answer for work that nobody cancels."""
    return False


@dataclass(frozen=True, slots=True)
class Growth:
    """A segment that has more than it had at the last poll."""

    segment: int
    begin_byte: int
    """The first new byte. That of a new segment is its first."""


@dataclass(frozen=True, slots=True)
class LogChange:
    """What one poll found."""

    grown: tuple[Growth, ...] = ()
    seams: tuple[Seam, ...] = ()


class FollowedLog(Protocol):
    """A log that can be read back and followed. Calls are bounded and may come from any thread."""

    @property
    def source(self) -> str:
        """The configured log, as `system/service/log`, or a path."""
        ...

    @property
    def segments(self) -> tuple[Segment, ...]:
        """What can be read now, oldest first."""
        ...

    @property
    def state(self) -> FollowState:
        """How it stands."""
        ...

    @property
    def watched_paths(self) -> tuple[str, ...]:
        """Files and folders whose change makes a poll worth while. Empty: it wakes by itself."""
        ...

    def poll(self, now_s: float) -> LogChange:
        """Look whether anything has changed; cheap when nothing has. `now_s` since 1970."""
        ...

    def close(self) -> None:
        """Let go of files, threads and children."""
        ...


@runtime_checkable
class PackedSegment(Segment, Protocol):
    """A segment whose bytes, and their number, are only known once it has been unpacked."""

    def prepare(self, cancelled: Cancelled) -> bool:
        """Unpack it. Blocking, up to seconds; at once when it is unpacked already.

        What cannot be unpacked counts as empty. False: it was cancelled.

        Raises:
            LogUnreadableError: it was moved; poll the log and ask again.
        """
        ...


@runtime_checkable
class NotedSegment(Segment, Protocol):
    """A segment of which not all may be readable."""

    @property
    def note(self) -> SafeText:
        """Why not all of it can be read; empty when it can, or is not known yet."""
        ...


def prepare(segment: Segment, cancelled: Cancelled = never) -> bool:
    """Make a segment readable, whatever it is; before its `end_byte` means anything.

    False: it was cancelled.

    Raises:
        LogUnreadableError: it was moved; poll the log and ask again.
    """
    return segment.prepare(cancelled) if isinstance(segment, PackedSegment) else True
