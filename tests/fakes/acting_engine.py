"""A container engine in memory that can be changed."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType

from core.clients.acting.engine import ContainerMake, PruneCount, SwarmState
from core.clients.docker_facts import COMPOSE_PROJECT, COMPOSE_SERVICE, ContainerFacts
from core.errors import ClientError, ClientGarbled, ClientMissing
from core.model.text import EMPTY, clean
from tests.fakes.acting_files import Kill
from tests.fakes.clock import START

NEW, OLD = "sha256:" + "a" * 64, "sha256:" + "b" * 64


@dataclass
class FakeEngineControl:
    """Containers by id. One of `broken` images ends at once when it is started."""

    containers: dict[str, ContainerFacts] = field(default_factory=dict)
    makes: dict[str, ContainerMake] = field(default_factory=dict)
    local_images: dict[str, str] = field(default_factory=dict)
    """Reference to id."""
    listed: dict[str, tuple[tuple[str, str, float], ...]] = field(default_factory=dict)
    swarms: dict[str, SwarmState] = field(default_factory=dict)
    waste: dict[str, PruneCount] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    outage: ClientError | None = None
    create_error: ClientError | None = None
    kill: Kill = field(default_factory=Kill)
    asked: list[tuple[str, str]] = field(default_factory=list)
    starts: int = 0

    def environment(self) -> tuple[tuple[str, str], ...]:
        return (("DOCKER_HOST", "unix:///run/fake.sock"),)

    def put(
        self,
        name: str,
        service: str = "",
        project: str = "shop",
        status: str = "running",
        image: str = NEW,
    ) -> str:
        """Have a container; return its id."""
        one = (name.encode().hex() + "0" * 64)[:64]
        labels = {COMPOSE_PROJECT: clean(project), COMPOSE_SERVICE: clean(service)}
        self.containers[one] = ContainerFacts(
            id=one,
            name=clean(name),
            image=clean("shop/api:latest"),
            labels=MappingProxyType(labels if service else {}),
            status=clean(status),
            health=EMPTY,
            health_output=EMPTY,
            exit_code=0,
            is_oom_killed=False,
            error=EMPTY,
            restarts=0,
            started_at=START,
            pid=4242 if status == "running" else None,
            memory_limit_bytes=None,
        )
        self.makes[one] = ContainerMake(
            one, name, image, "shop/api:latest", 10.0, "unless-stopped", (), (), "{}",
            labels=tuple(sorted((key, str(value)) for key, value in labels.items())),
        )  # fmt: skip
        return one

    def change(self, container_id: str, **others: object) -> None:
        """Have a container become something else without anybody asking."""
        facts = self.containers[container_id]
        self.containers[container_id] = replace(facts, **others)  # pyright: ignore[reportArgumentType]

    def remake(self, container_id: str, **others: object) -> None:
        """Have a container been made otherwise."""
        make = self.makes[container_id]
        self.makes[container_id] = replace(make, **others)  # pyright: ignore[reportArgumentType]

    def _begin(self, verb: str, what: str) -> None:
        if self.outage:
            raise self.outage
        self.kill.strike("before")
        self.asked.append((verb, what))

    def _known(self, container_id: str) -> ContainerFacts:
        if self.outage:
            raise self.outage
        if container_id not in self.containers:
            raise ClientMissing(f"No such container: {container_id[:12]}")
        return self.containers[container_id]

    async def find(self, name: str) -> str:
        if self.outage:
            raise self.outage
        for one in self.containers.values():
            if one.name == name:
                return one.id
        raise ClientMissing(f"there is no container called {name}")

    async def find_service(self, project: str, service: str) -> tuple[str, ...]:
        if self.outage:
            raise self.outage
        wanted = (project, service)
        return tuple(
            sorted(
                one.id
                for one in self.containers.values()
                if (one.labels.get(COMPOSE_PROJECT), one.labels.get(COMPOSE_SERVICE)) == wanted
            )
        )

    async def running(self) -> tuple[str, ...]:
        return tuple(one.id for one in self.containers.values() if one.status == "running")

    async def inspect(self, container_id: str) -> ContainerFacts:
        return self._known(container_id)

    async def make_of(self, container_id: str) -> ContainerMake:
        self._known(container_id)
        return self.makes[container_id]

    async def start(self, container_id: str) -> None:
        self._known(container_id)
        self._begin("start", container_id)
        if self.containers[container_id].status != "running":
            self._run(container_id)
        self.kill.strike("after")

    def _run(self, container_id: str) -> None:
        self.starts += 1
        began = START + timedelta(minutes=self.starts)
        is_broken = self.makes[container_id].image_id in self.broken
        self.change(
            container_id,
            status=clean("exited" if is_broken else "running"),
            exit_code=3 if is_broken else 0,
            started_at=began,
            pid=None if is_broken else 5000 + self.starts,
            restarts=0,
        )

    async def stop(self, container_id: str, timeout_s: float) -> None:
        self._known(container_id)
        self._begin("stop", container_id)
        self._halt(container_id)
        self.kill.strike("after")

    def _halt(self, container_id: str) -> None:
        if self.makes[container_id].is_auto_removed:
            del self.containers[container_id]
            return
        self.change(container_id, status=clean("exited"), pid=None)

    async def restart(self, container_id: str, timeout_s: float) -> None:
        self._known(container_id)
        self._begin("restart", container_id)
        self._halt(container_id)
        self.kill.strike("amid")
        self._run(container_id)
        self.kill.strike("after")

    async def rename(self, container_id: str, name: str) -> None:
        self._known(container_id)
        if any(one.name == name for one in self.containers.values()):
            raise ClientGarbled(f"the engine answered 409: the name {name} is in use")
        self._begin("rename", name)
        self.change(container_id, name=clean(name))
        self.kill.strike("after")

    async def remove(self, container_id: str) -> None:
        if self._known(container_id).status == "running":
            raise ClientGarbled("the engine answered 409: it runs")
        self._begin("remove", container_id)
        del self.containers[container_id]
        self.kill.strike("after")

    async def create_like(
        self,
        make: ContainerMake,
        image_id: str,
        name: str,
        labels: tuple[tuple[str, str], ...] = (),
    ) -> str:
        self._begin("create", name)
        if self.create_error:
            raise self.create_error
        if any(one.name == name for one in self.containers.values()):
            raise ClientGarbled(f"the engine answered 409: the name {name} is in use")
        old = dict(make.labels)
        one = self.put(
            name, old.get(COMPOSE_SERVICE, ""), old.get(COMPOSE_PROJECT, ""), "created", image_id
        )
        self.remake(one, labels=(*make.labels, *labels))
        self.kill.strike("after")
        return one

    async def image_digest(self, reference: str) -> str:
        if reference in self.local_images.values():
            return reference
        if reference not in self.local_images:
            raise ClientMissing(f"No such image: {reference}")
        return self.local_images[reference]

    async def images(self, repository: str) -> tuple[tuple[str, str, float], ...]:
        return self.listed.get(repository, ())

    async def swarm(self, service: str) -> SwarmState:
        if self.outage:
            raise self.outage
        if service not in self.swarms:
            raise ClientMissing(f"no such swarm service: {service}")
        return self.swarms[service]

    def _swarm(self, verb: str, service: str, version: int) -> SwarmState:
        self._begin(verb, service)
        state = self.swarms[service]
        if state.version != version:
            raise ClientGarbled("the engine answered 500: update out of sequence")
        return state

    async def swarm_scale(self, service: str, replicas: int, version: int) -> None:
        state = self._swarm("scale", service, version)
        self.swarms[service] = replace(
            state, version=version + 1, replicas=replicas, running=replicas,
            previous_sha256=state.spec_sha256, spec_sha256=f"{state.spec_sha256}+",
            has_previous=True,
        )  # fmt: skip
        self.kill.strike("after")

    async def swarm_rollback(self, service: str, version: int) -> None:
        state = self._swarm("rollback", service, version)
        self.swarms[service] = replace(
            state, version=version + 1, spec_sha256=state.previous_sha256,
            previous_sha256=state.spec_sha256, image=state.previous_image,
            previous_image=state.image, update_state=clean("rollback_completed"),
        )  # fmt: skip
        self.kill.strike("after")

    async def swarm_restart(self, service: str, version: int) -> None:
        state = self._swarm("force", service, version)
        self.swarms[service] = replace(
            state, version=version + 1, forced=state.forced + 1, update_state=clean("completed")
        )
        self.kill.strike("after")

    async def prunable(self, what: str) -> tuple[PruneCount, ...]:
        if self.outage:
            raise self.outage
        return (self.waste.get(what, PruneCount(clean(what), (), 0)),)

    async def prune(self, what: str) -> int:
        self._begin("prune", what)
        gone = self.waste.pop(what, PruneCount(clean(what), (), 0))
        self.kill.strike("after")
        return gone.size_bytes
