"""Somebody who asks on purpose, on a script: answers by address, in turn, the last one stays."""

from collections.abc import Callable
from dataclasses import dataclass, field

from core.clients.acting.prober import Called, Shot, Timing, Volley
from core.errors import ClientError
from core.model.secret import Secret
from core.model.text import clean

Say = tuple[int, str] | int


@dataclass
class FakeProber:
    """Each answer takes 10 ms of no time at all."""

    answers: dict[str, list[Say]] = field(default_factory=dict)
    headers: dict[int, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """By status."""
    latencies_s: list[float] = field(default_factory=list)
    timing: Timing | ClientError | None = None
    called: dict[str, list[Called | ClientError]] = field(default_factory=dict)
    volleys: list[Volley] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    sent: list[dict[str, Secret]] = field(default_factory=list)
    """Headers of each call."""

    async def fire(self, volley: Volley, goes_on: Callable[[Shot], bool]) -> tuple[Shot, ...]:
        self.volleys.append(volley)
        shots: list[Shot] = []
        for index in range(volley.requests):
            shots.append(self._shot(volley, index))
            if not goes_on(shots[-1]):
                break
        return tuple(shots)

    def _shot(self, volley: Volley, index: int) -> Shot:
        script = self.answers.get(volley.url)
        if not script:
            raise AssertionError(f"nobody foresaw {volley.url}")
        say = script.pop(0) if len(script) > 1 else script[0]
        status, said = say if isinstance(say, tuple) else (say, "")
        headers = tuple((name, clean(value)) for name, value in self.headers.get(status, ()))
        latency_s = self.latencies_s[index % len(self.latencies_s)] if self.latencies_s else 0.01
        return Shot(index / volley.per_s, latency_s, status, headers, clean(said))

    async def time(self, url: str, timeout_s: float, ca_file: str = "") -> Timing:
        self.calls.append(("TIME", url))
        if isinstance(self.timing, ClientError):
            raise self.timing
        assert self.timing is not None, f"nobody foresaw {url}"
        return self.timing

    async def call(
        self,
        method: str,
        url: str,
        timeout_s: float,
        ca_file: str = "",
        headers: tuple[tuple[str, Secret], ...] = (),
    ) -> Called:
        self.calls.append((method, url))
        self.sent.append(dict(headers))
        script = self.called.get(url)
        if not script:
            raise AssertionError(f"nobody foresaw {method} {url}")
        answer = script.pop(0) if len(script) > 1 else script[0]
        if isinstance(answer, ClientError):
            raise answer
        return answer
