"""Between the Logs screen and the desk: wishes become orders, pictures are handed to the screen."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, runtime_checkable

from core.errors import QueryError
from core.logs.desk import orders
from core.logs.query.query import Query, parse_query
from core.model.log import LogMark
from core.model.log_view import LogPicture
from core.model.topology import LogQuerySpec
from screens import log_wishes as wishes
from screens.log_wish import LogWish
from tui.action_marks import ActionMarks
from tui.feed import Feed
from widgets.present.log_rows import Highlights

FEW_LOGS = 16
"""So many are shown side by side without being asked for."""
SHOW_GAP_S = 0.1
"""Ten pictures a second at most. After a quiet moment the first comes at once, so that a line is
in sight within a blink of its being written; a flood is looked at, not read."""


class DeskHandle(Protocol):
    """What reads logs, in a thread of its own."""

    @property
    def picture(self) -> LogPicture:
        """What is known now."""
        ...

    def start(self) -> None:
        """Begin to work."""
        ...

    def send(self, order: orders.Order | orders.Keep) -> None:
        """Ask for something; returns at once."""
        ...

    def painted(self, picture: LogPicture) -> None:
        """A picture is in sight: what had to wait for that goes on."""
        ...

    def stop(self, timeout_s: float = 1.0) -> bool:
        """Stop working; tell whether that worked in time."""
        ...


MakeDesk = Callable[[Callable[[], None]], DeskHandle]
"""Makes a desk that calls what it is given whenever its picture has changed."""


@runtime_checkable
class LogsFront(Protocol):
    """The screen, as far as it is spoken to from here."""

    logs: LogPicture | None
    highlights: Highlights | None

    def accept(self, text: str) -> None:
        """A query was understood."""
        ...

    def refuse(self, problem: str, at_char: int) -> None:
        """A query was not understood."""
        ...


_ANSWERED = (orders.Choose, orders.Ask, orders.Recall)
"""What other rows answer, mostly within a moment: until then the old ones need no painting."""


def _never(_done: Callable[[], object]) -> object:
    return None


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Pace:
    """When pictures are painted, and what that costs."""

    monotonic_s: Callable[[], float] = lambda: 0.0
    when_painted: Callable[[Callable[[], None]], object] = _never
    """Calls what it is given when what was assigned has been painted."""
    hold: Callable[[], None] = _nothing
    """Paints nothing for a moment."""
    let_go: Callable[[], None] = _nothing
    """Paints again."""


class LogLink:
    """Owns the desk: it is made when the screen is first shown, and outlives it.

    Args:
        make_desk: Makes the desk.
        now_s: Seconds since 1970.
        is_shown: Whether anybody looks at logs now.
        pace: Finds out what a picture costs, so that a flood leaves room for keys.
        marks: What happened to actions: drawn among the rows, where its time is.
    """

    def __init__(
        self,
        make_desk: MakeDesk,
        now_s: Callable[[], float],
        is_shown: Callable[[], bool],
        pace: Pace | None = None,
        marks: ActionMarks | None = None,
    ) -> None:
        self._pace = pace or Pace()
        self._marks = marks or ActionMarks()
        self._marks.tell(self._send_mark)
        self._make_desk = make_desk
        self._now_s = now_s
        self._is_shown = is_shown
        self._desk: DeskHandle | None = None
        self._screen: LogsFront | None = None
        self._feed = Feed(self._answer, self._has_news, gap_s=SHOW_GAP_S)
        self._shown: LogPicture | None = None

    def stop(self, timeout_s: float) -> None:
        """Let go of the logs."""
        self._feed.detach()
        if self._desk is not None:
            self._desk.stop(timeout_s)

    def show_again(self) -> None:
        """The screen is looked at again: give it what has come meanwhile."""
        self._hand_over()

    def take(self, screen: LogsFront, wish: LogWish) -> None:
        """Carry out what the screen wants."""
        self._screen = screen
        desk = self._opened()
        try:
            order = self._order_of(screen, wish)
        except QueryError as error:
            remedy = f"; {error.remedy}" if error.remedy else ""
            screen.refuse(f"{error.problem}{remedy}", error.at_char)
            return
        is_held = False
        if order is not None:
            self._feed.hurry()
            before = desk.picture
            desk.send(order)
            is_held = isinstance(order, _ANSWERED) and desk.picture.rows is before.rows
            if is_held:
                self._pace.hold()
            if isinstance(order, orders.Choose | orders.Recall):
                # These logs may not have been open when it happened.
                for mark in self._marks.recent:
                    desk.send(mark)
        self._hand_over(is_held=is_held)

    def _send_mark(self, mark: LogMark) -> None:
        if self._desk is not None:
            self._desk.send(mark)

    def _opened(self) -> DeskHandle:
        if self._desk is None:
            self._feed.attach()
            self._desk = self._make_desk(self._feed.tell)
            self._desk.start()
        return self._desk

    def _has_news(self) -> bool:
        shown, now = self._shown, self._desk.picture if self._desk is not None else None
        if now is None or now is shown:
            return False
        # That it is at work, the tick tells, where it lasts: mostly the answer comes at once.
        return not now.busy or shown is None or now.rows is not shown.rows

    def _answer(self) -> None:
        self._pace.let_go()
        self._hand_over()

    def _hand_over(self, *, is_held: bool = False) -> None:
        desk = self._desk
        if desk is None or self._screen is None or not self._is_shown():
            return
        shown, begun_s = desk.picture, self._pace.monotonic_s()
        self._shown = self._screen.logs = shown
        if is_held:
            # Nobody sees this one: the desk would begin to count beside the painting of the next.
            return

        def painted() -> None:
            self._feed.spare(self._pace.monotonic_s() - begun_s)
            desk.painted(shown)

        self._pace.when_painted(painted)

    def _order_of(self, screen: LogsFront, wish: LogWish) -> orders.Order | orders.Keep | None:
        """Return what the desk shall do; None where there is nothing to do for it."""
        match wish:
            case wishes.QueryWanted(text, window_s):
                return orders.Ask(self._understood(screen, text), window_s)
            case wishes.SearchWanted(text, start, is_backwards, is_counted):
                # Errors are gone to beside a search: it goes on standing out.
                is_search = is_counted and bool(text)
                query = self._understood(screen, text) if is_search else self._parsed(text)
                return orders.Find(query, start, is_backwards, is_counted)
            case wishes.TextSought(text):
                self._mark_while_typing(screen, text)
                return None
            case wishes.AroundWanted(row, time_s):
                screen.accept("")
                return orders.Around(row[0], row[1], time_s)
            case wishes.FiguresWanted(count_by, measure, is_personal):
                return orders.Figures(count_by, measure, is_personal)
            case wishes.RecordWanted(source, position):
                return orders.ShowRecord(source, position)
            case wishes.RecallWanted(saved, text):
                return self._recalled(screen, saved.spec, saved.source, text)
            case wishes.SaveWanted():
                return orders.Save(self._free_path())
            case _:
                return self._plain_order(wish)

    def _recalled(
        self, screen: LogsFront, spec: LogQuerySpec, source: str, text: str
    ) -> orders.Recall:
        """Return a saved query as an order; without a filter it asks for all there is, too."""
        query = self._understood(screen, text) or parse_query("", self._now_s())
        figures = orders.Figures(spec.count_by, spec.measure)
        return orders.Recall((source,), query, spec.window_s, spec.last, figures)

    def _plain_order(self, wish: LogWish) -> orders.Order | orders.Keep | None:
        match wish:
            case wishes.LogsOpened():
                return orders.Choose(self._first_choice())
            case wishes.LogsChosen(sources):
                return orders.Choose(sources)
            case wishes.RowsWanted(is_older):
                return self._older() if is_older else orders.Newer()
            case wishes.HoldWanted(is_held):
                return orders.Hold(is_held)
            case wishes.EdgeWanted(is_start):
                return orders.ToStart() if is_start else orders.ToEnd()
            case wishes.MomentWanted(time_s):
                return orders.GoTo(time_s)
            case wishes.KeepingWanted(is_wanted):
                return orders.Keep(is_wanted)
            case _:
                return None

    def _older(self) -> orders.Older:
        rows = self._shown.rows if self._shown is not None else ()
        return orders.Older(rows[0].key if rows else None)

    def _understood(self, screen: LogsFront, text: str) -> Query | None:
        query = self._parsed(text)
        self._mark(screen, query)
        screen.accept(text)
        return query

    def _free_path(self) -> str:
        """Return where to save: the folder that the console was started in."""
        moment = datetime.fromtimestamp(self._now_s(), UTC)
        return str(Path.cwd() / f"quarterdeck-logs-{moment:%Y%m%dT%H%M%SZ}.log")

    def _first_choice(self) -> tuple[str, ...]:
        """Return what is shown before anybody chose: all logs if they are few."""
        sources = [one.source for one in self._desk.picture.logs] if self._desk else []
        if len(sources) <= FEW_LOGS or not sources:
            return tuple(sources)
        first = sources[0].partition("/")[0]
        return tuple(one for one in sources if one.partition("/")[0] == first)

    def _parsed(self, text: str) -> Query | None:
        return parse_query(text, self._now_s()) if text.strip() else None

    def _mark(self, screen: LogsFront, query: Query | None) -> None:
        screen.highlights = query.highlights if query is not None else None

    def _mark_while_typing(self, screen: LogsFront, text: str) -> None:
        """Mark what is typed so far; a query that is not finished yet is no mistake."""
        try:
            self._mark(screen, self._parsed(text))
        except QueryError:
            self._mark(screen, None)
