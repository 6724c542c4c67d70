"""All keys of a picture in the order in which a person wants them, found in one pass. Pure.

Of very many keys none is kept, only where it stands and what a filter looks at: the pass takes a
second then, and is made in a thread.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice

from core.model.key_store import KeyStoreView
from core.model.keys_view import KeysPicture
from widgets.present.keys import (
    KeyEntry,
    is_over,
    is_trouble,
    key_cells,
    key_search,
    key_sort,
    labels_of,
    shown_keys,
    urgency,
)
from widgets.present.table import Row, Wish, wanted_rows

MOST_ROWS = 5000
"""Of more keys the most urgent are listed, and those that a filter finds."""
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class KeyCounts:
    """How many keys there are, in all stores."""

    keys: int = 0
    active: int = 0
    found: int | None = None
    """Of those that need a person; None: nobody has looked yet."""
    over: int | None = None
    """Live, and over their quota."""
    tiers: Mapping[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    """Live keys by their store's target and their tier."""


@dataclass(frozen=True, slots=True)
class KeyListing:
    """What needs a person first, then active keys, then the others."""

    stores: tuple[KeyStoreView, ...] = ()
    rows: tuple[Row, ...] = ()
    """For each what a filter looks at; the key of the row says where it stands."""
    counts: KeyCounts = KeyCounts()

    def wanted(self, wish: Wish) -> tuple[KeyEntry, ...]:
        """Return the entries that a filter leaves, at most as many as are listed."""
        rows = self.rows if wish == Wish() else wanted_rows(self.rows, wish)
        return tuple(map(self._entry, islice(rows, MOST_ROWS)))

    def _entry(self, row: Row) -> KeyEntry:
        store, _, place = row.key.partition(" ")
        found = self.stores[int(store)]
        return KeyEntry(found, found.keys[int(place)] if place else None)


ListedRows = tuple[Mapping[str, KeyEntry], tuple[Row, ...]]
"""The rows of a table, and what they are about by their keys."""


def listed_rows(listing: KeyListing, wish: Wish, now: datetime) -> ListedRows:
    """Return the rows that are listed of those that are wished for."""
    labels = labels_of(listing.stores)
    entries = {one.id: one for one in listing.wanted(wish)}
    rows = (_row(one, labels[one.store.target], now) for one in entries.values())
    return entries, tuple(rows)


def _row(entry: KeyEntry, label: str, now: datetime) -> Row:
    return Row(
        entry.id,
        sort=key_sort(entry, label),
        search=key_search(entry),
        is_fault=is_trouble(entry),
        draw=partial(key_cells, entry, label, now),
    )


def is_large(picture: KeysPicture) -> bool:
    """Tell whether a picture has more keys than are passed over at once."""
    return sum(len(store.keys) for store in picture.stores) > _AT_ONCE


def quick_counts(picture: KeysPicture) -> KeyCounts:
    """Return what is known of the keys without looking at them."""
    stores = picture.stores
    known = [store.active_count for store in stores if store.active is not None]
    return KeyCounts(sum(len(store.keys) for store in stores), sum(known))


def listing_of(picture: KeysPicture) -> KeyListing:
    """Return all keys of a picture, passed over once."""
    ranked: list[tuple[tuple[int, bool], Row]] = []
    keys = active = found = over = 0
    tiers = Counter[tuple[str, str]]()
    for at, store in enumerate(picture.stores):
        for place, key in shown_keys(store):
            entry = KeyEntry(store, key)
            where = str(at) if key is None else f"{at} {place}"
            row = Row(where, search=key_search(entry), is_fault=is_trouble(entry))
            ranked.append((urgency(entry), row))
            if key is None:
                continue
            keys += 1
            found += bool(key.differs) or (key.is_active and bool(key.findings))
            if key.is_active:
                active += 1
                over += is_over(key)
                tiers[store.target, str(key.tier)] += 1
    # Stable: otherwise as the stores have them.
    ranked.sort(key=lambda pair: pair[0])
    counts = KeyCounts(keys, active, found, over, tiers)
    return KeyListing(picture.stores, tuple(row for _, row in ranked), counts)
