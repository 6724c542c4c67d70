"""Empties one database, copied first where it is small; and the look whether it was emptied."""

from dataclasses import dataclass, replace
from typing import ClassVar

from core.actions.families.redis_census import MOST_KEYS
from core.actions.families.redis_key_copies import keep_copies, kept_copies, keys_of
from core.actions.families.redis_key_steps import LOST, look_until
from core.actions.part import Proven, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.results import TriedStep, begin, forget, look, read
from core.actions.verdicts.judged import bad, good
from core.actions.work import Work
from core.clients.acting.redis_key_values import KeyCopy, Put
from core.errors import ActionError, ClientError, StepFailedError
from core.model.action import Proof
from core.model.redis_key import KeyName
from core.model.text import SafeText, clean

_SCAN_S = 120.0
_REHEARSED = 20
_REHEARSED_MS = 60_000
_SLICE = 100


@part
@dataclass(frozen=True, slots=True)
class FlushDatabase(TriedStep):
    """Removes every key of one database. The way back puts the copies where nothing is by then."""

    kind: ClassVar[str] = "redis.flush_database"

    server: str
    run_id: str
    database: int
    result: str
    sample: tuple[str, ...]
    """Some of its keys: what became of them tells what became of all."""
    has_copy: bool

    @property
    def _sample(self) -> tuple[KeyName, ...]:
        return tuple(KeyName.read(key) for key in self.sample)

    async def observe(self, ports: Ports) -> Seen:
        """Look at its result; where there is none, at some of the keys that were there."""
        seen = await look(ports, self.result)
        if seen.sight is not Sight.NEITHER or (await read(ports, self.result)).judged is not None:
            return seen
        sights = await keys_of(ports).kinds(self.server, self._sample, self.database)
        there = sum(one.is_there for one in sights)
        text = clean(f"it was begun; {there} of {len(sights)} keys that were there are there")
        if sights and there in {0, len(sights)}:
            return Seen(Sight.BEFORE if there else Sight.AFTER, text)
        return Seen(Sight.NEITHER, text)

    async def save(self, ports: Ports, work: Work) -> None:
        """Copy every key, and try on some of them that copies can be put back.

        Raises:
            StepFailedError: there is too much, or a copy could not be put back.
        """
        if not self.has_copy:
            return
        control = keys_of(ports)
        found = await control.scan(self.server, "*", MOST_KEYS, _SCAN_S, self.database)
        if not found.is_whole:
            raise StepFailedError(f"there are more than {MOST_KEYS} keys by now: plan again")
        count = await keep_copies(ports, work, self.server, found.keys, self.database)
        work.say(clean(f"{count} keys copied"))
        await self._rehearse(ports, work)

    async def _rehearse(self, ports: Ports, work: Work) -> None:
        """Put some copies back under names of our own, which vanish by themselves."""
        first = next(kept_copies(work), ())
        some = first[:: max(1, len(first) // _REHEARSED)][:_REHEARSED]
        if not some:
            return
        control = keys_of(ports)
        until_ms = (await control.standing(self.server)).now_ms + _REHEARSED_MS
        scratch = tuple(
            replace(one, key=_scratch(work, number), expires_at_ms=until_ms)
            for number, one in enumerate(some)
        )
        try:
            await control.restore(self.server, scratch, self.database, is_replacing=True)
            back = await control.copies(self.server, [one.key for one in scratch], self.database)
            shapes = await control.sights(self.server, [one.key for one in scratch], self.database)
            olds = await control.sights(self.server, [one.key for one in some], self.database)
        except ClientError as error:
            raise StepFailedError(f"a copy could not be put back on trial: {error}") from error
        finally:
            await self._clear(ports, scratch)
        wrong = [
            old.key
            for old, new in zip(olds, shapes, strict=True)
            if not new.is_there or (old.is_there and old.kind != new.kind)
        ]
        if wrong or len(back) != len(some):
            raise StepFailedError(f"a copy came back as something else: {wrong[0].shown}")
        work.say(clean(f"{len(some)} copies were put back on trial, and are well"))

    async def _clear(self, ports: Ports, scratch: tuple[KeyCopy, ...]) -> None:
        await keys_of(ports).unlink(
            self.server, self.run_id, [one.key for one in scratch], self.database
        )

    async def apply(self, ports: Ports, work: Work) -> None:
        """Empty it, and say what is there right after."""
        await begin(ports, self.result, work)
        control, told = keys_of(ports), ""
        try:
            try:
                await control.flush(self.server, self.run_id, self.database)
            except LOST:
                await self._probe(ports, work)
                told = "; the answer was lost, the keys tell that it was done"
            left = (await control.standing(self.server)).keys.get(self.database, 0)
        except (ClientError, ActionError) as error:
            await self.end(ports, work, bad(str(error)))
            return
        new = f", {left} new keys since" if left else ""
        text = f"database {self.database} emptied: DBSIZE {left}{new}{told}"
        await self.end(ports, work, good(text, ("left", left)))

    async def _probe(self, ports: Ports, work: Work) -> None:
        """Find out whether it was done, now that the answer was lost."""
        work.say(SafeText("the answer to FLUSHDB was lost: some of the keys are looked at"))
        sights = await look_until(ports, self.server, self._sample, self.database)
        there = sum(one.is_there for one in sights)
        if sights and there == len(sights):
            raise StepFailedError("the answer was lost, and the command too: the keys are there")
        if there or not sights:
            raise StepFailedError(
                f"the answer was lost, and {there} of {len(sights)} keys are there: whether it"
                " was done is not known"
            )

    async def undo(self, ports: Ports, work: Work) -> None:
        """Put back what is not there again by now."""
        if not (await read(ports, self.result)).is_begun:
            return
        came: list[Put] = []
        for copies in kept_copies(work):
            for at in range(0, len(copies), _SLICE):
                some = copies[at : at + _SLICE]
                came += await keys_of(ports).restore(self.server, some, self.database)
        back, newer, gone = (came.count(one) for one in (Put.BACK, Put.THERE, Put.EXPIRED))
        work.say(clean(f"{back} put back, {newer} newer ones left, {gone} expired by now"))
        await forget(ports, self.result, work)


def _scratch(work: Work, number: int) -> KeyName:
    return KeyName(f"quarterdeck:rehearsal:{work.action_id}:{number}".encode())


@part
@dataclass(frozen=True, slots=True)
class DatabaseFlushed:
    """What was there is gone; what is there was written since."""

    kind: ClassVar[str] = "evidence.redis_flushed"
    server: str
    database: int
    sample: tuple[str, ...]
    before: int
    """DBSIZE when it was planned."""

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Count, and look at some of the old keys."""
        control = keys_of(ports)
        keys = tuple(KeyName.read(key) for key in self.sample)
        sights = await control.kinds(self.server, keys, self.database)
        there = sum(one.is_there for one in sights)
        left = (await control.standing(self.server)).keys.get(self.database, 0)
        text = f"DBSIZE was {self.before}, is {left}"
        if not left:
            return Proven(Proof.VERIFIED, clean(text))
        text += f": {left} new keys since; {there} of {len(keys)} old names are there again"
        if there == len(keys):
            return Proven(Proof.UNVERIFIED, clean(text))
        return Proven(Proof.VERIFIED, clean(text))
