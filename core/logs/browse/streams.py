"""Lays the records of several searches in one order of time, holding one stretch of each.

For whoever reads from one end to the other once, as the command line does; pages back and forth are
`core.logs.browse.merging`. That looks ahead in logs that have positions, and ends where one of them
cannot be read. Here a record is given as soon as each log has shown its next one, a pipe may be
among them, and a log that cannot be read ends alone.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import merge
from itertools import chain

from core.logs.browse.search import Found
from core.model.log import LogRecord


def records_of(found: Iterable[Found], each: Callable[[], None]) -> Iterator[LogRecord]:
    """Yield the records of a search; `each` is called after every stretch, an empty one too."""
    for stretch in found:
        yield from stretch.records
        each()


def merged(logs: Sequence[Iterable[LogRecord]]) -> Iterator[LogRecord]:
    """Yield the records of all logs in order of time, the order within each log kept.

    A record without a time, or with an earlier one than the record before it in its log, stays
    behind that record. Records of one moment come in the order of `logs`.
    """
    if len(logs) == 1:
        return iter(logs[0])
    timed = [_timed(records) for records in logs]
    return (record for _, record in merge(*timed, key=lambda pair: pair[0]))


def _timed(records: Iterable[LogRecord]) -> Iterator[tuple[float, LogRecord]]:
    at_s = float("-inf")
    for record in records:
        if record.time_s is not None and record.time_s > at_s:
            at_s = record.time_s
        yield at_s, record


def last_of(found: Iterable[Found], count: int) -> list[LogRecord]:
    """Return the last `count` records of a search that goes from the newest on, oldest first."""
    stretches: list[Sequence[LogRecord]] = []
    held = 0
    for stretch in found:
        if records := stretch.records:
            stretches.append(records)
            held += len(records)
        if held >= count:
            break
    return list(chain.from_iterable(reversed(stretches)))[-count:] if count else []
