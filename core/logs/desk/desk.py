"""The desk itself: carries out orders one after the other and keeps the picture true.

Blocking and single-threaded; `core.logs.desk.desk_thread` gives it a thread. Whatever takes longer
than a moment is done in steps, and a step ends early when another order waits.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from core.errors import LogError, LogUnreadableError
from core.logs.browse.opened_log import OpenedLog
from core.logs.desk import finding, going, orders
from core.logs.desk.arriving import with_news
from core.logs.desk.asked import Asked
from core.logs.desk.chosen import ChosenLogs
from core.logs.desk.loaded import (
    FIRST_ROWS,
    PAGE_ROWS,
    Loaded,
    Scope,
    at_end,
    with_newer,
    with_older,
)
from core.logs.desk.marks import marked
from core.logs.desk.reckoning import Counted, Reckoning
from core.logs.desk.rows import records_of
from core.logs.desk.saving import pages, save
from core.model.log import LogMark
from core.model.log_view import LogPicture, SavedLogQuery
from core.model.text import EMPTY, SafeText, clean

_SILENT = (orders.Older, orders.Newer, orders.Hold, LogMark)
"""What nobody asks for by a key of its own: what was said before stays in sight."""
_PATIENCE_S = 5.0
"""So long an order waits for a log that was cut or moved to say what there is instead: it looks
for a copy of what was cut for a second or more."""
_TRIED_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class _Postponed:
    """An order that met bytes which are not there any more."""

    order: orders.Order
    due_s: float
    """When it is tried again, after the next look."""
    until_s: float
    """Then no more."""


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
        self._loaded = Loaded()
        self._postponed: _Postponed | None = None
        self._reckoning = Reckoning(now_s, is_interrupted)
        self.picture = LogPicture(logs=self._chosen.statuses(), saved=saved)

    @property
    def watched_paths(self) -> tuple[str, ...]:
        """Paths whose change makes a look worth while."""
        return tuple(path for log in self._chosen.opened for path in log.watched_paths)

    @property
    def has_work(self) -> bool:
        """Whether something that was begun goes on."""
        loaded = self._loaded
        return loaded.is_tail_cut or loaded.is_page_cut or self._reckoning.has_work

    def close(self) -> None:
        """Let go of all logs."""
        self._reckoning.end()
        self._chosen.close()

    # What is asked

    def carry_out(self, order: orders.Order) -> None:
        """Do what was asked; what cannot be done becomes the picture's problem."""
        if not isinstance(order, _SILENT):
            self.picture = replace(self.picture, problem=EMPTY, notice=EMPTY)
            self._loaded = replace(self._loaded, is_page_cut=False)
            self._postponed = None
        now_s = self._now_s()
        self._try(_Postponed(order, now_s, now_s + _PATIENCE_S))

    def _try(self, postponed: _Postponed) -> None:
        """Carry out an order, or put it off until there is news of the bytes that it wants."""
        order = postponed.order
        try:
            self._carry_out(order)
        except LogUnreadableError as error:
            # What was begun to be saved lies there already, and would be in the way.
            if isinstance(order, orders.Save) or self._now_s() >= postponed.until_s:
                self._show(problem=clean(str(error), 300), busy="")
            elif self._postponed is None:
                self._postponed = postponed
        except LogError as error:
            self._show(problem=clean(str(error), 300), busy="")

    def _try_again(self) -> None:
        waiting, now_s = self._postponed, self._now_s()
        if waiting is not None and now_s >= waiting.due_s:
            self._postponed = None
            self._try(replace(waiting, due_s=now_s + _TRIED_EVERY_S))

    def _carry_out(self, order: orders.Order) -> None:
        match order:
            case orders.Choose() | orders.Ask() | orders.Recall():
                self._choose(order)
            case orders.Older() | orders.Newer() | orders.ToEnd() | orders.Hold():
                self._read(order)
            case orders.Figures():
                self._reckoning.figures = order
                self._begin_pass()
            case orders.Save(path):
                self._save(path)
            case LogMark():
                self._mark(order)
            case _:
                self._go(order)

    def _choose(self, order: orders.Choosing) -> None:
        match order:
            case orders.Choose(sources):
                self._chosen.choose(sources)
            case orders.Ask(query, window_s):
                self._asked = Asked(query, window_s)
            case orders.Recall(sources, query, window_s, last, figures):
                self._chosen.choose(sources)
                self._asked = Asked(query, window_s, last)
                self._reckoning.figures = figures
        self._restart()

    def _read(self, order: orders.Reading) -> None:
        loaded = self._loaded
        match order:
            case orders.Older(first):
                # The rest of a page comes by itself, once its beginning is in sight.
                if not loaded.is_page_cut and first in {None, loaded.first_key}:
                    self._read_older()
            case orders.Newer():
                if not loaded.is_at_end:
                    self._show_loaded(with_newer(loaded, self._scope))
            case orders.ToEnd():
                self._to_end()
            case orders.Hold(is_held):
                self._hold(is_held)

    def _go(self, order: orders.Going) -> None:
        match order:
            case orders.ToStart():
                self._arrive(going.to_start(self._loaded, self._scope))
            case orders.GoTo(time_s):
                self._arrive(going.to_moment(self._loaded, self._scope, time_s))
            case orders.ShowRecord():
                self._arrive(going.to_record(self._loaded, self._scope, order))
            case orders.Around():
                self._asked = Asked()
                self._arrive(going.to_surroundings(self._loaded, self._scope, order))
                self._begin_pass()
            case orders.Find():
                self._find(order)

    def _find(self, order: orders.Find) -> None:
        if order.is_counted:
            self._reckoning.seek(order.query)
            self._show_counts()
        if order.query is not None:
            self._show(busy="searching")
            if not order.is_backwards:
                # Behind the last row stands, too, what has come and nobody has looked at yet: only
                # a look knows of it, and of the file that began anew where one was cut or moved.
                self.look()
            self._arrive(going.to_match(self._loaded, self._scope, order.query, order))

    def _arrive(self, arrival: going.Arrival) -> None:
        self._loaded = arrival.loaded
        if arrival.goal is None:
            self._show(problem=arrival.problem, busy="")
        else:
            self._show(goal=arrival.goal, goal_number=self.picture.goal_number + 1, busy="")

    def _mark(self, mark: LogMark) -> None:
        loaded, sources = self._loaded, [one.source for one in self._chosen.opened]
        rows, seam = marked(loaded.rows, sources, mark, is_at_end=loaded.is_at_end)
        if seam is not None:
            self._chosen.remember((seam,))
            self._show_loaded(replace(loaded, rows=rows))

    def _save(self, path: str) -> None:
        self._show(busy="saving", notice=EMPTY)
        scope = self._scope
        found = pages(scope.logs, scope.query, scope.cancelled)
        if scope.last is not None:
            found = iter([(records_of(self._loaded.rows), True)])
        self._show(busy="", notice=clean(save(path, found), 500))

    # Which rows

    @property
    def _scope(self) -> Scope:
        """What is read now, as the query and the window say."""
        return Scope(
            self._chosen.opened,
            self._asked.effective(self._now_s()),
            self._asked.last,
            self._chosen.seams,
            self._is_interrupted,
        )

    def _restart(self) -> None:
        """Read the end anew and count anew, as the query and the window now say."""
        self._read_end()
        self._begin_pass()

    def _to_end(self) -> None:
        if self._asked.last is None:
            self._read_end()
        else:
            self._restart()

    def _read_end(self) -> None:
        self._loaded = replace(self._loaded, is_held=False)
        self._show(busy="reading", problem=EMPTY)
        self._show_loaded(at_end(self._scope), busy="")

    def _read_older(self, wanted: int = PAGE_ROWS) -> None:
        self._loaded = replace(self._loaded, is_page_cut=False)
        if not self._loaded.is_at_start:
            self._show_loaded(with_older(self._loaded, self._scope, wanted))

    def _hold(self, is_held: bool) -> None:
        self._loaded = replace(self._loaded, is_held=is_held)
        if not is_held and self._loaded.is_at_end:
            self._show_loaded(replace(self._loaded, newer=0))
        elif not is_held:
            self._to_end()

    # What comes

    def look(self) -> bool:
        """Take what has come into the picture; tell whether more waits already."""
        has_more = False
        for log in self._chosen.opened:
            try:
                news = log.news(self._now_s(), self._is_interrupted)
            except LogError as error:
                self._show(problem=clean(str(error), 300))
                continue
            has_more = has_more or news.has_more
            self._chosen.count_lost(log.source, news.lost_bytes)
            self._chosen.remember(news.seams)
            if news.records or news.seams or news.withdrawn:
                kept = self._asked.wanted(news.records, self._now_s())
                self._reckoning.take(kept)
                self._loaded = with_news(self._loaded, log.source, kept, news)
                self._show_counts()
        if self._chosen.statuses() != self.picture.logs:
            self._show()
        self._try_again()
        return has_more

    # What goes on by itself

    def step(self) -> None:
        """Go on with what was broken off, or with counting, for a moment."""
        try:
            if self._loaded.is_tail_cut:
                self._loaded = replace(self._loaded, is_tail_cut=False)
                self._restart()
            elif self._loaded.is_page_cut:
                self._read_older(PAGE_ROWS - FIRST_ROWS)
            elif self._reckoning.has_work:
                self._count()
        except LogError as error:
            self._show(problem=clean(str(error), 300), busy="")

    def _begin_pass(self) -> None:
        scope = self._scope
        records = records_of(self._loaded.rows) if scope.last is not None else None
        self._reckoning.begin(Counted(scope.logs, scope.query, records))
        self._show_counts(unknown_fields=())

    def _count(self) -> None:
        if self._reckoning.step():
            self._show_counts()
        if not self._reckoning.has_work:
            names = finding.asked_in_vain(self.picture, self._asked.query)
            self._show(unknown_fields=finding.unknown_names(self._chosen.opened, names))

    # The picture

    def _show_loaded(self, loaded: Loaded, **changes: object) -> None:
        self._loaded = loaded
        self._show(**changes)

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

    def _show(self, **changes: object) -> None:
        loaded = self._loaded
        picture = replace(
            self.picture,
            rows=loaded.rows,
            is_at_start=loaded.is_at_start,
            is_at_end=loaded.is_at_end,
            newer=loaded.newer,
            query_text=self._asked.text,
            window_s=self._asked.window_s,
            last=self._asked.last,
            logs=self._chosen.statuses(),
            skipped_bytes=self._chosen.lost_bytes,
        )
        # The names are those of LogPicture's fields; replace() refuses any other.
        self.picture = replace(picture, **changes)  # pyright: ignore[reportArgumentType]
        self._publish(self.picture)
