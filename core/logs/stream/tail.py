"""Hands out what is added to a followed log, record by record, each once."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import LogUnreadableError
from core.logs.segment import Segment
from core.logs.stream.followed import Cancelled, FollowedLog, never, prepare
from core.logs.stream.reading import RECORD_BYTES, RawRecord, ReadLimit, records_after
from core.logs.stream.starts import Continues, Starts
from core.model.log import LogPosition, Seam

_LIMIT = ReadLimit(records=5_000)
_PATIENCE = 2
"""Failures of an older segment for which younger ones wait, to keep the order."""


@dataclass(frozen=True, slots=True)
class TailBatch:
    """What one reading of the tail gave."""

    records: tuple[RawRecord, ...] = ()
    """A record at a position that was given before takes the place of that one: it has grown."""
    withdrawn: tuple[LogPosition, ...] = ()
    """Unfinished lines given before that turned out to belong to the record above them."""
    seams: tuple[Seam, ...] = ()
    has_more: bool = False
    """The limit was reached: read again at once."""
    lost_bytes: int = 0
    """Bytes that were seen to arrive and were gone before they could be read."""


@dataclass(slots=True)
class _Cursor:
    read_to: int
    """All records that begin before have been given, as they were then."""
    end_byte: int
    """As much was seen to be there."""
    failures: int = 0
    """How often in a row it could not be read."""
    open_at: int | None = None
    """Where the record begins that was given unfinished."""


class Tail:
    """Reads on where a log stood when it was polled first. For one thread at a time."""

    def __init__(self, log: FollowedLog, continues: Continues) -> None:
        """Take a log; whoever reads its tail is the only one to poll it."""
        self._log = log
        self._continues = continues
        self._cursors: dict[int, _Cursor] = {}
        self._waiting: set[int] = set()

    def read(
        self, now_s: float, limit: ReadLimit = _LIMIT, cancelled: Cancelled = never
    ) -> TailBatch:
        """Poll the log and return what is new, in the order of its segments. Blocking, bounded."""
        change = self._log.poll(now_s)
        for growth in change.grown:
            self._cursors.setdefault(growth.segment, _Cursor(growth.begin_byte, growth.begin_byte))
            self._waiting.add(growth.segment)
        segments = {segment.number: segment for segment in self._log.segments}
        lost = self._count_lost(segments)
        records: list[RawRecord] = []
        withdrawn: list[LogPosition] = []
        for number in sorted(self._waiting):
            if len(records) >= limit.records or cancelled():
                break
            try:
                found = self._read_segment(segments[number], limit, withdrawn, cancelled)
            except LogUnreadableError:  # cut or moved since the poll: the next one says where to
                self._cursors[number].failures += 1
                if self._cursors[number].failures > _PATIENCE:
                    continue
                break
            records += found
        return TailBatch(
            tuple(records), tuple(withdrawn), change.seams, bool(self._waiting and records), lost
        )

    def _count_lost(self, segments: Mapping[int, Segment]) -> int:
        """Return what was dropped before it was read; forget segments that are gone."""
        lost = 0
        for number, cursor in list(self._cursors.items()):
            segment = segments.get(number)
            if segment is None:
                lost += cursor.end_byte - cursor.read_to
                self._waiting.discard(number)
                del self._cursors[number]
                continue
            if cursor.read_to < segment.begin_byte:
                lost += segment.begin_byte - cursor.read_to
                cursor.read_to, cursor.open_at = segment.begin_byte, None
            cursor.end_byte = max(segment.end_byte, cursor.read_to)
        return lost

    def _read_segment(
        self, segment: Segment, limit: ReadLimit, withdrawn: list[LogPosition], cancelled: Cancelled
    ) -> list[RawRecord]:
        if not prepare(segment, cancelled):
            return []
        number, cursor = segment.number, self._cursors[segment.number]
        cursor.end_byte = max(segment.end_byte, cursor.end_byte)
        # The record before what is new may go on in it, so it is read again.
        starts = Starts(segment, self._continues, cancelled)
        before = next(starts.backward(cursor.read_to), None)
        first = before.offset_byte if before is not None else cursor.read_to
        room = ReadLimit(limit.records + 1, limit.size_bytes + RECORD_BYTES)
        place = LogPosition(number, first)
        found = records_after([segment], place, self._continues, room, cancelled)
        if cancelled():
            return []  # what is not known to end is not told from what has not ended
        fresh = [record for record in found if record.end_byte > cursor.read_to]
        starts = {record.position.offset for record in found}
        if cursor.open_at is not None and cursor.open_at >= first and cursor.open_at not in starts:
            withdrawn.append(LogPosition(number, cursor.open_at))
        if fresh:
            last = fresh[-1]
            cursor.read_to, cursor.failures = last.end_byte, 0
            cursor.open_at = last.position.offset if last.is_open else None
        if not fresh or cursor.read_to >= segment.end_byte:
            self._waiting.discard(number)
        return fresh
