"""Opens the Docker SDK's low-level client, seen through the few calls that we make."""

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import cast

import requests
from docker import APIClient, errors
from docker.types import CancellableStream
from docker.utils import kwargs_from_env

from core.clients.docker_address import address_of
from core.clients.docker_api import Closable, EngineApi

FAULTS = (errors.DockerException, requests.RequestException, OSError, ValueError)
"""What any call of the SDK may raise."""


class EngineStream:
    """A stream of the engine; closing it from another thread ends it at once."""

    def __init__(self, stream: Closable) -> None:
        """Take a stream of the SDK."""
        self._stream = stream

    def __iter__(self) -> Iterator[object]:
        return iter(self._stream)

    def close(self) -> None:
        """Shut the socket down. What is closed already is no error."""
        with suppress(AttributeError, OSError, errors.DockerException):
            self._stream.close()


def _knock(path: str, deadline_s: float) -> None:
    """Connect and hang up: the socket's own error is plainer, and the SDK would leak the socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knocker:
        knocker.settimeout(deadline_s)
        knocker.connect(path)


def connect(url: str, deadline_s: int) -> EngineApi:
    """Connect and agree on an API version. Blocking.

    Raises:
        Exception: one of `FAULTS`, or ImportError where the SDK lacks a transport.
    """
    address = address_of(url)
    if address.startswith("unix://"):
        _knock(address.removeprefix("unix://"), deadline_s)
    client = APIClient(
        base_url=address,
        tls=kwargs_from_env().get("tls", False),
        version="auto",
        timeout=deadline_s,
        max_pool_size=100,
    )
    client.trust_env = False  # no proxy stands between us and an engine
    return cast("EngineApi", client)  # see `EngineApi`


def open_events(api: EngineApi, kinds: list[str]) -> EngineStream:
    """Open the stream of container events, filtered by the engine."""
    return EngineStream(api.events(filters={"type": "container", "event": kinds}, decode=True))


def open_use(api: EngineApi, container_id: str, silence_s: float) -> EngineStream:
    """Open the stream of one container's statistics; silence for so long ends it.

    The SDK's own `stats` hands out no way to close the stream, hence the plain request.
    """
    url = f"{api.base_url}/v{api.api_version}/containers/{container_id}/stats"
    response = api.get(url, params={"stream": "1"}, stream=True, timeout=silence_s)
    response.raise_for_status()
    stream = CancellableStream(_decode_lines(response), response)
    return EngineStream(cast("Closable", stream))  # generic in the stubs only


def _decode_lines(response: requests.Response) -> Iterator[object]:
    for line in response.iter_lines(chunk_size=64 * 1024):
        if line:
            yield json.loads(line)
