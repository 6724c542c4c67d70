"""The calls of the Docker SDK that change something, as a checker sees them.

The SDK is loaded when an engine is connected, not with the console's actions: it takes 6 MB.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, cast

from core.clients.docker_api import EngineApi
from core.errors import ClientGarbled

if TYPE_CHECKING:
    import requests

_OLDEST_API = "1.25"
"""Swarm rollbacks and prunes are in the API since then (Docker 1.13)."""


class ActingApi(EngineApi, Protocol):
    """What we use of the SDK's client to change things; it is a `requests.Session` as well."""

    timeout: float
    """Of every request that says nothing else, in s."""

    def start(self, container: str) -> None:
        """Start a container."""
        ...

    def stop(self, container: str, timeout: int) -> None:
        """Stop a container."""
        ...

    def restart(self, container: str, timeout: int) -> None:
        """Restart a container."""
        ...

    def rename(self, container: str, name: str) -> None:
        """Rename a container."""
        ...

    def remove_container(self, container: str, *, v: bool, force: bool) -> None:
        """Remove a container."""
        ...

    def create_container_from_config(self, config: object, name: str) -> object:
        """Create a container."""
        ...

    def connect_container_to_network(self, container: str, net_id: str, **config: object) -> None:
        """Join a container to a network."""
        ...

    def inspect_image(self, image: str) -> object:
        """Show an image."""
        ...

    def images(self, name: str | None = None, *, filters: Mapping[str, object]) -> list[object]:
        """List images."""
        ...

    def networks(self) -> list[object]:
        """List networks."""
        ...

    def df(self) -> object:
        """Show what the engine's things take of the disk."""
        ...

    def post(
        self, url: str, *, params: Mapping[str, str], json: object, timeout: float
    ) -> "requests.Response":
        """Send something."""
        ...


def connect_to_act(url: str, deadline_s: int) -> ActingApi:
    """Connect and agree on an API version. Blocking.

    Raises:
        ClientGarbled: the engine is too old for what we do.
        Exception: one of `FAULTS`, or ImportError where the SDK lacks a transport.
    """
    from docker.utils import version_lt  # noqa: PLC0415 - as above

    from core.clients.docker_connection import connect  # noqa: PLC0415 - as above

    api = connect(url, deadline_s)
    if version_lt(api.api_version, _OLDEST_API):
        version = api.api_version
        api.close()
        raise ClientGarbled(f"the engine's API {version} is too old: it needs {_OLDEST_API}")
    return cast("ActingApi", api)  # see `ActingApi`


def post(api: ActingApi, path: str, params: Mapping[str, str], body: object) -> object:
    """Send something that the SDK has no call for; return the answer's JSON, None where empty.

    Raises:
        Exception: one of `FAULTS`.
    """
    import requests  # noqa: PLC0415 - as above

    url = f"{api.base_url}/v{api.api_version}{path}"
    response = api.post(url, params=params, json=body, timeout=api.timeout)
    try:
        response.raise_for_status()
    except requests.HTTPError as error:
        raise_api_error(error)
    return cast("object", response.json()) if response.content else None


def raise_api_error(error: "requests.HTTPError") -> None:
    """Raise the SDK's own error for an answer that is one.

    Raises:
        APIError: always.
    """
    from docker import errors  # noqa: PLC0415 - as above

    errors.create_api_error_from_http_exception(error)
