"""A server's figures in a few words each, for panes and the command line alike. Pure.

What is not known is said so; a zero is a zero.
"""

from collections.abc import Sequence

from core.model.redis_figures import RedisFigures, RedisMemory
from core.model.redis_server import Census, KeyFamily, OwnLoad, ServerSample
from core.model.stream import Progress
from core.redis.server.rates import evicting_per_s, hit_percent, share_percent
from core.redis.server.words import share_text, short_span, size_text

NOT_TOLD = "not told"


def used_text(memory: RedisMemory) -> str:
    """Return used against maximum: `420.0 MiB of 512.0 MiB`, `1.5 MiB, no limit`."""
    if memory.used_bytes is None:
        return NOT_TOLD
    used = size_text(memory.used_bytes)
    if memory.max_bytes is None:
        return f"{used}, limit not told"
    return f"{used} of {size_text(memory.max_bytes)}" if memory.max_bytes else f"{used}, no limit"


def memory_note(memory: RedisMemory) -> str:
    """Return what belongs to it: peak, fragmentation, policy."""
    parts = [
        f"peak {size_text(memory.peak_bytes)}" if memory.peak_bytes is not None else "",
        f"fragmentation {memory.fragmentation:.2f}" if memory.fragmentation is not None else "",
        str(memory.policy),
    ]
    return ", ".join(part for part in parts if part)


def hits_text(figures: RedisFigures, history: Sequence[ServerSample]) -> str:
    """Return the hit rate of the last minutes, beside that since the start."""
    now = hit_percent(history)
    ever = share_percent(figures.traffic.hits, figures.traffic.misses)
    since = "" if ever is None else f" ({share_text(ever)} since its start)"
    if now is not None:
        return f"{share_text(now)} of lookups{since}"
    if len(history) > 1:
        return f"no lookups now{since}"
    return f"{share_text(ever)} of lookups since its start" if ever is not None else "no lookups"


def clients_text(figures: RedisFigures) -> str:
    """Return who is connected."""
    traffic = figures.traffic
    if traffic.clients is None:
        return NOT_TOLD
    most = f" of {traffic.max_clients:,}" if traffic.max_clients else ""
    blocked = f", {traffic.blocked_clients:,} blocked" if traffic.blocked_clients else ""
    refused = f", {traffic.rejected_connections:,} refused" if traffic.rejected_connections else ""
    return f"{traffic.clients:,}{most}{blocked}{refused}"


def ops_text(figures: RedisFigures) -> str:
    """Return the commands of a second."""
    ops = figures.traffic.ops_per_s
    return NOT_TOLD if ops is None else f"{ops:,.0f} commands/s"


def evictions_text(figures: RedisFigures, history: Sequence[ServerSample]) -> str:
    """Return the keys that are and were thrown away."""
    evicted, rate = figures.traffic.evicted_keys, evicting_per_s(history)
    if evicted is None:
        return NOT_TOLD
    now = "" if rate is None else f"{rate:.1f} keys/s, "
    return f"{now}{evicted:,} since its start"


def disk_text(figures: RedisFigures, now_s: float | None, rule: str | None) -> str:
    """Return what of it is on disk; `now_s` is the server's clock, `rule` its setting `save`."""
    off = " (saves by itself: never)" if rule == "" else ""
    return f"{save_text(figures, now_s)}{off}; {aof_text(figures)}"


def save_text(figures: RedisFigures, now_s: float | None) -> str:
    """Return the last save, its result, and what changed since."""
    found = figures.persistence
    changes = "" if found.changes is None else f", {found.changes:,} changes since"
    if found.is_saving:
        return f"saving now{changes}"
    if found.is_save_ok is False:
        return f"the last save failed{changes}"
    if found.saved_at_s is None or now_s is None:
        return f"last save {NOT_TOLD}{changes}"
    age = short_span(max(0.0, now_s - found.saved_at_s))
    uptime_s = figures.uptime_s
    is_start = uptime_s is not None and abs(now_s - uptime_s - found.saved_at_s) < 5
    if found.saves == 0 or is_start:
        return f"not saved since its start {age} ago{changes}"
    return f"saved {age} ago{changes}"


def aof_text(figures: RedisFigures) -> str:
    """Return how the append-only file is."""
    found = figures.persistence
    if found.is_aof_on is None:
        return f"append-only file {NOT_TOLD}"
    if not found.is_aof_on:
        return "append-only file off"
    if found.is_aof_rewriting:
        return "append-only file being rewritten"
    is_bad = found.is_aof_write_ok is False or found.is_aof_rewrite_ok is False
    return "append-only file FAILING" if is_bad else "append-only file on, last result ok"


def replication_text(figures: RedisFigures) -> str:
    """Return whom it follows, or who follows it, and how far behind."""
    found = figures.replication
    lag = "" if found.lag_bytes is None else f", {found.lag_bytes:,} bytes behind"
    if found.role == "slave":
        if found.is_link_up is None:
            return f"replica, link {NOT_TOLD}"
        if found.is_link_up:
            return f"replica, link up{lag}"
        since = "" if found.link_down_s is None else f" for {short_span(max(0, found.link_down_s))}"
        return f"replica, link DOWN{since}{lag}"
    if not found.role:
        return NOT_TOLD
    if not found.replicas:
        return "master without replicas"
    noun = "replica" if found.replicas == 1 else "replicas"
    return f"master of {found.replicas} {noun}, the furthest{lag or ' ' + NOT_TOLD}"


def databases_text(figures: RedisFigures, keys: int | None) -> str:
    """Return the keys of each numbered database."""
    if not figures.databases:
        return "no keys" if keys == 0 else NOT_TOLD if keys is None else f"{keys:,} keys"
    parts = [
        f"db{one.number} {one.keys:,} keys ({one.expires:,} expire)" for one in figures.databases
    ]
    return ", ".join(parts)


def load_text(load: OwnLoad) -> str:
    """Return what we cost the server."""
    waited = f", held back {load.waited_s:.0f} s" if load.waited_s >= 1 else ""
    return f"{load.per_s:.1f} of at most {load.cap_per_s:g} commands/s{waited}"


def progress_text(progress: Progress, noun: str) -> str:
    """Return how far a count of such things came: `≈` while it is not complete."""
    nouns = noun if (progress.total or progress.examined) == 1 else f"{noun}s"
    if progress.is_complete:
        return f"{progress.examined:,} {nouns}"
    of = f" of {progress.total:,}" if progress.total is not None else ""
    why = f" ({progress.stopped})" if progress.stopped else ""
    return f"≈ {progress.examined:,}{of} {nouns}{why}"


def share_of_family(family: KeyFamily) -> str:
    """Return how many of a family never expire, as far as was looked: `12`, `≈ 40%`, `?`."""
    if not family.looked_at:
        return "?"
    if family.looked_at >= family.count:
        return f"{family.without_ttl:,}"
    return f"≈ {100 * family.without_ttl / family.looked_at:.0f}%"


def count_of_family(family: KeyFamily) -> str:
    """Return its keys; `≥` where some may have been counted among the others."""
    return f"≥ {family.count:,}" if family.missed_at_most else f"{family.count:,}"


def kinds_of_family(family: KeyFamily) -> str:
    """Return its types, the commonest first."""
    return "/".join(kind for kind, _ in family.kinds) or "?"


def others_text(census: Census) -> str:
    """Return what is beside the families that are shown."""
    return f"{census.others:,} keys in smaller families" if census.others else ""
