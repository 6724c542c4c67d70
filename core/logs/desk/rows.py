"""Rows put together: pages before and after, what comes at the end, and what is let go. Pure."""

from collections.abc import Iterable, Sequence
from itertools import accumulate, takewhile

from core.logs.browse.opened_log import LogNews
from core.model.log import LogPosition, LogRecord, Seam
from core.model.log_view import LogRow, RowKey

ROWS_KEPT = 4000
"""Rows held at once; beyond, those at the far end are let go and read again when wanted."""
_LATE_ROWS = 400
"""So far back a record that comes late is put in its place in time, however late it is."""
LATE_S = 5.0
"""So late a record may be put in its place however many rows came before it: logs are not all
looked at in the same moment, and in a flood that is many rows."""


def rows_of(records: Iterable[LogRecord]) -> tuple[LogRow, ...]:
    """Return a row for each record."""
    return tuple(LogRow(record) for record in records)


def records_of(rows: Iterable[LogRow]) -> tuple[LogRecord, ...]:
    """Return the records among the rows."""
    return tuple(row.record for row in rows if row.record is not None)


def joined(
    first: Sequence[LogRow], second: Sequence[LogRow], *, keep_first: bool
) -> tuple[tuple[LogRow, ...], tuple[LogRow, ...]]:
    """Return two stretches as one of at most `ROWS_KEPT` rows, and those that were let go.

    A row of both stands where it stood first, as it is in the second: it was read later.
    """
    later = {row.key: row for row in second}
    known = [row.key for row in first if row.key in later]
    if known:
        first = [later.get(row.key, row) for row in first]
        second = [row for row in second if row.key not in set(known)]
    rows = (*first, *second)
    surplus = len(rows) - ROWS_KEPT
    if surplus <= 0:
        return rows, ()
    if keep_first:
        return rows[:ROWS_KEPT], rows[ROWS_KEPT:]
    return rows[surplus:], rows[:surplus]


def with_grown(
    rows: tuple[LogRow, ...],
    source: str,
    kept: Sequence[LogRecord],
    news: LogNews,
    known: LogPosition | None,
) -> tuple[tuple[LogRow, ...], list[LogRow]]:
    """Return the rows with those that have grown as they are now, and those that have come.

    Args:
        rows: What is shown.
        source: The log that has news.
        kept: Its new records that are not hidden.
        news: All its news.
        known: Up to there the log has been read.
    """
    old = {(source, r.position, False) for r in news.records if known and r.position <= known}
    gone = {(source, position, False) for position in news.withdrawn}
    grown: dict[RowKey, LogRow] = {}
    fresh: list[LogRow] = []
    shown = {row.key for row in rows} if old else frozenset[RowKey]()
    for row in rows_of(kept):
        if row.key in shown:
            grown[row.key] = row
        elif row.record is not None and is_news_beyond(row.record, known):
            fresh.append(row)
    gone |= (old & shown) - grown.keys()
    if grown or gone:
        rows = tuple(grown.get(row.key, row) for row in rows if row.key not in gone)
    return rows, fresh


def with_fresh(
    rows: tuple[LogRow, ...], fresh: Sequence[LogRow]
) -> tuple[tuple[LogRow, ...], tuple[LogRow, ...]]:
    """Return the rows with what has come, and those that were let go.

    Late ones go where their time belongs, never before a row of their own log.
    """
    begin = _late_begin(rows, fresh)
    return joined(rows[:begin], _in_time([*rows[begin:], *fresh]), keep_first=False)


def _late_begin(rows: Sequence[LogRow], fresh: Sequence[LogRow]) -> int:
    """Return from which row on fresh ones may have their place."""
    begin = max(0, len(rows) - _LATE_ROWS)
    own = [row.time_s for row in rows if row.time_s is not None][-1:]
    come = [row.time_s for row in fresh if row.time_s is not None]
    if not own or not come:
        return begin
    since_s = max(min(come), own[0] - LATE_S)
    while begin and ((at_s := rows[begin - 1].time_s) is None or at_s > since_s):
        begin -= 1
    return begin


def before_first(rows: Sequence[LogRow], fresh: Sequence[LogRow]) -> int:
    """Return how many of one log's fresh rows belong to the page before the first row.

    They are few moments older than it. A log of which a row is shown has none there, and what is
    far older has a clock of its own: it is shown where it came.
    """
    first_s = next((row.time_s for row in rows if row.time_s is not None), None)
    sources = {row.source for row in fresh}
    if first_s is None or any(row.source in sources for row in rows):
        return 0
    early = takewhile(
        lambda row: row.time_s is not None and first_s - LATE_S <= row.time_s < first_s, fresh
    )
    return sum(1 for _ in early)


def is_news_beyond(record: LogRecord, known: LogPosition | None) -> bool:
    """Tell whether a record that comes was not whole, or not there, when a log was read to a place.

    What lies before that place altogether was read from there, and can be again.
    """
    if known is None or record.position >= known:
        return True
    position = record.position
    return position.segment == known.segment and position.offset + len(record.raw) > known.offset


def with_seams(fresh: Sequence[LogRow], seams: Iterable[Seam]) -> list[LogRow]:
    """Return what has come of one log in its order: a seam stands before what follows it."""
    rows = [*(LogRow(seam=one) for one in seams), *fresh]
    return sorted(rows, key=lambda row: row.key[1])


def with_known_seams(
    rows: tuple[LogRow, ...], seams: Iterable[Seam], *, is_at_start: bool, is_at_end: bool
) -> tuple[LogRow, ...]:
    """Return rows that were read with the seams noticed before, which no log tells again.

    A seam stands behind the last row of its log before it. One that may lie beyond the first row
    or the last of its log is left out: it comes with the page on which it is.
    """
    shown = {row.key for row in rows if row.seam is not None}
    missing = [row for row in map(_seam_row, seams) if row.key not in shown]
    if not missing:
        return rows
    behind: dict[int, list[LogRow]] = {}
    for row in missing:
        own = [at for at, one in enumerate(rows) if one.source == row.source]
        before = [at for at in own if rows[at].key[1] < row.key[1]]
        is_within = (before or is_at_start) and (len(before) < len(own) or is_at_end)
        if own and is_within:
            behind.setdefault(before[-1] if before else own[0] - 1, []).append(row)
    parts: list[LogRow] = [*behind.get(-1, ())]
    for at, row in enumerate(rows):
        parts += (row, *behind.get(at, ()))
    return tuple(parts)


def _seam_row(seam: Seam) -> LogRow:
    return LogRow(seam=seam)


def _in_time(rows: list[LogRow]) -> list[LogRow]:
    """Sort by time; a log's own order stays, and a row without a time stays after the one before.

    The time that counts is the latest that the row's log has shown so far. A seam has none of its
    own: when it was noticed says little about what stands beside it.
    """
    nothing = float("-inf")
    latest: dict[str, float] = {}
    ranks: list[float] = []
    times = [None if row.seam is not None else row.time_s for row in rows]
    anywhere = list(accumulate((nothing if at_s is None else at_s for at_s in times), max))
    for row, own_s, before_s in zip(rows, times, anywhere, strict=True):
        past_s = latest.get(row.source, nothing)
        time_s = own_s if own_s is not None else max(past_s, before_s)
        latest[row.source] = max(past_s, time_s)
        ranks.append(latest[row.source])
    order = sorted(range(len(rows)), key=ranks.__getitem__)
    return [rows[place] for place in order]
