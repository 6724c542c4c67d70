"""Asks for the inputs of an action, one line each; choices turn with the arrow keys."""

from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from core.model.action import ActionRequest, Input, Offer
from core.model.masking import is_telling
from core.model.secret import MASK
from core.model.text import EMPTY, SafeText
from core.model.veil import VEIL
from screens.dialog import Dialog, dialog_css
from widgets.key_footer import KeyFooter
from widgets.line_input import LineInput
from widgets.line_strip import LineStrip
from widgets.present.fitting import wrap
from widgets.present.footer import KeyHint
from widgets.present.line import BLANK, Tone, line, span

ANYTHING = "*"
"""The name of an input that stands for any: `NAME=VALUE`, several with blanks between."""
_ROOM_CELLS, _MOST_ROWS = 74, 4
"""Of what is said of a problem: a terminal of eighty cells has so much room in a dialog."""
_VALUE = "value"
"""The name of an input for whatever a variable shall hold, secret or not."""


class InputField(LineInput):
    """One input."""

    def __init__(self, one: Input, text: str) -> None:
        name = one.name if one.name != ANYTHING else "any"
        super().__init__(id=f"input-{name.replace('.', '-')}")
        self.input = one
        self._at_first = text

    @property
    def shown(self) -> str:
        """What is drawn of it: bullets where its name tells of a secret."""
        name = self.input.name
        is_secret = is_telling(name) or (name == _VALUE and VEIL.is_presenting)
        return MASK[0] * len(self.text) if is_secret else self.text

    def notify_style_update(self) -> None:
        super().notify_style_update()
        if self.is_mounted:
            self.watch_value()

    def on_mount(self) -> None:
        self.set_text(self._at_first)
        self.prompt = "> "
        if self.input.choices:
            self.note = line(span(" | ".join(self.input.choices), Tone.DIM))


class InputsScreen(Dialog[ActionRequest | None], inherit_bindings=False):
    """Ends with a request, or None.

    Args:
        offer: What was chosen.
        refused: What was asked for with it before and cannot be planned; it is there again.
        problem: Why that is so.
    """

    CSS: ClassVar[str] = dialog_css("InputsScreen")
    SCOPED_CSS: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Cancel", id="inputs.cancel"),
        # Before the line that has the cursor hears of them: what is typed next is for another one.
        Binding("down,tab", "app.focus_next", "Next", id="inputs.next", show=False, priority=True),
        Binding(
            "up,shift+tab",
            "app.focus_previous",
            "Back",
            id="inputs.back",
            show=False,
            priority=True,
        ),
        Binding("enter", "go_on", "Next, then plan", id="inputs.enter", show=False, priority=True),
    ]

    def __init__(
        self, offer: Offer, refused: ActionRequest | None = None, problem: SafeText = EMPTY
    ) -> None:
        super().__init__()
        self._offer, self._refused, self._refusal = offer, refused, problem
        self._typed: dict[InputField, str] = {}

    def compose(self) -> ComposeResult:
        with Vertical():
            for one in self._offer.inputs:
                yield LineStrip(classes="label")
                yield InputField(one, self._text_at_first(one))
            yield LineStrip(id="problem")
        yield KeyFooter()

    def on_mount(self) -> None:
        self.query_one(Vertical).border_title = self._offer.title
        for label, one in zip(
            self.query(".label").results(LineStrip), self._offer.inputs, strict=True
        ):
            needed = span("  needed", Tone.DEGRADED) if one.is_required else span("")
            # The name is what a plan, the audit log and the command line call it.
            name = "" if one.name in {ANYTHING, one.title} else f"{one.name}  "
            label.lines = (line(span(name), span(one.title, Tone.LABEL), needed),)
        self.set_focus(self.query(InputField).first())
        hints = (KeyHint("enter", "Next, then plan"), KeyHint("esc", "Cancel"))
        self.query_one(KeyFooter).hints = hints
        self._tell(self._refusal)

    def _text_at_first(self, one: Input) -> str:
        if self._refused is None:
            return one.default
        if one.name != ANYTHING:
            return self._refused.input(one.name)
        named = {other.name for other in self._offer.inputs}
        others = (pair for pair in self._refused.inputs if pair[0] not in named)
        return " ".join(map("=".join, others))

    def action_go_on(self) -> None:
        """Go to the next line; after the last one, ask for the plan."""
        fields = list(self.query(InputField))
        here = next((at for at, one in enumerate(fields) if one is self.focused), len(fields) - 1)
        if here + 1 < len(fields):
            self.set_focus(fields[here + 1])
            return
        self._typed.clear()
        for one in fields:
            # Each has keys before it that it has not taken yet; what comes later is not meant.
            one.call_later(partial(self._note, one, len(fields)))

    @on(LineInput.Submitted)
    def submit(self, message: LineInput.Submitted) -> None:
        """Do as enter does, for a key that was chosen in its place."""
        message.stop()
        self.action_go_on()

    def _note(self, field: InputField, count: int) -> None:
        """Note what a line holds; once all `count` are known, ask for the plan."""
        self._typed[field] = field.text.strip()
        if len(self._typed) == count:
            self.call_later(self._end, dict(self._typed))

    def _end(self, typed: Mapping[InputField, str]) -> None:
        problem = self._problem(typed)
        if problem:
            self._tell(problem)
            return
        pairs = [pair for one in self.query(InputField) for pair in _pairs(one.input, typed[one])]
        self.dismiss(ActionRequest(self._offer.action, self._offer.target, tuple(pairs)))

    def _tell(self, problem: str) -> None:
        strip = self.query_one("#problem", LineStrip)
        lines = wrap(problem, _ROOM_CELLS, _MOST_ROWS, Tone.DEGRADED)
        strip.styles.height = max(1, len(lines))
        strip.lines = lines or (BLANK,)

    @on(LineInput.Cancelled)
    def leave(self, message: LineInput.Cancelled) -> None:
        """Close it."""
        message.stop()
        self.dismiss(None)

    def _problem(self, typed: Mapping[InputField, str]) -> str:
        """Return what is missing, and put the cursor there."""
        for one in self.query(InputField):
            text = typed[one]
            is_wrong = bool(text and one.input.choices and text not in one.input.choices)
            if is_wrong or (one.input.is_required and not text):
                self.set_focus(one)
                choices = f": one of {', '.join(one.input.choices)}" if is_wrong else " is needed"
                name = one.input.title if one.input.name == ANYTHING else one.input.name
                return f"{name}{choices}"
        return ""


def _pairs(asked: Input, text: str) -> list[tuple[str, str]]:
    if asked.name != ANYTHING:
        return [(asked.name, text)] if text else []
    words = [word.partition("=") for word in text.split()]
    return [(name, value) for name, separator, value in words if separator]
