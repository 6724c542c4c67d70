"""How it is seen that keys in Redis are as they should be: read again, and their service asked."""

from dataclasses import dataclass
from typing import ClassVar

from core.actions.families.key_look import quota_of, short, tier_of
from core.actions.families.key_proofs import MOST_ASKED, Asked, ask
from core.actions.families.key_redis_look import Place, read
from core.actions.part import Proven, part
from core.actions.ports import Ports
from core.actions.work import Work
from core.errors import ClientError
from core.keys.store.redis_shapes import Row
from core.model.action import Proof
from core.model.secret import Secret
from core.model.text import clean

_TRIES, _TRY_AGAIN_S = 5, 1.0
"""A service may remember a key for a moment."""


@part
@dataclass(frozen=True, slots=True)
class RedisKeysShown:
    """A server, asked again, says that keys are active, or not."""

    kind: ClassVar[str] = "evidence.redis_keys_shown"
    server: str
    names: tuple[str, ...]
    marks: tuple[str, ...]
    is_active: bool
    tiers: tuple[str, ...] = ()
    url: str = ""
    """Of the probe; empty: nobody is asked with the keys themselves."""
    header: str = ""
    refused: int = 401
    counters: tuple[str, ...] = ()

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Read them back; then ask with them."""
        word = "active" if self.is_active else "inactive"
        place = Place(self.server, self.names, self.tiers, self.counters)
        try:
            rows = (await read(ports, place)).marked.of(self.marks)
        except ClientError as error:
            return Proven(Proof.FAILED, clean(f"{self.server}: {error}"))
        for mark, one in zip(self.marks, rows, strict=True):
            if one.record.was_active is not self.is_active:
                return Proven(Proof.FAILED, clean(f"{short(mark)} is not {word} in {self.server}"))
        text = clean(f"{len(rows)} {word} in {self.server}")
        if not self.url:
            return Proven(Proof.VERIFIED, text)
        known = [one for one in rows if not one.record.is_hash]
        if not known:
            why = "only hashes are kept: no key is known to ask the service with"
            return Proven(Proof.UNVERIFIED, clean(f"{text}; but {why}"))
        for one in known[:MOST_ASKED]:
            asked = await self._asked(ports, one)
            if asked.is_live is not self.is_active:
                return Proven(Proof.UNVERIFIED, clean(f"{text}; but {asked.text}"))
        if len(known) > MOST_ASKED:
            text = clean(f"{text}; the service was asked about {MOST_ASKED} of them, and agrees")
            return Proven(Proof.UNVERIFIED, text)
        return Proven(Proof.VERIFIED, clean(f"{text}, and the service agrees"))

    async def _asked(self, ports: Ports, row: Row) -> Asked:
        key = Secret(row.record.identity)
        for _ in range(_TRIES - 1):
            asked = await ask(ports, self.url, self.header, self.refused, key)
            if asked.is_live is self.is_active:
                return asked
            await ports.clock.sleep(_TRY_AGAIN_S)
        return await ask(ports, self.url, self.header, self.refused, key)


@part
@dataclass(frozen=True, slots=True)
class RedisTierShown:
    """A server, asked again, says that a key has a tier and a quota."""

    kind: ClassVar[str] = "evidence.redis_tier_shown"
    server: str
    names: tuple[str, ...]
    mark: str
    tier: str
    quota: int | None
    """None: any."""
    tiers: tuple[str, ...] = ()
    counters: tuple[str, ...] = ()

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Read it back."""
        place = Place(self.server, self.names, self.tiers, self.counters)
        try:
            (row,) = (await read(ports, place)).marked.of((self.mark,))
        except ClientError as error:
            return Proven(Proof.FAILED, clean(f"{self.server}: {error}"))
        tier, quota = tier_of(row.record), quota_of(row.record)
        text = clean(f"{short(self.mark)} is {tier}, {quota} a month in {self.server}")
        is_so = tier == self.tier and self.quota in {None, quota}
        return Proven(Proof.VERIFIED if is_so else Proof.FAILED, text)
