"""Keeps the segments of one log, and what is new about them until the next poll tells it."""

from collections.abc import Callable, Iterable

from core.logs.files.file_segment import FileSegment, Numbers
from core.logs.files.opening import Identity
from core.logs.files.packed_file import PackedFile
from core.logs.files.plain_file import PlainFile
from core.logs.stream.followed import Growth, LogChange
from core.model.log import LogPosition, Seam, SeamKind
from core.model.text import clean


class SegmentBook:
    """Segments by number and by file. Not thread-safe: its log's lock guards it."""

    def __init__(self, source: str, strand_of: Callable[[str], str] = lambda _: "") -> None:
        """Take the log's name, for its seams, and what tells a path's strand."""
        self._source = source
        self._strand_of = strand_of
        self._segments: dict[int, FileSegment] = {}
        self._numbers = Numbers()
        self._by_identity: dict[Identity, FileSegment] = {}
        self._grown: dict[int, int] = {}
        self._seams: list[Seam] = []

    @property
    def segments(self) -> tuple[FileSegment, ...]:
        """All of them, oldest first."""
        return tuple(self._segments[number] for number in sorted(self._segments))

    def find(self, identity: Identity) -> FileSegment | None:
        """Return the segment that a file holds."""
        return self._by_identity.get(identity)

    def holds(self, segment: FileSegment) -> bool:
        """Return whether a segment is still one of ours."""
        return self._segments.get(segment.number) is segment

    def add(
        self, body: PlainFile | PackedFile, before: int | None = None, after: int | None = None
    ) -> FileSegment:
        """Give a file its place: between two numbers, or after all others."""
        number = self._numbers.take_between(before, after)
        segment = FileSegment(number, body, self._strand_of(body.path))
        self._segments[segment.number] = segment
        self._by_identity[body.identity] = segment
        return segment

    def move(self, segment: FileSegment, body: PlainFile | PackedFile) -> None:
        """Let another file hold a segment's bytes."""
        self._unlink(segment)
        segment.move(body)
        self._by_identity[body.identity] = segment

    def drop(self, segment: FileSegment) -> None:
        """Forget a segment: its bytes are gone."""
        self._unlink(segment)
        self._segments.pop(segment.number, None)
        self._grown.pop(segment.number, None)

    def detach(self, segment: FileSegment) -> None:
        """Keep a segment although its file holds something else now."""
        self._unlink(segment)

    def _unlink(self, segment: FileSegment) -> None:
        if self._by_identity.get(segment.identity) is segment:
            del self._by_identity[segment.identity]

    def grow(self, segment: FileSegment, begin_byte: int) -> None:
        """Note that a segment has bytes that were not told yet."""
        known = self._grown.get(segment.number, begin_byte)
        self._grown[segment.number] = min(known, begin_byte)

    def mark(self, position: LogPosition, kind: SeamKind, note: str, now_s: float) -> None:
        """Note a seam."""
        self._seams.append(Seam(self._source, position, kind, clean(note), now_s))

    def take(self) -> LogChange:
        """Return what is new, once."""
        grown = tuple(Growth(number, begin) for number, begin in sorted(self._grown.items()))
        change = LogChange(grown, tuple(self._seams))
        self._grown.clear()
        self._seams.clear()
        return change

    def missing(self, present: Iterable[Identity]) -> tuple[FileSegment, ...]:
        """Return the segments whose files are not among some, oldest first."""
        there = set(present)
        return tuple(segment for segment in self.segments if segment.identity not in there)
