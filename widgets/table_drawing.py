"""Draws one line of a table: frozen columns stay, the others slide under them."""

from collections.abc import Mapping, Sequence

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from widgets.painting import segments_of
from widgets.present.line import Line, Tone, line, span
from widgets.present.table import GAP_CELLS, Placed

_ARROWS = {False: "▲", True: "▼"}


def draw_cells(
    gutter: Segment,
    cells: Sequence[tuple[Placed, Line]],
    base: Style,
    tones: Mapping[Tone, Style],
    room: tuple[int, int],
) -> Strip:
    """Return a table line.

    Args:
        gutter: One cell for cursor and mark.
        cells: Every shown column with its content.
        base: Style of the line.
        tones: Styles of the tones.
        room: Width of the line, and by how many cells the sliding columns are scrolled.
    """
    width, scrolled = room
    frozen: list[Segment] = [gutter]
    sliding: list[Segment] = []
    for placed, content in cells:
        is_right = placed.column.justify == "right"
        drawn = segments_of(content, placed.width, base, tones, is_right=is_right)
        target = frozen if placed.column.is_frozen else sliding
        target += [*drawn, Segment(" " * GAP_CELLS, base)]
    left = Strip(frozen)
    right = Strip(sliding).crop(scrolled, scrolled + max(0, width - left.cell_length))
    return Strip([*left, *right]).adjust_cell_length(width, base)


def header_cell(placed: Placed, sort_column: str, *, is_reversed: bool) -> Line:
    """Return a column's heading; the sorted one carries an arrow."""
    label = placed.column.label
    if placed.column.id != sort_column:
        return line(span(label, Tone.LABEL))
    arrow = _ARROWS[is_reversed]
    return line(span(f"{label[: max(0, placed.width - 1)]}{arrow}", Tone.ACCENT, bold=True))
