"""Asks for one line of text, such as how a person has dealt with an action."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from core.model.text import SafeText
from screens.dialog import Dialog, dialog_css
from widgets.key_footer import KeyFooter
from widgets.line_input import LineInput
from widgets.line_strip import LineStrip
from widgets.line_view import LineView
from widgets.present.fitting import wrap
from widgets.present.footer import KeyHint
from widgets.present.line import Tone, line, span

_TEXT_ROWS = 4


class NoteScreen(Dialog[str | None], inherit_bindings=False):
    """Ends with the text, or None.

    Args:
        title: What it is about.
        text: What comes of it.
        label: What is asked for.
        is_needed: Whether nothing is no answer.
    """

    CSS: ClassVar[str] = dialog_css("NoteScreen")
    SCOPED_CSS: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Cancel", id="note.cancel"),
    ]

    def __init__(
        self, title: SafeText, text: SafeText, label: SafeText, *, is_needed: bool = True
    ) -> None:
        super().__init__()
        self._title = title
        self._text = text
        self._label = label
        self._is_needed = is_needed

    def compose(self) -> ComposeResult:
        with Vertical():
            yield LineView()
            yield LineStrip(id="label")
            yield LineInput()
        yield KeyFooter()

    def on_mount(self) -> None:
        self.query_one(Vertical).border_title = self._title
        self.query_one("#label", LineStrip).lines = (line(span(self._label, Tone.LABEL)),)
        view = self.query_one(LineView)
        view.can_focus = False
        view.styles.height = _TEXT_ROWS
        field = self.query_one(LineInput)
        field.prompt = "> "
        field.focus()
        hints = (KeyHint("enter", "Write it down"), KeyHint("esc", "Cancel"))
        self.query_one(KeyFooter).hints = hints
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        view = self.query_one(LineView)
        rows = wrap(self._text, view.room, _TEXT_ROWS)
        view.styles.height = max(1, len(rows))
        view.lines = rows

    @on(LineInput.Submitted)
    def take(self, message: LineInput.Submitted) -> None:
        """Take the text; where one is needed, nothing is no answer."""
        message.stop()
        text = message.text.strip()
        if text or not self._is_needed:
            self.dismiss(text)
        else:
            self.query_one(LineInput).note = line(span("a word is needed", Tone.DEGRADED))

    @on(LineInput.Cancelled)
    def leave(self, message: LineInput.Cancelled) -> None:
        """Close it."""
        message.stop()
        self.dismiss(None)
