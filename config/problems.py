"""What is wrong with a configuration: file, line, key, what, and the remedy."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.errors import ConfigError
from core.model.text import SafeText, clean

MISSING = "is missing"
"""What is wrong where a key has to be given."""
_MAX_WORD = 80


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line of a file."""

    file: str
    line: int = 0
    """Counted from 1; 0: the file as a whole."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong, and how to put it right."""

    place: Place
    key: str
    """The path of the key, such as `systems.gateway.services.api.checks.health.every`."""
    what: str
    remedy: str

    def __str__(self) -> str:
        key = f"{self.key}: " if self.key else ""
        what = clean(key + self.what, 600)
        return f"{clean(str(self.place), 400)}: {what}; {clean(self.remedy, 600)}"


class ConfigProblems(ConfigError):
    """Everything found wrong, in the order of the files."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        first, more = self.problems[0], len(self.problems) - 1
        rest = f" (and {more} more: see `quarterdeck validate`)" if more else ""
        super().__init__(f"{first}{rest}")


def word(text: object) -> SafeText:
    """Return outside text in quotes, short and without what looks like a secret."""
    from core.model.masking import mask_text  # noqa: PLC0415 - only an error needs it

    return clean(f"'{mask_text(clean(str(text), _MAX_WORD))}'", _MAX_WORD * 2)


def nearest(given: str, known: Iterable[str]) -> str:
    """Return a remedy that names the nearest known word, or lists what is known."""
    from difflib import get_close_matches  # noqa: PLC0415 - only an error needs it

    options = sorted(known)
    close = get_close_matches(given[:_MAX_WORD].lower(), options, n=1, cutoff=0.5)
    if close:
        return f"did you mean '{close[0]}'?"
    if not options:
        return "remove it; nothing can stand here"
    shown = ", ".join(clean(option, _MAX_WORD) for option in options[:24])
    return f"known here: {shown}{', …' if len(options) > 24 else ''}"
