"""The names of what the screen of actions can show, the shown one marked."""

from textual.reactive import var

from core.model.action_pages import Page
from widgets.line_strip import LineStrip
from widgets.present.line import Span, Tone, span


class ActionPagesPane(LineStrip):
    """One line: all pages."""

    current: var[Page] = var(Page.ACTIONS, init=False)

    def on_mount(self) -> None:
        self._draw()

    def watch_current(self) -> None:
        self._draw()

    def _draw(self) -> None:
        parts: list[Span] = []
        for page in Page:
            is_here = page is self.current
            text = span(f" {page.value.capitalize()} ").text
            parts.append(Span(text, Tone.ACCENT if is_here else Tone.DIM, is_here, is_here))
        keys = span("  [ ]", Tone.KEY, bold=True)
        self.lines = ((*parts, keys, span(" turn", Tone.DIM)),)
