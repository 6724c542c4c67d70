"""A pane that draws a picture as lines: subclasses are one pure function each."""

from textual.reactive import var

from core.model.views import Picture
from widgets.line_view import LineView
from widgets.present.line import Line


class PicturePane(LineView):
    """Turns the picture it is given into lines for its present size; repaints what changed.

    A subclass overrides `drawn` and says nothing else about painting.
    """

    picture: var[Picture | None] = var(None, init=False)
    """What to draw; None before the first one came."""

    def drawn(self, picture: Picture, width: int, height: int) -> tuple[Line, ...]:
        """Return the lines for a room of `width` by `height` cells; more lines scroll."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Compute the lines anew: after a picture, a new size, or a change of what is selected."""
        width, height = self.scrollable_content_region.size
        if self.picture is not None and width > 0 and height > 0:
            self.lines = self.drawn(self.picture, width, height)

    def watch_picture(self) -> None:
        self.redraw()

    def on_resize(self) -> None:
        self.redraw()

    def watch_show_vertical_scrollbar(self, is_shown: bool) -> None:
        # Only when it takes room: lines that then fit would call it back without end.
        if is_shown:
            self.call_after_refresh(self.redraw)

    def watch_has_focus(self, _has_focus: bool) -> None:
        # Not `on_focus`: Textual runs that before it says whether the pane has the keys.
        super().watch_has_focus(_has_focus)
        self.redraw()
