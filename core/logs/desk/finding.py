"""Looks for records: the next match from a row on or back, a moment, fields that there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.logs.browse.merging import Ends, ends_at, find, page_after
from core.logs.browse.opened_log import OpenedLog
from core.logs.desk.rows import records_of
from core.logs.query.query import Query, parse_query
from core.logs.query.unknown import unknown_fields
from core.logs.scan.chunk import Order
from core.logs.stream.followed import Cancelled
from core.logs.stream.reading import ReadLimit
from core.model.log import LogPosition, LogRecord
from core.model.log_view import LogPicture, LogRow, RowKey
from core.model.text import SafeText, clean

_ONE = ReadLimit(records=1)
_SAMPLED = ReadLimit(records=200)


def within(query: Query, since_s: float | None, until_s: float | None) -> Query:
    """Return a query that asks no further than a window, and no further than it did."""
    begins = [one for one in (query.since_s, since_s) if one is not None]
    ends = [one for one in (query.until_s, until_s) if one is not None]
    return replace(query, since_s=max(begins, default=None), until_s=min(ends, default=None))


@dataclass(frozen=True, slots=True)
class Start:
    """Where to look on from a row."""

    ends: Ends
    passed: Mapping[str, LogPosition] = field(default_factory=dict[str, LogPosition])
    """Of each log the last record up to there, going on: a log may be read on from it once more."""


def start_before(rows: Sequence[LogRow], row: RowKey | None, reached: Ends) -> Start:
    """Return where to look back from a row; one that is not there, and none: from the end.

    Args:
        rows: What is loaded.
        row: The row.
        reached: Where each log stands behind all that was read of it.
    """
    return Start(ends_at(records_of(rows[_place(rows, row) :]), 0, reached))


def start_behind(rows: Sequence[LogRow], row: RowKey | None, below: Ends) -> Start:
    """Return where to look on behind a row; one that is not there, and none: behind all.

    Args:
        rows: What is loaded.
        row: The row.
        below: Where each log is read on.
    """
    at = _place(rows, row) + 1
    passed = {one.source: one.position for one in records_of(rows[:at])}
    return Start(ends_at(records_of(rows[at:]), 0, below), passed)


def _place(rows: Sequence[LogRow], row: RowKey | None) -> int:
    return next((place for place, one in enumerate(rows) if one.key == row), len(rows))


def first_from(rows: Sequence[LogRow], time_s: float) -> RowKey | None:
    """Return the first row at a moment or after it; the first of all when none is that late."""
    near = (row for row in rows if row.time_s is not None and row.time_s >= time_s)
    row = next(near, rows[0] if rows else None)
    return row.key if row is not None else None


def next_match(
    logs: Sequence[OpenedLog],
    wanted: Query,
    shown: Query | None,
    start: Start,
    cancelled: Cancelled,
    *,
    is_backwards: bool,
) -> LogRecord | None:
    """Return the nearest record that matches and is not hidden; None as well when cancelled.

    Raises:
        LogUnreadableError: bytes cannot be had any more; look for news and ask again.
    """
    if shown is not None:
        wanted = within(wanted, shown.since_s, shown.until_s)
    order = Order.NEWEST_FIRST if is_backwards else Order.OLDEST_FIRST
    ends = start.ends
    while (page := find(logs, wanted, ends, order, cancelled)).records:
        record = page.records[0]
        last = start.passed.get(record.source)
        is_behind = last is None or record.position > last
        if is_behind and (shown is None or shown.matches(record)):
            return record
        ends = page.ends
    return None


def record_at(
    logs: Sequence[OpenedLog], source: str, position: LogPosition, cancelled: Cancelled
) -> LogRecord | None:
    """Return the record that begins at a place of a log; None: it is not there any more.

    Raises:
        LogUnreadableError: as `next_match`.
    """
    log = next((one for one in logs if one.source == source), None)
    found = log.after(position, _ONE, cancelled) if log is not None else ()
    return next((one for one in found if one.position == position), None)


def places_at(
    logs: Sequence[OpenedLog],
    time_s: float | None,
    known: Mapping[str, LogPosition],
    query: Query | None,
    cancelled: Cancelled,
) -> dict[str, LogPosition | None]:
    """Return where each log stands at a moment; `known`: those for which it is certain.

    Raises:
        LogUnreadableError: as `next_match`.
    """
    places = dict[str, LogPosition | None](known)
    if time_s is None:
        return places
    bound = within(query or parse_query("", time_s), time_s, None)
    for log in logs:
        if log.source not in places:
            begin: Ends = {log.source: log.begin_position()}
            page = page_after((log,), begin, 1, bound, cancelled)
            places[log.source] = (
                page.records[0].position if page.records else log.end_position(cancelled)
            )
    return places


def asked_in_vain(picture: LogPicture, query: Query | None) -> list[str]:
    """Return the fields that were asked for and found in no record."""
    names = list(query.fields) if query is not None and not picture.count.matched else []
    if picture.tops is not None and not picture.tops.total:
        names.append(picture.tops.field)
    if picture.measure is not None and not picture.measure.count:
        names.append(picture.measure.field)
    return names


def unknown_names(logs: Sequence[OpenedLog], fields: Sequence[str]) -> tuple[SafeText, ...]:
    """Return which of some fields the newest records have not, each with the nearest they have.

    Raises:
        LogUnreadableError: as `next_match`.
    """
    if not fields:
        return ()
    names = {
        name for log in logs for record in log.before(None, _SAMPLED) for name in record.fields
    }
    return tuple(
        clean(f"{one.name} (did you mean {one.nearest}?)" if one.nearest else one.name)
        for one in unknown_fields(fields, names)
    )
