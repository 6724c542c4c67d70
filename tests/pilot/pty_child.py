"""A console in a child process on a pseudo-terminal of its own."""

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyte

ROOT = Path(__file__).parents[2]
RESTORED = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?2004l", b"\x1b[?1000l", b"\x1b[?1003l")
"""What must have been sent for a terminal to be as it was."""
ESCAPE = "\x1b[27u"
"""The escape key as terminals send it that can. A bare one that is read together with the next key
is the beginning of a sequence, and on a busy machine it may be read a long time after it was sent.
"""
WAITS_S = 90.0
_AGAIN_S = 15.0


def text_on(screen: pyte.Screen) -> str:
    """Return a screen's rows as text, also between two halves of a frame.

    `Screen.display` expects a cell before every second half of a wide character. Where a read ends
    after the first half was written over, that cell is gone and `display` raises an IndexError.
    """
    return "\n".join(
        "".join(screen.buffer[row][column].data for column in range(screen.columns))
        for row in range(screen.lines)
    )


class PtyChild:
    """Runs Python code on a terminal; the child leads a session, as a login shell's would."""

    def __init__(
        self,
        code: str,
        *,
        arguments: Sequence[str] = (),
        env: dict[str, str] | None = None,
        columns: int = 100,
        rows: int = 30,
        folder: Path = ROOT,
    ) -> None:
        self.output = b""
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        variables = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        # A worker of the tests inherits COLUMNS=80 from GNU readline, which its parent has loaded.
        for name in ("COLUMNS", "LINES"):
            variables.pop(name, None)
        variables |= {"PYTHONPATH": str(ROOT)} | (env or {})
        # The second end stays open here so that its settings can be read after the child has left.
        self._primary, self._secondary = pty.openpty()
        self._set_size(columns, rows)
        self.settings_before = self.settings
        self.pid = os.fork()
        if self.pid == 0:
            os.login_tty(self._secondary)
            os.chdir(folder)
            os.execve(sys.executable, [sys.executable, "-c", code, *arguments], variables)

    @property
    def settings(self) -> list[Any]:
        """The terminal's line settings."""
        return termios.tcgetattr(self._secondary)

    @property
    def text(self) -> str:
        """What a person would see."""
        return text_on(self._screen)

    def read(self, seconds: float = 0.05) -> bool:
        """Read what there is; tell whether there was anything."""
        ready, _, _ = select.select([self._primary], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self._primary, 65536)
        except OSError:
            return False
        self.output += data
        self._stream.feed(data)
        return bool(data)

    def wait_for(self, text: str, seconds: float = WAITS_S) -> None:
        """Read until a text is on the screen."""
        self.wait_until(lambda: text in self.text, f"{text!r} did not appear", seconds)

    def wait_until(
        self, is_so: Callable[[], bool], otherwise: str, seconds: float = WAITS_S
    ) -> None:
        """Read until something is so."""
        until = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > until:
                raise AssertionError(f"{otherwise}:\n{self.text}\n{self.output[-500:]!r}")
            self.read()

    def calm(self, seconds: float = 0.12) -> None:
        """Read until nothing comes for a moment, and none of its threads wants to run."""
        until = time.monotonic() + WAITS_S
        while (self.read(seconds) or self._wants_to_run) and time.monotonic() < until:
            pass

    @property
    def _wants_to_run(self) -> bool:
        states: list[str] = []
        for stat in Path(f"/proc/{self.pid}/task").glob("*/stat"):
            with contextlib.suppress(OSError):  # the thread has just ended
                states.append(stat.read_text().rpartition(")")[2].split()[0])
        return any(one in "RD" for one in states)

    def press(self, keys: str) -> None:
        os.write(self._primary, keys.encode())

    def press_without_reading(self, keys: str, times: int) -> None:
        """Press keys while the terminal takes no output, as after ctrl+s."""
        for _ in range(times):
            with contextlib.suppress(BlockingIOError):
                self.press(keys)

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size, as a person does who pulls at its window."""
        self._set_size(columns, rows)
        self._screen.resize(rows, columns)
        self.send(signal.SIGWINCH)

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._secondary, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def hang_up(self) -> None:
        """Close the terminal, as a lost connection does."""
        os.close(self._secondary)
        os.close(self._primary)
        self._primary = self._secondary = -1

    def wait_end(self, seconds: float = WAITS_S, *, reads: bool = True) -> tuple[int, float]:
        """Return exit status and how long the end took; a signal is its negative number."""
        started = time.monotonic()
        status = self._ended(seconds, reads=reads)
        if status is None:
            raise AssertionError(f"still running after {seconds} s:\n{self.text}")
        return status, time.monotonic() - started

    def _ended(self, seconds: float, *, reads: bool = True) -> int | None:
        """Wait for its end; None: it has not come to that."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                while reads and self._primary >= 0 and self.read(0.05):
                    pass
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
            if reads and self._primary >= 0:
                self.read(0.02)
            else:
                select.select([], [], [], 0.02)
        return None

    def leave(self, seconds: float = WAITS_S) -> int:
        """Close whatever is open and quit, as often as it takes; return the exit status."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for keys in (ESCAPE, ESCAPE, ESCAPE, "1", ":"):
                self.press(keys)
                self.calm()
            self.press("quit\r")
            status = self._ended(min(_AGAIN_S, seconds))
            if status is not None:
                return status
        raise AssertionError(f"still running after {seconds} s:\n{self.text}")

    def wait_stopped(self, seconds: float = WAITS_S) -> None:
        """Read until the child has been stopped, as by ctrl+z."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED)
            if pid and os.WIFSTOPPED(status):
                while self.read():
                    pass
                return
            self.read(0.02)
        raise AssertionError("it was not stopped")

    def close(self) -> None:
        """End the child if it is still there, and give the terminal back."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        for one in (self._primary, self._secondary):
            if one >= 0:
                os.close(one)
