"""The line over the rows, why there are none, and the cells of the list."""

import pytest

from core.model.log_view import LogCount, LogMatches, LogPicture, LogStatus
from core.model.text import clean
from tests.unit.widgets.present.log_values import picture, status, text_of
from widgets.present.fitting import width_of
from widgets.present.log_status import log_cells, nothing_line, status_line


def told(shown: LogPicture, *, follows: bool = True, search: str = "", width: int = 100) -> str:
    return text_of(status_line(shown, width, follows=follows, search_text=search))


def test_following_is_said_only_where_it_is_true() -> None:
    assert "FOLLOWING" in told(picture())
    assert "HELD" in told(picture(), follows=False)
    assert "HELD, 1,234 newer" in told(picture(newer=1234, is_at_end=False))
    broken = told(picture(is_broken=True, problem=clean("reading logs has stopped")))
    assert "STOPPED" in broken
    assert "FOLLOWING" not in broken


@pytest.mark.parametrize("state", ["waiting", "gone", "refused", "ended"])
def test_a_log_that_is_not_followed_is_not_called_so(state: str) -> None:
    assert state.upper() in told(picture(logs=(status(state),)))
    assert "FOLLOWING" in told(picture(logs=(status(state), status())))


def test_query_window_and_search_are_in_sight() -> None:
    line = told(picture(query_text="level>=warn", window_s=300.0), search="needle")
    assert "& level>=warn" in line
    assert "last 5 m" in line
    assert "/ needle" in line


def test_how_many_match_is_said_of_this_search_alone() -> None:
    found = LogMatches("needle", 1234, is_complete=False)
    assert "needle  ≈ 1,234 matches" in told(picture(matches=found), search="needle")
    one = LogMatches("needle", 1, is_complete=True)
    assert "needle  1 match" in told(picture(matches=one), search="needle")
    assert "match" not in told(picture(matches=found), search="other")
    assert "match" not in told(picture(matches=found))


def test_a_problem_goes_before_what_is_done_and_what_was() -> None:
    shown = picture(problem=clean("no match"), busy="reading", notice=clean("saved"))
    assert "no match" in told(shown)
    assert "reading" not in told(shown)


@pytest.mark.parametrize("width", [20, 40, 80])
def test_the_line_keeps_to_its_room(width: int) -> None:
    shown = picture(query_text="x" * 200, problem=clean("y" * 200))
    looks = ("local times", "wrapped")
    line = status_line(shown, width, follows=False, search_text="z" * 99, looks=looks)
    assert width_of(line) <= width


def test_every_reason_for_no_rows_has_words_of_its_own() -> None:
    complete = LogCount(is_complete=True)
    pictures = (
        picture(logs=()),
        picture(busy="reading"),
        picture(query_text="x", count=complete),
        picture(query_text="x"),
        picture(query_text="x", unknown_fields=(clean("statis (did you mean status?)"),)),
        picture(logs=(status("waiting", note="there is no such file"),)),
        picture(logs=(status("refused", note="permission denied"),)),
        picture(is_broken=True, problem=clean("reading logs has stopped")),
        picture(),
    )
    texts = [text_of(nothing_line(one)).strip() for one in pictures]
    assert len(set(texts)) == len(pictures)
    assert texts[-1] == "empty"
    assert "statis (did you mean status?)" in texts[4]


def test_an_empty_window_is_said_to_be_one() -> None:
    complete = LogCount(is_complete=True, is_begun=True)
    empty = text_of(nothing_line(picture(window_s=60.0, count=complete)))
    assert empty.startswith(" no record in the last 1 m ")
    both = text_of(nothing_line(picture(window_s=60.0, query_text="x", count=complete)))
    assert both.startswith(" no record matches in the last 1 m ")


def test_what_tells_logs_apart_comes_first_in_the_list() -> None:
    sign, title, state, size = log_cells(status())
    assert text_of(sign) == "●"
    assert text_of(title) == "api/app  shop"
    assert text_of(state) == "following"
    assert text_of(size).strip() == "2.0 KiB"
    not_chosen = log_cells(status("not opened", is_chosen=False))
    assert text_of(not_chosen[0]) == "○"
    assert text_of(not_chosen[2]) == ""


def test_a_size_that_is_not_known_is_not_zero() -> None:
    assert text_of(log_cells(LogStatus("x", clean("x")))[3]) == ""
