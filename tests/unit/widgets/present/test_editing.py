"""Typing one line."""

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hostile import CORPUS
from widgets.present.editing import MAX_CHARS, Typed, edited, inserted, typed

KEYS = (
    "backspace", "delete", "ctrl+u", "ctrl+k", "ctrl+w", "left", "right", "home", "end",
)  # fmt: skip


@pytest.mark.parametrize(
    ("before", "key", "after"),
    [
        (Typed("abc", 3), "backspace", Typed("ab", 2)),
        (Typed("abc", 0), "backspace", Typed("abc", 0)),
        (Typed("abc", 1), "delete", Typed("ac", 1)),
        (Typed("abc", 3), "delete", Typed("abc", 3)),
        (Typed("services shop/api", 17), "ctrl+w", Typed("services ", 9)),
        (Typed("services ", 9), "ctrl+w", Typed("", 0)),
        (Typed("abc", 2), "ctrl+u", Typed("c", 0)),
        (Typed("abc", 2), "ctrl+k", Typed("ab", 2)),
        (Typed("abc", 0), "left", Typed("abc", 0)),
        (Typed("abc", 3), "right", Typed("abc", 3)),
        (Typed("abc", 1), "end", Typed("abc", 3)),
        (Typed("abc", 2), "home", Typed("abc", 0)),
    ],
)
def test_a_key_edits_as_in_a_shell(before: Typed, key: str, after: Typed) -> None:
    assert edited(before, key) == after


def test_other_keys_edit_nothing() -> None:
    assert edited(typed("abc"), "f5") is None


def test_text_goes_in_at_the_cursor() -> None:
    assert inserted(Typed("ac", 1), "b") == Typed("abc", 2)


def test_a_paste_is_its_first_line_and_has_nothing_that_drives_a_terminal() -> None:
    assert inserted(typed(""), "one\ntwo") == Typed("one", 3)
    for payload in CORPUS:
        pasted = inserted(typed(""), payload)
        assert all(one.isprintable() for one in pasted.text)
        assert pasted.cursor <= len(pasted.text) <= MAX_CHARS


@given(st.lists(st.one_of(st.sampled_from(KEYS), st.text(max_size=5)), max_size=40))
def test_whatever_is_typed_the_cursor_stays_in_the_text(strokes: list[str]) -> None:
    def stroke(value: Typed, one: str) -> Typed:
        return (edited(value, one) if one in KEYS else None) or inserted(value, one)

    end = reduce(stroke, strokes, Typed())
    assert 0 <= end.cursor <= len(end.text) <= MAX_CHARS
