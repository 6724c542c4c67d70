"""What the Redis servers of the scripted night say of themselves, through the real judging."""

import math
from dataclasses import replace

from bench.scene_limits import GATEWAY
from bench.scene_streams import COSTS, ENGINE
from core.model.redis_key import KeyName
from core.model.redis_server import (
    BigKey,
    Census,
    KeyFamily,
    LatencyWindow,
    ServerIdentity,
    ServerSample,
    ServerView,
    SlowCommand,
    TokenRow,
    Tokens,
)
from core.model.redis_spec import KeyFamilySpec, RedisSpec, StreamSpec
from core.model.stream import Progress
from core.model.text import SafeText, clean
from core.redis.server.figures import figures_of
from core.redis.server.findings import Seen, findings_of

_MIB = 2**20
_LOOKS = 120
_EVERY_S = 5.0
_SERVER_NOW_S = 1_772_334_847.0
_USUAL: dict[str, object] = {
    "redis_version": "7.0.15",
    "uptime_in_seconds": 187_240,
    "used_memory": 48 * _MIB,
    "used_memory_peak": 61 * _MIB,
    "used_memory_rss": 57 * _MIB,
    "maxmemory": 0,
    "maxmemory_policy": "noeviction",
    "mem_fragmentation_ratio": "1.18",
    "instantaneous_ops_per_sec": 412,
    "connected_clients": 14,
    "maxclients": 10_000,
    "blocked_clients": 3,
    "keyspace_hits": 9_120_331,
    "keyspace_misses": 402_118,
    "evicted_keys": 0,
    "loading": 0,
    "rdb_last_save_time": int(_SERVER_NOW_S) - 1_260,
    "rdb_last_bgsave_status": "ok",
    "rdb_bgsave_in_progress": 0,
    "rdb_changes_since_last_save": 8_412,
    "aof_enabled": 0,
    "role": "master",
    "connected_slaves": 0,
    "db0": "keys=41208,expires=39914,avg_ttl=0",
}


def filled(views: tuple[ServerView, ...]) -> tuple[ServerView, ...]:
    """Return the servers with what they say of themselves; who refuses us says nothing."""
    return tuple(_fillers[one.server](one) if one.server in _fillers else one for one in views)


def _told(
    view: ServerView,
    spec: RedisSpec,
    history: tuple[ServerSample, ...],
    changed: dict[str, object],
    tokens: Tokens | None = None,
) -> ServerView:
    info = {name: clean(str(value)) for name, value in {**_USUAL, **changed}.items()}
    settings = {
        "save": clean("3600 1 300 100"),
        "stop-writes-on-bgsave-error": clean("yes"),
        "slowlog-log-slower-than": clean("10000"),
    }
    figures, identity = figures_of(info), _identity(view.server)
    found = findings_of(
        Seen(spec, figures, history, identity, settings, tokens, may_write=view.server == COSTS)
    )
    return replace(
        view,
        identity=identity,
        info=info,
        figures=figures,
        keys=sum(one.keys for one in figures.databases),
        history=history,
        slow=(),
        settings=settings,
        tokens=tokens,
        findings=(*found.failing, *found.warnings),
        failing=len(found.failing),
        notes=found.notes,
        looked_at_s=-2.0,
    )


def _identity(server: str) -> ServerIdentity:
    return ServerIdentity(
        run_id=clean("8f1c2b7d90"),
        version=clean("7.0.15"),
        flavour="redis",
        role="master",
        mode="standalone",
        database=0,
        user=clean("default" if server == COSTS else "qd-read"),
        now_s=_SERVER_NOW_S,
        skew_s=0.04,
    )


def _history(used_bytes: int, growth: float, evicted_per_s: float) -> tuple[ServerSample, ...]:
    samples: list[ServerSample] = []
    hits = misses = evicted = 0
    for at in range(_LOOKS):
        late = max(0, at - 80)
        hits += 1900 - 18 * late
        misses += 70 + 24 * late
        evicted += int(evicted_per_s * late)
        samples.append(
            ServerSample(
                at_s=_EVERY_S * (at - _LOOKS),
                used_bytes=int(used_bytes * (1 + growth * at / _LOOKS)),
                max_bytes=None,
                fragmentation=1.18,
                evicted_keys=evicted,
                hits=hits,
                misses=misses,
                clients=12 + round(3 * math.sin(at / 9)),
                ops_per_s=400 + 90 * math.sin(at / 11) + 2 * late,
            )
        )
    return tuple(samples)


def _gateway(view: ServerView) -> ServerView:
    """Return a server that is full and throws keys away."""
    spec = RedisSpec(view.server)
    changed: dict[str, object] = {
        "used_memory": 63 * _MIB,
        "used_memory_peak": 64 * _MIB,
        "maxmemory": 64 * _MIB,
        "maxmemory_policy": "allkeys-lru",
        "evicted_keys": 48_213,
        "instantaneous_ops_per_sec": 1_204,
    }
    told = _told(view, spec, _history(60 * _MIB, 0.05, 4.0), changed)
    return replace(told, census=_gateway_census())


def _gateway_census() -> Census:
    families = (
        _family("rate_limit:*", 38_114, "hash", 412, "limits per-client", 6 * _MIB),
        _family("session:*", 2_871, "string", 0, "", 2 * _MIB),
        _family("LIMITER/*", 222, "string", 0, "", 41_000),
        _family("circuit_breaker:*", 1, "hash", 1, "circuit upstream", 184),
    )
    return Census(families, 0, 41_208, Progress(41_208, 41_208, True, 3.1), (), 500, -95.0)


def _engine(view: ServerView) -> ServerView:
    """Return a server whose save failed, nearly full, with tokens that never expire."""
    spec = RedisSpec(
        view.server,
        streams=(StreamSpec("automation.events", ("automation.events",)),),
        families=(KeyFamilySpec("tokens", ("token:*",)),),
    )
    changed: dict[str, object] = {
        "used_memory": 420 * _MIB,
        "used_memory_peak": 431 * _MIB,
        "used_memory_rss": 498 * _MIB,
        "maxmemory": 512 * _MIB,
        "rdb_last_bgsave_status": "err",
        "rdb_last_save_time": int(_SERVER_NOW_S) - 29_000,
        "rdb_changes_since_last_save": 1_204_118,
        "db0": "keys=1894203,expires=12,avg_ttl=0",
    }
    told = _told(view, spec, _history(400 * _MIB, 0.05, 0.0), changed, _tokens())
    return replace(
        told,
        slow=_slow(),
        latency=tuple(_windows()),
        census=_engine_census(),
        busy=clean("counting keys"),
    )


def _engine_census() -> Census:
    families = (
        _family("run:*", 402_118, "hash", 180, "", 180 * _MIB, 180),
        _family("cache:*", 71_204, "string", 0, "", 31 * _MIB, 44),
        _family("token:*", 64, "string", 3, "tokens", 12_400, 64),
        _family("automation.events", 1, "stream", 1, "stream automation.events", 64 * _MIB, 1),
        _family("automation.dlq", 1, "stream", 1, "dead letters of automation.events", _MIB, 1),
    )
    big = tuple(
        BigKey(KeyName(name), kind, size, None, ttl_s)
        for name, kind, size, ttl_s in (
            (b"automation.events", "stream", 64 * _MIB, None),
            (b"cache:report:2026-02", "string", 9 * _MIB, 3_100.0),
            (b"run:91824", "hash", 2 * _MIB, None),
            (b"automation.dlq", "stream", _MIB, None),
        )
    )
    progress = Progress(473_500, 1_894_203, False, 4.8)
    return Census(families, 112, 1_894_203, progress, big, 290, 0.0)


def _family(
    prefix: str,
    count: int,
    kind: str,
    no_ttl: int,
    meaning: str,
    memory_bytes: int,
    looked_at: int | None = None,
) -> KeyFamily:
    return KeyFamily(
        prefix=clean(prefix),
        count=count,
        kinds=((kind, looked_at or count),),
        without_ttl=no_ttl,
        memory_bytes=memory_bytes,
        is_configured=bool(meaning),
        meaning=clean(meaning),
        looked_at=looked_at or count,
        is_stream=kind == "stream",
        is_token=meaning == "tokens",
    )


def _tokens() -> Tokens:
    rows = tuple(
        TokenRow(KeyName(f"token:{name}{'0' * 24}".encode()), clean(owner), ttl_s, "string")
        for name, owner, ttl_s in (
            ("9f86d081", "ops-bot", None),
            ("2cf24dba", "", None),
            ("ba7816bf", "mia@example.org", None),
            ("e3b0c442", "mia@example.org", 412.0),
            ("5e884898", "deploy", 3_300.0),
        )
    )
    note = clean("the code does not consult them; deleting one revokes nothing there")
    progress = Progress(64, None, True, 0.6)
    return Tokens(rows, 64, 3, progress, (note,), (clean("token:*"),), 64, -31.0)


def _slow() -> tuple[SlowCommand, ...]:
    lines = (
        (41, 12.0, 84_200, "XRANGE automation.events - + COUNT 100000"),
        (40, 340.0, 51_300, "KEYS run:*"),
        (39, 3_900.0, 12_100, "HGETALL run:91824"),
        (38, 9_200.0, 10_400, "EVAL (script of 812 bytes) 1 (17 bytes)"),
    )
    return tuple(
        SlowCommand(number, age_s, took_us, clean(text), clean("10.0.0.7:41022"))
        for number, age_s, took_us, text in lines
    )


def _windows() -> list[LatencyWindow]:
    return [
        LatencyWindow(62.0 - at, 20, 0.21 + at / 100, 0.34 + at / 50, 1.1 + 3 * (at == 3))
        for at in range(5)
    ]


def _costs(view: ServerView) -> ServerView:
    """Return a server in good health, without a limit, that our user may write to."""
    told = _told(view, RedisSpec(view.server), _history(47 * _MIB, 0.02, 0.0), {})
    return replace(told, refused=SafeText("CONFIG GET: not allowed"), settings={})


_fillers = {GATEWAY: _gateway, ENGINE: _engine, COSTS: _costs}
