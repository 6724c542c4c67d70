"""One line of typed text with a cursor. Pure: every key makes a new value."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.model.text import clean

MAX_CHARS = 400
"""More than anybody types; a paste beyond it is cut."""


@dataclass(frozen=True, slots=True)
class Typed:
    """Text and the number of characters before the cursor."""

    text: str = ""
    cursor: int = 0


def typed(text: str) -> Typed:
    """Return text with the cursor at its end."""
    return Typed(text, len(text))


def inserted(value: Typed, raw: str) -> Typed:
    """Return the text with something typed or pasted at the cursor; only its first line.

    A paste comes from outside: what a terminal would act on is made visible.
    """
    first = raw.splitlines()[0] if raw else ""
    text = value.text[: value.cursor] + clean(first, MAX_CHARS) + value.text[value.cursor :]
    return Typed(text[:MAX_CHARS], min(value.cursor + len(clean(first, MAX_CHARS)), MAX_CHARS))


def edited(value: Typed, key: str) -> Typed | None:
    """Return the text after an editing key, None when the key edits nothing."""
    edit = _EDITS.get(key)
    return edit(value) if edit is not None else None


def _without(value: Typed, start: int, end: int) -> Typed:
    start = max(0, start)
    return Typed(value.text[:start] + value.text[end:], start)


def _word_start(value: Typed) -> int:
    before = value.text[: value.cursor].rstrip()
    return before.rfind(" ") + 1


_EDITS: Final[dict[str, Callable[[Typed], Typed]]] = {
    "backspace": lambda one: _without(one, one.cursor - 1, one.cursor),
    "delete": lambda one: _without(one, one.cursor, one.cursor + 1),
    "ctrl+u": lambda one: _without(one, 0, one.cursor),
    "ctrl+k": lambda one: _without(one, one.cursor, len(one.text)),
    "ctrl+w": lambda one: _without(one, _word_start(one), one.cursor),
    "left": lambda one: Typed(one.text, max(0, one.cursor - 1)),
    "right": lambda one: Typed(one.text, min(len(one.text), one.cursor + 1)),
    "home": lambda one: Typed(one.text, 0),
    "ctrl+a": lambda one: Typed(one.text, 0),
    "end": lambda one: typed(one.text),
    "ctrl+e": lambda one: typed(one.text),
}
