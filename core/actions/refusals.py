"""Refusals as people cause them: a key that is held down is one wish, and stays one record."""

import threading
from dataclasses import dataclass
from typing import Unpack

from core.actions.audit.record import Event
from core.actions.recorder import Fields, Recorder
from core.clients.clock import Clock

WINDOW_S = 60.0
"""A refusal that is the same again within this time is counted, not recorded anew."""

_Key = tuple[str, str, str]


@dataclass(slots=True)
class _Told:
    """A refusal that stands in the log, and how often it came again since."""

    since_s: float
    fields: Fields
    again: int = 0


class FoldedRefusals:
    """An audit log that takes the first of equal refusals at once, and the rest as one count.

    Everything else passes as it is. Blocking; may be called from several threads.
    """

    def __init__(self, audit: Recorder, clock: Clock, window_s: float = WINDOW_S) -> None:
        self._audit = audit
        self._clock = clock
        self._window_s = window_s
        self._mutex = threading.Lock()
        self._told: dict[_Key, _Told] = {}

    def append(self, ev: Event, **fields: Unpack[Fields]) -> object:
        """Write a record durably, or raise ActionError; a repeated refusal is only counted."""
        if ev is not Event.DENIED:
            return self._audit.append(ev, **fields)
        key = (fields.get("verb", ""), fields.get("target", ""), fields.get("reason", ""))
        with self._mutex:
            self._settle(is_all=False)
            known = self._told.get(key)
            if known is not None:
                known.again += 1
                return None
            record = self._audit.append(ev, **fields)
            self._told[key] = _Told(self._clock.monotonic(), fields)
            return record

    def settle(self, *, is_all: bool = False) -> None:
        """Write the counts of refusals whose minute is over, or of all.

        Raises:
            ActionError: the audit log does not take them; they are tried again.
        """
        with self._mutex:
            self._settle(is_all=is_all)

    def _settle(self, *, is_all: bool) -> None:
        now_s = self._clock.monotonic()
        for key, told in list(self._told.items()):
            if not is_all and now_s - told.since_s < self._window_s:
                continue
            if told.again:
                result = f"{told.again} more within {now_s - told.since_s:.0f} s"
                self._audit.append(Event.DENIED, **told.fields | Fields(result=result))
            del self._told[key]

    def close(self) -> None:
        """Let go of the log below."""
        self._audit.close()
