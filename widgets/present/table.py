"""What a table shows and how wide: order, filter, columns. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from core.model.text import EMPTY, SafeText
from widgets.present.line import Line

SortValue = float | str | None
GAP_CELLS = 1
GUTTER_CELLS = 1
"""Before the columns, for cursor and mark."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    id: str
    label: str
    width: int
    justify: str = "left"
    """`left` or `right`."""
    weight: int = 0
    """Share of the room that is left over."""
    priority: int = 0
    """The highest is dropped first when room is short; 0 is never dropped."""
    is_frozen: bool = False
    """Stays in place when the table is scrolled sideways."""
    is_sortable: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table. Its key is the object's identity: the cursor follows it."""

    key: str
    cells: tuple[Line, ...] = ()
    sort: tuple[SortValue, ...] = ()
    search: SafeText = EMPTY
    is_fault: bool = False
    draw: Callable[[], tuple[Line, ...]] | None = field(default=None, compare=False)
    """Makes the cells when the row is in sight; of a thousand rows only a few are."""

    def content(self) -> tuple[Line, ...]:
        """Return the cells, made now if they are made late."""
        return self.cells if self.draw is None else self.draw()


@dataclass(frozen=True, slots=True)
class Placed:
    """A column that is shown."""

    index: int
    """Its place among all columns, which is the place of its cell in a row."""
    column: Column
    width: int


@dataclass(frozen=True, slots=True)
class Wish:
    """Which rows are wanted, and in which order."""

    filter_text: str = ""
    """Case is ignored; a leading `!` means rows without the text."""
    faults_only: bool = False
    sort_index: int | None = None
    is_reversed: bool = False


def wanted_rows(rows: Sequence[Row], wish: Wish) -> tuple[Row, ...]:
    """Return the rows that a wish leaves, in its order. Sorting is stable and puts None last."""
    text = wish.filter_text.casefold()
    is_inverse = text.startswith("!") and len(text) > 1
    needle = text[1:] if is_inverse else text
    kept = [
        row
        for row in rows
        if (not wish.faults_only or row.is_fault)
        and (not needle or (needle in row.search.casefold()) is not is_inverse)
    ]
    index = wish.sort_index
    if index is None:
        return tuple(kept)
    known = [row for row in kept if _sort_value(row, index) is not None]
    known.sort(key=lambda row: _rank(_sort_value(row, index)), reverse=wish.is_reversed)
    return (*known, *(row for row in kept if _sort_value(row, index) is None))


def _sort_value(row: Row, index: int) -> SortValue:
    return row.sort[index] if index < len(row.sort) else None


def _rank(value: SortValue) -> tuple[int, float, str]:
    """Return a key under which numbers and texts compare: numbers come first."""
    if isinstance(value, str):
        return (1, 0.0, value.casefold())
    return (0, float(value or 0.0), "")


def place_columns(columns: Sequence[Column], room: int) -> tuple[Placed, ...]:
    """Return the columns that fit into `room` cells, with their widths.

    Columns with a priority go first when room is short; what is then still too wide scrolls.
    What room is left goes to the columns with a weight.
    """
    kept = list(enumerate(columns))
    while _needed(kept) > room and any(column.priority for _, column in kept):
        kept.remove(max(kept, key=lambda pair: pair[1].priority))
    spare = max(0, room - _needed(kept))
    weights = sum(column.weight for _, column in kept)
    placed: list[Placed] = []
    for index, column in kept:
        extra = spare * column.weight // weights if weights else 0
        placed.append(Placed(index, column, column.width + extra))
    return tuple(placed)


def cells_used(placed: Sequence[Placed]) -> int:
    """Return the cells that columns take, with the gutter before them."""
    return GUTTER_CELLS + sum(one.width + GAP_CELLS for one in placed) - GAP_CELLS


def out_of_sight(placed: Sequence[Placed], room: int, scrolled: int) -> tuple[bool, bool]:
    """Tell whether something of the columns is hidden at the left, and at the right.

    `room` is the width of the table and `scrolled` by how much the columns slid, in cells.
    """
    return scrolled > 0, cells_used(placed) - scrolled > room


def _needed(kept: Sequence[tuple[int, Column]]) -> int:
    return sum(column.width for _, column in kept) + GAP_CELLS * max(0, len(kept) - 1)


def next_cursor(before: Sequence[Row], after: Sequence[Row], key: str) -> str:
    """Return where the cursor goes: its own row while that is shown, else its nearest neighbour."""
    keys = {row.key for row in after}
    if key in keys:
        return key
    if not after:
        return ""
    places = {row.key: place for place, row in enumerate(before)}
    place = places.get(key)
    if place is None:
        return after[0].key
    followers = (row.key for row in before[place + 1 :] if row.key in keys)
    leaders = (row.key for row in reversed(before[:place]) if row.key in keys)
    return next(followers, next(leaders, after[0].key))
