"""Makes lines of what a container engine sends: two streams in frames, split and stamped. Pure.

The engine cuts lines at 16 KiB and stamps each part; what continues a part is joined to it, and its
stamp dropped. A container with a terminal has one stream without frames and ends lines with CR LF.
"""

import re
from datetime import UTC, datetime

_HEADER = 8
_SPLIT_BYTES = 16 * 1024
_STAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d) ")
_MAX_FRAME = 16 * 1024 * 1024
_MAX_PENDING = 4 * 1024 * 1024
"""A line that has not ended is handed on in pieces of this size."""


class FrameError(ValueError):
    """What came is not framed as the engine frames it."""


class LineMaker:
    """Turns bytes as they come into whole lines, in the order in which they ended."""

    def __init__(self, *, is_terminal: bool) -> None:
        """Begin at the beginning of a frame, or of a line where there is a terminal."""
        self._is_terminal = is_terminal
        self._raw = b""
        self._pending: dict[int, bytes] = {}

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that have ended, each with its stamp and line feed.

        Raises:
            FrameError: the stream is none of the engine's.
        """
        if self._is_terminal:
            return self._end_lines(0, data)
        self._raw += data
        lines: list[bytes] = []
        at = 0
        while len(self._raw) - at >= _HEADER:
            kind, size = self._raw[at], int.from_bytes(self._raw[at + 4 : at + _HEADER], "big")
            if kind > 3 or size > _MAX_FRAME or self._raw[at + 1 : at + 4] != b"\0\0\0":
                raise FrameError("the engine's log stream is not framed as expected")
            if len(self._raw) - at - _HEADER < size:
                break
            begin = at + _HEADER
            lines += self._take_frame(kind, self._raw[begin : begin + size])
            at = begin + size
        self._raw = self._raw[at:]
        return lines

    def rest(self) -> list[bytes]:
        """Return lines that never ended, when the stream has."""
        rest = [line + b"\n" for _, line in sorted(self._pending.items()) if line]
        self._pending.clear()
        return rest

    def _take_frame(self, kind: int, payload: bytes) -> list[bytes]:
        if self._pending.get(kind) and (stamp := _STAMP.match(payload)):
            payload = payload[
                stamp.end() :
            ]  # a part of the line before; its own stamp says nothing
        return self._end_lines(kind, payload)

    def _end_lines(self, kind: int, data: bytes) -> list[bytes]:
        whole, feed, rest = (self._pending.get(kind, b"") + data).rpartition(b"\n")
        self._pending[kind] = rest
        if len(rest) > _MAX_PENDING:
            self._pending[kind] = b""
            return [*self._split(whole + feed), rest + b"\n"]
        return self._split(whole + feed)

    def _split(self, whole: bytes) -> list[bytes]:
        lines = whole.splitlines(keepends=True) if b"\r" not in whole else _at_feeds(whole)
        return [_tidy(line) for line in lines] if self._is_terminal else lines


def _at_feeds(whole: bytes) -> list[bytes]:
    return [line + b"\n" for line in whole.split(b"\n")[:-1]]


def _tidy(line: bytes) -> bytes:
    """Drop the CR of a terminal's line end, and the stamps inside a line that was cut."""
    line = line.removesuffix(b"\n").removesuffix(b"\r")
    first = _STAMP.match(line)
    at = first.end() + _SPLIT_BYTES if first else len(line)
    while at < len(line) and (inner := _STAMP.match(line, at)):
        line = line[:at] + line[inner.end() :]
        at += _SPLIT_BYTES
    return line + b"\n"


class Resume:
    """Remembers the last stamp, so that a stream opened again gives nothing twice."""

    def __init__(self) -> None:
        """Nothing was read yet."""
        self._stamp = b""
        self._count = 0
        self._skipping = 0

    @property
    def since(self) -> str:
        """The last stamp as the engine wants it: seconds since 1970 with nine digits; or empty."""
        if not self._stamp:
            return ""
        text = self._stamp.strip().decode("ascii")
        found = re.fullmatch(r"(.{19})(?:\.(\d{1,9}))?(.*)", text)
        if found is None:
            return ""
        zone = "+00:00" if found[3] == "Z" else found[3]
        seconds = int(datetime.fromisoformat(found[1] + zone).astimezone(UTC).timestamp())
        return f"{seconds}.{(found[2] or '').ljust(9, '0')}"

    def reopen(self) -> None:
        """A stream begins again at the last stamp: skip what was read of it."""
        self._skipping = self._count

    def is_new(self, line: bytes) -> bool:
        """Return whether a line was not read before, and remember it."""
        found = _STAMP.match(line)
        if found is None:
            return True
        stamp = found[0]
        if stamp == self._stamp:
            if self._skipping > 0:
                self._skipping -= 1
                return False
            self._count += 1
        elif stamp > self._stamp:  # the two streams may be a little out of order
            self._stamp, self._count, self._skipping = stamp, 1, 0
        return True
