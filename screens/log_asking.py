"""Queries on the Logs screen: typed, asked, understood or not, and undone."""

from textual import on

from screens.log_looks import LogLooks
from screens.log_wishes import EdgeWanted, QueryWanted, RowKey, SearchWanted, TextSought
from widgets.filter_bar import FilterBar
from widgets.log_keeping_pane import LogClassesTable, LogFilesTable
from widgets.log_pane import LogPane
from widgets.log_sources_pane import LogSourcesPane
from widgets.present.log_details import kinship
from widgets.query_bar import QueryBar

WINDOWS_S = (None, -1.0, 60.0, 300.0, 900.0, 1800.0, 3600.0)
"""By digit: the end, the beginning, 1, 5, 15, 30 minutes, 1 hour, as k9s has them."""
_TROUBLE = "level>=warn"
_LISTS = (LogSourcesPane, LogClassesTable, LogFilesTable)
"""Panes whose own rows `/` filters."""
_HINTS = {
    "&": "what to show: text, /expression/, level>=warn status>=500 path~^/api  (empty: all)",
    "/": "what to find: as for &, and n N go on",
}
"""By prompt: what can be typed."""


class LogAsking(LogLooks):
    """The part of the Logs screen that says which rows there shall be."""

    def __init__(self, title: str = "") -> None:
        super().__init__(title)
        self._query = ""
        self._asked: str | None = None
        """The query that is not understood yet."""
        self._window_s: float | None = None
        self._asked_title = ""
        """Of the saved query that `_asked` is; empty: somebody typed it."""

    def open_filter(self) -> None:
        """Search; in a list of logs or files, filter the list."""
        if isinstance(self.focused, _LISTS):
            super().open_filter()
        else:
            self.action_ask("/")

    def toggle_faults(self) -> None:
        """Show only warnings and worse, or everything again; of files, what needs something."""
        if self.is_keeping:
            super().toggle_faults()
            return
        self._ask("" if self._query == _TROUBLE else _TROUBLE)

    def set_filter(self, text: str) -> bool:
        """Show only what matches; also from the command line."""
        if isinstance(self.focused, (*_LISTS, FilterBar)):
            return super().set_filter(text)
        self._ask(text)
        return True

    @property
    def has_filter(self) -> bool:
        """Whether rows are hidden."""
        return self._hides_rows or bool(self.search_text)

    @property
    def _hides_rows(self) -> bool:
        """Whether a query, a window or a saved query says which rows there are."""
        is_last = self.logs is not None and self.logs.last is not None
        return bool(self._query or self.saved_title) or self._window_s is not None or is_last

    def clear_filter(self) -> bool:
        """Undo one step: what is searched for, then what is hidden; in the list, its filter."""
        if isinstance(self.focused, LogSourcesPane) and super().has_filter:
            return super().clear_filter()
        if self.search_text:
            self._seek("")
            return True
        if self._hides_rows:
            self._window_s = None
            self._ask("")
            return True
        return False

    def action_ask(self, prompt: str) -> None:
        """Let somebody type a query."""
        self.ask_for(prompt, _HINTS[prompt], self._query if prompt == "&" else self.search_text)

    def ask_for(self, prompt: str, hint: str, text: str = "") -> None:
        """Let somebody type something; it comes back by `take_query`."""
        bar = self.query_one(QueryBar)
        bar.prompt = prompt
        bar.set_text(text)
        bar.show_hint(hint)
        bar.display = True
        self.set_focus(bar)

    @on(QueryBar.Typed)
    def seek_while_typing(self, message: QueryBar.Typed) -> None:
        """Mark what is being typed."""
        message.stop()
        if message.prompt in _HINTS:
            self.query_one(QueryBar).show_hint(_HINTS[message.prompt])
            self.post_message(TextSought(message.text))

    @on(QueryBar.Entered)
    def take_query(self, message: QueryBar.Entered) -> None:
        """Show only that, or go to its last match."""
        message.stop()
        if message.prompt == "&":
            self._ask(message.text)
        elif message.prompt == "/":
            self.search_text = message.text
            if message.text:
                self._find(message.text, is_backwards=True, includes_cursor=True)
            else:
                self._seek("")
                self._leave_bar()
        else:
            self.take_answer(message.text)

    def take_answer(self, text: str) -> None:
        """Take what was asked for by another prompt."""

    @on(QueryBar.Left)
    def leave_query(self, message: QueryBar.Left) -> None:
        """Change nothing."""
        message.stop()
        self.post_message(TextSought(self.search_text or self._query))
        self._leave_bar()

    def accept(self, text: str) -> None:
        """The query was understood: give the keys back to the rows."""
        if self._asked == text:
            self._query, self._asked = text, None
            self.saved_title = self._asked_title
            self.query_one(LogPane).set_follows(follows=True)
        self._leave_bar()
        self.tell()

    def refuse(self, problem: str, at_char: int) -> None:
        """The query was not understood: say where, and let somebody go on typing."""
        bar = self.query_one(QueryBar)
        if not bar.display and self._asked is not None:
            bar.prompt = "&"
            bar.set_text(self._asked)
        self._asked = None
        bar.display = True
        self.set_focus(bar)
        bar.show_problem(problem, at_char)

    def _leave_bar(self) -> None:
        bar = self.query_one(QueryBar)
        if bar.display:
            bar.display = False
            self.set_focus(self.query_one(LogPane))

    def _ask(self, text: str) -> None:
        self._asked, self._asked_title = text, ""
        self.post_message(QueryWanted(text, self._window_s))

    def _seek(self, text: str) -> None:
        self.search_text = text
        if not text:
            self.post_message(SearchWanted("", None, is_backwards=True))
        self.post_message(TextSought(text or self._query))
        self.tell()

    def action_same(self) -> None:
        """Show only what belongs to the same request, or else to the same client."""
        row = self.query_one(LogPane).cursor_row
        term = kinship(row.record) if row is not None and row.record is not None else ""
        if term:
            self._ask(term)
        else:
            self.say("this record names no request and no client")

    def action_window(self, digit: int) -> None:
        """Show the end, the beginning, or a stretch of time before now."""
        window_s = WINDOWS_S[digit]
        if window_s is not None and window_s < 0:
            if self._window_s is not None:
                self._window_s = None
                self.saved_title = ""
                self.post_message(QueryWanted(self._query, None))
            self.action_to_start()
            return
        self._window_s = window_s
        self._ask(self._query)

    # Going somewhere

    def _cursor(self) -> RowKey | None:
        return self.query_one(LogPane).cursor_key

    def _find(
        self,
        text: str,
        *,
        is_backwards: bool,
        includes_cursor: bool = False,
        is_counted: bool = True,
    ) -> None:
        self._read_problem = ""
        start = None if includes_cursor and self.query_one(LogPane).follows else self._cursor()
        self.query_one(LogPane).set_follows(follows=False)
        self.post_message(SearchWanted(text, start, is_backwards, is_counted))

    def action_find(self, is_backwards: bool) -> None:
        """Go to the next or the previous match."""
        if self.search_text:
            self._find(self.search_text, is_backwards=is_backwards)
        else:
            self.say("search for something with / first")

    def action_error(self, is_backwards: bool) -> None:
        """Go to the next or the previous error."""
        self._find("level>=error", is_backwards=is_backwards, is_counted=False)

    def action_to_end(self) -> None:
        """Follow the newest."""
        self.query_one(LogPane).set_follows(follows=True)
        self.post_message(EdgeWanted(is_start=False))

    def action_to_start(self) -> None:
        """Go to the oldest."""
        self.query_one(LogPane).set_follows(follows=False)
        self.post_message(EdgeWanted(is_start=True))
