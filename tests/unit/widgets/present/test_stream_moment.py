"""Moments as a person types them."""

import pytest

from core.model.stream import EntryId
from widgets.present.stream_moment import MomentError, parse_moment

_NOW_S = 1772334847.0
"""2026-03-01 03:14:07 UTC."""


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1772327547000-3", EntryId(1772327547000, 3)),
        ("1772327547000", EntryId(1772327547000)),
        ("15m", EntryId(1772333947000)),
        ("1h30m ago", EntryId(1772329447000)),
        ("03:00", EntryId(1772334000000)),
        ("14:30", EntryId(1772289000000)),
        ("2026-02-28 14:30", EntryId(1772289000000)),
        ("2026-02-28T14:30:00Z", EntryId(1772289000000)),
        ("2026-02-28T15:30:00+01:00", EntryId(1772289000000)),
    ],
)
def test_a_moment_is_an_id(text: str, wanted: EntryId) -> None:
    assert parse_moment(text, _NOW_S) == wanted


@pytest.mark.parametrize(
    "text", ["soon", "25:00", "12:60", "1", "99y", "2026-13-01", "-5m", "x" * 99]
)
def test_what_is_none_is_told(text: str) -> None:
    with pytest.raises(MomentError):
        parse_moment(text, _NOW_S)
