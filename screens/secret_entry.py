"""Asks for a secret: typed or pasted, and never drawn; all there is to see is how long it is."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import Key, Paste

from core.model.secret import Secret
from core.model.text import SafeText
from core.model.veil import VEIL
from screens.dialog import Dialog, dialog_css
from widgets.key_footer import KeyFooter
from widgets.line_strip import LineStrip
from widgets.line_view import LineView
from widgets.present.entering import MOST_CHARS, entered_line, problem_with
from widgets.present.fitting import wrap
from widgets.present.footer import KeyHint
from widgets.present.line import BLANK, Tone, line, span

_TEXT = (
    "What is typed or pasted is not shown. It goes into a private file, which is removed once it"
    " is used; no plan, journal or record has it."
)
_TEXT_ROWS = 4


class SecretField(LineStrip, can_focus=True):
    """Takes characters and draws none of them."""

    def __init__(self) -> None:
        super().__init__(id="field")
        self._value = ""

    @property
    def secret(self) -> Secret:
        """What was entered, without blanks around it and a last line's end."""
        return Secret(self._value.strip())

    def on_mount(self) -> None:
        self._become("")

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Keep what is typed from being bindings."""
        return character is not None and character.isprintable()

    def on_key(self, event: Key) -> None:
        """Add a character, or take the last one or all away."""
        if event.key == "backspace":
            self._become(self._value[:-1])
        elif event.key in {"ctrl+u", "ctrl+w"}:
            self._become("")
        elif event.is_printable and event.character is not None:
            self._become(self._value + event.character)
        else:
            return
        event.stop()
        event.prevent_default()

    def on_paste(self, event: Paste) -> None:
        event.stop()
        event.prevent_default()
        self._become(self._value + event.text)

    def forget(self) -> None:
        """Have nothing any more."""
        self._become("")

    def on_unmount(self) -> None:
        self._value = ""

    def notify_style_update(self) -> None:
        super().notify_style_update()
        if self.is_mounted:
            self._draw()

    def _become(self, value: str) -> None:
        self._value = value[: MOST_CHARS + 1]
        self._draw()

    def _draw(self) -> None:
        count = len(self._value.strip())
        self.lines = (entered_line(count, is_presenting=VEIL.is_presenting),)


class SecretEntryScreen(Dialog[Secret | None], inherit_bindings=False):
    """Ends with what was entered, or None.

    Args:
        title: What it is for.
        label: What is asked for.
    """

    CSS: ClassVar[str] = dialog_css("SecretEntryScreen")
    SCOPED_CSS: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Plan it", id="secret-entry.submit"),
        Binding("escape", "dismiss", "Cancel", id="secret-entry.cancel"),
    ]

    def __init__(self, title: SafeText, label: SafeText) -> None:
        super().__init__()
        self._title, self._label = title, label

    def compose(self) -> ComposeResult:
        with Vertical():
            yield LineView()
            yield LineStrip(id="label")
            yield SecretField()
            yield LineStrip(id="problem")
        yield KeyFooter()

    def on_mount(self) -> None:
        self.query_one(Vertical).border_title = self._title
        self.query_one("#label", LineStrip).lines = (line(span(self._label, Tone.LABEL)),)
        view = self.query_one(LineView)
        view.can_focus = False
        view.styles.height = _TEXT_ROWS
        self.query_one(SecretField).focus()
        hints = (
            KeyHint("enter", "Plan it"),
            KeyHint("ctrl+u", "Begin anew"),
            KeyHint("esc", "Cancel"),
        )
        self.query_one(KeyFooter).hints = hints
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        view = self.query_one(LineView)
        rows = (*wrap(_TEXT, view.room, _TEXT_ROWS, Tone.DIM), BLANK)
        view.styles.height = len(rows)
        view.lines = rows

    def action_submit(self) -> None:
        """Take what was entered; what cannot be a secret is refused, and nobody says what it is."""
        field = self.query_one(SecretField)
        secret = field.secret
        problem = problem_with(secret)
        if problem:
            self.query_one("#problem", LineStrip).lines = (line(span(problem, Tone.DEGRADED)),)
            return
        field.forget()
        self.dismiss(secret)
