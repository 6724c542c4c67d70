"""Checks that a TCP port accepts a connection."""

from datetime import timedelta
from urllib.parse import urlsplit

from core.clients.clock import Clock
from core.clients.tcp import Dial, dial
from core.errors import (
    ClientDenied,
    ClientError,
    ClientMissing,
    ClientRefused,
    ClientTimeout,
    ClientUnresolved,
)
from core.model.check import CheckResult, CheckSpec
from core.model.events import CheckObserved, Event
from core.model.text import clean
from core.model.verdict import Verdict

_OUTCOMES: dict[type[ClientError], tuple[Verdict, str]] = {
    ClientTimeout: (Verdict.DOWN, "timeout"),
    ClientRefused: (Verdict.DOWN, "refused"),
    ClientMissing: (Verdict.DOWN, "unreachable"),
    ClientUnresolved: (Verdict.UNKNOWN, "name not resolved"),
    ClientDenied: (Verdict.UNKNOWN, "denied"),
}
_GRACE_S = 1.0


def _address_of(url: str) -> tuple[str | None, int | None]:
    try:
        return urlsplit(url).hostname, urlsplit(url).port
    except ValueError:  # a port that is no number
        return None, None


class TcpCheckSource:
    """One probe of one port."""

    def __init__(self, spec: CheckSpec, clock: Clock, dialer: Dial = dial) -> None:
        """Take a check whose URL is `tcp://host:port`."""
        self._spec = spec
        self._clock = clock
        self._dial = dialer
        self.name = f"check {spec.id}"
        self.every_s = spec.every_s
        self.deadline_s = spec.timeout_s + _GRACE_S

    async def look(self) -> tuple[Event, ...]:
        """Return what one probe concluded. Never raises: a port that is down is an observation."""
        result = await self._probe()
        next_at = result.observed_at + timedelta(seconds=self.every_s)
        return (CheckObserved(self._spec.id, result, next_at),)

    async def _probe(self) -> CheckResult:
        started = self._clock.monotonic()
        host, port = _address_of(self._spec.url)
        if not host or not port:
            text = f"not tcp://host:port: {self._spec.url}"
            return self._result(Verdict.UNKNOWN, "bad address", text, None)
        try:
            await self._dial(host, port, self._spec.timeout_s)
        except ClientError as error:
            verdict, state = _OUTCOMES.get(type(error), (Verdict.UNKNOWN, "error"))
            return self._result(verdict, state, str(error), None)
        latency_s = self._clock.monotonic() - started
        slow_s = self._spec.expect.slow_s
        if slow_s is not None and latency_s > slow_s:
            text = f"slow: {latency_s * 1000:.0f} ms > {slow_s * 1000:.0f} ms"
            return self._result(Verdict.DEGRADED, "slow", text, latency_s)
        return self._result(Verdict.OK, "ok", f"{host}:{port} accepts connections", latency_s)

    def _result(
        self, verdict: Verdict, state: str, reason: str, latency_s: float | None
    ) -> CheckResult:
        return CheckResult(verdict, state, clean(reason), self._clock.now(), latency_s=latency_s)
