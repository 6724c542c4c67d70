"""The desk itself: carries out orders one after the other and keeps the picture true.

Blocking and single-threaded; `core.logs.desk.desk_thread` gives it a thread. Whatever takes longer
than a moment is done in steps, and a step ends early when another order waits.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from core.errors import LogError
from core.logs.browse.merging import Ends, ends_at, ends_now, page_after, page_before
from core.logs.browse.opened_log import LogNews, OpenedLog
from core.logs.desk import finding, orders
from core.logs.desk.asked import Asked
from core.logs.desk.chosen import ChosenLogs
from core.logs.desk.marks import marked
from core.logs.desk.reckoning import Counted, Reckoning
from core.logs.desk.rows import (
    ROWS_KEPT,
    joined,
    records_of,
    rows_of,
    with_fresh,
    with_grown,
    with_seams,
)
from core.logs.desk.saving import pages, save
from core.logs.query.query import Query
from core.model.log import LogMark, LogPosition, LogRecord
from core.model.log_view import LogPicture, RowKey, SavedLogQuery
from core.model.text import EMPTY, SafeText, clean

PAGE_ROWS = 400
_FIRST_ROWS = 100
"""More than a screen shows. The rest of a page comes when this is in sight."""
_SILENT = (orders.Older, orders.Newer, orders.Hold, LogMark)
"""What nobody asks for by a key of its own: what was said before stays in sight."""


class Desk:
    """Chosen logs, laid side by side.

    Args:
        titles: What each log that can be chosen is called, by source, in the order of the list.
        open_log: Opens one by its source. Raises LogError.
        now_s: The present moment, seconds since 1970.
        is_interrupted: Whether another order waits: what can wait is left off.
        publish: Takes every new picture.
        saved: The saved queries that there are.
    """

    def __init__(
        self,
        titles: Mapping[str, SafeText],
        open_log: Callable[[str], OpenedLog],
        now_s: Callable[[], float],
        is_interrupted: Callable[[], bool],
        publish: Callable[[LogPicture], None],
        saved: tuple[SavedLogQuery, ...] = (),
    ) -> None:
        self._chosen = ChosenLogs(titles, open_log)
        self._now_s = now_s
        self._is_interrupted = is_interrupted
        self._publish = publish
        self._asked = Asked()
        self._is_tail_cut = False
        """Reading the last records was broken off, and is to be done again."""
        self._is_page_cut = False  # only the first rows of the last page were read
        self._above: Ends = {}
        self._below: dict[str, LogPosition | None] = {}
        """Where each log stands behind the last row; what was not whole yet may stand before."""
        self._is_held = False
        self._reckoning = Reckoning(now_s, is_interrupted)
        self.picture = LogPicture(logs=self._chosen.statuses(), saved=saved)

    @property
    def watched_paths(self) -> tuple[str, ...]:
        """Paths whose change makes a look worth while."""
        return tuple(path for log in self._opened for path in log.watched_paths)

    @property
    def has_work(self) -> bool:
        """Whether a count goes on."""
        return self._is_tail_cut or self._is_page_cut or self._reckoning.has_work

    def close(self) -> None:
        """Let go of all logs."""
        self._reckoning.end()
        self._chosen.close()

    def carry_out(self, order: orders.Order) -> None:
        """Do what was asked; what cannot be done becomes the picture's problem."""
        if not isinstance(order, _SILENT):
            self.picture = replace(self.picture, problem=EMPTY, notice=EMPTY)
            self._is_page_cut = False
        try:
            self._carry_out(order)
        except LogError as error:
            self._show(problem=clean(str(error), 300), busy="")

    def _carry_out(self, order: orders.Order) -> None:
        match order:
            case orders.Choose(sources):
                self._chosen.choose(sources)
                self._restart()
            case orders.Ask(query, window_s):
                self._asked = Asked(query, window_s)
                self._restart()
            case orders.Older(first):
                self._read_older_than(first)
            case orders.Newer():
                self._read_newer()
            case orders.ToEnd():
                self._to_end()
            case orders.ToStart():
                self._reload_start()
            case orders.Hold(is_held):
                self._hold(is_held)
            case LogMark():
                self._mark(order)
            case _:
                self._run_errand(order)

    def _mark(self, mark: LogMark) -> None:
        sources, is_at_end = [one.source for one in self._opened], self.picture.is_at_end
        rows, seam = marked(self.picture.rows, sources, mark, is_at_end=is_at_end)
        if seam is not None:
            self._chosen.remember((seam,))
            self._show(rows=rows)

    def _run_errand(self, order: orders.Errand) -> None:
        match order:
            case orders.Find():
                self._find(order)
            case orders.GoTo(time_s):
                self._go_to(time_s)
            case orders.Around(source, position, time_s):
                self._asked = Asked()
                self._load_around(time_s, {source: position})
                self._aim((source, position, False))
                self._begin_pass()
            case orders.ShowRecord(source, position):
                record = finding.record_at(self._opened, source, position, self._is_interrupted)
                if record is None:
                    self._show(problem=clean("that record is not there any more"))
                else:
                    self._go_to_record(record, "that record is not among the last ones")
            case orders.Figures():
                self._reckoning.figures = order
                self._begin_pass()
            case orders.Recall(sources, query, window_s, last, figures):
                self._chosen.choose(sources)
                self._asked = Asked(query, window_s, last)
                self._reckoning.figures = figures
                self._restart()
            case orders.Save(path):
                self._save(path)

    def _save(self, path: str) -> None:
        self._show(busy="saving", notice=EMPTY)
        found = pages(self._opened, self._effective, self._is_interrupted)
        if self._asked.last is not None:
            found = iter([(records_of(self.picture.rows), True)])
        self._show(busy="", notice=clean(save(path, found), 500))

    # Which logs, and what of them

    def _restart(self) -> None:
        """Read the end anew and count anew, as the query and the window now say."""
        self._reload_end()
        self._begin_pass()

    @property
    def _effective(self) -> Query | None:
        return self._asked.effective(self._now_s())

    @property
    def _opened(self) -> tuple[OpenedLog, ...]:
        return self._chosen.opened

    def _reload_end(self) -> None:
        self._is_held = False
        self._show(busy="reading", problem=EMPTY)
        below, limit = ends_now(self._opened, self._is_interrupted), self._asked.last or _FIRST_ROWS
        page = page_before(self._opened, below, limit, self._effective, self._is_interrupted)
        self._above, self._below = page.ends, dict(below)
        is_whole = page.is_last or len(page.records) >= limit
        self._is_tail_cut = self._asked.last is not None and not is_whole
        self._is_page_cut = self._asked.last is None and not page.is_last
        rows = self._chosen.with_seams(rows_of(page.records), page.is_last, is_at_end=True)
        is_at_start = page.is_last or self._asked.last is not None
        self._show(rows=rows, is_at_start=is_at_start, is_at_end=True, newer=0, busy="")

    def _to_end(self) -> None:
        if self._asked.last is None:
            self._reload_end()
        else:
            self._restart()

    def _reload_start(self) -> None:
        if self._asked.last is not None:
            self._aim(self.picture.rows[0].key if self.picture.rows else None)
            return
        above = {log.source: log.begin_position() for log in self._opened}
        page = page_after(self._opened, above, PAGE_ROWS, self._effective, self._is_interrupted)
        self._above, self._below = above, dict(page.ends)
        rows = self._chosen.with_seams(rows_of(page.records), True, is_at_end=page.is_last)
        self._show(rows=rows, is_at_start=True, is_at_end=page.is_last, problem=EMPTY)
        self._aim(rows[0].key if rows else None)

    def _read_older_than(self, first: RowKey | None) -> None:
        # The rest of a page comes by itself, once its beginning is in sight.
        if not self._is_page_cut and first in {None, *(row.key for row in self.picture.rows[:1])}:
            self._read_older()

    def _read_older(self, wanted: int = PAGE_ROWS) -> None:
        self._is_page_cut = False
        if self.picture.is_at_start:
            return
        page = page_before(self._opened, self._above, wanted, self._effective, self._is_interrupted)
        self._above = page.ends
        rows, dropped = joined(rows_of(page.records), self.picture.rows, keep_first=True)
        if dropped:
            self._below = ends_at(records_of(dropped), 0, self._below)
        is_at_end = self.picture.is_at_end and not dropped
        rows = self._chosen.with_seams(rows, page.is_last, is_at_end=is_at_end)
        self._show(rows=rows, is_at_start=page.is_last, is_at_end=is_at_end)

    def _read_newer(self) -> None:
        if self.picture.is_at_end:
            return
        page = page_after(
            self._opened, self._below, PAGE_ROWS, self._effective, self._is_interrupted
        )
        self._below = dict(page.ends)
        rows, dropped = joined(self.picture.rows, rows_of(page.records), keep_first=False)
        if dropped:
            self._above = ends_at(records_of(rows), 0, self._below)
        is_at_start = self.picture.is_at_start and not dropped
        rows = self._chosen.with_seams(rows, is_at_start, is_at_end=page.is_last)
        self._show(rows=rows, is_at_start=is_at_start, is_at_end=page.is_last)

    # What comes

    def look(self) -> bool:
        """Take what has come into the picture; tell whether more waits already."""
        has_more = False
        for log in self._opened:
            try:
                news = log.news(self._now_s(), self._is_interrupted)
            except LogError as error:
                self._show(problem=clean(str(error), 300))
                continue
            has_more = has_more or news.has_more
            self._chosen.count_lost(log.source, news.lost_bytes)
            self._chosen.remember(news.seams)
            if news.records or news.seams or news.withdrawn:
                self._take(log, news)
        if self._chosen.statuses() != self.picture.logs:
            self._show()
        return has_more

    def _take(self, log: OpenedLog, news: LogNews) -> None:
        kept = self._asked.wanted(news.records, self._now_s())
        self._reckoning.take(kept)
        rows, fresh = with_grown(
            self.picture.rows, log.source, kept, news, self._below.get(log.source)
        )
        newer = self.picture.newer + (len(fresh) if self._is_held else 0)
        is_full = self._is_held and len(rows) + len(fresh) > ROWS_KEPT
        if not self.picture.is_at_end or is_full:
            if self.picture.is_at_end and news.records:
                # What had not ended is read once more from where it begins.
                first, known = news.records[0].position, self._below.get(log.source)
                self._below[log.source] = first if known is None else min(first, known)
            self._show_counts(rows=rows, is_at_end=False, newer=newer)
            return
        rows, dropped = with_fresh(rows, with_seams(fresh, news.seams))
        if news.records:
            self._below[log.source] = news.records[-1].position
        if dropped:
            self._above = ends_at(records_of(rows), 0, self._below)
        is_at_start = self.picture.is_at_start and not dropped
        self._show_counts(rows=rows, is_at_start=is_at_start, newer=newer)

    def _hold(self, is_held: bool) -> None:
        self._is_held = is_held
        if not is_held and self.picture.is_at_end:
            self._show(newer=0)
        if not is_held and not self.picture.is_at_end:
            self._to_end()

    def _find(self, order: orders.Find) -> None:
        query, is_backwards = order.query, order.is_backwards
        if order.is_counted:
            self._reckoning.seek(query)
            self._show_counts()
        if query is None:
            return
        self._show(busy="searching")
        starts = finding.starting_points(
            self.picture.rows, order.start, self._below, is_backwards=is_backwards
        )
        record = finding.next_match(
            self._opened,
            query,
            self._effective,
            starts,
            self._is_interrupted,
            is_backwards=is_backwards,
        )
        self._show(busy="")
        if record is None:
            if not self._is_interrupted():
                where = "before" if is_backwards else "after"
                self._show(problem=clean(f"no match {where} this row: {query.text}", 200))
            return
        self._go_to_record(record, "no match among the last records")

    def _go_to_record(self, record: LogRecord, problem: str) -> None:
        key = (record.source, record.position, False)
        if all(row.key != key for row in self.picture.rows):
            if self._asked.last is not None:
                self._show(problem=clean(problem))
                return
            self._load_around(record.time_s, {record.source: record.position})
        self._aim(key)

    def _go_to(self, time_s: float) -> None:
        if self._asked.last is None:
            self._load_around(time_s, {})
        self._aim(finding.first_from(self.picture.rows, time_s))

    def _load_around(self, time_s: float | None, known: Mapping[str, LogPosition]) -> None:
        """Show the stretch that begins at a moment, with some rows before it."""
        query, logs, cancelled = self._effective, self._opened, self._is_interrupted
        places = finding.places_at(logs, time_s, known, query, cancelled)
        before = page_before(logs, places, PAGE_ROWS // 2, query, cancelled)
        after = page_after(logs, places, PAGE_ROWS, query, cancelled)
        self._above, self._below = before.ends, dict(after.ends)
        self._is_held = True
        read = rows_of((*before.records, *after.records))
        rows = self._chosen.with_seams(read, before.is_last, is_at_end=after.is_last)
        self._show(rows=rows, is_at_start=before.is_last, is_at_end=after.is_last)

    def _aim(self, key: RowKey | None) -> None:
        self._show(goal=key, goal_number=self.picture.goal_number + 1)

    def _begin_pass(self) -> None:
        records = records_of(self.picture.rows) if self._asked.last is not None else None
        self._reckoning.begin(Counted(self._opened, self._effective, records))
        self._show_counts(unknown_fields=())

    def step(self) -> None:
        """Go on with what was broken off, or with counting, for a moment."""
        try:
            if self._is_tail_cut:
                self._is_tail_cut = False
                self._restart()
                return
            if self._is_page_cut:
                self._read_older(PAGE_ROWS - _FIRST_ROWS)
                return
            if not self._reckoning.has_work:
                return
            if self._reckoning.step():
                self._show_counts()
            if not self._reckoning.has_work:
                names = finding.asked_in_vain(self.picture, self._asked.query)
                self._show(unknown_fields=finding.unknown_names(self._opened, names))
        except LogError as error:
            self._show(problem=clean(str(error), 300), busy="")

    def _show_counts(self, **changes: object) -> None:
        reckoning = self._reckoning
        self._show(
            count=reckoning.count or self.picture.count,
            matches=reckoning.matches,
            tops=reckoning.tops,
            measure=reckoning.measure,
            personal=reckoning.personal,
            **changes,
        )

    # The picture

    def _show(self, **changes: object) -> None:
        picture = replace(
            self.picture,
            query_text=self._asked.text,
            window_s=self._asked.window_s,
            last=self._asked.last,
            logs=self._chosen.statuses(),
            skipped_bytes=self._chosen.lost_bytes,
        )
        # The names are those of LogPicture's fields; replace() refuses any other.
        self.picture = replace(picture, **changes)  # pyright: ignore[reportArgumentType]
        self._publish(self.picture)
