"""Lines to strips: cell widths, padding and cutting, in the tones of the theme.

Everything that panes draw of a line comes through `segments_of`, and loses its secrets there.
"""

from collections.abc import Mapping

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from widgets.present.line import Line, Span, Tone
from widgets.present.veiling import veiled

ELLIPSIS = "…"


def style_of(part: Span, base: Style, tones: Mapping[Tone, Style]) -> Style:
    """Return the style of a span on a base."""
    style = base + tones[part.tone]
    if part.is_bold or part.is_reversed:
        style += Style(bold=part.is_bold or None, reverse=part.is_reversed or None)
    return style


def segments_of(
    line: Line, width: int, base: Style, tones: Mapping[Tone, Style], *, is_right: bool = False
) -> list[Segment]:
    """Return a line as segments of exactly `width` cells: padded, or cut with an ellipsis.

    What must not be shown is masked before anything is measured or cut.
    """
    line = veiled(line)
    segments: list[Segment] = []
    left = width
    total = sum(cell_len(part.text) for part in line)
    if is_right and total < width:
        segments.append(Segment(" " * (width - total), base))
        left = total
    for part in line:
        size = cell_len(part.text)
        style = style_of(part, base, tones)
        if size > left or (size == left and part is not line[-1] and total > width):
            if left > 0:
                segments.append(Segment(set_cell_size(part.text, left - 1) + ELLIPSIS, style))
            return segments
        segments.append(Segment(part.text, style))
        left -= size
    if left > 0 and not (is_right and total <= width):
        segments.append(Segment(" " * left, base))
    return segments


def strip_of(line: Line, width: int, base: Style, tones: Mapping[Tone, Style]) -> Strip:
    """Return a line as one strip of exactly `width` cells."""
    return Strip(segments_of(line, width, base, tones), width)
