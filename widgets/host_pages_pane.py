"""The names of the host screen's panes, where only one of them has room."""

from textual.reactive import var

from widgets.line_view import LineView
from widgets.present.line import Line, Span, Tone, span


class HostPagesPane(LineView, can_focus=False):
    """One line: all panes, the shown one marked."""

    DEFAULT_CSS = """
    HostPagesPane { height: 1; width: 100%; }
    """

    names: var[tuple[str, ...]] = var((), init=False)
    current: var[str] = var("", init=False)

    def watch_names(self) -> None:
        self.redraw()

    def watch_current(self) -> None:
        self.redraw()

    def redraw(self) -> None:
        parts: list[Span] = []
        for name in self.names:
            is_here = name == self.current
            text = span(f" {name} ").text
            parts.append(Span(text, Tone.ACCENT if is_here else Tone.DIM, is_here, is_here))
        parts.append(span("  tab: next", Tone.DIM))
        line: Line = tuple(parts)
        self.lines = (line,)
