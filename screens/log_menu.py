"""What can be done with one thing on the Logs screen: a list to choose from."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.events import Key

from screens.dialog import Dialog
from widgets.key_footer import KeyFooter
from widgets.lean_table import Column, LeanTable, Row
from widgets.present.footer import KeyHint
from widgets.present.line import Tone, line, span
from widgets.present.log_menu import MenuItem

_FRAME_LINES = 3
"""Border and header."""


class LogMenuScreen(Dialog[str | None], inherit_bindings=False):
    """Ends with the name of what was chosen, or None.

    Args:
        title: What it is done with.
        items: What can be done, and what cannot, with the reason.
    """

    CSS: ClassVar[str] = """
    LogMenuScreen { align: center middle; background: transparent; }
    LogMenuScreen LeanTable {
        width: 76; max-width: 100%; max-height: 100%; padding: 0 1; margin: 0 0 1 0;
        border: round $border; background: $surface;
    }
    """
    SCOPED_CSS: ClassVar[bool] = False
    BINDINGS = [Binding("escape,q", "dismiss", "Close", id="menu.close")]

    def __init__(self, title: str, items: tuple[MenuItem, ...]) -> None:
        super().__init__()
        self._title = title
        self._items = items

    def compose(self) -> ComposeResult:
        yield LeanTable()
        yield KeyFooter()

    def on_mount(self) -> None:
        table = self.query_one(LeanTable)
        table.columns = (
            Column("key", "KEY", 3, is_sortable=False, is_frozen=True),
            Column("what", self._title, 24, weight=1, is_sortable=False, is_frozen=True),
        )
        table.rows = tuple(_row(item) for item in self._items)
        table.styles.height = len(self._items) + _FRAME_LINES
        table.focus()
        hints = (KeyHint("↑ ↓", "Choose"), KeyHint("enter", "Do it"), KeyHint("esc", "Close"))
        self.query_one(KeyFooter).hints = hints

    def on_key(self, event: Key) -> None:
        """Do at once what has a key of its own."""
        pressed = {event.key, event.character}
        item = next((one for one in self._items if one.keys in pressed), None)
        if item is not None:
            event.stop()
            self._choose(item)
        elif event.key == "x":
            # What opened it closes it, where it does nothing else.
            event.stop()
            self.dismiss(None)

    @on(LeanTable.Selected)
    def choose_selected(self, message: LeanTable.Selected) -> None:
        """Do what is under the cursor."""
        message.stop()
        self._choose(next(one for one in self._items if one.name == message.key))

    def _choose(self, item: MenuItem) -> None:
        if item.reason_against:
            self.query_one(LeanTable).cursor_key = item.name
            self.query_one(KeyFooter).hints = (
                KeyHint("✗", f"{item.text}: {item.reason_against}", is_enabled=False),
                KeyHint("esc", "Close"),
            )
        else:
            self.dismiss(item.name)


def _row(item: MenuItem) -> Row:
    if not item.reason_against:
        keys, text = line(span(item.keys, Tone.KEY, bold=True)), line(span(item.text))
        return Row(item.name, (keys, text))
    reason = span(f"  ({item.reason_against})", Tone.DEGRADED)
    return Row(
        item.name,
        (line(span(item.keys, Tone.DIM)), line(span(item.text, Tone.DIM), reason)),
    )
