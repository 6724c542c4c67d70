"""Turns what the configuration says of streams, circuits and limits into core values."""

from typing import TYPE_CHECKING

from core.model.redis_spec import CircuitSpec, KeyFamilySpec, LimitSpec, RedisSpec, StreamSpec

if TYPE_CHECKING:
    from config.operations import Operations
    from config.redis_views import Circuit, KeyPattern, Limit, Stream

_STUCK_S = 3600.0
_MIN_IDLE_S = 60.0
_MEMORY_THRESHOLD = "redis_memory"


def redis_spec(
    server: str, system: str, operations: "Operations | None", commands_per_s: float
) -> RedisSpec:
    """Return what a system keeps in a server; without operations, only where it is."""
    if operations is None:
        return RedisSpec(server, commands_per_s=commands_per_s)
    return RedisSpec(
        server=server,
        streams=tuple(_stream(system, one) for one in operations.streams),
        circuits=tuple(_circuit(system, one) for one in operations.circuits),
        limits=tuple(_limit(system, one) for one in operations.limits),
        families=tuple(_family(name, one) for name, one in operations.redis_keys.items()),
        commands_per_s=commands_per_s,
        memory_warn_percent=_memory_warn_percent(operations),
    )


def _memory_warn_percent(operations: "Operations") -> float:
    """Return what the threshold `redis_memory` says: a share, or the number of percent."""
    found = operations.thresholds.get(_MEMORY_THRESHOLD)
    if found is None or found.warning is None:
        return RedisSpec("").memory_warn_percent
    is_share = found.warning.unit == "fraction"
    return round(found.warning.value * 100, 6) if is_share else found.warning.value


def _within(system: str, service: str) -> str:
    return f"{system}/{service}" if service else ""


def _stream(system: str, stream: "Stream") -> StreamSpec:
    return StreamSpec(
        name=stream.name,
        keys=stream.keys,
        groups=stream.groups,
        consumers=stream.consumers,
        dead_letters=stream.dead_letters,
        payload_field=stream.payload_field,
        strip_on_requeue=stream.strip_on_requeue,
        max_lag_s=stream.max_lag,
        max_depth=stream.max_depth,
        stuck_after_s=_STUCK_S if stream.stuck_after is None else stream.stuck_after,
        min_idle_s=_MIN_IDLE_S if stream.min_idle is None else stream.min_idle,
        service=_within(system, stream.service),
        note=stream.note,
        operations=stream.operations,
    )


def _circuit(system: str, circuit: "Circuit") -> CircuitSpec:
    return CircuitSpec(
        name=circuit.name,
        keys=circuit.keys,
        reset_timeout_s=circuit.reset_timeout,
        failure_threshold=circuit.failure_threshold,
        half_open_successes=circuit.half_open_successes,
        service=_within(system, circuit.service),
        upstream=_within(system, circuit.upstream),
        metric=circuit.metric,
        legend=tuple(circuit.legend.items()),
        note=circuit.note,
        operations=circuit.operations,
    )


def _limit(system: str, limit: "Limit") -> LimitSpec:
    return LimitSpec(
        name=limit.name,
        keys=limit.keys,
        capacity=limit.capacity,
        refill_per_s=limit.refill_per_s,
        service=_within(system, limit.service),
        note=limit.note,
        env_file=limit.env_file or "",
        capacity_variable=limit.capacity_variable,
        refill_variable=limit.refill_variable,
        operations=limit.operations,
    )


def _family(name: str, pattern: "KeyPattern") -> KeyFamilySpec:
    return KeyFamilySpec(name, pattern.keys, pattern.note, pattern.operations)
