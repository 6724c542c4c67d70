"""What comes of the open logs, put to the rows that are loaded. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from core.logs.browse.merging import ends_at
from core.logs.browse.opened_log import LogNews
from core.logs.desk.loaded import Loaded
from core.logs.desk.rows import (
    ROWS_KEPT,
    before_first,
    records_of,
    with_fresh,
    with_grown,
    with_seams,
)
from core.model.log import LogPosition, LogRecord


def with_news(loaded: Loaded, source: str, kept: Sequence[LogRecord], news: LogNews) -> Loaded:
    """Return what is loaded with what has come of one log.

    Args:
        loaded: What there is. Where it does not go on to the end, only what grew is taken.
        source: The log that has news.
        kept: Its new records that are not hidden.
        news: All its news.
    """
    known = loaded.below.get(source)
    rows, fresh = with_grown(loaded.rows, source, kept, news, known)
    loaded = replace(loaded, newer=loaded.newer + (len(fresh) if loaded.is_held else 0))
    is_full = loaded.is_held and len(rows) + len(fresh) > ROWS_KEPT
    below = dict(loaded.below)
    if not loaded.is_at_end or is_full:
        if loaded.is_at_end and news.records:
            # What had not ended is read once more from where it begins.
            first = news.records[0].position
            below[source] = first if known is None else min(first, known)
        return replace(loaded, rows=rows, is_at_end=False, below=below)
    reached = dict(loaded.reached)
    if news.records:
        below[source] = news.records[-1].position
        reached[source] = _behind(news.records[-1])
    # What is a little older than the first row comes with the page before it, in its place in time.
    early = 0 if loaded.is_at_start else before_first(rows, fresh)
    above = dict(loaded.above)
    if early:
        fresh = fresh[early:]
        above[source] = fresh[0].key[1] if fresh else reached[source]
    rows, dropped = with_fresh(rows, with_seams(fresh, news.seams))
    return replace(
        loaded,
        rows=rows,
        is_at_start=loaded.is_at_start and not dropped,
        above=ends_at(records_of(rows), 0, reached) if dropped else above,
        below=below,
        reached=reached,
    )


def _behind(record: LogRecord) -> LogPosition:
    """Return a place behind a record and not behind the one after it."""
    position = record.position
    return LogPosition(position.segment, position.offset + len(record.raw) + 1)
