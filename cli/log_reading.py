"""Opens the chosen logs together and reads what matches, in order of time."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from cli.log_choice import STANDARD_INPUT, ChosenLog, tags_of
from core.clients.clock import Clock
from core.errors import LogUnreadableError, QueryError
from core.logs.browse.opened_log import OpenedLog
from core.logs.browse.search import EVERYTHING, Found, Span
from core.logs.browse.streams import last_of, merged, records_of
from core.logs.browse.window import begin_of
from core.logs.query.query import Query, parse_query
from core.logs.query.unknown import UnknownField, unknown_fields
from core.logs.scan.candidates import NORMAL_EFFORT, Effort
from core.logs.scan.chunk import Order
from core.logs.stream.followed import FollowWord
from core.model.log import LogRecord
from core.model.text import SafeText, clean
from core.sources.log_opening import LogOpening
from core.sources.log_places import why_empty

_FEW_LOGS = 2
_LITTLE = Effort(threads=1, ahead=2)
"""Of each log where many are searched at once."""
_SAMPLED_BYTES = 8 * 1024 * 1024
"""Of each log, to find the name of a field that comes near one that no record has."""


@dataclass(slots=True)
class OpenLog:
    """A log that was opened."""

    chosen: ChosenLog
    opened: OpenedLog
    tag: str = ""
    """What its lines are marked with where there are several logs."""
    problems: list[str] = field(default_factory=list[str])

    @property
    def why_empty(self) -> SafeText:
        """Why nothing of it can be read; empty: it can."""
        return why_empty(self.opened.state, self.chosen.note)

    @property
    def has_ended(self) -> bool:
        """Nothing more will come."""
        return self.opened.state.word in (FollowWord.ENDED, FollowWord.REFUSED)


class Reading:
    """The logs of one call.

    Args:
        chosen: Which.
        opening: Opens them.
        clock: For windows that end now.
    """

    def __init__(self, chosen: Sequence[ChosenLog], opening: LogOpening, clock: Clock) -> None:
        self._clock = clock
        self.logs = [
            OpenLog(one, self._open(one, opening), tag)
            for one, tag in zip(chosen, tags_of(chosen), strict=True)
        ]

    def _open(self, one: ChosenLog, opening: LogOpening) -> OpenedLog:
        if one.place is not None:
            return opening.open_place(one.place, self.now_s)
        if one.name == STANDARD_INPUT:
            return opening.open_input("-", self.now_s)
        return opening.open_path(one.path, self.now_s)

    @property
    def now_s(self) -> float:
        """Seconds since 1970."""
        return self._clock.now().timestamp()

    @property
    def problems(self) -> list[str]:
        """What could not be read while it was read."""
        return [f"{clean(log.chosen.name)}: {text}" for log in self.logs for text in log.problems]

    def tell_unreadable(self) -> bool:
        """Say on stderr which logs cannot be read and why; return whether any can."""
        for log in self.logs:
            if reason := log.why_empty:
                print(f"quarterdeck: {clean(log.chosen.name)}: {reason}", file=sys.stderr)
        return not all(log.why_empty for log in self.logs)

    def records(
        self, query: Query, tail: int | None, each: Callable[[], None]
    ) -> Iterator[LogRecord]:
        """Yield what matches, oldest first; `tail`: only so many from the end.

        `each` is called whenever a stretch was read, so that what was found can be shown.
        """
        if tail is None:
            streams = [self._found(log, query, Order.OLDEST_FIRST) for log in self.logs]
            return merged([records_of(found, each) for found in streams])
        newest = [self._found(log, query, Order.NEWEST_FIRST) for log in self.logs]
        ordered = list(merged([last_of(found, tail) for found in newest]))
        return iter(ordered[-tail:] if tail else [])

    def unknown(self, query: Query) -> tuple[UnknownField, ...]:
        """Return the fields of a query that no record has, as far as can be said.

        A field is looked for in all there is; what comes near its name in the newest records.
        """
        absent = [name for name in query.fields if not self._is_anywhere(name)]
        return unknown_fields(absent, self._names_seen()) if absent else ()

    def _is_anywhere(self, name: str) -> bool:
        try:
            query = parse_query(f"{name}=*", self.now_s)
        except QueryError:  # a name that has to be written in another way: say nothing of it
            return True
        return any(
            stretch.records
            for log in self.logs
            for stretch in self._found(log, query, Order.NEWEST_FIRST)
        )

    def _names_seen(self) -> set[str]:
        everything = parse_query("", self.now_s)
        names: set[str] = set()
        for log in self.logs:
            for stretch in self._found(log, everything, Order.NEWEST_FIRST):
                for record in stretch.records:
                    names.update(record.fields)
                if stretch.scanned_bytes > _SAMPLED_BYTES:
                    break
        return names

    def _found(self, log: OpenLog, query: Query, order: Order) -> Iterator[Found]:
        """Search one log; what cannot be read ends the search and is told at the end."""
        effort = NORMAL_EFFORT if len(self.logs) <= _FEW_LOGS else _LITTLE
        opened = log.opened
        try:
            span = EVERYTHING
            if order is Order.OLDEST_FIRST and query.since_s is not None:
                span = Span(begin_of(opened.segments, opened.parser, query.since_s))
            yield from opened.search(query, effort).run(order, span)
        except LogUnreadableError as error:
            log.problems.append(str(error))

    def close(self) -> None:
        """Let go of everything."""
        for log in self.logs:
            log.opened.close()


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
