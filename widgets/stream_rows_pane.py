"""What all tables of the Streams screen share: the keys that mean the same on each."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from widgets.lean_table import LeanTable


class StreamRowsPane(LeanTable):
    """A table whose `l` shows logs; in others it scrolls columns, which the arrows do, too."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "screen.logs", "Logs", id="streams.logs"),
    ]
