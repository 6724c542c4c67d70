"""Steps on dead letters: the canary is sent back, then the others while it goes well."""

from dataclasses import dataclass
from typing import ClassVar

from core.actions.families.dlq_back import Requeue, Sent, came_back
from core.actions.families.dlq_moving import Mover, census_of, left_of, send
from core.actions.families.stream_claim_steps import id_of
from core.actions.families.stream_look import counted
from core.actions.part import BareStep, Proven, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.results import prepare_folder, read, settle
from core.actions.verdicts.judged import good, unclear
from core.actions.work import Work
from core.errors import StepFailedError
from core.model.action import Proof
from core.model.text import clean

_MANY = 0.2


@part
@dataclass(frozen=True, slots=True)
class SendCanary(Requeue, BareStep):
    """One dead letter becomes a message again: from one stream to the other in one stroke."""

    kind: ClassVar[str] = "dlq.send_canary"

    async def observe(self, ports: Ports) -> Seen:
        """See whether it is still where it died."""
        is_there = bool(await left_of(ports, self, (self.canary,)))
        where = "is where it died" if is_there else "is not there any more"
        return Seen(Sight.BEFORE if is_there else Sight.AFTER, clean(f"{self.canary[0]} {where}"))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Move it."""
        done = await send(ports, self, self.canary)
        if isinstance(done, Sent):
            work.say(clean(f"{done.letter} is {done.id} of {done.to}"))
        elif done:
            raise StepFailedError(f"nothing was sent: {clean(done)}")
        else:
            work.say(clean(f"{self.canary[0]} was gone: somebody else has dealt with it"))


@part
@dataclass(frozen=True, slots=True)
class SendLetters(Requeue, BareStep):
    """The others follow, each in one stroke; it ends early when they come back or one says so."""

    kind: ClassVar[str] = "dlq.send_letters"

    result: str = ""

    async def observe(self, ports: Ports) -> Seen:
        """Read how it ended; without that, see which letters are still where they died."""
        ended = (await read(ports, self.result)).judged
        if ended is not None:
            return Seen(Sight.AFTER, ended.text)
        left = len(await left_of(ports, self, self.rows))
        text = clean(f"{left} of {counted(len(self.rows), 'letter')} where they died")
        return Seen(Sight.BEFORE if left else Sight.AFTER, text)

    async def apply(self, ports: Ports, work: Work) -> None:
        """Send those that are left; begun again it goes on where it ended."""
        came = await Mover(ports, self, work).run()
        judged = unclear(came.text) if came.stopped else good(came.text, ("moved", came.moved))
        await prepare_folder(ports, self.result)
        await ports.files.clear_temporary(self.result, work.action_id)
        await settle(ports, self.result, work, judged)


@part
@dataclass(frozen=True, slots=True)
class LettersSent(Requeue):
    """Every letter is in one place only, as many as planned went, and they stay away."""

    kind: ClassVar[str] = "dlq.letters_sent"

    result: str = ""

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Look at both ends."""
        left = {one for one, _ in await left_of(ports, self, self.all)}
        census = await census_of(ports, self)
        twice = [one for one, sent in census.items() if len(sent) > 1 or one in left]
        if twice:
            text = f"{counted(len(twice), 'letter')} in more than one place: {', '.join(twice[:5])}"
            return Proven(Proof.FAILED, clean(text))
        sent = [one for rows in census.values() for one in rows]
        found, _ = await came_back(ports, self, sent, id_of(self.last))
        back = len(found)
        moved = len(self.all) - len(left)
        words = f"{moved} sent again, {len(left)} where they died, none in both, {back} came back"
        ended = (await read(ports, self.result)).judged
        if ended is not None and ended.is_good is None:
            return Proven(Proof.UNVERIFIED, clean(f"{words}; {ended.text}"))
        is_well = not left and back <= _MANY * len(self.all)
        return Proven(Proof.VERIFIED if is_well else Proof.UNVERIFIED, clean(words))
