"""Queries on the Streams screen: typed, understood or not, asked, ended and undone."""

from dataclasses import replace
from typing import Final

from textual import on

from core.model.redis_view import Cancel, LookNow, Scan
from core.model.stream import PendingFilter
from core.model.text import clean
from screens.stream_looking import StreamLooking
from widgets.entries_table_pane import EntriesTablePane
from widgets.filter_bar import FilterBar
from widgets.letters_table_pane import LettersTablePane
from widgets.present.letters_query import (
    LETTERS_HINT,
    letters_query_text,
    parse_letters_query,
)
from widgets.present.pending_query import (
    HINT,
    PendingQueryError,
    parse_pending_query,
    pending_query_text,
)
from widgets.present.stream_moment import MomentError, parse_moment
from widgets.present.stream_pages import StreamPage
from widgets.query_bar import QueryBar

_SEARCH, _TIME = "/", "time "
_HINTS: Final = {
    StreamPage.PENDING: HINT,
    StreamPage.ENTRIES: "text somewhere in the payload, in any case   (empty: all)",
    StreamPage.LETTERS: LETTERS_HINT,
}
_TIME_HINT = "15m (ago), 14:30, 2026-03-01 14:30 or an id, UTC   (empty: the newest)"


class StreamAsking(StreamLooking):
    """The part of the Streams screen that says which entries there shall be."""

    def __init__(self, title: str = "") -> None:
        super().__init__(title)
        self._goes_to_oldest = False
        """The cursor goes to the oldest row when the next page has come: the time asked for."""

    # Typing

    def open_filter(self) -> None:
        """Filter the rows; where the server has more of them, ask the server."""
        if self.page is StreamPage.STREAMS:
            super().open_filter()
            return
        bar = self._bar(_SEARCH, _HINTS[self.page])
        bar.set_text(self.query_text)

    def _bar(self, prompt: str, hint: str) -> QueryBar:
        bar = self.query_one(QueryBar)
        bar.prompt = prompt
        bar.set_text("")
        bar.show_hint(hint)
        if self.focused is not bar:
            self._typed_for = self.focused
        bar.display = True
        self.set_focus(bar)
        return bar

    @property
    def query_text(self) -> str:
        """What the page in front is narrowed by; empty: nothing."""
        match self.page:
            case StreamPage.PENDING:
                wish = self.pending_wish
                return pending_query_text(wish.filter) if wish is not None else ""
            case StreamPage.ENTRIES:
                return self.entries_wish.search if self.entries_wish is not None else ""
            case StreamPage.LETTERS:
                return letters_query_text(self.letters_wish) if self.letters_wish else ""
            case StreamPage.STREAMS:
                return ""

    @on(QueryBar.Typed)
    def hint_again(self, message: QueryBar.Typed) -> None:
        """What was wrong is being put right."""
        message.stop()
        is_time = message.prompt == _TIME
        self.query_one(QueryBar).show_hint(_TIME_HINT if is_time else _HINTS[self.page])

    @on(QueryBar.Entered)
    def take_query(self, message: QueryBar.Entered) -> None:
        """Ask, or say where the line is not understood."""
        message.stop()
        try:
            if message.prompt == _TIME:
                self._go_to_time(message.text)
            else:
                self.ask(message.text.strip())
        except (PendingQueryError, MomentError) as error:
            self.query_one(QueryBar).show_problem(error.problem, error.at_char)
            return
        self._leave_bar()

    @on(QueryBar.Left)
    def leave_query(self, message: QueryBar.Left) -> None:
        """Change nothing."""
        message.stop()
        self._leave_bar()

    def _leave_bar(self) -> None:
        bar = self.query_one(QueryBar)
        if bar.display:
            bar.display = False
            self.set_focus(self.table)

    def set_filter(self, text: str) -> bool:
        """Filter the rows, or ask the server; also from the command line."""
        if self.page is StreamPage.STREAMS or isinstance(self.focused, FilterBar):
            return super().set_filter(text)
        try:
            self.ask(text)
        except PendingQueryError as error:
            bar = self._bar(_SEARCH, "")
            bar.set_text(text)
            bar.show_problem(error.problem, error.at_char)
        return True

    # Asking

    def ask(self, text: str) -> None:
        """Narrow the page in front.

        Raises:
            PendingQueryError: the line is not understood.
        """
        match self.page:
            case StreamPage.PENDING if self.pending_wish is not None:
                self.ask_pending(parse_pending_query(text))
            case StreamPage.ENTRIES if self.entries_wish is not None:
                is_tailing = self.entries_wish.is_tailing and not text
                wish = replace(self.entries_wish, search=text, is_tailing=is_tailing)
                self.entries_wish = wish
                self.wish(wish)
            case StreamPage.LETTERS if self.letters_wish is not None:
                self.letters_wish = parse_letters_query(text, self.letters_wish)
                self.wish(self.letters_wish)
            case _:
                pass

    def ask_pending(self, wanted: PendingFilter) -> None:
        """Show only those pending entries."""
        if self.pending_wish is not None:
            self.pending_wish = replace(self.pending_wish, filter=wanted)
            self.wish(self.pending_wish)

    def _go_to_time(self, text: str) -> None:
        wish = self.entries_wish
        if wish is None:
            return
        now_s = self.server_now_s
        start = parse_moment(text, now_s) if text.strip() else None
        wish = replace(wish, start=start, is_from_end=start is None, is_tailing=False)
        self.entries_wish, self._goes_to_oldest = wish, start is not None
        self.wish(wish)

    @property
    def server_now_s(self) -> float:
        """The server's clock as it was told last; ours where it never was. Seconds since 1970."""
        view = self.redis.server(self.server_here) if self.redis is not None else None
        if view is not None and view.identity is not None and self.redis is not None:
            waited_s = self.redis.now_s - (view.looked_at_s or self.redis.now_s)
            return view.identity.now_s + max(0.0, waited_s)
        return self.picture.now.timestamp() if self.picture is not None else 0.0

    def settle(self) -> None:
        """Put the cursor where it was meant to go, as soon as the rows have come."""
        table, page = self.query_one(EntriesTablePane), self.entries_page
        if self._goes_to_oldest and page is not None and page.rows:
            wish = self.entries_wish
            start = wish.start if wish is not None else None
            if start is None or page.rows[0].id >= start:
                self._goes_to_oldest = False
                table.go_to(is_newest=False)

    def action_time(self) -> None:
        """Show entries from a time on."""
        self._bar(_TIME, _TIME_HINT)

    def action_tail(self) -> None:
        """Follow the newest entries, or stop."""
        wish = self.entries_wish
        if wish is None:
            return
        is_tailing = not wish.is_tailing
        wish = replace(wish, start=None, is_from_end=True, is_tailing=is_tailing, search="")
        self.entries_wish, self._goes_to_oldest = wish, False
        self.wish(wish)
        if is_tailing:
            self.query_one(EntriesTablePane).go_to(is_newest=True)

    @on(EntriesTablePane.EdgeAsked)
    def go_to_edge(self, message: EntriesTablePane.EdgeAsked) -> None:
        """Show the newest entries of the whole stream, or the oldest."""
        message.stop()
        if self.entries_wish is not None:
            is_newest = message.is_newest
            wish = replace(self.entries_wish, start=None, is_from_end=is_newest, is_tailing=False)
            self.entries_wish, self._goes_to_oldest = wish, not is_newest
            self.wish(wish)

    def action_scan(self) -> None:
        """Look for streams anew, from the start."""
        if self.server_here:
            self.wish(Scan(self.server_here, "streams"))
            self.wish(LookNow())

    # Undoing

    @property
    def is_reading(self) -> bool:
        """Whether something is read for the page in front that a person can end."""
        view = self.view_here
        return self.page is not StreamPage.STREAMS and view is not None and bool(view.busy)

    @property
    def has_filter(self) -> bool:
        """Whether rows are hidden."""
        only = self.page is StreamPage.LETTERS and self.query_one(LettersTablePane).only is not None
        return bool(self.query_text) or only or super().has_filter

    def clear_filter(self) -> bool:
        """Undo one step: what is being read, what hides rows, what narrows the page."""
        if self.is_reading:
            self.wish(Cancel(self.server_here))
            return True
        pane = self.filtered
        if pane is not None and (pane.filter_text or pane.faults_only):
            return super().clear_filter()
        letters = self.query_one(LettersTablePane)
        if self.page is StreamPage.LETTERS and letters.only is not None:
            letters.only = None
            self.retell()
            return True
        if self.query_text:
            self.ask("")
            return True
        return False

    def retell(self) -> None:
        """Draw the line above the rows again."""

    def say(self, text: str) -> None:
        """Tell something that goes away by itself."""
        self.notify(clean(text), timeout=4, markup=False)
