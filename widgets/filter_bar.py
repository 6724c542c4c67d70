"""The line that shows and edits a filter. It stays in sight for as long as rows are hidden."""

from textual.binding import Binding
from textual.reactive import var

from widgets.line_input import LineInput
from widgets.present.line import Line, Tone, line, span


class FilterBar(LineInput, inherit_bindings=False):
    """Shown while it is typed in, and afterwards while anything is filtered. Sits on the footer."""

    DEFAULT_CSS = """
    FilterBar { dock: bottom; height: 1; margin: 0 0 1 0; background: $surface; display: none; }
    """
    BINDINGS = [
        Binding("enter", "submit", "Keep filter", id="filter.keep"),
        Binding("escape", "cancel", "Clear filter", id="filter.clear"),
    ]

    counts: var[tuple[int, int, int, int]] = var((0, 0, 0, 0), init=False)
    is_faults_only: var[bool] = var(False, init=False)

    def on_mount(self) -> None:
        self.prompt = "/"

    def watch_counts(self) -> None:
        self._tell()

    def watch_is_faults_only(self) -> None:
        self._tell()

    def watch_has_focus(self, _has_focus: bool) -> None:
        super().watch_has_focus(_has_focus)
        self._tell()

    def _tell(self) -> None:
        note = counts_note(self.counts, is_faults_only=self.is_faults_only)
        # While it is typed in, the footer says so.
        self.note = note if self.has_focus else (*note, span("   esc shows all", Tone.LABEL))


def counts_note(counts: tuple[int, int, int, int], *, is_faults_only: bool) -> Line:
    """Return what is hidden: `12 of 340 · faults only · 3 marked (1 hidden)`."""
    shown, total, marked, hidden = counts
    parts = [f"{shown} of {total}"]
    if is_faults_only:
        parts.append("faults only")
    if marked:
        parts.append(f"{marked} marked" + (f" ({hidden} hidden)" if hidden else ""))
    return line(span(" · ".join(parts), Tone.DEGRADED if shown < total else Tone.DIM))
