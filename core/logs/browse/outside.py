"""Tells from the times at the borders of chunks which chunks lie outside a window. Pure.

Invariant: times of one log go back by less than the far slack, which a clock that is set back by an
hour keeps to. Then all records before one that is older than the window by so much are older than
the window, and the other way round. Mostly they go back by less than the slack.
"""

from core.logs.scan.chunk import Order

SLACK_S = 300.0
"""Lines of several writers are out of order by seconds."""
FAR_SLACK_S = 3600.0 + SLACK_S
"""Local time goes back by an hour in autumn, and a wrong zone is put right."""
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
        self._since_s = since_s
        self._until_s = until_s
        self._is_back = order is Order.NEWEST_FIRST
        self._old = self._far_old = 0
        self._new = self._far_new = 0

    def pass_border(self, at_s: float | None) -> None:
        """Take the time of the record at the next border; None where it is not known."""
        older_s = _lead(at_s, self._since_s)
        newer_s = _lead(self._until_s, at_s)
        self._old = self._old + 1 if older_s > SLACK_S else 0
        self._new = self._new + 1 if newer_s > SLACK_S else 0
        self._far_old = self._far_old + 1 if older_s > FAR_SLACK_S else 0
        self._far_new = self._far_new + 1 if newer_s > FAR_SLACK_S else 0

    @property
    def is_skipped(self) -> bool:
        """Whether nothing between the last two borders can be in the window."""
        return self._far_old > 1 or self._far_new > 1

    @property
    def is_skipped_if_steady(self) -> bool:
        """The same, if no clock was set back between them."""
        return self._old > 1 or self._new > 1

    @property
    def is_over(self) -> bool:
        """Whether nothing that is still to come can be in the window."""
        return (self._far_old if self._is_back else self._far_new) >= _SURE


def _lead(one_s: float | None, other_s: float | None) -> float:
    """Return by how much one time is before another; nothing where one is not known."""
    return 0.0 if one_s is None or other_s is None else other_s - one_s
