"""Lines made to measure, also where a character takes two cells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from core.model.text import clean
from widgets.present.fitting import (
    beside,
    cut,
    cut_path,
    cut_text,
    fit,
    rule,
    spread,
    width_of,
    wrap,
)
from widgets.present.line import Line, Tone, line, span

TEXTS = st.text(max_size=30)
LINES = st.lists(TEXTS, max_size=4).map(lambda texts: line(*texts))


def plain(one: Line) -> str:
    return "".join(part.text for part in one)


@given(LINES, st.integers(0, 60))
def test_a_cut_line_never_exceeds_its_width(one: Line, width: int) -> None:
    assert width_of(cut(one, width)) <= width


@given(LINES, st.integers(0, 60), st.booleans())
def test_a_fitted_line_has_exactly_its_width(one: Line, width: int, is_right: bool) -> None:
    fitted = fit(one, width, is_right=is_right)
    assert width - width_of(fitted) in {0, 0 if width_of(one) < width else 1}


@given(LINES, LINES, st.integers(0, 80))
def test_spread_never_exceeds_its_width(left: Line, right: Line, width: int) -> None:
    assert width_of(spread(left, right, width)) <= width


@pytest.mark.parametrize(
    ("text", "width", "cut_to"),
    [
        ("gateway", 7, "gateway"),
        ("gateway", 6, "gatew…"),
        ("gateway", 1, "…"),
        ("gateway", 0, ""),
        ("統計資料", 5, "統計…"),
        ("a  b", 3, "a…"),
    ],
)
def test_text_that_was_cut_shows_it(text: str, width: int, cut_to: str) -> None:
    assert cut_text(text, width) == cut_to


def test_a_line_is_cut_inside_the_span_that_does_not_fit() -> None:
    one = line(span("down ", Tone.DOWN), span("connection refused"))
    assert plain(cut(one, 12)) == "down connec…"
    assert cut(one, 12)[0].tone is Tone.DOWN
    assert cut(one, 23) == one


def test_a_line_cut_at_the_border_of_two_spans_shows_it_too() -> None:
    assert plain(cut(line("abc", "def"), 3)) == "ab…"


def test_spread_keeps_the_right_part_whole() -> None:
    assert plain(spread(line("a long name"), line("12 ms"), 12)) == "a lo…  12 ms"


def test_wrapped_text_breaks_at_blanks_and_cuts_only_at_the_end() -> None:
    lines = wrap("job sync failed 3 times in a row: 401 invalid api key", 20, 2)
    assert [plain(one) for one in lines] == ["job sync failed 3", "times in a row: 401…"]
    assert wrap("", 20, 2) == ()


def test_a_word_without_room_goes_on_in_the_next_line_where_it_may() -> None:
    lines = wrap("copy to /srv/backups/keys.json now", 12, 9, breaks_words=True)
    assert [plain(one) for one in lines] == ["copy to", "/srv/backups", "/keys.json", "now"]


@given(st.text(max_size=80).map(clean), st.integers(2, 30))
def test_nothing_of_broken_words_is_lost(text: str, width: int) -> None:
    lines = wrap(text, width, 99, breaks_words=True)
    assert "".join(map(plain, lines)).replace(" ", "") == text.replace(" ", "")


@given(st.text(max_size=80).map(clean), st.integers(1, 30), st.integers(1, 5), st.booleans())
def test_wrapped_lines_fit(text: str, width: int, rows: int, breaks_words: bool) -> None:
    lines = wrap(text, width, rows, breaks_words=breaks_words)
    assert len(lines) <= rows
    assert all(width_of(one) <= width for one in lines)


def test_blocks_stand_side_by_side_whatever_their_heights() -> None:
    lines = beside((line("a"),), (line("b"), line("c")), 3, 1)
    assert [plain(one) for one in lines] == ["a   b", "    c"]


def test_a_rule_reaches_the_edge_and_drops_a_note_that_has_no_room() -> None:
    assert plain(rule("Checks", 20, "3 of 9")) == "Checks ────── 3 of 9"
    assert plain(rule("Checks", 10, "3 of 9")) == "Checks ───"


@pytest.mark.parametrize("width", [0, 1, 2, 9, 14, 40])
def test_a_path_that_is_too_long_keeps_its_end(width: int) -> None:
    path = "/srv/漢字/systems/api"
    told = cut_path(path, width)
    assert cell_len(told) <= width
    assert path.endswith(told.removeprefix("…"))
    assert (told == path) == (width == 40)
