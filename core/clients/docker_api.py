"""The few calls of the Docker SDK's low-level client that we make, as a checker sees them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import requests

_Filters = Mapping[str, object]


class Closable(Protocol):
    """A stream of the SDK."""

    def __iter__(self) -> Iterator[object]: ...

    def close(self) -> None:
        """End it."""
        ...


class EngineApi(Protocol):
    """What we use of the SDK's client, whose own annotations are mostly unknown to a checker."""

    base_url: str
    trust_env: bool

    @property
    def api_version(self) -> str:
        """The version agreed on."""
        ...

    def containers(self, *, all: bool, filters: _Filters) -> Iterable[object]:  # noqa: A002
        """List containers."""
        ...

    def inspect_container(self, container: str) -> object:
        """Show one container."""
        ...

    def services(self, *, filters: _Filters) -> Iterable[object]:
        """List Swarm services."""
        ...

    def tasks(self, *, filters: _Filters) -> Iterable[object]:
        """List Swarm tasks."""
        ...

    def events(self, *, filters: _Filters, decode: bool) -> Closable:
        """Open the stream of events."""
        ...

    def get(
        self, url: str, *, params: Mapping[str, str], stream: bool, timeout: float
    ) -> "requests.Response":
        """Ask for a page (the client is a `requests.Session`)."""
        ...

    def close(self) -> None:
        """Close all connections."""
        ...
