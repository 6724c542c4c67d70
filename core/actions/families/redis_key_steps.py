"""The step that removes keys, copied first; and the look whether they stay gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from core.actions.families.redis_key_copies import (
    SLICE,
    keep_copies,
    kept_copies,
    keys_of,
    slices,
    told_keys,
)
from core.actions.part import Proven, part
from core.actions.ports import Ports
from core.actions.results import TriedStep, begin, forget, read
from core.actions.verdicts.judged import bad, good
from core.actions.work import Work
from core.clients.acting.redis_key_values import KeyCopy, KeySight, Put
from core.errors import ActionError, ClientError, ClientRefused, ClientTimeout, StepFailedError
from core.model.action import Proof
from core.model.redis_key import KeyName
from core.model.text import SafeText, clean

_PROBE_S = 30.0
_PROBE_EVERY_S = 0.5
LOST = (ClientTimeout, ClientRefused)
"""What says that the answer to a command was lost, and perhaps the command too."""


@part
@dataclass(frozen=True, slots=True)
class DropKeys(TriedStep):
    """Removes keys. What it did is kept beside: others may write the same keys at once."""

    kind: ClassVar[str] = "redis.drop_keys"

    server: str
    run_id: str
    keys: tuple[str, ...]
    result: str
    is_same: bool = False
    """Only while they are as they were copied, all of them or none."""
    is_replacing: bool = False
    """The way back writes over what the service has written since."""
    is_masked: bool = False
    """Their names are never shown whole."""

    @property
    def _names(self) -> tuple[KeyName, ...]:
        return tuple(KeyName.read(key) for key in self.keys)

    async def save(self, ports: Ports, work: Work) -> None:
        """Copy them, with when they expire."""
        await keep_copies(ports, work, self.server, self._names)

    async def apply(self, ports: Ports, work: Work) -> None:
        """Remove them, and say how many there were."""
        await begin(ports, self.result, work)
        try:
            removed = await self._removed(ports, work)
        except (ClientError, ActionError) as error:
            await self.end(ports, work, bad(str(error)))
            return
        if not removed:
            what = "it is" if len(self.keys) == 1 else "they are"
            text = f"nothing was removed: {what} not there any more"
            await self.end(ports, work, bad(text, ("removed", 0)))
            return
        text = f"{removed} of {len(self.keys)} removed: {self._told}"
        await self.end(ports, work, good(text, ("removed", removed)))

    @property
    def _told(self) -> str:
        return f"{len(self.keys)} keys" if self.is_masked else told_keys(self._names)

    async def _removed(self, ports: Ports, work: Work) -> int:
        copies = {one.key: one for part_ in kept_copies(work) for one in part_}
        if self.is_same:
            return await self._at_once(ports, work, tuple(copies.values()))
        removed = 0
        for some in slices(self._names):
            try:
                removed += await keys_of(ports).unlink(self.server, self.run_id, some)
            except LOST:
                there = tuple(copies[key] for key in some if key in copies)
                removed += await self._probed(ports, work, there)
        return removed

    async def _at_once(self, ports: Ports, work: Work, copies: Sequence[KeyCopy]) -> int:
        if not copies:
            return 0
        try:
            removed = await keys_of(ports).unlink_same(self.server, self.run_id, copies)
        except LOST:
            return await self._probed(ports, work, copies)
        if removed is None:
            raise StepFailedError("changed since it was copied: nothing was removed; plan again")
        return removed

    async def _probed(self, ports: Ports, work: Work, copies: Sequence[KeyCopy]) -> int:
        """Return how many of these are gone, now that nobody knows whether the command came."""
        work.say(SafeText("the answer was lost: the keys themselves are looked at"))
        now = await look_until(ports, self.server, tuple(one.key for one in copies))
        gone = sum(not one.is_there for one in now)
        if gone == len(now):
            return gone
        same = await same_keys(ports, self.server, copies)
        if not gone and len(same) == len(copies):
            raise StepFailedError(
                "the answer was lost, and the command too: every key is as it was"
            )
        raise StepFailedError(
            f"the answer was lost: {gone} of {len(now)} keys are gone, {len(same)} are as they"
            " were, the others were written since: whether it was done is not known"
        )

    async def undo(self, ports: Ports, work: Work) -> None:
        """Put back what is not there, with what is left of its time; nothing that is newer goes.

        Raises:
            StepFailedError: the service has written all of it anew, so that nothing was put back.
        """
        if not (await read(ports, self.result)).is_begun:
            return
        came: list[Put] = []
        same = 0
        for copies in kept_copies(work):
            for at in range(0, len(copies), SLICE):
                some = copies[at : at + SLICE]
                as_before = await same_keys(ports, self.server, some)
                same += len(as_before)
                missing = tuple(one for one in some if one.key not in as_before)
                came += await keys_of(ports).restore(
                    self.server, missing, is_replacing=self.is_replacing
                )
        newer, expired = came.count(Put.THERE), came.count(Put.EXPIRED)
        work.say(
            clean(f"{came.count(Put.BACK)} put back, {newer} newer ones left, {expired} expired")
        )
        if newer and not same and Put.BACK not in came:
            raise StepFailedError(
                f"nothing was put back: the service has written {newer} of them anew; what they"
                " were is in the action's folder"
            )
        await forget(ports, self.result, work)


async def look_until(
    ports: Ports, server: str, keys: Sequence[KeyName], database: int | None = None
) -> tuple[KeySight, ...]:
    """Look at keys until the server answers, for half a minute.

    Raises:
        ClientError: it does not.
    """
    until_s = ports.clock.monotonic() + _PROBE_S
    while True:
        try:
            return await keys_of(ports).kinds(server, keys, database)
        except ClientError:
            if ports.clock.monotonic() >= until_s:
                raise
            await ports.clock.sleep(_PROBE_EVERY_S)


async def same_keys(ports: Ports, server: str, copies: Sequence[KeyCopy]) -> frozenset[KeyName]:
    """Return the keys that are as they were copied."""
    if not copies:
        return frozenset()
    now = await keys_of(ports).copies(server, tuple(one.key for one in copies))
    data = {one.key: one.data for one in now}
    return frozenset(one.key for one in copies if data.get(one.key) == one.data)


@part
@dataclass(frozen=True, slots=True)
class KeysGone:
    """None of the removed records is there; what is there again was written since."""

    kind: ClassVar[str] = "evidence.redis_keys_gone"
    server: str
    keys: tuple[str, ...]
    is_strict: bool = False
    """Nothing may be there again."""

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Look at them, and compare with the copies."""
        names = tuple(KeyName.read(key) for key in self.keys)
        there: list[KeyName] = []
        for some in slices(names):
            sights = await keys_of(ports).kinds(self.server, some)
            there += [one.key for one in sights if one.is_there]
        if not there:
            return Proven(Proof.VERIFIED, clean(f"EXISTS says 0 of {len(names)}"))
        if self.is_strict:
            text = f"{len(there)} of {len(names)} are there again: something writes them"
            return Proven(Proof.FAILED, clean(text))
        if same := await self._as_before(ports, work, frozenset(there)):
            return Proven(Proof.FAILED, clean(f"{same} are there as they were before"))
        text = f"{len(there)} of {len(names)} were written anew by the service, the others are gone"
        return Proven(Proof.VERIFIED, clean(text))

    async def _as_before(self, ports: Ports, work: Work, there: frozenset[KeyName]) -> int:
        """Count which of these keys are as they were copied."""
        same = 0
        for copies in kept_copies(work):
            again = [one for one in copies if one.key in there]
            for at in range(0, len(again), SLICE):
                same += len(await same_keys(ports, self.server, again[at : at + SLICE]))
        return same
