"""Finds where a window of time begins in a log, without reading what lies before it."""

from collections.abc import Sequence

from core.logs.browse.outside import FAR_SLACK_S, SLACK_S
from core.logs.browse.sampling import Part, is_steady, latest_near
from core.logs.parse.parser import RecordParser
from core.logs.segment import Segment
from core.logs.strands import strands_of
from core.logs.stream.followed import Cancelled, never, prepare
from core.model.log import LogPosition

_STEP_BYTES = 256 * 1024
_LOOK_BYTES = 16 * 1024


def begin_of(
    segments: Sequence[Segment], parser: RecordParser, since_s: float, cancelled: Cancelled = never
) -> LogPosition | None:
    """Return a position before all records of the window; None: it may begin with the log.

    Costs some twenty small reads in each segment that is asked, and asks the newest first, so that
    packed siblings from before the window stay packed. Where the clock was set back in the hour
    before it, or that cannot be told, the position is that hour earlier. Of several strands it is
    the place of the one in which the window begins first.

    Raises:
        LogUnreadableError: bytes cannot be had any more; poll the log and ask again.
    """
    begins: list[LogPosition] = []
    for strand in strands_of(segments):
        begin = _begin_of(strand, parser, since_s, cancelled)
        if begin is None:
            return None
        begins.append(begin)
    return min(begins, default=None)


def _begin_of(
    segments: Sequence[Segment], parser: RecordParser, since_s: float, cancelled: Cancelled
) -> LogPosition | None:
    """Return a position before all records of the window in one strand; None: its begin."""
    far = _before(segments, parser, since_s - FAR_SLACK_S, cancelled)
    near = _before(segments, parser, since_s - SLACK_S, cancelled)
    if near is None or cancelled() or not is_steady(_between(segments, far, near), parser):
        return far
    return near


def _before(
    segments: Sequence[Segment], parser: RecordParser, wanted_s: float, cancelled: Cancelled
) -> LogPosition | None:
    """Return a position behind which times are near to what is wanted; None: the log's begin."""
    begin: LogPosition | None = None
    for segment in reversed(segments):
        if cancelled() or not prepare(segment, cancelled):
            return begin
        first_s = latest_near(segment, segment.begin_byte, parser)
        if first_s is None:
            # Nothing there bears a time: it may belong to whatever follows it.
            continue
        if first_s >= wanted_s:
            begin = LogPosition(segment.number, segment.begin_byte)
            continue
        return LogPosition(segment.number, _bisect(segment, parser, wanted_s))
    return None


def _between(segments: Sequence[Segment], far: LogPosition | None, near: LogPosition) -> list[Part]:
    """Return what lies between two positions; None: the log's begin."""
    parts: list[Part] = []
    for segment in segments:
        if segment.number > near.segment or (far is not None and segment.number < far.segment):
            continue
        is_far = far is not None and segment.number == far.segment
        low = far.offset if far is not None and is_far else segment.begin_byte
        high = near.offset if segment.number == near.segment else segment.end_byte
        parts.append(Part(segment, low, high))
    return parts


def _bisect(segment: Segment, parser: RecordParser, wanted_s: float) -> int:
    """Return a byte just before which a record is older than wanted."""
    low, high = segment.begin_byte, segment.end_byte
    while high - low > _STEP_BYTES:
        middle = (low + high) // 2
        at_s = latest_near(segment, middle, parser)
        if at_s is not None and at_s < wanted_s:
            low = middle
        else:
            high = middle
    if low == segment.begin_byte:
        return low
    feed = segment.read(low, _LOOK_BYTES).find(b"\n")
    return low + feed + 1 if feed >= 0 else low
