"""The container engine, changed through the Docker SDK, which is loaded when it is first asked."""

import os
import re
from collections.abc import Callable
from typing import TypeVar, cast

from core.clients.acting import engine_prune, engine_swarm
from core.clients.acting.engine import ContainerMake, PruneCount, SwarmState
from core.clients.acting.engine_api import ActingApi, connect_to_act
from core.clients.acting.engine_make import creation_of, parse_make
from core.clients.blocking import BlockingWorker
from core.clients.clock import Clock
from core.clients.docker_address import address_of
from core.clients.docker_facts import (
    COMPOSE_ONEOFF,
    COMPOSE_PROJECT,
    COMPOSE_SERVICE,
    ContainerFacts,
    dig,
    number,
    parse_container,
)
from core.errors import ClientGarbled, ClientMissing, ClientRefused, ClientTimeout
from core.model.text import clean

_T = TypeVar("_T")
_DEADLINE_S = 10
_LONG_DEADLINE_S = 120
"""Making and removing containers writes to the disk."""
_PRUNE_DEADLINE_S = 900
_TOOL_VARIABLES = ("DOCKER_CONFIG", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH")
NAME = re.compile(r"^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}\Z")
"""What the engine allows in names, so that none is taken for an option or a path."""


def _valid(name: str) -> str:
    """Return a name or id as the engine has them.

    Raises:
        ClientGarbled: it is none.
    """
    if not NAME.match(name):
        raise ClientGarbled(f"not a name that the engine knows: {clean(name, 80)}")
    return name


class DockerControl:
    """One engine, connected when first needed."""

    def __init__(self, url: str, clock: Clock) -> None:
        """Take `unix://…` or `tcp://…`; empty: DOCKER_HOST, else the usual socket."""
        self._url = url
        self._worker = BlockingWorker("docker-acting", clock)
        self._api: ActingApi | None = None
        self.place = clean(address_of(url).removeprefix("unix://"))
        """Where the engine is, for a message."""

    def environment(self) -> tuple[tuple[str, str], ...]:
        """Return the variables with which `docker` and compose reach the same engine."""
        kept = ((name, os.environ[name]) for name in _TOOL_VARIABLES if name in os.environ)
        return (("DOCKER_HOST", address_of(self._url)), *kept)

    def _connect(self) -> ActingApi:
        if self._api is None:
            self._api = connect_to_act(self._url, _DEADLINE_S)
        return self._api

    async def _ask(self, call: Callable[[ActingApi], _T], deadline_s: float = _DEADLINE_S) -> _T:
        """Run one call in the worker.

        Raises:
            ClientError: always one of ours.
        """
        # The SDK takes 6 MB and 60 ms: whoever only looks at what can be done asks no engine.
        from core.clients.docker_connection import FAULTS  # noqa: PLC0415
        from core.clients.docker_errors import translate  # noqa: PLC0415

        def run() -> _T:
            api = self._connect()
            api.timeout = deadline_s
            return call(api)

        try:
            return await self._worker.run(run, deadline_s + 1)
        except (*FAULTS, ImportError) as error:
            named = translate(error, self.place)
            if isinstance(named, ClientRefused | ClientTimeout):
                self.close()  # what comes back may be another engine, of another version
            raise named from error

    async def find(self, name: str) -> str:
        """Return the id of the container of exactly this name, running or not.

        Raises:
            ClientMissing: there is none.
            ClientError: the engine is absent, refuses, is frozen, or makes no sense.
        """
        query = {"name": [f"^/?{re.escape(_valid(name))}$"]}
        rows = await self._ask(lambda api: list(api.containers(all=True, filters=query)))
        if not rows:
            raise ClientMissing(f"there is no container called {clean(name)}")
        return str(dig(rows[0], "Id"))

    async def find_service(self, project: str, service: str) -> tuple[str, ...]:
        """Return ids of a compose service's containers, stopped ones too, one-offs not."""
        query = {"label": [f"{COMPOSE_PROJECT}={project}", f"{COMPOSE_SERVICE}={service}"]}
        rows = await self._ask(lambda api: list(api.containers(all=True, filters=query)))
        once = [row for row in rows if dig(row, "Labels", COMPOSE_ONEOFF) == "True"]
        return tuple(sorted(str(dig(row, "Id")) for row in rows if row not in once))

    async def running(self) -> tuple[str, ...]:
        """Return ids of all containers that run."""
        rows = await self._ask(lambda api: list(api.containers(all=False, filters={})))
        return tuple(sorted(str(dig(row, "Id")) for row in rows))

    async def inspect(self, container_id: str) -> ContainerFacts:
        """Return a container as it is.

        Raises:
            ClientMissing: it has been removed.
        """
        return parse_container(await self._inspect(container_id))

    async def _inspect(self, container_id: str) -> object:
        one = _valid(container_id)
        return await self._ask(lambda api: api.inspect_container(one))

    async def make_of(self, container_id: str) -> ContainerMake:
        """Return how it was made.

        Raises:
            ClientMissing: it has been removed.
        """
        return parse_make(await self._inspect(container_id))

    async def start(self, container_id: str) -> None:
        """Start it; harmless where it runs."""
        one = _valid(container_id)
        await self._ask(lambda api: api.start(one), _LONG_DEADLINE_S)

    async def stop(self, container_id: str, timeout_s: float) -> None:
        """Stop it; killed after the timeout; harmless where it is stopped."""
        one, seconds = _valid(container_id), int(timeout_s)
        await self._ask(lambda api: api.stop(one, seconds), timeout_s + _LONG_DEADLINE_S)

    async def restart(self, container_id: str, timeout_s: float) -> None:
        """Stop and start it; the environment is not read again."""
        one, seconds = _valid(container_id), int(timeout_s)
        await self._ask(lambda api: api.restart(one, seconds), timeout_s + _LONG_DEADLINE_S)

    async def rename(self, container_id: str, name: str) -> None:
        """Give it another name."""
        one, new = _valid(container_id), _valid(name)
        await self._ask(lambda api: api.rename(one, new))

    async def remove(self, container_id: str) -> None:
        """Remove a stopped container; all its volumes stay."""
        one = _valid(container_id)
        await self._ask(
            lambda api: api.remove_container(one, v=False, force=False), _LONG_DEADLINE_S
        )

    async def create_like(
        self,
        make: ContainerMake,
        image_id: str,
        name: str,
        labels: tuple[tuple[str, str], ...] = (),
    ) -> str:
        """Make a container as another was made, from an image, with more labels; return its id.

        Raises:
            ClientMissing: the image is not here.
            ClientError: it could not be made; nothing is left of it.
        """
        new = _valid(name)

        def create(api: ActingApi) -> str:
            from core.clients.docker_connection import FAULTS  # noqa: PLC0415 - as in `_ask`

            reference = _reference(api, make, image_id)
            config, networks = creation_of(make, _image(api, make.image_id), reference, labels)
            made = str(dig(api.create_container_from_config(config, new), "Id"))
            try:
                for network, endpoint in networks.items():
                    _join(api, made, network, endpoint)
            except FAULTS:
                api.remove_container(made, v=False, force=False)
                raise
            return made

        return await self._ask(create, _LONG_DEADLINE_S)

    async def image_digest(self, reference: str) -> str:
        """Return the id of a local image.

        Raises:
            ClientMissing: it is not here.
        """
        return str(dig(await self._ask(lambda api: api.inspect_image(reference)), "Id"))

    async def images(self, repository: str) -> tuple[tuple[str, str, float], ...]:
        """Return (id, tags, made at in s since 1970) of a repository's images, newest first."""
        rows = await self._ask(lambda api: api.images(repository, filters={}))
        found = [
            (str(dig(row, "Id")), _tags(row), float(number(dig(row, "Created")) or 0))
            for row in rows
        ]
        return tuple(sorted(found, key=lambda one: -one[2]))

    async def swarm(self, service: str) -> SwarmState:
        """Return a Swarm service.

        Raises:
            ClientMissing: no such service, or this node is not a manager.
        """
        return await self._ask(lambda api: engine_swarm.read_state(api, service))

    async def swarm_scale(self, service: str, replicas: int, version: int) -> None:
        """Set the replicas of a service that still has this version."""
        await self._ask(lambda api: engine_swarm.scale(api, service, replicas, version))

    async def swarm_rollback(self, service: str, version: int) -> None:
        """Go back to the previous definition of a service that still has this version."""
        await self._ask(lambda api: engine_swarm.roll_back(api, service, version))

    async def swarm_restart(self, service: str, version: int) -> None:
        """Have all tasks of a service that still has this version replaced."""
        await self._ask(lambda api: engine_swarm.restart(api, service, version))

    async def prunable(self, what: str) -> tuple[PruneCount, ...]:
        """Return what a prune of one of `PRUNES` would remove."""
        counted = await self._ask(
            lambda api: engine_prune.read_prunable(api, what), _LONG_DEADLINE_S
        )
        return (counted,)

    async def prune(self, what: str) -> int:
        """Prune; return the bytes that the engine says it freed."""
        return await self._ask(lambda api: engine_prune.prune(api, what), _PRUNE_DEADLINE_S)

    def close(self) -> None:
        """Close connections and let the thread end."""
        self._worker.close()
        if self._api is not None:
            self._api.close()
            self._api = None


def _tags(image: object) -> str:
    tags = dig(image, "RepoTags")
    return ", ".join(map(str, cast("list[object]", tags))) if isinstance(tags, list) else ""


def _image(api: ActingApi, image_id: str) -> object:
    """Return an image; None where it was removed below its container."""
    from docker import errors  # noqa: PLC0415 - loaded by then, as `api` is of it

    try:
        return api.inspect_image(image_id)
    except errors.NotFound:
        return None


def _reference(api: ActingApi, make: ContainerMake, image_id: str) -> str:
    """Return the name under which the container knew its image where it means this one."""
    from docker import errors  # noqa: PLC0415 - as in `_image`

    try:
        named = dig(api.inspect_image(make.image_name), "Id")
    except errors.NotFound:
        return image_id
    return make.image_name if named == image_id else image_id


def _join(api: ActingApi, container: str, network: str, endpoint: dict[str, object]) -> None:
    api.connect_container_to_network(
        container,
        network,
        aliases=endpoint.get("Aliases"),
        links=endpoint.get("Links"),
        ipv4_address=dig(endpoint, "IPAMConfig", "IPv4Address"),
        ipv6_address=dig(endpoint, "IPAMConfig", "IPv6Address"),
        driver_opt=endpoint.get("DriverOpts"),
    )
