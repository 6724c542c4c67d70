"""Times of a log at a few places: when it was written there, and whether its clock was set back."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from core.logs.browse.outside import SLACK_S
from core.logs.parse.parser import RecordParser
from core.logs.segment import Segment
from core.model.log import LogPosition

_LOOK_BYTES = 16 * 1024
_LINES = 16
"""Whose latest time counts: a line that bears an old one (a replay, an unset clock) misleads."""
_STRIDE_BYTES = 64 * 1024
_MAX_PLACES = 1000


class Part(NamedTuple):
    """Some bytes of a segment."""

    segment: Segment
    begin_byte: int
    end_byte: int


def latest_near(segment: Segment, at_byte: int, parser: RecordParser) -> float | None:
    """Return the latest time of the first few lines with one after a place; None: there is none.

    Raises:
        LogUnreadableError: bytes cannot be had any more; poll the log and ask again.
    """
    return max(islice(_times_after(segment, at_byte, parser), _LINES), default=None)


def is_steady(parts: Sequence[Part], parser: RecordParser) -> bool:
    """Return whether times go on in a stretch that is worth the looking, as far as is seen.

    Looks at a place every 64 KiB, a thousand at most. An hour that a clock was set back by is not
    seen only where it passed between two of them.

    Raises:
        LogUnreadableError: bytes cannot be had any more; poll the log and ask again.
    """
    size_bytes = sum(part.end_byte - part.begin_byte for part in parts)
    if size_bytes < 4 * _STRIDE_BYTES:
        return False
    stride_bytes = max(_STRIDE_BYTES, size_bytes // _MAX_PLACES)
    return not _goes_back(
        at_s
        for segment, begin_byte, end_byte in parts
        for at_byte in (*range(begin_byte, end_byte, stride_bytes), end_byte)
        for at_s in islice(_times_after(segment, at_byte, parser), 1)
    )


def _goes_back(times: Iterable[float]) -> bool:
    latest_s = float("-inf")
    for at_s in times:
        if at_s < latest_s - SLACK_S:
            return True
        latest_s = max(latest_s, at_s)
    return False


def _times_after(segment: Segment, at_byte: int, parser: RecordParser) -> Iterator[float]:
    """Yield the times of the whole lines a little way after a place."""
    block = segment.read(at_byte, min(_LOOK_BYTES, segment.end_byte - at_byte))
    at = 0 if at_byte == segment.begin_byte else block.find(b"\n") + 1
    is_last = at_byte + len(block) >= segment.end_byte
    while at < len(block) and (at > 0 or at_byte == segment.begin_byte):
        feed = block.find(b"\n", at)
        if feed < 0 and not is_last:
            return
        line = block[at : feed if feed >= 0 else len(block)]
        time_s = parser.parse("", LogPosition(segment.number, at_byte), line).time_s
        if time_s is not None:
            yield time_s
        if feed < 0:
            return
        at = feed + 1
