"""Segments: the stretches of bytes that a log is made of, oldest first.

A live file, a rotated sibling, an unpacked archive and the spool of a stream (a container's log,
the journal, a pipe) are all read in the same way, so that whatever is built on bytes is built once.
"""

from typing import Protocol


class Segment(Protocol):
    """Bytes that can be read at any place and may grow at the end."""

    @property
    def number(self) -> int:
        """Its place in the log; a younger segment has a higher number. May be negative."""
        ...

    @property
    def name(self) -> str:
        """What to call it: a path, or the stream it spools."""
        ...

    @property
    def begin_byte(self) -> int:
        """The first byte that is still there: 0, unless a spool dropped its oldest part."""
        ...

    @property
    def end_byte(self) -> int:
        """One past the last byte known to be there."""
        ...

    def read(self, offset_byte: int, size_bytes: int) -> bytes:
        """Return up to `size_bytes` bytes from `offset_byte`; fewer only at the end.

        Blocking. Raises LogUnreadableError when the bytes cannot be had any more.
        """
        ...
