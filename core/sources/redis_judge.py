"""Judges what a Redis-compatible server says of itself. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.clients.redis import RedisFacts
from core.model.detail import RedisDetail
from core.model.text import EMPTY, SafeText, clean
from core.model.verdict import Verdict

MEMORY_WARN_PERCENT = 80.0

_REFUSALS: dict[str, tuple[Verdict, str]] = {
    "NOAUTH": (Verdict.UNKNOWN, "it answers, and wants a password that the configuration lacks"),
    "WRONGPASS": (Verdict.UNKNOWN, "it answers, and refuses the configured user or password"),
    "NOPERM": (Verdict.UNKNOWN, "it answers, and our ACL user may not ask"),
    "TLS": (Verdict.UNKNOWN, "the TLS handshake failed"),
    "LOADING": (Verdict.DOWN, "it is loading its data and serves nobody yet"),
    "BUSY": (Verdict.DOWN, "a script keeps it busy; everything else waits"),
    "MASTERDOWN": (Verdict.DOWN, "a replica that has lost its master and serves no stale data"),
    "CLUSTERDOWN": (Verdict.DOWN, "the cluster does not serve"),
    "MAXCLIENTS": (Verdict.DOWN, "no connection is free: maxclients is reached"),
    "MISCONF": (Verdict.DEGRADED, "it cannot save to disk and refuses writes"),
    "OOM": (Verdict.DEGRADED, "memory is full and writes are refused"),
    "READONLY": (Verdict.DEGRADED, "a replica: it takes no writes"),
}
"""Error code to verdict and meaning."""


@dataclass(frozen=True, slots=True)
class RedisOpinion:
    """What one look concluded."""

    verdict: Verdict
    state: str
    reason: SafeText
    facts: tuple[tuple[str, SafeText], ...]
    detail: RedisDetail


def judge_refusal(code: str, text: str) -> tuple[Verdict, str]:
    """Return verdict and reason for an error answer."""
    verdict, meaning = _REFUSALS.get(code, (Verdict.DOWN, "it answers with an error"))
    return verdict, f"{text} ({meaning})"


def number_of(info: Mapping[str, SafeText], name: str) -> int | None:
    """Return an INFO field as a whole number; None: absent or no number."""
    text = info.get(name, EMPTY)
    try:
        return int(text)
    except ValueError:
        return None


def product_of(info: Mapping[str, SafeText]) -> SafeText:
    """Return product and version. Valkey reports a `redis_version` for old clients as well."""
    if version := info.get("valkey_version"):
        return clean(f"valkey {version}")
    if version := info.get("redis_version"):
        return clean(f"{info.get('server_name', 'redis')} {version}")
    return EMPTY


def _size(count: int) -> str:
    value = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} TiB"


def memory_text(info: Mapping[str, SafeText]) -> tuple[float | None, str]:
    """Return the share of the limit in percent (None: no limit, or not told) and a text."""
    used, limit = number_of(info, "used_memory"), number_of(info, "maxmemory")
    if used is None:
        return None, "memory not told"
    if not limit:
        return None, f"memory {_size(used)}, no limit set"
    percent = 100 * used / limit
    return percent, f"memory {percent:.1f}% of {_size(limit)}"


def _judge_memory(info: Mapping[str, SafeText]) -> tuple[str, str] | None:
    percent, text = memory_text(info)
    if percent is None or percent < MEMORY_WARN_PERCENT:
        return None
    policy = info.get("maxmemory_policy", SafeText("unknown policy"))
    if policy != "noeviction":
        return "memory", f"{text} ({policy}: keys are thrown away when full)"
    if percent >= 100:
        return "OOM", f"{text}: writes are refused (noeviction)"
    return "memory", f"{text} (noeviction: writes fail when full)"


def _judge_disk(info: Mapping[str, SafeText]) -> tuple[str, str] | None:
    if info.get("rdb_last_bgsave_status", "ok") != "ok":
        return "MISCONF", "the last save to disk failed; writes may be refused (MISCONF)"
    if info.get("aof_last_write_status", "ok") != "ok":
        return "MISCONF", "the last write to the append-only file failed"
    return None


def _judge_link(info: Mapping[str, SafeText]) -> tuple[str, str] | None:
    if info.get("role") == "slave" and info.get("master_link_status", "up") != "up":
        return "MASTERDOWN", "replica without its master: data is as old as the broken link"
    return None


def detail_of(facts: RedisFacts) -> RedisDetail:
    """Return the server as the screens show it."""
    info = facts.info
    return RedisDetail(
        server=product_of(info),
        role=info.get("role", EMPTY),
        run_id=info.get("run_id", EMPTY),
        used_memory_bytes=number_of(info, "used_memory"),
        max_memory_bytes=number_of(info, "maxmemory"),
        clients=number_of(info, "connected_clients"),
        keys=facts.keys,
        commands_per_s=number_of(info, "instantaneous_ops_per_sec"),
    )


def _facts_of(facts: RedisFacts) -> tuple[tuple[str, SafeText], ...]:
    info = facts.info
    named = (
        ("server", product_of(info)),
        ("role", info.get("role", EMPTY)),
        ("memory", clean(memory_text(info)[1].removeprefix("memory "))),
        ("clients", info.get("connected_clients", EMPTY)),
        ("keys", EMPTY if facts.keys is None else clean(str(facts.keys))),
        ("evicted keys", info.get("evicted_keys", EMPTY)),
        (
            "uptime",
            clean(f"{info['uptime_in_seconds']} s") if "uptime_in_seconds" in info else EMPTY,
        ),
        ("not allowed", facts.denied),
    )
    return tuple((label, value) for label, value in named if value)


def judge_redis(facts: RedisFacts, evicted: int, span_s: float) -> RedisOpinion:
    """Judge one look.

    Args:
        facts: what INFO and DBSIZE said.
        evicted: keys thrown away since the look before.
        span_s: seconds since that look.
    """
    troubles = [
        trouble
        for judge in (_judge_disk, _judge_link, _judge_memory)
        if (trouble := judge(facts.info)) is not None
    ]
    if evicted:
        troubles.append(("evicting", f"{evicted} keys evicted in {span_s:.0f} s: memory is full"))
    detail, shown = detail_of(facts), _facts_of(facts)
    if troubles:
        reason = clean("; ".join(text for _, text in troubles))
        return RedisOpinion(Verdict.DEGRADED, troubles[0][0], reason, shown, detail)
    if not facts.info:
        reason = clean(f"PONG; INFO not allowed: {facts.denied}")
        return RedisOpinion(Verdict.OK, "ok", reason, shown, detail)
    reason = clean(f"{detail.server}, {detail.role}, {memory_text(facts.info)[1]}")
    return RedisOpinion(Verdict.OK, "ok", reason, shown, detail)
