"""An audit log in a folder of the test, a disk that fails, a place for anchors that blocks."""

import errno
import os
import threading
from datetime import datetime, timedelta
from pathlib import Path

from core.actions.audit.actor import Actor
from core.actions.audit.anchors import Anchor
from core.actions.audit.chain import Link
from core.actions.audit.disk import Disk, SystemDisk
from core.actions.audit.record import Event, Origin
from core.actions.audit.sinks import AnchorSink
from core.actions.audit.store import Author
from core.actions.audit.verify import VerifyResult, verify
from core.actions.audit.writer import AuditLog, Limits
from tests.fakes.clock import START, FakeClock

SMALL = Limits(ballast_bytes=64 * 1024, lock_s=5.0)
NAME = "audit-202603.jsonl"
ACTOR = Actor(1000, "ops", 1000, 7, "pts/1", pid=4242, chain="bash:1<sshd:2")
OPENED: list[AuditLog] = []
"""By the present test, which does not live to close them: conftest does."""
ORIGIN = Origin("box", "0" * 32, "11111111-2222-3333-4444-555555555555")


class SetClock(FakeClock):
    """Two clocks that stand where a test puts them."""

    def __init__(self, start: datetime = START) -> None:
        super().__init__(start)
        self.shift = timedelta(0)
        self.mono_s = 100.0

    def now(self) -> datetime:
        return super().now() + self.shift

    def monotonic(self) -> float:
        return self.mono_s


class FailingDisk(SystemDisk):
    """Fails as it is told to, once or for good."""

    def __init__(self) -> None:
        self.takes_bytes: int | None = None
        """How many bytes it still takes before it is full; None: all."""
        self.flush_errors = 0
        self.truncate_errors = 0
        self.reserve_errors = 0
        self.flushed = 0

    def write(self, file: int, data: bytes) -> int:
        if self.takes_bytes is None:
            return super().write(file, data)
        taken = data[: self.takes_bytes]
        self.takes_bytes -= len(taken)
        if not taken:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(file, taken)

    def flush(self, file: int) -> None:
        self.flushed += 1
        if self.flush_errors:
            self.flush_errors -= 1
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        super().flush(file)

    def truncate(self, file: int, size_bytes: int) -> None:
        if self.truncate_errors:
            self.truncate_errors -= 1
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        super().truncate(file, size_bytes)

    def reserve(self, file: int, size_bytes: int) -> None:
        if self.reserve_errors:
            self.reserve_errors -= 1
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        super().reserve(file, size_bytes)


class Place:
    """Takes anchors; may refuse or block."""

    name = "elsewhere"

    def __init__(self) -> None:
        self.taken: list[Anchor] = []
        self.refusal = ""
        self.was_asked = threading.Event()
        self.gate = threading.Event()
        self.gate.set()

    def send(self, anchor: Anchor) -> None:
        self.was_asked.set()
        self.gate.wait()
        if self.refusal:
            raise OSError(errno.ECONNREFUSED, self.refusal)
        self.taken.append(anchor)


def open_log(
    folder: Path,
    clock: FakeClock | None = None,
    disk: Disk | None = None,
    sink: AnchorSink | None = None,
    limits: Limits = SMALL,
    key: bytes = b"",
) -> AuditLog:
    """Return a log of a fixed person on a fixed machine."""
    author = Author(ACTOR, ORIGIN, clock or SetClock(), key=key)
    log = AuditLog(folder, author, sink, disk, limits)
    OPENED.append(log)
    return log


def fill(log: AuditLog, count: int) -> list[Link]:
    """Append records and return what was acknowledged."""
    done: list[Link] = []
    for number in range(count):
        record = log.append(
            Event.STEP_BEGIN,
            action_id="01J0000000000000000000000A",
            verb="restart",
            target="gateway/api",
            step=number,
        )
        done.append(Link(record.seq, record.hash))
    return done


def problem(folder: Path) -> str:
    """Return what verifying names first; empty for a log that is whole."""
    bad = verify(folder).bad
    return bad.why if bad is not None else ""


def whole(folder: Path) -> VerifyResult:
    """Return the result for a log that has to be whole."""
    result = verify(folder)
    assert result.breaks == ()
    return result


def lines_of(folder: Path, name: str = NAME) -> list[bytes]:
    """Return the lines of a file of the log."""
    return (folder / name).read_bytes().splitlines(keepends=True)
