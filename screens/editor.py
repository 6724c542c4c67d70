"""Edits a file's text; what comes of it is a plan with its diff, never a write."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import TextArea

from core.model.secret import MASK
from core.model.text import clean
from core.model.veil import VEIL
from screens.dialog import Dialog
from widgets.key_footer import KeyFooter
from widgets.line_strip import LineStrip
from widgets.present.footer import KeyHint
from widgets.present.line import Tone, line, span
from widgets.present.numbers import plural


class VeiledTextArea(TextArea):
    """Shows bullets, one for each character, in the place of what must not be seen."""

    def get_line(self, line_index: int) -> Text:
        """Return one line as it is drawn; what is edited is the text itself."""
        shown = super().get_line(line_index)
        redacting = VEIL.redacting
        if redacting is None:
            return shown
        plain = shown.plain
        for begin, end in redacting.shown_spans(plain):
            plain = plain[:begin] + MASK[0] * (end - begin) + plain[end:]
        return shown if plain == shown.plain else Text(plain, end="", no_wrap=True)


class EditorScreen(Dialog[str | None], inherit_bindings=False):
    """Ends with the edited text, or None.

    Args:
        path: Of the file.
        text: With masks in the place of secrets.
        hidden: Lines that hold a mask.
    """

    CSS: ClassVar[str] = """
    EditorScreen { align: center middle; background: transparent; }
    EditorScreen > Vertical {
        width: 100%; max-width: 120; height: 100%; margin: 0 0 1 0; padding: 0 1;
        border: round $border; background: $surface;
    }
    EditorScreen TextArea { height: 1fr; border: none; padding: 0; background: $surface; }
    """
    SCOPED_CSS: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "plan", "Plan the change", id="editor.plan", priority=True),
        Binding("escape", "leave", "Leave", id="editor.leave", priority=True),
    ]

    def __init__(self, path: str, text: str, hidden: int) -> None:
        super().__init__()
        self._path = path
        self._text = text
        self._hidden = hidden
        self._is_meant = False

    def compose(self) -> ComposeResult:
        with Vertical():
            yield LineStrip(id="note")
            yield VeiledTextArea(
                self._text, soft_wrap=False, show_line_numbers=True, tab_behavior="indent"
            )
        yield KeyFooter()

    def on_mount(self) -> None:
        self.query_one(Vertical).border_title = clean(self._path)
        if self._hidden:
            secrets = plural(self._hidden, "line")
            self._note(f"secrets are masked in {secrets}; leave a mask and the value stays")
        self.query_one(TextArea).focus()
        hints = (KeyHint("ctrl+s", "Plan the change"), KeyHint("esc", "Leave"))
        self.query_one(KeyFooter).hints = hints

    def _note(self, text: str) -> None:
        self.query_one("#note", LineStrip).lines = (line(span(text, Tone.DEGRADED)),)

    def action_plan(self) -> None:
        """Take the text; the plan shows what would change before anything does."""
        text = self.query_one(TextArea).text
        if text == self._text:
            self._note("nothing is changed yet")
        else:
            self.dismiss(text)

    def action_leave(self) -> None:
        """Close it; what was typed is thrown away only when that is said twice."""
        if self._is_meant or self.query_one(TextArea).text == self._text:
            self.dismiss(None)
            return
        self._is_meant = True
        self._note("press esc again to throw away what was typed; ctrl+s plans it")
