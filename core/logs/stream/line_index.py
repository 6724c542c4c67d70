"""Line numbers of a segment, counted in the background: one number per MiB, never the lines."""

from array import array

from core.errors import LogUnreadableError
from core.logs.segment import Segment
from core.logs.stream.followed import Cancelled, never

STEP_BYTES = 1024 * 1024


class LineIndex:
    """Counts line feeds up to the end of a segment as it is; goes on when it has grown.

    Memory: 8 bytes per MiB. `advance` is for one thread, the questions for any.
    """

    def __init__(self, segment: Segment) -> None:
        """Take a segment that is prepared. Its first byte now begins line 0 for good."""
        self._segment = segment
        self._begin = segment.begin_byte
        self._ends = array("Q", (0,))
        """Line feeds before the end of each step."""

    @property
    def counted_byte(self) -> int:
        """Up to where lines are counted."""
        return self._begin + (len(self._ends) - 1) * STEP_BYTES

    @property
    def progress(self) -> float:
        """How much of the segment is counted, 0 to 1; what is left after the last step counts."""
        left = self._segment.end_byte - self.counted_byte
        size = self._segment.end_byte - self._begin
        return 1.0 if left < STEP_BYTES else (size - left) / size

    @property
    def is_complete(self) -> bool:
        """Whether less than a step is left to count."""
        return self._segment.end_byte - self.counted_byte < STEP_BYTES

    def advance(self, cancelled: Cancelled = never, max_bytes: int | None = None) -> bool:
        """Count on; return whether it is complete. Blocking, about a GB a second.

        Raises:
            LogUnreadableError: bytes cannot be had any more; poll the log and ask again.
        """
        done = 0
        while not self.is_complete and not cancelled():
            if max_bytes is not None and done >= max_bytes:
                break
            data = self._segment.read(self.counted_byte, STEP_BYTES)
            if len(data) < STEP_BYTES:
                raise LogUnreadableError("the segment is shorter than it was")
            self._ends.append(self._ends[-1] + data.count(b"\n"))
            done += STEP_BYTES
        return self.is_complete

    def line_at(self, offset_byte: int) -> int | None:
        """Return the number of the line that a byte is in, counted from 0; None: not counted yet.

        Raises:
            LogUnreadableError: bytes cannot be had any more.
        """
        if offset_byte < self._begin or offset_byte > self._segment.end_byte:
            return None
        step = min((offset_byte - self._begin) // STEP_BYTES, len(self._ends) - 1)
        at = self._begin + step * STEP_BYTES
        if offset_byte - at > STEP_BYTES:
            return None
        return self._ends[step] + self._segment.read(at, offset_byte - at).count(b"\n")

    def offset_near(self, line: int) -> int | None:
        """Return where a line begins; None: there is no such line, or it is not counted yet.

        Raises:
            LogUnreadableError: bytes cannot be had any more.
        """
        if line <= 0:
            return self._begin if line == 0 else None
        step = self._step_with(line)
        at = self._begin + step * STEP_BYTES
        data = self._segment.read(at, STEP_BYTES)
        found = -1
        for _ in range(line - self._ends[step]):
            found = data.find(b"\n", found + 1)
            if found < 0:
                return None
        return at + found + 1

    def _step_with(self, line: int) -> int:
        """Return the last step before which fewer than `line` line feeds stand."""
        low, high = 0, len(self._ends) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if self._ends[middle] < line:
                low = middle
            else:
                high = middle - 1
        return low
