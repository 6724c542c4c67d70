"""A sink that remembers what an adapter fed, marked and told; streams that play a script."""

import threading
from collections.abc import Iterator

from core.model.follow import FollowWord
from core.model.log import SeamKind


class RecordingSink:
    """What a spool would have got. `until` waits for a condition, never for time."""

    def __init__(self) -> None:
        self.data = b""
        self.has_past = False
        self.marks: list[tuple[SeamKind, str]] = []
        self.states: list[tuple[FollowWord, str]] = []
        self._changed = threading.Condition()

    def feed(self, data: bytes) -> None:
        with self._changed:
            self.data += data
            self._changed.notify_all()

    def mark(self, kind: SeamKind, note: str) -> None:
        with self._changed:
            self.marks.append((kind, note))
            self._changed.notify_all()

    def tell(self, word: FollowWord, note: str = "") -> None:
        with self._changed:
            self.states.append((word, note))
            self._changed.notify_all()

    def end_past(self) -> None:
        with self._changed:
            self.has_past = True
            self._changed.notify_all()

    def until_past(self, timeout_s: float = 90) -> None:
        """Wait until all that had been written before was fed."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.has_past, timeout_s), self.data[-500:]

    @property
    def kinds(self) -> list[SeamKind]:
        return [kind for kind, _ in self.marks]

    def until_data(self, part: bytes, timeout_s: float = 90) -> None:
        """Wait until something was fed."""
        with self._changed:
            assert self._changed.wait_for(lambda: part in self.data, timeout_s), self.data[-500:]

    def until_count(self, part: bytes, count: int, timeout_s: float = 90) -> None:
        """Wait until something was fed so many times."""
        with self._changed:
            is_so = self._changed.wait_for(lambda: self.data.count(part) >= count, timeout_s)
            assert is_so, self.data[-500:]

    def until_told(self, word: FollowWord, timeout_s: float = 90) -> str:
        """Wait until a state was told; return its note."""
        with self._changed:
            assert self._changed.wait_for(lambda: word in dict(self.states), timeout_s), self.states
            return dict(self.states)[word]

    def until_marked(self, kind: SeamKind, timeout_s: float = 90) -> str:
        """Wait until a seam was marked; return its note."""
        with self._changed:
            assert self._changed.wait_for(lambda: kind in self.kinds, timeout_s), self.marks
            return dict(self.marks)[kind]


class ScriptedBytes:
    """A stream that plays its pieces, then ends, or waits to be closed."""

    def __init__(self, *pieces: bytes, is_endless: bool = False) -> None:
        self._pieces = pieces
        self._is_endless = is_endless
        self.closed = threading.Event()
        self.complaints: list[str] = []
        self.exit_code: int | None = 0

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces
        if self._is_endless:
            self.closed.wait(90)

    def close(self) -> None:
        self.closed.set()
