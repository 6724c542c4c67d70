"""Dead letters that are alike, counted one by one in bounded memory."""

from dataclasses import dataclass

from core.model.dead_letter import DeadLetter, LetterGroup
from core.model.text import SafeText, clean

MOST_KEYS = 200
"""So many different errors, and types; the rest is counted together."""
OTHERS = SafeText("(others)")
NOTHING = SafeText("(none said)")
_DAY_S = 86400
_AGES: tuple[tuple[float | None, float | None, SafeText], ...] = (
    (None, 3600, SafeText("under 1 h")),
    (3600, _DAY_S, SafeText("1 h to 1 day")),
    (_DAY_S, 7 * _DAY_S, SafeText("1 to 7 days")),
    (7 * _DAY_S, None, SafeText("over 7 days")),
)
"""Dead for so long at least, for less than; and what it is called."""


@dataclass(slots=True)
class _Count:
    sample: DeadLetter
    count: int = 0
    requeueable: int = 0
    newest_age_s: float = float("inf")
    oldest_age_s: float = float("-inf")


class LetterCounts:
    """Counts by error, type and age."""

    def __init__(self) -> None:
        """Begin with none."""
        self._counts: dict[str, dict[SafeText, _Count]] = {"error": {}, "type": {}, "age": {}}

    def add(self, letter: DeadLetter) -> None:
        """Count a letter in."""
        keys = {"error": error_of(letter), "type": type_of(letter), "age": age_of(letter)}
        for by, key in keys.items():
            counts = self._counts[by]
            place = key if key in counts or len(counts) < MOST_KEYS else OTHERS
            one = counts.setdefault(place, _Count(letter))
            age_s = died_age_s(letter)
            one.count += 1
            one.requeueable += letter.can_requeue
            one.newest_age_s = min(one.newest_age_s, age_s)
            one.oldest_age_s = max(one.oldest_age_s, age_s)

    def groups(self) -> tuple[LetterGroup, ...]:
        """Return all groups: errors and types with the most letters first, ages youngest first."""
        found: list[LetterGroup] = []
        for by, counts in self._counts.items():
            groups = [_group(by, key, one) for key, one in counts.items()]
            groups.sort(key=lambda one: one.newest_age_s if one.by == "age" else -one.count)
            found += groups
        return tuple(found)


def error_of(letter: DeadLetter) -> SafeText:
    """Return why a letter died, as it is grouped."""
    return letter.error or NOTHING


def type_of(letter: DeadLetter) -> SafeText:
    """Return what a letter is, as it is grouped: its type, else how it holds its message."""
    return letter.event_type or clean(f"({letter.kind})")


def age_of(letter: DeadLetter) -> SafeText:
    """Return how old a letter is, as it is grouped."""
    age_s = died_age_s(letter)
    return next(text for older_s, newer_s, text in _AGES if is_aged(age_s, older_s, newer_s))


def is_aged(age_s: float, older_s: float | None, newer_s: float | None) -> bool:
    """Tell whether a letter is as old as is asked for; None: nothing is asked."""
    return (older_s is None or age_s >= older_s) and (newer_s is None or age_s < newer_s)


def died_age_s(letter: DeadLetter) -> float:
    """Return since when it is dead: as it says, else since it came."""
    return letter.entry.age_s if letter.died_age_s is None else letter.died_age_s


def _group(by: str, key: SafeText, one: _Count) -> LetterGroup:
    bounds = ((older_s, newer_s) for older_s, newer_s, text in _AGES if by == "age" and text == key)
    return LetterGroup(
        by, key, one.count, one.requeueable, one.newest_age_s, one.oldest_age_s, one.sample,
        *next(bounds, (None, None)),
    )  # fmt: skip
