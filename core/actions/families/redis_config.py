"""`redis.configure` and `redis.rewrite`: settings of a running server, old to new."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from core.actions.action import Action, Draft, DraftProof, DraftStep, DraftTrait, Offer, Site
from core.actions.families.redis_census import Census, take_census
from core.actions.families.redis_config_steps import RewriteFile, SetSetting, SettingIs
from core.actions.families.redis_key_copies import keys_of
from core.actions.families.redis_key_look import Ready, ready
from core.actions.families.redis_look import RedisTrait, server_of
from core.actions.families.redis_settings import (
    MAXMEMORY,
    POLICY,
    SAVE,
    SETTINGS,
    setting_text,
    shown_setting,
    size_shown,
)
from core.actions.families.services_draft import passed, stop_flight, warning
from core.actions.results import ResultSays, forgetting, new_result
from core.actions.verdicts.judged import counted
from core.clients.acting.redis_key_values import Standing
from core.errors import ClientError
from core.model.action import ActionRequest, Danger, Input, Preflight, Target
from core.model.redis_spec import RedisSpec
from core.model.text import SafeText, clean
from core.redis.servers import redis_checks

_DEADLINE_S = 45.0
_SAMPLE = 20_000
_TIGHT = 0.9
_LOST = "lost at its next start, unless redis.rewrite writes it into its file"


@dataclass(frozen=True, slots=True)
class _Change:
    """One setting, old to new."""

    name: str
    before: str
    after: str

    @property
    def shown(self) -> str:
        before, after = (shown_setting(self.name, one) for one in (self.before, self.after))
        return f"{self.name}: {before} → {after}"


def redis_server(site: Site, target: str) -> str:
    """Return the server that a target names.

    Raises:
        ActionError: there is none.
    """
    system, _, service = target.partition("/")
    return server_of(site, site.system(system).name, service)


def spec_of_server(site: Site, server: str) -> RedisSpec:
    """Return what the profile says is kept in a server."""
    system = site.system(server.partition("/")[0])
    return next((one for one in system.redis if one.server == server), RedisSpec(server))


async def draft_settings(
    site: Site, server: str, wanted: tuple[tuple[str, str], ...], title: str
) -> Draft:
    """Return the draft that changes settings of a running server.

    Raises:
        ActionError: one of them is not changed from here, or its value is none.
    """
    values = tuple((name, setting_text(name, text)) for name, text in wanted)
    state = await ready(site, server, (("CONFIG", "SET", "hz", "10"), ("CONFIG", "GET", "hz")))
    base = Draft(
        title=clean(title),
        targets=(Target("redis", server, clean(server)),),
        steps=(),
        preflight=state.flights,
        called=server.partition("/")[2],
    )
    if state.standing is None:
        return base
    try:
        found = await keys_of(site.ports).settings(server, [name for name, _ in values])
        changes = tuple(
            _Change(name, found[name], value) for name, value in values if name in found
        )
        flights = [*state.flights, *_missing(server, values, found)]
        flights += await _flights(site, server, state.standing, changes)
    except ClientError as error:
        flight = stop_flight("settings", str(error))
        return Draft(base.title, base.targets, (), preflight=(*state.flights, flight))
    changed = tuple(one for one in changes if one.before != one.after)
    return _changes(server, state.standing.run_id, base, changed, tuple(flights))


def _changes(
    server: str,
    run_id: str,
    base: Draft,
    changed: tuple[_Change, ...],
    flights: tuple[Preflight, ...],
) -> Draft:
    return Draft(
        title=base.title,
        targets=base.targets,
        steps=tuple(
            DraftStep(
                clean(f"CONFIG SET {one.name} {one.after or chr(39) * 2}"),
                SetSetting(server, run_id, one.name, one.before, one.after),
                _DEADLINE_S,
                undo=clean(f"back to {shown_setting(one.name, one.before)}"),
            )
            for one in changed
        ),
        traits=(
            DraftTrait(clean(server), RedisTrait(server)),
        ),
        proofs=tuple(
            DraftProof(
                clean(f"CONFIG GET {one.name}"), SettingIs(server, run_id, one.name, one.after)
            )
            for one in changed
        ),
        radius=(clean(f"{counted(len(changed), 'setting')} of the running server"), clean(_LOST)),
        preflight=flights,
        preview=tuple(clean(one.shown) for one in changed),
        locks=(f"redis-settings:{server}",),
        way_back=SafeText("CONFIG SET with the old values; what was evicted meanwhile is gone"),
        danger=_danger(changed),
        called=base.called,
    )  # fmt: skip


def _danger(changed: tuple[_Change, ...]) -> Danger:
    evicts = any(one.name == POLICY and one.after.startswith("allkeys") for one in changed)
    if evicts:
        return Danger.DESTROY
    return Danger.INTERRUPT if any(one.name == MAXMEMORY for one in changed) else Danger.CHANGE


def _missing(
    server: str, values: tuple[tuple[str, str], ...], found: Mapping[str, SafeText]
) -> tuple[Preflight, ...]:
    names = [name for name, _ in values if name not in found]
    return tuple(stop_flight("settings", f"{server} has no setting {name}") for name in names)


async def _flights(
    site: Site, server: str, standing: Standing, changes: tuple[_Change, ...]
) -> list[Preflight]:
    same = [one for one in changes if one.before == one.after]
    flights = [
        (stop_flight if len(same) == len(changes) else passed)(
            "change", f"{one.name} is {shown_setting(one.name, one.after)} already"
        )
        for one in same
    ]
    changed = [one for one in changes if one.before != one.after]
    if any(one.name in {POLICY, MAXMEMORY} for one in changed):
        flights += await _memory_flights(site, server, standing, changed)
    for one in changed:
        if one.name == SAVE and not one.after:
            flights.append(warning("save", "no snapshot is written any more by itself"))
        if one.name == "appendfsync" and one.after == "no":
            flights.append(warning("save", "what was written last is lost in a crash"))
    flights.append(warning("lasting", f"each of them is {_LOST}"))
    if not standing.config_file:
        text = "it was started without a file, or does not say which: a rewrite is not possible"
        flights.append(warning("file", text, "change how it is started"))
    return flights


async def _memory_flights(
    site: Site, server: str, standing: Standing, changed: list[_Change]
) -> list[Preflight]:
    """Say what a new limit or policy would do to what is there."""
    new = {one.name: one.after for one in changed}
    limit = int(new.get(MAXMEMORY, standing.max_bytes))
    policy = new.get(POLICY, standing.policy)
    flights: list[Preflight] = []
    if MAXMEMORY in new:
        flights += _limit_flights(standing, limit, policy)
    if POLICY in new and not limit:
        text = "it does nothing while maxmemory is 0 (no limit)"
        flights.append(warning("policy", text, "set maxmemory too"))
    if policy == "noeviction":
        flights.append(warning("policy", "noeviction: once full, every write is refused (OOM)"))
    if policy == "noeviction" or not (limit or POLICY in new):
        return flights
    spec, keys = spec_of_server(site, server), standing.keys.get(standing.database, 0)
    census = await take_census(site.ports, spec, standing.database, keys, _SAMPLE)
    return [*flights, *_eviction_flights(policy, census)]


def _limit_flights(standing: Standing, limit: int, policy: str) -> list[Preflight]:
    used, shown = standing.used_bytes, size_shown(standing.used_bytes)
    if not limit:
        return [warning("maxmemory", f"no limit: it takes what the machine has; {shown} used now")]
    if limit < used:
        keys = sum(standing.keys.values())
        go = math.ceil(keys * (used - limit) / max(1, used))
        comes = (
            "every write would be refused at once (OOM)"
            if policy == "noeviction"
            else f"about {min(keys, go)} of {keys} keys would be evicted at once ({policy})"
        )
        text = f"{size_shown(limit)} is below the {shown} in use: {comes}"
        return [stop_flight("maxmemory", text, f"more than {used} bytes, or make room first")]
    if used > limit * _TIGHT:
        text = f"{shown} of {size_shown(limit)} are used already: it is nearly full at once"
        return [warning("maxmemory", text)]
    return [passed("maxmemory", f"{shown} of {size_shown(limit)} used")]


def _eviction_flights(policy: str, census: Census) -> list[Preflight]:
    if policy.startswith("volatile"):
        if census.without_ttl > 0.99 and census.counted:
            text = "no key has a time to live: nothing can be evicted, writes are refused when full"
            return [warning("evicts", text)]
        share = round(100 * (1 - census.without_ttl))
        return [passed("evicts", f"only keys with a time to live, about {share} %")]
    names = [counted(len(census.streams), "stream")] if census.streams else []
    names += [f"{one.count} {one.name}" for one in census.families[:5]]
    text = (
        f"{policy} evicts any key, whole streams and tokens too: {', '.join(names) or 'none now'}"
    )
    remedy = "volatile-lru takes only keys with a time to live"
    return [warning("evicts", text, remedy)]


async def _configure(site: Site, request: ActionRequest) -> Draft:
    server = redis_server(site, request.target)
    name, value = request.input("name"), request.input("value")
    return await draft_settings(
        site, server, ((name, value),), f"set {name} of {server} to {value or chr(39) * 2}"
    )


async def _rewrite(site: Site, request: ActionRequest) -> Draft:
    server = redis_server(site, request.target)
    state = await ready(site, server, (("CONFIG", "REWRITE"),))
    result = new_result(site.ports)
    run_id = state.standing.run_id if state.standing else ""
    back = SafeText("none: the file is the server's, and it keeps no copy")
    return Draft(
        title=clean(f"have {server} write its settings into its file"),
        targets=(Target("redis", server, clean(server)),),
        steps=(
            DraftStep(
                SafeText("CONFIG REWRITE"),
                RewriteFile(server, run_id, result),
                _DEADLINE_S,
                is_irreversible=True,
            ),
            forgetting(result),
        )
        if run_id
        else (),
        traits=(DraftTrait(clean(server), RedisTrait(server)),) if run_id else (),
        proofs=(DraftProof(SafeText("what came of it"), ResultSays(result)),),
        radius=(SafeText("all settings as they are now, those that others changed too"),),
        preflight=(*state.flights, *_file_flights(state)),
        locks=(f"redis-settings:{server}",),
        way_back=back,
        called=server.partition("/")[2],
    )


def _file_flights(state: Ready) -> tuple[Preflight, ...]:
    if state.standing is None:
        return ()
    if not state.standing.config_file:
        text = "it was started without a configuration file: there is nothing to write into"
        return (stop_flight("file", text, "change how it is started"),)
    return (passed("file", state.standing.config_file),)


def _offers(site: Site) -> tuple[Offer, ...]:
    return tuple(
        Offer("redis.configure", one, clean(f"Change a setting of {one}"))
        for one in redis_checks(site.topology)
    )


def _rewrite_offers(site: Site) -> tuple[Offer, ...]:
    return tuple(
        Offer("redis.rewrite", one, clean(f"Have {one} keep its settings"))
        for one in redis_checks(site.topology)
    )


ACTIONS: tuple[Action, ...] = (
    Action(
        "redis.configure", "Change a setting of Redis", "set", Danger.INTERRUPT,
        _offers, _configure,
        (Input("name", "which setting", is_required=True, choices=tuple(SETTINGS)),
         Input("value", "its new value, such as 2gb")),
    ),
    Action(
        "redis.rewrite", "Have Redis keep its settings", "rewrite", Danger.CHANGE,
        _rewrite_offers, _rewrite,
    ),
)  # fmt: skip
