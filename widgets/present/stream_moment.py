"""A moment as a person types it, as the id from which a stream's entries begin. Pure."""

import re
from datetime import UTC, datetime, timedelta

from core.logs.query.quantities import parse_duration_ms
from core.model.stream import EntryId

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)
_LEAST_ID = 10**11
"""Milliseconds: ids of 1973 and later; a shorter number is no id that anybody means."""


class MomentError(Exception):
    """A moment that is not understood."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.at_char = 0


def parse_moment(text: str, now_s: float) -> EntryId:
    """Return the id at which a moment begins: `15m` (ago), `14:30`, `2026-03-01 14:30`, an id.

    Args:
        text: What was typed. Moments are UTC; a time of day is the last one that was.
        now_s: The server's clock, seconds since 1970.

    Raises:
        MomentError: it is none of these, or before 1970.
    """
    word = text.strip().removesuffix("Z").removesuffix(" ago").strip()
    found = EntryId.read(word)
    if found is not None and found.ms >= _LEAST_ID:
        return found
    ago_ms = parse_duration_ms(word)
    if ago_ms is not None:
        return _at(now_s - ago_ms / 1000)
    now = datetime.fromtimestamp(now_s, UTC)
    clock = _CLOCK.fullmatch(word)
    if clock is not None:
        hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
        if hour > 23 or minute > 59 or second > 59:
            raise MomentError("no clock shows that; write 14:30")
        moment = now.replace(hour=hour, minute=minute, second=second, microsecond=0)
        return _at((moment if moment <= now else moment - timedelta(days=1)).timestamp())
    try:
        moment = datetime.fromisoformat(word)
    except ValueError:
        problem = "not a moment: write 15m, 14:30, 2026-03-01 14:30 or an id"
        raise MomentError(problem) from None
    return _at((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _at(seconds: float) -> EntryId:
    if seconds < 0:
        raise MomentError("that is before 1970")
    return EntryId(int(seconds * 1000))
