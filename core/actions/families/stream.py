"""`stream.claim`, `stream.autoclaim`, `stream.acknowledge`: what to do with pending entries."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.actions.action import Action, Draft, DraftProof, DraftStep, Input, Offer, Site
from core.actions.families.services_draft import stop_flight, warning
from core.actions.families.stream_claim_steps import (
    AcknowledgeEntries,
    ClaimEntries,
    EntriesClaimed,
    NonePending,
    Row,
)
from core.actions.families.stream_look import (
    MOST,
    Ground,
    count_input,
    cut,
    duration_s,
    entries_text,
    ground_of,
    ids_of,
    parts_of,
    span,
)
from core.actions.families.stream_pending import Selection, Wanted, select
from core.clients.keyspace.port import ConsumerFacts, GroupFacts, PendingFacts
from core.errors import ActionError
from core.model.action import ActionRequest, Danger, Preflight
from core.model.redis_key import KeyName
from core.model.text import SafeText, clean

_POISON = 5
"""Delivered more often than that, an entry may be what breaks its consumers."""
_STEP_S = 60.0
_GROUP = Input("group", "Consumer group; the only one unless said")
_TO = Input("to", "Consumer that gets them (new:NAME makes one); the only other one unless said")
_MIN_IDLE = Input("min_idle", "Only what was idle for so long (60s, 1h)")
_NO_WAY_BACK = SafeText("none by itself: who had them and how often is kept with the action")


@dataclass(frozen=True, slots=True)
class _Receiver:
    """The consumer that gets entries."""

    name: KeyName
    flights: tuple[Preflight, ...]


def offers(action: str, title: str, site: Site) -> tuple[Offer, ...]:
    """Return an action on every stream that the configuration names."""
    return tuple(
        Offer(action, f"{system.name}/{one.name}", clean(title))
        for system in site.topology.systems
        for server in system.redis
        for one in server.streams
    )


async def _receiver(
    ground: Ground, group: GroupFacts, wanted: str, owners: set[KeyName]
) -> _Receiver:
    """Find the consumer that gets them.

    Raises:
        ActionError: it is none of the group's, or there are several to choose from.
    """
    rows = {one.name: one for one in await ground.control.consumers(ground.place(group))}
    if wanted.startswith("new:"):
        name = KeyName.read(wanted.removeprefix("new:"))
        if not name.raw or name in rows:
            raise ActionError(f"new: needs a name that no consumer has, not {name.shown!r}")
        text = f"{name.shown} is made by this; whoever reads as it gets them"
        return _Receiver(name, (warning("consumer", text),))
    if not wanted:
        others = [one for one in rows.values() if one.name not in owners]
        if len(others) != 1:
            known = ", ".join(one.name.shown for one in rows.values()) or "none"
            raise ActionError(f"--set to= the consumer that gets them; there are: {known}")
        return _Receiver(others[0].name, _liveness(others[0], ground))
    one = rows.get(KeyName.read(wanted))
    if one is None:
        known = ", ".join(row.name.shown for row in rows.values()) or "none"
        raise ActionError(
            f"{group.name.shown} has no consumer {clean(wanted)!r}; there are: {known};"
            " to=new:NAME makes one"
        )
    return _Receiver(one.name, _liveness(one, ground))


def _liveness(one: ConsumerFacts, ground: Ground) -> tuple[Preflight, ...]:
    if one.idle_s <= ground.spec.stuck_after_s:
        return ()
    text = f"{one.name.shown} has asked for nothing for {span(one.idle_s)}: is anybody there?"
    return (warning("consumer", text, "claim to one that works"),)


def _wanted(ground: Ground, request: ActionRequest) -> Wanted:
    """Return what a request asks for.

    Raises:
        ActionError: it makes no sense, or is below the floor of what may be claimed.
    """
    floor_s = ground.spec.min_idle_s
    min_idle_s = duration_s("min_idle", request.input("min_idle"), floor_s)
    if min_idle_s < floor_s:
        raise ActionError(
            f"min_idle {span(min_idle_s)} is below the floor of {span(floor_s)}: whoever works on"
            " an entry that young has it taken away, and it is done twice"
        )
    consumer = request.input("consumer")
    return Wanted(
        ids=ids_of(request.input("ids")),
        min_idle_s=min_idle_s,
        min_deliveries=count_input("min_deliveries", request.input("min_deliveries"), 0, 10**9),
        consumer=KeyName.read(consumer) if consumer else None,
        text=request.input("text"),
        limit=count_input("limit", request.input("limit"), 1000),
    )


async def _draft_claim(site: Site, request: ActionRequest) -> Draft:
    return await _claiming(site, request, is_page=False)


async def _draft_autoclaim(site: Site, request: ActionRequest) -> Draft:
    return await _claiming(site, request, is_page=True)


async def _claiming(site: Site, request: ActionRequest, *, is_page: bool) -> Draft:
    ground = await ground_of(site, request.target, request.input("group"))
    group, wanted = ground.group(request.input("group")), _wanted(ground, request)
    place = ground.place(group)
    chosen = await select(ground.control, place, wanted)
    owners = {one.consumer for one in chosen.rows}
    receiver = await _receiver(ground, group, request.input("to"), owners)
    chosen = chosen.without(receiver.name)
    min_idle_ms = int(wanted.min_idle_s * 1000)
    words = (place.key.raw, place.group.raw, receiver.name.raw, min_idle_ms, "0-0")
    command = ("XAUTOCLAIM" if is_page else "XCLAIM", *words)
    flights = await ground.flights(command, ("XPENDING", place.key.raw, place.group.raw))
    rows = rows_of(chosen.rows)
    title = clean(
        f"claim {entries_text(len(rows))} of {group.name.shown} for {receiver.name.shown}"
    )
    if not rows:
        return ground.nothing(title, (*flights, _none_left(group, chosen)))
    named = (
        place.server,
        place.key.spelled,
        place.group.spelled,
        receiver.name.spelled,
        min_idle_ms,
    )
    parts = tuple(parts_of(rows))
    ids = [one.id for one in chosen.rows]
    return Draft(
        title=title,
        targets=ground.entries(ids),
        steps=tuple(
            DraftStep(
                clean(f"{command[0]} {entries_text(len(one))} from {one[0][0]} on, JUSTID"),
                ClaimEntries(*named, one, is_page),
                _STEP_S,
            )
            for one in parts
        ),
        traits=ground.traits(group),
        proofs=(
            DraftProof(
                SafeText("who has them"),
                EntriesClaimed(*named, rows, tuple(one[0][0] for one in parts)),
            ),
        ),
        radius=_radius(chosen.rows, receiver.name, group),
        preflight=(*receiver.flights, *_poison(chosen.rows), *flights),
        preview=cut(_lines(chosen), "entries"),
        locks=(ground.lock,),
        is_locked_whole=True,
        way_back=_NO_WAY_BACK,
    )


def rows_of(rows: Sequence[PendingFacts]) -> tuple[Row, ...]:
    """Return pending entries as parts hold them."""
    return tuple((f"{one.id}", one.consumer.spelled, one.deliveries) for one in rows)


def _radius(rows: Sequence[PendingFacts], to: KeyName, group: GroupFacts) -> tuple[SafeText, ...]:
    owners = Counter(one.consumer.shown for one in rows)
    whose = ", ".join(f"{name} ({count})" for name, count in owners.most_common(5))
    more = f" and {len(owners) - 5} more" if len(owners) > 5 else ""
    return (
        clean(f"{entries_text(len(rows))} of {group.pending} pending in {group.name.shown}"),
        clean(f"from {whose}{more} to {to.shown}; how often they were delivered stays"),
        clean(f"{to.shown} sees them when it reads what it has pending (XREADGROUP … 0)"),
    )


def _poison(rows: Sequence[PendingFacts]) -> tuple[Preflight, ...]:
    found = [one for one in rows if one.deliveries > _POISON]
    if not found:
        return ()
    most = max(one.deliveries for one in found)
    text = f"{entries_text(len(found))} delivered more than {_POISON} times, up to {most}"
    return (warning("deliveries", f"{text}: they may break whoever gets them"),)


def _none_left(group: GroupFacts, chosen: Selection) -> Preflight:
    reasons = Counter(why for _, why in chosen.left_out)
    why = "; ".join(f"{count} {reason}" for reason, count in reasons.most_common(5))
    said = f"{group.pending} pending in {group.name.shown}" + (f": {why}" if why else "")
    return stop_flight("entries", f"nothing to claim: {said}")


def _lines(chosen: Selection) -> list[SafeText]:
    rows = [
        clean(
            f"{one.id}  {one.consumer.shown}, idle {span(one.idle_s)}, delivered {one.deliveries}×"
        )
        for one in chosen.rows
    ]
    return rows + [clean(f"not: {one}: {why}") for one, why in chosen.left_out] + list(chosen.notes)


async def _draft_acknowledge(site: Site, request: ActionRequest) -> Draft:
    ground = await ground_of(site, request.target, request.input("group"))
    group, ids = ground.group(request.input("group")), ids_of(request.input("ids"))
    place = ground.place(group)
    chosen = await select(ground.control, place, Wanted(ids=ids, limit=MOST, may_be_gone=True))
    rows = rows_of(chosen.rows)
    flights = await ground.flights(("XACK", place.key.raw, place.group.raw, "0-0"))
    title = clean(f"acknowledge {entries_text(len(rows))} of {group.name.shown}")
    if not rows:
        reasons = "; ".join(f"{one}: {why}" for one, why in chosen.left_out[:5])
        return ground.nothing(title, (*flights, stop_flight("entries", f"none: {reasons}")))
    named = (place.server, place.key.spelled, place.group.spelled)
    return Draft(
        title=title,
        targets=ground.entries([one.id for one in chosen.rows]),
        steps=tuple(
            DraftStep(
                clean(f"XACK {entries_text(len(one))} from {one[0][0]} on"),
                AcknowledgeEntries(*named, one),
                _STEP_S,
                is_irreversible=True,
            )
            for one in parts_of(rows)
        ),
        traits=ground.traits(group),
        proofs=(
            DraftProof(
                SafeText("none of them is pending"),
                NonePending(*named, tuple(row[0] for row in rows)),
            ),
        ),
        radius=(
            clean(f"{entries_text(len(rows))} of {group.pending} pending in {group.name.shown}"),
            SafeText(
                "nobody works on them any more; they stay in the stream, unread by this group"
            ),
        ),
        preflight=flights,
        preview=cut(_lines(chosen), "entries"),
        locks=(ground.lock,),
        is_locked_whole=True,
        way_back=SafeText("none: what is acknowledged is never delivered again to this group"),
    )


_CLAIM = "Give pending entries to another consumer"
_AUTOCLAIM = "Give all idle pending entries to another consumer"
_ACKNOWLEDGE = "Acknowledge pending entries"
ACTIONS: tuple[Action, ...] = (
    Action(
        "stream.claim", _CLAIM, "claim", Danger.CHANGE,
        lambda site: offers("stream.claim", _CLAIM, site), _draft_claim,
        (
            _GROUP, _TO, Input("ids", "Entries, with commas; else all that the rest lets through"),
            Input("consumer", "Only this consumer's"), _MIN_IDLE,
            Input("min_deliveries", "Only what was delivered so often"),
            Input("text", "Only what has this text"),
            Input("limit", "At most so many", "1000"),
        ),
    ),
    Action(
        "stream.autoclaim", _AUTOCLAIM, "autoclaim", Danger.CHANGE,
        lambda site: offers("stream.autoclaim", _AUTOCLAIM, site), _draft_autoclaim,
        (_GROUP, _TO, _MIN_IDLE, Input("limit", "At most so many", "1000")),
    ),
    Action(
        "stream.acknowledge", _ACKNOWLEDGE, "acknowledge", Danger.DESTROY,
        lambda site: offers("stream.acknowledge", _ACKNOWLEDGE, site), _draft_acknowledge,
        (_GROUP, Input("ids", "Entries, with commas", is_required=True)),
    ),
)  # fmt: skip
