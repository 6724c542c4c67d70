"""Scrolling by the terminal shows the same as sending everything, and is found where it pays."""

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tests.unit.widgets.test_sgr import seen
from widgets.frame_cells import Frame
from widgets.frame_shift import Shift, find_shift, scrolled
from widgets.sgr import SgrWriter

WIDTH, HEIGHT = 60, 20
STYLES = st.sampled_from([None, Style(color="red"), Style(bgcolor="#112233", bold=True)])


def text_of(number: int) -> str:
    """Lines that differ from each other all over."""
    return f"{number * 7919 % 100_000:05} {number * 104_729 % 999_983:06} line {number}".ljust(
        WIDTH
    )


def send(frame: Frame, terminal: pyte.Stream, drawn: list[tuple[int, int, Strip]]) -> int:
    """Do what the display path does; return the bytes."""
    writer = SgrWriter("truecolor", erases_in_colour=True)
    cells = [one for place in drawn if (one := frame.drawn(*place)) is not None]
    sequence, runs = scrolled(frame, cells)
    for one in cells:
        runs += frame.put(one)
    text = sequence + "".join(
        f"\x1b[{run.y + 1};{run.x + 1}H{writer.render(run.strip)}" for run in runs
    )
    text += writer.finish()
    terminal.feed(text)
    return len(text)


def picture(screen: pyte.Screen) -> list[list[object]]:
    return [[seen(screen.buffer[y][x]) for x in range(WIDTH)] for y in range(HEIGHT)]


@settings(max_examples=120, deadline=None)
@given(
    steps=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3), STYLES), max_size=8),
    beside=st.integers(0, 12),
    is_wide=st.booleans(),
)
def test_a_terminal_shows_what_is_wanted(
    steps: list[tuple[int, int, Style | None]], beside: int, is_wide: bool
) -> None:
    frame, screen = Frame(WIDTH, HEIGHT), pyte.Screen(WIDTH, HEIGHT)
    whole = pyte.Screen(WIDTH, HEIGHT)
    terminal = pyte.Stream(screen)
    at = 0
    for moved, changed, style in [(0, 0, None), *steps]:
        at += moved
        drawn: list[tuple[int, int, Strip]] = []
        for y in range(HEIGHT):
            text = text_of(at + y)
            if y < changed:
                text = ("漢字" if is_wide else "noise").ljust(WIDTH - 4 * is_wide)
            left = Segment(f"list {y}"[:beside].ljust(beside), Style(color="blue"))
            drawn.append((beside, y, Strip([Segment(text[: WIDTH - beside], style)])))
            drawn.append((0, y, Strip([left])))
        send(frame, terminal, drawn)
        plain = Frame(WIDTH, HEIGHT)
        writer = SgrWriter("truecolor")
        pyte.Stream(whole).feed(
            "".join(
                f"\x1b[{run.y + 1};{run.x + 1}H{writer.render(run.strip)}"
                for place in drawn
                for run in plain.update(*place)
            )
            + writer.finish()
        )
        if not is_wide:
            assert picture(screen) == picture(whole)


def test_a_line_that_streams_in_costs_about_a_line() -> None:
    frame, screen = Frame(WIDTH, HEIGHT), pyte.Screen(WIDTH, HEIGHT)
    terminal = pyte.Stream(screen)
    rows = [(0, y, Strip([Segment(text_of(y))])) for y in range(HEIGHT)]
    first = send(frame, terminal, rows)
    again = [(0, y, Strip([Segment(text_of(y + 1))])) for y in range(HEIGHT)]
    assert send(frame, terminal, again) < first / 8
    assert screen.display[-1].startswith(text_of(HEIGHT).rstrip())


def test_small_changes_and_unlike_rows_do_not_scroll() -> None:
    shown = [[(char, None) for char in text_of(y)] for y in range(HEIGHT)]
    other = {y: [(char, None) for char in text_of(1000 + 31 * y)] for y in range(HEIGHT)}
    assert find_shift(shown, other) is None
    assert find_shift(shown, {3: [("x", None)] * 40}) is None
    moved = {y: [(char, None) for char in text_of(y + 2)] for y in range(4, HEIGHT)}
    assert find_shift(shown, moved) == Shift(4, HEIGHT, 2)
