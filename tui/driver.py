"""A driver that never blocks the loop: what the terminal does not take waits in a thread.

Textual's driver hands text to a queue of thirty and blocks when the terminal stops reading (Ctrl-S,
a frozen tmux, a dead link), and with it the loop, its timers and its signals. Here the loop always
goes on; the application sees the backlog and skips frames (`widgets.frame`).
"""

import os
import threading
from collections import deque

from textual.drivers.linux_driver import LinuxDriver

_DRAIN_S = 0.4
"""How long leaving waits for a terminal to take the last bytes."""


class PatientDriver(LinuxDriver):
    """Writes through a thread and counts what is still waiting."""

    def write(self, data: str) -> None:
        """Queue text for the terminal and return at once."""
        writer = self._writer_of()
        writer.put(data)

    @property
    def backlog_bytes(self) -> int:
        """Characters written and not yet taken by the terminal."""
        return self._writer_of().backlog

    def close(self) -> None:
        """Give the terminal a moment to take what is left, then let go."""
        self._writer_of().drain(_DRAIN_S)
        super().close()

    def _writer_of(self) -> "_Writer":
        # Textual writes from within its own constructor.
        writer: _Writer | None = getattr(self, "_patient_writer", None)
        if writer is None:
            writer = self._patient_writer = _Writer(self)
        return writer


class _Writer(threading.Thread):
    """Takes text from a queue to the terminal, in order."""

    def __init__(self, driver: LinuxDriver) -> None:
        super().__init__(name="qd-terminal", daemon=True)
        # The stream that Textual itself writes to.
        self._file = driver._file  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        self._texts: deque[str] = deque()
        self._changed = threading.Condition()
        self.backlog = 0
        self.start()

    def put(self, text: str) -> None:
        """Queue a text."""
        with self._changed:
            self._texts.append(text)
            self.backlog += len(text)
            self._changed.notify_all()

    def drain(self, timeout_s: float) -> None:
        """Wait until everything was taken, but not longer than that."""
        with self._changed:
            self._changed.wait_for(lambda: not self.backlog, timeout_s)

    def _give(self, text: str) -> None:
        """Write a text, however long the terminal takes for it.

        Straight to the descriptor: the stream's lock, held by a thread that a stalled terminal
        blocks, would hold up the end of the process.
        """
        if self._file is None:
            return
        data = text.encode(self._file.encoding, self._file.errors or "replace")
        try:
            while data:
                data = data[os.write(self._file.fileno(), data) :]
        except (OSError, ValueError):
            # The terminal is gone. SIGHUP is on its way; nothing is left to be written to.
            return

    def run(self) -> None:
        """Write until the process ends."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._texts))
                text = "".join(self._texts)
                self._texts.clear()
            self._give(text)
            with self._changed:
                self.backlog = sum(len(one) for one in self._texts)
                self._changed.notify_all()
