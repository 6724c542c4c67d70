"""The keys of a table, with their ids."""

from typing import Final

from textual.binding import Binding, BindingType

TABLE_KEYS: Final[list[BindingType]] = [
    Binding("down,j", "move(1)", "Down", id="table.down", show=False),
    Binding("up,k", "move(-1)", "Up", id="table.up", show=False),
    Binding("pagedown", "page(1)", "Page down", id="table.page-down", show=False),
    Binding("pageup", "page(-1)", "Page up", id="table.page-up", show=False),
    Binding("home,g", "edge(0)", "First row", id="table.first", show=False),
    Binding("end,G", "edge(-1)", "Last row", id="table.last", show=False),
    Binding("left,h", "sideways(-8)", "Columns left", id="table.left", show=False),
    Binding("right,l", "sideways(8)", "Columns right", id="table.right", show=False),
    Binding("space", "mark", "Mark", id="table.mark", show=False),
    Binding("less_than_sign", "sort_by(-1)", "Sort left", id="table.sort-left", show=False),
    Binding("greater_than_sign", "sort_by(1)", "Sort right", id="table.sort-right", show=False),
    Binding("o", "reverse", "Reverse order", id="table.sort-reverse", show=False),
    Binding("enter", "select", "Open", id="table.open"),
]  # fmt: skip
