"""Goes on with what is written to logs, until a signal or until as much was shown as asked for."""

import select
import signal
import sys
from collections.abc import Generator
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
from core.model.log import LogRecord, Seam
from core.model.text import clean

_LOOK_S = 1.0
"""At the latest so often everything is looked at again, whatever the kernel tells."""
_SETTLE_S = 0.5
"""So long a line without an end is waited for."""


class _EndedBySignal(Exception):
    """Somebody wants us to end."""


class _Follower:
    def __init__(self, reading: Reading, query: Query, printing: Printing) -> None:
        self._reading = reading
        self._query = query
        self._printing = printing
        self._open: dict[str, LogRecord] = {}

    def read(self, *, is_quiet: bool) -> int:
        """Print what is new; return how many records. `is_quiet`: nothing came for a while."""
        batches = [self._news(log, is_quiet=is_quiet) for log in self._reading.logs]
        count = 0
        for record in merged(batches):
            is_known = self._printing.is_known(record.source, record.position)
            if self._printing.add(record) and not is_known:
                count += 1
        self._printing.flush()
        return count

    def _news(self, log: OpenLog, *, is_quiet: bool) -> list[LogRecord]:
        """Return the records of a log that match and whose lines have ended."""
        found: list[LogRecord] = []
        has_more = True
        while has_more:
            news = log.opened.news(self._reading.now_s)
            has_more = news.has_more
            for seam in news.seams:
                _tell_seam(log, seam)
            if news.lost_bytes:
                _tell(log, f"{news.lost_bytes} bytes were gone before they could be read")
            held = self._open.pop(log.opened.source, None)
            if held is not None and held.position not in news.withdrawn:
                found.append(held)
            for record in news.records:
                if found and found[-1].position == record.position:
                    found.pop()
                found.append(record)
        if found and not is_quiet and _is_open(log, found[-1]):
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


def _tell_seam(log: OpenLog, seam: Seam) -> None:
    _tell(log, f"{seam.kind}: {seam.note}" if seam.note else str(seam.kind))


def _tell(log: OpenLog, text: str) -> None:
    print(f"quarterdeck: {clean(log.chosen.name)}: {text}", file=sys.stderr, flush=True)


def follow(reading: Reading, query: Query, printing: Printing, limit: int | None) -> int:
    """Print what is written from now on; return how many records were.

    Ends by SIGINT or SIGTERM, when `limit` records were printed, when every log has ended, or when
    nobody reads what is printed.
    """
    follower = _Follower(reading, query, printing)
    matched = 0
    is_quiet = False
    waiter = Waiter()
    try:
        with _signals_raised():
            while True:
                matched += follower.read(is_quiet=is_quiet)
                if limit is not None and matched >= limit:
                    return matched
                if all(log.has_ended for log in reading.logs):
                    return matched + follower.read(is_quiet=True)
                _check_reader()
                is_quiet = not _wait(waiter, reading, _SETTLE_S if follower.is_waiting else _LOOK_S)
    except _EndedBySignal:
        return matched
    finally:
        waiter.close()


def _wait(waiter: Waiter, reading: Reading, timeout_s: float) -> bool:
    """Return whether something may have happened."""
    has_new = waiter.watch(path for log in reading.logs for path in log.opened.watched_paths)
    return has_new or waiter.wait(timeout_s)


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
