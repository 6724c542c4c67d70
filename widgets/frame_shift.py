"""Finds out that a part of the screen has moved up, so that the terminal can be told to move it.

Rows that stream in push all others up by a few lines. Sent as differences that is nearly the whole
pane for every line; scrolled by the terminal it is the new lines, and what stands beside the pane
put back. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import ne

from widgets.frame_cells import Cell, Drawn, Frame, Run, is_plain

Row = Sequence[Cell]

_LEAST_ROWS = 6
_MOST_LINES = 24
_SAMPLED_ROWS = 6
_LEAST_FIT = 0.5
_LEAST_COST = 200.0
"""Less is sent sooner than it is weighed."""
_ROW_BYTES = 10
"""What going to another row costs."""


@dataclass(frozen=True, slots=True)
class Shift:
    """Rows `top` up to before `bottom` of the terminal move up by `lines`."""

    top: int
    bottom: int
    lines: int


def scrolled(frame: Frame, drawn: Sequence[Drawn]) -> tuple[str, list[Run]]:
    """Return what makes the terminal move rows up where that saves sending them, and what is left.

    The frame is told of both. What is drawn has to be put all the same: what is right already
    makes no run. A stretch with wide characters is known as a whole only and cannot be sent in
    parts, so where one is, nothing moves.
    """
    wanted = frame.with_drawn(drawn)
    shift = find_shift(frame.rows, wanted)
    if shift is None:
        return "", []
    rows = range(shift.top, shift.bottom)
    if not all(is_plain(wanted[row]) and is_plain(frame.rows[row]) for row in rows):
        return "", []
    frame.scroll(shift.top, shift.bottom, shift.lines)
    # A line feed at the bottom of a scrolling region moves what is in it, on every terminal.
    feeds = "\n" * shift.lines
    sequence = f"\x1b[{shift.top + 1};{shift.bottom}r\x1b[{shift.bottom};1H{feeds}\x1b[r"
    return sequence, [run for row in rows for run in frame.put_plain(0, row, wanted[row])]


def find_shift(shown: Sequence[Row], wanted: Mapping[int, Row]) -> Shift | None:
    """Return how the terminal can be scrolled so that less has to be sent; None: it cannot.

    Args:
        shown: The cells of every row of the terminal.
        wanted: By row: all its cells as they are to be. Other rows stay as they are.
    """
    block = _longest_block([row for row, cells in wanted.items() if shown[row] != cells])
    if len(block) < _LEAST_ROWS:
        return None

    def fit(lines: int) -> float:
        """Return the share of some rows that would be right: equality ends at the first cell."""
        sampled = block[:-lines][:: max(1, len(block) // _SAMPLED_ROWS)]
        return sum(shown[row + lines] == wanted[row] for row in sampled) / len(sampled)

    best = max(range(1, min(_MOST_LINES, len(block) - 2)), key=fit)
    if fit(best) < _LEAST_FIT:
        return None
    shift = Shift(block[0], block[-1] + 1, best)
    least = max(_LEAST_COST, 2 * _cost_after(shown, wanted, shift))
    return shift if _costs_more(shown, {row: wanted[row] for row in block}, least) else None


def _costs_more(shown: Sequence[Row], wanted: Mapping[int, Row], least: float) -> bool:
    """Tell whether it takes more than `least` bytes to send rows; weighs no more than it must."""
    cost = 0.0
    for row, cells in wanted.items():
        cost += _cost(shown[row], cells)
        if cost > least:
            return True
    return False


def _cost_after(shown: Sequence[Row], wanted: Mapping[int, Row], shift: Shift) -> float:
    """Return about how many bytes have to be sent after scrolling."""
    last = shift.bottom - shift.lines
    return sum(
        _cost(shown[row + shift.lines] if row < last else (), wanted[row])
        for row in range(shift.top, shift.bottom)
    )


def _longest_block(rows: Sequence[int]) -> Sequence[int]:
    """Return the longest run of neighbouring rows."""
    longest: list[int] = []
    current: list[int] = []
    for row in sorted(rows):
        current = [*current, row] if current and row == current[-1] + 1 else [row]
        longest = max(longest, current, key=len)
    return longest


def _cost(before: Row, after: Row) -> float:
    """Return about how many bytes it takes to make one row another; blanks are erased cheaply."""
    if before == after:
        return 0.0
    changed = list(compress(after, map(ne, before, after)) if before else after)
    blanks = [char for char, _ in changed].count(" ")
    return _ROW_BYTES + len(changed) - blanks + blanks / 8
