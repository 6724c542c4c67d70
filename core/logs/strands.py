"""Strands of a log: what a glob matches was written side by side, each file with its siblings.

Files of one strand follow each other in time, those of two do not: what is told of the times of
one says nothing of the times of another.
"""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from core.logs.segment import Segment

MOST_STRANDS = 64
"""So many are laid side by side: each that is read costs a file, a thread and memory."""


@runtime_checkable
class StrandSegment(Segment, Protocol):
    """A segment of a log that may have several strands."""

    @property
    def strand(self) -> str:
        """The name of its strand; empty where the log has but one."""
        ...


def strand_of(segment: Segment) -> str:
    """Return the name of a segment's strand; empty where the log has but one."""
    return segment.strand if isinstance(segment, StrandSegment) else ""


def strands_of(segments: Sequence[Segment]) -> list[tuple[Segment, ...]]:
    """Return the segments of each strand, oldest first, in the order of their oldest files."""
    found: dict[str, list[Segment]] = {}
    for segment in segments:
        found.setdefault(strand_of(segment), []).append(segment)
    return [tuple(strand) for strand in found.values()]
