"""The entries of a stream."""

from dataclasses import dataclass
from functools import partial

from textual.message import Message
from textual.reactive import var

from core.model.stream import EntriesPage, EntryId, StreamEntry
from widgets.lean_table import Column, Row
from widgets.present.stream_entry import entry_cells, entry_search, entry_sort
from widgets.stream_rows_pane import StreamRowsPane

ENTRY_COLUMNS = (
    Column("id", "ID", 20, is_frozen=True),
    Column("age", "AGE", 5, justify="right"),
    Column("size", "SIZE", 8, justify="right", priority=2),
    Column("kind", "KIND", 6, priority=3, is_sortable=False),
    Column("preview", "PAYLOAD", 30, weight=1),
)


class EntriesTablePane(StreamRowsPane):
    """One row per entry, the newest first until a person sorts them."""

    @dataclass
    class EdgeAsked(Message):
        """The newest entries of the whole stream are wanted, or the oldest."""

        is_newest: bool

    page: var[EntriesPage | None] = var(None, init=False)

    def on_mount(self) -> None:
        self.columns = ENTRY_COLUMNS

    def watch_page(self, before: EntriesPage | None, after: EntriesPage | None) -> None:
        if before is not None and after is not None and before.rows is after.rows:
            return
        was_first = not self.shown or self.cursor_key == self.shown[0].key
        self.rows = tuple(map(_row, reversed(after.rows))) if after is not None else ()
        # Whoever looks at the newest goes on looking at the newest.
        if after is not None and after.is_tailing and was_first:
            super().action_edge(0)

    def action_edge(self, place: int) -> None:
        """Go to the newest entry (0) or the oldest (-1) of the whole stream."""
        super().action_edge(place)
        page = self.page
        if page is not None and not (page.is_at_end if place == 0 else page.is_at_start):
            self.post_message(self.EdgeAsked(is_newest=place == 0))

    def go_to(self, *, is_newest: bool) -> None:
        """Put the cursor on the newest entry that is shown, or the oldest."""
        super().action_edge(0 if is_newest else -1)

    def reason_against(self, action: str) -> str:
        """Return why an action cannot be done on this table now; empty when it can."""
        if action == "faults":
            return "entries are neither well nor in trouble"
        return super().reason_against(action)

    @property
    def selected(self) -> StreamEntry | None:
        """The entry under the cursor."""
        rows = self.page.rows if self.page is not None else ()
        return next((one for one in rows if str(one.id) == self.cursor_key), None)

    @property
    def chosen(self) -> tuple[EntryId, ...]:
        """The ids of the marked entries; without marks that of the one under the cursor."""
        rows = self.page.rows if self.page is not None else ()
        marked = tuple(one.id for one in rows if str(one.id) in self.marked)
        return marked or ((self.selected.id,) if self.selected is not None else ())


def _row(one: StreamEntry) -> Row:
    return Row(
        str(one.id),
        sort=entry_sort(one),
        search=entry_search(one),
        draw=partial(entry_cells, one),
    )
