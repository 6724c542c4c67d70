"""Tells from the times at the borders of chunks which chunks lie outside a window. Pure.

Invariant: times of one log go back by less than the slack. Then all records before one that is
older than the window by the slack are older than the window, and the other way round.
"""

from core.logs.scan.chunk import Order

SLACK_S = 300.0
"""Lines of several writers are out of order by seconds."""
_SURE = 3
"""Borders in a row that must agree before a search ends: one wrong time must not end it."""


class Outside:
    """Follows a search over the borders of its chunks.

    Args:
        order: Which way is searched.
        since_s: The window's begin, seconds since 1970; None: there is none.
        until_s: Its end.
    """

    def __init__(self, order: Order, since_s: float | None, until_s: float | None) -> None:
        self._too_old_s = None if since_s is None else since_s - SLACK_S
        self._too_new_s = None if until_s is None else until_s + SLACK_S
        self._is_back = order is Order.NEWEST_FIRST
        self._old = 0
        self._new = 0

    def pass_border(self, at_s: float | None) -> None:
        """Take the time of the record at the next border; None where it is not known."""
        self._old = self._old + 1 if _is_less(at_s, self._too_old_s) else 0
        self._new = self._new + 1 if _is_less(self._too_new_s, at_s) else 0

    @property
    def is_skipped(self) -> bool:
        """Whether nothing between the last two borders can be in the window."""
        return self._old > 1 or self._new > 1

    @property
    def is_over(self) -> bool:
        """Whether nothing that is still to come can be in the window."""
        return (self._old if self._is_back else self._new) >= _SURE


def _is_less(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and one < other
