"""Ends of graces as they are noted: the last line counts, and nonsense is no end."""

from datetime import UTC, datetime

import pytest

from core.keys.store.ends import End, moment_text, over, parse_ends, struck_line


def test_of_several_ends_the_last_one_counts() -> None:
    lines = ("a 2026-01-01T00:00:00Z", "b 2026-01-01T00:00:00Z", "b -", "c 2027-01-01T00:00:00Z")
    ends = parse_ends(lines)
    assert [one.mark for one in ends] == ["a", "c"]
    assert [one.mark for one in over(ends, datetime(2026, 6, 1, tzinfo=UTC))] == ["a"]


def test_an_end_is_read_as_it_was_noted() -> None:
    end = End("ab12", moment_text(datetime(2026, 3, 1, 4, 5, 6, tzinfo=UTC)), "0f0f", "cd34")
    assert parse_ends([end.line]) == (end,)
    assert parse_ends([end.line, struck_line("ab12")]) == ()
    assert over((end,), end.moment) == (end,)


@pytest.mark.parametrize(
    "line", ["", "   ", "a", "a tomorrow", "a 2026-01-01", "a 2026-99-99T00:00:00Z"]
)
def test_what_makes_no_sense_is_no_end(line: str) -> None:
    assert parse_ends([line]) == ()
