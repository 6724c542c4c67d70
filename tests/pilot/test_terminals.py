"""Terminals of every kind: what is sent to them, and that a person can read it."""

import re

import pytest

from tests.pilot.conftest import Open
from tests.pilot.pty_child import PtyChild

COLOUR = re.compile(rb"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[0-9;]*)?m")


def settle(child: PtyChild) -> None:
    """Read until the first figures are on the screen and it is quiet for a moment."""
    child.wait_for("DOWN")
    while child.read(0.1):
        pass


@pytest.mark.parametrize("wanted", ["", "light"])
def test_no_color_sends_no_colour_and_everything_can_be_read(
    open_console: Open, wanted: str
) -> None:
    child = open_console(env={"NO_COLOR": "1"})
    settle(child)
    if wanted:
        child.press(f":theme {wanted}")
        child.wait_for(f":theme {wanted}")
        child.press("\r")
        child.wait_until(lambda: f":theme {wanted}" not in child.text, "it was not taken")
        settle(child)
    assert COLOUR.findall(child.output) == []
    assert "PROD" in child.text
    assert "DOWN" in child.text


@pytest.mark.parametrize("term", ["xterm", "vt100", "linux", "screen"])
def test_a_terminal_of_sixteen_colours_gets_its_own_sixteen(open_console: Open, term: str) -> None:
    child = open_console(env={"TERM": term, "COLORTERM": ""})
    settle(child)
    assert b"38;2;" not in child.output
    assert b"38;5;" not in child.output
    assert "DOWN" in child.text


def test_a_terminal_of_256_colours_gets_no_truecolor(open_console: Open) -> None:
    child = open_console(env={"TERM": "xterm-256color", "COLORTERM": ""})
    settle(child)
    assert b"38;2;" not in child.output
    assert b"38;5;" in child.output


def test_a_terminal_that_is_not_utf8_gets_characters_it_has(open_console: Open) -> None:
    child = open_console(env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    settle(child)
    assert "x DOWN" in child.text
    child.output.decode("ascii")


def test_the_terminal_knows_its_size_better_than_the_environment(open_console: Open) -> None:
    child = open_console(env={"COLUMNS": "80", "LINES": "24"}, columns=132, rows=40)
    settle(child)
    child.wait_until(
        lambda: len(child.text.splitlines()[0].rstrip()) > 120, "no clock at the right edge"
    )
    child.wait_until(lambda: bool(child.text.splitlines()[-1].strip()), "no keys in the last row")
