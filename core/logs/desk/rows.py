"""Rows put together: pages before and after, what comes at the end, and what is let go. Pure."""

from collections.abc import Sequence
from itertools import accumulate

from core.logs.browse.opened_log import LogNews
from core.model.log_view import LogRow

ROWS_KEPT = 4000
"""Rows held at once; beyond, those at the far end are let go and read again when wanted."""
_LATE_ROWS = 400
"""So far back a record that comes late is put in its place in time."""


def joined(
    first: Sequence[LogRow], second: Sequence[LogRow], *, keep_first: bool
) -> tuple[tuple[LogRow, ...], int]:
    """Return two stretches as one of at most `ROWS_KEPT` rows, and how many were let go."""
    rows = (*first, *second)
    surplus = len(rows) - ROWS_KEPT
    if surplus <= 0:
        return rows, 0
    return (rows[:ROWS_KEPT] if keep_first else rows[surplus:]), surplus


def with_news(
    rows: tuple[LogRow, ...], fresh: Sequence[LogRow], news: LogNews
) -> tuple[tuple[LogRow, ...], int]:
    """Return the rows with what has come, and how many old ones were let go.

    A record that had not ended takes the place of its earlier self; late ones go where their time
    belongs, never before a row of their own log.
    """
    gone = {(row.source, row.key[1]) for row in fresh if row.record is not None}
    withdrawn = set(news.withdrawn)
    head, tail = rows[:-_LATE_ROWS], rows[-_LATE_ROWS:]
    kept = [
        row
        for row in tail
        if row.record is None
        or ((row.source, row.key[1]) not in gone and row.key[1] not in withdrawn)
    ]
    merged = _in_time([*kept, *fresh])
    return joined(head, merged, keep_first=False)


def _in_time(rows: list[LogRow]) -> list[LogRow]:
    """Sort by time; a log's own order stays, and a row without a time stays after the one before.

    The time that counts is the latest that the row's log has shown so far.
    """
    latest: dict[str, float] = {}
    running: list[float] = []
    everywhere = list(accumulate((row.time_s or float("-inf") for row in rows), max))
    for row, before in zip(rows, everywhere, strict=True):
        own = latest.get(row.source, float("-inf"))
        time_s = row.time_s if row.time_s is not None else max(own, before)
        latest[row.source] = max(own, time_s)
        running.append(latest[row.source])
    order = sorted(range(len(rows)), key=running.__getitem__)
    return [rows[place] for place in order]
