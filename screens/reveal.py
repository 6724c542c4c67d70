"""Shows a new key: once, for a moment that is said beforehand, and only on an extra key.

Whatever happens while it is shown (a key, another size, somebody who leaves) hides it first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Protocol

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from core.model.action_view import RevealAnswer, WaitingKey
from core.model.secret import MASK, Secret
from core.model.text import EMPTY, SafeText, clean
from screens.dialog import Dialog, dialog_css
from widgets.key_footer import KeyFooter
from widgets.line_strip import LineStrip
from widgets.line_view import LineView
from widgets.present.footer import KeyHint
from widgets.present.line import BLANK, Tone, line, span
from widgets.present.reveal import SHOWN_S, left_line, reveal_lines

_NOT_SHOWN = SafeText("it was taken and not shown, because others came to look: make another one")
_TICK_S = 0.25
_TEXT_ROWS = 8
_WIDTH_CELLS = 80
_AROUND_CELLS = 4
"""Border and padding beside the key."""


class Around(Protocol):
    """What the dialog can ask of the console around it."""

    def reason_against(self) -> SafeText:
        """Return why nothing may be shown now; empty: it may."""
        ...

    def warning(self) -> SafeText:
        """Return what a person should know before."""
        ...

    def take(self, reply: Callable[[RevealAnswer], None]) -> None:
        """Have the key taken, once it is recorded that it is; replies in the screen's loop."""
        ...

    def begin(self, secret: Secret, shown: "RevealScreen") -> bool:
        """Let the screen show it, and have it hidden by whatever happens; tell whether it may."""
        ...

    def end(self) -> None:
        """Let the screen show it no more."""
        ...

    def copy(self, secret: Secret) -> SafeText:
        """Ask the terminal to take it; return what came of that."""
        ...

    def is_left(self) -> bool:
        """Tell whether somebody has come to the terminal, or gone, since it was shown."""
        ...

    def monotonic_s(self) -> float:
        """Return seconds that never go back."""
        ...


@dataclass(frozen=True, slots=True)
class Hidden:
    """What came of it."""

    was_shown: bool
    why: SafeText


class RevealScreen(Dialog[Hidden | None], inherit_bindings=False):
    """Ends with what came of it; None: it was not shown, and still waits.

    Args:
        waiting: The key.
        around: The console.
    """

    CSS: ClassVar[str] = dialog_css("RevealScreen")
    SCOPED_CSS: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "show", "Show it", id="reveal.show"),
        Binding("c", "copy", "Copy", id="reveal.copy"),
        Binding("escape,q", "dismiss", "Not now", id="reveal.cancel"),
    ]
    KEEPS: ClassVar[frozenset[str]] = frozenset({"c"})
    """Keys that do not hide it."""

    def __init__(self, waiting: WaitingKey, around: Around) -> None:
        super().__init__()
        self._waiting, self._around = waiting, around
        self._secret: Secret | None = None
        self._is_asked = self._is_drawn = False
        self._until_s = 0.0

    def compose(self) -> ComposeResult:
        with Vertical():
            yield LineView()
            yield LineStrip(id="secret")
            yield LineStrip(id="left")
            yield LineStrip(id="problem")
        yield KeyFooter()

    def on_mount(self) -> None:
        frame = self.query_one(Vertical)
        frame.border_title = clean(f"a new key of {self._waiting.target}")
        frame.styles.width = max(_WIDTH_CELLS, self._waiting.chars + _AROUND_CELLS)
        view = self.query_one(LineView)
        view.can_focus = False
        view.styles.height = _TEXT_ROWS
        self.query_one("#secret", LineStrip).lines = (line(span(MASK, Tone.DIM)),)
        self._hint(KeyHint("enter", "Show it"), KeyHint("esc", "Not now"))
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        view = self.query_one(LineView)
        rows = reveal_lines(self._waiting, self._around.warning(), view.room)
        view.styles.height = len(rows)
        view.lines = rows
        self.call_after_refresh(self._be_ready)

    def _be_ready(self) -> None:
        """Take the key that shows it: from now on nothing moves, and would be sent again."""
        self._is_drawn = True
        self.query_one("#left", LineStrip).lines = (line(span("not shown yet", Tone.DIM)),)

    def _hint(self, *hints: KeyHint) -> None:
        self.query_one(KeyFooter).hints = hints

    def action_show(self) -> None:
        """Have the key taken, where it may be shown and there is room for it."""
        if self._is_asked or not self._is_drawn:
            return
        room = self.size.width - _AROUND_CELLS
        reason = self._around.reason_against()
        if not reason and self._waiting.chars > room:
            wanted = self._waiting.chars + _AROUND_CELLS
            reason = clean(f"the terminal is too narrow for it: {wanted} columns are needed")
        if reason:
            self._say(reason, Tone.DEGRADED)
            return
        self._is_asked = True
        self._around.take(self._take)

    def _take(self, answer: RevealAnswer) -> None:
        """Show what was taken; where that may not be any more, nobody has seen it."""
        secret = answer.secret
        if secret is None:
            self._end(Hidden(False, answer.problem))
        elif not self.is_current or not self._around.begin(secret, self):
            self._end(Hidden(False, _NOT_SHOWN))
        else:
            self._secret = secret
            self._until_s = self._around.monotonic_s() + SHOWN_S
            self._say(EMPTY)
            self._tick()
            self.query_one("#secret", LineStrip).lines = (
                line(span(clean(secret.reveal()), Tone.TITLE, bold=True)),
            )
            self._hint(KeyHint("c", "Copy"), KeyHint("any other key", "Hide it for good"))
            self.set_interval(_TICK_S, self._tick, name="reveal")

    def _tick(self) -> None:
        if self._secret is None:
            return
        left_s = self._until_s - self._around.monotonic_s()
        if left_s <= 0:
            self.conceal("its time is over")
        elif self._around.is_left():
            self.conceal("somebody came to the terminal or left it")
        else:
            self.query_one("#left", LineStrip).lines = (left_line(left_s),)

    def action_copy(self) -> None:
        """Ask the terminal to take it: only because somebody says so."""
        if self._secret is not None:
            self._say(self._around.copy(self._secret))

    def conceal(self, why: str) -> None:
        """Hide it before anything else is drawn, for good."""
        if self._secret is None:
            return
        self._secret = None
        self.query_one("#secret", LineStrip).lines = (BLANK,)
        self._around.end()
        self._end(Hidden(True, clean(why)))

    def _end(self, hidden: Hidden) -> None:
        if self.is_attached and self.is_current:
            self.dismiss(hidden)

    def on_unmount(self) -> None:
        if self._secret is not None:
            self._secret = None
            self._around.end()

    def _say(self, text: SafeText, tone: Tone = Tone.PLAIN) -> None:
        self.query_one("#problem", LineStrip).lines = (line(span(text, tone)),)
