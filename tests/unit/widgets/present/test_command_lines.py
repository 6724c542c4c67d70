"""Commands that have no room in one line stay commands: a shell reads them as if they had."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.present.command_lines import command_lines
from widgets.present.fitting import width_of

TAIL = "tail -F /srv/systems/production/decision-engine/logs/decision_engine_%Y%m%d.jsonl"


def told(command: str, width: int) -> list[str]:
    return ["".join(part.text for part in one) for one in command_lines(command, width, 4)]


def test_a_command_with_room_is_one_line() -> None:
    assert told("tail -F /var/log/x.log", 40) == ["    tail -F /var/log/x.log"]


def test_a_command_without_room_breaks_between_words() -> None:
    assert told("journalctl --follow --unit shop-api.service", 40) == [
        "    journalctl --follow --unit \\",
        "    shop-api.service",
    ]


def test_a_word_without_room_goes_on_at_the_edge() -> None:
    assert told("tail -F /a/very/long/path/to/the/log", 24) == [
        "    tail -F \\",
        "    /a/very/long/path/\\",
        "to/the/log",
    ]


@pytest.mark.parametrize("width", [20, 40, 79, 80, 120])
def test_a_shell_reads_what_was_broken_as_it_was(width: int) -> None:
    assert shlex.split("\n".join(told(TAIL, width)).replace("\\\n", "")) == TAIL.split()


WORDS = st.lists(
    st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=90),
    min_size=1,
    max_size=8,
)


@given(WORDS, st.integers(10, 100))
def test_nothing_is_lost_and_every_line_fits(words: list[str], width: int) -> None:
    lines = command_lines(" ".join(words), width, 4)
    assert all(width_of(one) <= width for one in lines)
    joined = "\n".join("".join(part.text for part in one) for one in lines)
    assert joined.replace("\\\n", "").split() == words
