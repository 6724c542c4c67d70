"""The table of API keys of all stores, those that need a person first."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import ClassVar

from textual.message import Message
from textual.reactive import var

from core.model.keys_view import KeysPicture
from widgets.lean_table import Column, LeanTable
from widgets.present.key_listing import (
    MOST_ROWS,
    KeyCounts,
    KeyListing,
    ListedRows,
    is_large,
    listed_rows,
    listing_of,
    quick_counts,
)
from widgets.present.key_notes import keys_absence
from widgets.present.keys import GAUGE_CELLS, KeyEntry
from widgets.present.table import Wish

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


class KeysTablePane(LeanTable):
    """One row per key; a store that has none to show has a row too."""

    CALM_TEXT: ClassVar[str] = "no key needs attention"

    keys: var[KeysPicture | None] = var(None, init=False)
    now: var[datetime | None] = var(None, init=False)

    class Listed(Message):
        """All keys have been passed over: their counts are known."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: Mapping[str, KeyEntry] = {}
        self._listing = KeyListing()
        self._filling: Callable[[], ListedRows] | None = None
        """What the rows come from that are wanted now: what is late and not it, is not shown."""
        self._minute: datetime | None = None

    def on_mount(self) -> None:
        self.columns = _COLUMNS
        self.empty_text = keys_absence(None)

    @property
    def counts_of_keys(self) -> KeyCounts:
        """How many keys there are, of what is shown."""
        if self.keys is None or self._listing.stores is self.keys.stores:
            return self._listing.counts
        return quick_counts(self.keys)

    def knows(self, short_id: str) -> bool:
        """Tell whether a key is among those that are shown, listed or not."""
        return any(row.search.startswith(f"{short_id} ") for row in self._listing.rows)

    def watch_keys(self) -> None:
        if self.keys is None:
            return
        columns = _COLUMNS if len(self.keys.stores) > 1 else _COLUMNS[:-1]
        if columns != self.columns:
            self.columns = columns
        if is_large(self.keys):
            self.run_worker(self._list_later(self.keys), group="list", exclusive=True)
            return
        self._listing = listing_of(self.keys)
        self.empty_text = keys_absence(self.keys)
        self._fill()

    async def _list_later(self, keys: KeysPicture) -> None:
        listing = await asyncio.to_thread(listing_of, keys)
        if keys is not self.keys:
            return
        self._listing = listing
        self.empty_text = keys_absence(keys)
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
        if self.now is None or self.keys is None:
            return
        # Where all of them are rows the table itself leaves out what is not wanted.
        wish = Wish(self.filter_text, self.faults_only) if self.hidden else Wish()
        make = self._filling = partial(listed_rows, self._listing, wish, self.now)
        if is_large(self.keys):
            self.run_worker(self._fill_later(make), group="fill", exclusive=True)
        else:
            self._entries, self.rows = make()

    async def _fill_later(self, make: Callable[[], ListedRows]) -> None:
        made = await asyncio.to_thread(make)
        if make is self._filling:
            self._entries, self.rows = made
            self.post_message(self.Listed())

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
        return max(0, len(self._listing.rows) - MOST_ROWS)

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
