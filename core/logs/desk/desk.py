"""The desk itself: carries out orders one after the other and keeps the picture true.

Blocking and single-threaded; `core.logs.desk.desk_thread` gives it a thread. Whatever takes longer
than a moment is done in steps, and a step ends early when another order waits.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from core.errors import LogError
from core.logs.browse.opened_log import LogNews, OpenedLog
from core.logs.desk import orders
from core.logs.desk.counting import Counting
from core.logs.desk.paging import Ends, after, page_after, page_before
from core.logs.desk.rows import ROWS_KEPT, joined, with_news
from core.logs.query.query import Query, parse_query
from core.logs.query.unknown import unknown_fields
from core.logs.stream.reading import ReadLimit
from core.model.log import LogPosition, LogRecord
from core.model.log_view import LogCount, LogPicture, LogRow, LogStatus
from core.model.text import EMPTY, SafeText, clean

PAGE_ROWS = 400
COUNT_BUCKETS = 120


class Desk:
    """Chosen logs, laid side by side.

    Args:
        titles: What each log that can be chosen is called, by source, in the order of the list.
        open_log: Opens one by its source. Raises LogError, or ClientError wrapped in it.
        now_s: The present moment, seconds since 1970.
        is_interrupted: Whether another order waits: what can wait is left off.
        publish: Takes every new picture.
    """

    def __init__(
        self,
        titles: Mapping[str, SafeText],
        open_log: Callable[[str], OpenedLog],
        now_s: Callable[[], float],
        is_interrupted: Callable[[], bool],
        publish: Callable[[LogPicture], None],
    ) -> None:
        self._open_log = open_log
        self._now_s = now_s
        self._is_interrupted = is_interrupted
        self._publish = publish
        self._logs: dict[str, OpenedLog] = {}
        self._failed: dict[str, SafeText] = {}
        self._lost: dict[str, int] = {}
        self._titles = dict(titles)
        self._query: Query | None = None
        self._window_s: float | None = None
        self._older_ends: Ends = {}
        self._newer_ends: Ends = {}
        self._is_held = False
        self._count: Counting | None = None
        self._goals = 0
        self.picture = LogPicture(logs=tuple(LogStatus(*item) for item in titles.items()))

    @property
    def watched_paths(self) -> tuple[str, ...]:
        """Paths whose change makes a look worth while."""
        return tuple(path for log in self._logs.values() for path in log.watched_paths)

    @property
    def has_work(self) -> bool:
        """Whether a count goes on."""
        return self._count is not None

    def close(self) -> None:
        """Let go of all logs."""
        for log in self._logs.values():
            log.close()

    def carry_out(self, order: orders.Order) -> None:
        """Do what was asked; what cannot be done becomes the picture's problem."""
        try:
            self._carry_out(order)
        except LogError as error:
            self._show(problem=clean(str(error), 300), busy="")

    def _carry_out(self, order: orders.Order) -> None:
        match order:
            case orders.Choose(sources):
                self._choose(sources)
            case orders.Ask(query, window_s):
                self._query, self._window_s = query, window_s
                self._restart()
            case orders.Older():
                self._read_older()
            case orders.Newer():
                self._read_newer()
            case orders.ToEnd():
                self._is_held = False
                self._reload_end()
            case orders.ToStart():
                self._reload_start()
            case orders.Hold(is_held):
                self._hold(is_held)
            case orders.Find(query, start, is_backwards):
                self._find(query, start, is_backwards)
            case orders.GoTo(time_s):
                self._go_to(time_s)

    # Which logs, and what of them

    def _choose(self, sources: tuple[str, ...]) -> None:
        for source in set(self._logs) - set(sources):
            self._logs.pop(source).close()
        for source in sources:
            if source in self._logs:
                continue
            self._failed.pop(source, None)
            try:
                self._logs[source] = self._open_log(source)
            except LogError as error:
                self._failed[source] = clean(str(error), 300)
        self._restart()

    def _restart(self) -> None:
        """Read the end anew and count anew, as the query and the window now say."""
        self._is_held = False
        self._reload_end()
        self._begin_count()

    @property
    def _effective(self) -> Query | None:
        """The query with the window that was chosen beside it."""
        if self._window_s is None:
            return self._query
        since_s = self._now_s() - self._window_s
        query = self._query or parse_query("", self._now_s())
        own = query.since_s
        return replace(query, since_s=since_s if own is None else max(own, since_s))

    def _begin_count(self) -> None:
        if self._count is not None:
            self._count.close()
        self._count = Counting(self._opened, self._effective, COUNT_BUCKETS, self._now_s())
        self._show(count=LogCount(is_begun=True), unknown_fields=())

    @property
    def _opened(self) -> tuple[OpenedLog, ...]:
        return tuple(self._logs.values())

    # Pages

    def _reload_end(self) -> None:
        self._older_ends = {}
        self._newer_ends = {}
        self._show(busy="reading", problem=EMPTY)
        page = page_before(self._opened, {}, PAGE_ROWS, self._effective, self._is_interrupted)
        self._older_ends = page.ends
        rows = tuple(LogRow(record) for record in page.records)
        self._show(
            rows=rows, is_at_start=page.is_complete, is_at_end=True, newer=0, busy="", problem=EMPTY
        )

    def _reload_start(self) -> None:
        page = page_after(self._opened, {}, PAGE_ROWS, self._effective, self._is_interrupted)
        self._newer_ends = page.ends
        self._older_ends = {}
        rows = tuple(LogRow(record) for record in page.records)
        goal = rows[0].key if rows else None
        self._show(rows=rows, is_at_start=True, is_at_end=page.is_complete, busy="")
        self._aim(goal)

    def _read_older(self) -> None:
        if self.picture.is_at_start:
            return
        page = page_before(
            self._opened, self._older_ends, PAGE_ROWS, self._effective, self._is_interrupted
        )
        self._older_ends = page.ends
        older = tuple(LogRow(record) for record in page.records)
        rows, dropped = joined(older, self.picture.rows, keep_first=True)
        if dropped:
            self._newer_ends = ends_after(rows, self._opened)
        self._show(
            rows=rows,
            is_at_start=page.is_complete,
            is_at_end=self.picture.is_at_end and not dropped,
        )

    def _read_newer(self) -> None:
        if self.picture.is_at_end:
            return
        page = page_after(
            self._opened, self._newer_ends, PAGE_ROWS, self._effective, self._is_interrupted
        )
        self._newer_ends = page.ends
        newer = tuple(LogRow(record) for record in page.records)
        rows, dropped = joined(self.picture.rows, newer, keep_first=False)
        if dropped:
            self._older_ends = ends_before(rows, self._opened)
        self._show(
            rows=rows,
            is_at_start=self.picture.is_at_start and not dropped,
            is_at_end=page.is_complete,
            newer=0 if page.is_complete else self.picture.newer,
        )

    # What comes

    def look(self) -> bool:
        """Take what has come into the picture; tell whether more waits already."""
        has_more = False
        for source, log in self._logs.items():
            news = log.news(self._now_s(), self._is_interrupted)
            has_more = has_more or news.has_more
            if news.lost_bytes:
                self._lost[source] = self._lost.get(source, 0) + news.lost_bytes
            if news.records or news.seams or news.withdrawn:
                self._take(news)
        return has_more

    def _take(self, news: LogNews) -> None:
        query = self._effective
        kept = [
            record
            for record in news.records
            if query is None or (query.is_in_window(record) and query.matches(record))
        ]
        if self._count is None:
            self._show(count=added(self.picture.count, len(kept)))
        if not self.picture.is_at_end or (self._is_held and len(self.picture.rows) >= ROWS_KEPT):
            self._newer_ends = self._newer_ends or ends_after(self.picture.rows, self._opened)
            self._show(is_at_end=False, newer=self.picture.newer + len(kept))
            return
        fresh = [LogRow(record) for record in kept] + [LogRow(seam=seam) for seam in news.seams]
        rows, dropped = with_news(self.picture.rows, fresh, news)
        if dropped:
            self._older_ends = ends_before(rows, self._opened)
        self._show(rows=rows, is_at_start=self.picture.is_at_start and not dropped)

    def _hold(self, is_held: bool) -> None:
        self._is_held = is_held
        if not is_held and not self.picture.is_at_end:
            self._reload_end()

    # Going somewhere

    def _find(
        self, query: Query, start: tuple[str, LogPosition, bool] | None, is_backwards: bool
    ) -> None:
        self._show(busy="searching", problem=EMPTY)
        record = self._next_match(query, start, is_backwards)
        if record is None:
            where = "before" if is_backwards else "after"
            self._show(busy="", problem=clean(f"no match {where} this row"))
            return
        key = (record.source, record.position, False)
        if all(row.key != key for row in self.picture.rows):
            self._load_around(record.time_s, {record.source: record.position})
        self._show(busy="")
        self._aim(key)

    def _next_match(
        self, query: Query, start: tuple[str, LogPosition, bool] | None, is_backwards: bool
    ) -> LogRecord | None:
        """Return the nearest record that matches and is not hidden."""
        shown, rows = self._effective, self.picture.rows
        at = next((n for n, row in enumerate(rows) if row.key == start), 0)
        bounded = query
        if shown is not None:
            bounded = replace(query, since_s=shown.since_s, until_s=shown.until_s)
        ends = ends_before(rows[at:], self._opened)
        if not is_backwards:
            ends = ends_after(rows[: at + 1], self._opened)
        page = page_before if is_backwards else page_after
        while True:
            found = page(self._opened, ends, 1, bounded, self._is_interrupted)
            if not found.records:
                return None
            if shown is None or shown.matches(found.records[0]):
                return found.records[0]
            ends = found.ends

    def _go_to(self, time_s: float) -> None:
        self._load_around(time_s, {})
        rows = self.picture.rows
        near = [row for row in rows if row.time_s is not None and row.time_s >= time_s]
        self._aim((near or list(rows))[0].key if rows else None)

    def _load_around(self, time_s: float | None, known: Ends) -> None:
        """Show the stretch that begins at a moment, with a page before it."""
        query = self._effective
        at: dict[str, LogPosition | None] = dict(known)
        if time_s is not None:
            bound = replace(query or parse_query("", time_s), since_s=time_s)
            for log in self._opened:
                if log.source not in at:
                    first = page_after((log,), {}, 1, bound, self._is_interrupted).records
                    at[log.source] = first[0].position if first else None
        before = page_before(self._opened, at, PAGE_ROWS // 2, query, self._is_interrupted)
        starts = {name: place for name, place in at.items() if place is not None}
        after = page_after(
            [log for log in self._opened if log.source in starts],
            starts,
            PAGE_ROWS,
            query,
            self._is_interrupted,
        )
        self._older_ends, self._newer_ends = before.ends, after.ends
        self._is_held = True
        self._show(
            rows=tuple(LogRow(record) for record in (*before.records, *after.records)),
            is_at_start=before.is_complete,
            is_at_end=after.is_complete,
        )

    def _aim(self, key: tuple[str, LogPosition, bool] | None) -> None:
        self._goals += 1
        self._show(goal=key, goal_number=self._goals)

    # Counting

    def step(self) -> None:
        """Go on counting for a moment."""
        count = self._count
        if count is None:
            return
        try:
            is_going_on = count.step(self._is_interrupted)
        except LogError as error:
            self._count = None
            self._show(problem=clean(str(error), 300), count=replace(self.picture.count))
            return
        self._show(count=count.result(is_complete=not is_going_on))
        if not is_going_on:
            count.close()
            self._count = None
            if self._query is not None and not self.picture.count.matched:
                self._say_unknown(self._query)

    def _say_unknown(self, query: Query) -> None:
        """Say which fields of a query that matched nothing no record has at all."""
        names = {
            name
            for log in self._opened
            for record in log.before(None, ReadLimit(records=200))
            for name in record.fields
        }
        self._show(
            unknown_fields=tuple(
                clean(f"{one.name} (did you mean {one.nearest}?)" if one.nearest else one.name)
                for one in unknown_fields(query.fields, names)
            )
        )

    # The picture

    def _show(self, **changes: object) -> None:
        text = self._query.text if self._query is not None else ""
        picture = replace(
            self.picture,
            query_text=text,
            window_s=self._window_s,
            logs=tuple(self._status(source) for source in self._titles),
            skipped_bytes=sum(self._lost.values()),
        )
        # The names are those of LogPicture's fields; replace() refuses any other.
        self.picture = replace(picture, **changes)  # pyright: ignore[reportArgumentType]
        self._publish(self.picture)

    def _status(self, source: str) -> LogStatus:
        title = self._titles[source]
        if source in self._failed:
            return LogStatus(source, title, True, "refused", self._failed[source])
        log = self._logs.get(source)
        if log is None:
            return LogStatus(source, title)
        state = log.state
        return LogStatus(
            source,
            title,
            True,
            str(state.word),
            state.note,
            log.size_bytes,
            self._lost.get(source, 0),
        )


def ends_before(rows: Sequence[LogRow], logs: Sequence[OpenedLog]) -> Ends:
    """Return where each log's first row begins; a log without rows is read from its end."""
    first: dict[str, LogPosition | None] = {}
    for row in rows:
        if row.record is not None:
            first.setdefault(row.record.source, row.record.position)
    return {log.source: first.get(log.source) for log in logs}


def ends_after(rows: Sequence[LogRow], logs: Sequence[OpenedLog]) -> Ends:
    """Return where each log goes on after its last row."""
    last: dict[str, LogPosition | None] = {}
    for row in reversed(rows):
        if row.record is not None:
            record = row.record
            last.setdefault(record.source, after(record.position))
    return {log.source: last.get(log.source) for log in logs}


def added(count: LogCount, matched: int) -> LogCount:
    """Return a finished count with what has come since."""
    return replace(count, matched=count.matched + matched)
