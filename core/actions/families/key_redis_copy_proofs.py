"""Whether a store in Redis is as it was planned with, and how it is seen that a copy is back."""

from dataclasses import dataclass
from typing import ClassVar

from core.actions.families.key_look import ids_of, short
from core.actions.families.key_redis_copy_steps import Aim, restore_of
from core.actions.families.key_redis_look import Place, read, read_or_gone, told_row
from core.actions.part import Proven, part
from core.actions.ports import Ports
from core.actions.work import Work
from core.errors import ClientError
from core.keys.store.redis_restoring import set_back
from core.keys.store.restoring import KEPT
from core.keys.store.shapes import Record
from core.model.action import Proof
from core.model.text import SafeText, clean

_SHOWN = 20


@part
@dataclass(frozen=True, slots=True)
class RedisPolicyTrait:
    """What a store in Redis says of keys, in every field but those of use."""

    kind: ClassVar[str] = "key.redis_policy_trait"
    server: str
    names: tuple[str, ...]
    marks: tuple[str, ...]
    tiers: tuple[str, ...] = ()
    counters: tuple[str, ...] = ()

    async def read(self, ports: Ports) -> SafeText:
        """Return what it says of the first ones, and what stands for all of it."""
        place = Place(self.server, self.names, self.tiers, self.counters)
        found = await read_or_gone(ports, place)
        rows, ids = found.marked.all, await ids_of(ports)
        policies = [
            _policy(rows[mark].record) if mark in rows else "" for mark in self.marks
        ]  # fmt: skip
        told = [told_row(mark, rows.get(mark)) for mark in self.marks[:_SHOWN]]
        more = len(self.marks) - len(told)
        rest = f"; {more} more" if more > 0 else ""
        # An HMAC: it says whether anything differs, and nothing of what.
        seal = ids.mark("\0".join(policies))[:12]
        return clean(f"{found.store.kind}: {'; '.join(told)}{rest}; {seal}")


def _policy(record: Record) -> str:
    rows = sorted((name, repr(value)) for name, value in record.fields.items() if name not in KEPT)
    return repr((rows, record.was_active))


@part
@dataclass(frozen=True, slots=True)
class RedisCopyShown:
    """A server, asked again, has what was to come out of a copy."""

    kind: ClassVar[str] = "evidence.redis_copy_shown"
    server: str
    names: tuple[str, ...]
    backup: str
    added: tuple[str, ...]
    changed: tuple[str, ...]
    reactivate: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    counters: tuple[str, ...] = ()

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Read it back, record by record."""
        place = Place(self.server, self.names, self.tiers, self.counters)
        aim = Aim(self.backup, self.added, self.changed, self.reactivate)
        try:
            edit = await restore_of(ports, place, aim)
            rows = (await read(ports, place)).marked.all
        except ClientError as error:
            return Proven(Proof.FAILED, clean(f"{self.server}: {error}"))
        marks = [mark for mark in dict.fromkeys((*self.added, *edit.marks)) if mark in edit.old]
        for mark in marks:
            row, old = rows.get(mark), edit.old[mark]
            if row is None:
                return Proven(Proof.FAILED, clean(f"{short(mark)} is not in {self.server}"))
            is_off = mark in self.reactivate and not row.record.was_active
            if is_off or set_back(row.record, old.record):
                text = f"{short(mark)} is there, but another program has written it since"
                return Proven(Proof.UNVERIFIED, clean(text))
        text = f"{len(marks)} keys in {self.server} are as in {self.backup}"
        return Proven(Proof.VERIFIED, clean(text))
