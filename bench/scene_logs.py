"""The logs of the scripted night, and a desk that reads them at once: the real one, unthreaded."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bench.scene_keeping import ScriptedHouse
from core.logs.browse.opened_log import OpenedLog
from core.logs.desk import orders
from core.logs.desk.desk import Desk
from core.logs.desk.housekeeping import Keeping
from core.logs.segment import Segment
from core.logs.stream.followed import Growth, LogChange
from core.model.follow import FollowState, FollowWord
from core.model.log_view import LogPicture, SavedLogQuery
from core.model.text import EMPTY, clean
from core.model.topology import LogQuerySpec

MINUTES = 40
_FAULT_S = 184
"""So long before now the gateway's upstream begins to refuse."""
_PATHS = ("/proxy/orders", "/proxy/orders/7731", "/proxy/customers", "/proxy/stock")
_TRACE = """Traceback (most recent call last):
  File "/srv/gateway/proxy.py", line 88, in forward
    answer = await client.request(method, url)
  File "/srv/gateway/client.py", line 41, in request
    raise UpstreamRefused(url)
UpstreamRefused: http://upstream-service:5001/orders
"""
MISSING = "cost-dashboard/scheduler/jobs"
GATEWAY, CALLS = "api-gateway/proxy-service/app", "ai-diy/api/calls"
_SAVED = (
    SavedLogQuery(
        "api-gateway",
        LogQuerySpec("errors", "Errors of the proxy", "app", "level>=error or status=503", last=100,
                     note="blocks are logged at INFO"),
        GATEWAY,
    ),
    SavedLogQuery("api-gateway", LogQuerySpec("clients", "Requests by client", "app",
                  "event=incoming_request", "client_ip", window_s=900.0), GATEWAY),
    SavedLogQuery("ai-diy", LogQuerySpec("response-time", "Response time", "calls",
                  measure="duration_ms", window_s=900.0), CALLS),
    SavedLogQuery("ai-diy", LogQuerySpec("slow", "Slower than 500 ms", "calls",
                  "duration_ms>500ms", "route"), CALLS),
    SavedLogQuery("ai-diy", LogQuerySpec("personal-data", "Personal data in logs", "calls",
                  is_personal_data=True), CALLS),
    SavedLogQuery("cost-dashboard", LogQuerySpec("by-user", "One user", "jobs",
                  "user_id={user}"), MISSING),
)  # fmt: skip


@dataclass(slots=True)
class _Held:
    """A segment in memory."""

    data: bytes
    number: int = 0
    name: str = "scripted"
    begin_byte: int = 0

    @property
    def end_byte(self) -> int:
        return len(self.data)

    def read(self, offset_byte: int, size_bytes: int) -> bytes:
        return self.data[offset_byte : offset_byte + size_bytes]


class ScriptedLog:
    """A followed log that holds what it is given."""

    watched_paths: tuple[str, ...] = ()

    def __init__(self, source: str, text: str | None) -> None:
        """Take its text; None: there is no such log."""
        self.source = source
        self._held = _Held((text or "").encode())
        self.segments: tuple[Segment, ...] = () if text is None else (self._held,)
        word = FollowWord.FOLLOWING if text is not None else FollowWord.WAITING
        note = EMPTY if text is not None else clean("/var/log/cost/jobs.log does not exist yet")
        self.state = FollowState(word, note)
        self._seen_bytes: int | None = None

    def add(self, text: str) -> None:
        """Write to it."""
        self._held.data += text.encode()

    def poll(self, now_s: float) -> LogChange:
        """Tell what has come since."""
        end = sum(one.end_byte for one in self.segments)
        before, self._seen_bytes = self._seen_bytes, end
        grown = before is not None and end > before
        return LogChange((Growth(0, before or 0),) if grown else ())

    def close(self) -> None:
        """Hold nothing."""


class StillDesk:
    """Carries out an order while it is given: a picture needs no thread."""

    def __init__(self, now_s: float, tell: Callable[[], None]) -> None:
        """Take the moment that stands still."""
        self._tell = tell
        self._now_s = now_s
        self._logs = {source: ScriptedLog(source, text) for source, text in texts(now_s).items()}
        titles = {source: clean(source) for source in self._logs}
        self._desk = Desk(titles, self._open, lambda: now_s, lambda: False, lambda _: None, _SAVED)
        self._keeping = Keeping(ScriptedHouse(), lambda: now_s, lambda: False, tell)

    @property
    def picture(self) -> LogPicture:
        """What is known."""
        return replace(self._desk.picture, keeping=self._keeping.found)

    def start(self) -> None:
        """Do nothing."""

    def painted(self, picture: LogPicture) -> None:
        """Do nothing: all is counted already."""

    def send(self, order: orders.Order | orders.Keep) -> None:
        """Carry it out; who reads further up misses a few records."""
        if isinstance(order, orders.Keep):
            self._keeping.carry_out(order)
            return
        self._desk.carry_out(order)
        if order == orders.Hold(is_held=True):
            self._logs[GATEWAY].add(
                "".join(_gateway(self._now_s + at, random.Random(at)) for at in range(3))
            )
        self._desk.look()
        while self._desk.has_work:
            self._desk.step()
        self._tell()

    def stop(self, timeout_s: float = 1.0) -> bool:
        """Do nothing, in time."""
        return True

    def _open(self, source: str) -> OpenedLog:
        return OpenedLog(self._logs[source], self._now_s)


def texts(now_s: float) -> dict[str, str | None]:
    """Return what each log holds, by source."""
    luck = random.Random(7)
    seconds = range(-60 * MINUTES, 0)
    gateway = [
        _refused(now_s + at, luck)
        if at > -_FAULT_S and luck.random() < 0.5
        else _gateway(now_s + at, luck)
        for at in seconds
        if luck.random() < 0.6
    ]
    calls = [_call(now_s + at, luck) for at in seconds if luck.random() < 0.2]
    manager = [_manager(now_s + at, luck) for at in seconds if luck.random() < 0.1]
    return {
        GATEWAY: "".join(gateway),
        CALLS: "".join(calls),
        "business-engine/manager/app": "".join(manager),
        MISSING: None,
    }


def _stamp(at_s: float) -> str:
    return f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%d %H:%M:%S},{int(at_s * 7919) % 1000:03d}"


def _gateway(at_s: float, luck: random.Random) -> str:
    path, client = luck.choice(_PATHS), f"203.0.113.{luck.randrange(20)}"
    event = f"{{'event': 'incoming_request', 'method': 'GET', 'path': '{path}', "
    return f"{_stamp(at_s)} INFO proxy {event}'client_ip': '{client}'}}\n"


def _refused(at_s: float, luck: random.Random) -> str:
    if luck.random() < 0.1:
        return f"{_stamp(at_s)} ERROR proxy upstream refused, circuit opens\n{_TRACE}"
    if luck.random() < 0.3:
        return f"{_stamp(at_s)} WARNING proxy retry 2 of 3: upstream-service:5001 refused\n"
    return f"{_stamp(at_s)} ERROR httpx HTTP Request: GET http://upstream-service:5001 503\n"


def _call(at_s: float, luck: random.Random) -> str:
    moment = datetime.fromtimestamp(at_s, UTC).replace(tzinfo=None).isoformat()
    route, ms = luck.choice(("/api/vision", "/api/sprint", "/api/wbs")), luck.randrange(8, 900)
    status = "error" if luck.random() < 0.03 else "success"
    call = f'"route": "{route}", "status": "{status}", "duration_ms": {ms}'
    return f'API_CALL: {{"ts": "{moment}", {call}}}\n'


def _manager(at_s: float, luck: random.Random) -> str:
    run = luck.randrange(900, 999)
    level, event = luck.choice((("INFO", "started"), ("INFO", "finished"), ("WARNING", "late")))
    return f"{_stamp(at_s)} - manager - {level} - run {run} {event} (correlation_id=c-{run})\n"
