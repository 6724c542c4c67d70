"""Steps on pending entries: given to another consumer, or acknowledged."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from core.actions.families.stream_look import entries_text, span, streams_of
from core.actions.part import BareStep, Proven, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.work import Work
from core.clients.acting.redis_answers import Place
from core.clients.keyspace.port import PendingFacts
from core.errors import ClientRefused, ClientTimeout, StepFailedError
from core.model.action import Proof
from core.model.redis_key import KeyName
from core.model.stream import EntryId
from core.model.text import SafeText, clean

Row = tuple[str, str, int]
"""An entry's id, its consumer as spelled, and how often it was delivered, when it was planned."""
CLAIMED = "claimed"
_NAMED = 20


def id_of(text: str) -> EntryId:
    """Return the id that a part holds."""
    return EntryId.read(text) or EntryId(0)


@dataclass(frozen=True, slots=True)
class Claim:
    """Whose entries go to whom."""

    server: str
    key: str
    group: str
    to: str
    min_idle_ms: int

    @property
    def place(self) -> Place:
        """Where."""
        return Place(self.server, KeyName.read(self.key), KeyName.read(self.group))

    def fate(self, row: Row, now: PendingFacts | None, *, is_there: bool) -> str:
        """Return `claimed`, or why an entry is not, by what is seen of it now."""
        if now is None:
            return "acknowledged meanwhile" if is_there else "gone from the stream"
        if now.consumer == KeyName.read(self.to):
            return CLAIMED
        if now.consumer != KeyName.read(row[1]):
            return f"claimed by {now.consumer.shown} meanwhile"
        if now.idle_s * 1000 < self.min_idle_ms:
            return f"younger than {span(self.min_idle_ms / 1000)}: idle {span(now.idle_s)}"
        return f"still with {now.consumer.shown}"

    async def fates(self, ports: Ports, rows: Sequence[Row]) -> dict[str, str]:
        """Look at every entry; return each id's fate."""
        control, ids = streams_of(ports), [id_of(row[0]) for row in rows]
        pending = await control.pending_of(self.place, ids)
        away = [one for one, now in zip(ids, pending, strict=True) if now is None]
        entries = await control.entries_of(self.server, KeyName.read(self.key), away)
        there = {one.id for one in entries if one is not None}
        return {
            row[0]: self.fate(row, now, is_there=one in there)
            for row, one, now in zip(rows, ids, pending, strict=True)
        }


def _seen(fates: dict[str, str]) -> Seen:
    """Judge one portion: the server does it in one stroke, so that one that went means all went."""
    claimed = sum(one == CLAIMED for one in fates.values())
    waiting = sum(one.startswith("still with") for one in fates.values())
    text = clean(f"{claimed} of {entries_text(len(fates))} claimed")
    return Seen(Sight.BEFORE if waiting and not claimed else Sight.AFTER, text)


def words_of(fates: dict[str, str]) -> SafeText:
    """Return how many were claimed, and of the others which and why."""
    claimed = sum(one == CLAIMED for one in fates.values())
    others = [f"{one} {why}" for one, why in fates.items() if why != CLAIMED]
    more = f", and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
    rest = f"; not claimed: {', '.join(others[:_NAMED])}{more}" if others else ""
    return clean(f"{entries_text(claimed)} claimed{rest}", 4000)


def _kept(row: Row) -> str:
    return f"claimed-{row[0]}.json"


@part
@dataclass(frozen=True, slots=True)
class ClaimEntries(BareStep):
    """Pending entries change their consumer; how often they were delivered stays."""

    kind: ClassVar[str] = "stream.claim"

    server: str
    key: str
    group: str
    to: str
    min_idle_ms: int
    rows: tuple[Row, ...]
    is_page: bool = False
    """Whether the server is to find them by itself, from the first of them on (XAUTOCLAIM)."""

    @property
    def _claim(self) -> Claim:
        return Claim(self.server, self.key, self.group, self.to, self.min_idle_ms)

    async def observe(self, ports: Ports) -> Seen:
        """See who has them."""
        return _seen(await self._claim.fates(ports, self.rows))

    async def save(self, ports: Ports, work: Work) -> None:
        """Keep who had them, how often they were delivered, and for how long they were idle."""
        ids = [id_of(row[0]) for row in self.rows]
        now = await streams_of(ports).pending_of(self._claim.place, ids)
        rows = [
            {"id": row[0], "consumer": row[1], "deliveries": row[2], "idle_s": one and one.idle_s}
            for row, one in zip(self.rows, now, strict=True)
        ]
        work.keep(f"owners-{self.rows[0][0]}.json", json.dumps(rows, indent=1).encode())

    async def apply(self, ports: Ports, work: Work) -> None:
        """Claim them, once; where the answer is lost, a look tells what came of it.

        Raises:
            StepFailedError: the answer was lost; who has them by then decides.
        """
        is_heard = True
        try:
            got, said = await self._claimed(ports)
        except (ClientTimeout, ClientRefused) as error:
            work.say(clean(f"the answer was lost ({error}): looking at who has them"))
            got, said, is_heard = (), {}, False
        fates = await self._claim.fates(ports, self.rows)
        # What its new consumer has dealt with already is claimed, although it is not pending.
        fates |= {f"{one}": CLAIMED for one in got if f"{one}" in fates}
        document = {"entries": fates, **said}
        work.keep(_kept(self.rows[0]), json.dumps(document, indent=1).encode())
        work.say(words_of(fates))
        if not is_heard:
            told = "" if CLAIMED in fates.values() else ", and none is claimed"
            raise StepFailedError(f"the answer was lost{told}")

    async def _claimed(self, ports: Ports) -> tuple[tuple[EntryId, ...], dict[str, Any]]:
        control, place, to = streams_of(ports), self._claim.place, KeyName.read(self.to)
        ids = [id_of(row[0]) for row in self.rows]
        if not self.is_page:
            return await control.claim(place, to, self.min_idle_ms, ids), {}
        page = await control.claim_page(place, to, self.min_idle_ms, ids[0], len(ids))
        dropped = [f"{one}" for one in page.dropped]
        return page.claimed, {"cursor": f"{page.cursor}", "dropped": dropped}


@part
@dataclass(frozen=True, slots=True)
class EntriesClaimed:
    """Which entries their new consumer has got, and of the others why not."""

    kind: ClassVar[str] = "stream.entries_claimed"

    server: str
    key: str
    group: str
    to: str
    min_idle_ms: int
    rows: tuple[Row, ...]
    firsts: tuple[str, ...]
    """The first id of each step."""

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Look at every entry again; what was got and acknowledged since then was got."""
        claim = Claim(self.server, self.key, self.group, self.to, self.min_idle_ms)
        fates = await claim.fates(ports, self.rows)
        for first in self.firsts:
            name = _kept((first, "", 0))
            if work.has(name):
                kept: dict[str, str] = json.loads(work.kept(name))["entries"]
                fates |= {one: CLAIMED for one, why in kept.items() if why == CLAIMED}
        work.keep("result.json", json.dumps(fates, indent=1).encode())
        is_any = CLAIMED in fates.values()
        return Proven(Proof.VERIFIED if is_any else Proof.UNVERIFIED, words_of(fates))


@part
@dataclass(frozen=True, slots=True)
class AcknowledgeEntries(BareStep):
    """Pending entries leave their group's list for good."""

    kind: ClassVar[str] = "stream.acknowledge"

    server: str
    key: str
    group: str
    rows: tuple[Row, ...]

    @property
    def _place(self) -> Place:
        return Place(self.server, KeyName.read(self.key), KeyName.read(self.group))

    async def observe(self, ports: Ports) -> Seen:
        """See which are still pending: they go in one stroke."""
        ids = [id_of(row[0]) for row in self.rows]
        left = [one for one in await streams_of(ports).pending_of(self._place, ids) if one]
        text = clean(f"{len(left)} of {entries_text(len(ids))} still pending")
        return Seen(Sight.BEFORE if left else Sight.AFTER, text)

    async def save(self, ports: Ports, work: Work) -> None:
        """Keep who had them and how often they were delivered."""
        work.keep(f"owners-{self.rows[0][0]}.json", json.dumps(self.rows).encode())

    async def apply(self, ports: Ports, work: Work) -> None:
        """Acknowledge them, and keep what the server said of each."""
        ids = [id_of(row[0]) for row in self.rows]
        done = await streams_of(ports).acknowledge(self._place, ids)
        said = {f"{one}": int(is_done) for one, is_done in zip(ids, done, strict=True)}
        work.keep(f"acknowledged-{ids[0]}.json", json.dumps(said, indent=1).encode())
        counts = Counter(said.values())
        others = [one for one, count in said.items() if not count]
        rest = f"; not pending any more: {', '.join(others[:_NAMED])}" if others else ""
        work.say(clean(f"{entries_text(counts[1])} acknowledged{rest}"))


@part
@dataclass(frozen=True, slots=True)
class NonePending:
    """That none of these entries is pending any more."""

    kind: ClassVar[str] = "stream.none_pending"

    server: str
    key: str
    group: str
    ids: tuple[str, ...]

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Look at every one."""
        place = Place(self.server, KeyName.read(self.key), KeyName.read(self.group))
        rows = await streams_of(ports).pending_of(place, [id_of(one) for one in self.ids])
        left = sum(one is not None for one in rows)
        text = clean(f"{left} of {entries_text(len(rows))} pending")
        return Proven(Proof.FAILED if left else Proof.VERIFIED, text)
