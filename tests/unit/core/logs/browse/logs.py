"""Logs for these tests: made of records of many shapes, and what a naive pass finds in them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from hypothesis import strategies as st

from core.logs.browse.opened_log import OpenedLog
from core.logs.browse.widening import REACH_BYTES, REACH_LINES
from core.logs.parse.continuation import continues
from core.logs.query.query import Query
from core.logs.segment import Segment
from core.logs.stream.followed import Growth, LogChange
from core.logs.stream.reading import RawRecord, records_after
from core.model.follow import FollowState, FollowWord
from core.model.log import LogPosition, LogRecord, Seam, TimeBasis
from tests.unit.core.logs.stream.segments import MemorySegment

NOW_S = 1_773_480_413.0
"""2026-03-14T09:26:53Z."""
BEGIN_S = NOW_S - 20_000
FOLLOWING = FollowState(FollowWord.FOLLOWING)


@dataclass
class MemoryLog:
    """A followed log whose bytes a test holds and adds to."""

    segments: tuple[Segment, ...] = ()
    source: str = "demo/app/log"
    state: FollowState = FOLLOWING
    watched_paths: tuple[str, ...] = ()
    seams: list[Seam] = field(default_factory=list[Seam])
    is_closed: bool = False
    _seen: dict[int, int] | None = None

    def poll(self, now_s: float) -> LogChange:
        ends = {segment.number: segment.end_byte for segment in self.segments}
        seen = ends if self._seen is None else self._seen
        grown = tuple(
            Growth(number, seen.get(number, 0))
            for number, end in ends.items()
            if end > seen.get(number, 0)
        )
        self._seen = ends
        seams, self.seams = tuple(self.seams), []
        return LogChange(grown, seams)

    def close(self) -> None:
        self.is_closed = True


def opened(*parts: bytes, source: str = "demo/app/log") -> OpenedLog:
    segments = tuple(MemorySegment(part, number * 1024) for number, part in enumerate(parts))
    return OpenedLog(MemoryLog(segments, source), NOW_S)


def _stamp(at_s: float, form: str) -> bytes:
    return datetime.fromtimestamp(at_s, UTC).strftime(form).encode()


def plain(at_s: float, text: bytes = b"needle", level: bytes = b"ERROR") -> bytes:
    return _stamp(at_s, "%Y-%m-%d %H:%M:%S,123") + b" - app.main - " + level + b" - " + text + b"\n"


def json_line(at_s: float) -> bytes:
    return (
        b'{"timestamp": "' + _stamp(at_s, "%Y-%m-%dT%H:%M:%SZ") + b'", "level": "WARNING", '
        b'"message": "slow", "duration_ms": 5001, "status": 503}\n'
    )


SHAPES: Sequence[Callable[[float], bytes]] = (
    plain,
    lambda at_s: plain(at_s, b"all is well", b"INFO"),
    json_line,
    lambda _: b'INFO:     203.0.113.7:4711 - "GET /needle HTTP/1.1" 500 Internal Server Error\n',
    lambda _: b'INFO:     203.0.113.8:4712 - "GET /a HTTP/1.1" 200 OK\n',
    lambda at_s: (
        plain(at_s, b"it broke")
        + b"Traceback (most recent call last):\n"
        + b'  File "app.py", line 7, in run\n    needle()\n'
        + b"ValueError: no needle\n"
    ),
    lambda at_s: plain(at_s, b"two lines", b"INFO") + b"  and a needle below\n",
    lambda at_s: plain(at_s, b"three", b"INFO") + b"\tneedle\n\n  needle again\n",
    lambda _: b"print without anything\n",
    lambda _: b"\n",
    lambda _: b"  indented needle\n",
    lambda _: b"-- Boot 0123456789abcdef --\n",
    lambda at_s: plain(at_s, b"x" * 400 + b" needle " + b"y" * 300),
    lambda _: b"caf\xc3\xa9 \xff\xfe \x1b[31mneedle\x1b[0m\r\x07\n",
)


@dataclass(frozen=True)
class Body:
    """The bytes of a log's segments."""

    parts: tuple[bytes, ...]
    is_transcoded: bool = False

    def opened(self, source: str = "demo/app/log") -> OpenedLog:
        return opened(*self.parts, source=source)


def bodies(
    most: int = 14,
    segments: int = 3,
    back_s: int = 290,
    shapes: Sequence[Callable[[float], bytes]] = SHAPES,
) -> st.SearchStrategy[Body]:
    """Logs whose times go back by less than `back_s` seconds."""
    record = st.tuples(st.sampled_from(shapes), st.integers(0, 900), st.integers(0, back_s))
    return st.builds(
        _body,
        st.lists(st.lists(record, max_size=most), min_size=1, max_size=segments),
        st.booleans(),
        st.booleans(),
        st.sampled_from((None, None, None, "utf-16-le", "utf-16-be")),
    )


def _body(
    parts: Sequence[Sequence[tuple[Callable[[float], bytes], int, int]]],
    has_returns: bool,
    has_last_feed: bool,
    codec: str | None,
) -> Body:
    at_s = BEGIN_S
    made: list[bytes] = []
    for records in parts:
        data = b""
        for shape, gap_s, back_s in records:
            at_s += gap_s
            data += shape(at_s - back_s)
        if has_returns:
            data = data.replace(b"\n", b"\r\n")
        if not has_last_feed:
            data = data.removesuffix(b"\n")
        if codec is not None:
            data = ("\ufeff" + data.decode("utf-8", "replace")).encode(codec)
        made.append(data)
    return Body(tuple(made), codec is not None)


def raws_of(log: OpenedLog) -> list[RawRecord]:
    """Return all raw records, read from the beginning."""
    found: list[RawRecord] = []
    position: LogPosition | None = None
    while records := records_after(log.segments, position, continues):
        found += records
        position = records[-1].next_position
    return found


def records_of(log: OpenedLog) -> list[LogRecord]:
    """Return all records with the times they have and inherit, in the plainest way."""
    found: list[LogRecord] = []
    time_s, away_bytes, away_lines = None, 0, 0
    for raw in raws_of(log):
        record = log.parser.parse(log.source, raw.position, raw.raw, raw.is_cut)
        is_note = log.parser.is_note(raw.raw)
        if record.time_s is not None and not raw.is_rest and not is_note:
            time_s, away_bytes, away_lines = record.time_s, 0, 0
        elif record.time_s is None and time_s is not None and log.has_times:
            is_near = away_bytes <= REACH_BYTES and away_lines <= REACH_LINES
            if is_near:
                record = replace(record, time_s=time_s, time_basis=TimeBasis.INHERITED)
        away_bytes += raw.end_byte - raw.position.offset
        away_lines += raw.raw.count(b"\n") + 1
        if not is_note:
            found.append(record)
    return found


def matching(log: OpenedLog, query: Query) -> list[LogRecord]:
    return [
        record for record in records_of(log) if query.is_in_window(record) and query.matches(record)
    ]
