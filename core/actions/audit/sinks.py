"""Where anchors go beside the log itself: the journal, through a queue that holds nobody up."""

import queue
import socket
import threading
from pathlib import Path
from typing import Protocol

from core.actions.audit.anchors import Anchor
from core.clients.clock import Clock

IDENTIFIER = "quarterdeck-audit"
JOURNAL_SOCKET = "/run/systemd/journal/socket"
SEND_DEADLINE_S = 2.0
_QUEUE_ANCHORS = 1000
_NOTICE = 5


class AnchorSink(Protocol):
    """Somewhere that root on this host cannot rewrite, or at least not in the same way."""

    name: str

    def send(self, anchor: Anchor) -> None:
        """Deliver an anchor; may block.

        Raises:
            OSError: it was not taken.
        """
        ...


class JournalSink:
    """The systemd journal, by its own socket."""

    name = "journald"

    def __init__(self, path: str = JOURNAL_SOCKET) -> None:
        self._path = path

    def send(self, anchor: Anchor) -> None:
        """Send one datagram."""
        fields = {
            "MESSAGE": anchor.line,
            "SYSLOG_IDENTIFIER": IDENTIFIER,
            "PRIORITY": str(_NOTICE),
            "QUARTERDECK_AUDIT_SEQ": str(anchor.seq),
            "QUARTERDECK_AUDIT_HASH": anchor.hash,
        }
        data = "".join(f"{name}={value}\n" for name, value in fields.items())
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.settimeout(SEND_DEADLINE_S)
            channel.connect(self._path)
            channel.send(data.encode("ascii"))


def journal_sink() -> JournalSink | None:
    """Return the journal where there is one."""
    return JournalSink() if Path(JOURNAL_SOCKET).is_socket() else None


class AnchorQueue:
    """Delivers anchors in a thread of its own: a sink that blocks or fails holds nobody up."""

    def __init__(self, sink: AnchorSink, clock: Clock, deadline_s: float = SEND_DEADLINE_S) -> None:
        """Take a sink. Nothing runs until the first anchor."""
        self.name = sink.name
        self._sink = sink
        self._clock = clock
        self._deadline_s = deadline_s
        self._waiting: queue.Queue[Anchor] = queue.Queue(_QUEUE_ANCHORS)
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()
        self._open = 0
        self._lost = 0
        self._sending_since_s: float | None = None
        self._problem = ""

    @property
    def trouble(self) -> str:
        """Why anchors do not get there now; empty when they do."""
        with self._changed:
            since_s = self._sending_since_s
            if since_s is not None and self._clock.monotonic() - since_s >= self._deadline_s:
                return f"{self.name} takes nothing; {self._open} anchors wait"
            return f"{self.name}: {self._problem}" if self._problem else ""

    @property
    def lost(self) -> int:
        """Anchors that were given up because too many waited."""
        return self._lost

    def offer(self, anchor: Anchor) -> None:
        """Take an anchor, at once; the oldest of too many is given up."""
        with self._changed:
            self._open += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="qd-anchors", daemon=True)
                self._thread.start()
        while True:
            try:
                self._waiting.put_nowait(anchor)
            except queue.Full:
                self._give_up_oldest()
            else:
                return

    def _give_up_oldest(self) -> None:
        try:
            self._waiting.get_nowait()
        except queue.Empty:
            return
        with self._changed:
            self._lost += 1
            self._open -= 1

    def _run(self) -> None:
        while True:
            anchor = self._waiting.get()
            with self._changed:
                self._sending_since_s = self._clock.monotonic()
            problem = ""
            try:
                self._sink.send(anchor)
            except OSError as error:
                problem = error.strerror or str(error)
            with self._changed:
                self._sending_since_s = None
                self._problem = problem
                self._open -= 1
                self._changed.notify_all()

    def drain(self) -> bool:
        """Wait until all is delivered or failed, never longer than the deadline; tell which."""
        with self._changed:
            return self._changed.wait_for(lambda: self._open == 0, self._deadline_s)
