"""Drives any terminal program on a pseudo-terminal and accounts for what it costs.

Figures: milliseconds of wall time, CPU seconds of the whole process tree, bytes written to the
terminal, resident memory of the tree.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import psutil

_SEQUENCE = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[PX^_\]].*?(?:\x1b\\|\x07)|\x1b[ -/]*[0-~]", re.DOTALL
)
_QUERIES = {
    b"\x1b[6n": b"\x1b[1;1R",
    b"\x1b[c": b"\x1b[?62;22c",
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",
    b"\x1b[?2048$p": b"\x1b[?2048;0$y",
}
"""What a terminal is asked, and what a common one answers."""


def plain_text(raw: bytes) -> str:
    """Return what is left when control sequences are taken out."""
    return _SEQUENCE.sub(b"", raw).decode("utf-8", "replace")


@dataclass
class PtyProgram:
    """One program on a terminal of its own. Use as a context manager; leaving ends it by pid."""

    argv: list[str]
    env: dict[str, str]
    columns: int = 200
    rows: int = 60
    cwd: str | None = None
    pid: int = 0
    fd: int = -1
    started_at: float = 0.0
    received: int = 0
    tail: bytearray = field(default_factory=bytearray)

    def __enter__(self) -> Self:
        self.started_at = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            if self.cwd:
                os.chdir(self.cwd)
            os.execvpe(self.argv[0], self.argv, self.env)
        size = struct.pack("HHHH", self.rows, self.columns, 0, 0)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, size)
        os.set_blocking(self.fd, False)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        family = self.family()
        for step in (signal.SIGTERM, signal.SIGKILL):
            for process in family:
                if process.is_running():
                    process.send_signal(step)
            end = time.monotonic() + 4
            while time.monotonic() < end and any(_is_alive(process) for process in family):
                self.read(0.05)
                self._reap()
        self._reap()
        os.close(self.fd)

    def _reap(self) -> None:
        try:
            os.waitpid(self.pid, os.WNOHANG)
        except ChildProcessError:
            return

    def family(self) -> list[psutil.Process]:
        """Return the program and its descendants that still live."""
        try:
            top = psutil.Process(self.pid)
            return [top, *top.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def cpu_s(self) -> float:
        """Return CPU seconds of the tree so far, ended children included."""
        total = 0.0
        for process in self.family():
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += times.user + times.system
            if process.pid == self.pid:
                total += times.children_user + times.children_system
        return total

    def rss_bytes(self) -> int:
        """Return resident memory of the tree."""
        total = 0
        for process in self.family():
            try:
                total += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        return total

    def read(self, timeout_s: float) -> bytes:
        """Return what arrives within the time, answering terminal queries; empty when quiet."""
        ready, _, _ = select.select([self.fd], [], [], timeout_s)
        if not ready:
            return b""
        try:
            chunk = os.read(self.fd, 1 << 20)
        except OSError:
            return b""
        for query, answer in _QUERIES.items():
            if query in chunk:
                os.write(self.fd, answer)
        self.received += len(chunk)
        self.tail += chunk
        del self.tail[:-400_000]
        return chunk

    def send(self, keys: bytes) -> None:
        """Type."""
        os.write(self.fd, keys)

    def run_for(self, seconds: float) -> int:
        """Let it run and return the bytes it wrote."""
        before = self.received
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.read(left)
        return self.received - before

    def wait_for_text(self, pattern: str, timeout_s: float) -> float:
        """Return milliseconds from start until the pattern stands in the output.

        Raises:
            TimeoutError: it never did.
        """
        wanted = re.compile(pattern)
        end = time.perf_counter() + timeout_s
        while time.perf_counter() < end:
            self.read(0.02)
            if wanted.search(plain_text(bytes(self.tail))):
                return (time.perf_counter() - self.started_at) * 1000
        raise TimeoutError(
            f"{self.argv[0]}: no {pattern!r}; saw {plain_text(bytes(self.tail))[-400:]!r}"
        )


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
