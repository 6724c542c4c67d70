"""What is counted of the chosen logs: one pass at a time, begun anew where its bytes go away."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from core.errors import LogError
from core.logs.browse.merging import ends_now
from core.logs.browse.opened_log import OpenedLog
from core.logs.desk.orders import Figures
from core.logs.desk.passes import CountingPass
from core.logs.query.query import Query
from core.model.log import LogRecord
from core.model.log_view import LogCount, LogMeasure, LogPersonal, LogTops

_TRIES = 3
"""A count that loses its bytes to a rotation begins again so often."""
_TOLD_EVERY_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Counted:
    """What a pass goes over."""

    logs: Sequence[OpenedLog]
    query: Query | None
    records: Sequence[LogRecord] | None = None
    """These alone, and what comes; None: all there are."""


class Reckoning:
    """Counts, and works out figures; step by step.

    Args:
        now_s: The present moment, seconds since 1970.
        is_interrupted: Whether another order waits.
    """

    def __init__(self, now_s: Callable[[], float], is_interrupted: Callable[[], bool]) -> None:
        self._now_s = now_s
        self._is_interrupted = is_interrupted
        self._pass: CountingPass | None = None
        self._counted = Counted((), None)
        self._tries_left = 0
        self._told_bytes = 0
        self.figures = Figures()
        """What is worked out besides the counts, from the next pass on."""

    @property
    def has_work(self) -> bool:
        """Whether a pass goes on."""
        return self._pass is not None and not self._pass.is_over

    def begin(self, counted: Counted) -> None:
        """Count these, and nothing that was being counted."""
        self._tries_left = _TRIES
        self._counted = counted
        self._begin()

    def _begin(self) -> None:
        self.end()
        self._tries_left -= 1
        counted, now_s = self._counted, self._now_s()
        if counted.records is None:
            ends = ends_now(counted.logs, self._is_interrupted)
            self._pass = CountingPass(counted.logs, ends, counted.query, self.figures, now_s)
            return
        self._pass = CountingPass((), {}, counted.query, self.figures, now_s)
        self.take(counted.records)

    def end(self) -> None:
        """Count no more."""
        if self._pass is not None:
            self._pass.close()
            self._pass = None

    def step(self) -> bool:
        """Go on for a moment; tell whether enough has come of it to be shown.

        Raises:
            LogError: bytes cannot be had any more, and not for the first time.
        """
        if self._pass is None or self._pass.is_over:
            return False
        try:
            self._pass.step(self._is_interrupted)
        except LogError:
            if not self._tries_left:
                self.end()
                raise
            self._begin()
        return self._is_worth_showing()

    def _is_worth_showing(self) -> bool:
        """Whether the pass has come some way since that was last said: to say it costs time too."""
        scanned = self._pass.scanned_bytes if self._pass is not None else 0
        if self.has_work and 0 < self._told_bytes <= scanned < self._told_bytes + _TOLD_EVERY_BYTES:
            return False
        self._told_bytes = scanned
        return True

    def take(self, records: Iterable[LogRecord]) -> None:
        """Count what has come."""
        if self._pass is not None:
            for record in records:
                self._pass.take(record)

    @property
    def count(self) -> LogCount | None:
        """What has been counted so far; None: counting has come to nothing."""
        return self._pass.count() if self._pass is not None else None

    @property
    def tops(self) -> LogTops | None:
        """The values counted so far."""
        return self._pass.tops() if self._pass is not None else None

    @property
    def measure(self) -> LogMeasure | None:
        """What the numbers amount to so far."""
        return self._pass.measure() if self._pass is not None else None

    @property
    def personal(self) -> LogPersonal | None:
        """What looked personal so far."""
        return self._pass.personal() if self._pass is not None else None
