"""Logs: any set of logs in time order, followed, searched, filtered, counted."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.reactive import var

from core.model.log_view import LogPicture
from core.model.views import Picture
from screens.log_bindings import LOG_BINDINGS
from screens.log_doing import LogDoing
from screens.log_wishes import (
    FiguresWanted,
    HoldWanted,
    LogsChosen,
    LogsOpened,
    MomentWanted,
    RowsWanted,
    SaveWanted,
)
from widgets.line_input import LineInput
from widgets.line_strip import LineStrip
from widgets.log_details_pane import LogDetailsPane, LogFieldsPane
from widgets.log_keeping_pane import LogFilesTable, LogKeepingPane
from widgets.log_measure_pane import LogMeasurePane
from widgets.log_pane import LogPane
from widgets.log_personal_pane import LogPersonalPane
from widgets.log_sources_pane import LogSourcesPane
from widgets.log_summary_pane import LogSummaryPane
from widgets.log_tops_pane import LogTopsPane
from widgets.present.log_rows import Highlights, TimeStyle, has_other_days, tags_of
from widgets.present.log_status import note_lines, nothing_line
from widgets.query_bar import QueryBar

_OURS = frozenset(
    binding.action.partition("(")[0] for binding in LOG_BINDINGS if isinstance(binding, Binding)
)
_PAGES = {":personal": "action_personal", ":housekeeping": "action_housekeeping"}
"""By what a command goes to: the action of the key that does the same."""
_FIGURES = ("-with-tops", "-with-measure", "-with-personal")
_OF_FILES = frozenset({"housekeeping", "menu", "list", "saved", "personal"})
"""What can be asked for while files are shown instead of rows."""
_NOTE_LINES = 5
_LIST_COLUMNS = 160
"""From this width on the list of logs is there without being asked for."""
_BESIDE_COLUMNS = 100
"""From this width on there is room for the list beside the rows."""


class LogsScreen(LogDoing):
    """The rows, with a list of logs at the side, a histogram above and one record below."""

    # As Textual documents it; its own annotation is wider.
    CSS_PATH = "logs.tcss"  # pyright: ignore[reportIncompatibleVariableOverride]
    BINDINGS: ClassVar[list[BindingType]] = LOG_BINDINGS

    highlights: var[Highlights | None] = var(None, init=False)
    """Finds what is searched for in a text. The application assigns it."""

    def __init__(self, title: str = "") -> None:
        super().__init__(title)
        self._wants_list: bool | None = None
        """Whether the list shall be in sight; None: where there is room."""
        self._goal_seen = 0
        self._wanted = ""

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="logs-body"):
            with Vertical(id="logs-list"):
                yield LogSourcesPane()
                yield LineStrip(id="logs-note")
            with Vertical(id="logs-right"):
                yield LogSummaryPane()
                yield LineStrip(id="logs-status")
                yield LogPane()
                yield LogDetailsPane()
                yield LogTopsPane()
                yield LogMeasurePane()
                yield LogPersonalPane()
                yield LogKeepingPane()
        yield QueryBar()

    def on_mount(self) -> None:
        self._fit_list(is_styled=False)
        self.query_one(LogPane).focus()
        self.post_message(LogsOpened())
        self.watch_logs()

    def show(self, picture: Picture) -> None:
        pane = self.query_one(LogPane)
        if pane.row_style.times is TimeStyle.AGO:
            self.restyle(now_s=picture.now.timestamp())

    def watch_logs(self) -> None:
        logs = self.logs
        if logs is None or not self.is_up:
            return
        self.query_one(LogSourcesPane).logs = logs
        self.query_one(LogSummaryPane).logs = logs
        pane = self.query_one(LogPane)
        chosen = tuple(one.source for one in logs.logs if one.is_chosen)
        tags = tags_of(chosen) if len(chosen) > 1 else None
        now_s = self.picture.now.timestamp() if self.picture is not None else 0.0
        has_days = self.picture is not None and has_other_days(logs.rows, now_s)
        if (tags, has_days) != (pane.row_style.tags, pane.row_style.has_days):
            year = self.picture.now.year if self.picture is not None else 0
            self.restyle(tags=tags, has_days=has_days, year=year)
        tops = self.query_one(LogTopsPane)
        tops.row_style, tops.tops = pane.row_style, logs.tops
        tops.styles.height = 1 + max(1, len(logs.tops.values)) if logs.tops is not None else 0
        self.set_class(logs.tops is not None, "-with-tops")
        self.query_one(LogMeasurePane).logs = logs
        self.set_class(logs.measure is not None, "-with-measure")
        self.query_one(LogPersonalPane).logs = logs
        self.set_class(logs.personal is not None, "-with-personal")
        self._take_keeping(logs, now_s)
        pane.empty_text = nothing_line(logs)
        self._tell_of_log()
        if pane.rows is not logs.rows:
            pane.rows = logs.rows
        if logs.goal is not None and logs.goal_number != self._goal_seen:
            self._goal_seen = logs.goal_number
            pane.go_to(logs.goal)
        self.tell()
        if self._wanted:
            target, self._wanted = self._wanted, ""
            self.aim(target)

    def _take_keeping(self, logs: LogPicture, now_s: float) -> None:
        """Show the files of logs instead of their rows, as long as they are asked for."""
        pane, is_first = self.query_one(LogKeepingPane), not self.is_keeping
        pane.now_s, pane.keeping = now_s, logs.keeping
        self.set_class(logs.keeping is not None, "-with-keeping")
        if self.is_keeping is is_first:
            self.refresh_bindings()
        if self.is_keeping and is_first:
            self.call_after_refresh(self.query_one(LogFilesTable).focus)

    def watch_mode(self) -> None:
        super().watch_mode()
        if self.is_up:
            # Others look, or no more: what is personal is hidden where lines are made.
            self.query_one(LogDetailsPane).redraw()
            self.tell()

    def watch_highlights(self) -> None:
        self.restyle(highlights=self.highlights)

    # The list

    @on(LogSourcesPane.Chosen)
    def choose(self, message: LogSourcesPane.Chosen) -> None:
        """Show other logs."""
        message.stop()
        self._show_logs(message.sources)
        if message.is_alone:
            self._leave_list_alone()

    def _show_logs(self, sources: tuple[str, ...]) -> None:
        self.query_one(LogPane).set_follows(follows=True)
        self.saved_title = ""
        self.post_message(LogsChosen(sources))

    def _leave_list_alone(self) -> bool:
        """Show the rows again where the list is instead of them; tell whether it was."""
        was_alone = self.has_class("-list-alone")
        if was_alone:
            self.query_one(LogSourcesPane).focus()
            self.action_list()
            self._wants_list = None
        return was_alone

    @on(LogSourcesPane.Highlighted)
    def tell_highlighted(self, message: LogSourcesPane.Highlighted) -> None:
        """Say below the list what is to be said of the log under the cursor."""
        if isinstance(message.table, LogSourcesPane):
            message.stop()
            self._tell_of_log()

    def _tell_of_log(self) -> None:
        key = self.query_one(LogSourcesPane).cursor_key
        logs = self.logs.logs if self.logs is not None else ()
        status = next((one for one in logs if one.source == key), None)
        strip = self.query_one("#logs-note", LineStrip)
        strip.lines = note_lines(status, strip.size.width, _NOTE_LINES)

    def select(self, target: str) -> bool:
        """Show logs of a system or service, or one; ask a saved query; `:name`: do as its key."""
        if self.logs is None:
            self._wanted = target
            return True
        if target in _PAGES:
            self.call_later(getattr(self, _PAGES[target]))
            return True
        saved = next((one for one in self.logs.saved if one.name == target), None)
        if saved is not None:
            self.begin_recall(saved)
            return True
        logs = self.logs.logs
        # A profile says `api.journal` for what stands here below its service.
        wanted = {f"/{target}/", f"/{target.replace('.', '/')}/"}
        found = tuple(one.source for one in logs if any(w in f"/{one.source}/" for w in wanted))
        if found:
            self._show_logs(found)
            self._leave_list_alone()
        return bool(found)

    def on_resize(self) -> None:
        self._fit_list()

    def _fit_list(self, *, is_styled: bool = True) -> None:
        """Show the list where there is room; where there is little, instead of the rows.

        A screen that is being made is not styled for it: that comes with its being shown.

        The width decides, not the class that says it: that one comes later, and whatever is hidden
        for a moment loses the keys.
        """
        has_keys, width = isinstance(self.focused, LogSourcesPane), self.size.width
        wants = width >= _LIST_COLUMNS if self._wants_list is None else self._wants_list
        self._show_list(wants and (has_keys or width >= _BESIDE_COLUMNS), is_styled=is_styled)
        if has_keys and not wants:
            self.query_one(LogPane).focus()

    def _show_list(self, is_shown: bool, *, is_styled: bool = True) -> None:
        is_alone = is_shown and self.size.width < _BESIDE_COLUMNS
        self.set_class(is_shown, "-with-list", update=is_styled)
        self.set_class(is_alone, "-list-alone", update=is_styled)

    def action_list(self) -> None:
        """Give the list of logs the keys; once more: hide it."""
        has_keys = isinstance(self.focused, LogSourcesPane)
        self._wants_list = not (self.has_class("-with-list") and has_keys)
        self._show_list(self._wants_list)
        pane = self.query_one(LogSourcesPane) if self._wants_list else self.query_one(LogPane)
        pane.focus()

    # Going somewhere

    @on(LogSummaryPane.Picked)
    def go_to_moment(self, message: LogSummaryPane.Picked) -> None:
        """Show the records of a bucket."""
        message.stop()
        self.query_one(LogPane).set_follows(follows=False)
        self.post_message(MomentWanted(message.time_s))

    @on(LogPane.Wanted)
    def fetch(self, message: LogPane.Wanted) -> None:
        """Read more, unless there is no more or it is being read."""
        message.stop()
        logs = self.logs
        if logs is None or (logs.is_at_start if message.is_older else logs.is_at_end):
            return
        self.post_message(RowsWanted(message.is_older))

    @on(LogPane.Held)
    def hold(self, message: LogPane.Held) -> None:
        """Keep what is read in place while it is read."""
        message.stop()
        self.post_message(HoldWanted(message.is_held))
        self.tell()

    # One record

    @on(LogPane.Moved)
    def follow_cursor(self, message: LogPane.Moved) -> None:
        """Show the record under the cursor where one is shown."""
        message.stop()
        self.read_on()
        if self.has_class("-with-record"):
            self.query_one(LogDetailsPane).row = self.query_one(LogPane).cursor_row

    def action_record(self) -> None:
        """Show the record under the cursor in full; once more: its fields get the keys.

        Then it stays: a field must not become another one under the finger.
        """
        row = self.query_one(LogPane).cursor_row
        if row is None:
            return
        if self.has_class("-with-record"):
            self.query_one(LogPane).set_follows(follows=False)
            self.query_one(LogFieldsPane).focus()
            return
        self.add_class("-with-record")
        self.query_one(LogDetailsPane).row = row
        self.call_after_refresh(self.query_one(LogDetailsPane).redraw)

    def clear_filter(self) -> bool:
        """Undo one step: what lies over the rows first, then what says which there are."""
        return self.step_back() or super().clear_filter()

    def step_back(self) -> bool:
        """Close what lies over the rows, or the list where it hides them."""
        if self.is_keeping:
            self.leave_keeping()
            return True
        if self.has_class("-with-record"):
            self.remove_class("-with-record")
            self.query_one(LogPane).focus()
            return True
        if any(map(self.has_class, _FIGURES)):
            self.post_message(FiguresWanted())
            self.query_one(LogPane).focus()
            return True
        return self._leave_list_alone()

    @on(LogFieldsPane.Narrowed)
    @on(LogTopsPane.Narrowed)
    def narrow(self, message: LogFieldsPane.Narrowed | LogTopsPane.Narrowed) -> None:
        """Add what is wanted, or what is not, to the query."""
        message.stop()
        self.narrow_by(message.field, message.value, message.sign)

    def action_raw(self) -> None:
        """Show the record's bytes as they were written."""
        details = self.query_one(LogDetailsPane)
        details.is_raw = not details.is_raw

    def action_save(self) -> None:
        """Write everything that is shown, and what the query matches beyond, to a file."""
        self.post_message(SaveWanted())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the keys to whoever types; grey what is done with rows while files are shown."""
        if action in _OURS and isinstance(self.focused, LineInput):
            return False
        if self.is_keeping and action in _OURS - _OF_FILES:
            return None
        return super().check_action(action, parameters)

    def reason_against(self, action: str) -> str:
        """Return why an action cannot be done now; empty when it can."""
        if action in _OURS and isinstance(self.focused, QueryBar):
            return "a query is being typed"
        if action in {"filter", "faults"}:
            return ""
        if action in _OURS - _OF_FILES and self.is_keeping:
            return "the files of logs are shown; esc goes back to the rows"
        if action == "find" and not self.search_text:
            return "search for something with / first"
        return super().reason_against(action)
