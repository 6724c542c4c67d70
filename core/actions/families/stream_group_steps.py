"""Steps on consumer groups: a consumer goes, a group goes on elsewhere, a group is made."""

import json
from dataclasses import dataclass
from typing import ClassVar

from core.actions.families.stream_claim_steps import id_of
from core.actions.families.stream_look import entries_text, streams_of
from core.actions.part import BareStep, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.work import Work
from core.clients.acting.redis_answers import Held, Place
from core.clients.keyspace.port import ConsumerFacts, GroupFacts
from core.errors import StepFailedError
from core.model.redis_key import KeyName
from core.model.stream import EntryId
from core.model.text import SafeText, clean

_PAGE = 500
_PENDING = "pending.json"


@part
@dataclass(frozen=True, slots=True)
class RemoveConsumer(BareStep):
    """A consumer goes, and with it what it has pending: nobody could claim that any more."""

    kind: ClassVar[str] = "stream.remove_consumer"
    can_undo: ClassVar[bool] = True

    server: str
    key: str
    group: str
    consumer: str
    pending: int
    """Entries it had when it was planned; with any other number it stays."""

    @property
    def _place(self) -> Place:
        return Place(self.server, KeyName.read(self.key), KeyName.read(self.group))

    async def _facts(self, ports: Ports) -> ConsumerFacts | None:
        name = KeyName.read(self.consumer)
        rows = await streams_of(ports).consumers(self._place)
        return next((one for one in rows if one.name == name), None)

    async def observe(self, ports: Ports) -> Seen:
        """See whether it is there, and with how much."""
        found = await self._facts(ports)
        if found is None:
            return Seen(Sight.AFTER, clean(f"there is no consumer {self.consumer}"))
        is_as_it_was = found.pending >= self.pending
        text = clean(f"{self.consumer} is there with {entries_text(found.pending)} pending")
        return Seen(Sight.BEFORE if is_as_it_was else Sight.NEITHER, text)

    async def save(self, ports: Ports, work: Work) -> None:
        """Keep what it has pending: ids, idle times, deliveries."""
        control, name = streams_of(ports), KeyName.read(self.consumer)
        rows: list[tuple[str, int, int]] = []
        start: EntryId | None = None
        while page := await control.pending(self._place, start, _PAGE, consumer=name):
            rows += [(f"{one.id}", int(one.idle_s * 1000), one.deliveries) for one in page]
            start = page[-1].id
        work.keep(_PENDING, json.dumps(rows).encode())

    async def apply(self, ports: Ports, work: Work) -> None:
        """Remove it, if it still has as many pending."""
        control = streams_of(ports)
        found = await control.remove_consumer(
            self._place, KeyName.read(self.consumer), self.pending
        )
        if found is not None:
            raise StepFailedError(
                f"{clean(self.consumer)} has {entries_text(found)} pending by now, not"
                f" {self.pending}; it stays"
            )

    async def undo(self, ports: Ports, work: Work) -> None:
        """Make it again with what it had; what is gone from the stream stays gone."""
        held = [
            Held(id_of(one), idle, count) for one, idle, count in json.loads(work.kept(_PENDING))
        ]
        got = await streams_of(ports).restore_consumer(
            self._place, KeyName.read(self.consumer), held
        )
        if got is not None:
            work.say(
                clean(f"{self.consumer} is there again with {got} of {entries_text(len(held))}")
            )


@part
@dataclass(frozen=True, slots=True)
class SetGroupId(BareStep):
    """A group goes on after another id: what lies between is delivered again, or never."""

    kind: ClassVar[str] = "stream.set_id"
    can_undo: ClassVar[bool] = True

    server: str
    key: str
    group: str
    was: str
    to: str
    entries_read: int | None
    """Of the group at `was`; None: not known."""

    @property
    def _place(self) -> Place:
        return Place(self.server, KeyName.read(self.key), KeyName.read(self.group))

    async def _at(self, ports: Ports) -> EntryId:
        return (await _group(ports, self._place)).last_delivered

    def sight_of(self, now: EntryId) -> Sight:
        """Judge where a group stands: by itself it only ever goes forward."""
        was, to = id_of(self.was), id_of(self.to)
        if now == was:
            return Sight.BEFORE
        if now == to or (to < now < was) or (was < to < now):
            return Sight.AFTER
        return Sight.NEITHER

    async def observe(self, ports: Ports) -> Seen:
        """See after which id it goes on."""
        now = await self._at(ports)
        return Seen(self.sight_of(now), clean(f"{self.group} goes on after {now}"))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Set it, if it stands where it stood."""
        was, to = id_of(self.was), id_of(self.to)
        found = await streams_of(ports).set_id(self._place, was, to, None)
        if found != was and self.sight_of(found) is not Sight.AFTER:
            raise StepFailedError(f"{clean(self.group)} is at {found} by now, not at {was}")

    async def undo(self, ports: Ports, work: Work) -> None:
        """Set it back; what was delivered meanwhile stays delivered."""
        was, now = id_of(self.was), await self._at(ports)
        if now == was:
            return
        if self.sight_of(now) is not Sight.AFTER:
            raise StepFailedError(f"{clean(self.group)} is at {now} by now: it is left there")
        if now > was and now != id_of(self.to):
            raise StepFailedError(f"{clean(self.group)} has read on to {now}: it is left there")
        found = await streams_of(ports).set_id(self._place, now, was, self.entries_read)
        if found != now:
            raise StepFailedError(f"{clean(self.group)} is at work: stop its consumers first")
        if now != id_of(self.to):
            work.say(clean(f"up to {now} was delivered again meanwhile"))


async def _group(ports: Ports, place: Place) -> GroupFacts:
    for one in await streams_of(ports).groups(place.server, place.key):
        if one.name == place.group:
            return one
    raise StepFailedError(f"{place.key.shown} has no group {place.group.shown} any more")


@part
@dataclass(frozen=True, slots=True)
class CreateGroup(BareStep):
    """A group that is not there yet."""

    kind: ClassVar[str] = "stream.create_group"
    can_undo: ClassVar[bool] = True

    server: str
    key: str
    group: str
    start: str
    """It reads what comes after this id."""

    @property
    def _place(self) -> Place:
        return Place(self.server, KeyName.read(self.key), KeyName.read(self.group))

    async def observe(self, ports: Ports) -> Seen:
        """See whether it is there."""
        rows = await streams_of(ports).groups(self.server, KeyName.read(self.key))
        for one in rows:
            if one.name == KeyName.read(self.group):
                is_ours = one.last_delivered >= id_of(self.start)
                text = clean(f"{self.group} goes on after {one.last_delivered}")
                return Seen(Sight.AFTER if is_ours else Sight.NEITHER, text)
        return Seen(Sight.BEFORE, clean(f"there is no group {self.group}"))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Make it; one that is there already stays as it is."""
        if (await self.observe(ports)).sight is Sight.BEFORE:
            await streams_of(ports).create_group(self._place, id_of(self.start))

    async def undo(self, ports: Ports, work: Work) -> None:
        """Remove it, while nobody has used it."""
        said = await streams_of(ports).remove_group(self._place, id_of(self.start))
        if said not in ("done", "absent"):
            raise StepFailedError(f"{clean(self.group)} is in use by now: it stays")


USED_AGAIN = SafeText("its application makes it anew when it reads again: stop that first")
