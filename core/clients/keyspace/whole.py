"""What the masters of a cluster say of themselves, as one. Pure."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from core.model.text import SafeText, clean

_SUMS = frozenset(
    {
        *("used_memory", "used_memory_rss", "used_memory_peak", "used_memory_dataset"),
        *("maxmemory", "total_system_memory", "connected_clients", "blocked_clients"),
        *("maxclients", "evicted_keys", "expired_keys", "keyspace_hits", "keyspace_misses"),
        *("instantaneous_ops_per_sec", "total_commands_processed", "rejected_connections"),
        *("rdb_changes_since_last_save", "mem_not_counted_for_evict", "evicted_clients"),
    }
)
_GREATEST = frozenset({"mem_fragmentation_ratio", "loading", "rdb_bgsave_in_progress"})
_OLDEST = frozenset({"rdb_last_save_time", "uptime_in_seconds"})
_BAD_IF_ANY = frozenset({"rdb_last_bgsave_status", "aof_last_write_status"})
MASTERS = "cluster_masters"
"""A field that INFO has not: how many servers these figures are of."""


def merge_infos(infos: Sequence[Mapping[str, SafeText]]) -> Mapping[str, SafeText]:
    """Return the fields of INFO of all masters: sums, the worst, or what the first one says."""
    first, *others = infos
    if not others:
        return first
    # Texts such as `used_memory_human` say the same of one server only.
    merged = {name: value for name, value in first.items() if not name.endswith("_human")}
    for name in merged:
        merged[name] = _merged(name, [info.get(name, clean("")) for info in infos])
    merged[MASTERS] = clean(str(len(infos)))
    return MappingProxyType(merged)


def _merged(name: str, values: Sequence[SafeText]) -> SafeText:
    if name in _BAD_IF_ANY:
        return next((value for value in values if value != "ok"), values[0])
    if name.startswith("db") and name[2:].isdigit():
        return _database(values)
    numbers = [_number(value) for value in values]
    known = [number for number in numbers if number is not None]
    if not known:
        return values[0]
    if name in _SUMS:
        return _shown(sum(known))
    if name in _GREATEST:
        return _shown(max(known))
    return _shown(min(known)) if name in _OLDEST else values[0]


def _database(values: Sequence[SafeText]) -> SafeText:
    """Add up `keys=3,expires=1,avg_ttl=0`; an average of averages would be none."""
    sums: dict[str, int] = {}
    for value in values:
        for part in value.split(","):
            name, _, number = part.partition("=")
            if number.isdigit() and name in {"keys", "expires"}:
                sums[name] = sums.get(name, 0) + int(number)
    return clean(",".join(f"{name}={number}" for name, number in sums.items()))


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None


def _shown(number: float) -> SafeText:
    return clean(f"{number:.0f}" if number == int(number) else f"{number:.2f}")
