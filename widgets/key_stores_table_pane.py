"""The table of stores by what their keys are used for."""

from typing import ClassVar

from textual.reactive import var

from core.model.key_store import KeyStoreView
from core.model.keys_view import KeysPicture
from widgets.lean_table import Column, LeanTable, Row
from widgets.present.key_notes import keys_absence
from widgets.present.key_usage import (
    GOOD_PERCENT,
    success_percent,
    usage_cells,
    usage_search,
    usage_sort,
    usage_stores,
)

_COLUMNS = (
    Column("store", "STORE", 22, weight=1, is_frozen=True),
    Column("requests", "REQUESTS", 10, justify="right"),
    Column("succeeded", "OK", 7, justify="right"),
    Column("refused", "401/403", 8, justify="right"),
    Column("p50", "P50", 8, justify="right", priority=2),
    Column("p95", "P95", 8, justify="right"),
    Column("p99", "P99", 8, justify="right", priority=1),
    Column("busiest", "BUSIEST ENDPOINT", 16, weight=1, priority=3),
)


class KeyStoresTablePane(LeanTable):
    """One row per store, those with analytics first."""

    CALM_TEXT: ClassVar[str] = "the requests of every store succeed"

    keys: var[KeysPicture | None] = var(None, init=False)

    def on_mount(self) -> None:
        self.columns = _COLUMNS
        self.empty_text = keys_absence(None, "usage")

    def watch_keys(self) -> None:
        if self.keys is None:
            return
        self.empty_text = keys_absence(self.keys, "usage")
        self.rows = tuple(_row(one) for one in usage_stores(self.keys))

    @property
    def selected(self) -> KeyStoreView | None:
        """The store under the cursor."""
        stores = self.keys.stores if self.keys is not None else ()
        return next((one for one in stores if one.target == self.cursor_key), None)

    @property
    def offers_target(self) -> str:
        """Return what actions know the store by."""
        return self.selected.target if self.selected is not None else ""


def _row(store: KeyStoreView) -> Row:
    share = success_percent(store.analytics) if store.analytics is not None else None
    is_bad = share is not None and share < GOOD_PERCENT
    return Row(store.target, usage_cells(store), usage_sort(store), usage_search(store), is_bad)
