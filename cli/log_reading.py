"""Opens the chosen logs together and reads what matches, in order of time."""

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import NamedTuple

from cli.log_choice import STANDARD_INPUT, ChosenLog, tags_of
from core.clients.clock import Clock
from core.errors import LogUnreadableError, QueryError
from core.logs.browse.opened_log import LogNews, OpenedLog
from core.logs.browse.search import EVERYTHING, Found, Span
from core.logs.browse.streams import last_of, merged, records_of
from core.logs.browse.window import begin_of
from core.logs.query.fields import names_for
from core.logs.query.query import Query, parse_query
from core.logs.query.unknown import UnknownField, unknown_fields
from core.logs.scan.candidates import NORMAL_EFFORT, Effort
from core.logs.scan.chunk import Order
from core.logs.segment import Segment
from core.model.follow import FollowWord
from core.model.log import LogRecord, SeamKind
from core.model.text import SafeText, clean
from core.sources.log_input import PipedInput
from core.sources.log_opening import LogOpening
from core.sources.log_places import why_empty

_PAST_S = 10.0
"""So long the past of containers and units is waited for, at most."""
_STEP_S = 0.1
_FEW_LOGS = 2
_LITTLE = Effort(threads=1, ahead=2)
"""Of each log where many are searched at once."""
_GAPS = frozenset({SeamKind.UNREADABLE, SeamKind.SKIPPED})
_SAMPLED_BYTES = 1024 * 1024
"""Of each log, from its end, to learn the names of fields."""


@dataclass(slots=True)
class OpenLog:
    """A log that was opened."""

    chosen: ChosenLog
    opened: OpenedLog
    tag: str = ""
    """What its lines are marked with where there are several logs."""
    pipe: PipedInput | None = None
    """Where it is a pipe: it has no past, only what comes."""
    problems: list[str] = field(default_factory=list[str])
    """Why reading it ended early."""
    gaps: list[str] = field(default_factory=list[str])
    """What of it could not be had, while the rest was read."""

    @property
    def why_empty(self) -> SafeText:
        """Why nothing of it can be read; empty: it can."""
        return why_empty(self.opened.state, self.chosen.note)

    def news(self, now_s: float) -> LogNews:
        """Return what has come; a pipe waits a moment for it, and is held back by its reader."""
        news = self.opened.news(now_s)
        if self.pipe is not None:
            self.pipe.is_paused = news.has_more
        return news

    def hear(self, now_s: float) -> None:
        """Take what has come, keeping what it says of gaps."""
        news = self.news(now_s)
        self.gaps += [str(one.note) for one in news.seams if one.note and one.kind in _GAPS]

    @property
    def has_ended(self) -> bool:
        """Nothing more will come."""
        return self.opened.state.word is FollowWord.ENDED

    @property
    def has_past(self) -> bool:
        """All that was written before is there, or nothing of it can be had."""
        state = self.opened.state
        is_over = state.word in (FollowWord.GONE, FollowWord.ENDED, FollowWord.REFUSED)
        return state.has_past or is_over

    @property
    def is_streamed(self) -> bool:
        """Its past comes in a stream too: a container's, the journal's."""
        return self.chosen.place is not None and self.chosen.place.kind != "file"

    @property
    def is_refused(self) -> bool:
        """It may not be read, or there is nothing that could read it."""
        return self.opened.state.word is FollowWord.REFUSED


class _Part(NamedTuple):
    """What of a log is searched by itself."""

    log: OpenLog
    segments: Sequence[Segment]


class Reading:
    """The logs of one call.

    Args:
        chosen: Which.
        opening: Opens them.
        clock: For windows that end now.
        came: Set by streams when something came.
    """

    def __init__(
        self,
        chosen: Sequence[ChosenLog],
        opening: LogOpening,
        clock: Clock,
        came: Event | None = None,
    ) -> None:
        self._clock = clock
        self._came = came or Event()
        self.logs = [
            self._open(one, tag, opening) for one, tag in zip(chosen, tags_of(chosen), strict=True)
        ]

    def _open(self, one: ChosenLog, tag: str, opening: LogOpening) -> OpenLog:
        if one.name == STANDARD_INPUT:
            pipe = PipedInput(sys.stdin.fileno())
            return OpenLog(one, opening.open_followed(pipe, self.now_s), tag, pipe)
        if one.place is not None:
            return OpenLog(one, opening.open_place(one.place, self.now_s), tag)
        return OpenLog(one, opening.open_path(one.path, self.now_s), tag)

    @property
    def now_s(self) -> float:
        """Seconds since 1970."""
        return self._clock.now().timestamp()

    @property
    def problems(self) -> list[str]:
        """What could not be read while it was read."""
        return [
            f"{clean(log.chosen.name)}: {text}"
            for log in self.logs
            for text in (*log.problems, *log.gaps)
        ]

    def look_back(self) -> None:
        """Take what showed while it was read: packed files that could not be read whole."""
        for log in self.logs:
            if log.is_streamed or log.opened.has_gaps:
                log.hear(self.now_s)

    def settle(self) -> None:
        """Wait until the streams have brought their past, a while; tell of those that have not."""
        waiting = [log for log in self.logs if log.is_streamed]
        ends_s = self._clock.monotonic() + _PAST_S
        while waiting and self._clock.monotonic() < ends_s:
            self._came.clear()
            late = [log for log in waiting if not log.has_past]
            for log in waiting:
                log.hear(self.now_s)
            waiting = late
            if waiting:
                self._came.wait(_STEP_S)
        for log in waiting:
            if not log.why_empty:
                log.gaps.append(f"not all of its past came within {_PAST_S:g} s")

    def tell_unreadable(self) -> bool:
        """Say on stderr which logs cannot be read and why; return whether any can."""
        for log in self.logs:
            if reason := log.why_empty:
                name = clean(log.chosen.name)
                named = reason if reason.startswith(name) else f"{name}: {reason}"
                print(f"quarterdeck: {named}", file=sys.stderr)
        return not all(log.why_empty for log in self.logs)

    def records(
        self,
        query: Query,
        tail: int | None,
        each: Callable[[], None],
        *,
        has_pipes: bool = True,
    ) -> Iterator[LogRecord]:
        """Yield what matches, oldest first; `tail`: only so many from the end.

        `each` is called whenever a stretch was read, so that what was found can be shown.
        `has_pipes=False` leaves the pipes to whoever follows them: they have no past.
        """
        logs = [log for log in self.logs if has_pipes or log.pipe is None]
        parts = [_Part(log, strand) for log in logs for strand in log.opened.strands]
        effort = NORMAL_EFFORT if len(parts) <= _FEW_LOGS else _LITTLE
        if tail is None:
            return merged([self._all(part, query, effort, each) for part in parts])
        ordered = list(merged([self._last(part, query, effort, tail) for part in parts]))
        return iter(ordered[-tail:] if tail else [])

    def _all(
        self, part: _Part, query: Query, effort: Effort, each: Callable[[], None]
    ) -> Iterator[LogRecord]:
        if part.log.pipe is not None:
            return piped_records(part.log, query, lambda: self.now_s)
        return records_of(self._found(part, query, Order.OLDEST_FIRST, effort), each)

    def _last(self, part: _Part, query: Query, effort: Effort, tail: int) -> Iterable[LogRecord]:
        if part.log.pipe is not None:
            return deque(piped_records(part.log, query, lambda: self.now_s), maxlen=tail)
        return last_of(self._found(part, query, Order.NEWEST_FIRST, effort), tail)

    def unknown(self, query: Query) -> tuple[UnknownField, ...]:
        """Return the fields of a query that no record has, each with a name that comes near.

        Fields without their name in the line (of access logs) are known by the newest records,
        all others are looked for in everything there is.
        """
        seen = self._names_seen()
        unknown = unknown_fields(query.fields, seen)
        return tuple(one for one in unknown if not self._is_anywhere(one.name))

    @property
    def _searchable(self) -> list[_Part]:
        return [_Part(log, log.opened.segments) for log in self.logs if not log.why_empty]

    def _is_anywhere(self, name: str) -> bool:
        words = {alias.rpartition(".")[2] for alias in names_for(name)}
        written = " or ".join(f'"{word}"' for word in sorted(words))
        try:
            query = parse_query(f"({written}) {name}=*", self.now_s)
        except QueryError:  # a name that has to be written in another way: nothing is said of it
            return True
        return any(
            stretch.entries
            for part in self._searchable
            for stretch in self._found(part, query, Order.NEWEST_FIRST, _LITTLE)
        )

    def _names_seen(self) -> set[str]:
        everything = parse_query("", self.now_s)
        names: set[str] = set()
        for part in self._searchable:
            for stretch in self._found(part, everything, Order.NEWEST_FIRST, _LITTLE):
                for record in stretch.records:
                    names.update(record.fields)
                if stretch.scanned_bytes > _SAMPLED_BYTES:
                    break
        return names

    def _found(self, part: _Part, query: Query, order: Order, effort: Effort) -> Iterator[Found]:
        """Search part of a log; what cannot be read ends the search and is told at the end."""
        opened = part.log.opened
        try:
            span = EVERYTHING
            if order is Order.OLDEST_FIRST and query.since_s is not None:
                span = Span(begin_of(part.segments, opened.parser, query.since_s))
            yield from opened.search(query, effort, part.segments).run(order, span)
        except LogUnreadableError as error:
            part.log.problems.append(str(error))

    def close(self) -> None:
        """Let go of everything."""
        for log in self.logs:
            log.opened.close()


def piped_records(log: OpenLog, query: Query, now_s: Callable[[], float]) -> Iterator[LogRecord]:
    """Yield what comes through a pipe and matches, each record once it is whole, to its end."""
    held: list[LogRecord] = []
    while True:
        has_ended = log.has_ended or log.is_refused
        news = log.news(now_s())
        held = [one for one in held if one.position not in news.withdrawn]
        for record in news.records:
            if held and held[-1].position == record.position:
                held.pop()
            held.append(record)
        is_over = has_ended and not news.has_more
        # The last one may go on in what comes next.
        ready, held = (held, []) if is_over else (held[:-1], held[-1:])
        yield from (one for one in ready if query.is_in_window(one) and query.matches(one))
        if is_over:
            return


def limited(records: Iterable[LogRecord], limit: int | None) -> Iterator[LogRecord]:
    """Yield the first records only; None: all."""
    if limit is None:
        yield from records
        return
    if limit <= 0:
        return
    for count, record in enumerate(records, 1):
        yield record
        if count >= limit:
            return
