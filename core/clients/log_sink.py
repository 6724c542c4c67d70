"""Where the adapters of streamed logs (containers, the journal) put what they read."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Protocol

from core.model.follow import FollowWord
from core.model.log import SeamKind

FIRST_PAUSE_S = 1.0
LAST_PAUSE_S = 30.0


class LogSink(Protocol):
    """What an adapter needs of a spool. For the adapter's thread alone."""

    def feed(self, data: bytes) -> None:
        """Add whole lines."""
        ...

    def mark(self, kind: SeamKind, note: str) -> None:
        """Note a seam where the log stands now."""
        ...

    def tell(self, word: FollowWord, note: str = "") -> None:
        """Say how it stands."""
        ...

    def end_past(self) -> None:
        """Say that all that had been written before was fed: what comes now is new."""
        ...


class ByteStream(Protocol):
    """A blocking stream of bytes that another thread can end."""

    def __iter__(self) -> Iterator[bytes]:
        """Yield bytes as they come, blocking."""
        ...

    def close(self) -> None:
        """End the iteration from another thread."""
        ...


class FeedThread(ABC):
    """A daemon thread that runs one turn of reading after another, with growing pauses."""

    def __init__(self, name: str) -> None:
        """Take what to call the thread."""
        self._is_closing = threading.Event()
        self._stream: ByteStream | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=f"qd-{name}", daemon=True)

    @abstractmethod
    def _turn(self) -> bool:
        """Read until the stream ends, holding it; return whether anything came."""

    @property
    def is_closing(self) -> bool:
        """Whether the turn should end."""
        return self._is_closing.is_set()

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def hold(self, stream: ByteStream | None) -> None:
        """Name the stream that `close` must end; None: there is none any more."""
        with self._lock:
            self._stream = stream
        if stream is not None and self.is_closing:
            stream.close()

    def _run(self) -> None:
        pause_s = FIRST_PAUSE_S
        while not self.is_closing:
            pause_s = FIRST_PAUSE_S if self._turn() else min(pause_s * 2, LAST_PAUSE_S)
            self._is_closing.wait(pause_s)

    def close(self) -> None:
        """End the stream; the thread follows and is not waited for."""
        self._is_closing.set()
        with self._lock:
            stream = self._stream
        if stream is not None:
            stream.close()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread after `close`; return whether it has ended."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()
