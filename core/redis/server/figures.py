"""Reads INFO as figures. What a server does not say stays None, never 0. Pure."""

import math
import re
from collections.abc import Mapping

from core.model.redis_figures import (
    RedisDatabase,
    RedisFigures,
    RedisMemory,
    RedisPersistence,
    RedisReplication,
    RedisTraffic,
)
from core.model.redis_server import ServerSample
from core.model.text import EMPTY, SafeText, clean

Info = Mapping[str, SafeText]

_DATABASE = re.compile(r"db(\d{1,5})")
_REPLICA = re.compile(r"slave\d{1,5}")
_MOST_DATABASES = 64


def figures_of(info: Info) -> RedisFigures:
    """Return INFO's fields as figures."""
    return RedisFigures(
        product=product_of(info),
        uptime_s=_whole(info, "uptime_in_seconds"),
        memory=memory_of(info),
        traffic=_traffic(info),
        persistence=_persistence(info),
        replication=_replication(info),
        databases=_databases(info),
    )


def product_of(info: Info) -> SafeText:
    """Return product and version. Valkey reports a `redis_version` for old clients as well."""
    if version := info.get("valkey_version"):
        return clean(f"valkey {version}")
    if version := info.get("redis_version"):
        return clean(f"{info.get('server_name', 'redis')} {version}")
    return EMPTY


def memory_of(info: Info) -> RedisMemory:
    """Return what it holds and may hold."""
    return RedisMemory(
        used_bytes=_whole(info, "used_memory"),
        peak_bytes=_whole(info, "used_memory_peak"),
        resident_bytes=_whole(info, "used_memory_rss"),
        max_bytes=_whole(info, "maxmemory"),
        policy=info.get("maxmemory_policy", EMPTY),
        fragmentation=_number(info, "mem_fragmentation_ratio"),
    )


def sample_of(figures: RedisFigures, at_s: float) -> ServerSample:
    """Return what is kept of one look; `at_s` is monotonic."""
    memory, traffic = figures.memory, figures.traffic
    return ServerSample(
        at_s=at_s,
        used_bytes=memory.used_bytes,
        max_bytes=memory.max_bytes or None,
        fragmentation=memory.fragmentation,
        evicted_keys=traffic.evicted_keys,
        hits=traffic.hits,
        misses=traffic.misses,
        clients=traffic.clients,
        ops_per_s=traffic.ops_per_s,
    )


def _traffic(info: Info) -> RedisTraffic:
    return RedisTraffic(
        ops_per_s=_number(info, "instantaneous_ops_per_sec"),
        clients=_whole(info, "connected_clients"),
        max_clients=_whole(info, "maxclients"),
        blocked_clients=_whole(info, "blocked_clients"),
        hits=_whole(info, "keyspace_hits"),
        misses=_whole(info, "keyspace_misses"),
        evicted_keys=_whole(info, "evicted_keys"),
        expired_keys=_whole(info, "expired_keys"),
        rejected_connections=_whole(info, "rejected_connections"),
    )


def _persistence(info: Info) -> RedisPersistence:
    is_aof_on = _flag(info, "aof_enabled")
    return RedisPersistence(
        is_loading=_flag(info, "loading") is True,
        loaded_percent=_number(info, "loading_loaded_perc"),
        saved_at_s=_whole(info, "rdb_last_save_time"),
        is_save_ok=_is_ok(info, "rdb_last_bgsave_status"),
        is_saving=_flag(info, "rdb_bgsave_in_progress") is True,
        saves=_whole(info, "rdb_saves"),
        changes=_whole(info, "rdb_changes_since_last_save"),
        is_aof_on=is_aof_on,
        is_aof_rewriting=_flag(info, "aof_rewrite_in_progress") is True,
        is_aof_rewrite_ok=_is_ok(info, "aof_last_bgrewrite_status") if is_aof_on else None,
        is_aof_write_ok=_is_ok(info, "aof_last_write_status") if is_aof_on else None,
    )


def _replication(info: Info) -> RedisReplication:
    role = info.get("role", EMPTY)
    own = _whole(info, "master_repl_offset")
    if role != "slave":
        replicas = [_pairs(text) for name, text in info.items() if _REPLICA.fullmatch(name)]
        offsets = [_whole(one, "offset") for one in replicas]
        behind = [own - offset for offset in offsets if own is not None and offset is not None]
        return RedisReplication(
            role=role,
            replicas=_whole(info, "connected_slaves") or 0,
            replicas_behind=sum(one.get("state", "online") != "online" for one in replicas),
            lag_bytes=max(0, *behind) if behind else None,
        )
    read, applied = _whole(info, "slave_read_repl_offset"), _whole(info, "slave_repl_offset")
    return RedisReplication(
        role=role,
        is_link_up=info["master_link_status"] == "up" if "master_link_status" in info else None,
        link_down_s=_whole(info, "master_link_down_since_seconds"),
        is_syncing=_flag(info, "master_sync_in_progress") is True,
        lag_bytes=max(0, read - applied) if read is not None and applied is not None else None,
    )


def _databases(info: Info) -> tuple[RedisDatabase, ...]:
    found: list[RedisDatabase] = []
    for name, text in info.items():
        number, pairs = _DATABASE.fullmatch(name), _pairs(text)
        keys = _whole(pairs, "keys")
        if number is not None and keys is not None and len(found) < _MOST_DATABASES:
            found.append(RedisDatabase(int(number[1]), keys, _whole(pairs, "expires") or 0))
    return tuple(sorted(found, key=lambda one: one.number))


def _pairs(text: SafeText) -> Info:
    """Return `keys=3,expires=1` by name."""
    pairs = (part.partition("=") for part in text.split(","))
    return {name: clean(value) for name, _, value in pairs}


def _number(info: Info, name: str) -> float | None:
    try:
        number = float(info.get(name, ""))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _whole(info: Info, name: str) -> int | None:
    text = info.get(name, EMPTY)
    # Bounded: whoever answers may not be a Redis, and a number of a megabyte takes long to read.
    return int(text) if re.fullmatch(r"-?[0-9]{1,20}", text) else None


def _flag(info: Info, name: str) -> bool | None:
    return {"0": False, "1": True}.get(info.get(name, EMPTY))


def _is_ok(info: Info, name: str) -> bool | None:
    return info[name] == "ok" if name in info else None
