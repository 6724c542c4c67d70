"""What is known of one server's rate limits: a ranking at once, all of it in the end."""

from collections.abc import Callable

from core.clients.clock import Clock
from core.clients.keyspace.port import Keyspace
from core.model.limit import LimitRow, Limits, LimitShape
from core.model.redis_key import KeyName
from core.model.redis_spec import RedisSpec
from core.model.redis_view import RedisWish, Scan
from core.model.stream import Progress
from core.model.text import EMPTY
from core.redis.limits.notes import limit_notes, reading_notes
from core.redis.limits.ranking import Ranking
from core.redis.limits.shapes import KNOWN_PATTERNS
from core.redis.limits.survey import Survey, read_whole
from core.redis.server_time import ServerTime

LOOK_S = 0.8
"""So long a look may walk on, so that the other topics get their turn."""
TELL_S = 1.0
"""At most so often during a walk: a thousand rows are reckoned anew each time."""
TOP_ROWS = 20
"""Of the ranking, read again at each look."""
_OTHER_ROWS = 5
"""Of the rest of it, in turn."""
_REST_S = 5.0
_REST_TIMES = 10.0
"""A pass that took long is followed by a rest of so many times that."""
_NOTHING_YET = Progress(0, None, is_complete=False, elapsed_s=0.0)


class LimitsBook:
    """Counts the records by a first pass, reads all of them by a second, then looks after both.

    Args:
        spec: The server, and the limits that are configured.
        clock: Time.
        tell: Called when `view` was replaced during long work.
        only: A pattern instead of those of the configuration.
    """

    def __init__(
        self, spec: RedisSpec, clock: Clock, tell: Callable[[], None], only: str = ""
    ) -> None:
        self._spec, self._clock, self._tell = spec, clock, tell
        self._only = only
        configured = tuple(pattern for one in spec.limits for pattern in one.keys)
        self._patterns = (only,) if only else tuple(dict.fromkeys((*configured, *KNOWN_PATTERNS)))
        self._time = ServerTime(clock)
        self._ranking = Ranking(spec.limits, spec.server)
        self._survey: Survey | None = None
        self._counted: Survey | None = None
        """The last pass that came to its end."""
        self._complete: Survey | None = None
        """The last one that read every record."""
        self._rest_until_s = 0.0
        self._scans = 0
        """Under way; one that is cancelled may end a little after the next began."""
        self._told_at_s = 0.0
        self._reads_singly = EMPTY
        self._turn = self._generation = 0
        self._view = Limits(spec.server, (), 0, 0, _NOTHING_YET)

    @property
    def view(self) -> Limits:
        """What is known now."""
        return self._view

    async def look(self, keyspace: Keyspace) -> None:
        """Read the worst rows again and walk on for a while."""
        await self._time.ask(keyspace)
        await self._read_again(keyspace)
        until_s = self._clock.monotonic() + LOOK_S
        survey = self._current()
        while survey is not None and survey is self._survey and not self._scans:
            await self._step(keyspace, survey)
            if self._clock.monotonic() >= until_s:
                break
        self._publish()

    async def carry_out(self, keyspace: Keyspace, wish: RedisWish) -> None:
        """Read every record from the start; where that takes hours, count them first."""
        if not isinstance(wish, Scan):
            return
        self._scans += 1
        try:
            await self._time.ask(keyspace)
            self._complete, self._rest_until_s = None, 0.0
            sample = self._survey
            is_cheap = sample is not None and sample.read > 0 and not keyspace.reads_singly
            if self._counted is None and not is_cheap:
                self._survey = sample or self._next_survey(reads_all=False)
                await self._to_the_end(keyspace, self._survey)
            if self._complete is None:
                self._survey = self._next_survey(reads_all=True)
                await self._to_the_end(keyspace, self._survey)
        finally:
            self._scans -= 1
            self._publish()

    async def _to_the_end(self, keyspace: Keyspace, survey: Survey) -> None:
        while self._survey is survey:
            await self._step(keyspace, survey)

    async def _step(self, keyspace: Keyspace, survey: Survey) -> None:
        """Take one step of a pass."""
        contents = await survey.step(keyspace)
        self._reads_singly = keyspace.reads_singly
        survey.tally(self._ranking.note(contents, self._time.now_s, survey.generation))
        if survey.is_done and self._survey is survey:
            self._end(survey)
        elif self._clock.monotonic() - self._told_at_s >= TELL_S:
            self._publish()
            self._tell()

    def _current(self) -> Survey | None:
        """Return the pass that is under way, a new one when it is time; None: it is not."""
        if (
            self._survey is None
            and not self._scans
            and self._clock.monotonic() >= self._rest_until_s
        ):
            self._survey = self._next_survey(reads_all=self._counted is not None)
        return self._survey

    def _next_survey(self, *, reads_all: bool) -> Survey:
        self._generation += 1
        return Survey(self._patterns, self._clock, self._generation, reads_all=reads_all)

    def _end(self, survey: Survey) -> None:
        self._survey, self._counted = None, survey
        if survey.is_complete:
            self._complete = survey
            self._ranking.forget_before(survey.generation)
            rest_s = max(_REST_S, _REST_TIMES * survey.elapsed_s)
            self._rest_until_s = self._clock.monotonic() + rest_s

    async def _read_again(self, keyspace: Keyspace) -> None:
        """Read the worst rows, and some of the others in turn."""
        keys = [row.keys[0] for row in self._view.rows]
        chosen: list[KeyName] = keys[:TOP_ROWS]
        others = keys[TOP_ROWS:]
        if others:
            at = self._turn % len(others)
            chosen += others[at : at + _OTHER_ROWS]
            self._turn = at + _OTHER_ROWS
        if chosen:
            contents = await read_whole(keyspace, chosen)
            self._ranking.note(contents, self._time.now_s, self._generation)

    def _publish(self) -> None:
        known = self._counted or self._survey
        shown = self._complete or self._survey or self._counted
        if known is None or shown is None:
            return
        rows = tuple(row for row in self._ranking.rows(self._time.now_s) if _is_ours(row))
        is_over = known.is_done and not self._only
        tally = self._complete or self._survey or known
        notes = limit_notes(self._spec.limits, known.by_pattern, rows, is_over=is_over)
        self._view = Limits(
            server=self._spec.server,
            rows=rows,
            counted=max(known.counted, self._survey.counted if self._survey else 0),
            limited=self._total(sum(row.is_limited is True for row in rows), tally.limited),
            progress=shown.progress,
            patterns=known.by_pattern,
            notes=(*notes, *reading_notes(self._reads_singly)),
            read=max(tally.read, len(rows)),
            exhausted=self._total(sum(row.was_exhausted is True for row in rows), tally.exhausted),
            invalid=self._total(sum(bool(row.problem) for row in rows), tally.invalid),
        )
        self._told_at_s = self._clock.monotonic()

    def _total(self, among_rows: int, tallied: int) -> int:
        """Return a total: what the rows say now, or what the pass counted where rows are cut."""
        return max(among_rows, tallied) if self._ranking.is_cut else among_rows


def _is_ours(row: LimitRow) -> bool:
    """Tell a record from a key that only has such a name."""
    return bool(row.spec_name) or row.shape is not LimitShape.UNKNOWN
