"""Steps that set replicas: of a compose service, of a Kubernetes deployment."""

import json
from dataclasses import dataclass
from typing import ClassVar, cast

from core.actions.families.compose_call import act
from core.actions.families.compose_look import longest_stop_s, members, told
from core.actions.part import BareStep, Proven, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.work import Work
from core.clients.acting.commands import ActingRunner, Order
from core.clients.docker_facts import dig, number
from core.errors import ClientGarbled, ClientMissing, StepFailedError
from core.model.action import Proof
from core.model.text import SafeText, clean

_ASK_S = 8.0
_SET_S = 30.0
_UP_S = 300.0
_LOOK_EVERY_S = 1.0


@part
@dataclass(frozen=True, slots=True)
class ScaleCompose(BareStep):
    """Has a compose service run in so many containers; the others are left alone."""

    kind: ClassVar[str] = "compose.scale"
    can_undo: ClassVar[bool] = True
    call: tuple[str, ...]
    cwd: str
    project: str
    service: str
    was: int
    to: int

    async def observe(self, ports: Ports) -> Seen:
        """Count the containers that run."""
        found = await members(ports, self.project, (self.service,))
        running = sum(one.is_up for one in found)
        sight = {self.was: Sight.BEFORE, self.to: Sight.AFTER}.get(running, Sight.NEITHER)
        return Seen(sight, clean(f"{running} run: {told(found)}"))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Set the new number."""
        await self._set(ports, work, self.to)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Set the old number."""
        await self._set(ports, work, self.was)

    async def _set(self, ports: Ports, work: Work, replicas: int) -> None:
        words = ("up", "--detach", "--no-deps", "--no-recreate")
        scale = ("--scale", f"{self.service}={replicas}", self.service)
        order = Order((*self.call, *words, *scale), _UP_S, self.cwd, output=work.output)
        await act(ports.commands, order, ports.engine.environment())

    async def goes_on(self, ports: Ports, since_s: float) -> bool:
        """Tell whether the engine may be stopping what it was told to."""
        return since_s < await longest_stop_s(ports, self.project, (self.service,))


@dataclass(frozen=True, slots=True)
class Deployment:
    """A Kubernetes deployment now."""

    wanted: int
    ready: int
    image: SafeText
    version: str
    """Its generation: it changes with every change of what is wanted."""

    def text(self) -> SafeText:
        """Return `3 of 5 ready`."""
        return clean(f"{self.ready} of {self.wanted} ready, {self.image}")


def kubectl(namespace: str, *words: str) -> tuple[str, ...]:
    """Return a call of kubectl."""
    return ("kubectl", "--request-timeout=5s", "--namespace", namespace, *words)


async def read_deployment(commands: ActingRunner, namespace: str, name: str) -> Deployment:
    """Look at a deployment.

    Raises:
        ClientMissing: no kubectl, or no such deployment.
        ClientGarbled: no cluster answers, or nothing that makes sense.
        ClientTimeout: kubectl hangs.
    """
    argv = kubectl(namespace, "get", "deployment", "--output", "json", "--", name)
    ran = await commands.run(Order(argv, _ASK_S))
    said = clean(" ".join(ran.lines[-2:]), 300)
    if ran.exit_code != 0:
        error = ClientMissing if "NotFound" in said else ClientGarbled
        raise error(f"kubectl ended with {ran.exit_code}: {said or 'no word'}")
    try:
        raw: object = json.loads("\n".join(ran.output))
    except (ValueError, RecursionError) as error:
        raise ClientGarbled(f"kubectl answered with something else than JSON: {said}") from error
    wanted = number(dig(raw, "spec", "replicas"))
    if wanted is None:
        raise ClientGarbled("kubectl shows a deployment without replicas")
    containers = dig(raw, "spec", "template", "spec", "containers")
    first = cast("list[object]", containers)[:1] if isinstance(containers, list) else []
    return Deployment(
        wanted,
        number(dig(raw, "status", "readyReplicas")) or 0,
        clean(str(dig(first[0], "image")) if first else "no image"),
        str(dig(raw, "metadata", "generation")),
    )


@part
@dataclass(frozen=True, slots=True)
class ScaleDeployment(BareStep):
    """Sets the replicas of a deployment that still has as many as were seen."""

    kind: ClassVar[str] = "kubernetes.scale"
    can_undo: ClassVar[bool] = True
    namespace: str
    deployment: str
    was: int
    to: int

    async def observe(self, ports: Ports) -> Seen:
        """See how many are asked for."""
        now = await read_deployment(ports.commands, self.namespace, self.deployment)
        sight = {self.was: Sight.BEFORE, self.to: Sight.AFTER}.get(now.wanted, Sight.NEITHER)
        return Seen(sight, now.text())

    async def apply(self, ports: Ports, work: Work) -> None:
        """Set the new number."""
        await self._set(ports, self.was, self.to)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Set the old number."""
        now = await read_deployment(ports.commands, self.namespace, self.deployment)
        if now.wanted == self.to:
            await self._set(ports, self.to, self.was)

    async def _set(self, ports: Ports, was: int, to: int) -> None:
        argv = kubectl(
            self.namespace, "scale", f"--current-replicas={was}", f"--replicas={to}",
            "deployment", "--", self.deployment,
        )  # fmt: skip
        ran = await ports.commands.run(Order(argv, _SET_S))
        if ran.exit_code != 0:
            said = clean(" ".join(ran.lines[-2:]), 300)
            raise StepFailedError(f"kubectl ended with {ran.exit_code}: {said or 'no word'}")


@part
@dataclass(frozen=True, slots=True)
class DeploymentTrait:
    """Which generation a deployment is."""

    kind: ClassVar[str] = "trait.deployment"
    namespace: str
    deployment: str

    async def read(self, ports: Ports) -> SafeText:
        """Return generation, replicas and image."""
        now = await read_deployment(ports.commands, self.namespace, self.deployment)
        return clean(f"generation {now.version}, {now.wanted} replicas, {now.image}")


@part
@dataclass(frozen=True, slots=True)
class DeploymentReady:
    """All replicas that are asked for are ready, several times."""

    kind: ClassVar[str] = "evidence.deployment_ready"
    namespace: str
    deployment: str
    times: int = 3
    over_s: float = 10.0
    within_s: float = 180.0

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Look until they have been for a while, or the time is over."""
        clock = ports.clock
        until_s = clock.monotonic() + self.within_s
        good = 0
        while True:
            now = await read_deployment(ports.commands, self.namespace, self.deployment)
            good = good + 1 if now.ready == now.wanted else 0
            if good >= self.times:
                return Proven(Proof.VERIFIED, now.text())
            if not good and clock.monotonic() >= until_s:
                return Proven(Proof.FAILED, now.text())
            pause_s = self.over_s / max(1, self.times - 1) if good else _LOOK_EVERY_S
            await clock.sleep(pause_s)


@part
@dataclass(frozen=True, slots=True)
class ComposeCount:
    """So many containers of a service run, and go on to."""

    kind: ClassVar[str] = "evidence.compose_count"
    project: str
    service: str
    wanted: int
    times: int = 3
    over_s: float = 10.0
    within_s: float = 60.0

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Look until it has been so for a while, or the time is over."""
        clock = ports.clock
        until_s = clock.monotonic() + self.within_s
        good = 0
        while True:
            found = await members(ports, self.project, (self.service,))
            up = [one for one in found if one.is_up and one.facts.health in {"", "healthy"}]
            looping = any(one.facts.restarts for one in found)
            good = good + 1 if len(up) == self.wanted and not looping else 0
            if good >= self.times:
                return Proven(Proof.VERIFIED, clean(f"{len(up)} run"))
            if not good and clock.monotonic() >= until_s:
                return Proven(Proof.FAILED, clean(f"{len(up)} of {self.wanted} run: {told(found)}"))
            pause_s = self.over_s / max(1, self.times - 1) if good else _LOOK_EVERY_S
            await clock.sleep(pause_s)
