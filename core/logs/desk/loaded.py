"""The stretch of rows that is loaded: read at an end or around a moment, and read on from there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.logs.browse.merging import Ends, ends_at, ends_now, page_after, page_before
from core.logs.browse.opened_log import OpenedLog
from core.logs.desk.rows import joined, records_of, rows_of, with_known_seams
from core.logs.query.query import Query
from core.logs.stream.followed import Cancelled
from core.model.log import LogPosition, Seam
from core.model.log_view import LogRow, RowKey

PAGE_ROWS = 400
FIRST_ROWS = 100
"""More than a screen shows. The rest of a page comes when this is in sight."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What rows are read of."""

    logs: Sequence[OpenedLog]
    query: Query | None
    """None: every record."""
    last: int | None
    """Only so many from the end, and what comes after them."""
    seams: tuple[Seam, ...]
    """Where the logs were cut and joined, as far as that is remembered."""
    cancelled: Cancelled


@dataclass(frozen=True, slots=True)
class Loaded:
    """Rows in time order, and where each log stands before them and behind them."""

    rows: tuple[LogRow, ...] = ()
    is_at_start: bool = False
    is_at_end: bool = True
    above: Ends = field(default_factory=dict[str, LogPosition | None])
    """Where each log is read on before the first row."""
    below: Ends = field(default_factory=dict[str, LogPosition | None])
    """Where each log is read on; what was not whole yet is read once more from where it begins."""
    reached: Ends = field(default_factory=dict[str, LogPosition | None])
    """Where each log stands behind all that was read of it."""
    newer: int = 0
    """Records that came since it is held."""
    is_held: bool = False
    """Somebody reads further up."""
    is_tail_cut: bool = False
    """Reading the last records was broken off, and is to be done again."""
    is_page_cut: bool = False
    """Only the first rows of the last page were read."""

    @property
    def first_key(self) -> RowKey | None:
        """The key of the first row; None: there is none."""
        return self.rows[0].key if self.rows else None


def at_end(scope: Scope) -> Loaded:
    """Read the newest records.

    Raises:
        LogUnreadableError: bytes cannot be had any more; look for news and ask again.
    """
    below, limit = ends_now(scope.logs, scope.cancelled), scope.last or FIRST_ROWS
    page = page_before(scope.logs, below, limit, scope.query, scope.cancelled)
    is_whole = page.is_last or len(page.records) >= limit
    return Loaded(
        rows=_with_seams(rows_of(page.records), scope, page.is_last, is_at_end=True),
        is_at_start=page.is_last or scope.last is not None,
        is_at_end=True,
        above=page.ends,
        below=below,
        reached=below,
        is_tail_cut=scope.last is not None and not is_whole,
        is_page_cut=scope.last is None and not page.is_last,
    )


def at_start(loaded: Loaded, scope: Scope) -> Loaded:
    """Read the oldest records in place of what is loaded. Raises as `at_end`."""
    above = {log.source: log.begin_position() for log in scope.logs}
    page = page_after(scope.logs, above, PAGE_ROWS, scope.query, scope.cancelled)
    rows = _with_seams(rows_of(page.records), scope, True, is_at_end=page.is_last)
    return replace(
        loaded,
        rows=rows,
        is_at_start=True,
        is_at_end=page.is_last,
        above=above,
        below=page.ends,
        reached=page.ends,
    )


def around(loaded: Loaded, scope: Scope, places: Mapping[str, LogPosition | None]) -> Loaded:
    """Read the stretch that begins at a place in each log, and some rows before it.

    It is held. Raises as `at_end`.
    """
    logs, query, cancelled = scope.logs, scope.query, scope.cancelled
    before = page_before(logs, places, PAGE_ROWS // 2, query, cancelled)
    after = page_after(logs, places, PAGE_ROWS, query, cancelled)
    read = rows_of((*before.records, *after.records))
    return replace(
        loaded,
        rows=_with_seams(read, scope, before.is_last, is_at_end=after.is_last),
        is_at_start=before.is_last,
        is_at_end=after.is_last,
        above=before.ends,
        below=after.ends,
        reached=after.ends,
        is_held=True,
    )


def with_older(loaded: Loaded, scope: Scope, wanted: int = PAGE_ROWS) -> Loaded:
    """Read on before the first row; what is too much is let go at the end. Raises as `at_end`."""
    page = page_before(scope.logs, loaded.above, wanted, scope.query, scope.cancelled)
    rows, dropped = joined(rows_of(page.records), loaded.rows, keep_first=True)
    is_at_end, let_go = loaded.is_at_end and not dropped, records_of(dropped)
    return replace(
        loaded,
        rows=_with_seams(rows, scope, page.is_last, is_at_end=is_at_end),
        is_at_start=page.is_last,
        is_at_end=is_at_end,
        above=page.ends,
        below=ends_at(let_go, 0, loaded.below),
        reached=ends_at(let_go, 0, loaded.reached),
        is_page_cut=False,
    )


def with_newer(loaded: Loaded, scope: Scope) -> Loaded:
    """Read on after the last row; what is too much is let go at the start. Raises as `at_end`."""
    page = page_after(scope.logs, loaded.below, PAGE_ROWS, scope.query, scope.cancelled)
    rows, dropped = joined(loaded.rows, rows_of(page.records), keep_first=False)
    is_at_start = loaded.is_at_start and not dropped
    return replace(
        loaded,
        rows=_with_seams(rows, scope, is_at_start, is_at_end=page.is_last),
        is_at_start=is_at_start,
        is_at_end=page.is_last,
        above=ends_at(records_of(rows), 0, page.ends) if dropped else loaded.above,
        below=page.ends,
        reached=page.ends,
    )


def _with_seams(
    rows: tuple[LogRow, ...], scope: Scope, is_at_start: bool, *, is_at_end: bool
) -> tuple[LogRow, ...]:
    return with_known_seams(rows, scope.seams, is_at_start=is_at_start, is_at_end=is_at_end)
