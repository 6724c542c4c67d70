"""What can be done with something: a list of actions, with the reason where one is not possible.

What is typed filters it; the keys that move go to the list.
"""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from core.model.action import Offer
from core.model.text import SafeText
from screens.dialog import Dialog
from widgets.key_footer import KeyFooter
from widgets.lean_table import Column, LeanTable, Row
from widgets.line_input import LineInput
from widgets.present.footer import KeyHint
from widgets.present.line import Tone, line, span
from widgets.present.offers import offer_cells, offer_search

_HEADER_LINES = 1
_MOST_ROWS = 30


class OffersScreen(Dialog[Offer | None], inherit_bindings=False):
    """Ends with the offer that was chosen, or None.

    Args:
        title: What it is done with.
        offers: What can be done, and what cannot.
    """

    CSS: ClassVar[str] = """
    OffersScreen { align: center middle; background: transparent; }
    OffersScreen > Vertical {
        width: 90; max-width: 100%; height: auto; max-height: 100%; padding: 0 1; margin: 0 0 1 0;
        border: round $border; background: $surface;
    }
    OffersScreen LeanTable { background: $surface; }
    """
    SCOPED_CSS: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Down", id="offers.down", show=False),
        Binding("up", "move(-1)", "Up", id="offers.up", show=False),
        Binding("pagedown", "page(1)", "Page down", id="offers.page-down", show=False),
        Binding("pageup", "page(-1)", "Page up", id="offers.page-up", show=False),
    ]

    def __init__(self, title: SafeText, offers: tuple[Offer, ...]) -> None:
        super().__init__()
        self._title = title
        # Numbered: the same action may be offered for several choices of rows.
        self._offers = {
            f"{one.action} {one.target} {number}": one for number, one in enumerate(offers)
        }

    def compose(self) -> ComposeResult:
        with Vertical():
            yield LineInput()
            yield LeanTable()
        yield KeyFooter()

    def on_mount(self) -> None:
        self.query_one(Vertical).border_title = f"what can be done with {self._title}"
        table = self.query_one(LeanTable)
        table.can_focus = False
        table.columns = (
            Column("what", "ACTION", 30, weight=1, is_sortable=False, is_frozen=True),
            Column("effect", "EFFECT", 11, is_sortable=False),
        )
        table.rows = tuple(_row(key, one) for key, one in self._offers.items())
        table.styles.height = min(_MOST_ROWS, max(1, len(self._offers))) + _HEADER_LINES
        field = self.query_one(LineInput)
        field.prompt = "/ "
        field.focus()
        self._hint("nothing is configured for it" if not self._offers else "")

    def _hint(self, reason: str) -> None:
        hints = [KeyHint("enter", "Plan it"), KeyHint("esc", "Close")]
        if reason:
            hints[0] = KeyHint("✖", reason, is_enabled=False)
        self.query_one(KeyFooter).hints = tuple(hints)

    def action_move(self, by: int) -> None:
        """Go to another row."""
        self.query_one(LeanTable).action_move(by)

    def action_page(self, by: int) -> None:
        """Go on by what is in sight."""
        self.query_one(LeanTable).action_page(by)

    @on(LineInput.Changed)
    def filter(self, message: LineInput.Changed) -> None:
        """Show only what has what is typed."""
        message.stop()
        table, field = self.query_one(LeanTable), self.query_one(LineInput)
        table.filter_text = message.text
        count = f"{len(table.shown)} of {len(table.rows)}" if message.text else ""
        field.note = line(span(count, Tone.DIM))
        self._hint("")

    @on(LineInput.Submitted)
    def choose(self, message: LineInput.Submitted) -> None:
        """Take what is under the cursor, where it is possible."""
        message.stop()
        offer = self._offers.get(self.query_one(LeanTable).cursor_key)
        if offer is None:
            return
        if offer.reason_against:
            self._hint(offer.reason_against)
        else:
            self.dismiss(offer)

    @on(LineInput.Cancelled)
    def leave(self, message: LineInput.Cancelled) -> None:
        """Close it."""
        message.stop()
        self.dismiss(None)


def _row(key: str, offer: Offer) -> Row:
    title, _target, _action, effect = offer_cells(offer)
    return Row(key, (title, effect), search=offer_search(offer))
