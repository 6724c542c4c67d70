"""Finds where a window of time begins in a log, without reading what lies before it."""

from collections.abc import Sequence
from itertools import pairwise

from core.logs.parse.parser import RecordParser
from core.logs.segment import Segment
from core.logs.stream.followed import Cancelled, never, prepare
from core.model.log import LogPosition

_SLACK_S = 300.0
"""Lines of several writers are out of order by seconds; so much earlier nothing is looked for."""
_STEP_BYTES = 256 * 1024
_LOOK_BYTES = 16 * 1024


def begin_of(
    segments: Sequence[Segment], parser: RecordParser, since_s: float, cancelled: Cancelled = never
) -> LogPosition | None:
    """Return a position before all records of the window; None: it may begin with the log.

    Costs some twenty small reads in each segment that is asked, and asks the newest first, so that
    packed siblings from before the window stay packed.

    Raises:
        LogUnreadableError: bytes cannot be had any more; poll the log and ask again.
    """
    wanted_s = since_s - _SLACK_S
    begin: LogPosition | None = None
    for segment in reversed(segments):
        if cancelled() or not prepare(segment, cancelled):
            return begin
        first_s = _time_at(segment, segment.begin_byte, parser)
        if first_s is None:
            # Nothing there bears a time: it may belong to whatever follows it.
            continue
        if first_s >= wanted_s:
            begin = LogPosition(segment.number, segment.begin_byte)
            continue
        return LogPosition(segment.number, _bisect(segment, parser, wanted_s))
    return None


def _bisect(segment: Segment, parser: RecordParser, wanted_s: float) -> int:
    """Return a byte before which no record is as late as wanted."""
    low, high = segment.begin_byte, segment.end_byte
    while high - low > _STEP_BYTES:
        middle = (low + high) // 2
        at_s = _time_at(segment, middle, parser)
        if at_s is not None and at_s < wanted_s:
            low = middle
        else:
            high = middle
    if low == segment.begin_byte:
        return low
    feed = segment.read(low, _LOOK_BYTES).find(b"\n")
    return low + feed + 1 if feed >= 0 else low


def _time_at(segment: Segment, at_byte: int, parser: RecordParser) -> float | None:
    """Return the time of the first line with one a little way after a place."""
    block = segment.read(at_byte, min(_LOOK_BYTES, segment.end_byte - at_byte))
    feeds = [-1] if at_byte == segment.begin_byte else []
    feeds += [place for place, byte in enumerate(block) if byte == 0x0A]
    if not block.endswith(b"\n") and at_byte + len(block) == segment.end_byte:
        feeds.append(len(block))
    for one, other in pairwise(feeds):
        line = block[one + 1 : other]
        time_s = parser.parse("", LogPosition(segment.number, at_byte), line).time_s
        if time_s is not None:
            return time_s
    return None
