"""Lines made to measure in terminal cells: cut, padded, wrapped, set side by side. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from rich.cells import cell_len, set_cell_size

from core.model.text import SafeText, clean
from widgets.present.line import BLANK, Line, Span, Tone, span

ELLIPSIS = "…"


def width_of(line: Line) -> int:
    """Return the cells a line takes."""
    return sum(cell_len(part.text) for part in line)


def cut_text(text: str, width: int) -> SafeText:
    """Return text of at most `width` cells; what was cut shows as `…`."""
    if width <= 0:
        return clean("")
    if cell_len(text) <= width:
        return clean(text)
    return clean(set_cell_size(text, width - 1).rstrip() + ELLIPSIS)


def cut_path(path: str, width: int) -> SafeText:
    """Return a path of at most `width` cells; it loses its beginning, its end tells it apart."""
    if cell_len(path) <= width:
        return clean(path)
    # A cell holds at most a few characters; from a hostile path of thousands only its end counts.
    kept = path[-4 * max(1, width) :]
    while kept and cell_len(kept) >= width:
        kept = kept[1:]
    return clean(ELLIPSIS + kept if width > 0 else "")


def cut(line: Line, width: int) -> Line:
    """Return a line of at most `width` cells; what was cut shows as `…`."""
    if width_of(line) <= width:
        return line
    parts: list[Span] = []
    room = width
    for part in line:
        size = cell_len(part.text)
        if size >= room:
            is_exact = size == room and part is line[-1]
            text = part.text if is_exact else cut_text(part.text + ELLIPSIS, room)
            parts.append(replace(part, text=text))
            break
        parts.append(part)
        room -= size
    return tuple(parts)


def fit(line: Line, width: int, *, is_right: bool = False) -> Line:
    """Return a line of exactly `width` cells, cut or padded."""
    line = cut(line, width)
    room = width - width_of(line)
    if room <= 0:
        return line
    pad = span(" " * room)
    return (pad, *line) if is_right else (*line, pad)


def spread(left: Line, right: Line, width: int, gap: int = 2) -> Line:
    """Return a line with one part at each edge. The right part is kept whole, the left is cut."""
    room = width - width_of(right) - gap
    if not right or room < gap:
        return cut(left, width)
    return (*fit(left, room), span(" " * gap), *right)


def wrap(
    text: str, width: int, rows: int, tone: Tone = Tone.PLAIN, *, breaks_words: bool = False
) -> tuple[Line, ...]:
    """Return text broken at blanks into at most `rows` lines of `width`; the last may be cut.

    Args:
        text: What is broken.
        width: Cells of a line.
        rows: Lines at most.
        tone: Of all of it.
        breaks_words: A word without room, such as a path, goes on in the next line instead of
            being cut.
    """
    if width <= 0 or rows <= 0 or not text:
        return ()
    lines: list[str] = []
    current = ""
    words = text.split(" ")
    if breaks_words:
        words = [piece for word in words for piece in _pieces(word, width)]
    for index, word in enumerate(words):
        joined = f"{current} {word}" if current else word
        if not current or cell_len(joined) <= width:
            current = joined
            continue
        if len(lines) == rows - 1:
            current = f"{current} {' '.join(words[index:])}"
            break
        lines.append(current)
        current = word
    lines.append(current)
    return tuple((span(cut_text(one, width), tone),) for one in lines)


def _pieces(word: str, width: int) -> list[str]:
    """Return a word in pieces that fill lines of `width`, so that no two have room in one."""
    pieces: list[str] = []
    current, cells = "", 0
    for char in word:
        size = cell_len(char)
        if current and cells + size > width:
            pieces.append(current)
            current, cells = "", 0
        current += char
        cells += size
    return [*pieces, current]


def beside(
    left: Sequence[Line], right: Sequence[Line], left_width: int, gap: int = 2
) -> tuple[Line, ...]:
    """Return two blocks set side by side, the left one `left_width` cells wide."""
    rows = max(len(left), len(right))
    space = span(" " * gap)
    return tuple(
        (
            *fit(left[row] if row < len(left) else BLANK, left_width),
            space,
            *(right[row] if row < len(right) else BLANK),
        )
        for row in range(rows)
    )


def rule(title: str, width: int, note: str = "", *, is_focused: bool = False) -> Line:
    """Return a heading: the title, a line to the edge, and a note at its end.

    The heading of the pane that has the keys is heavier and marked.
    """
    if is_focused:
        title = f"▸ {title}"
    head = cut_text(title, width)
    tail = f" {note}" if note and cell_len(head) + cell_len(note) + 6 <= width else ""
    tone = Tone.ACCENT if is_focused else Tone.DIM
    dashes = width - cell_len(head) - cell_len(tail) - 1
    return (
        Span(head, Tone.ACCENT if is_focused else Tone.TITLE, True),
        span(f" {('━' if is_focused else '─') * max(0, dashes)}", tone),
        span(tail, Tone.DIM),
    )


def with_axis(drawn: Sequence[Line], high: str, low: str, cells: int) -> list[Line]:
    """Return a chart with an axis of `cells` at its left edge and its bounds written there."""
    bounds = {0: high, len(drawn) - 1: low}
    return [
        (
            span(bounds.get(row, "").rjust(cells - 2), Tone.DIM),
            span(" ┤" if row in bounds else " │", Tone.DIM),
            *one,
        )
        for row, one in enumerate(drawn)
    ]
