"""Saved queries and figures on the Logs screen: chosen, asked for what they need, shown."""

from collections import Counter

from textual import on

from core.logs.saved import filled, parameters_of
from core.model.log_view import SavedLogQuery
from screens.log_asking import LogAsking
from screens.log_saved import SavedQueriesScreen
from screens.log_wishes import FiguresWanted, RecallWanted, RecordWanted
from widgets.log_details_pane import LogFieldsPane
from widgets.log_pane import LogPane
from widgets.log_personal_pane import LogPersonalPane, LogPersonalTable
from widgets.log_tops_pane import LogTopsPane
from widgets.present.log_details import numbers_of
from widgets.query_bar import QueryBar

_LOOKED_AT_ROWS = 200
_NAMED_FIELDS = 6
_COUNT_BY, _MEASURE = "b ", "% "
"""Prompts."""


class LogRecalling(LogAsking):
    """The part of the Logs screen that asks what somebody else has written down."""

    def __init__(self, title: str = "") -> None:
        super().__init__(title)
        self._recalled: SavedLogQuery | None = None
        """The saved query that values are asked for."""
        self._values: dict[str, str] = {}

    def action_saved(self) -> None:
        """Choose a saved query."""
        logs = self.logs
        if logs is not None:
            chosen = tuple(one.source for one in logs.logs if one.is_chosen)
            # Textual leaves the parameter of App open.
            self.app.push_screen(  # pyright: ignore[reportUnknownMemberType]
                SavedQueriesScreen(logs.saved, chosen), self.begin_recall
            )

    def begin_recall(self, saved: SavedLogQuery | None) -> None:
        """Ask a saved query, after the values that it leaves open."""
        if saved is not None:
            self._recalled, self._values = saved, {}
            self._go_on_recalling()

    def _go_on_recalling(self) -> None:
        """Ask for the next value; with all of them, ask the question."""
        saved = self._recalled
        if saved is None:
            return
        missing = [name for name in parameters_of(saved.spec.filter) if name not in self._values]
        if missing:
            self.ask_for(f"{missing[0]}: ", f"{saved.spec.title}: which {missing[0]}?  esc: none")
            return
        self._recalled = None
        self._recall(saved, filled(saved.spec.filter, self._values))

    def _recall(self, saved: SavedLogQuery, text: str) -> None:
        given = ", ".join(self._values.values())
        self._asked = text
        self._asked_title = f"{saved.spec.title} ({given})" if given else saved.spec.title
        self._window_s, self.search_text = saved.spec.window_s, ""
        self.remove_class("-with-record")
        self.post_message(RecallWanted(saved, text))

    # Figures

    def action_measure(self) -> None:
        """Show percentiles of a field that somebody names."""
        self.ask_for(_MEASURE, self._hint("percentiles of which number"), self._likely_number())

    def action_count_by(self) -> None:
        """Count the values of a field that somebody names."""
        self.ask_for(_COUNT_BY, "count the values of which field?  level, status, path, ip…")

    def _likely_number(self) -> str:
        """Return the only number of the row under the cursor; empty: none, or several."""
        row = self.query_one(LogPane).cursor_row
        names = numbers_of(row.record) if row is not None and row.record is not None else ()
        return names[0] if len(names) == 1 else ""

    def _hint(self, question: str) -> str:
        rows = self.query_one(LogPane).rows[-_LOOKED_AT_ROWS:]
        seen = Counter(name for row in rows if row.record for name in numbers_of(row.record))
        names = ", ".join(name for name, _ in seen.most_common(_NAMED_FIELDS))
        return f"{question}?  {names}" if names else f"{question}?"

    def take_answer(self, text: str) -> None:
        """Take a value that a saved query asks for, or the field of a figure."""
        bar, answer = self.query_one(QueryBar), text.strip()
        if not answer:
            bar.show_problem("something is needed here; esc leaves", 0)
            return
        prompt = bar.prompt
        self._leave_bar()
        if prompt == _MEASURE:
            self.show_figures(measure=answer)
        elif prompt == _COUNT_BY:
            self.show_figures(count_by=answer)
        elif self._recalled is not None:
            self._values[prompt.removesuffix(": ")] = answer
            self._go_on_recalling()

    def action_personal(self) -> None:
        """Look for personal data in all that is shown, and show masked samples."""
        self.remove_class("-with-record")
        self.post_message(FiguresWanted(is_personal=True))
        self.call_after_refresh(self.query_one(LogPersonalTable).focus)

    @on(LogPersonalPane.Picked)
    def show_personal(self, message: LogPersonalPane.Picked) -> None:
        """Go to a record in which something was found; what was found stays in sight."""
        message.stop()
        self.query_one(LogPane).set_follows(follows=False)
        self.post_message(RecordWanted(message.source, message.position))

    def show_figures(self, count_by: str = "", measure: str = "") -> None:
        """Show figures instead of a record; those that can be moved in get the keys."""
        self.remove_class("-with-record")
        self.post_message(FiguresWanted(count_by, measure))
        pane = self.query_one(LogTopsPane) if count_by else self.query_one(LogPane)
        self.call_after_refresh(pane.focus)

    @on(LogFieldsPane.FiguresAsked)
    def show_asked(self, message: LogFieldsPane.FiguresAsked) -> None:
        """Show figures of a field of the record."""
        message.stop()
        self.show_figures(message.count_by, message.measure)
