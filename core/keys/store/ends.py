"""Ends of graces: which old key is to be switched off when, as it was confirmed. Pure.

One line of a private file for each: `MARK AT [ORDER [NEW]]`, or `MARK -` once it is struck out. Of
several lines about one key the last counts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

_STRUCK = "-"
_WORDS = 4


@dataclass(frozen=True, slots=True)
class End:
    """An old key's end."""

    mark: str
    at: str
    """ISO 8601 in UTC, to the second: such texts sort as their moments do."""
    order: str = ""
    """Of the rotation; what waits for the end is known by it. Empty: nothing waits."""
    new: str = ""
    """Mark of the key that takes its place; empty: not known."""

    @property
    def line(self) -> str:
        """As it is noted."""
        return " ".join(filter(None, (self.mark, self.at, self.order, self.new)))

    @property
    def moment(self) -> datetime:
        """When it is."""
        return datetime.fromisoformat(self.at).astimezone(UTC)


def moment_text(at: datetime) -> str:
    """Return a moment as ends have it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def struck_line(mark: str) -> str:
    """Return the line that strikes a key's end out."""
    return f"{mark} {_STRUCK}"


def parse_ends(lines: Iterable[str]) -> tuple[End, ...]:
    """Return the ends that are noted and not struck out; what makes no sense is left out."""
    found: dict[str, End] = {}
    for line in lines:
        mark, *rest = line.split()[:_WORDS] or [""]
        if not rest:
            continue
        found.pop(mark, None)
        if _is_moment(rest[0]):
            found[mark] = End(mark, *rest)
    return tuple(found.values())


def over(ends: Sequence[End], now: datetime) -> tuple[End, ...]:
    """Return those whose moment has come."""
    text = moment_text(now)
    return tuple(one for one in ends if one.at <= text)


def _is_moment(text: str) -> bool:
    try:
        return text.endswith("Z") and datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
