"""`stream.remove_consumer`, `stream.set_id`, `stream.create_group`: what groups are told."""

from dataclasses import dataclass

from core.actions.action import Action, Draft, DraftStep, Input, Site
from core.actions.families.services_draft import passed, stop_flight, warning
from core.actions.families.stream import offers
from core.actions.families.stream_group_steps import (
    USED_AGAIN,
    CreateGroup,
    RemoveConsumer,
    SetGroupId,
)
from core.actions.families.stream_look import (
    MOST,
    Ground,
    counted,
    entries_text,
    ground_of,
    id_input,
    span,
)
from core.clients.acting.redis_scripts import REMOVE_CONSUMER, REMOVE_GROUP, SET_ID
from core.clients.keyspace.port import ConsumerFacts, GroupFacts
from core.errors import ActionError
from core.model.action import ActionRequest, Danger, Preflight
from core.model.redis_key import KeyName
from core.model.stream import EntryId
from core.model.text import SafeText, clean

_STEP_S = 60.0
_ALIVE_S = 60.0
_PAGE = 500
_COUNTED = 20_000
"""More entries are not counted one by one for a plan."""


async def _draft_remove(site: Site, request: ActionRequest) -> Draft:
    ground = await ground_of(site, request.target, request.input("group"))
    group = ground.group(request.input("group"))
    place, rows = ground.place(group), await ground.control.consumers(ground.place(group))
    found = _consumer(group, rows, request.input("consumer"))
    words = (place.key.raw, place.group.raw, found.name.raw)
    flights = await ground.flights(
        ("XGROUP", "DELCONSUMER", *words),
        ("EVAL", REMOVE_CONSUMER, 1, *words, 0),
        ("XINFO", "CONSUMERS", *words[:2]),
    )
    flights = (*_idleness(found), *_loss(found, request.input("loss")), *flights)
    named = (place.server, place.key.spelled, place.group.spelled, found.name.spelled)
    lost = f"{entries_text(found.pending)} pending"
    fate = "nobody can claim them any more" if found.pending else "nothing is lost with it"
    return Draft(
        title=clean(f"remove consumer {found.name.shown} of {group.name.shown}"),
        targets=(ground.group_target(group),),
        steps=(
            DraftStep(
                clean(f"XGROUP DELCONSUMER {found.name.shown}, if it has {lost}"),
                RemoveConsumer(*named, found.pending),
                _STEP_S,
                undo=clean(f"make it again with {lost}"),
            ),
        ),
        traits=ground.traits(group, found.name),
        radius=(
            clean(f"{lost} of {group.pending} in {group.name.shown}: {fate}"),
            clean(f"{counted(group.consumer_count - 1, 'consumer')} left in {group.name.shown}"),
        ),
        preflight=flights,
        locks=(ground.lock,),
        way_back=clean(f"made again with {lost}, from the list that is kept with the action"),
        danger=Danger.DESTROY if found.pending else Danger.CHANGE,
        called=found.name.spelled,
    )


def _consumer(group: GroupFacts, rows: tuple[ConsumerFacts, ...], wanted: str) -> ConsumerFacts:
    for one in rows:
        if one.name == KeyName.read(wanted) or (not wanted and len(rows) == 1):
            return one
    known = ", ".join(one.name.shown for one in rows[:20]) or "none"
    raise ActionError(
        f"{group.name.shown} has no consumer {clean(wanted)!r}; --set consumer= one of: {known}"
    )


def _idleness(one: ConsumerFacts) -> tuple[Preflight, ...]:
    if one.idle_s >= _ALIVE_S:
        return (passed("consumer", f"it has asked for nothing for {span(one.idle_s)}"),)
    text = f"it asked for something {span(one.idle_s)} ago: it is alive"
    return (warning("consumer", text, USED_AGAIN),)


def _loss(one: ConsumerFacts, typed: str) -> tuple[Preflight, ...]:
    """Return whether what it has pending may go: only by its very number."""
    if one.pending > MOST:
        text = f"{one.pending} pending are too many to keep a way back for; at most {MOST}"
        return (stop_flight("pending", text, "claim them first (stream.claim)"),)
    if not one.pending or typed == f"{one.pending}":
        return (passed("pending", f"{entries_text(one.pending)} pending"),)
    said = f", not {clean(typed)}" if typed else ""
    text = f"{entries_text(one.pending)} pending{said}: with it they are lost to the group"
    remedy = f"claim them first (stream.claim), or type the loss: --set loss={one.pending}"
    return (stop_flight("pending", text, remedy),)


@dataclass(frozen=True, slots=True)
class _Shift:
    """What setting a group's id would do."""

    again: int = 0
    """Entries that are delivered a second time."""
    never: int = 0
    """Entries that are never delivered."""
    is_more: bool = False
    """There are more of them than were counted."""

    @property
    def text(self) -> str:
        """In words."""
        more = "more than " if self.is_more else ""
        if self.again:
            return f"{more}{entries_text(self.again)} would be delivered again"
        return f"{more}{entries_text(self.never)} would never be delivered"


async def _shift(ground: Ground, group: GroupFacts, to: EntryId) -> _Shift:
    was = group.last_delivered
    first = ground.facts.first
    if to < was and group.lag is not None and (first is None or to < first):
        return _Shift(again=max(0, ground.facts.length - group.lag))
    count, is_more = await count_between(ground, min(was, to), max(was, to))
    return _Shift(*((count, 0) if to < was else (0, count)), is_more)


async def count_between(ground: Ground, after: EntryId, upto: EntryId) -> tuple[int, bool]:
    """Count the entries after an id up to another; True: there are more."""
    count, start = 0, after
    while count < _COUNTED:
        page = await ground.control.entries(ground.server, ground.key, start, _PAGE)
        inside = [one for one in page if one.id <= upto]
        count += len(inside)
        if len(inside) < _PAGE:
            return count, False
        start = inside[-1].id
    return count, True


async def _draft_set_id(site: Site, request: ActionRequest) -> Draft:
    ground = await ground_of(site, request.target, request.input("group"))
    group = ground.group(request.input("group"))
    place, was = ground.place(group), group.last_delivered
    to = id_input(request.input("id") or "0", ground.facts.last_generated)
    words = (place.key.raw, place.group.raw)
    flights = await ground.flights(
        ("XGROUP", "SETID", *words, "0"),
        ("EVAL", SET_ID, 1, *words, "0", "0", ""),
        ("XINFO", "GROUPS", place.key.raw),
    )
    title = clean(f"have {group.name.shown} go on after {to}")
    if to == was:
        same = stop_flight("id", f"it goes on after {was} already: nothing to set")
        return ground.nothing(title, (*flights, same))
    shift = await _shift(ground, group, to)
    rows = await ground.control.consumers(place)
    named = (place.server, place.key.spelled, place.group.spelled)
    back = f"back to {was}; what is delivered until then stays delivered"
    pending = f"{entries_text(group.pending)} pending stay so, whatever is delivered again"
    return Draft(
        title=title,
        targets=(ground.group_target(group),),
        steps=(
            DraftStep(
                clean(f"XGROUP SETID {group.name.shown} from {was} to {to}"),
                SetGroupId(*named, f"{was}", f"{to}", group.entries_read),
                _STEP_S,
                undo=clean(back),
            ),
        ),
        traits=ground.traits(group, is_at=True),
        radius=(
            clean(f"{shift.text}; {ground.facts.length} in {ground.key.shown}"),
            *((clean(pending),) if group.pending else ()),
        ),
        preflight=(*_at_work(rows), *flights),
        locks=(ground.lock,),
        way_back=clean(back),
        danger=Danger.DESTROY if shift.again or shift.never else Danger.CHANGE,
        called=group.name.spelled,
    )


def _at_work(rows: tuple[ConsumerFacts, ...]) -> tuple[Preflight, ...]:
    """Return that the group is in use: what would be delivered again is done twice."""
    busy = [one.name.shown for one in rows if one.idle_s < _ALIVE_S]
    if not busy:
        return (passed("consumers", "none of them asks for anything now"),)
    text = f"at work: {', '.join(busy[:5])}; if the group reads on before the first step, it stops"
    return (warning("consumers", text, "stop them first"),)


async def _draft_create(site: Site, request: ActionRequest) -> Draft:
    ground = await ground_of(site, request.target)
    name = KeyName.read(request.input("group"))
    start = id_input(request.input("id") or "$", ground.facts.last_generated)
    flights = await ground.flights(
        ("XGROUP", "CREATE", ground.key.raw, name.raw, "0"),
        ("EVAL", REMOVE_GROUP, 1, ground.key.raw, name.raw, "0"),
    )
    title = clean(f"make group {name.shown} of {ground.key.shown}")
    if any(one.name == name for one in ground.groups):
        there = stop_flight("group", f"{name.shown} is there already", "stream.set_id moves it")
        return ground.nothing(title, (*flights, there))
    group = GroupFacts(name, 0, 0, start, None, None)
    count, is_more = await count_between(ground, start, ground.facts.last_generated)
    more = "more than " if is_more else ""
    return Draft(
        title=title,
        targets=(ground.group_target(group),),
        steps=(
            DraftStep(
                clean(f"XGROUP CREATE {name.shown} {start}"),
                CreateGroup(ground.server, ground.key.spelled, name.spelled, f"{start}"),
                _STEP_S,
                undo=SafeText("remove it, while nobody has used it"),
            ),
        ),
        traits=ground.traits(group),
        radius=(clean(f"it gets {more}{entries_text(count)} that are there, and all that come"),),
        preflight=flights,
        locks=(ground.lock,),
        way_back=SafeText("removed, while it has no consumer, nothing pending and stands there"),
        called=name.spelled,
    )


_REMOVE = "Remove a consumer"
_SET_ID = "Have a group go on after another entry"
_CREATE = "Make a consumer group"
_GROUP = Input("group", "Consumer group; the only one unless said")
ACTIONS: tuple[Action, ...] = (
    Action(
        "stream.remove_consumer", _REMOVE, "remove", Danger.DESTROY,
        lambda site: offers("stream.remove_consumer", _REMOVE, site), _draft_remove,
        (
            _GROUP, Input("consumer", "Which; the only one unless said"),
            Input("loss", "How many pending entries are lost with it, if they may be"),
        ),
    ),
    Action(
        "stream.set_id", _SET_ID, "set", Danger.DESTROY,
        lambda site: offers("stream.set_id", _SET_ID, site), _draft_set_id,
        (_GROUP, Input("id", "Entry after which it goes on; 0: the start, $: the end", "0")),
    ),
    Action(
        "stream.create_group", _CREATE, "create", Danger.CHANGE,
        lambda site: offers("stream.create_group", _CREATE, site), _draft_create,
        (
            Input("group", "Its name", is_required=True),
            Input("id", "Entry after which it reads; 0: the start, $: the end", "$"),
        ),
    ),
)  # fmt: skip
