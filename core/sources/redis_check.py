"""Checks a Redis-compatible server: does it serve, whom, and with how much room."""

from datetime import timedelta

from core.clients.clock import Clock
from core.clients.redis import RedisFacts, RedisReader, RedisServer
from core.clients.redis_errors import RedisSaid
from core.errors import (
    ClientError,
    ClientMissing,
    ClientRefused,
    ClientTimeout,
    ClientUnresolved,
)
from core.model.check import CheckResult, CheckSpec
from core.model.events import CheckObserved, Event, Noted
from core.model.secret import Secret
from core.model.text import EMPTY, clean
from core.model.verdict import Verdict
from core.sources.redis_judge import judge_redis, judge_refusal, number_of

_GRACE_S = 1.0


class RedisCheckSource:
    """One probe of one server: PING, then INFO and DBSIZE, over a connection that is kept."""

    def __init__(self, spec: CheckSpec, clock: Clock, reader: RedisReader | None = None) -> None:
        """Take a check whose URL is `redis://`, `rediss://` or `unix://`; connect nowhere yet.

        Raises:
            ClientError: the URL is none that a connection can be made from.
        """
        self._spec = spec
        self._clock = clock
        url = spec.secret or Secret(spec.url)
        self._reader = reader or RedisServer(url, spec.timeout_s, spec.ca_file)
        self.name = f"check {spec.id}"
        self.every_s = spec.every_s
        self.deadline_s = spec.timeout_s * 2 + _GRACE_S
        self._before: tuple[float, RedisFacts] | None = None
        self._was_evicting = False

    async def look(self) -> tuple[Event, ...]:
        """Return what one probe concluded. Never raises: a server that is down is an observation.

        The deadline of `timeout_s` is for each of the two questions.
        """
        started = self._clock.monotonic()
        notes: tuple[Event, ...] = ()
        try:
            await self._reader.ping()
            latency_s = self._clock.monotonic() - started
            facts = await self._reader.read_facts()
        except RedisSaid as error:
            verdict, reason = judge_refusal(error.code, str(error))
            result = self._result(verdict, error.code, reason, self._clock.monotonic() - started)
        except ClientUnresolved as error:
            result = self._result(Verdict.UNKNOWN, "name not resolved", str(error), None)
        except ClientError as error:
            result = self._result(Verdict.DOWN, _state_of(error), str(error), None)
        else:
            evicted, span_s = self._evicted_since(facts)
            result = self._judge(facts, latency_s, evicted, span_s)
            notes = self._notes(facts, evicted)
        next_at = result.observed_at + timedelta(seconds=self.every_s)
        return (CheckObserved(self._spec.id, result, next_at), *notes)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._reader.aclose()

    def _judge(
        self, facts: RedisFacts, latency_s: float, evicted: int, span_s: float
    ) -> CheckResult:
        opinion = judge_redis(facts, evicted, span_s)
        verdict, state, reason = opinion.verdict, opinion.state, opinion.reason
        slow_s = self._spec.expect.slow_s
        if verdict is Verdict.OK and slow_s is not None and latency_s > slow_s:
            verdict, state = Verdict.DEGRADED, "slow"
            reason = clean(f"slow: PING took {latency_s * 1000:.0f} ms > {slow_s * 1000:.0f} ms")
        return CheckResult(
            verdict=verdict,
            state=state,
            reason=reason,
            observed_at=self._clock.now(),
            latency_s=latency_s,
            facts=opinion.facts,
            detail=opinion.detail,
        )

    def _evicted_since(self, facts: RedisFacts) -> tuple[int, float]:
        """Return keys evicted since the last look at the same run of the server, and its age."""
        if self._before is None:
            return 0, 0.0
        at_s, before = self._before
        if before.info.get("run_id") != facts.info.get("run_id"):
            return 0, 0.0
        was, now = number_of(before.info, "evicted_keys"), number_of(facts.info, "evicted_keys")
        count = 0 if was is None or now is None else max(0, now - was)
        return count, self._clock.monotonic() - at_s

    def _notes(self, facts: RedisFacts, evicted: int) -> tuple[Event, ...]:
        """Return what a person would want on a timeline; an eviction is told when it begins."""
        before, self._before = self._before, (self._clock.monotonic(), facts)
        was_evicting, self._was_evicting = self._was_evicting, evicted > 0
        if before is None:
            return ()
        was, texts = before[1].info, list[str]()
        if was.get("run_id", EMPTY) != facts.info.get("run_id", EMPTY):
            texts.append("the Redis server was restarted")
        if was.get("role", EMPTY) != facts.info.get("role", EMPTY):
            texts.append(f"Redis role changed: {was.get('role')} to {facts.info.get('role')}")
        if evicted and not was_evicting:
            texts.append(f"{evicted} keys evicted: Redis memory is full")
        service, now = self._spec.id.service, self._clock.now()
        return tuple(Noted(now, service, Verdict.DEGRADED, clean(text)) for text in texts)

    def _result(
        self, verdict: Verdict, state: str, reason: str, latency_s: float | None
    ) -> CheckResult:
        return CheckResult(verdict, state, clean(reason), self._clock.now(), latency_s=latency_s)


def _state_of(error: ClientError) -> str:
    if isinstance(error, ClientTimeout):
        return "timeout"
    if isinstance(error, ClientRefused):
        return "refused"
    return "unreachable" if isinstance(error, ClientMissing) else "error"
