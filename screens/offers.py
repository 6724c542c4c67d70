"""What can be done with something: a list of actions, with the reason where one is not possible."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import ModalScreen

from core.model.action import Offer
from core.model.text import SafeText
from widgets.key_footer import KeyFooter
from widgets.lean_table import Column, LeanTable, Row
from widgets.present.footer import KeyHint
from widgets.present.offers import offer_cells

_FRAME_LINES = 3
"""Border and header."""
_MOST_ROWS = 30


class OffersScreen(ModalScreen[Offer | None], inherit_bindings=False):
    """Ends with the offer that was chosen, or None.

    Args:
        title: What it is done with.
        offers: What can be done, and what cannot.
    """

    CSS: ClassVar[str] = """
    OffersScreen { align: center middle; background: transparent; }
    OffersScreen LeanTable {
        width: 90; max-width: 100%; max-height: 100%; padding: 0 1; margin: 0 0 1 0;
        border: round $border; background: $surface;
    }
    """
    SCOPED_CSS: ClassVar[bool] = False
    BINDINGS = [Binding("escape,q,x", "dismiss", "Close", id="offers.close")]

    def __init__(self, title: SafeText, offers: tuple[Offer, ...]) -> None:
        super().__init__()
        self._title = title
        # Numbered: the same action may be offered for several choices of rows.
        self._offers = {
            f"{one.action} {one.target} {number}": one for number, one in enumerate(offers)
        }

    def compose(self) -> ComposeResult:
        yield LeanTable()
        yield KeyFooter()

    def on_mount(self) -> None:
        table = self.query_one(LeanTable)
        table.border_title = f"what can be done with {self._title}"
        table.columns = (
            Column("what", "ACTION", 30, weight=1, is_sortable=False, is_frozen=True),
            Column("effect", "EFFECT", 11, is_sortable=False),
        )
        table.rows = tuple(_row(key, one) for key, one in self._offers.items())
        table.styles.height = min(_MOST_ROWS, max(1, len(self._offers))) + _FRAME_LINES
        table.focus()
        self._hint("nothing is configured for it" if not self._offers else "")

    def _hint(self, reason: str) -> None:
        hints = [KeyHint("enter", "Plan it"), KeyHint("esc", "Close")]
        if reason:
            hints[0] = KeyHint("✖", reason, is_enabled=False)
        self.query_one(KeyFooter).hints = tuple(hints)

    @on(LeanTable.Selected)
    def choose(self, message: LeanTable.Selected) -> None:
        """Take what is under the cursor, where it is possible."""
        message.stop()
        offer = self._offers[message.key]
        if offer.reason_against:
            self._hint(offer.reason_against)
        else:
            self.dismiss(offer)


def _row(key: str, offer: Offer) -> Row:
    title, _target, _action, effect = offer_cells(offer)
    return Row(key, (title, effect))
