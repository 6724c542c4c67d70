"""Follows the logs of services that refuse clients, and counts who was refused in the last minute.

A refusal is a record of status 429, or one whose event is the name of a block: limiters log the
block without a status, and a server's access log has the status of the same request.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable
from typing import NamedTuple

from core.errors import LogUnreadableError
from core.logs.aggregate.values import number, texts
from core.logs.browse.opened_log import OpenedLog
from core.logs.query.addresses import addresses_of
from core.model.follow import FollowWord
from core.model.limit import Rejections
from core.model.log import LogPosition, LogRecord
from core.model.text import clean
from core.sources.log_places import why_empty

WINDOW_S = 60.0
_LEAST_S = 10.0
"""A log that has just begun tells of so much, so that two refusals are no thousand a minute."""
_PAGES = 20
"""Read back at most; of a log that says more in a minute, so much is taken for all of it."""
_KEPT = 50_000
"""Refusals of the last minute that are kept."""
_EVENTS = frozenset(
    {"rate_limit_block", "rate_limit_blocked", "rate_limit_exceeded", "rate_limited",
     "rate_limit_reject", "rate_limit_rejected", "too_many_requests", "throttled"}
)  # fmt: skip
_STATUS, _EVENT = number("status"), texts("event")
_CLIENTS = (texts("ip"), texts("user"))

OpenLogs = Callable[[str], Iterable[OpenedLog]]
"""Opens the logs of `system/service`; blocks."""


class _Refusal(NamedTuple):
    time_s: float
    is_event: bool
    clients: frozenset[str]


class _Followed:
    """One log, and who was refused in it lately."""

    def __init__(self, log: OpenedLog) -> None:
        self.log = log
        self.refusals: deque[_Refusal] = deque(maxlen=_KEPT)
        self.first_s: float | None = None
        """Of the earliest record that was read."""
        self.has_told = False
        """Whether it has had records that would tell: of a status, or of a refusal."""
        self._last: LogPosition | None = None

    def read(self, now_s: float) -> None:
        """Take what has come; the first time, the last minute."""
        try:
            past = self._past(now_s) if self._last is None else []
            records = [*past, *self.log.news(now_s).records]
        except LogUnreadableError:
            return
        for record in records:
            if self._last is None or record.position > self._last:
                self._last = record.position
                self._take(record)
        while self.refusals and self.refusals[0].time_s < now_s - WINDOW_S:
            self.refusals.popleft()

    def _past(self, now_s: float) -> list[LogRecord]:
        found: list[LogRecord] = []
        place = None
        for _ in range(_PAGES):
            stretch = self.log.read_before(place)
            found[:0] = [entry.record for entry in stretch.entries]
            first_s = next((one.time_s for one in found if one.time_s is not None), None)
            if stretch.is_last or first_s is None or first_s < now_s - WINDOW_S:
                break
            place = stretch.begin
        return found

    def _take(self, record: LogRecord) -> None:
        time_s = record.time_s
        if time_s is None:
            return
        self.first_s = time_s if self.first_s is None else min(self.first_s, time_s)
        status = _STATUS(record)
        is_event = not _EVENTS.isdisjoint(one.lower() for one in _EVENT(record))
        self.has_told = self.has_told or is_event or (status is not None and 100 <= status < 600)
        if is_event or status == 429:
            names = frozenset(name for each in _CLIENTS for name in each(record))
            self.refusals.append(_Refusal(time_s, is_event and status != 429, names))


class LogRejections:
    """Who was refused by services, from their logs. Calls block; one at a time.

    Args:
        open_logs: Opens a service's logs; called once for each.
        now_s: Seconds since 1970.
    """

    def __init__(self, open_logs: OpenLogs, now_s: Callable[[], float]) -> None:
        self._open, self._now_s = open_logs, now_s
        self._logs: dict[str, tuple[_Followed, ...]] = {}

    def read(self, service: str) -> Rejections:
        """Return what the logs of `system/service` tell of the last minute."""
        if service not in self._logs:
            self._logs[service] = tuple(_Followed(log) for log in self._open(service))
        logs = self._logs[service]
        now_s = self._now_s()
        for one in logs:
            one.read(now_s)
        telling = [one for one in logs if one.has_told]
        if not telling:
            return Rejections("log", {}, why=clean(_why(service, logs)))
        counts: Counter[str] = Counter()
        for one in telling:
            counts |= _counted(one.refusals)
        first_s = min(one.first_s for one in telling if one.first_s is not None)
        span_s = min(WINDOW_S, max(_LEAST_S, now_s - first_s))
        rates = {name: 60.0 * count / span_s for name, count in counts.items()}
        names = ", ".join(one.log.source for one in telling)
        return Rejections("log", rates, True, clean(f"log {names}, last {span_s:.0f} s"))

    def is_streamed(self, service: str) -> bool:
        """Return whether any log of a service that was read is no file: its past takes a moment."""
        return any(not one.log.watched_paths for one in self._logs.get(service, ()))

    def close(self) -> None:
        """Let go of the logs."""
        for logs in self._logs.values():
            for one in logs:
                one.log.close()
        self._logs.clear()


def _counted(refusals: Iterable[_Refusal]) -> Counter[str]:
    """Return refusals by client; a request that has an event and a status is one."""
    by_kind = {True: Counter[str](), False: Counter[str]()}
    for one in refusals:
        by_kind[one.is_event].update({spelled for name in one.clients for spelled in _names(name)})
    return by_kind[True] | by_kind[False]


def _names(client: str) -> tuple[str, ...]:
    """Return what a record may call the client: what stands there, and it without its port."""
    return (client, *(str(one) for one in addresses_of(client)))


def _why(service: str, logs: tuple[_Followed, ...]) -> str:
    if not logs:
        return f"{service} has no log in the configuration"
    reasons = [
        str(why_empty(one.log.state, ""))
        or (
            "nothing has come yet"
            if one.log.state.word is FollowWord.WAITING or one.first_s is None
            else "no record has a status or tells of a refusal"
        )
        for one in logs
    ]
    told = zip((one.log.source for one in logs), reasons, strict=True)
    return "; ".join(f"log {name}: {reason}" for name, reason in told)
