"""Rows put together: pages before and after, what comes at the end, and what is let go. Pure."""

from collections.abc import Iterable, Sequence
from itertools import accumulate

from core.logs.browse.opened_log import LogNews
from core.model.log import LogRecord
from core.model.log_view import LogRow

ROWS_KEPT = 4000
"""Rows held at once; beyond, those at the far end are let go and read again when wanted."""
_LATE_ROWS = 400
"""So far back a record that comes late is put in its place in time."""


def rows_of(records: Iterable[LogRecord]) -> tuple[LogRow, ...]:
    """Return a row for each record."""
    return tuple(LogRow(record) for record in records)


def records_of(rows: Iterable[LogRow]) -> tuple[LogRecord, ...]:
    """Return the records among the rows."""
    return tuple(row.record for row in rows if row.record is not None)


def joined(
    first: Sequence[LogRow], second: Sequence[LogRow], *, keep_first: bool
) -> tuple[tuple[LogRow, ...], tuple[LogRow, ...]]:
    """Return two stretches as one of at most `ROWS_KEPT` rows, and those that were let go."""
    rows = (*first, *second)
    surplus = len(rows) - ROWS_KEPT
    if surplus <= 0:
        return rows, ()
    if keep_first:
        return rows[:ROWS_KEPT], rows[ROWS_KEPT:]
    return rows[surplus:], rows[:surplus]


def with_news(
    rows: tuple[LogRow, ...], fresh: Sequence[LogRow], news: LogNews
) -> tuple[tuple[LogRow, ...], tuple[LogRow, ...]]:
    """Return the rows with what has come, and those that were let go.

    A record that had not ended takes the place of its earlier self; late ones go where their time
    belongs, never before a row of their own log.
    """
    renewed = {(record.source, record.position) for record in news.records}
    withdrawn = set(news.withdrawn)
    head, tail = rows[:-_LATE_ROWS], rows[-_LATE_ROWS:]
    kept = [
        row
        for row in tail
        if row.record is None
        or (
            (row.record.source, row.record.position) not in renewed
            and row.record.position not in withdrawn
        )
    ]
    return joined(head, _in_time([*kept, *fresh]), keep_first=False)


def _in_time(rows: list[LogRow]) -> list[LogRow]:
    """Sort by time; a log's own order stays, and a row without a time stays after the one before.

    The time that counts is the latest that the row's log has shown so far.
    """
    nothing = float("-inf")
    latest: dict[str, float] = {}
    ranks: list[float] = []
    anywhere = list(accumulate((nothing if r.time_s is None else r.time_s for r in rows), max))
    for row, before_s in zip(rows, anywhere, strict=True):
        own_s = latest.get(row.source, nothing)
        time_s = row.time_s if row.time_s is not None else max(own_s, before_s)
        latest[row.source] = max(own_s, time_s)
        ranks.append(latest[row.source])
    order = sorted(range(len(rows)), key=ranks.__getitem__)
    return [rows[place] for place in order]
