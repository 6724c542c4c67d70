"""Draws one line of a table: frozen columns stay, the others slide under them."""

from collections.abc import Mapping, Sequence

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from widgets.painting import ELLIPSIS, segments_of
from widgets.present.line import Line, Tone, line, span
from widgets.present.table import GAP_CELLS, Placed

_MORE_LEFT, _MORE_RIGHT = "‹", "›"
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
    right = _slid(Strip(sliding), scrolled, max(0, width - left.cell_length))
    return Strip([*left, *right]).adjust_cell_length(width, base)


def _slid(sliding: Strip, scrolled: int, cells: int) -> Strip:
    """Return what is in sight of the sliding columns; a text that is cut there shows it."""
    end = scrolled + cells
    shown = sliding.crop(scrolled, end)
    last, beyond = shown.crop(cells - 1, cells), sliding.crop(end, end + 1)
    if not cells or not last.text.strip() or not beyond.text.strip():
        return shown
    style = next(iter(last)).style
    return Strip([*shown.crop(0, cells - 1), Segment(ELLIPSIS, style)])


def with_marks(
    header: Strip, hidden: tuple[bool, bool], base: Style, tones: Mapping[Tone, Style]
) -> Strip:
    """Return a heading that shows at its ends that there are columns out of sight."""
    width, (is_left, is_right) = header.cell_length, hidden
    if width < 2 or not (is_left or is_right):
        return header
    accent = base + tones[Tone.ACCENT]
    return Strip(
        [
            *([Segment(_MORE_LEFT, accent)] if is_left else header.crop(0, 1)),
            *header.crop(1, width - 1),
            *([Segment(_MORE_RIGHT, accent)] if is_right else header.crop(width - 1, width)),
        ]
    )


def header_cell(placed: Placed, sort_column: str, *, is_reversed: bool) -> Line:
    """Return a column's heading; the sorted one carries an arrow."""
    label = placed.column.label
    if placed.column.id != sort_column:
        return line(span(label, Tone.LABEL))
    arrow = _ARROWS[is_reversed]
    return line(span(f"{label[: max(0, placed.width - 1)]}{arrow}", Tone.ACCENT, bold=True))
