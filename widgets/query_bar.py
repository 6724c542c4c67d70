"""The line in which a query is typed: what is searched for (`/`), or what is shown (`&`)."""

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message

from widgets.line_input import LineInput
from widgets.present.line import Tone, line, span


class QueryBar(LineInput, inherit_bindings=False):
    """Sits on the footer while somebody types."""

    DEFAULT_CSS = """
    QueryBar {
        dock: bottom; layer: above; height: 1; margin: 0 0 1 0; background: $surface;
        display: none;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Apply", id="query.apply"),
        Binding("escape", "cancel", "Leave", id="query.leave"),
    ]

    @dataclass
    class Entered(Message):
        """A query was typed to its end."""

        prompt: str
        text: str

    @dataclass
    class Typed(Message):
        """The query is being typed."""

        prompt: str
        text: str

    @dataclass
    class Left(Message):
        """Nothing shall change."""

        prompt: str

    @on(LineInput.Changed)
    def tell_typing(self, message: LineInput.Changed) -> None:
        """Pass it on under our own name: the filter line of tables listens to the other."""
        message.stop()
        self.post_message(self.Typed(self.prompt, message.text))

    def action_submit(self) -> None:
        self.post_message(self.Entered(self.prompt, self.text))

    def action_cancel(self) -> None:
        self.post_message(self.Left(self.prompt))

    def show_problem(self, problem: str, at_char: int) -> None:
        """Say what is wrong with the text, and put the cursor there."""
        self.value = type(self.value)(self.value.text, min(at_char, len(self.value.text)))
        self.note = line(span(f" {problem}", Tone.DOWN, bold=True))

    def show_hint(self, hint: str) -> None:
        """Say what can be typed."""
        self.note = line(span(f" {hint}", Tone.DIM))
