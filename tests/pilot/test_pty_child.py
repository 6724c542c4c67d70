"""The screen that the tests read is readable at every moment, also amid a frame."""

import pyte

from tests.pilot.pty_child import text_on


def test_a_wide_character_that_lost_its_first_half_can_be_read() -> None:
    screen = pyte.Screen(8, 2)
    pyte.Stream(screen).feed("a好b\x1b[1;2Hc")
    assert text_on(screen).splitlines() == ["acb    ", "        "]


def test_rows_and_wide_characters_are_read_as_they_were_written() -> None:
    screen = pyte.Screen(8, 2)
    pyte.Stream(screen).feed("好 b\r\nsecond")
    assert text_on(screen).split() == ["好", "b", "second"]
