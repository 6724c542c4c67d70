"""What a table shows: which rows in which order, where the cursor goes, which columns have room."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.text import clean
from widgets.present.table import (
    GAP_CELLS,
    GUTTER_CELLS,
    Column,
    Row,
    SortValue,
    Wish,
    cells_used,
    next_cursor,
    out_of_sight,
    place_columns,
    wanted_rows,
)


def row(key: str, *sort: SortValue, search: str = "", is_fault: bool = False) -> Row:
    return Row(key, sort=sort, search=clean(search or key), is_fault=is_fault)


def keys(rows: tuple[Row, ...]) -> str:
    return " ".join(one.key for one in rows)


ROWS = (
    row("b", "Beta", 2, search="Beta two"),
    row("a", "alpha", None, search="alpha", is_fault=True),
    row("c", "gamma", 10, search="gamma TWO", is_fault=True),
)


def test_without_a_wish_rows_stay_as_they_came() -> None:
    assert wanted_rows(ROWS, Wish()) == ROWS


@pytest.mark.parametrize(
    ("text", "left"),
    [("two", "b c"), ("TWO", "b c"), ("alpha", "a"), ("!two", "a"), ("!", ""), ("x", "")],
)
def test_a_filter_ignores_case_and_an_exclamation_mark_turns_it_around(
    text: str, left: str
) -> None:
    assert keys(wanted_rows(ROWS, Wish(text))) == left


def test_faults_and_filter_both_have_to_hold() -> None:
    assert keys(wanted_rows(ROWS, Wish(faults_only=True))) == "a c"
    assert keys(wanted_rows(ROWS, Wish("two", faults_only=True))) == "c"


@pytest.mark.parametrize(
    ("index", "is_reversed", "order"),
    [(0, False, "a b c"), (0, True, "c b a"), (1, False, "b c a"), (1, True, "c b a"),
     (7, False, "b a c"), (7, True, "b a c")],
)  # fmt: skip
def test_rows_are_sorted_and_what_is_not_known_comes_last_either_way(
    index: int, is_reversed: bool, order: str
) -> None:
    assert keys(wanted_rows(ROWS, Wish(sort_index=index, is_reversed=is_reversed))) == order


def test_numbers_come_before_texts_and_texts_ignore_case() -> None:
    mixed = (row("text", "B"), row("number", 7), row("other", "a"), row("below", -1.5))
    assert keys(wanted_rows(mixed, Wish(sort_index=0))) == "below number other text"


SORT_VALUES = st.one_of(st.none(), st.floats(allow_nan=False), st.text(max_size=3))


def listed(found: list[tuple[SortValue, str, bool]]) -> tuple[Row, ...]:
    return tuple(
        Row(str(place), sort=(value,), search=clean(text), is_fault=is_fault)
        for place, (value, text, is_fault) in enumerate(found)
    )


SOME_ROWS = st.lists(st.tuples(SORT_VALUES, st.text(max_size=6), st.booleans()), max_size=12).map(
    listed
)
WISHES = st.builds(
    Wish,
    st.text(max_size=3),
    st.booleans(),
    st.one_of(st.none(), st.integers(0, 1)),
    st.booleans(),
)


@given(SOME_ROWS, WISHES)
def test_a_wish_makes_up_no_row_shows_none_twice_and_is_fulfilled_once(
    rows: tuple[Row, ...], wish: Wish
) -> None:
    found = wanted_rows(rows, wish)
    assert len(set(found)) == len(found)
    assert set(found) <= set(rows)
    if not wish.filter_text and not wish.faults_only:
        assert set(found) == set(rows)
    if wish.faults_only:
        assert all(one.is_fault for one in found)
    assert wanted_rows(found, wish) == found


@given(SOME_ROWS, st.text(min_size=1, max_size=3).filter(lambda text: not text.startswith("!")))
def test_a_filter_and_its_opposite_share_the_rows_out(rows: tuple[Row, ...], text: str) -> None:
    with_it, without = wanted_rows(rows, Wish(text)), wanted_rows(rows, Wish(f"!{text}"))
    assert sorted(keys(with_it).split() + keys(without).split()) == sorted(keys(rows).split())


@given(SOME_ROWS, st.booleans())
def test_equals_stay_as_they_came(rows: tuple[Row, ...], is_reversed: bool) -> None:
    same = tuple(row(one.key, 1.0) for one in rows)
    assert wanted_rows(same, Wish(sort_index=0, is_reversed=is_reversed)) == same


BEFORE = tuple(row(key) for key in "abcde")


@pytest.mark.parametrize(
    ("left", "at", "goes_to"),
    [
        ("abcde", "c", "c"),
        ("edcba", "c", "c"),
        ("abde", "c", "d"),
        ("ab", "c", "b"),
        ("ae", "c", "e"),
        ("xy", "c", "x"),
        ("xyz", "not here", "x"),
        ("abc", "", "a"),
        ("", "c", ""),
    ],
)
def test_the_cursor_stays_on_its_row_or_goes_to_the_nearest_one(
    left: str, at: str, goes_to: str
) -> None:
    assert next_cursor(BEFORE, tuple(row(key) for key in left), at) == goes_to


@given(
    st.lists(st.sampled_from("abcdefgh"), unique=True),
    st.lists(st.sampled_from("abcdefgh"), unique=True),
    st.sampled_from([*"abcdefgh", ""]),
)
def test_the_cursor_is_on_a_row_whenever_there_is_one(
    before: list[str], after: list[str], key: str
) -> None:
    found = next_cursor([row(one) for one in before], [row(one) for one in after], key)
    assert found in after if after else found == ""
    if key in after:
        assert found == key


def widths(columns: tuple[Column, ...], room: int) -> dict[str, int]:
    return {one.column.id: one.width for one in place_columns(columns, room)}


COLUMNS = (
    Column("name", "NAME", 8, is_frozen=True),
    Column("count", "COUNT", 6, priority=2),
    Column("age", "AGE", 5, priority=9),
    Column("why", "WHY", 10, weight=1),
)
ALL_CELLS = 8 + 6 + 5 + 10 + 3 * GAP_CELLS


def test_columns_have_their_widths_where_all_have_room() -> None:
    assert widths(COLUMNS, ALL_CELLS) == {"name": 8, "count": 6, "age": 5, "why": 10}


def test_room_that_is_left_goes_to_the_columns_with_a_weight() -> None:
    assert widths(COLUMNS, ALL_CELLS + 7)["why"] == 17
    two = (Column("a", "A", 4, weight=1), Column("b", "B", 4, weight=3))
    assert widths(two, 4 + 4 + GAP_CELLS + 8) == {"a": 6, "b": 10}


def test_the_highest_priority_goes_first_when_room_is_short() -> None:
    assert list(widths(COLUMNS, ALL_CELLS - 1)) == ["name", "count", "why"]
    assert list(widths(COLUMNS, 8 + 10 + GAP_CELLS)) == ["name", "why"]


def test_what_may_not_be_dropped_stays_and_is_too_wide() -> None:
    assert widths(COLUMNS, 5) == {"name": 8, "why": 10}


def test_a_column_keeps_its_place_among_all() -> None:
    assert [one.index for one in place_columns(COLUMNS, ALL_CELLS - 1)] == [0, 1, 3]


def column(width: int, weight: int, priority: int) -> Column:
    return Column("", "", width, weight=weight, priority=priority)


def test_columns_out_of_sight_are_told_for_each_side() -> None:
    placed = place_columns(COLUMNS, 5)
    used = cells_used(placed)
    assert used == GUTTER_CELLS + 8 + GAP_CELLS + 10
    assert out_of_sight(placed, used, 0) == (False, False)
    assert out_of_sight(placed, used - 1, 0) == (False, True)
    assert out_of_sight(placed, used - 3, 2) == (True, True)
    assert out_of_sight(placed, used - 3, 3) == (True, False)


SOME_COLUMNS = st.lists(
    st.builds(column, st.integers(1, 40), st.integers(0, 3), st.integers(0, 9)), max_size=12
)


@given(SOME_COLUMNS, st.integers(0, 300))
def test_columns_fit_unless_only_those_are_left_that_may_not_go(
    columns: list[Column], room: int
) -> None:
    placed = place_columns(columns, room)
    used = sum(one.width for one in placed) + GAP_CELLS * max(0, len(placed) - 1)
    assert used <= room or not any(one.column.priority for one in placed)
    assert all(one.width >= one.column.width for one in placed)
    assert [one.index for one in placed] == sorted({one.index for one in placed})
    assert {n for n, one in enumerate(columns) if not one.priority} <= {one.index for one in placed}
    dropped = {one.priority for n, one in enumerate(columns) if n not in {p.index for p in placed}}
    kept = {one.column.priority for one in placed}
    assert not dropped or min(dropped) >= max(kept, default=0)


@given(SOME_COLUMNS, st.integers(0, 300), st.integers(0, 50))
def test_more_room_never_takes_a_column_away(columns: list[Column], room: int, more: int) -> None:
    narrow = {one.index for one in place_columns(columns, room)}
    assert narrow <= {one.index for one in place_columns(columns, room + more)}
