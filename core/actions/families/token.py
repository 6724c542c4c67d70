"""`token.revoke`: the keys of tokens removed; told when no application asks for them."""

from core.actions.action import Action, Draft, DraftProof, DraftStep, DraftTrait, Offer, Site
from core.actions.families.redis_key_copies import keys_of, too_large
from core.actions.families.redis_key_look import (
    HIDDEN,
    KeyTrait,
    names_of,
    of_patterns,
    ready,
    redis_spec_of,
)
from core.actions.families.redis_key_steps import DropKeys, KeysGone
from core.actions.families.redis_look import RedisTrait
from core.actions.families.services_draft import passed, stop_flight, warning
from core.actions.results import new_result
from core.actions.verdicts.judged import counted
from core.clients.acting.redis_key_values import KeySight
from core.errors import ActionError, ClientError
from core.model.action import ActionRequest, Danger, Input, Preflight, Target
from core.model.redis_key import KeyName
from core.model.redis_spec import KeyFamilySpec, RedisSpec
from core.model.text import SafeText, clean
from core.redis.server.families import is_token_family

_MOST = 200
_CALLS = (("UNLINK", "key"), ("RESTORE", "key", "0", "x"), ("WATCH", "key"))
_SHOWN_CHARS = 6
_ALL_SHOWN_BYTES = 12


def masked(key: KeyName) -> SafeText:
    """Return a key whose last word is a secret, as far as it may be shown."""
    head, colon, last = key.spelled.rpartition(":")
    if len(last) <= _ALL_SHOWN_BYTES:
        return clean(f"{head}{colon}{last[:2]}…")
    return clean(f"{head}{colon}{last[:_SHOWN_CHARS]}… ({len(last)} characters)")


def _family(site: Site, request: ActionRequest) -> tuple[RedisSpec, KeyFamilySpec]:
    spec = redis_spec_of(site, request.target)
    name = request.target.partition("/")[2]
    for one in spec.families:
        if one.name == name and is_token_family(one):
            return spec, one
    known = ", ".join(one.name for one in spec.families if is_token_family(one)) or "none"
    raise ActionError(f"{clean(name, 40)} is no family of tokens; there are: {known}")


def _asked(family: KeyFamilySpec, request: ActionRequest) -> tuple[KeyName, ...]:
    """Return the keys that are meant.

    Raises:
        ActionError: none, too many, or one that is no token of this family.
    """
    keys = names_of(request.input("keys"))
    if not keys or len(keys) > _MOST:
        raise ActionError(f"name the tokens: --set keys=…, with commas, {_MOST} at most")
    for one in keys:
        if not of_patterns(family.keys, one):
            raise ActionError(
                f"{masked(one)} is no key of {family.name}: those are {', '.join(family.keys)}"
            )
    return keys


async def _draft(site: Site, request: ActionRequest) -> Draft:
    spec, family = _family(site, request)
    keys, server = _asked(family, request), spec.server
    state = await ready(site, server, _CALLS)
    there: tuple[KeySight, ...] = ()
    flights = list(state.flights)
    if state.standing is not None:
        try:
            sights = await keys_of(site.ports).kinds(server, keys)
        except ClientError as error:
            flights.append(stop_flight("tokens", str(error)))
        else:
            there = tuple(one for one in sights if one.is_there)
            flights += _flights(family, there, len(keys))
    names = tuple(one.key.spelled for one in there)
    run_id = state.standing.run_id if state.standing else ""
    steps = _steps(site, server, run_id, names) if there else ()
    return Draft(
        title=clean(f"revoke {len(there)} of {counted(len(keys), 'token')} of {family.name}"),
        targets=tuple(
            Target("token", f"{server}/{one.key.spelled}", masked(one.key)) for one in there
        ) or (Target("token", f"{server}/{family.name}", clean(family.name)),),
        steps=steps,
        traits=_traits(server, there) if there else (),
        proofs=(DraftProof(SafeText("EXISTS says 0"), KeysGone(server, names, is_strict=True)),),
        radius=(
            clean(f"{counted(len(there), 'token')}: whoever uses one has to log in again"),
            *((clean(family.note),) if family.note else ()),
        ),
        preflight=tuple(flights),
        preview=tuple(clean(f"{masked(one.key)}: {_lasts(one)}") for one in there),
        locks=(f"redis-keys:{server}",),
        way_back=SafeText("kept in the action's folder, and put back with their time to live"),
        called=family.name,
    )  # fmt: skip


def _steps(site: Site, server: str, run_id: str, names: tuple[str, ...]) -> tuple[DraftStep, ...]:
    step = DropKeys(server, run_id, names, new_result(site.ports), is_same=True, is_masked=True)
    back = SafeText("put back with what is left of their time")
    return (
        DraftStep(clean(f"UNLINK {counted(len(names), 'key')} of {server}"), step, 60.0, undo=back),
    )


def _traits(server: str, there: tuple[KeySight, ...]) -> tuple[DraftTrait, ...]:
    return (
        DraftTrait(clean(server), RedisTrait(server)),
        *(DraftTrait(masked(one.key), KeyTrait(server, one.key.spelled, HIDDEN)) for one in there),
    )


def _flights(family: KeyFamilySpec, there: tuple[KeySight, ...], asked: int) -> list[Preflight]:
    found: list[Preflight] = []
    if not there:
        found.append(stop_flight("tokens", "nothing to revoke: none of these keys is there"))
    elif len(there) < asked:
        found.append(warning("tokens", f"{asked - len(there)} of {asked} are not there"))
    else:
        found.append(passed("tokens", f"{asked} there"))
    if large := too_large(there):
        text = f"{masked(large.key)} takes {large.size_bytes} bytes, and cannot be copied first"
        found.append(stop_flight("size", text))
    if family.note:
        found.append(warning("application", family.note))
    text = "an application that trusts a signature alone (JWT) goes on letting them in"
    found.append(warning("stateless", text, "try one of them afterwards"))
    return found


def _lasts(sight: KeySight) -> str:
    lasts = "never expires" if sight.ttl_ms is None else f"expires in {sight.ttl_ms // 1000} s"
    return f"{sight.kind}, {lasts}"


def _offers(site: Site) -> tuple[Offer, ...]:
    return tuple(
        Offer("token.revoke", f"{system.name}/{one.name}", clean(f"Revoke keys of {one.name}"))
        for system in site.topology.systems
        for spec in system.redis[:1]
        for one in spec.families
        if is_token_family(one)
    )


ACTIONS: tuple[Action, ...] = (
    Action(
        "token.revoke", "Revoke tokens", "revoke", Danger.INTERRUPT, _offers, _draft,
        (Input("keys", "keys of the tokens, with commas", is_required=True),),
    ),
)  # fmt: skip
