"""Goes on with what is written to logs, until a signal or until as much was shown as asked for."""

import select
import signal
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from types import FrameType

import click

from cli import exits
from cli.log_printing import Printing
from cli.log_reading import OpenLog, Reading
from cli.output import forget_stdout
from core.logs.browse.streams import merged
from core.logs.files.waiter import Waiter
from core.logs.query.query import Query
from core.model.log import LogRecord
from core.model.text import clean

_LOOK_S = 1.0
"""At the latest so often everything is looked at again, whatever the kernel tells."""
_STREAM_S = 0.1
"""Between two looks at streams, which no kernel watches."""
_SETTLE_S = 0.5
"""So long a line without an end is waited for."""
_MAX_AT_ONCE = 20_000
"""Records of one log that are held before some are printed."""


class _EndedBySignal(Exception):
    """Somebody wants us to end."""


class _Follower:
    """Prints what is new in some logs."""

    def __init__(
        self, reading: Reading, logs: Sequence[OpenLog], query: Query, printing: Printing
    ) -> None:
        self._reading = reading
        self._logs = logs
        self._query = query
        self._printing = printing
        self._open: dict[str, LogRecord] = {}
        self._changed_s = 0.0

    def read(self, left: int | None, *, is_last: bool = False) -> int:
        """Print what is new, at most `left` records; return how many.

        A line without an end is waited for, a while, or not at all if `is_last`.
        """
        batches = [self._news(log, is_last=is_last) for log in self._logs]
        count = 0
        for record in merged(batches):
            if count == left:
                break
            is_known = self._printing.is_known(record.source, record.position)
            if self._printing.add(record) and not is_known:
                count += 1
        self._printing.flush()
        return count

    def _news(self, log: OpenLog, *, is_last: bool) -> list[LogRecord]:
        """Return the records of a log that match and whose lines have ended."""
        now_s = self._reading.now_s
        held = self._open.pop(log.opened.source, None)
        found = [] if held is None else [held]
        news = log.news(now_s)
        while True:
            for seam in news.seams:
                _tell(log, f"{seam.kind}: {seam.note}" if seam.note else str(seam.kind))
            if news.lost_bytes:
                _tell(log, f"{news.lost_bytes} bytes were gone before they could be read")
            found = [one for one in found if one.position not in news.withdrawn]
            for record in news.records:
                if found and found[-1].position == record.position:
                    found.pop()
                found.append(record)
            if news.records:
                self._changed_s = now_s
            if not news.has_more or len(found) > _MAX_AT_ONCE:
                break
            news = log.news(now_s)
        is_settled = is_last or now_s - self._changed_s > _SETTLE_S
        if found and not is_settled and _is_open(log, found[-1]):
            self._open[log.opened.source] = found.pop()
        query = self._query
        return [one for one in found if query.is_in_window(one) and query.matches(one)]

    @property
    def is_waiting(self) -> bool:
        """Whether a line without an end is kept back."""
        return bool(self._open)


def _is_open(log: OpenLog, record: LogRecord) -> bool:
    """Return whether a record is the last of its segment and its line has no end yet."""
    end = record.position.offset + len(record.raw)
    return any(
        segment.number == record.position.segment and segment.end_byte == end
        for segment in log.opened.segments
    )


def _tell(log: OpenLog, text: str) -> None:
    print(f"quarterdeck: {clean(log.chosen.name)}: {text}", file=sys.stderr, flush=True)


def follow(
    reading: Reading,
    query: Query,
    printing: Printing,
    limit: int | None,
    *,
    only_pipes: bool = False,
) -> int:
    """Print what is written from now on; return how many records were.

    Ends by SIGINT or SIGTERM, when `limit` records were printed, when every log has ended, or when
    nobody reads what is printed. `only_pipes`: what else there is was read already.
    """
    logs = [log for log in reading.logs if log.pipe is not None or not only_pipes]
    follower = _Follower(reading, logs, query, printing)
    matched = 0
    waiter = Waiter()
    try:
        with _signals_raised():
            while True:
                is_last = all(log.has_ended for log in logs)
                found = follower.read(None if limit is None else limit - matched, is_last=is_last)
                matched += found
                if matched == limit or (is_last and not found):
                    return matched
                _check_reader()
                _wait(waiter, logs, has_open=follower.is_waiting)
    except _EndedBySignal:
        return matched
    finally:
        waiter.close()


def _wait(waiter: Waiter, logs: Sequence[OpenLog], *, has_open: bool) -> None:
    """Wait until something may have happened."""
    if any(log.pipe is not None and not log.has_ended for log in logs):
        return  # looking at a pipe waits by itself
    longest_s = _STREAM_S if any(log.is_streamed for log in logs) else _LOOK_S
    if not waiter.watch(path for log in logs for path in log.opened.watched_paths):
        waiter.wait(min(longest_s, _SETTLE_S) if has_open else longest_s)


def _check_reader() -> None:
    """Leave when the reader of our output has gone away, though there is nothing to write."""
    poller = select.poll()
    try:
        poller.register(sys.stdout.fileno(), 0)
    except (OSError, ValueError):
        return
    if any(event & (select.POLLERR | select.POLLNVAL) for _, event in poller.poll(0)):
        forget_stdout()
        raise click.exceptions.Exit(exits.PIPE)


@contextmanager
def _signals_raised() -> Generator[None]:
    """Turn SIGINT and SIGTERM into the ordinary end of following."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise _EndedBySignal

    before = {one: signal.signal(one, end) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
