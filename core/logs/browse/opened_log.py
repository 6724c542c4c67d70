"""One log, opened: its records back and forth, what is new in it, and searches."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

from core.errors import LogUnreadableError
from core.logs.browse.inheriting import Inheritor
from core.logs.browse.search import Search
from core.logs.parse.continuation import continues
from core.logs.parse.custom import Format
from core.logs.parse.parser import RecordParser, detect
from core.logs.query.query import Query
from core.logs.scan.candidates import NORMAL_EFFORT, Effort
from core.logs.segment import Segment
from core.logs.stream.followed import Cancelled, FollowedLog, FollowState, never
from core.logs.stream.reading import RawRecord, ReadLimit, records_after, records_before
from core.logs.stream.tail import Tail
from core.model.log import LogPosition, LogRecord, Seam

_SAMPLE_BYTES = 64 * 1024
_HEAD_BYTES = 4 * 1024
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


class OpenedLog:
    """A followed log with the parser that fits it. Calls block, bounded; one at a time.

    Args:
        log: What is read. It is closed by `close`.
        now_s: Seconds since 1970.
        formats: Formats of the configuration, tried first.
        zone: Where times without a zone were written.
    """

    def __init__(
        self,
        log: FollowedLog,
        now_s: float,
        formats: Sequence[Format] = (),
        zone: tzinfo = UTC,
    ) -> None:
        self._log = log
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

    def before(
        self, position: LogPosition | None, limit: ReadLimit = PAGE, cancelled: Cancelled = never
    ) -> tuple[LogRecord, ...]:
        """Return the records before a position (None: the end), oldest first.

        Raises:
            LogUnreadableError: bytes cannot be had any more; look for news and ask again.
        """
        return self._read(records_before(self.segments, position, continues, limit, cancelled))

    def after(
        self, position: LogPosition | None, limit: ReadLimit = PAGE, cancelled: Cancelled = never
    ) -> tuple[LogRecord, ...]:
        """Return the records from a position on (None: the beginning), oldest first.

        Raises:
            LogUnreadableError: as `before`.
        """
        return self._read(records_after(self.segments, position, continues, limit, cancelled))

    def news(self, now_s: float, cancelled: Cancelled = never) -> LogNews:
        """Return what has come since the last call. Blocking, bounded."""
        with self._lock:
            batch = self._tail.read(now_s, cancelled=cancelled)
        seams = batch.seams
        if self._first is not None and self._first.seams:
            seams = (*self._first.seams, *seams)
        self._first = None
        return LogNews(
            self._read(batch.records), batch.withdrawn, seams, batch.has_more, batch.lost_bytes
        )

    def search(self, query: Query, effort: Effort = NORMAL_EFFORT) -> Search:
        """Return a search of what is there now."""
        inheritor = self._inheritor()
        return Search(self.segments, self.parser, inheritor, query, effort)

    def close(self) -> None:
        """Let go of files, threads and children."""
        self._log.close()

    def _inheritor(self) -> Inheritor:
        parser = self.parser
        return Inheritor(self.source, self.segments, parser, has_times=self._has_times)

    def _read(self, raws: Sequence[RawRecord]) -> tuple[LogRecord, ...]:
        inheritor = self._inheritor()
        is_note = self.parser.is_note
        return tuple(inheritor.read(raw) for raw in raws if not is_note(raw.raw))

    def _choose_parser(self) -> None:
        try:
            lines = self._sample()
        except LogUnreadableError:
            return
        if not lines:
            return
        parser = detect(lines, self._formats, self._zone, self._opened_s)
        self._parser = parser
        self._has_times = any(
            parser.parse(self.source, LogPosition(0, 0), line).time_s is not None for line in lines
        )

    def _sample(self) -> list[bytes]:
        """Return the first line of the youngest segment that has any, and its last ones."""
        for segment in reversed(self.segments):
            low, high = segment.begin_byte, segment.end_byte
            if high <= low:
                continue
            tail = segment.read(max(low, high - _SAMPLE_BYTES), _SAMPLE_BYTES)
            self._sampled_bytes = len(tail)
            lines = tail.split(b"\n")
            if high - low > _SAMPLE_BYTES:
                lines[0] = segment.read(low, _HEAD_BYTES).split(b"\n", 1)[0]
            return [line for line in lines if line]
        return []
