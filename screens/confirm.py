"""The confirm dialog: what would be done, where, to what, and what it takes to say yes.

It starts on Cancel. Keys that were typed before it could be read are dropped, pasting is refused,
a mouse only looks, and nobody says yes to a long list whose end they have not seen.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import Paste

from core.model.action import Danger, Plan, Rung
from core.model.action_view import PlanAnswer
from core.model.text import EMPTY, SafeText, clean
from screens.dialog import Dialog
from widgets.choice_row import Choice, ChoiceRow
from widgets.key_footer import KeyFooter
from widgets.line_input import LineInput
from widgets.line_strip import LineStrip
from widgets.line_view import LineView
from widgets.present.footer import KeyHint
from widgets.present.line import BLANK, Line, Tone, line, span
from widgets.present.plan import (
    age_line,
    is_grave,
    lines_to_read,
    more_line,
    phrase_line,
    plan_lines,
    where_line,
)

DEAF_S = 0.5
"""Keys typed sooner than this after the dialog opened were not meant for it."""
_TICK_S = 1.0
_AROUND_LINES = 10
"""Lines that are not the plan: border, where, what is below, age, what is asked with its field or
the choices, and around them the screen's header, the footer and its margin."""
_LEAST_LINES = 3


@dataclass(frozen=True, slots=True)
class Said:
    """What came of the dialog."""

    plan: Plan
    text: str = ""
    """What was said to the plan; empty with `looks_again`."""
    looks_again: bool = False


@dataclass(frozen=True, slots=True)
class Around:
    """What the dialog can ask of the console around it.

    `arm` returns why changes cannot be switched on, or nothing; `look_after` asks what somebody
    else still has to do, and the answer comes by `take_waiting`.
    """

    boot_s: Callable[[], float]
    """Seconds since the machine started, now: the plan's age is judged by these."""
    arm: Callable[[], str]
    look_after: Callable[["ConfirmScreen"], None]
    refuse: Callable[[str, SafeText, str], None]
    """Is told of a yes that was not taken: what was wished for, why not, and the action's id."""


class PhraseInput(LineInput):
    """Takes a phrase key by key: what is pasted is refused."""

    def on_paste(self, event: Paste) -> None:
        event.stop()
        event.prevent_default()
        self.note = line(span("pasting is refused: type it", Tone.DEGRADED))


class ConfirmScreen(Dialog[Said | None], inherit_bindings=False):
    """Shows one plan; returns what was said, or None.

    Args:
        answer: The plan, its code and its phrase.
        plan: The plan.
        around: The console.
        is_armed: Whether changes are switched on in this console.
    """

    CSS: ClassVar[str] = """
    ConfirmScreen { align: center middle; background: transparent; }
    ConfirmScreen > Vertical {
        width: 100%; max-width: 96; height: auto; max-height: 100%; padding: 0 1; margin: 1 0;
        border: round $border; background: $surface;
    }
    ConfirmScreen > Vertical.-grave { border: heavy $error; }
    ConfirmScreen #phrase { display: none; }
    ConfirmScreen KeyFooter { dock: bottom; }
    """
    SCOPED_CSS: ClassVar[bool] = False
    # Nothing has the keys until it listens; Textual would give them to the choices at once.
    AUTO_FOCUS: ClassVar[str | None] = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Cancel", id="confirm.cancel"),
        Binding("A", "arm", "Switch changes on", id="confirm.arm"),
        Binding("down,j", "scroll(1)", "Scroll", id="confirm.down", show=False),
        Binding("up,k", "scroll(-1)", "Scroll", id="confirm.up", show=False),
        Binding("pagedown,space", "page(1)", "Scroll", id="confirm.page-down", show=False),
        Binding("pageup", "page(-1)", "Scroll", id="confirm.page-up", show=False),
        Binding("home,g", "edge(False)", "Top", id="confirm.home", show=False),
        Binding("end,G", "edge(True)", "End", id="confirm.end", show=False),
    ]

    def __init__(self, answer: PlanAnswer, plan: Plan, around: Around, *, is_armed: bool) -> None:
        super().__init__()
        self._answer = answer
        self.plan = plan
        """What is asked about."""
        self._around = around
        self._is_armed = is_armed or plan.danger is Danger.READ
        self._waits_for = self._with_code(answer.waits_for)
        self.is_listening = False
        """Whether keys are meant for it by now."""
        self._seen = 0
        """Lines from the first on that were in sight, none left out."""
        self._has_read = False

    def compose(self) -> ComposeResult:
        with Vertical():
            yield LineStrip(id="where")
            yield LineView()
            yield LineStrip(id="more")
            yield LineStrip(id="age")
            yield LineStrip(id="ask")
            yield PhraseInput(id="phrase")
            yield ChoiceRow()
        yield KeyFooter()

    def on_mount(self) -> None:
        box = self.query_one(Vertical)
        box.border_title = self.plan.title
        box.set_class(is_grave(self.plan), "-grave")
        view = self.query_one(LineView)
        view.can_focus = False
        self.query_one(PhraseInput).prompt = "> "
        self.set_focus(None)
        self.watch(view, "scroll_y", self._look, init=False)
        self.set_timer(DEAF_S, self._listen)
        self.set_interval(_TICK_S, self._age)
        self._age()

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    @property
    def _left_s(self) -> float:
        return self.plan.lives_s - (self._around.boot_s() - self.plan.made_boot_s)

    @property
    def _unread(self) -> int:
        """Lines that have to be seen first."""
        if self._has_read or self.plan.rung not in {Rung.LIST, Rung.PHRASE}:
            return 0
        return max(1, self._to_read - self._seen)

    @property
    def _to_read(self) -> int:
        return lines_to_read(self.plan, len(self.query_one(LineView).lines))

    @property
    def _can_say_yes(self) -> bool:
        return (
            self.is_listening
            and self._is_armed
            and self._left_s > 0
            and not self.plan.is_stopped
            and not self._waits_for
            and not self._unread
        )

    @property
    def _is_typed(self) -> bool:
        return self.plan.rung is Rung.PHRASE and self._can_say_yes

    def _draw(self) -> None:
        """Lay the plan out in the room there is."""
        view = self.query_one(LineView)
        where = self.query_one("#where", LineStrip)
        width = where.size.width
        where.lines = (where_line(self.plan, self._answer.code, width),)
        most = max(_LEAST_LINES, self.size.height - _AROUND_LINES)
        lines = plan_lines(self.plan, width)
        if len(lines) > most:
            # The scrollbar takes a cell.
            lines = plan_lines(self.plan, width - 1)
        view.styles.height = min(most, len(lines))
        view.lines = lines
        self._seen = 0  # other lines than before, where the width is another
        self.call_after_refresh(self._look)

    def _below(self) -> int:
        view = self.query_one(LineView)
        return max(0, len(view.lines) - view.size.height - round(view.scroll_y))

    def _look(self) -> None:
        """Say how much is out of sight, and take note of what is in sight."""
        view = self.query_one(LineView)
        if not view.lines or not view.size.height:
            return
        top = round(view.scroll_y)
        if top <= self._seen:
            self._seen = max(self._seen, top + view.size.height)
        self._has_read = self._has_read or self._seen >= self._to_read
        self._offer()

    def _listen(self) -> None:
        """From now on keys are meant."""
        self.is_listening = True
        if self.plan.rung is Rung.NONE and self._can_say_yes:
            # Nothing is changed: there is nothing to be careful about.
            self._offer()
            self.query_one(ChoiceRow).action_move(1)
        self._offer()

    def _age(self) -> None:
        if self._waits_for:
            self._around.look_after(self)
        self._offer()

    def take_waiting(self, waits_for: SafeText) -> None:
        """Take what somebody else still has to do."""
        waits_for = self._with_code(waits_for)
        if self.is_attached and waits_for != self._waits_for:
            self._waits_for = waits_for
            self._offer()

    def _with_code(self, text: SafeText) -> SafeText:
        """Return a text that names a command with the code of this plan in it."""
        return clean(text.replace("CODE", self._answer.code))

    def _offer(self) -> None:
        """Say what can be chosen now, and give the keys to what takes them."""
        width = self.query_one("#where").size.width
        more = more_line(self._below(), self._unread, width)
        self.query_one("#more", LineStrip).lines = (more,)
        age = BLANK
        if not self.plan.is_stopped:
            age = age_line(
                self._left_s, width, is_armed=self._is_armed, waits_for=self._waits_for
            )  # fmt: skip
        self.query_one("#age", LineStrip).lines = (age,)
        self.query_one("#ask", LineStrip).lines = (self._asked(width),)
        row, field = self.query_one(ChoiceRow), self.query_one(PhraseInput)
        row.choices = self._choices()
        field.display, row.display = self._is_typed, not self._is_typed
        wanted = field if self._is_typed else row
        if self.is_listening and self.focused is not wanted:
            wanted.focus()
        self.query_one(KeyFooter).hints = self._hints()

    def _asked(self, width: int) -> Line:
        """Return what is to be typed, from the beginning on where it may come to that."""
        if self.plan.rung is not Rung.PHRASE or self.plan.is_stopped or self._left_s <= 0:
            return BLANK
        return phrase_line(self._answer.phrase, width, is_taken=self._is_typed)

    def _choices(self) -> tuple[Choice, ...]:
        cancel = Choice("cancel", clean("Close" if self.plan.is_stopped else "Cancel"))
        again = Choice("again", SafeText("Look again"))
        if self.plan.is_stopped or self._left_s <= 0:
            return (cancel, again)
        verb = clean(f"{self.plan.verb.capitalize()}  {self._answer.code}")
        return (cancel, Choice("yes", verb, is_grave(self.plan), self._reason_against_yes()))

    def _reason_against_yes(self) -> SafeText:
        if not self._is_armed:
            return SafeText("changes are off")
        if self._waits_for:
            return SafeText("waits for a second person")
        return SafeText("read to the end first") if self._unread else EMPTY

    def _hints(self) -> tuple[KeyHint, ...]:
        hints = [KeyHint("esc", "Close" if self.plan.is_stopped else "Cancel")]
        if self._below() or self.query_one(LineView).scroll_y:
            hints.append(KeyHint("↑ ↓", "Scroll"))
        if not self._is_armed and not self.plan.is_stopped and self._left_s > 0:
            hints.append(KeyHint("A", "Switch changes on"))
        hints.append(
            KeyHint("enter", "Say it") if self._is_typed else KeyHint("← → enter", "Choose")
        )
        return tuple(hints)

    def action_scroll(self, by: int) -> None:
        """Move the plan under the eyes."""
        self.query_one(LineView).scroll_relative(y=by, animate=False)

    def action_page(self, by: int) -> None:
        """Move it by what is in sight, but for a line."""
        self.action_scroll(by * max(1, self.query_one(LineView).size.height - 1))

    def action_edge(self, is_end: bool) -> None:
        """Go to its first line, or to its last."""
        view = self.query_one(LineView)
        self.action_scroll(len(view.lines) if is_end else -len(view.lines))

    def action_arm(self) -> None:
        """Switch changes on, from within the dialog that needs them."""
        if self._is_armed or self.plan.is_stopped or not self.is_listening:
            return
        problem = self._around.arm()
        self._is_armed = not problem
        self._offer()
        if problem:
            said = line(span(f"✖ {problem}", Tone.DEGRADED))
            self.query_one("#ask", LineStrip).lines = (said,)

    @on(ChoiceRow.Taken)
    def choose(self, message: ChoiceRow.Taken) -> None:
        """Take what was chosen."""
        message.stop()
        if message.name == "yes" and self._can_say_yes and not self._is_typed:
            self.dismiss(Said(self.plan, self._answer.code))
        elif message.name == "again":
            self.dismiss(Said(self.plan, looks_again=True))
        elif message.name == "cancel":
            self.dismiss(None)

    @on(ChoiceRow.Refused)
    def refuse(self, message: ChoiceRow.Refused) -> None:
        """Have a yes while changes are off written down; the dialog says why it is not taken."""
        message.stop()
        if self.is_listening and not self._is_armed:
            self._around.refuse("confirm", message.reason, self.plan.id)

    @on(LineInput.Submitted)
    def say(self, message: LineInput.Submitted) -> None:
        """Take the phrase when it is exactly the one."""
        message.stop()
        if not self._is_typed:
            return
        if message.text == self._answer.phrase:
            self.dismiss(Said(self.plan, message.text))
        else:
            wrong = line(span("that is not the phrase above", Tone.DEGRADED))
            self.query_one(PhraseInput).note = wrong

    @on(LineInput.Cancelled)
    def leave(self, message: LineInput.Cancelled) -> None:
        """Close it."""
        message.stop()
        self.dismiss(None)
