"""`stream.trim` and `stream.delete_entries`: entries that go for good."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.actions.action import Action, Draft, DraftStep, Input, Site
from core.actions.families.services_draft import passed, stop_flight
from core.actions.families.stream import offers
from core.actions.families.stream_entry_steps import DeleteEntries, TrimStream
from core.actions.families.stream_look import (
    Ground,
    count_input,
    cut,
    entries_text,
    ground_of,
    id_input,
    ids_of,
    parts_of,
)
from core.clients.keyspace.port import GroupFacts, RawEntry
from core.errors import ActionError
from core.model.action import ActionRequest, Danger, Preflight
from core.model.stream import EntryId
from core.model.text import SafeText, clean
from core.redis.streams.payload import entry_of

_STEP_S = 60.0
_PAGE = 500
_COUNTED = 50_000
"""More entries are not looked through for one plan."""
_SHOWN_CHARS = 160
_NO_WAY_BACK = SafeText("none: an id is given once; a copy is kept with the action")


@dataclass(frozen=True, slots=True)
class _Going:
    """What a trim would take."""

    min_id: EntryId
    """The first that stays."""
    ids: tuple[EntryId, ...]


async def _going(ground: Ground, request: ActionRequest) -> _Going:
    """Find what goes, by the number that stays or by the first that stays.

    Raises:
        ActionError: both or neither are said, or it is too much for a plan.
    """
    length, min_id = request.input("max_length"), request.input("min_id")
    if bool(length) == bool(min_id):
        raise ActionError("--set max_length=… (so many stay) or --set min_id=… (the first to stay)")
    last = ground.facts.last_generated
    if min_id:
        until = id_input(min_id, last)
        ids = await _ids_before(ground, until, _COUNTED + 1)
        if len(ids) > _COUNTED:
            raise _too_many()
        return _Going(until, ids)
    number = 0 if length == "0" else count_input("max_length", length, 0, 10**9)
    excess = ground.facts.length - number
    if excess <= 0:
        return _Going(EntryId(0), ())
    if excess > _COUNTED:
        raise _too_many()
    after = EntryId(last.ms, last.seq + 1)
    ids = await _ids_before(ground, after, excess + 1)
    return _Going(ids[excess] if len(ids) > excess else after, ids[:excess])


async def _ids_before(ground: Ground, until: EntryId, most: int) -> tuple[EntryId, ...]:
    found: list[EntryId] = []
    start: EntryId | None = None
    while len(found) < most:
        page = await ground.control.entries(ground.server, ground.key, start, _PAGE)
        found += [one.id for one in page if one.id < until]
        if len(page) < _PAGE or page[-1].id >= until:
            break
        start = page[-1].id
    return tuple(found[:most])


def _too_many() -> ActionError:
    return ActionError(f"more than {_COUNTED} entries would go; trim in smaller portions")


async def _pending_among(ground: Ground, group: GroupFacts, ids: Sequence[EntryId]) -> int:
    """Count which of these are pending in a group, as far as a plan looks."""
    if not group.pending or not ids:
        return 0
    meant = set(ids)
    count, start = 0, None
    for _ in range(_COUNTED // _PAGE):
        page = await ground.control.pending(ground.place(group), start, _PAGE)
        count += sum(one.id in meant for one in page)
        if len(page) < _PAGE or page[-1].id >= ids[-1]:
            break
        start = page[-1].id
    return count


async def _unfinished(ground: Ground, ids: Sequence[EntryId], typed: str) -> tuple[Preflight, ...]:
    """Return what groups have not read, or not acknowledged, of what goes."""
    lines: list[str] = []
    total = 0
    for group in ground.groups:
        unread = sum(one > group.last_delivered for one in ids)
        pending = await _pending_among(ground, group, ids)
        total += unread + pending
        if unread or pending:
            lines.append(f"{group.name.shown}: {unread} unread, {pending} pending")
    if not lines:
        return (passed("groups", "every group has read and acknowledged what goes"),)
    text = f"not done with: {'; '.join(lines[:5])}"
    if typed == f"{total}":
        return (passed("groups", f"{text}; that is meant"),)
    remedy = f"wait for them, or type how many are lost: --set loss={total}"
    return (stop_flight("groups", text, remedy),)


async def _draft_trim(site: Site, request: ActionRequest) -> Draft:
    ground = await ground_of(site, request.target)
    going = await _going(ground, request)
    flights = await ground.flights(("XTRIM", ground.key.raw, "MINID", "=", "0"))
    count, length = len(going.ids), ground.facts.length
    title = clean(f"trim {ground.key.shown} by {entries_text(count)}")
    if not count:
        text = f"{ground.key.shown} has {length}: nothing would go"
        return ground.nothing(title, (*flights, stop_flight("entries", text)))
    return Draft(
        title=title,
        targets=(ground.target,),
        steps=(
            DraftStep(
                clean(f"XTRIM {ground.key.shown} MINID {going.min_id}"),
                TrimStream(
                    ground.server,
                    ground.key.spelled,
                    f"{going.min_id}",
                    count,
                    f"{going.ids[0]}",
                ),
                _STEP_S,
                is_irreversible=True,
            ),
        ),
        traits=ground.traits(),
        radius=(clean(f"{count} of {length} entries go: {going.ids[0]} to {going.ids[-1]}"),),
        preflight=(*await _unfinished(ground, going.ids, request.input("loss")), *flights),
        way_back=_NO_WAY_BACK,
        called=f"{ground.key.spelled} {count}",
    )


async def _draft_delete(site: Site, request: ActionRequest) -> Draft:
    ground = await ground_of(site, request.target)
    ids = ids_of(request.input("ids"))
    found = await ground.control.entries_of(ground.server, ground.key, ids)
    there = [one for one in found if one is not None]
    flights = await ground.flights(("XDEL", ground.key.raw, "0-0"))
    title = clean(f"delete {entries_text(len(there))} of {ground.key.shown}")
    if not there:
        text = f"none of {entries_text(len(ids))} is in {ground.key.shown}"
        return ground.nothing(title, (*flights, stop_flight("entries", text)))
    missing = sorted(set(ids) - {one.id for one in there})
    lost = [clean(f"not: {one}: no longer in the stream") for one in missing]
    return Draft(
        title=title,
        targets=ground.entries([one.id for one in there]),
        steps=tuple(
            DraftStep(
                clean(f"XDEL {entries_text(len(rows))} from {rows[0].id} on"),
                DeleteEntries(
                    ground.server, ground.key.spelled, tuple(f"{one.id}" for one in rows)
                ),
                _STEP_S,
                is_irreversible=True,
            )
            for rows in parts_of(there)
        ),
        traits=ground.traits(),
        radius=(
            clean(f"{len(there)} of {ground.facts.length} entries go"),
            *await _pending_lines(ground, [one.id for one in there]),
        ),
        preflight=flights,
        preview=cut([*(line_of(one, ground) for one in there), *lost], "entries"),
        locks=(ground.lock,),
        is_locked_whole=True,
        way_back=_NO_WAY_BACK,
        called=ground.key.spelled,
    )


async def _pending_lines(ground: Ground, ids: Sequence[EntryId]) -> tuple[SafeText, ...]:
    lines: list[SafeText] = []
    for group in ground.groups:
        unread = sum(one > group.last_delivered for one in ids)
        pending = await _pending_among(ground, group, ids)
        if unread or pending:
            words = f"{group.name.shown} has {pending} of them pending, {unread} unread"
            lines.append(clean(f"{words}: it will never see them"))
    return tuple(lines)


def line_of(one: RawEntry, ground: Ground) -> SafeText:
    """Return an entry in a line."""
    shown = entry_of(one, ground.spec.payload_field, float(ground.state.now_s))
    return clean(f"{one.id}  {shown.preview}", _SHOWN_CHARS)


_TRIM = "Trim a stream"
_DELETE = "Delete entries of a stream"
ACTIONS: tuple[Action, ...] = (
    Action(
        "stream.trim", _TRIM, "trim", Danger.DESTROY,
        lambda site: offers("stream.trim", _TRIM, site), _draft_trim,
        (
            Input("max_length", "So many entries stay, the newest"),
            Input("min_id", "The first entry that stays"),
            Input("loss", "How many unread and pending ones are lost, if they may be"),
        ),
    ),
    Action(
        "stream.delete_entries", _DELETE, "delete", Danger.DESTROY,
        lambda site: offers("stream.delete_entries", _DELETE, site), _draft_delete,
        (Input("ids", "Entries, with commas", is_required=True),),
    ),
)  # fmt: skip
