"""Sends dead letters back, a few at a time, and stops where they come back dead."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from core.actions.families.dlq_back import Fate, Requeue, Route, Sent, came_back, entries_after
from core.actions.families.dlq_look import REPLAY_ID, identity, message_of, replay_id
from core.actions.families.stream_claim_steps import id_of
from core.actions.families.stream_look import counted, span, streams_of
from core.actions.ports import Ports
from core.actions.work import Work
from core.clients.acting.redis_answers import Moved, Place
from core.errors import ClientRefused, ClientTimeout
from core.model.redis_key import KeyName
from core.model.stream import EntryId
from core.model.text import clean

_PAGE = 500
_SCANNED = 100_000
_LOOK_EVERY_S = 0.2
_FIRST, _MOST, _BLIND = 4, 50, 25
"""Letters in the first portion after the canary, in the largest, and where nobody waits."""
_TOO_MANY, _RECENT = 0.2, 20
_TRIES = 3


async def census_of(ports: Ports, job: Requeue) -> dict[str, list[Sent]]:
    """Read what was added to the targets since the plan; by each letter the messages it became."""
    meant = {replay_id(job.key, one).encode(): one for one, _ in job.all}
    found: dict[str, list[Sent]] = {}
    for last, to in job.ends:
        async for raw in entries_after(ports, job.server, KeyName.read(to), id_of(last)):
            letter = meant.get(dict(raw.fields).get(REPLAY_ID, b""))
            if letter is not None:
                one = Sent(letter, to, raw.id, identity(raw.fields, job.spec))
                found.setdefault(letter, []).append(one)
    return found


async def left_of(ports: Ports, job: Requeue, rows: Sequence[Route]) -> list[Route]:
    """Return which letters are still where they died."""
    control, key = streams_of(ports), KeyName.read(job.key)
    left: list[Route] = []
    for at in range(0, len(rows), _PAGE):
        part = rows[at : at + _PAGE]
        found = await control.entries_of(job.server, key, [id_of(one) for one, _ in part])
        left += [row for row, one in zip(part, found, strict=True) if one is not None]
    return left


async def send(ports: Ports, job: Requeue, row: Route) -> Sent | str:
    """Move one letter; return what it became, or why it stays. Empty: it was gone already.

    Where the answer is lost a look tells whether it was done. The script itself does nothing a
    second time, since the letter is gone by then.
    """
    control, key, to = streams_of(ports), KeyName.read(job.key), KeyName.read(row[1])
    one = id_of(row[0])
    for attempt in range(_TRIES):
        [raw] = await control.entries_of(job.server, key, [one])
        if raw is None:
            return "" if attempt == 0 else await _found_again(ports, job, row[0])
        fields = message_of(raw, job.key, job.spec)
        try:
            moved = await control.move(job.server, (key, to), one, fields, may_make=job.may_make)
        except (ClientTimeout, ClientRefused):
            continue
        return _sent(job, row, moved, fields)
    return "the server does not answer any more"


async def _found_again(ports: Ports, job: Requeue, letter: str) -> Sent | str:
    found = (await census_of(ports, job)).get(letter, [])
    return found[0] if found else ""


def _sent(
    job: Requeue, row: Route, moved: Moved, fields: tuple[tuple[bytes, bytes], ...]
) -> Sent | str:
    if moved.id is not None:
        return Sent(row[0], row[1], moved.id, identity(fields, job.spec))
    if moved.word == "gone":
        return ""
    what = "is missing" if moved.word == "none" else f"is a {moved.word}, no stream"
    return f"{row[1]} {what}"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of moving."""

    moved: int
    gone: int
    """Letters that somebody else had dealt with."""
    back: int
    left: int
    stopped: str
    """Why it ended before its end; empty: it did not."""

    @property
    def text(self) -> str:
        """In words."""
        words = [f"{self.moved} sent again"]
        words += [f"{self.back} came back"] if self.back else []
        words += [f"{self.gone} not there any more"] if self.gone else []
        words += [f"{self.left} left where they are"] if self.left else []
        return ", ".join(words) + (f"; stopped: {self.stopped}" if self.stopped else "")


class Mover:
    """Sends what is left of a job, and watches what becomes of it."""

    def __init__(self, ports: Ports, job: Requeue, work: Work) -> None:
        self._ports, self._job, self._work = ports, job, work
        self._control, self._clock = streams_of(ports), ports.clock
        self._sent: list[Sent] = []
        self._gone = 0
        self._next_s = 0.0
        self._looked = id_of(job.last)
        """The last dead letter that was looked at whether it is a message that came back."""

    async def run(self) -> Result:
        """Send all that is left, unless something speaks against it."""
        for found in (await census_of(self._ports, self._job)).values():
            self._sent += found
        left = await left_of(self._ports, self._job, self._job.rows)
        known = {row[0] for row in left} | {one.letter for one in self._sent}
        self._gone = sum(row[0] not in known for row in self._job.rows)
        stopped = await self._watch()
        size = _FIRST if self._job.wait_s else _BLIND
        while left and not stopped:
            done, stopped = await self._portion(left[:size])
            left = left[done:]
            stopped = stopped or await self._watch()
            size = min(size * 2, _MOST) if self._job.wait_s else size
            self._work.say(clean(self._result(len(left), stopped).text))
        return self._result(len(left), stopped)

    def _result(self, left: int, stopped: str) -> Result:
        back = sum(one.fate is Fate.BACK for one in self._sent)
        return Result(len(self._sent), self._gone, back, left, stopped)

    async def _portion(self, rows: Sequence[Route]) -> tuple[int, str]:
        """Send some; return how many are dealt with, and why it ended among them."""
        before, stopped, done = len(self._sent), "", 0
        for row in rows:
            stopped = "it was told to stop" if self._work.is_told_to_stop() else ""
            if stopped:
                break
            await self._pace()
            one = await send(self._ports, self._job, row)
            if isinstance(one, Sent):
                self._sent.append(one)
            elif one:
                stopped = one
                break
            else:
                self._gone += 1
            done += 1
        self._keep(self._sent[before:])
        return done, stopped

    def _keep(self, sent: Sequence[Sent]) -> None:
        if sent:
            rows = [(one.letter, one.to, f"{one.id}") for one in sent]
            self._work.keep(f"sent-{sent[0].letter}.json", json.dumps(rows).encode())

    async def _pace(self) -> None:
        now_s = self._clock.monotonic()
        if now_s < self._next_s:
            await self._clock.sleep(self._next_s - now_s)
        self._next_s = max(now_s, self._next_s) + 1 / self._job.rate_per_s

    async def _watch(self) -> str:
        """Wait until it is known what became of what was sent; return why to stop."""
        if not self._job.wait_s:
            await self._look_back()
            return self._too_many(len(self._sent))
        until_s = self._clock.monotonic() + self._job.wait_s
        while True:
            await self._look_done()
            await self._look_back()
            fates = [one.fate for one in self._sent]
            open_ = fates.count(Fate.OPEN)
            reason = self._too_many(len(fates) - open_)
            if reason or not open_:
                return reason
            if self._work.is_told_to_stop():
                return "it was told to stop"
            if self._clock.monotonic() >= until_s:
                waited = span(self._job.wait_s)
                return (
                    f"{open_} neither acknowledged nor back within {waited} (canary=no waits not)"
                )
            await self._clock.sleep(_LOOK_EVERY_S)

    def _too_many(self, known: int) -> str:
        """Return that too many came back, of all or of the last ones."""
        fates = [one.fate for one in self._sent if one.fate is not Fate.OPEN][-_RECENT:]
        back = sum(one.fate is Fate.BACK for one in self._sent)
        recent = fates.count(Fate.BACK)
        is_recent = len(fates) == _RECENT and recent > _TOO_MANY * _RECENT
        if back and (back > _TOO_MANY * known or (self._job.wait_s and is_recent)):
            return f"{back} of {counted(len(self._sent), 'message')} came back dead, more than 20 %"
        return ""

    async def _look_done(self) -> None:
        """See which messages a group has read and acknowledged."""
        for to in {one.to for one in self._sent if one.fate is Fate.OPEN}:
            key = KeyName.read(to)
            waiting = [x for x in self._sent if x.to == to and x.fate is Fate.OPEN]
            read_by = {one.id: 0 for one in waiting}
            pending: set[EntryId] = set()
            for group in await self._control.groups(self._job.server, key):
                ids = [one.id for one in waiting if one.id <= group.last_delivered]
                place = Place(self._job.server, key, group.name)
                rows = await self._control.pending_of(place, ids)
                pending |= {row.id for row in rows if row is not None}
                for one in ids:
                    read_by[one] += 1
            for one in waiting:
                if read_by[one.id] and one.id not in pending:
                    one.fate = Fate.DONE

    async def _look_back(self) -> None:
        """See which messages are dead letters again."""
        waiting = [one for one in self._sent if one.fate is not Fate.BACK]
        found, self._looked = await came_back(self._ports, self._job, waiting, self._looked)
        for one in found:
            one.fate = Fate.BACK
