"""INFO as tests need it: a server in good health, and what differs."""

from core.model.redis_server import ServerIdentity, ServerSample
from core.model.redis_spec import KeyFamilySpec, RedisSpec, StreamSpec
from core.model.text import SafeText, clean
from core.redis.server.figures import figures_of
from core.redis.server.findings import Findings, Seen, findings_of

NOW_S = 1_773_480_373.0
UPTIME_S = 90_000
HEALTHY = {
    "redis_version": "7.0.15",
    "uptime_in_seconds": UPTIME_S,
    "used_memory": 200 * 2**20,
    "used_memory_peak": 250 * 2**20,
    "used_memory_rss": 220 * 2**20,
    "maxmemory": 512 * 2**20,
    "maxmemory_policy": "noeviction",
    "mem_fragmentation_ratio": "1.10",
    "instantaneous_ops_per_sec": 412,
    "connected_clients": 12,
    "maxclients": 10_000,
    "blocked_clients": 2,
    "keyspace_hits": 900,
    "keyspace_misses": 100,
    "evicted_keys": 0,
    "loading": 0,
    "rdb_last_save_time": int(NOW_S) - 600,
    "rdb_last_bgsave_status": "ok",
    "rdb_bgsave_in_progress": 0,
    "rdb_changes_since_last_save": 17,
    "aof_enabled": 0,
    "role": "master",
    "connected_slaves": 0,
    "master_repl_offset": 0,
    "db0": "keys=42,expires=7,avg_ttl=0",
    "db3": "keys=1,expires=0,avg_ttl=0",
}
SPEC = RedisSpec(
    "shop/redis",
    streams=(StreamSpec("events", ("automation.events",)),),
    families=(KeyFamilySpec("tokens", ("token:*",), "the code does not consult them"),),
)
IDENTITY = ServerIdentity(
    run_id=clean("9f"),
    version=clean("7.0.15"),
    flavour="redis",
    role="master",
    mode="standalone",
    database=0,
    user=clean("default"),
    now_s=NOW_S,
    skew_s=0.1,
)


def info(**changed: object) -> dict[str, SafeText]:
    """Return the healthy server's INFO with fields changed; None takes one away."""
    fields = {**HEALTHY, **changed}
    return {name: clean(str(value)) for name, value in fields.items() if value is not None}


def sample(at_s: float, evicted: int = 0, hits: int = 0, misses: int = 0) -> ServerSample:
    """Return a look."""
    return ServerSample(at_s, 1000, None, 1.1, evicted, hits, misses, 3, 10.0)


def found(settings: dict[str, str] | None = None, /, **changed: object) -> Findings:
    """Return what is found in the healthy server's INFO with fields changed."""
    told = {name: clean(text) for name, text in (settings or {"save": "3600 1"}).items()}
    return findings_of(Seen(SPEC, figures_of(info(**changed)), (), IDENTITY, told))
