"""What is counted of the chosen logs: one pass at a time, begun anew where its bytes go away."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from core.errors import LogError
from core.logs.browse.merging import ends_now
from core.logs.browse.opened_log import OpenedLog
from core.logs.desk.orders import Figures
from core.logs.desk.passes import CountingPass
from core.logs.query.query import Query, both
from core.model.log import LogRecord
from core.model.log_view import LogCount, LogMatches, LogMeasure, LogPersonal, LogTops

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
        self._sought: Query | None = None
        self._matching: CountingPass | None = None
        """Counts what the search finds."""
        self._counted = Counted((), None)
        self._tries_left = 0
        self._told_bytes = 0
        self.figures = Figures()
        """What is worked out besides the counts, from the next pass on."""

    @property
    def has_work(self) -> bool:
        """Whether a pass goes on."""
        return self._going is not None

    @property
    def _going(self) -> CountingPass | None:
        """The pass that goes on now: the search first, for its end is being waited for."""
        passes = (self._matching, self._pass)
        return next((one for one in passes if one is not None and not one.is_over), None)

    def begin(self, counted: Counted) -> None:
        """Count these, and nothing that was being counted."""
        self._tries_left = _TRIES
        self._counted = counted
        self._begin()

    def seek(self, sought: Query | None) -> None:
        """Count what a search finds too, among what is counted; None: no more."""
        if sought is None or sought != self._sought:
            self._sought = sought
            self._begin_matching()

    def _begin(self) -> None:
        self.end()
        self._tries_left -= 1
        self._pass = self._pass_over(self._counted.query, self.figures)
        self._begin_matching()

    def _begin_matching(self) -> None:
        if self._matching is not None:
            self._matching.close()
            self._matching = None
        shown, sought = self._counted.query, self._sought
        if sought is not None:
            query = sought if shown is None else both(shown, sought)
            self._matching = self._pass_over(query, Figures())

    def _pass_over(self, query: Query | None, figures: Figures) -> CountingPass:
        """Return a pass over what is counted; of given records alone it is over at once."""
        counted, now_s = self._counted, self._now_s()
        if counted.records is None:
            ends = ends_now(counted.logs, self._is_interrupted)
            return CountingPass(counted.logs, ends, query, figures, now_s)
        made = CountingPass((), {}, query, figures, now_s)
        for record in counted.records:
            if query is counted.query or query is None or query.matches(record):
                made.take(record)
        return made

    def end(self) -> None:
        """Count no more."""
        for one in (self._pass, self._matching):
            if one is not None:
                one.close()
        self._pass = self._matching = None

    def step(self) -> bool:
        """Go on for a moment; tell whether enough has come of it to be shown.

        Raises:
            LogError: bytes cannot be had any more, and not for the first time.
        """
        going = self._going
        if going is None:
            return False
        try:
            going.step(self._is_interrupted)
        except LogError:
            if not self._tries_left:
                self.end()
                raise
            self._begin()
        return self._is_worth_showing(going)

    def _is_worth_showing(self, going: CountingPass) -> bool:
        """Whether the pass has come some way since that was last said: to say it costs time too."""
        scanned, told = going.scanned_bytes, self._told_bytes
        if not going.is_over and 0 < told <= scanned < told + _TOLD_EVERY_BYTES:
            return False
        self._told_bytes = scanned
        return True

    def take(self, records: Iterable[LogRecord]) -> None:
        """Count what has come."""
        for record in records:
            if self._pass is not None:
                self._pass.take(record)
            if self._matching is not None and self._is_sought(record):
                self._matching.take(record)

    def _is_sought(self, record: LogRecord) -> bool:
        sought = self._sought
        return sought is not None and sought.is_in_window(record) and sought.matches(record)

    @property
    def count(self) -> LogCount | None:
        """What has been counted so far; None: counting has come to nothing."""
        return self._pass.count() if self._pass is not None else None

    @property
    def matches(self) -> LogMatches | None:
        """What the search has found so far; None: nothing is searched for."""
        if self._matching is None or self._sought is None:
            return None
        return LogMatches(self._sought.text, self._matching.count().matched, self._matching.is_over)

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
