"""The last frame as cells, and the runs in which a new line differs from it. Pure.

A strip of plain one-cell characters is compared cell by cell. One with wide or combining
characters is compared whole: half a wide character cannot be repainted. This is also the last gate
before the terminal: a character that is not printable never passes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, repeat
from operator import itemgetter, ne

from rich.cells import get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

Cell = tuple[object, object]
"""A character with its style, or a place within a strip that is compared whole."""

_UNKNOWN: Cell = (None, None)
_MERGED_GAP = 6
"""Equal cells between two changes are sent again when that is shorter than moving the cursor."""
_STRIPS_KEPT = 256
"""Some more than a large terminal shows at once."""
_STYLES: dict[Style | None, Style | None] = {}
_STYLES_KEPT = 4096
_char_of, _style_of = itemgetter(0), itemgetter(1)


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of one line that has to be written."""

    x: int
    y: int
    strip: Strip

    def ends_at(self, column: int) -> bool:
        """Tell whether the cell before `column` is the last one."""
        return self.x + self.strip.cell_length == column


def printable(text: str) -> str:
    """Return the text with every character that is not printable replaced by `?`."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else "?" for char in text)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A strip as cells of the terminal."""

    x: int
    y: int
    cells: list[Cell]
    whole: list[Segment] | None = None
    """What is written where anything differs. None: each cell is one character."""


class Frame:
    """What the terminal shows, as far as we know."""

    def __init__(self, width: int, height: int) -> None:
        """Start from a terminal of which nothing is known."""
        self.size = (width, height)
        self._rows: list[list[Cell]] = [[_UNKNOWN] * width for _ in range(height)]
        self._known: dict[int, tuple[Strip, list[Cell], list[Segment] | None]] = {}
        """Strips as cells, the last ones used: rows that only moved come as the same objects."""

    @property
    def rows(self) -> Sequence[Sequence[Cell]]:
        """What every row shows."""
        return self._rows

    def update(self, x: int, y: int, strip: Strip) -> list[Run]:
        """Take a strip that is to stand at a place and return what has to be written for it."""
        drawn = self.drawn(x, y, strip)
        return self.put(drawn) if drawn is not None else []

    def drawn(self, x: int, y: int, strip: Strip) -> "Drawn | None":
        """Return a strip as cells, cut to the terminal; None when nothing of it is on it."""
        width, height = self.size
        if not 0 <= y < height or x >= width or not strip.cell_length:
            return None
        known = self._known.pop(id(strip), None)
        if known is None or known[0] is not strip:
            segments = _gated(strip)
            cells, is_plain = _cells_of(segments)
            known = (strip, cells, None if is_plain else segments)
            if len(self._known) >= _STRIPS_KEPT:
                del self._known[next(iter(self._known))]
        self._known[id(strip)] = known
        _, cells, whole = known
        return Drawn(x, y, cells if len(cells) <= width - x else cells[: width - x], whole)

    def scroll(self, top: int, bottom: int, lines: int) -> None:
        """Take note that the terminal has moved rows up; nothing is known of those that came."""
        width = self.size[0]
        self._rows[top:bottom] = [
            *self._rows[top + lines : bottom],
            *([_UNKNOWN] * width for _ in range(lines)),
        ]

    def with_drawn(self, drawn: Sequence["Drawn"]) -> dict[int, list[Cell]]:
        """Return the rows that are drawn on as they will be, all their cells."""
        wanted: dict[int, list[Cell]] = {}
        for one in drawn:
            row = wanted.setdefault(one.y, list(self._rows[one.y]))
            row[one.x : one.x + len(one.cells)] = one.cells
        return wanted

    def put_plain(self, x: int, y: int, cells: Sequence[Cell]) -> list[Run]:
        """Take cells of one character each that are to stand at a place; else as `update`."""
        return self.put(Drawn(x, y, list(cells)))

    def put(self, drawn: "Drawn") -> list[Run]:
        """Take what is to stand at a place and return what has to be written for it."""
        x, y, cells = drawn.x, drawn.y, drawn.cells
        row = self._rows[y]
        before = row[x : x + len(cells)]
        if before == cells:
            return []
        row[x : x + len(cells)] = cells
        if drawn.whole is not None:
            return [Run(x, y, Strip(drawn.whole))]
        return [
            Run(x + start, y, Strip(_segments_of(cells[start:end])))
            for start, end in _differing(before, cells)
        ]


def is_plain(cells: Sequence[Cell]) -> bool:
    """Tell whether all cells are known, each as one character."""
    return set(map(type, map(_char_of, cells))) <= {str}


def _gated(strip: Strip) -> list[Segment]:
    """Return the strip's text, printable, without control segments and empty ones."""
    return [
        segment if segment.text.isprintable() else Segment(printable(segment.text), segment.style)
        for segment in strip
        if segment.text and not segment.control
    ]


def _cells_of(segments: Sequence[Segment]) -> tuple[list[Cell], bool]:
    """Return the cells of a line, and whether each is one character."""
    is_plain = all(
        segment.text.isascii() or all(get_character_cell_size(char) == 1 for char in segment.text)
        for segment in segments
    )
    if is_plain:
        plain: list[Cell] = []
        for segment in segments:
            plain += zip(segment.text, repeat(_same(segment.style)))
        return plain, True
    key = tuple((segment.text, segment.style) for segment in segments)
    length = Strip(segments).cell_length
    return [(key, place) for place in range(length)], False


def _same(style: Style | None) -> Style | None:
    """Return one object for all equal styles: comparing an object with itself costs nothing."""
    if len(_STYLES) > _STYLES_KEPT:
        _STYLES.clear()
    return _STYLES.setdefault(style, style)


def _differing(before: list[Cell], after: list[Cell]) -> list[tuple[int, int]]:
    """Return the stretches in which two lines differ, near ones merged."""
    runs: list[tuple[int, int]] = []
    known = len(before)
    places = [place for place, differs in enumerate(map(ne, before, after)) if differs]
    for place in (*places, *range(known, len(after))):
        if runs and place - runs[-1][1] <= _MERGED_GAP:
            runs[-1] = (runs[-1][0], place + 1)
        else:
            runs.append((place, place + 1))
    return runs


def _segments_of(cells: list[Cell]) -> list[Segment]:
    """Return plain cells as segments, neighbours of one style together."""
    return [
        Segment("".join(map(str, map(_char_of, part))), style if isinstance(style, Style) else None)
        for style, part in groupby(cells, _style_of)
    ]
