"""What came of a program, as far as its own words tell."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from core.clients.acting.commands import Ran
from core.model.text import SafeText, clean

Fact = tuple[str, SafeText | int | float]


@dataclass(frozen=True, slots=True)
class Judged:
    """How a run of a program is to be read."""

    is_good: bool | None
    """None: nobody understands what it printed."""
    text: SafeText
    facts: tuple[Fact, ...] = ()
    """What was read, by name."""
    is_absent: bool = False
    """The program, or the part of it that was asked for, is not there."""


@dataclass(frozen=True, slots=True)
class Call:
    """Which tool was called, whatever carried it: `python -m pip list` is `pip` with `list`."""

    tool: str
    words: tuple[str, ...]

    def has(self, *words: str) -> bool:
        """Tell whether one of these is among the words."""
        return any(word in self.words for word in words)


Parser = Callable[[Call, Ran], Judged | None]
"""Returns None for what it does not understand."""


def good(text: str, *facts: tuple[str, str | int | float]) -> Judged:
    """Return that it went well."""
    return Judged(True, clean(text), _facts(facts))


def bad(text: str, *facts: tuple[str, str | int | float]) -> Judged:
    """Return that it did not."""
    return Judged(False, clean(text), _facts(facts))


def absent(text: str) -> Judged:
    """Return that the program is not there."""
    return Judged(False, clean(text), is_absent=True)


def unclear(text: str, *facts: tuple[str, str | int | float]) -> Judged:
    """Return that it cannot be told."""
    return Judged(None, clean(text), _facts(facts))


def _facts(facts: tuple[tuple[str, str | int | float], ...]) -> tuple[Fact, ...]:
    return tuple((name, clean(value) if isinstance(value, str) else value) for name, value in facts)


def find(pattern: re.Pattern[str], lines: tuple[SafeText, ...]) -> re.Match[str] | None:
    """Return the last match in any line: what counts is said at the end."""
    for line in reversed(lines):
        if match := pattern.search(line):
            return match
    return None


def counted(number: int, noun: str) -> str:
    """Return `1 error`, `2 errors`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def number_of(text: str) -> float:
    """Return a number as tools write it: `1,234.5`, `93161`."""
    return float(text.replace(",", ""))
