"""The table of everything that can be done, with the reason where it cannot."""

from textual.reactive import var

from core.model.action import Offer
from core.model.action_view import ActionsPicture
from widgets.lean_table import Column, LeanTable, Row
from widgets.present.absence import Absence, absence_line
from widgets.present.offers import offer_cells, offer_search

_COLUMNS = (
    Column("title", "WHAT CAN BE DONE", 34, weight=1, is_frozen=True),
    Column("target", "TARGET", 30, priority=2),
    Column("action", "ACTION", 20, priority=3),
    Column("effect", "EFFECT", 11, priority=1),
)


class OffersTablePane(LeanTable):
    """One row per action and target, in the order of the configuration."""

    actions: var[ActionsPicture | None] = var(None, init=False)

    def on_mount(self) -> None:
        self.columns = _COLUMNS
        self.empty_text = absence_line(Absence.LOADING, "what can be done")

    def watch_actions(self) -> None:
        if self.actions is None or self.actions.offers is None:
            return
        self.empty_text = absence_line(Absence.NONE, "actions configured")
        self.rows = tuple(_row(one) for one in self.actions.offers)

    @property
    def selected(self) -> Offer | None:
        """The offer under the cursor."""
        offers = self.actions.offers if self.actions is not None else None
        return next((one for one in offers or () if _key(one) == self.cursor_key), None)


def _key(offer: Offer) -> str:
    return f"{offer.action} {offer.target}"


def _row(offer: Offer) -> Row:
    return Row(
        _key(offer),
        offer_cells(offer),
        sort=(offer.title, offer.target, offer.action, offer.danger.value),
        search=offer_search(offer),
        is_fault=bool(offer.reason_against),
    )
