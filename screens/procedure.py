"""Asks whether a procedure shall begin, with all its steps in sight; starts on Cancel."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from core.model.action_pages import ProcedureEntry
from core.model.text import SafeText
from screens.dialog import Dialog
from widgets.choice_row import Choice, ChoiceRow
from widgets.key_footer import KeyFooter
from widgets.line_view import LineView
from widgets.present.footer import KeyHint
from widgets.present.procedures import beginning_lines

_AROUND_LINES = 6
"""Border, the choices with what stands above them, the footer and its margin."""
_LEAST_LINES = 3


class ProcedureScreen(Dialog[bool], inherit_bindings=False):
    """Ends with whether it shall begin.

    Args:
        entry: The procedure.
        inputs: What was said for its steps, each as `STEP.NAME` and its value.
    """

    CSS: ClassVar[str] = """
    ProcedureScreen { align: center middle; background: transparent; }
    ProcedureScreen > Vertical {
        width: 100%; max-width: 96; height: auto; max-height: 100%; padding: 0 1; margin: 0 0 1 0;
        border: round $border; background: $surface;
    }
    ProcedureScreen ChoiceRow { margin: 1 0 0 0; }
    """
    SCOPED_CSS: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(False)", "Cancel", id="begin.cancel"),
        Binding("down,j", "scroll(1)", "Scroll", id="begin.down", show=False),
        Binding("up,k", "scroll(-1)", "Scroll", id="begin.up", show=False),
        Binding("pagedown,space", "scroll(8)", "Scroll", id="begin.page-down", show=False),
        Binding("pageup", "scroll(-8)", "Scroll", id="begin.page-up", show=False),
    ]

    def __init__(self, entry: ProcedureEntry, inputs: tuple[tuple[str, str], ...]) -> None:
        super().__init__()
        self._entry = entry
        self._inputs = inputs

    def compose(self) -> ComposeResult:
        with Vertical():
            yield LineView()
            yield ChoiceRow()
        yield KeyFooter()

    def on_mount(self) -> None:
        spec = self._entry.spec
        self.query_one(Vertical).border_title = f"begin {self._entry.system}/{spec.name}"
        self.query_one(LineView).can_focus = False
        row = self.query_one(ChoiceRow)
        row.choices = (Choice("cancel", SafeText("Cancel")), Choice("begin", SafeText("Begin")))
        row.focus()
        hints = (KeyHint("esc", "Cancel"), KeyHint("↑ ↓", "Scroll"), KeyHint("← → enter", "Choose"))
        self.query_one(KeyFooter).hints = hints

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        view = self.query_one(LineView)
        most = max(_LEAST_LINES, self.size.height - _AROUND_LINES)
        lines = beginning_lines(self._entry, self._inputs, view.size.width - 1)
        view.styles.height = min(most, len(lines))
        view.lines = lines

    def action_scroll(self, by: int) -> None:
        """Move the steps under the eyes."""
        self.query_one(LineView).scroll_relative(y=by, animate=False)

    @on(ChoiceRow.Taken)
    def choose(self, message: ChoiceRow.Taken) -> None:
        """Take what was chosen."""
        message.stop()
        self.dismiss(message.name == "begin")
