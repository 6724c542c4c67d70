"""Steps that call compose; what they did is read off the containers, never off the exit code."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from core.actions.families.compose_call import act
from core.actions.families.compose_look import (
    Before,
    Member,
    before_of,
    longest_stop_s,
    members,
    told,
)
from core.actions.part import BareStep, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.work import Work
from core.clients.acting.commands import Order
from core.errors import ClientMissing, StepFailedError
from core.model.text import clean

DEADLINE_S = 600.0
BUILD_DEADLINE_S = 1800.0


async def _call(
    ports: Ports, work: Work, argv: tuple[str, ...], cwd: str, deadline_s: float = DEADLINE_S
) -> None:
    order = Order(argv, deadline_s, cwd, output=work.output)
    await act(ports.commands, order, ports.engine.environment())


def _are_up(found: tuple[Member, ...], services: tuple[str, ...]) -> bool:
    """Tell whether every service has containers that all run, or have done their work."""
    has_all = {one.service for one in found} >= set(services)
    return has_all and all(one.is_up or one.is_finished for one in found)


class CallStep(BareStep):
    """What a step has whose containers the engine may go on stopping after compose has ended."""

    __slots__ = ()
    call: tuple[str, ...]
    """Compose with the project's files, before its own words."""
    cwd: str
    project: str
    services: tuple[str, ...]

    async def _compose(
        self, ports: Ports, work: Work, *words: str, deadline_s: float = DEADLINE_S
    ) -> None:
        """Have compose do something with the project."""
        await _call(ports, work, (*self.call, *words), self.cwd, deadline_s)

    async def _seen(
        self, ports: Ports, before: Before, is_after: Callable[[tuple[Member, ...]], bool]
    ) -> Seen:
        """Compare the containers with those from before; else ask whether they are as wanted."""
        found = await members(ports, self.project, self.services)
        if sorted(before_of(found)) == sorted(before):
            return Seen(Sight.BEFORE, told(found))
        return Seen(Sight.AFTER if is_after(found) else Sight.NEITHER, told(found))

    async def goes_on(self, ports: Ports, since_s: float) -> bool:
        """Tell whether the engine may be stopping what it was told to."""
        return since_s < await longest_stop_s(ports, self.project, self.services)


@part
@dataclass(frozen=True, slots=True)
class ComposeUp(CallStep):
    """Brings services to what the files say now; those that differ are made anew."""

    kind: ClassVar[str] = "compose.up"
    call: tuple[str, ...]
    cwd: str
    project: str
    services: tuple[str, ...]
    changing: tuple[str, ...]
    """Those that are made anew, or started."""
    before: Before
    flags: tuple[str, ...] = ()

    async def observe(self, ports: Ports) -> Seen:
        """Compare ids and runs."""
        runs = {(one_id, run) for _, one_id, run in self.before}

        def is_after(found: tuple[Member, ...]) -> bool:
            changed = [one for one in found if one.service in self.changing]
            is_new = all((one.id, one.run) not in runs for one in changed)
            return is_new and _are_up(found, self.services)

        return await self._seen(ports, self.before, is_after)

    async def apply(self, ports: Ports, work: Work) -> None:
        """Call `up --detach`."""
        words = ("up", "--detach", *self.flags, *self.services)
        await self._compose(ports, work, *words, deadline_s=BUILD_DEADLINE_S)


@part
@dataclass(frozen=True, slots=True)
class ComposeUpdate(CallStep):
    """Pulls images, and makes anew what runs an older one; nothing newer is a failure."""

    kind: ClassVar[str] = "compose.update"
    call: tuple[str, ...]
    cwd: str
    project: str
    services: tuple[str, ...]
    before: Before

    async def observe(self, ports: Ports) -> Seen:
        """Compare containers with those from before, and their images with what tags mean now."""
        found = await members(ports, self.project, self.services)
        if sorted(before_of(found)) == sorted(self.before):
            return Seen(Sight.BEFORE, told(found))
        is_after = _are_up(found, self.services) and not await _outdated(ports, found)
        return Seen(Sight.AFTER if is_after else Sight.NEITHER, told(found))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Pull all, then bring up what differs; a failed pull leaves everything as it runs."""
        await self._compose(ports, work, "pull", *self.services, deadline_s=BUILD_DEADLINE_S)
        found = await members(ports, self.project, self.services)
        newer = await _outdated(ports, found)
        if not newer:
            raise StepFailedError("nothing is newer: each image is what runs already")
        work.say(clean(f"newer images: {', '.join(newer)}"))
        await self._compose(ports, work, "up", "--detach", "--no-deps", *newer)


async def _outdated(ports: Ports, found: tuple[Member, ...]) -> tuple[str, ...]:
    """Return services that run another image than its name means now."""
    names: set[str] = set()
    for one in found:
        try:
            is_same = await ports.engine.image_digest(one.image_name) == one.image_id
        except ClientMissing:
            continue
        if not is_same:
            names.add(one.service)
    return tuple(sorted(names))


@part
@dataclass(frozen=True, slots=True)
class ComposeRestart(CallStep):
    """Restarts containers as they are: neither files nor environment are read again."""

    kind: ClassVar[str] = "compose.restart"
    call: tuple[str, ...]
    cwd: str
    project: str
    services: tuple[str, ...]
    before: Before

    async def observe(self, ports: Ports) -> Seen:
        """Compare starts."""
        old = {start for _, _, start in self.before}
        ids = {one_id for _, one_id, _ in self.before}

        def is_after(found: tuple[Member, ...]) -> bool:
            is_anew = all((one.is_up and one.run not in old) or one.is_finished for one in found)
            return is_anew and {one.id for one in found} == ids

        return await self._seen(ports, self.before, is_after)

    async def apply(self, ports: Ports, work: Work) -> None:
        """Call `restart`."""
        await self._compose(ports, work, "restart", *self.services)


@part
@dataclass(frozen=True, slots=True)
class ComposeStop(CallStep):
    """Stops services; their containers stay."""

    kind: ClassVar[str] = "compose.stop"
    can_undo: ClassVar[bool] = True
    call: tuple[str, ...]
    cwd: str
    project: str
    services: tuple[str, ...]

    async def observe(self, ports: Ports) -> Seen:
        """See whether none runs."""
        found = await members(ports, self.project, self.services)
        running = {one.service for one in found if one.is_up}
        is_whole = running == {one.service for one in found if not one.is_finished}
        sight = Sight.AFTER if not running else Sight.BEFORE if is_whole else Sight.NEITHER
        return Seen(sight, told(found))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Call `stop`."""
        await self._compose(ports, work, "stop", *self.services)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Bring them up with what the files say by then."""
        await self._compose(ports, work, "up", "--detach", "--no-deps", *self.services)


@part
@dataclass(frozen=True, slots=True)
class ComposeStart(CallStep):
    """Brings stopped services up with what the files say by then."""

    kind: ClassVar[str] = "compose.start"
    can_undo: ClassVar[bool] = True
    call: tuple[str, ...]
    cwd: str
    project: str
    services: tuple[str, ...]

    async def observe(self, ports: Ports) -> Seen:
        """See whether all run."""
        found = await members(ports, self.project, self.services)
        is_down = not any(one.is_up for one in found)
        is_up = _are_up(found, self.services)
        return Seen(
            Sight.BEFORE if is_down else Sight.AFTER if is_up else Sight.NEITHER, told(found)
        )

    async def apply(self, ports: Ports, work: Work) -> None:
        """Call `up --detach`."""
        await self._compose(ports, work, "up", "--detach", "--no-deps", *self.services)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Stop them again."""
        await self._compose(ports, work, "stop", *self.services)


@part
@dataclass(frozen=True, slots=True)
class ComposeDown(CallStep):
    """Removes a project's containers and networks; never a volume."""

    kind: ClassVar[str] = "compose.down"
    call: tuple[str, ...]
    cwd: str
    project: str
    services: tuple[str, ...]
    before: Before

    async def observe(self, ports: Ports) -> Seen:
        """See whether any container is left."""
        found = await members(ports, self.project, self.services)
        if not found:
            return Seen(Sight.AFTER, told(found))
        is_before = sorted(before_of(found)) == sorted(self.before)
        return Seen(Sight.BEFORE if is_before else Sight.NEITHER, told(found))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Call `down`, without a word about volumes."""
        await self._compose(ports, work, "down")


@part
@dataclass(frozen=True, slots=True)
class ComposeBuild(BareStep):
    """Builds images; one that comes out as it was is a failure that changed nothing."""

    kind: ClassVar[str] = "compose.build"
    call: tuple[str, ...]
    cwd: str
    services: tuple[str, ...]
    images: tuple[tuple[str, str], ...]
    """Name and id before; an empty id: there was none."""
    flags: tuple[str, ...] = ()

    async def observe(self, ports: Ports) -> Seen:
        """Compare what the names mean."""
        now = [(name, await self._id(ports, name)) for name, _ in self.images]
        changed = [
            name for (name, new), (_, old) in zip(now, self.images, strict=True) if new != old
        ]
        text = clean(", ".join(f"{name} is {one[7:19] or 'not there'}" for name, one in now), 400)
        is_all = len(changed) == len(self.images)
        return Seen(Sight.AFTER if is_all else Sight.NEITHER if changed else Sight.BEFORE, text)

    async def _id(self, ports: Ports, name: str) -> str:
        try:
            return await ports.engine.image_digest(name)
        except ClientMissing:
            return ""

    async def apply(self, ports: Ports, work: Work) -> None:
        """Call `build`."""
        argv = (*self.call, "build", *self.flags, *self.services)
        await _call(ports, work, argv, self.cwd, BUILD_DEADLINE_S)
