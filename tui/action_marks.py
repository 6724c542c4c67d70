"""What happened to actions, as lines for the logs of their system."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from core.model.action_state import ActionState
from core.model.log import LogMark
from core.model.text import clean

_MOST = 50
"""Marks that are kept for logs which are only opened later."""


class ActionMarks:
    """The latest beginnings and ends of actions, each told once to whoever shows logs."""

    def __init__(self) -> None:
        self._recent: deque[LogMark] = deque(maxlen=_MOST)
        self._listener: Callable[[LogMark], None] | None = None

    @property
    def recent(self) -> tuple[LogMark, ...]:
        """Those that are kept, the oldest first."""
        return tuple(self._recent)

    def tell(self, listener: Callable[[LogMark], None]) -> None:
        """Have a listener told of each from now on."""
        self._listener = listener

    def take(self, was: Mapping[str, ActionState], states: Iterable[ActionState]) -> None:
        """Mark what has begun and what has ended since states were as they were."""
        for state in states:
            for mark in marks_of(was.get(state.plan.id), state):
                self._recent.append(mark)
                if self._listener is not None:
                    self._listener(mark)


def marks_of(before: ActionState | None, now: ActionState) -> list[LogMark]:
    """Return what happened to an action since it was last seen. Pure.

    One that is met for the first time and is over says nothing: it is history.
    """
    if before is None and not now.is_alive:
        return []
    request, marks = now.plan.request, list[LogMark]()
    name = f"{now.code} {request.action} {request.target}"
    if now.begun_s is not None and (before is None or before.begun_s is None):
        text = f"{name} began {_clock(now.begun_s)}"
        marks.append(LogMark(now.plan.system, clean(text, 200), now.begun_s))
    if now.ended_s is not None and (before is None or before.ended_s is None):
        word = now.proof.value if now.proof else now.phase.value.replace("_", " ")
        text = f"{name} ended {_clock(now.ended_s)}, {word}"
        marks.append(LogMark(now.plan.system, clean(text, 200), now.ended_s))
    return marks


def _clock(at_s: float) -> str:
    return f"{datetime.fromtimestamp(at_s, UTC):%H:%M:%S} UTC"
