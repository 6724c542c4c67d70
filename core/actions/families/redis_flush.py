"""`redis.flush`: every key of one database removed, after it was said whose they are."""

from dataclasses import dataclass

from core.actions.action import Action, Draft, DraftProof, DraftStep, DraftTrait, Offer, Site
from core.actions.families.redis_census import MOST_KEYS, Census, take_census
from core.actions.families.redis_config import redis_server, spec_of_server
from core.actions.families.redis_flush_steps import DatabaseFlushed, FlushDatabase
from core.actions.families.redis_key_copies import MOST_BYTES
from core.actions.families.redis_key_look import ready
from core.actions.families.redis_look import SAVE_S, RedisTrait, redis_of, save_flights
from core.actions.families.redis_save import RedisSaved, SaveRedis
from core.actions.families.redis_settings import size_shown
from core.actions.families.services_draft import passed, stop_flight, warning
from core.actions.results import new_result
from core.actions.verdicts.judged import counted
from core.clients.acting.redis_key_values import Standing
from core.errors import ActionError, ClientError
from core.model.action import ActionRequest, Danger, Input, Preflight, Target
from core.model.text import SafeText, clean
from core.redis.servers import redis_checks

_DEADLINE_S = 900.0
_STREAMS, _TOKENS = "streams", "tokens"
_NO_BACKUP = "NO-BACKUP"
_CALLS = (("FLUSHDB", "ASYNC"), ("DUMP", "key"), ("RESTORE", "key", "0", "x"))


@dataclass(frozen=True, slots=True)
class _Scope:
    """What is to be emptied."""

    server: str
    database: int
    standing: Standing
    census: Census
    backup: str
    """`copy`, `snapshot` or nothing."""
    snapshot: str = ""
    """Where the server writes its snapshot."""


def _database(request: ActionRequest, own: int) -> int:
    text = request.input("database", str(own))
    if not text.isdecimal() or len(text) > 4:
        raise ActionError(f"database is a number, not {clean(text, 40)}")
    return int(text)


def _including(request: ActionRequest) -> frozenset[str]:
    words = frozenset(word.strip() for word in request.input("including").split(",") if word)
    if unknown := words - {_STREAMS, _TOKENS}:
        raise ActionError(f"including names streams and tokens, not {clean(min(unknown), 40)}")
    return words


async def _draft(site: Site, request: ActionRequest) -> Draft:
    server, including = redis_server(site, request.target), _including(request)
    state = await ready(site, server, _CALLS)
    if state.standing is None:
        return _refused(server, "its database", state.flights)
    standing = state.standing
    database = _database(request, standing.database)
    total = standing.keys.get(database, 0)
    flights = [*state.flights, *_server_flights(standing, database, total)]
    if not total or standing.is_cluster:
        return _refused(server, f"database {database}", tuple(flights))
    try:
        census = await take_census(site.ports, spec_of_server(site, server), database, total)
        backup, snapshot, more = await _backup(site, server, census, request.input("backup"))
    except ClientError as error:
        flights.append(stop_flight("census", str(error)))
        return _refused(server, f"database {database}", tuple(flights))
    flights += [*_loss_flights(census, including), *more]
    scope = _Scope(server, database, standing, census, backup, snapshot)
    return await _flushing(site, scope, tuple(flights))


def _refused(server: str, what: str, flights: tuple[Preflight, ...]) -> Draft:
    target = Target("redis", server, clean(server))
    return Draft(clean(f"flush {what} of {server}"), (target,), (), preflight=flights)


def _server_flights(standing: Standing, database: int, total: int) -> list[Preflight]:
    flights: list[Preflight] = []
    if standing.is_cluster:
        text = "a cluster: FLUSHDB empties one node's slots and leaves the others"
        flights.append(stop_flight("cluster", text, "not done from here"))
    if not total:
        has = ", ".join(f"{number} ({keys})" for number, keys in standing.keys.items()) or "none"
        text = f"nothing to flush: database {database} has no key; databases with keys: {has}"
        flights.append(stop_flight("keys", text))
    others = sum(keys for number, keys in standing.keys.items() if number != database)
    if others:
        flights.append(passed("databases", f"{others} keys of other databases stay"))
    if standing.clients > 1:
        text = f"{counted(standing.clients - 1, 'other client')} connected, writing on meanwhile"
        flights.append(warning("clients", text))
    return flights


def _loss_flights(census: Census, including: frozenset[str]) -> list[Preflight]:
    """Refuse what nobody has named: streams with their groups, tokens and revocations."""
    flights: list[Preflight] = []
    if census.streams or not census.is_all_streams:
        names = ", ".join(key.shown for key in census.streams[:5])
        what = (
            f"{counted(len(census.streams), 'stream')}, groups and pending entries too: {names}"
            if census.streams
            else "whether streams are there could not be looked through in time"
        )
        flights.append(_named(_STREAMS, what, including))
    if census.tokens:
        names = ", ".join(f"{one.count or ''} {one.name}".strip() for one in census.tokens[:5])
        text = f"tokens or revocations ({names}): sessions end, or what was revoked is valid again"
        flights.append(_named(_TOKENS, text, including))
    return flights


def _named(word: str, text: str, including: frozenset[str]) -> Preflight:
    if word in including:
        return warning(word, f"named to go: {text}")
    return stop_flight(word, text, f"name them: --set including={word}")


async def _backup(
    site: Site, server: str, census: Census, asked: str
) -> tuple[str, str, list[Preflight]]:
    """Return how it is kept, where, and what is to be said of that."""
    if asked == _NO_BACKUP:
        return "", "", [warning("backup", "none is made: there is no way back at all")]
    size = census.size_bytes
    is_small = census.is_whole and census.total <= MOST_KEYS and (size or 0) <= MOST_BYTES
    if is_small:
        shown = f", about {size_shown(size)}" if size is not None else ""
        text = f"{census.total} keys are copied into the action's folder{shown}, and tried"
        return "copy", "", [passed("backup", text)]
    flights = list(await save_flights(site, server))
    path = await redis_of(site.ports).snapshot_path(server)
    text = (
        f"too much to copy ({census.total} keys): a snapshot is written to {path}; the server's"
        " next save writes over it"
    )
    flights.append(warning("backup", text, "copy it with backup.create first; or NO-BACKUP"))
    return "snapshot", path, flights


async def _flushing(site: Site, scope: _Scope, flights: tuple[Preflight, ...]) -> Draft:
    server, database, census = scope.server, scope.database, scope.census
    run_id = str(scope.standing.run_id)
    sample = tuple(key.spelled for key in census.sample)
    flush = DraftStep(
        clean(f"FLUSHDB ASYNC of database {database}"),
        FlushDatabase(
            server, run_id, database, new_result(site.ports), sample, scope.backup == "copy"
        ),
        _DEADLINE_S,
        is_irreversible=scope.backup != "copy",
        undo=clean("the copies are put back" if scope.backup == "copy" else ""),
    )
    saves, saved = await _saving(site, scope)
    proof = DatabaseFlushed(server, database, sample, census.total)
    return Draft(
        title=clean(f"flush database {database} of {server}: {counted(census.total, 'key')}"),
        targets=(Target("redis", server, clean(server)),),
        steps=(*saves, flush),
        traits=(DraftTrait(clean(server), RedisTrait(server)),),
        proofs=(*saved, DraftProof(SafeText("only new keys are there"), proof)),
        radius=(
            clean(f"all {census.total} keys of database {database}, not only expired ones"),
            *census.lines(),
        ),
        preflight=flights,
        locks=(f"redis-keys:{server}",),
        way_back=_way_back(scope),
        danger=Danger.DESTROY,
        backup_bytes=(census.size_bytes or 0) if scope.backup == "copy" else 0,
        called=server.partition("/")[2],
    )


async def _saving(
    site: Site, scope: _Scope
) -> tuple[tuple[DraftStep, ...], tuple[DraftProof, ...]]:
    if scope.backup != "snapshot":
        return (), ()
    state = await redis_of(site.ports).state(scope.server)
    step = SaveRedis(scope.server, state.run_id, new_result(site.ports))
    proof = RedisSaved(scope.server, state.run_id, state.last_save_s)
    back = SafeText("nothing: its new snapshot stays")
    return (
        (DraftStep(clean(f"BGSAVE to {scope.snapshot}"), step, SAVE_S + 30.0, undo=back),),
        (DraftProof(SafeText("its snapshot was written"), proof),),
    )


def _way_back(scope: _Scope) -> SafeText:
    if scope.backup == "copy":
        return SafeText("the copies are put back, with their times to live; newer keys stay")
    if scope.backup == "snapshot":
        return clean(f"by hand: stop the server and start it with {scope.snapshot}")
    return SafeText("none")


def _offers(site: Site) -> tuple[Offer, ...]:
    return tuple(
        Offer("redis.flush", one, clean(f"Remove every key of {one}"))
        for one in redis_checks(site.topology)
    )


ACTIONS: tuple[Action, ...] = (
    Action(
        "redis.flush", "Empty a Redis database", "flush", Danger.DESTROY, _offers, _draft,
        (Input("database", "its number; the one of its address if empty"),
         Input("including", "what may go too: streams, tokens"),
         Input("backup", "NO-BACKUP: without any", choices=(_NO_BACKUP,))),
    ),
)  # fmt: skip
