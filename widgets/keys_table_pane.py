"""The table of API keys of all stores, those that need a person first."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from itertools import islice
from typing import ClassVar

from textual.reactive import var

from core.model.keys_view import KeysPicture
from widgets.lean_table import Column, LeanTable, Row
from widgets.present.key_notes import keys_absence
from widgets.present.keys import (
    GAUGE_CELLS,
    KeyEntry,
    entries_of,
    is_trouble,
    key_cells,
    key_search,
    key_sort,
    labels_of,
)
from widgets.present.table import Wish, wanted_rows

_COLUMNS = (
    Column("state", "STATE", 11, is_frozen=True),
    Column("id", "ID", 9, is_frozen=True),
    Column("key", "KEY", 10),
    Column("tier", "TIER", 10),
    Column("quota", "QUOTA", 9, justify="right", priority=6),
    Column("month", "MONTH", 9, justify="right", priority=4),
    Column("today", "TODAY", 7, justify="right", priority=7),
    Column("gauge", "OF QUOTA", GAUGE_CELLS, priority=5, is_sortable=False),
    Column("percent", "%", 5, justify="right"),
    Column("used", "USED", 5, justify="right", priority=2),
    Column("created", "CREATED", 10, priority=8),
    Column("name", "NAME", 14, priority=9, weight=1),
    Column("findings", "FINDINGS", 14, weight=4),
    Column("store", "STORE", 13, priority=1),
)
"""The last one is shown where there are several stores."""
MOST_ROWS = 5000
"""Of more keys the most urgent are listed, and those that a filter finds."""


class KeysTablePane(LeanTable):
    """One row per key; a store that has none to show has a row too."""

    CALM_TEXT: ClassVar[str] = "no key needs attention"

    keys: var[KeysPicture | None] = var(None, init=False)
    now: var[datetime | None] = var(None, init=False)

    def __init__(self) -> None:
        super().__init__()
        self._entries: Mapping[str, KeyEntry] = {}
        self._found_by: tuple[Row, ...] = ()
        """What a filter looks at, of all keys: made when there are more than are listed."""
        self._minute: datetime | None = None

    def on_mount(self) -> None:
        self.columns = _COLUMNS
        self.empty_text = keys_absence(None)

    def watch_keys(self) -> None:
        if self.keys is None:
            return
        self.empty_text = keys_absence(self.keys)
        columns = _COLUMNS if len(self.keys.stores) > 1 else _COLUMNS[:-1]
        if columns != self.columns:
            self.columns = columns
        self._entries = {one.id: one for one in entries_of(self.keys)}
        self._found_by = ()
        self._fill()

    def watch_now(self) -> None:
        minute = self.now.replace(second=0, microsecond=0) if self.now is not None else None
        # Ages are told in minutes and more: thousands of rows need not be made anew each second.
        if minute != self._minute:
            self._minute = minute
            self._fill()

    def watch_filter_text(self) -> None:
        self._refill()
        super().watch_filter_text()

    def watch_faults_only(self) -> None:
        self._refill()
        super().watch_faults_only()

    def _refill(self) -> None:
        if self.hidden:
            self._fill()

    def _fill(self) -> None:
        if self.keys is None or self.now is None:
            return
        labels, now = labels_of(self.keys.stores), self.now
        entries = self._listed() if self.hidden else self._entries.values()
        self.rows = tuple(self._row(one, labels[one.store.target], now) for one in entries)

    def _listed(self) -> list[KeyEntry]:
        """Return as many of very many keys as are listed: of those that are wanted the first."""
        if not self.filter_text and not self.faults_only:
            return list(islice(self._entries.values(), MOST_ROWS))
        if not self._found_by:
            self._found_by = tuple(
                Row(key, search=key_search(one), is_fault=is_trouble(one))
                for key, one in self._entries.items()
            )
        wanted = wanted_rows(self._found_by, Wish(self.filter_text, self.faults_only))
        return [self._entries[row.key] for row in wanted[:MOST_ROWS]]

    def _row(self, entry: KeyEntry, label: str, now: datetime) -> Row:
        return Row(
            entry.id,
            sort=key_sort(entry, label),
            search=key_search(entry),
            is_fault=is_trouble(entry),
            draw=partial(key_cells, entry, label, now),
        )

    @property
    def selected(self) -> KeyEntry | None:
        """The row under the cursor."""
        return self._entries.get(self.cursor_key)

    @property
    def chosen(self) -> tuple[KeyEntry, ...]:
        """The marked keys of the store under the cursor, else the key under it."""
        one = self.selected
        if one is None:
            return ()
        marked = (self._entries[key] for key in self._entries if key in self.marked)
        same = tuple(row for row in marked if row.key and row.store.target == one.store.target)
        return same or (one,)

    @property
    def hidden(self) -> int:
        """How many keys are not listed, because there are so many."""
        return max(0, len(self._entries) - MOST_ROWS)

    @property
    def offers_target(self) -> str:
        """Return what actions know the store by."""
        return self.selected.store.target if self.selected is not None else ""

    @property
    def offers_inputs(self) -> tuple[tuple[str, str], ...]:
        """Return the short ids of the marked keys, else of this one."""
        ids = [one.key.short_id for one in self.chosen if one.key is not None]
        if not ids:
            return ()
        one = (("key", ids[0]),) if len(ids) == 1 else ()
        return (("keys", ",".join(ids)), *one)
