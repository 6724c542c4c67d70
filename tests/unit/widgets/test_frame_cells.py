"""The frame writes what differs, and a terminal that gets only that shows the whole."""

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tests.unit.widgets.test_sgr import seen
from widgets.frame_cells import Frame
from widgets.sgr import SgrWriter

WIDTH, HEIGHT = 24, 4
TEXTS = st.text(alphabet="ab █é─", min_size=WIDTH, max_size=WIDTH)
STYLES = st.sampled_from([None, Style(color="red"), Style(bold=True), Style(bgcolor="#112233")])
LINES = st.tuples(st.integers(0, HEIGHT - 1), TEXTS, STYLES, st.integers(1, WIDTH - 1), STYLES)


def strip_of(text: str, first: Style | None, cut: int, second: Style | None) -> Strip:
    return Strip([Segment(text[:cut], first), Segment(text[cut:], second)])


def written(frame: Frame, y: int, strip: Strip) -> str:
    writer = SgrWriter("truecolor")
    runs = frame.update(0, y, strip)
    return "".join(f"\x1b[{r.y + 1};{r.x + 1}H{writer.render(r.strip)}" for r in runs) + (
        writer.finish()
    )


def picture(screen: pyte.Screen) -> list[list[object]]:
    return [[seen(screen.buffer[y][x]) for x in range(WIDTH)] for y in range(HEIGHT)]


@settings(max_examples=200)
@given(st.lists(LINES, min_size=1, max_size=20))
def test_differences_add_up_to_the_whole_picture(lines: list[tuple]) -> None:
    frame = Frame(WIDTH, HEIGHT)
    by_difference, whole = pyte.Screen(WIDTH, HEIGHT), pyte.Screen(WIDTH, HEIGHT)
    for y, text, first, cut, second in lines:
        strip = strip_of(text, first, cut, second)
        pyte.Stream(by_difference).feed(written(frame, y, strip))
        pyte.Stream(whole).feed(written(Frame(WIDTH, HEIGHT), y, strip))
    assert picture(by_difference) == picture(whole)


def test_the_same_line_again_costs_nothing() -> None:
    frame = Frame(WIDTH, HEIGHT)
    strip = Strip([Segment("unchanged".ljust(WIDTH))])
    assert frame.update(0, 1, strip)
    assert frame.update(0, 1, strip) == []


def test_one_changed_cell_costs_one_cell() -> None:
    frame = Frame(WIDTH, HEIGHT)
    frame.update(0, 0, Strip([Segment("count 1".ljust(WIDTH))]))
    (run,) = frame.update(0, 0, Strip([Segment("count 2".ljust(WIDTH))]))
    assert (run.x, run.strip.text) == (6, "2")


def test_a_line_with_wide_characters_is_written_whole() -> None:
    frame = Frame(WIDTH, HEIGHT)
    frame.update(0, 0, Strip([Segment("漢字 1")]))
    (run,) = frame.update(0, 0, Strip([Segment("漢字 2")]))
    assert (run.x, run.strip.text) == (0, "漢字 2")


def test_no_control_character_passes() -> None:
    (run,) = Frame(WIDTH, HEIGHT).update(0, 0, Strip([Segment("a\x1b[2J\x07\x9bb")]))
    assert run.strip.text == "a?[2J??b"


def test_a_strip_that_is_known_is_drawn_as_it_was_at_any_place() -> None:
    frame = Frame(WIDTH, HEIGHT)
    strip = Strip([Segment("0123456789".ljust(WIDTH))])
    first, cut, again = frame.drawn(0, 0, strip), frame.drawn(WIDTH - 4, 1, strip), None
    for number in range(1000):
        frame.drawn(0, 2, Strip([Segment(f"{number}".ljust(WIDTH))]))
        again = frame.drawn(0, 3, strip)
    assert first is not None
    assert cut is not None
    assert again is not None
    assert [char for char, _ in cut.cells] == list("0123")
    assert again.cells is first.cells, "used again and again, it is not forgotten"
    assert len(first.cells) == WIDTH
    assert len(frame._known) <= 256
