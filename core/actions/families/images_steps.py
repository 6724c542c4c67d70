"""Steps that put a container of another image in the place of one that is kept until commit.

Names are made from the old container's id, so that each step sees from names alone how far it is:
the new one begins as `NAME.new-ID`, the old one ends as `NAME.before-ID`.
"""

from dataclasses import dataclass
from typing import ClassVar

from core.actions.families.services_container_steps import STOPPED, seen_as
from core.actions.part import BareStep, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.work import Work
from core.errors import ClientMissing, StepFailedError
from core.model.text import SafeText, clean

INSTEAD_OF = "io.quarterdeck.instead-of"
"""The label of the new container: the old one's id."""


def kept_name(name: str, old_id: str) -> str:
    """Return what the old container is called until commit."""
    return f"{name}.before-{old_id[:12]}"


def new_name(name: str, old_id: str) -> str:
    """Return what the new container is called until the name is free."""
    return f"{name}.new-{old_id[:12]}"


async def _find(ports: Ports, name: str) -> str:
    """Return the id of the container of a name; empty: there is none."""
    try:
        return await ports.engine.find(name)
    except ClientMissing:
        return ""


async def _is_ours(ports: Ports, container_id: str, old_id: str) -> bool:
    make = await ports.engine.make_of(container_id)
    return make.label(INSTEAD_OF) == old_id


@part
@dataclass(frozen=True, slots=True)
class MakeInstead(BareStep):
    """Makes the new container beside the old one; nothing that runs is touched."""

    kind: ClassVar[str] = "container.make_instead"
    can_undo: ClassVar[bool] = True
    name: str
    old_id: str
    image_id: str

    @property
    def _temporary(self) -> str:
        return new_name(self.name, self.old_id)

    async def observe(self, ports: Ports) -> Seen:
        """See whether it is there, whole, and ours."""
        found = await _find(ports, self._temporary)
        if not found:
            return Seen(Sight.BEFORE, clean(f"there is no {self._temporary} yet"))
        make, old = await ports.engine.make_of(found), await ports.engine.make_of(self.old_id)
        is_whole = make.networks == old.networks and make.image_id == self.image_id
        is_ours = make.label(INSTEAD_OF) == self.old_id
        text = clean(f"{self._temporary} is {found[:12]} of image {make.image_id[7:19]}")
        return Seen(Sight.AFTER if is_whole and is_ours else Sight.NEITHER, text)

    async def apply(self, ports: Ports, work: Work) -> None:
        """Make it as the old one was made; one that was cut off is removed first."""
        await self.undo(ports, work)
        make = await ports.engine.make_of(self.old_id)
        labels = ((INSTEAD_OF, self.old_id),)
        await ports.engine.create_like(make, self.image_id, self._temporary, labels)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Remove it."""
        found = await _find(ports, self._temporary)
        if not found:
            return
        if not await _is_ours(ports, found, self.old_id):
            raise StepFailedError(f"{clean(self._temporary)} is not ours: somebody else made it")
        await ports.engine.remove(found)


@part
@dataclass(frozen=True, slots=True)
class PutAside(BareStep):
    """Gives the old container another name; it is kept as it is."""

    kind: ClassVar[str] = "container.put_aside"
    can_undo: ClassVar[bool] = True
    name: str
    old_id: str

    async def observe(self, ports: Ports) -> Seen:
        """See which name it has."""
        facts = await ports.engine.inspect(self.old_id)
        is_after = facts.name == kept_name(self.name, self.old_id)
        return seen_as(facts, is_before=facts.name == self.name, is_after=is_after)

    async def apply(self, ports: Ports, work: Work) -> None:
        """Rename it, unless that has happened."""
        await self._name(ports, kept_name(self.name, self.old_id))

    async def undo(self, ports: Ports, work: Work) -> None:
        """Give it its own name again."""
        await self._name(ports, self.name)

    async def _name(self, ports: Ports, name: str) -> None:
        if (await ports.engine.inspect(self.old_id)).name != name:
            await ports.engine.rename(self.old_id, name)


@part
@dataclass(frozen=True, slots=True)
class NameInstead(BareStep):
    """Gives the new container the name that is free now."""

    kind: ClassVar[str] = "container.name_instead"
    can_undo: ClassVar[bool] = True
    name: str
    old_id: str

    async def observe(self, ports: Ports) -> Seen:
        """See under which name the new one is."""
        named, temporary = await self._both(ports)
        if named:
            is_ours = await _is_ours(ports, named, self.old_id)
            text = clean(f"{self.name} is {named[:12]}")
            return Seen(Sight.AFTER if is_ours else Sight.NEITHER, text)
        text = clean(f"{self.name} is free, {new_name(self.name, self.old_id)} is there")
        gone = SafeText("the new container is gone")
        return Seen(Sight.BEFORE, text) if temporary else Seen(Sight.NEITHER, gone)

    async def _both(self, ports: Ports) -> tuple[str, str]:
        return await _find(ports, self.name), await _find(ports, new_name(self.name, self.old_id))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Rename it, unless that has happened."""
        _, temporary = await self._both(ports)
        if temporary:
            await ports.engine.rename(temporary, self.name)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Take the name away from it again."""
        named, _ = await self._both(ports)
        if named and await _is_ours(ports, named, self.old_id):
            await ports.engine.rename(named, new_name(self.name, self.old_id))


@part
@dataclass(frozen=True, slots=True)
class StartInstead(BareStep):
    """Starts the new container."""

    kind: ClassVar[str] = "container.start_instead"
    can_undo: ClassVar[bool] = True
    name: str
    old_id: str
    stop_s: float

    async def observe(self, ports: Ports) -> Seen:
        """See whether it runs, under its name."""
        found = await _find(ports, self.name)
        if not found or not await _is_ours(ports, found, self.old_id):
            return Seen(Sight.NEITHER, clean(f"{self.name} is not the new container"))
        facts = await ports.engine.inspect(found)
        is_up = facts.status == "running"
        return seen_as(facts, is_before=facts.status in STOPPED, is_after=is_up)

    async def apply(self, ports: Ports, work: Work) -> None:
        """Start it."""
        await ports.engine.start(await ports.engine.find(self.name))

    async def undo(self, ports: Ports, work: Work) -> None:
        """Stop it again."""
        found = await _find(ports, self.name)
        if found and await _is_ours(ports, found, self.old_id):
            await ports.engine.stop(found, self.stop_s)


@part
@dataclass(frozen=True, slots=True)
class RemoveOld(BareStep):
    """Removes the old container, once the new one has proven itself; volumes stay."""

    kind: ClassVar[str] = "container.remove_old"
    name: str
    old_id: str

    async def observe(self, ports: Ports) -> Seen:
        """See whether it is gone."""
        try:
            facts = await ports.engine.inspect(self.old_id)
        except ClientMissing:
            return Seen(Sight.AFTER, SafeText("the old container is gone"))
        is_kept = facts.name == kept_name(self.name, self.old_id) and facts.status in STOPPED
        return seen_as(facts, is_before=is_kept, is_after=False)

    async def apply(self, ports: Ports, work: Work) -> None:
        """Remove it; never one that runs, or has its own name again."""
        if (await self.observe(ports)).sight is Sight.BEFORE:
            await ports.engine.remove(self.old_id)
