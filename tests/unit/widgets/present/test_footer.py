"""The footer: the nearest keys first, the way to all keys always."""

from widgets.present.fitting import width_of
from widgets.present.footer import KeyHint, footer_line
from widgets.present.line import Line, Tone

HINTS = (
    KeyHint("enter", "Open"),
    KeyHint("/", "Filter"),
    KeyHint("!", "Faults only"),
    KeyHint("p", "Pause"),
    KeyHint("?", "Help"),
)


def text_of(line: Line) -> str:
    return "".join(part.text for part in line)


def test_all_keys_are_shown_where_there_is_room() -> None:
    text = text_of(footer_line(HINTS, 100))
    assert " ".join(text.split()) == "enter Open / Filter ! Faults only p Pause ? Help"


def test_the_way_to_all_keys_stays_when_room_is_short() -> None:
    text = text_of(footer_line(HINTS, 30))
    assert text.startswith("enter Open")
    assert "…" in text
    assert "? Help" in text
    assert "Pause" not in text


def test_the_line_is_as_wide_as_the_screen() -> None:
    for width in (1, 10, 29, 80, 200):
        assert width_of(footer_line(HINTS, width)) == width
        assert width_of(footer_line((), width)) == width


def test_a_key_that_does_not_work_now_is_dim() -> None:
    line = footer_line((KeyHint("x", "Act", is_enabled=False), KeyHint("?", "Help")), 40)
    assert line[0].tone is Tone.DIM
