"""Names of the log's files: one segment a month, further ones when it grows too long."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

HEAD = "audit.head"
"""Which record was last acknowledged; older than the log after a crash, never newer."""
ANCHORS = "anchors.jsonl"
BALLAST = "ballast"
SALT = "salt"
PROBE = "probe"
_SEGMENT = re.compile(r"audit-(\d{6})(?:-(\d{2,4}))?\.jsonl(\.gz)?")
_MAX_NUMBER = 9999


@dataclass(frozen=True, slots=True, order=True)
class Segment:
    """One file of the log. Segments sort in the order of their records."""

    month: int
    """`202603`."""
    number: int = 1
    is_packed: bool = False

    @property
    def name(self) -> str:
        """The file's name."""
        return f"{self.plain_name}.gz" if self.is_packed else self.plain_name

    @property
    def plain_name(self) -> str:
        """Its name before it was packed."""
        number = f"-{self.number:02}" if self.number > 1 else ""
        return f"audit-{self.month:06}{number}.jsonl"

    @property
    def seal_name(self) -> str:
        """The file that tells its range and hashes, once it is closed and packed."""
        return f"{self.plain_name}.seal"

    @property
    def dead_name(self) -> str:
        """The mark that a flush of it has failed."""
        return f"{self.plain_name}.dead"

    def next(self, at: datetime) -> "Segment":
        """Return the one after it; never one of an earlier month, whatever the clock says."""
        month = month_of(at)
        if month > self.month:
            return Segment(month)
        if self.number >= _MAX_NUMBER:
            return Segment(self.month + 1)
        return Segment(self.month, self.number + 1)


def month_of(at: datetime) -> int:
    """Return a moment's month as `202603`."""
    return at.year * 100 + at.month


def parse_segment(name: str) -> Segment | None:
    """Return the segment that a file's name means; None for any other file. Pure."""
    match = _SEGMENT.fullmatch(name)
    if match is None:
        return None
    segment = Segment(int(match[1]), int(match[2] or 1), match[3] is not None)
    return segment if segment.name == name else None


def segments_of(names: Iterable[str]) -> tuple[Segment, ...]:
    """Return the segments among a folder's names, oldest first.

    A crash while packing leaves a plain file beside its packed twin: the plain one counts.
    """
    found: dict[str, Segment] = {}
    for name in names:
        segment = parse_segment(name)
        if segment is not None and (segment.plain_name not in found or not segment.is_packed):
            found[segment.plain_name] = segment
    return tuple(sorted(found.values()))
