"""The confirm dialog: what would be done, where, to what, and what it takes to say yes.

It starts on Cancel. Keys that were typed before it could be read are dropped, pasting is refused,
and a mouse only looks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import Paste
from textual.screen import ModalScreen

from core.model.action import Plan, Rung
from core.model.action_view import PlanAnswer
from core.model.text import EMPTY, SafeText, clean
from widgets.choice_row import Choice, ChoiceRow
from widgets.key_footer import KeyFooter
from widgets.line_input import LineInput
from widgets.line_strip import LineStrip
from widgets.line_view import LineView
from widgets.present.footer import KeyHint
from widgets.present.line import Tone, line, span
from widgets.present.plan import age_line, is_grave, phrase_line, plan_lines

DEAF_S = 0.5
"""Keys typed sooner than this after the dialog opened were not meant for it."""
_TICK_S = 1.0


@dataclass(frozen=True, slots=True)
class Said:
    """What came of the dialog."""

    plan: Plan
    text: str = ""
    """What was said to the plan; empty with `looks_again`."""
    looks_again: bool = False


class PhraseInput(LineInput):
    """Takes a phrase key by key: what is pasted is refused."""

    def on_paste(self, event: Paste) -> None:
        event.stop()
        event.prevent_default()
        self.note = line(span("pasting is refused: type it", Tone.DEGRADED))


class ConfirmScreen(ModalScreen[Said | None], inherit_bindings=False):
    """Shows one plan; returns what was said, or None.

    Args:
        answer: The plan, its code and its phrase.
        boot_s: Seconds since the machine started, now: the plan's age is judged by these.
        is_armed: Whether changes are switched on in this console.
        arm: Switches them on; returns why it cannot, or nothing.
    """

    CSS: ClassVar[str] = """
    ConfirmScreen { align: center middle; background: transparent; }
    ConfirmScreen > Vertical {
        width: 100%; max-width: 96; height: auto; max-height: 100%; padding: 0 1; margin: 0 0 1 0;
        border: round $border; background: $surface;
    }
    ConfirmScreen > Vertical.-grave { border: heavy $error; }
    ConfirmScreen LineView { height: auto; max-height: 1fr; }
    ConfirmScreen LineStrip { height: 1; }
    ConfirmScreen #phrase { display: none; }
    ConfirmScreen KeyFooter { dock: bottom; }
    """
    SCOPED_CSS: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Cancel", id="confirm.cancel"),
        Binding("A", "arm", "Switch changes on", id="confirm.arm"),
        Binding("down,j", "scroll(1)", "Scroll", id="confirm.down", show=False),
        Binding("up,k", "scroll(-1)", "Scroll", id="confirm.up", show=False),
        Binding("pagedown", "scroll(8)", "Scroll", id="confirm.page-down", show=False),
        Binding("pageup", "scroll(-8)", "Scroll", id="confirm.page-up", show=False),
    ]

    def __init__(
        self,
        answer: PlanAnswer,
        plan: Plan,
        boot_s: Callable[[], float],
        *,
        is_armed: bool,
        arm: Callable[[], str],
    ) -> None:
        super().__init__()
        self._answer = answer
        self._plan = plan
        self._boot_s = boot_s
        self._is_armed = is_armed
        self._arm = arm
        self._is_typed = plan.rung is Rung.PHRASE and not plan.is_stopped
        self._has_grown_old = False

    def compose(self) -> ComposeResult:
        with Vertical():
            yield LineView()
            yield LineStrip(id="age")
            yield LineStrip(id="ask")
            yield PhraseInput(id="phrase")
            yield ChoiceRow()
        yield KeyFooter()

    def on_mount(self) -> None:
        box = self.query_one(Vertical)
        box.border_title = f"{self._plan.title}"
        box.set_class(is_grave(self._plan), "-grave")
        self.query_one(PhraseInput).prompt = "> "
        self.query_one(LineView).can_focus = False
        self.set_focus(None)
        self.set_timer(DEAF_S, self._listen)
        self.set_interval(_TICK_S, self._age)
        self._age()

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    @property
    def _left_s(self) -> float:
        return self._plan.lives_s - (self._boot_s() - self._plan.made_boot_s)

    @property
    def _can_say_yes(self) -> bool:
        return self._is_armed and self._left_s > 0 and not self._plan.is_stopped

    def _draw(self) -> None:
        view = self.query_one(LineView)
        view.lines = plan_lines(self._plan, view.scrollable_content_region.width)

    def _listen(self) -> None:
        """From now on keys are meant."""
        is_typed = self._is_typed and self._can_say_yes
        field = self.query_one(PhraseInput)
        field.display = is_typed
        (field if is_typed else self.query_one(ChoiceRow)).focus()
        self._offer()

    def _age(self) -> None:
        if not self._has_grown_old and self._left_s <= 0:
            self._has_grown_old = True
            self._listen()
        if self._plan.is_stopped:
            self.query_one("#age", LineStrip).lines = ()
        else:
            self.query_one("#age", LineStrip).lines = (
                age_line(self._left_s, is_armed=self._is_armed),
            )
        self._offer()

    def _offer(self) -> None:
        """Say what can be chosen now."""
        asked = phrase_line(self._answer.phrase) if self._is_typed and self._can_say_yes else ()
        self.query_one("#ask", LineStrip).lines = (asked,)
        cancel = Choice("cancel", clean("Close" if self._plan.is_stopped else "Cancel"))
        row = self.query_one(ChoiceRow)
        if self._plan.is_stopped or (self._is_typed and self._can_say_yes):
            row.choices = (cancel,)
        elif self._left_s <= 0:
            row.choices = (cancel, Choice("again", SafeText("Look again")))
        else:
            off = EMPTY if self._is_armed else SafeText("changes are off")
            verb = clean(f"{self._plan.verb.capitalize()}  {self._answer.code}")
            row.choices = (cancel, Choice("yes", verb, is_grave(self._plan), off))
        self.query_one(KeyFooter).hints = self._hints()

    def _hints(self) -> tuple[KeyHint, ...]:
        hints = [KeyHint("esc", "Cancel"), KeyHint("↑ ↓", "Scroll")]
        if not self._is_armed and not self._plan.is_stopped:
            hints.append(KeyHint("A", "Switch changes on"))
        if not (self._is_typed and self._can_say_yes):
            hints.append(KeyHint("← → enter", "Choose"))
        return tuple(hints)

    def action_scroll(self, by: int) -> None:
        """Move the plan under the eyes."""
        self.query_one(LineView).scroll_relative(y=by, animate=False)

    def action_arm(self) -> None:
        """Switch changes on, from within the dialog that needs them."""
        if self._is_armed:
            return
        problem = self._arm()
        if problem:
            said = line(span(clean(problem), Tone.DEGRADED))
            self.query_one("#ask", LineStrip).lines = (said,)
            return
        self._is_armed = True
        self._age()
        self._listen()

    @on(ChoiceRow.Taken)
    def choose(self, message: ChoiceRow.Taken) -> None:
        """Take what was chosen."""
        message.stop()
        if message.name == "yes" and self._can_say_yes:
            self.dismiss(Said(self._plan, self._answer.code))
        elif message.name == "again":
            self.dismiss(Said(self._plan, looks_again=True))
        elif message.name == "cancel":
            self.dismiss(None)

    @on(LineInput.Submitted)
    def say(self, message: LineInput.Submitted) -> None:
        """Take the phrase when it is exactly the one."""
        message.stop()
        field = self.query_one(PhraseInput)
        if not self._can_say_yes:
            return
        if message.text == self._answer.phrase:
            self.dismiss(Said(self._plan, message.text))
        else:
            field.note = line(span("that is not the phrase above", Tone.DEGRADED))

    @on(LineInput.Cancelled)
    def leave(self, message: LineInput.Cancelled) -> None:
        """Close it."""
        message.stop()
        self.dismiss(None)
