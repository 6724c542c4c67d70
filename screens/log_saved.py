"""The saved queries: typed text narrows the list, enter asks the one under the cursor."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.events import Key, Paste

from core.model.log_view import SavedLogQuery
from screens.dialog import Dialog
from widgets.key_footer import KeyFooter
from widgets.lean_table import LeanTable, Row
from widgets.line_input import LineInput
from widgets.line_strip import LineStrip
from widgets.present.footer import KeyHint
from widgets.present.line import Tone, line, span
from widgets.present.log_saved import (
    SAVED_COLUMNS,
    ordered,
    reason_against,
    saved_cells,
    saved_lines,
    search_text,
)

_NONE = "no system of this configuration has log_views; docs/configuration.md says what they are"
_FRAME_LINES = 7
"""Border, header of the table, three lines of details, the line that is typed."""
_FOOTER_LINES = 1


class SavedQueriesScreen(Dialog[SavedLogQuery | None], inherit_bindings=False):
    """Ends with the saved query to ask, or None.

    Args:
        saved: What there is.
        chosen: The logs that are shown: questions to their systems come first.
    """

    CSS: ClassVar[str] = """
    SavedQueriesScreen { align: center middle; background: transparent; }
    SavedQueriesScreen #saved-box {
        width: 100%; max-width: 130; height: 100%; margin: 0 0 1 0; padding: 0 1;
        border: round $border; background: $surface;
    }
    SavedQueriesScreen LeanTable { height: 1fr; background: $surface; }
    SavedQueriesScreen #saved-details { height: 3; border: none; }
    SavedQueriesScreen LineInput { background: $panel; }
    """
    SCOPED_CSS: ClassVar[bool] = False
    BINDINGS = [
        Binding("escape", "dismiss", "Close", id="saved.close"),
        Binding("enter", "ask", "Ask it", id="saved.ask"),
        Binding("up,shift+tab", "move(-1)", "Up", id="saved.up", show=False),
        Binding("down,tab", "move(1)", "Down", id="saved.down", show=False),
        Binding("pageup", "move(-10)", "Page up", id="saved.page-up", show=False),
        Binding("pagedown", "move(10)", "Page down", id="saved.page-down", show=False),
    ]

    def __init__(self, saved: tuple[SavedLogQuery, ...], chosen: tuple[str, ...]) -> None:
        super().__init__()
        self._saved = {one.name: one for one in ordered(saved, chosen)}

    def compose(self) -> ComposeResult:
        with Vertical(id="saved-box"):
            yield _SavedTable()
            yield LineStrip(id="saved-details")
            yield LineInput()
        yield KeyFooter()

    def on_mount(self) -> None:
        self.query_one("#saved-box").border_title = "Saved queries"
        table = self.query_one(_SavedTable)
        table.columns = SAVED_COLUMNS
        table.empty_text = line(span(_NONE, Tone.LABEL))
        table.rows = tuple(
            Row(one.name, saved_cells(one), search=search_text(one)) for one in self._saved.values()
        )
        field = self.query_one(LineInput)
        field.prompt = "Q "
        field.note = line(span("type to narrow the list", Tone.DIM))
        field.focus()
        hints = (KeyHint("↑ ↓", "Choose"), KeyHint("enter", "Ask it"), KeyHint("esc", "Close"))
        self.query_one(KeyFooter).hints = hints

    def on_resize(self) -> None:
        rows = max(1, len(self._saved)) + _FRAME_LINES
        self.query_one("#saved-box").styles.height = min(rows, self.size.height - _FOOTER_LINES)
        self.call_after_refresh(self._tell)

    def on_key(self, event: Key) -> None:
        """Take what was typed before the field had the keys."""
        field = self.query_one(LineInput)
        if not field.has_focus and field.take(event):
            event.stop()

    def on_paste(self, event: Paste) -> None:
        self.query_one(LineInput).on_paste(event)

    @on(LineInput.Changed)
    def narrow(self, message: LineInput.Changed) -> None:
        """Show only what has the text."""
        message.stop()
        self.query_one(_SavedTable).filter_text = message.text
        self._tell()

    @on(LineInput.Submitted)
    def ask_submitted(self, message: LineInput.Submitted) -> None:
        message.stop()
        self.action_ask()

    @on(LineInput.Cancelled)
    def close_cancelled(self, message: LineInput.Cancelled) -> None:
        message.stop()
        self.dismiss(None)

    @on(LeanTable.Highlighted)
    def tell_highlighted(self, message: LeanTable.Highlighted) -> None:
        """Say what the question under the cursor is."""
        message.stop()
        self._tell()

    def action_move(self, by: int) -> None:
        """Go to another question."""
        self.query_one(_SavedTable).action_move(by)

    def action_ask(self) -> None:
        """End with the question under the cursor, unless it is none for a screen."""
        one = self._marked()
        if one is not None and not reason_against(one):
            self.dismiss(one)

    def _marked(self) -> SavedLogQuery | None:
        table = self.query_one(_SavedTable)
        return self._saved.get(table.cursor_key) if table.shown else None

    def _tell(self) -> None:
        one, strip = self._marked(), self.query_one("#saved-details", LineStrip)
        strip.lines = saved_lines(one, strip.size.width) if one is not None else ()


class _SavedTable(LeanTable, can_focus=False):
    """Is drawn as if it had the keys: the line below it has them, and moves it."""

    DEFAULT_CSS = """
    _SavedTable > .lean-table--cursor-blurred { background: $panel; text-style: bold; }
    _SavedTable:ansi > .lean-table--cursor-blurred { text-style: reverse; }
    """
