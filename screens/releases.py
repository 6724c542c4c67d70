"""The releases of a repository: what it may go to, newest first; what is typed filters it."""

from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from core.model.action_view import ReleaseRow, ReleasesAnswer
from core.model.text import SafeText, clean
from screens.dialog import Dialog
from widgets.key_footer import KeyFooter
from widgets.lean_table import Column, LeanTable, Row
from widgets.line_input import LineInput
from widgets.present.footer import KeyHint
from widgets.present.line import Tone, line, span
from widgets.present.releases import release_cells, release_search

_HEADER_LINES = 1
_MOST_ROWS = 30
_COMMIT_CELLS = 12


class ReleasesScreen(Dialog[ReleaseRow | None], inherit_bindings=False):
    """Ends with the release that was chosen, or None.

    Args:
        answer: What there is.
        chosen_for: What comes of choosing one, in the footer.
        now: For ages.
    """

    CSS: ClassVar[str] = """
    ReleasesScreen { align: center middle; background: transparent; }
    ReleasesScreen > Vertical {
        width: 110; max-width: 100%; height: auto; max-height: 100%; padding: 0 1;
        margin: 0 0 1 0; border: round $border; background: $surface;
    }
    ReleasesScreen LeanTable { background: $surface; }
    """
    SCOPED_CSS: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Down", id="releases.down", show=False),
        Binding("up", "move(-1)", "Up", id="releases.up", show=False),
        Binding("pagedown", "move(10)", "Page down", id="releases.page-down", show=False),
        Binding("pageup", "move(-10)", "Page up", id="releases.page-up", show=False),
    ]

    def __init__(self, answer: ReleasesAnswer, chosen_for: SafeText, now: datetime) -> None:
        super().__init__()
        self._answer = answer
        self._chosen_for = chosen_for
        self._now = now

    def compose(self) -> ComposeResult:
        with Vertical():
            yield LineInput()
            yield LeanTable()
        yield KeyFooter()

    def on_mount(self) -> None:
        releases = self._answer.releases
        self.query_one(Vertical).border_title = clean(f"releases of {self._answer.target}")
        table = self.query_one(LeanTable)
        table.can_focus = False
        table.columns = (
            Column("commit", "COMMIT", _COMMIT_CELLS, is_sortable=False, is_frozen=True),
            Column("when", "WHEN (UTC)", 24, is_sortable=False),
            Column("what", "WHAT", 30, weight=1, is_sortable=False),
        )
        table.rows = tuple(
            Row(one.commit, release_cells(one, self._now), search=release_search(one))
            for one in releases
        )
        table.styles.height = min(_MOST_ROWS, max(1, len(releases))) + _HEADER_LINES
        field = self.query_one(LineInput)
        field.prompt = "/ "
        field.focus()
        self.query_one(KeyFooter).hints = (
            KeyHint("enter", self._chosen_for),
            KeyHint("esc", "Close"),
        )

    def action_move(self, by: int) -> None:
        """Go to another row."""
        self.query_one(LeanTable).action_move(by)

    @on(LineInput.Changed)
    def filter(self, message: LineInput.Changed) -> None:
        """Show only what has what is typed."""
        message.stop()
        table = self.query_one(LeanTable)
        table.filter_text = message.text
        count = f"{len(table.shown)} of {len(table.rows)}" if message.text else ""
        self.query_one(LineInput).note = line(span(count, Tone.DIM))

    @on(LineInput.Submitted)
    def choose(self, message: LineInput.Submitted) -> None:
        """Take what is under the cursor."""
        message.stop()
        table = self.query_one(LeanTable)
        found = (one for one in self._answer.releases if one.commit == table.cursor_key)
        self.dismiss(next(found, None) if table.shown else None)

    @on(LineInput.Cancelled)
    def leave(self, message: LineInput.Cancelled) -> None:
        """Close it."""
        message.stop()
        self.dismiss(None)
