"""What a table has drawn: the cells of its rows and the strips made of them, kept and bounded."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

from rich.style import Style
from textual.strip import Strip

from widgets.present.line import Line, Tone
from widgets.present.table import Row

STRIPS_KEPT = 160
"""More than any screen has lines."""

Cells = tuple[Line, ...]
Draw = Callable[[Cells], Strip]


class TableStrips:
    """Draws a row again only when its cells, its state or the theme differ."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._cells: dict[str, tuple[Row, Cells]] = {}
        self._strips: dict[Hashable, tuple[Cells, Strip]] = {}
        self._tones: Mapping[Tone, Style] | None = None

    def clear(self) -> None:
        """Forget the strips: columns, room or style are others."""
        self._strips.clear()

    def use(self, tones: Mapping[Tone, Style]) -> None:
        """Take the tones of the theme that is drawn in now."""
        if tones is not self._tones or len(self._strips) > STRIPS_KEPT:
            self._strips.clear()
            self._tones = tones

    def cells_of(self, row: Row) -> Cells:
        """Return a row's cells; a row that is drawn late is drawn once."""
        known = self._cells.get(row.key)
        if known is not None and known[0] is row:
            return known[1]
        if len(self._cells) > STRIPS_KEPT:
            self._cells.clear()
        cells = row.content()
        self._cells[row.key] = (row, cells)
        return cells

    def differing(
        self, before: Sequence[Row], after: Sequence[Row], places: Iterable[int]
    ) -> list[int]:
        """Return at which of some places other rows stand than before, or rows that differ."""
        return [
            place
            for place in places
            if self._differ(
                before[place] if place < len(before) else None,
                after[place] if place < len(after) else None,
            )
        ]

    def _differ(self, old: Row | None, new: Row | None) -> bool:
        if old is new:
            return False
        if old is None or new is None or old.key != new.key:
            return True
        known = self._cells.get(old.key)
        return known is None or known[0] is not old or known[1] != self.cells_of(new)

    def strip_of(self, row: Row, state: Hashable, draw: Draw) -> Strip:
        """Return a row's strip; `state` is all that it depends on besides cells and tones."""
        cells = self.cells_of(row)
        key = (row.key, state)
        known = self._strips.get(key)
        if known is not None and known[0] == cells:
            return known[1]
        strip = draw(cells)
        self._strips[key] = (cells, strip)
        return strip
