"""`limit.reset` and `limit.change`: one client lets go of, or the limiter itself made wider."""

from core.actions.action import Action, Draft, DraftProof, DraftStep, DraftTrait, Offer, Site
from core.actions.families.limit_change import CHANGE
from core.actions.families.redis_key_copies import keys_of, slices, told_keys, too_large
from core.actions.families.redis_key_look import (
    SHAPE,
    KeyTrait,
    names_of,
    of_patterns,
    ready,
    redis_spec_of,
    timed_text,
)
from core.actions.families.redis_key_steps import DropKeys, KeysGone
from core.actions.families.redis_look import RedisTrait
from core.actions.families.services_draft import passed, stop_flight, warning
from core.actions.results import new_result
from core.actions.verdicts.judged import counted
from core.clients.acting.redis_key_values import Found, KeySight
from core.errors import ActionError, ClientError
from core.model.action import ActionRequest, Danger, Input, Preflight, Target
from core.model.redis_key import KeyName
from core.model.redis_spec import LimitSpec, RedisSpec
from core.model.text import SafeText, clean
from core.redis.globs import is_pattern

MOST = 5000
"""Records that one plan removes: all of their names stand in it."""
MOST_TARGETS = 200
_SCAN_S = 5.0
_SHOWN = 20
_RECORDS = frozenset({"hash", "string", "list", "set", "zset"})
_KEYS, _PATTERN = "keys", "pattern"


def limit_of(spec: RedisSpec, name: str) -> LimitSpec | None:
    """Return the limiter of a name, or the one whose records a key is one of."""
    for one in spec.limits:
        if one.name == name:
            return one
    key = KeyName.read(name)
    return next((one for one in spec.limits if of_patterns(one.keys, key)), None)


def _named(site: Site, request: ActionRequest) -> tuple[RedisSpec, LimitSpec, str]:
    """Return server, limiter and, where the target is one, the key."""
    spec = redis_spec_of(site, request.target)
    name = request.target.partition("/")[2]
    limit = limit_of(spec, name)
    if limit is None:
        known = ", ".join(one.name for one in spec.limits) or "none"
        raise ActionError(
            f"{clean(name, 80)} is no limit of {spec.system}, nor a record of one; limits: {known}"
        )
    return spec, limit, "" if limit.name == name else name


def _candidates(limit: LimitSpec, key: KeyName) -> tuple[KeyName, ...]:
    """Return the keys that a name can mean: a record's own, or those of a client."""
    if of_patterns(limit.keys, key):
        return (key,)
    return tuple(
        KeyName(KeyName.read(one[:-1]).raw + key.raw)
        for one in limit.keys
        if one.endswith("*") and not is_pattern(one[:-1])
    )


async def _asked(site: Site, spec: RedisSpec, limit: LimitSpec, text: str) -> tuple[KeyName, ...]:
    """Return the records that are meant by name; one that is not there is returned too.

    Raises:
        ActionError: a name is of no record of this limiter.
    """
    found: list[KeyName] = []
    for name in names_of(text):
        known = _candidates(limit, name)
        if not known:
            raise ActionError(
                f"{name.shown} is no record of {limit.name}: those are {', '.join(limit.keys)}"
            )
        if len(known) > 1:
            sights = await keys_of(site.ports).kinds(spec.server, known)
            known = tuple(one.key for one in sights if one.is_there) or known[-1:]
        found += known
    return tuple(dict.fromkeys(found))


async def _scanned(site: Site, spec: RedisSpec, limit: LimitSpec, pattern: str) -> Found:
    """Look for the records that match a pattern; what is none of the limiter's is left out."""
    wholes = limit.keys if pattern == "*" else (pattern,)
    keys: list[KeyName] = []
    is_whole, looked_at = True, 0
    for one in wholes:
        found = await keys_of(site.ports).scan(spec.server, one, MOST + 1, _SCAN_S / len(wholes))
        keys += [key for key in found.keys if of_patterns(limit.keys, key)]
        is_whole, looked_at = is_whole and found.is_whole, looked_at + found.looked_at
    unique = tuple(dict.fromkeys(keys))
    return Found(unique[:MOST], is_whole and len(unique) <= MOST, looked_at)


async def _draft(site: Site, request: ActionRequest) -> Draft:
    spec, limit, key = _named(site, request)
    text, pattern = request.input(_KEYS, key), request.input(_PATTERN)
    if bool(text) == bool(pattern):
        raise ActionError("say which records: --set keys=… or --set pattern=…, one of the two")
    title = f"reset {pattern or clean(text, 80)} of limit {limit.name}"
    base = Draft(
        title=clean(title),
        targets=(Target("limit", f"{spec.server}/{limit.name}", clean(limit.name)),),
        steps=(),
        called=limit.name,
    )
    state = await ready(site, spec.server, (("UNLINK", "key"), ("RESTORE", "key", "0", "x")))
    if state.standing is None:
        return _with(base, *state.flights)
    try:
        found = (
            await _scanned(site, spec, limit, pattern)
            if pattern
            else Found(await _asked(site, spec, limit, text), True, 0)
        )
        sights = await _sights(site, spec, found.keys)
    except ClientError as error:
        return _with(base, *state.flights, stop_flight("records", str(error)))
    there = tuple(one for one in sights if one.is_there)
    flights = (*state.flights, *_flights(limit, found, sights, is_scan=bool(pattern)))
    if not there:
        return _with(base, *flights)
    return _removal(site, spec, limit, base, there, flights, state.standing.run_id)


def _with(base: Draft, *flights: Preflight) -> Draft:
    return Draft(base.title, base.targets, (), preflight=flights, called=base.called)


async def _sights(site: Site, spec: RedisSpec, keys: tuple[KeyName, ...]) -> tuple[KeySight, ...]:
    """Look at the first records whole, at the others' kinds."""
    control = keys_of(site.ports)
    found = list(await control.sights(spec.server, keys[:_SHOWN]))
    for some in slices(keys[_SHOWN:]):
        found += await control.kinds(spec.server, some)
    return tuple(found)


def _flights(
    limit: LimitSpec, found: Found, sights: tuple[KeySight, ...], *, is_scan: bool
) -> tuple[Preflight, ...]:
    there = [one for one in sights if one.is_there]
    flights: list[Preflight] = []
    if not there and not found.is_whole:
        text = f"not known: none of the first {found.looked_at} keys matches; there are more"
        flights.append(stop_flight("records", text, "name them: --set keys=…"))
    elif not there:
        what = "no record matches" if is_scan else f"there is no {told_keys(found.keys)}"
        flights.append(stop_flight("records", f"nothing to reset: {what}", _real_names(limit)))
    elif len(there) < len(sights):
        gone = tuple(one.key for one in sights if not one.is_there)
        flights.append(warning("records", f"not there: {told_keys(gone)}"))
    if not found.is_whole and there:
        text = f"≈ {len(there)} records: there are more, or they could not all be looked at"
        flights.append(warning("scan", text, "those of the plan are removed, no other"))
    others = [one for one in there if one.kind not in _RECORDS]
    if others:
        text = f"WRONGTYPE: {others[0].key.shown} is a {others[0].kind}, no limiter's record"
        flights.append(stop_flight("type", text))
    large = too_large(there)
    if large is not None:
        text = f"{large.key.shown} takes {large.size_bytes} bytes, and cannot be copied first"
        flights.append(stop_flight("size", text, "look at it: no limiter keeps as much"))
    if there:
        flights.append(passed("records", f"{len(there)} there"))
    return tuple(flights)


def _real_names(limit: LimitSpec) -> str:
    return f"its records are named {' or '.join(limit.keys)}"


def _removal(
    site: Site,
    spec: RedisSpec,
    limit: LimitSpec,
    base: Draft,
    there: tuple[KeySight, ...],
    flights: tuple[Preflight, ...],
    run_id: str,
) -> Draft:
    names, server = tuple(one.key.spelled for one in there), spec.server
    step = DropKeys(server, run_id, names, new_result(site.ports))
    full = f", {limit.capacity:g} tokens" if limit.capacity is not None else ""
    traits = [DraftTrait(clean(server), RedisTrait(server))]
    if len(there) == 1:
        what = clean(f"what kind of record {there[0].key.shown} is")
        traits.append(DraftTrait(what, KeyTrait(server, names[0], SHAPE)))
    number = counted(len(there), "record")
    more = (clean(f"… and {len(there) - _SHOWN} more"),) if len(there) > _SHOWN else ()
    return Draft(
        title=clean(f"reset {number} of limit {limit.name}: {_told(there)}"),
        targets=tuple(
            Target("record", f"{server}/{one.key.spelled}", one.key.shown)
            for one in there[:MOST_TARGETS]
        ),
        steps=(
            DraftStep(
                clean(f"UNLINK {counted(len(there), 'key')} of {server}"), step,
                30.0 + len(there) / 20,
                undo=SafeText("put back with what is left of their time, where nothing is newer"),
            ),
        ),
        traits=tuple(traits),
        proofs=(DraftProof(SafeText("none is as it was"), KeysGone(server, names)),),
        radius=(
            clean(f"{number} removed: who they are of begins anew with a full allowance{full}"),
            *((clean(limit.note),) if limit.note else ()),
        ),
        preflight=flights,
        preview=(
            *(clean(f"{one.key.shown}: {timed_text(one)}") for one in there[:_SHOWN]), *more,
        ),
        locks=(f"redis-keys:{server}",),
        way_back=SafeText("values and times to live are kept in the action's folder"),
        called=base.called,
    )  # fmt: skip


def _told(there: tuple[KeySight, ...]) -> str:
    return told_keys(tuple(one.key for one in there))


def _offers(site: Site) -> tuple[Offer, ...]:
    return tuple(
        Offer("limit.reset", f"{system.name}/{one.name}", clean(f"Reset records of {one.name}"))
        for system in site.topology.systems
        for spec in system.redis[:1]
        for one in spec.limits
    )


ACTIONS: tuple[Action, ...] = (
    Action(
        "limit.reset", "Reset rate-limit records", "reset", Danger.CHANGE, _offers, _draft,
        (Input(_KEYS, "records or clients, with commas"),
         Input(_PATTERN, "or a pattern of records; * is all of them")),
    ),
    CHANGE,
)  # fmt: skip
