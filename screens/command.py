"""The command line and the palette: one dialog that completes what is typed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.events import Key, Paste
from textual.geometry import Size
from textual.reactive import var

from screens.dialog import Dialog
from widgets.line_input import LineInput
from widgets.line_strip import LineStrip
from widgets.present.fitting import cut, fit
from widgets.present.line import Line, Span, Tone, line, span

_ROWS = 10
_MARK = "▸ "
_LEAST_SUMMARY = 14
"""Cells that stay for what a command does, with the gap before it."""


@dataclass(frozen=True, slots=True)
class Completion:
    """One way to go on."""

    command: str
    """The whole command line it stands for, without the colon."""
    summary: str
    keys: str = ""
    """The key that does the same, if there is one."""
    takes_more: bool = False
    """An argument can follow."""


class CompletionList(LineStrip):
    """The completions, the chosen one marked."""

    DEFAULT_CSS = """
    CompletionList {
        height: auto; max-height: 11; width: 100%; background: $surface; border-top: solid $border;
    }
    """

    completions: var[tuple[Completion, ...]] = var((), init=False)
    chosen: var[int] = var(0, init=False)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return min(_ROWS, len(self.completions))

    def watch_completions(self) -> None:
        self.refresh(layout=True)
        self.draw()

    def watch_chosen(self) -> None:
        self.draw()

    def on_resize(self) -> None:
        self.draw()

    def draw(self) -> None:
        """Draw the rows around the chosen one."""
        first = max(0, min(self.chosen - _ROWS + 2, len(self.completions) - _ROWS))
        rows = self.completions[first : first + _ROWS]
        width = self.size.width
        names = name_cells(rows, width)
        self.lines = tuple(
            completion_line(one, width, names, is_chosen=first + index == self.chosen)
            for index, one in enumerate(rows)
        )


class CommandScreen(Dialog[str | None], inherit_bindings=False):
    """Ends with the command line to run, or None.

    Args:
        prompt: What stands before the text: `:` or `>`.
        complete: Gives the completions of a text, best first.
        problem_with: Says why a command line cannot be run; empty when it can.
    """

    CSS: ClassVar[str] = """
    CommandScreen { align: left bottom; background: transparent; }
    CommandScreen LineInput { background: $panel; }
    """
    SCOPED_CSS: ClassVar[bool] = False
    BINDINGS = [
        Binding("escape,ctrl+c", "close", "Close", id="command.close"),
        Binding("enter", "run", "Run", id="command.run"),
        Binding("tab", "complete", "Complete", id="command.complete"),
        Binding("up,shift+tab,ctrl+p", "choose(-1)", "Previous", id="command.previous", show=False),
        Binding("down,ctrl+n", "choose(1)", "Next", id="command.next", show=False),
    ]

    def __init__(
        self,
        prompt: str,
        complete: Callable[[str], tuple[Completion, ...]],
        problem_with: Callable[[str], str],
    ) -> None:
        super().__init__()
        self._prompt = prompt
        self._complete = complete
        self._problem_with = problem_with
        self._has_chosen = self._is_palette

    @property
    def _is_palette(self) -> bool:
        return self._prompt != ":"

    def compose(self) -> ComposeResult:
        yield CompletionList()
        field = LineInput()
        field.prompt = self._prompt
        yield field

    def on_mount(self) -> None:
        self.query_one(LineInput).focus()
        self._offer()

    def on_key(self, event: Key) -> None:
        """Take what was typed before the field had the keys."""
        field = self.query_one(LineInput)
        if not field.has_focus and field.take(event):
            event.stop()

    def on_paste(self, event: Paste) -> None:
        self.query_one(LineInput).on_paste(event)

    @on(LineInput.Changed)
    def offer_again(self, message: LineInput.Changed) -> None:
        """Complete what is typed now."""
        message.stop()
        self._has_chosen = self._is_palette
        self._offer()

    @on(LineInput.Submitted)
    def run_submitted(self, message: LineInput.Submitted) -> None:
        message.stop()
        self.action_run()

    @on(LineInput.Cancelled)
    def close_cancelled(self, message: LineInput.Cancelled) -> None:
        message.stop()
        self.action_close()

    def action_close(self) -> None:
        self.dismiss(None)

    def action_choose(self, by: int) -> None:
        """Mark another completion."""
        view = self.query_one(CompletionList)
        if view.completions:
            view.chosen = (view.chosen + by) % len(view.completions)
            self._has_chosen = True
            self._tell_place()

    def action_complete(self) -> None:
        """Write the marked completion into the field."""
        one = self._marked()
        if one is not None:
            self.query_one(LineInput).set_text(one.command + (" " if one.takes_more else ""))
            self._offer()

    def action_run(self) -> None:
        """Run what is typed when it is a command, else what is marked."""
        field = self.query_one(LineInput)
        typed, one = field.text.strip(), self._marked()
        if one is not None and (self._has_chosen or self._problem_with(typed)):
            typed = one.command
        problem = self._problem_with(typed) if typed else ""
        if problem:
            field.note = line(span(problem, Tone.DEGRADED))
            return
        self.dismiss(typed or None)

    def complete_again(self) -> None:
        """Complete what is typed anew, unless a completion was chosen already."""
        if not self.query_one(CompletionList).chosen:
            self._offer()

    def _offer(self) -> None:
        field, view = self.query_one(LineInput), self.query_one(CompletionList)
        view.completions = self._complete(field.text)
        view.chosen = 0
        has_none = not view.completions and field.text.strip()
        problem = self._problem_with(field.text.strip()) if has_none else ""
        field.note = line(span(problem, Tone.DEGRADED)) if problem else ()
        self._tell_place()

    def _tell_place(self) -> None:
        """Say how far down the marked completion is, where not all are in sight."""
        field, view = self.query_one(LineInput), self.query_one(CompletionList)
        if len(view.completions) > _ROWS:
            place = f"{view.chosen + 1} of {len(view.completions)}"
            field.note = line(span(place, Tone.DIM))

    def _marked(self) -> Completion | None:
        view = self.query_one(CompletionList)
        return view.completions[view.chosen] if view.chosen < len(view.completions) else None


def name_cells(completions: Sequence[Completion], width: int) -> int:
    """Return the cells of the column of commands: what tells them apart is at their ends."""
    longest = max((cell_len(_MARK + one.command) for one in completions), default=0)
    usual = min(34, max(12, width // 3))
    return max(usual, min(longest, width - _LEAST_SUMMARY))


def completion_line(one: Completion, width: int, names: int, *, is_chosen: bool) -> Line:
    """Return a row: the command in `names` cells, what it does, its key."""
    mark = _MARK if is_chosen else " " * len(_MARK)
    name = fit((Span(span(mark + one.command).text, Tone.TITLE, is_chosen),), names)
    keys = span(f"  {one.keys}", Tone.KEY) if one.keys else span("")
    return cut((*name, span("  "), span(one.summary, Tone.LABEL), keys), width)
