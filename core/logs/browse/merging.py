"""Pages of several logs in time order, whichever way one goes, with or without a query.

A log's own order is never changed. Where its times go back, its records stand where the latest of
their predecessors stood (`core.logs.browse.lanes`); a record without a time stands beside its
neighbour, a log without any at the end of all. What is given and what is left is told by positions,
one for each log, so that consecutive pages neither lose nor double a record.
"""

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from core.logs.browse.lanes import Lane
from core.logs.browse.opened_log import OpenedLog
from core.logs.query.query import Query
from core.logs.scan.chunk import Order
from core.logs.stream.followed import Cancelled, never
from core.model.log import LogPosition, LogRecord

Ends = Mapping[str, LogPosition | None]
"""Where to go on in each log, by its name. None, or no entry: from the log's end when going back,
from its beginning when going on."""


@dataclass(frozen=True, slots=True)
class MergedPage:
    """Records of several logs, and where the page ends in each."""

    records: tuple[LogRecord, ...]
    """Ascending, whichever way is gone."""
    ends: Ends
    """Where the next page this way begins. Never None for a log of the page."""
    is_last: bool = False
    """Nothing is left this way: the page reaches the start, or the end, of all logs."""
    scanned_bytes: int = 0
    """Searched since the first step, all logs together. 0 without a query."""
    total_bytes: int = 0
    """To be searched at most; a packed sibling counts from when it is unpacked."""


def ends_now(logs: Sequence[OpenedLog], cancelled: Cancelled = never) -> dict[str, LogPosition]:
    """Return where each log ends now; what comes later is news.

    Raises:
        LogUnreadableError: look for news and ask again.
    """
    return {log.source: log.end_position(cancelled) for log in logs}


def ends_at(records: Sequence[LogRecord], at: int, below: Ends) -> dict[str, LogPosition | None]:
    """Return where each log stands just before `records[at]`, among records shown in this order.

    With it `page_before` gives what stands above that record, and `page_after` goes on with it.
    `below`: where the logs stand after the last record shown.
    """
    ends = dict(below)
    for record in reversed(records[at:]):
        ends[record.source] = record.position
    return ends


def page_before(
    logs: Sequence[OpenedLog],
    ends: Ends,
    wanted: int,
    query: Query | None = None,
    cancelled: Cancelled = never,
) -> MergedPage:
    """Return the last `wanted` records that stand before `ends`. Blocking.

    Fewer only when nothing is left (`is_last`) or it was cancelled; the page can be continued then.

    Raises:
        LogUnreadableError: bytes cannot be had any more; look for news and ask again.
    """
    return _joined(
        steps(logs, ends, wanted, query, Order.NEWEST_FIRST, cancelled), Order.NEWEST_FIRST
    )


def page_after(
    logs: Sequence[OpenedLog],
    ends: Ends,
    wanted: int,
    query: Query | None = None,
    cancelled: Cancelled = never,
) -> MergedPage:
    """Return the first `wanted` records that stand at `ends` or later; as `page_before`."""
    return _joined(
        steps(logs, ends, wanted, query, Order.OLDEST_FIRST, cancelled), Order.OLDEST_FIRST
    )


def find(
    logs: Sequence[OpenedLog],
    query: Query,
    ends: Ends,
    order: Order,
    cancelled: Cancelled = never,
) -> MergedPage:
    """Return the next match from `ends` on (oldest first) or back (newest first), if there is one.

    Its `ends` are where to look for the one after it. Raises as `page_before`.
    """
    return _joined(steps(logs, ends, 1, query, order, cancelled), order)


def steps(
    logs: Sequence[OpenedLog],
    ends: Ends,
    wanted: int,
    query: Query | None,
    order: Order,
    cancelled: Cancelled = never,
) -> Generator[MergedPage, None, None]:
    """Yield a page bit by bit: what each step of the search made certain, often nothing.

    Each bit stands before the previous one when going back (newest first), behind it when going on.
    Its `ends` tell where to go on if it is the last that is taken; a step is some milliseconds of
    work. Close the iterator to stop early: it holds threads.

    Raises:
        LogUnreadableError: bytes cannot be had any more; the bits before it count.
    """
    with ExitStack() as stack:
        lanes = [
            stack.enter_context(Lane(log, place, order, is_alone=len(logs) == 1))
            for place, log in enumerate(logs)
        ]
        for lane in lanes:
            lane.start(ends.get(lane.source), query, wanted, cancelled)
        given: list[LogRecord] = []
        left = wanted
        while left > 0 and not cancelled():
            best = _best(lanes, order)
            behind = [lane for lane in lanes if lane.may_come_before(best)]
            if behind:
                min(behind, key=lambda lane: lane.distance).pull(cancelled)
                yield _page(lanes, given, order)
                given = []
            elif best is None:
                break
            else:
                given.append(best.take())
                left -= 1
        yield _page(lanes, given, order)


def _best(lanes: Sequence[Lane], order: Order) -> Lane | None:
    """Return the lane whose next record comes first this way."""
    ripe = [lane for lane in lanes if lane.is_ripe]
    if order is Order.NEWEST_FIRST:
        return max(ripe, key=lambda lane: lane.rank, default=None)
    return min(ripe, key=lambda lane: lane.rank, default=None)


def _page(lanes: Sequence[Lane], given: Sequence[LogRecord], order: Order) -> MergedPage:
    return MergedPage(
        tuple(given if order is Order.OLDEST_FIRST else reversed(given)),
        {lane.source: lane.end for lane in lanes},
        all(lane.is_over for lane in lanes),
        sum(lane.scanned_bytes for lane in lanes),
        sum(lane.total_bytes for lane in lanes),
    )


def _joined(bits: Iterable[MergedPage], order: Order) -> MergedPage:
    """Put the bits of a page together."""
    records: list[LogRecord] = []
    page = MergedPage((), {})
    for page in bits:
        records += page.records if order is Order.OLDEST_FIRST else reversed(page.records)
    is_back = order is Order.NEWEST_FIRST
    return replace(page, records=tuple(reversed(records) if is_back else records))
