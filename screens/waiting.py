"""A screen that is not built in this version: says so, and what serves until it is."""

from collections.abc import Callable
from dataclasses import dataclass

from textual.app import ComposeResult

from core.model.topology import Topology
from core.model.views import Picture
from screens.base import ConsoleScreen
from widgets.line_view import LineView
from widgets.present.command_lines import command_lines
from widgets.present.fitting import width_of, wrap
from widgets.present.line import BLANK, Line, Tone, line, span


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing that serves until then."""

    text: str
    note: str = ""
    """What it is for."""
    is_command: bool = False
    """It can be copied into a shell: where it is broken, it still is one command."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What a screen will be, and what can be used on this very system until then."""

    will_show: tuple[str, ...]
    """Sentences."""
    until_then: Callable[[Topology], tuple[Advice, ...]]
    """Made from what is configured: commands and paths that work now."""


class WaitingScreen(ConsoleScreen):
    """Shows a promise in plain words.

    Args:
        title: The screen's name.
        promise: What it will show and what to use meanwhile.
    """

    def __init__(self, title: str, promise: Promise) -> None:
        super().__init__(title)
        self._promise = promise

    def compose_body(self) -> ComposeResult:
        yield LineView()

    def show(self, picture: Picture) -> None:
        view = self.query_one(LineView)
        # A scrollbar may take the last cell, and a command there would not be whole.
        width = max(20, self.size.width - 1)
        view.lines = waiting_lines(self.title or "", self._promise, picture, width)


def waiting_lines(title: str, promise: Promise, picture: Picture, width: int) -> tuple[Line, ...]:
    """Return the whole text, wrapped to `width`."""
    lines: list[Line] = [BLANK]
    lines.append(
        line(span(f"  {title}", Tone.TITLE, bold=True), span("  not built in this version"))
    )
    lines.append(BLANK)
    lines.append(line(span("  What will be here", Tone.LABEL, bold=True)))
    for sentence in promise.will_show:
        lines += _indented(wrap(sentence, width - 6, 4))
    lines += [BLANK, line(span("  What serves until then", Tone.LABEL, bold=True))]
    for one in promise.until_then(picture.topology):
        lines += _advised(one, width)
    return tuple(lines)


def _advised(advice: Advice, width: int) -> list[Line]:
    """Return an advice in one line where that has room, else its note on a line of its own."""
    text, note = line(span("    "), span(advice.text, Tone.ACCENT)), span(advice.note, Tone.DIM)
    whole = (*text, span("    "), note) if advice.note else text
    if width_of(whole) <= width:
        return [whole]
    if advice.is_command:
        shown = list(command_lines(advice.text, width, 4))
    else:
        shown = _indented(wrap(advice.text, width - 4, 4, Tone.ACCENT))
    notes = wrap(advice.note, width - 8, 4, Tone.DIM)
    return [*shown, *(line(span("        "), *one) for one in notes)]


def _indented(lines: tuple[Line, ...]) -> list[Line]:
    return [(span("    "), *one) for one in lines]
