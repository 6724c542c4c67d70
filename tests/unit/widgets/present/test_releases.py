"""Releases as rows, whatever date a commit says that it has."""

from datetime import UTC, datetime

from core.model.action_view import ReleaseRow
from core.model.text import clean
from widgets.present.releases import release_cells

NOW = datetime(2026, 3, 14, tzinfo=UTC)


def test_a_date_that_no_calendar_has_is_told_as_not_known() -> None:
    row = ReleaseRow("4f2a91c0" * 5, 99_999_999_999_999.0, clean("weird"))
    texts = ["".join(part.text for part in one) for one in release_cells(row, NOW)]
    assert texts == ["4f2a91c04f", "–", "weird"]


def test_a_date_stands_with_its_age() -> None:
    row = ReleaseRow("4f2a91c0" * 5, NOW.timestamp() - 7_200, clean("well"))
    assert "".join(part.text for part in release_cells(row, NOW)[1]) == "2026-03-13 22:00  2h ago"
