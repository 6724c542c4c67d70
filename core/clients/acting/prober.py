"""Asks on purpose, several times or in detail: volleys of requests, one timed request, one call."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from core.model.secret import Secret
from core.model.text import EMPTY, SafeText


@dataclass(frozen=True, slots=True)
class Volley:
    """Many like requests."""

    url: str
    requests: int
    per_s: float
    """At most so many are begun in a second."""
    at_once: int = 1
    """At most so many wait for their answers."""
    seconds: float = 60.0
    """No further one is begun after so long."""
    timeout_s: float = 10.0
    """For each."""
    method: str = "GET"
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class Shot:
    """What one request came to."""

    at_s: float
    """When it was sent, since the first one."""
    latency_s: float
    status: int = 0
    """0: no answer."""
    headers: tuple[tuple[str, SafeText], ...] = ()
    """Names in lower case."""
    said: SafeText = EMPTY
    """The beginning of the body, or why there was no answer."""

    def header(self, name: str) -> SafeText:
        """Return the first header of that name; empty when there is none."""
        return next((value for key, value in self.headers if key == name), EMPTY)


@dataclass(frozen=True, slots=True)
class Timing:
    """How long each part of one request took, in s since its begin, as curl tells it."""

    address: SafeText
    resolved_s: float
    connected_s: float
    secured_s: float | None
    """TLS; None: there was none."""
    first_byte_s: float
    total_s: float
    status: int
    size_bytes: int
    is_cut: bool = False
    """The body was longer and its rest was not read."""


@dataclass(frozen=True, slots=True)
class Called:
    """The whole answer to one call."""

    status: int
    body: bytes
    """Raw: whoever keeps a part of it cleans it."""
    latency_s: float


class Prober(Protocol):
    """What steps need to ask on purpose. Redirects are never followed."""

    async def fire(self, volley: Volley, goes_on: Callable[[Shot], bool]) -> tuple[Shot, ...]:
        """Send until all are sent, the time is over, or `goes_on` says no; return what came.

        A request without an answer is a shot with status 0, and no error.

        Raises:
            ClientDenied: the address is one that is never asked.
        """
        ...

    async def time(self, url: str, timeout_s: float, ca_file: str = "") -> Timing:
        """Ask once, on a new connection, and time each part.

        Raises:
            ClientError: there was no answer; the kind says why.
        """
        ...

    async def call(
        self,
        method: str,
        url: str,
        timeout_s: float,
        ca_file: str = "",
        headers: tuple[tuple[str, Secret], ...] = (),
    ) -> Called:
        """Ask once, never again by itself. What `headers` hold goes to that address alone.

        Raises:
            ClientError: there was no answer; the kind says why.
        """
        ...
