"""Two or three choices in a row, one of them marked; enter takes it. A mouse never does."""

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import var

from core.model.text import EMPTY, SafeText, clean
from widgets.line_strip import LineStrip
from widgets.present.line import Span, Tone, span


@dataclass(frozen=True, slots=True)
class Choice:
    """One of them."""

    name: str
    text: SafeText
    is_grave: bool = False
    reason_against: SafeText = EMPTY
    """Why it cannot be taken now; empty: it can."""


class ChoiceRow(LineStrip, can_focus=True):
    """Draws choices side by side; the first is marked to begin with."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h,shift+tab", "move(-1)", "Left", id="choice.left", show=False),
        Binding("right,l,tab", "move(1)", "Right", id="choice.right", show=False),
        Binding("enter", "take", "Take", id="choice.take"),
    ]

    @dataclass
    class Taken(Message):
        """A person pressed enter on a choice."""

        name: str

    @dataclass
    class Refused(Message):
        """A person pressed enter on a choice that cannot be taken."""

        name: str
        reason: SafeText

    choices: var[tuple[Choice, ...]] = var((), init=False)
    marked: var[int] = var(0, init=False)

    def action_move(self, by: int) -> None:
        """Mark the next choice, not around the corner: a held key stays at the end."""
        self.marked = min(max(self.marked + by, 0), len(self.choices) - 1)

    def action_take(self) -> None:
        """Take the marked choice, if it can be taken."""
        if self.marked < len(self.choices):
            choice = self.choices[self.marked]
            if choice.reason_against:
                self.post_message(self.Refused(choice.name, choice.reason_against))
            else:
                self.post_message(self.Taken(choice.name))

    def watch_choices(self) -> None:
        self.marked = min(self.marked, max(0, len(self.choices) - 1))
        self._draw()

    def watch_marked(self) -> None:
        self._draw()

    def watch_has_focus(self, _has_focus: bool) -> None:
        super().watch_has_focus(_has_focus)
        self._draw()

    def _draw(self) -> None:
        spans: list[Span] = []
        for index, one in enumerate(self.choices):
            is_marked = index == self.marked and self.has_focus
            tone = Tone.DOWN if one.is_grave else Tone.TITLE
            tone = Tone.DIM if one.reason_against else tone
            text = clean(f"▸ {one.text} " if is_marked else f"  {one.text} ")
            spans += [Span(text, tone, is_marked, is_marked), span("   ")]
        marked = self.choices[self.marked] if self.marked < len(self.choices) else None
        if marked is not None and marked.reason_against:
            spans.append(span(f"({marked.reason_against})", Tone.DEGRADED))
        self.lines = (tuple(spans),)
