"""Totals and histogram over the rows."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from core.model.log import LogLevel
from core.model.log_view import LogCount, LogOutside
from tests.unit.widgets.present.log_values import counted, picture, text_of
from widgets.present.fitting import width_of
from widgets.present.line import Line
from widgets.present.log_summary import columns_of, outside_text, summary_lines

MIXED = counted(
    {LogLevel.INFO: 8},
    {LogLevel.INFO: 2, LogLevel.WARN: 1},
    {},
    {LogLevel.ERROR: 1, LogLevel.CRITICAL: 1},
)


def drawn(
    count: LogCount, width: int = 100, chosen: int | None = None, rows: int = 4
) -> list[Line]:
    return list(summary_lines(picture(count=count), width, chosen, rows=rows))


def test_totals_name_what_is_in_trouble() -> None:
    assert text_of(drawn(MIXED)[0]).startswith(" 13 records  1 critical  1 error  1 warn")


def test_before_anything_is_counted_no_zero_is_shown() -> None:
    assert "nothing counted yet" in text_of(drawn(LogCount())[0])


def test_a_count_that_goes_on_says_how_far_it_is() -> None:
    assert "searched 512 B of 1.0 KiB" in text_of(drawn(counted({None: 1}, is_complete=False))[0])


def test_warnings_have_a_line_where_there_is_room() -> None:
    assert [text_of(line)[:5] for line in drawn(MIXED)[1:]] == ["all  ", "warn ", "err  "]
    assert [text_of(line)[:5] for line in drawn(MIXED, rows=3)[1:]] == ["all  ", "err  "]


def test_the_bars_use_the_whole_width_in_the_order_of_time() -> None:
    heading, total, warnings, errors = drawn(MIXED, 85)
    assert width_of(total) == width_of(errors) == 85
    assert text_of(warnings)[5:].strip() == "█" * 20 or len(text_of(warnings)[5:].strip()) == 20
    assert text_of(errors)[5:].index(text_of(errors)[5:].strip()) == 60
    assert width_of(heading) <= 85


def test_the_bucket_with_the_cursor_is_told_and_reversed() -> None:
    heading, total, *_ = drawn(MIXED, 85, chosen=2)
    assert "for 10 s: 0 records, 0 errors" in text_of(heading)
    assert "enter goes there" in text_of(heading)
    marked = [span for span in total if span.is_reversed]
    assert [span.text for span in marked] == ["·" * 20]


def test_a_cursor_beyond_the_last_bucket_is_none() -> None:
    assert "13 records" in text_of(drawn(MIXED, 85, chosen=99)[0])


@given(st.integers(0, 300), st.integers(1, 300))
def test_every_bucket_is_in_a_column_and_none_is_out_of_order(buckets: int, cells: int) -> None:
    columns = columns_of(buckets, cells)
    seen = [at for column in columns for at in column]
    assert sorted(set(seen)) == list(range(buckets))
    assert seen == sorted(seen)
    assert len(columns) == (cells if buckets else 0)
    assert all(column for column in columns)


@given(st.integers(1, 120), st.integers(10, 60))
def test_no_line_is_wider_than_its_room(buckets: int, width: int) -> None:
    count = counted(*({LogLevel.ERROR: 3} for _ in range(buckets)))
    for chosen in (None, 0):
        assert all(width_of(line) <= max(width, 15) for line in drawn(count, width, chosen))


def test_records_that_no_bar_is_made_for_are_told_with_their_days() -> None:
    outside = LogOutside(3, 0.0, 4_102_358_400.0)
    assert outside_text(outside) == "3 outside: 1970-01-01 … 2099-12-31"
    assert outside_text(LogOutside(1, None, 4_102_358_400.0)) == "1 outside: 2099-12-31"
    assert "3 outside: 1970-01-01" in text_of(drawn(replace(MIXED, outside=outside))[0])
