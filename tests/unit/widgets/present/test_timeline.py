"""What happened, newest first."""

import pytest

from bench.scene import trouble
from widgets.present.fitting import width_of
from widgets.present.timeline import change_line, changes


def plain(lines) -> str:
    return "\n".join("".join(part.text for part in one) for one in lines)


def test_an_empty_timeline_says_so() -> None:
    assert plain(changes((), 80, 5, trouble().now)) == "changes since the console opened: none"


@pytest.mark.parametrize("width", [20, 59, 60, 120])
def test_entries_fit_and_are_at_most_as_many_as_there_is_room(width: int) -> None:
    picture = trouble()
    lines = changes(picture.snapshot.timeline, width, 4, picture.now)
    assert len(lines) == 4
    assert max(width_of(one) for one in lines) <= width


def test_an_entry_says_when_who_and_what_and_wide_ones_at_what_moment() -> None:
    picture = trouble()
    note = picture.snapshot.timeline[0]
    assert "03:11:11Z" not in plain([change_line(note, 50, picture.now)])
    text = plain([change_line(note, 160, picture.now)])
    for word in ("2m", "03:11:11Z", "✖", "api-gateway/upstream-service", "→"):
        assert word in text
