"""One log, opened: its records back and forth, what is new in it, and searches."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

from core.errors import LogUnreadableError
from core.logs.browse.inheriting import Inheritor
from core.logs.browse.search import Entry, Search
from core.logs.parse.continuation import continues
from core.logs.parse.custom import Format
from core.logs.parse.parser import RecordParser, detect
from core.logs.query.query import Query
from core.logs.scan.candidates import NORMAL_EFFORT, Effort
from core.logs.segment import Segment
from core.logs.strands import MOST_STRANDS, strands_of
from core.logs.stream.followed import Cancelled, FollowedLog, NotedSegment, never, prepare
from core.logs.stream.reading import RawRecord, ReadLimit, records_after, records_before
from core.logs.stream.tail import Tail
from core.model.follow import FollowState
from core.model.log import LogPosition, LogRecord, Seam

_SAMPLE_BYTES = 64 * 1024
_SAMPLE_LINES = 1000
"""Of the shortest lines there are tens of thousands in a sample; so many tell as much."""
_HEAD_BYTES = 4 * 1024
_NOWHERE = LogPosition(0, 0)
"""In a log that has nothing yet: what comes will not stand before it."""
PAGE = ReadLimit(records=400, size_bytes=2 * 1024 * 1024)


@dataclass(frozen=True, slots=True)
class LogNews:
    """What has come since the last look."""

    records: tuple[LogRecord, ...] = ()
    """A record at a position that was given before takes the place of that one."""
    withdrawn: tuple[LogPosition, ...] = ()
    seams: tuple[Seam, ...] = ()
    has_more: bool = False
    lost_bytes: int = 0
    """Bytes that came and were gone before they could be read."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Records read in one go."""

    entries: tuple[Entry, ...]
    """Ascending. None of them only when nothing is left, or it was cancelled."""
    begin: LogPosition
    end: LogPosition
    is_last: bool
    """Nothing is left the way it was read."""


class OpenedLog:
    """A followed log with the parser that fits it. Calls block, bounded; one at a time.

    Args:
        log: What is read. It is closed by `close`.
        now_s: Seconds since 1970.
        formats: Formats of the configuration, tried first.
        zone: Where times without a zone were written.
        hint: Where the application writes instead, for when there is nothing.
    """

    def __init__(
        self,
        log: FollowedLog,
        now_s: float,
        formats: Sequence[Format] = (),
        zone: tzinfo = UTC,
        hint: str = "",
    ) -> None:
        self._log = log
        self.hint = hint
        self._formats = tuple(formats)
        self._zone = zone
        self._opened_s = now_s
        self._parser: RecordParser | None = None
        self._has_times = False
        self._sampled_bytes = 0
        self._tail = Tail(log, continues)
        self._lock = threading.Lock()
        self._first = self._tail.read(now_s)

    @property
    def source(self) -> str:
        """The log's name."""
        return self._log.source

    @property
    def state(self) -> FollowState:
        """How it stands with it."""
        return self._log.state

    @property
    def segments(self) -> tuple[Segment, ...]:
        """What can be read, oldest first."""
        return self._log.segments

    @property
    def has_gaps(self) -> bool:
        """Whether not all of it can be read, as far as is known without a look at any file."""
        is_told = self._first is not None and bool(self._first.seams)
        noted = (one for one in self.segments if isinstance(one, NotedSegment))
        return is_told or any(segment.note for segment in noted)

    @property
    def watched_paths(self) -> tuple[str, ...]:
        """Paths whose change makes a look worth while."""
        return self._log.watched_paths

    @property
    def size_bytes(self) -> int:
        """All that can be read; packed siblings count from when they are unpacked."""
        return sum(segment.end_byte - segment.begin_byte for segment in self.segments)

    @property
    def parser(self) -> RecordParser:
        """The parser, chosen by the last lines there are."""
        size = self.size_bytes
        # A log that was empty or nearly so when it was opened has not shown its format yet.
        if self._parser is None or self._sampled_bytes < min(_SAMPLE_BYTES, size):
            self._choose_parser()
        if self._parser is None:
            return detect((), self._formats, self._zone, self._opened_s)
        return self._parser

    @property
    def has_times(self) -> bool:
        """Whether lines of it bear times, as far as was seen."""
        return self.parser is self._parser and self._has_times

    def begin_position(self) -> LogPosition:
        """Return where it begins now."""
        segments = self.segments
        if not segments:
            return _NOWHERE
        return LogPosition(segments[0].number, segments[0].begin_byte)

    def end_position(self, cancelled: Cancelled = never) -> LogPosition:
        """Return where it ends now.

        Raises:
            LogUnreadableError: as `before`.
        """
        segments = self.segments
        if not segments:
            return _NOWHERE
        prepare(segments[-1], cancelled)
        return LogPosition(segments[-1].number, segments[-1].end_byte)

    def before(
        self, position: LogPosition | None, limit: ReadLimit = PAGE, cancelled: Cancelled = never
    ) -> tuple[LogRecord, ...]:
        """Return the records before a position (None: the end), oldest first.

        Raises:
            LogUnreadableError: bytes cannot be had any more; look for news and ask again.
        """
        entries = self.read_before(position, limit, cancelled).entries
        return tuple(entry.record for entry in entries)

    def after(
        self, position: LogPosition | None, limit: ReadLimit = PAGE, cancelled: Cancelled = never
    ) -> tuple[LogRecord, ...]:
        """Return the records from a position on (None: the beginning), oldest first.

        Raises:
            LogUnreadableError: as `before`.
        """
        entries = self.read_after(position, limit, cancelled).entries
        return tuple(entry.record for entry in entries)

    def read_before(
        self, position: LogPosition | None, limit: ReadLimit = PAGE, cancelled: Cancelled = never
    ) -> Stretch:
        """Return the records before a position (None: the end), and where they stand.

        Raises:
            LogUnreadableError: as `before`.
        """
        segments, begin = self.segments, self.begin_position()
        at = position
        while raws := records_before(segments, at, continues, limit, cancelled):
            at = raws[0].position
            if (entries := self._read(raws)) or at == begin:
                return Stretch(entries, at, raws[-1].next_position, at == begin)
        if cancelled():
            at = at or self.end_position(cancelled)
            return Stretch((), at, at, is_last=False)
        return Stretch((), begin, at or begin, is_last=True)

    def read_after(
        self, position: LogPosition | None, limit: ReadLimit = PAGE, cancelled: Cancelled = never
    ) -> Stretch:
        """Return the records from a position on (None: the beginning), and where they stand.

        Raises:
            LogUnreadableError: as `before`.
        """
        segments, at = self.segments, position
        while raws := records_after(segments, at, continues, limit, cancelled):
            at = raws[-1].next_position
            if entries := self._read(raws):
                return Stretch(entries, raws[0].position, at, is_last=False)
        at = at or self.begin_position()
        return Stretch((), at, at, is_last=not cancelled())

    def news(self, now_s: float, cancelled: Cancelled = never) -> LogNews:
        """Return what has come since the last call. Blocking, bounded."""
        with self._lock:
            batch = self._tail.read(now_s, cancelled=cancelled)
        seams = batch.seams
        if self._first is not None and self._first.seams:
            seams = (*self._first.seams, *seams)
        self._first = None
        records = tuple(entry.record for entry in self._read(batch.records))
        return LogNews(records, batch.withdrawn, seams, batch.has_more, batch.lost_bytes)

    @property
    def strands(self) -> list[tuple[Segment, ...]]:
        """What is laid side by side in order of time, each oldest first; of too many, none is."""
        segments = self.segments
        strands = strands_of(segments)
        return strands if 0 < len(strands) <= MOST_STRANDS else [segments]

    def search(
        self,
        query: Query,
        effort: Effort = NORMAL_EFFORT,
        segments: Sequence[Segment] | None = None,
    ) -> Search:
        """Return a search of what is there now, or of some segments of it."""
        searched = self.segments if segments is None else segments
        return Search(searched, self.parser, self._inheritor(searched), query, effort)

    def close(self) -> None:
        """Let go of files, threads and children."""
        self._log.close()

    def _inheritor(self, segments: Sequence[Segment] | None = None) -> Inheritor:
        parser, known = self.parser, self.segments if segments is None else segments
        return Inheritor(self.source, known, parser, has_times=self._has_times)

    def _read(self, raws: Sequence[RawRecord]) -> tuple[Entry, ...]:
        inheritor = self._inheritor()
        is_note = self.parser.is_note
        return tuple(
            Entry(inheritor.read(raw), raw.next_position) for raw in raws if not is_note(raw.raw)
        )

    def _choose_parser(self) -> None:
        try:
            lines, size_bytes = self._sample()
        except LogUnreadableError:
            return
        if not lines:
            return
        parser = detect(lines, self._formats, self._zone, self._opened_s)
        self._parser, self._sampled_bytes = parser, size_bytes
        self._has_times = any(
            parser.parse(self.source, LogPosition(0, 0), line).time_s is not None for line in lines
        )

    def _sample(self) -> tuple[list[bytes], int]:
        """Return the last lines there are, led by the first of the oldest segment they are from."""
        lines: list[bytes] = []
        left = _SAMPLE_BYTES
        for segment in reversed(self.segments):
            low, high = segment.begin_byte, segment.end_byte
            tail = segment.read(max(low, high - left), min(left, high - low)) if high > low else b""
            found = tail.split(b"\n")
            if high - low > left:
                found[0] = segment.read(low, _HEAD_BYTES).split(b"\n", 1)[0]
            lines[:0] = found
            left -= len(tail)
            if left <= 0:
                break
        lines = [line for line in lines if line]
        return lines[:1] + lines[1:][-_SAMPLE_LINES:], _SAMPLE_BYTES - left
