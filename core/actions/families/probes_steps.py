"""Asks on purpose: up to a rate limit, until a breaker opens, under load, or once and in detail."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import ClassVar

from core.actions.families.circuit_steps import Legend
from core.actions.families.probes_trace import StateTrace
from core.actions.part import part
from core.actions.ports import Ports
from core.actions.results import TriedStep, begin
from core.actions.verdicts.judged import Judged, bad, good, unclear
from core.actions.verdicts.probing import (
    is_open,
    judge_limit,
    judge_load,
    judge_timing,
    judge_trip,
)
from core.actions.work import Work
from core.clients.acting.prober import Prober, Shot, Volley
from core.errors import ActionError, ClientError
from core.model.text import clean

SAY_EVERY = 10
_ENOUGH_TO_STOP = 50
"""After so many answers a load that mostly fails ends by itself."""
_RECOVERS_EVERY_S = 5.0
_FINE = range(200, 400)


def prober_of(ports: Ports) -> Prober:
    """Return who asks.

    Raises:
        ActionError: nobody does here.
    """
    if ports.prober is None:
        raise ActionError("nothing here can ask on purpose")
    return ports.prober


class _Trace:
    """Says how it goes while answers come."""

    def __init__(self, work: Work, every: int, asked: int) -> None:
        self._work = work
        self._every = every
        self._asked = asked
        self._counts: Counter[int] = Counter()
        self.shots: list[Shot] = []

    def take(self, shot: Shot) -> bool:
        """Take one answer; always go on."""
        is_new = shot.status not in self._counts
        self._counts[shot.status] += 1
        self.shots.append(shot)
        number = len(self.shots)
        if is_new or number % self._every == 0:
            words = shot.status or f"no answer: {shot.said}"
            text = f"{number}/{self._asked} after {shot.at_s:.1f} s: {words}"
            self._work.say(clean(f"{text}, {shot.latency_s * 1000:.0f} ms"))
        return True


@part
@dataclass(frozen=True, slots=True)
class ProbeLimit(TriedStep):
    """Sends requests until all are sent, and counts the answers by status."""

    kind: ClassVar[str] = "http.probe_limit"
    url: str
    requests: int
    per_s: float
    result: str
    ca_file: str = ""

    async def apply(self, ports: Ports, work: Work) -> None:
        """Send them."""
        await begin(ports, self.result, work)
        trace = _Trace(work, SAY_EVERY, self.requests)
        seconds = self.requests / self.per_s * 2 + 10
        volley = Volley(
            self.url, self.requests, self.per_s, at_once=5, seconds=seconds, ca_file=self.ca_file
        )
        shots = await prober_of(ports).fire(volley, trace.take)
        await self.end(ports, work, judge_limit(shots, self.requests))


@part
@dataclass(frozen=True, slots=True)
class TimeRequest(TriedStep):
    """Asks once and times each part, as `curl -w` does."""

    kind: ClassVar[str] = "http.time"
    url: str
    result: str
    most_s: float | None = None
    timeout_s: float = 30.0
    ca_file: str = ""

    async def apply(self, ports: Ports, work: Work) -> None:
        """Ask."""
        await begin(ports, self.result, work)
        try:
            timing = await prober_of(ports).time(self.url, self.timeout_s, self.ca_file)
        except ClientError as error:
            await self.end(ports, work, bad(str(error)))
            return
        await self.end(ports, work, judge_timing(timing, self.most_s))


@part
@dataclass(frozen=True, slots=True)
class ProbeBreaker(TriedStep):
    """Asks for what fails until the breaker opens; then waits until what works works again."""

    kind: ClassVar[str] = "http.probe_breaker"
    url: str
    requests: int
    per_s: float
    result: str
    recovers_url: str = ""
    """Asked until it is well; empty: whether it recovers is not looked at."""
    recovers_within_s: float = 90.0
    ca_file: str = ""
    server: str = ""
    """The Redis that holds its record."""
    keys: tuple[str, ...] = ()
    """Where its record is, or would be; none: it is not looked at."""
    patterns: tuple[str, ...] = ()
    """Looked through while there is no record."""
    legend: Legend = ()

    async def apply(self, ports: Ports, work: Work) -> None:
        """Trip it, and see it recover; what its record says meanwhile is kept."""
        await begin(ports, self.result, work)
        states = StateTrace(ports, work, self.server, self.keys, self.patterns, self.legend)
        async with states.following():
            judged = await self._tried(ports, work)
        await self.end(ports, work, states.joined(judged))

    async def _tried(self, ports: Ports, work: Work) -> Judged:
        trace = _Trace(work, 1, self.requests)

        def goes_on(shot: Shot) -> bool:
            trace.take(shot)
            number = len(trace.shots)
            return number == 1 or not is_open(tuple(trace.shots), number)

        volley = Volley(self.url, self.requests, self.per_s, at_once=1, ca_file=self.ca_file)
        judged = judge_trip(await prober_of(ports).fire(volley, goes_on))
        if judged.is_good is not False and self.recovers_url:
            return _joined(judged, await self._recovers(ports, work))
        return judged

    async def _recovers(self, ports: Ports, work: Work) -> Judged:
        clock, prober = ports.clock, prober_of(ports)
        begin_s = clock.monotonic()
        last = "nothing"
        while True:
            shots = await prober.fire(
                Volley(self.recovers_url, 1, 1.0, ca_file=self.ca_file), lambda _: True
            )
            took_s = clock.monotonic() - begin_s
            if shots and shots[0].status in _FINE:
                return good(f"it works again after {took_s:.0f} s", ("recovered_s", round(took_s)))
            now = str(shots[0].status or shots[0].said) if shots else "nothing"
            if now != last:
                work.say(clean(f"{took_s:.0f} s after it opened: {now}"))
            last = now
            if took_s + _RECOVERS_EVERY_S > self.recovers_within_s:
                return bad(f"not recovered within {self.recovers_within_s:.0f} s: {now}")
            await clock.sleep(_RECOVERS_EVERY_S)


def _joined(trip: Judged, recovery: Judged) -> Judged:
    """Return both as one: bad when one is, unclear when one is."""
    text, facts = f"{trip.text}; {recovery.text}", (*trip.facts, *recovery.facts)
    make = bad if recovery.is_good is False else good if trip.is_good else unclear
    return replace(make(text), facts=facts)


@part
@dataclass(frozen=True, slots=True)
class RunLoad(TriedStep):
    """Sends requests at an even pace and measures how they are answered."""

    kind: ClassVar[str] = "load.run"
    url: str
    requests: int
    per_s: float
    at_once: int
    seconds: float
    result: str
    most_p95_s: float | None = None
    most_errors: float = 0.0
    """Share of requests that may fail."""
    ca_file: str = ""

    async def apply(self, ports: Ports, work: Work) -> None:
        """Send them."""
        await begin(ports, self.result, work)
        trace = _Trace(work, max(SAY_EVERY, self.requests // 20), self.requests)

        def goes_on(shot: Shot) -> bool:
            trace.take(shot)
            wrong = sum(one.status not in _FINE for one in trace.shots[-_ENOUGH_TO_STOP:])
            return len(trace.shots) < _ENOUGH_TO_STOP or wrong <= _ENOUGH_TO_STOP / 2

        volley = Volley(
            self.url, self.requests, self.per_s, self.at_once, self.seconds, ca_file=self.ca_file
        )
        shots = await prober_of(ports).fire(volley, goes_on)
        judged = judge_load(shots, self.requests, self.most_p95_s, self.most_errors)
        await self.end(ports, work, judged)
