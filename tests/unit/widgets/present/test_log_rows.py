"""Log rows as lines: gutter, tags, times, highlights, wrapping, whatever the text holds."""

from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from core.logs.query.query import parse_query
from core.model.log import LogLevel, TimeBasis
from core.model.log_view import LogRow
from core.model.text import clean
from tests.hostile import CORPUS
from tests.unit.widgets.present.log_values import NOW_S, record, row, seam, text_of
from widgets.present.fitting import width_of
from widgets.present.line import Tone
from widgets.present.log_rows import (
    TAG_CELLS,
    RowStyle,
    TimeStyle,
    has_other_days,
    row_line,
    tags_of,
    time_text,
    with_cursor,
    wrapped,
)

PLAIN = RowStyle()
AMSTERDAM = timezone(timedelta(hours=1))


def test_a_row_says_when_how_serious_and_what() -> None:
    line = row_line(row("it broke", level=LogLevel.ERROR), PLAIN)
    assert text_of(line) == "  09:26:53.000  ERROR it broke"
    assert {span.tone for span in line if span.text == "ERROR"} == {Tone.DOWN}


def test_a_line_that_pretends_to_be_an_error_bears_its_own_level() -> None:
    text = text_of(row_line(row("ERROR all is lost", level=LogLevel.INFO), PLAIN))
    assert text == "  09:26:53.000  info  ERROR all is lost"


def test_cursor_and_mark_have_signs_of_their_own_and_move_nothing() -> None:
    plain = row_line(row(), PLAIN)
    marked = row_line(row(), PLAIN, is_marked=True)
    assert text_of(with_cursor(plain, has_keys=True))[:2] == "▌ "
    assert text_of(with_cursor(marked, has_keys=False))[:2] == "▏*"
    assert width_of(with_cursor(marked, has_keys=True)) == width_of(plain)
    assert with_cursor((), has_keys=True) == ()


@pytest.mark.parametrize(
    ("basis", "sign"),
    [
        (TimeBasis.ZONED, " "),
        (TimeBasis.NAIVE, "?"),
        (TimeBasis.TRANSPORT, "t"),
        (TimeBasis.INHERITED, "~"),
    ],
)
def test_the_sign_behind_a_time_says_how_well_it_is_known(basis: TimeBasis, sign: str) -> None:
    assert time_text(record(basis=basis), PLAIN) == f"09:26:53.000{sign}"


def test_times_in_another_zone_as_ages_and_with_their_day() -> None:
    one = record()
    assert time_text(one, RowStyle(TimeStyle.LOCAL, AMSTERDAM)) == "10:26:53.000 "
    assert time_text(one, RowStyle(TimeStyle.AGO, now_s=NOW_S + 5)).strip() == "5 s ago"
    assert time_text(one, RowStyle(has_days=True)) == "03-14 09:26:53.000 "


@given(
    st.sampled_from(TimeStyle),
    st.booleans(),
    st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
)
def test_times_of_one_view_are_all_as_wide(
    times: TimeStyle, has_days: bool, time_s: float | None
) -> None:
    style = RowStyle(times, AMSTERDAM, NOW_S, has_days=has_days)
    assert len(time_text(record(time_s=time_s), style)) == len(time_text(record(), style))


def test_days_are_told_when_rows_are_not_all_of_today() -> None:
    today, before = row(), row(time_s=NOW_S - 86_400)
    assert not has_other_days((today, row(time_s=None), today), NOW_S)
    assert has_other_days((before, today), NOW_S)
    assert has_other_days((before,), NOW_S)
    assert not has_other_days((), NOW_S)
    assert not has_other_days((seam(),), NOW_S + 1e6)


def test_tags_are_the_shortest_names_that_tell_logs_apart() -> None:
    def names(*sources: str) -> list[str]:
        return [tag.strip() for tag, _ in tags_of(sources).values()]

    assert names("shop/api/app", "shop/api/audit") == ["app", "audit"]
    assert names("shop/api/app", "shop/web/app") == ["api", "web"]
    assert names("shop/api/app", "bank/api/app") == ["shop/app", "bank/app"]
    assert len(set(names("a/x/l", "a/y/l", "b/x/l", "b/y/l"))) == 4


@given(st.lists(st.text(max_size=40), min_size=1, max_size=8, unique=True))
def test_tags_are_all_as_wide_and_no_wider_than_they_may(sources: list[str]) -> None:
    cells = {cell_len(tag) for tag, _ in tags_of(sources).values()}
    assert len(cells) == 1
    assert cells.pop() <= TAG_CELLS


def test_a_seam_is_drawn_as_ours() -> None:
    line = row_line(seam(), PLAIN)
    assert "──── rotated: the file was moved away ────" in text_of(line)


def test_what_is_looked_for_stands_out_and_the_text_stays_whole() -> None:
    style = RowStyle(highlights=lambda text: [(3, 5), (7, 8)] if len(text) > 8 else [])
    line = row_line(row("abcDEfgHij"), style)
    assert [span.text for span in line if span.tone is Tone.MATCH] == ["DE", "H"]
    assert text_of(line).endswith("abcDEfgHij")


def test_fields_that_the_text_does_not_tell_stand_behind_it() -> None:
    text = text_of(
        row_line(row("done in 7 ms", fields={"status": 500, "ms": 7, "level": "x"}), PLAIN)
    )
    assert text.endswith("done in 7 ms status=500")


@pytest.mark.parametrize(
    ("message", "value", "is_told"),
    [
        ("GET /orders/2099 200", "/orders/20", False),
        ("GET /orders/20 200", "/orders/20", True),
        ("GET /orders/20?x=1 200", "/orders/20", True),
        ("took 155 ms, 55 of it waiting", "55", True),
        ("took 155 ms", "55", False),
        ("from 203.0.113.12", "203.0.113.1", False),
        ("done", "", True),
    ],
)
def test_a_value_inside_another_word_is_not_told_by_it(
    message: str, value: str, is_told: bool
) -> None:
    text = text_of(row_line(row(message, fields={"what": clean(value)}), PLAIN))
    assert ("what=" not in text) is is_told


def test_what_is_looked_for_stands_out_in_fields_and_in_what_is_folded_away() -> None:
    style = RowStyle(highlights=parse_query("needle", NOW_S).highlights)
    found = row("boom", fields={"user": clean("a needle b")}, details=("in a needle", "x"))
    marked = [one.text for one in row_line(found, style) if one.tone is Tone.MATCH]
    assert marked == ["needle", "▸ 2 more lines"]
    assert text_of(row_line(found, style)) == text_of(row_line(found, PLAIN))
    other = row_line(row("boom", details=("in", "x")), style)
    assert not [one for one in other if one.tone is Tone.MATCH]


def test_a_seam_stands_in_the_columns_of_the_rows_with_its_time() -> None:
    tags = tags_of(("shop/api/app", "shop/web/page"))
    style = RowStyle(tags=tags)
    mark, line = text_of(row_line(seam(), style)), text_of(row_line(row("it works"), style))
    assert mark.index("────") == line.index("it works")
    assert mark.index("app") == line.index("app")
    assert mark[2:14] == line[2:14] == "09:26:53.000"


def test_lines_that_are_folded_away_are_counted() -> None:
    text = text_of(row_line(row("boom", details=("Traceback", "  File")), PLAIN))
    assert text.endswith("boom  ▸ 2 more lines")
    text = text_of(row_line(row("boom", details=("Traceback",)), PLAIN))
    assert text.endswith("boom  ▸ 1 more line")


def test_nothing_hostile_survives_in_a_line() -> None:
    for payload in CORPUS:
        line = row_line(row(payload, fields={"x": record(payload).message}), PLAIN)
        assert all(char.isprintable() for char in text_of(line)), repr(payload)


def test_a_megabyte_becomes_a_short_line() -> None:
    assert width_of(row_line(row("x" * 1_000_000), PLAIN)) < 3000


@given(st.text(max_size=300), st.integers(1, 120), st.integers(0, 30))
def test_wrapping_loses_no_text_and_keeps_to_its_width(text: str, width: int, indent: int) -> None:
    line = row_line(row(text), PLAIN)
    lines = wrapped(line, width, indent)
    assert all(width_of(one) <= width for one in lines)
    if width > indent + 8:
        whole = "".join(text_of(one)[0 if at == 0 else indent :] for at, one in enumerate(lines))
        assert whole == text_of(line)


def test_an_empty_row_is_a_line_too() -> None:
    assert text_of(row_line(LogRow(), PLAIN)).strip() == ""
