"""The pending entries of a group."""

from functools import partial

from textual.reactive import var

from core.model.stream import PendingEntry, PendingPage
from widgets.lean_table import Column, Row
from widgets.present.stream_pending import (
    pending_cells,
    pending_search,
    pending_sort,
)
from widgets.stream_rows_pane import StreamRowsPane

PENDING_COLUMNS = (
    Column("id", "ID", 17, weight=1, is_frozen=True),
    Column("age", "AGE", 5, justify="right", priority=3),
    Column("consumer", "CONSUMER", 14, weight=1),
    Column("idle", "IDLE", 5, justify="right"),
    Column("deliveries", "DELIV", 5, justify="right"),
    Column("why", "WHY IT IS STUCK", 24, weight=4),
    Column("preview", "PAYLOAD", 24, weight=5, priority=2),
)


class PendingTablePane(StreamRowsPane):
    """One row per entry, the oldest first until a person sorts them."""

    CALM_TEXT = "no pending entry is stuck"

    page: var[PendingPage | None] = var(None, init=False)

    def on_mount(self) -> None:
        self.columns = PENDING_COLUMNS

    def watch_page(self, before: PendingPage | None, after: PendingPage | None) -> None:
        if before is not None and after is not None and before.rows is after.rows:
            return
        self.rows = tuple(_row(one) for one in after.rows) if after is not None else ()

    @property
    def selected(self) -> PendingEntry | None:
        """The entry under the cursor."""
        rows = self.page.rows if self.page is not None else ()
        return next((one for one in rows if str(one.id) == self.cursor_key), None)

    @property
    def chosen(self) -> tuple[PendingEntry, ...]:
        """The marked entries; without marks the one under the cursor."""
        rows = self.page.rows if self.page is not None else ()
        marked = tuple(one for one in rows if str(one.id) in self.marked)
        return marked or ((self.selected,) if self.selected is not None else ())


def _row(one: PendingEntry) -> Row:
    return Row(
        str(one.id),
        sort=pending_sort(one),
        search=pending_search(one),
        is_fault=bool(one.why) or one.is_gone,
        draw=partial(pending_cells, one),
    )
