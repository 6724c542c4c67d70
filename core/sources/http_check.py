"""Probes one HTTP target. What it finds, a refused connection included, is an observation."""

from datetime import timedelta
from typing import Protocol

from core.clients.clock import Clock
from core.clients.http_values import HttpAnswer, HttpRequest
from core.errors import ClientError
from core.model.check import CheckSpec
from core.model.events import CheckObserved, Event
from core.sources.judge.dispatch import judge

_GRACE_S = 1.0
"""The client ends a request at its own deadline; the runtime's is this much later."""


class HttpReader(Protocol):
    """Whatever asks over HTTP."""

    async def get(self, request: HttpRequest) -> HttpAnswer:
        """Ask once."""
        ...


def request_of(spec: CheckSpec) -> HttpRequest:
    """Return what a check asks."""
    return HttpRequest(
        url=spec.secret.reveal() if spec.secret is not None else spec.url,
        timeout_s=spec.timeout_s,
        method=spec.method,
        headers=spec.headers,
        ca_file=spec.ca_file,
    )


class HttpCheckSource:
    """One HTTP check."""

    def __init__(self, spec: CheckSpec, client: HttpReader, clock: Clock) -> None:
        """Take what to probe and what to probe it with."""
        self.name = f"check {spec.id}"
        self.every_s = spec.every_s
        self.deadline_s = spec.timeout_s + _GRACE_S
        self._spec = spec
        self._client = client
        self._clock = clock
        self._request = request_of(spec)

    async def look(self) -> tuple[Event, ...]:
        """Probe once and return the observation."""
        try:
            outcome: HttpAnswer | ClientError = await self._client.get(self._request)
        except ClientError as error:
            outcome = error
        now = self._clock.now()
        result = judge(self._spec, outcome, now)
        return (CheckObserved(self._spec.id, result, now + timedelta(seconds=self.every_s)),)
