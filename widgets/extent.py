"""Tells Textual how much a view scrolls over, without a layout of the screen where none is due."""

from typing import cast

from textual.geometry import Size
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.widget import Widget


def tell_extent(view: ScrollView, size: Size) -> None:
    """Set the virtual size of a view whose own size does not depend on it.

    Assigned as usual, Textual lays out the whole screen and draws every line of the view anew;
    that is due only where the width changes, or a scrollbar appears or goes.
    """
    before, room = view.virtual_size, view.container_size.height
    has_bar, had_bar = size.height > room, before.height > room
    if not room or size.width != before.width or has_bar != had_bar:
        view.virtual_size = size
        return
    # On the class it is the reactive itself; the stub allows for a value too.
    view.set_reactive(cast("Reactive[Size]", Widget.virtual_size), size)
    if view.show_vertical_scrollbar:
        view.vertical_scrollbar.window_virtual_size = size.height
    if view.scroll_y > view.max_scroll_y:
        view.scroll_to(y=view.max_scroll_y, animate=False, force=True)
