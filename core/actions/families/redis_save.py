"""`redis.save`: BGSAVE, seen to end well: LASTSAVE has moved and the server says ok."""

from dataclasses import dataclass
from typing import ClassVar

from core.actions.action import Action, Draft, DraftProof, DraftStep, DraftTrait, Offer, Site
from core.actions.families.redis_look import (
    SAVE_S,
    RedisTrait,
    Saving,
    redis_of,
    save_flights,
    server_of,
)
from core.actions.part import Proven, part
from core.actions.ports import Ports
from core.actions.results import ResultSays, TriedStep, begin, forgetting, new_result
from core.actions.verdicts.judged import bad, good
from core.actions.work import Work
from core.errors import ActionError, ClientError
from core.model.action import ActionRequest, Danger, Proof, Target
from core.model.text import SafeText, clean
from core.redis.servers import redis_checks

_BESIDE_S = 30.0


@part
@dataclass(frozen=True, slots=True)
class SaveRedis(TriedStep):
    """A server writes a new snapshot over its last one, whole or not at all."""

    kind: ClassVar[str] = "redis.save"

    server: str
    run_id: str
    result: str

    async def apply(self, ports: Ports, work: Work) -> None:
        """Save, wait, and keep what LASTSAVE became."""
        await begin(ports, self.result, work)
        try:
            saved = await Saving(ports, self.server, self.run_id, work).save()
        except (ClientError, ActionError) as error:
            await self.end(ports, work, bad(str(error)))
        else:
            words = f"{self.server} saved: LASTSAVE {saved.ended_s}, rdb_last_bgsave_status ok"
            await self.end(ports, work, good(words, ("last_save_s", saved.ended_s)))


@part
@dataclass(frozen=True, slots=True)
class RedisSaved:
    """LASTSAVE is another than when it was planned, and the last save went well."""

    kind: ClassVar[str] = "redis.saved"

    server: str
    run_id: str
    last_save_s: int
    """When it was planned."""

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Ask the server again."""
        state = await redis_of(ports).state(self.server)
        text = clean(f"LASTSAVE was {self.last_save_s}, is {state.last_save_s}")
        if state.run_id != self.run_id:
            return Proven(Proof.FAILED, clean(f"another run of it answers: {state.run_id}"))
        if not state.is_last_save_ok:
            return Proven(Proof.FAILED, SafeText("MISCONF: its last save failed"))
        is_new = state.last_save_s != self.last_save_s
        return Proven(Proof.VERIFIED if is_new else Proof.FAILED, text)


def _offers(site: Site) -> tuple[Offer, ...]:
    return tuple(
        Offer("redis.save", server, SafeText("Have it save its data to disk"))
        for server in redis_checks(site.topology)
    )


async def _draft(site: Site, request: ActionRequest) -> Draft:
    system, _, service = request.target.partition("/")
    server = server_of(site, site.system(system).name, service)
    control = redis_of(site.ports)
    flights = await save_flights(site, server)
    target = Target("redis", server, clean(server))
    title = clean(f"save {server} to its disk")
    try:
        state = await control.state(server)
    except ClientError:
        return Draft(title=title, targets=(target,), steps=(), preflight=flights)
    result = new_result(site.ports)
    return Draft(
        title=title,
        targets=(target,),
        steps=(
            DraftStep(
                clean(f"BGSAVE on {server}, and wait for LASTSAVE"),
                SaveRedis(server, state.run_id, result),
                SAVE_S + _BESIDE_S,
                undo=SafeText("nothing: its new snapshot stays"),
            ),
            forgetting(result),
        ),
        traits=(DraftTrait(clean(server), RedisTrait(server)),),
        proofs=(
            DraftProof(SafeText("what came of it"), ResultSays(result)),
            DraftProof(
                SafeText("LASTSAVE has moved"),
                RedisSaved(server, state.run_id, state.last_save_s),
            ),
        ),
        radius=(clean(f"a fork of {state.used_bytes} bytes; its snapshot file is written anew"),),
        preflight=flights,
        way_back=SafeText("nothing to undo: no key is changed"),
    )


ACTIONS: tuple[Action, ...] = (
    Action("redis.save", "Save Redis to disk", "save", Danger.COPY, _offers, _draft),
)
