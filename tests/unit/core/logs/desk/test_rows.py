"""Rows put together, whatever is paged, comes late, grows or is let go."""

from hypothesis import given, settings
from hypothesis import strategies as st

from core.logs.browse.opened_log import LogNews
from core.logs.desk.rows import (
    ROWS_KEPT,
    is_news_beyond,
    joined,
    rows_of,
    with_fresh,
    with_grown,
)
from core.model.log import LogPosition, LogRecord
from core.model.log_view import LogRow
from core.model.text import clean


def record(
    offset: int, source: str = "a", time_s: float | None = None, text: str = "x"
) -> LogRecord:
    raw = text.encode()
    return LogRecord(source, LogPosition(0, offset), raw, clean(text), time_s)


def rows(*offsets: int, source: str = "a") -> tuple[LogRow, ...]:
    return rows_of(record(offset, source, float(offset)) for offset in offsets)


def keys(some: tuple[LogRow, ...]) -> list[object]:
    return [row.key for row in some]


@settings(deadline=None)
@given(st.integers(0, 2 * ROWS_KEPT), st.integers(0, 900), st.integers(0, 5), st.booleans())
def test_two_stretches_keep_their_order_and_what_is_let_go_is_the_far_end(
    first: int, second: int, shared: int, keep_first: bool
) -> None:
    shared = min(shared, first, second)
    begin = rows(*range(first))
    end = rows(*range(first - shared, first - shared + second))
    kept, dropped = joined(begin, end, keep_first=keep_first)
    assert len(kept) <= ROWS_KEPT
    whole = (*kept, *dropped) if keep_first else (*dropped, *kept)
    assert keys(whole) == keys(rows(*range(first - shared + second)))


def test_a_row_of_both_stretches_is_as_it_was_read_later() -> None:
    before, after = record(3, text="half"), record(3, text="half a line")
    kept, _ = joined(rows_of([record(1), before]), rows_of([after, record(9)]), keep_first=False)
    assert [row.record and row.record.message for row in kept] == ["x", "half a line", "x"]


def test_a_record_that_grew_stays_in_its_place() -> None:
    shown = (*rows(1, 2), *rows(1, source="b"))
    grown = record(2, time_s=2.0, text="more of it")
    news = LogNews((grown,))
    after, fresh = with_grown(shown, "a", [grown], news, LogPosition(0, 2))
    assert fresh == []
    assert keys(after) == keys(shown)
    assert after[1].record is grown


def test_a_record_that_grew_and_is_hidden_now_leaves() -> None:
    shown = rows(1, 2)
    news = LogNews((record(2, text="no more a match"),))
    after, fresh = with_grown(shown, "a", [], news, LogPosition(0, 2))
    assert keys(after) == keys(rows(1))
    assert fresh == []


def test_what_one_log_withdraws_stays_in_another() -> None:
    shown = (*rows(1, 2), *rows(2, source="b"))
    news = LogNews((), withdrawn=(LogPosition(0, 2),))
    after, _ = with_grown(shown, "a", [], news, LogPosition(0, 2))
    assert keys(after) == [*keys(rows(1)), *keys(rows(2, source="b"))]


def test_what_was_read_from_the_file_already_does_not_come_again() -> None:
    known = LogPosition(0, 500)
    old, at_it, over_it = record(100), record(500), record(490, text="y" * 40)
    news = LogNews((old, over_it, at_it))
    _, fresh = with_grown(rows(505), "a", [old, over_it, at_it], news, known)
    assert [row.record for row in fresh] == [over_it, at_it]


def test_a_record_before_a_rotation_does_not_reach_beyond_it() -> None:
    assert not is_news_beyond(record(490, text="y" * 40), LogPosition(1, 500))
    assert is_news_beyond(record(0), None)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.one_of(st.none(), st.integers(0, 50))), max_size=60
    ),
    st.integers(0, 60),
)
def test_news_is_put_in_time_and_never_before_a_row_of_its_own_log(
    parts: list[tuple[str, int | None]], at: int
) -> None:
    records = [
        record(place, source, None if at_s is None else float(at_s))
        for place, (source, at_s) in enumerate(parts)
    ]
    after, dropped = with_fresh(rows_of(records[:at]), rows_of(records[at:]))
    assert dropped == ()
    assert len(set(keys(after))) == len(records)
    for source in "abc":
        own = [row.record for row in after if row.source == source]
        assert own == [one for one in records if one.source == source]


def test_a_late_record_of_another_log_stands_where_its_time_belongs() -> None:
    after, _ = with_fresh(rows(10, 20, 30), rows(15, source="b"))
    assert [row.time_s for row in after] == [10.0, 15.0, 20.0, 30.0]
