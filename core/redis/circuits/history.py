"""The changes of state that were seen from one look to the next."""

from collections import deque
from collections.abc import Iterable

from core.model.circuit import Circuit, CircuitState, Transition
from core.model.text import EMPTY, SafeText
from core.redis.fields import plain

MOST_TRANSITIONS = 50
"""Of one breaker."""
MOST_BREAKERS = 1000


class History:
    """Remembers the last state of each breaker, and how it came to it."""

    def __init__(self) -> None:
        self._states: dict[str, CircuitState] = {}
        self._seen: dict[str, deque[Transition]] = {}

    def note(self, rows: Iterable[Circuit], now_s: float) -> None:
        """Note the states of one look; what changed since the one before is a transition."""
        for row in rows:
            name = identity(row)
            before = self._states.get(name)
            if before is None and len(self._states) >= MOST_BREAKERS:
                continue
            self._states[name] = row.state
            if before is None or before is row.state:
                continue
            age_s = row.since_age_s
            at_s = now_s if age_s is None or age_s < 0 else now_s - age_s
            past = self._seen.setdefault(name, deque(maxlen=MOST_TRANSITIONS))
            past.append(Transition(at_s, before, row.state, _reason(row)))

    def of(self, row: Circuit) -> tuple[Transition, ...]:
        """Return a breaker's transitions, oldest first."""
        return tuple(self._seen.get(identity(row), ()))


def identity(row: Circuit) -> str:
    """Return what tells one breaker of a server from the others."""
    return f"{row.spec_name} {row.name}"


def _reason(row: Circuit) -> SafeText:
    """Return what the record itself gives as the reason of its state."""
    found = (text for name, text in row.raw if plain(name) in _REASONS and text)
    return next(found, EMPTY)


_REASONS = frozenset({"reason", "lasterror", "error", "lastfailurereason", "lasterrormessage"})
