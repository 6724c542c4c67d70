"""`circuit.reset` and `circuit.open`: a breaker's record removed, or made to say open."""

from collections.abc import Callable
from dataclasses import replace

from core.actions.action import Action, Draft, DraftProof, DraftStep, DraftTrait, Offer, Site
from core.actions.families.circuit_look import (
    CheckTrait,
    Meant,
    chosen,
    find,
    meant,
    name_flights,
    request_check,
    upstream_checks,
    upstream_flights,
)
from core.actions.families.circuit_records import Breaker, open_word
from core.actions.families.circuit_steps import CircuitCloses, CircuitIsOpen, OpenCircuit
from core.actions.families.redis_key_look import KeyTrait, Ready, ready, timed_text
from core.actions.families.redis_key_steps import DropKeys, KeysGone
from core.actions.families.redis_look import RedisTrait
from core.actions.families.services_draft import check_name, stop_flight, warning
from core.actions.results import new_result
from core.errors import ClientError
from core.model.action import ActionRequest, Danger, Input, Preflight, Target
from core.model.circuit import CircuitState
from core.model.redis_key import KeyName
from core.model.text import SafeText, clean

_DEADLINE_S = 60.0
_RESET = (("UNLINK", "key"), ("RESTORE", "key", "0", "x"), ("WATCH", "key"))
_OPEN = (("HSET", "key", "a", "b"), ("SET", "key", "a"), ("RESTORE", "key", "0", "x"))
_KEY = Input("key", "its key, where several are there")


def _base(what: Meant, verb: str, flights: tuple[Preflight, ...]) -> Draft:
    name, server = what.circuit.name, what.spec.server
    return Draft(
        title=clean(f"{verb} circuit {name}"),
        targets=(Target("circuit", f"{server}/{name}", clean(name)),),
        steps=(),
        preflight=flights,
        called=name,
    )


def _seen(what: Meant, base: Draft, breaker: Breaker) -> Draft:
    """Return a draft with what both actions say of the breaker that they are about."""
    server = what.spec.server
    return replace(
        base,
        targets=tuple(
            Target("circuit", f"{server}/{one.spelled}", one.shown) for one in breaker.keys
        ),
        traits=(
            DraftTrait(clean(server), RedisTrait(server)),
            *(
                DraftTrait(clean(f"what {one.shown} says"), KeyTrait(server, one.spelled))
                for one in breaker.keys
            ),
        ),
        preview=tuple(clean(f"{one.key.shown}: {timed_text(one)}") for one in breaker.sights),
        locks=(f"redis-keys:{server}",),
    )


async def _looked(
    site: Site, what: Meant, verb: str, calls: tuple[tuple[str, ...], ...]
) -> tuple[Draft, Ready, Breaker | None]:
    state = await ready(site, what.spec.server, calls)
    base = _base(what, verb, state.flights)
    if state.standing is None:
        return base, state, None
    try:
        breaker, flight = chosen(what, await find(site, what))
    except ClientError as error:
        return _with(base, stop_flight("circuit", str(error))), state, None
    base = _with(base, flight)
    if breaker is None:
        return base, state, None
    return _seen(what, _with(base, *name_flights(what, breaker)), breaker), state, breaker


def _with(base: Draft, *flights: Preflight) -> Draft:
    return replace(base, preflight=(*base.preflight, *flights))


async def _reset(site: Site, request: ActionRequest) -> Draft:
    what = meant(site, request)
    base, state, breaker = await _looked(site, what, "reset", _RESET)
    base = _with(base, *await upstream_flights(site, what.circuit))
    if breaker is None or state.standing is None:
        return base
    server, keys = what.spec.server, tuple(one.spelled for one in breaker.keys)
    step = DropKeys(
        server, state.standing.run_id, keys, new_result(site.ports),
        is_same=True, is_replacing=True,
    )  # fmt: skip
    closes = CircuitCloses(server, keys, request_check(site, what.circuit), what.circuit.legend)
    closed = warning("state", "it is closed already: only its counters begin anew")
    return replace(
        _with(base, *((closed,) if breaker.state is CircuitState.CLOSED else ())),
        title=clean(f"reset circuit {what.circuit.name}: remove {breaker.name.shown}"),
        steps=(
            DraftStep(
                clean(f"UNLINK {', '.join(keys)}"), step, _DEADLINE_S,
                undo=SafeText("its record is put back as it was"),
            ),
        ),
        traits=(
            *base.traits,
            *(
                DraftTrait(clean(f"check {check_name(one)}"), CheckTrait(check_name(one)))
                for one in upstream_checks(site, what.circuit)
            ),
        ),
        proofs=(
            DraftProof(SafeText("its old record is gone"), KeysGone(server, keys)),
            DraftProof(SafeText("one request, and its state read back"), closes),
        ),
        radius=(
            clean(f"every request goes through to {what.circuit.upstream} again"),
            SafeText("no record is a closed circuit; the service writes one at its next request"),
        ),
        way_back=SafeText("the record is kept in the action's folder, with its time to live"),
    )  # fmt: skip


async def _open(site: Site, request: ActionRequest) -> Draft:
    what = meant(site, request)
    base, state, breaker = await _looked(site, what, "open", _OPEN)
    if breaker is None or state.standing is None:
        return base
    word = open_word(breaker.raw_state)
    reason = _against(breaker, word)
    if reason or word is None or breaker.place is None:
        return _with(base, stop_flight("shape", reason))
    step = _opening(what, breaker, word, breaker.place, state.standing.run_id)
    server = what.spec.server
    memory = "a service that keeps its state in memory does not read this, and writes over it"
    return replace(
        _with(base, warning("service", memory)),
        title=clean(f"open circuit {what.circuit.name}: {breaker.name.shown}"),
        steps=(
            DraftStep(
                clean(f"write {word.decode()} into {breaker.place[0].shown}"), step, _DEADLINE_S,
                undo=SafeText("its record is put back as it was"),
            ),
        ),
        proofs=(
            DraftProof(SafeText("it stays open"), CircuitIsOpen(server, step.keys, step.legend)),
        ),
        radius=(
            clean(
                f"every request through it is refused, for about {what.circuit.reset_timeout_s:g} s"
            ),
        ),
        downtime=clean(f"about {what.circuit.reset_timeout_s:g} s, until it tries again"),
        way_back=SafeText("its record is kept in the action's folder, and put back"),
    )  # fmt: skip


def _against(breaker: Breaker, word: bytes | None) -> str:
    """Return why a record cannot be made to say open; empty: it can."""
    if breaker.state is CircuitState.OPEN:
        return "it is open already: nothing to do"
    if breaker.place is None:
        return f"a record of this shape ({breaker.row.shape}) cannot be opened from here"
    if word is None:
        return "its state is a number, and nobody says which one means open"
    if breaker.state is CircuitState.INVALID:
        return f"what is written there is no state: {breaker.shown_state}; reset it first"
    return ""


def _opening(
    what: Meant, breaker: Breaker, word: bytes, place: tuple[KeyName, bytes], run_id: str
) -> OpenCircuit:
    key, field = place
    timeout_ms = round(what.circuit.reset_timeout_s * 1000)
    expires = any(one.key == key and one.ttl_ms is not None for one in breaker.sights)
    return OpenCircuit(
        what.spec.server,
        run_id,
        tuple(one.spelled for one in breaker.keys),
        (key.spelled, KeyName(field).spelled),
        KeyName(word).spelled,
        KeyName(breaker.raw_state).spelled,
        tuple(
            (
                one.place[0].spelled,
                KeyName(one.place[1]).spelled,
                one.unit,
                timeout_ms if one.is_until else 0,
            )
            for one in breaker.stamps
        ),
        timeout_ms if expires and not field else None,
        what.circuit.legend,
    )


def _offers_of(action: str, verb: str) -> Callable[[Site], tuple[Offer, ...]]:
    def offers(site: Site) -> tuple[Offer, ...]:
        return tuple(
            Offer(action, f"{system.name}/{one.name}", clean(f"{verb} circuit {one.name}"))
            for system in site.topology.systems
            for spec in system.redis[:1]
            for one in spec.circuits
        )

    return offers


ACTIONS: tuple[Action, ...] = (
    Action(
        "circuit.reset", "Reset a circuit breaker", "reset", Danger.CHANGE,
        _offers_of("circuit.reset", "Reset"), _reset, (_KEY,),
    ),
    Action(
        "circuit.open", "Open a circuit breaker", "open", Danger.INTERRUPT,
        _offers_of("circuit.open", "Open"), _open, (_KEY,),
    ),
)  # fmt: skip
