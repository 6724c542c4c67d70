"""Reads the engine's JSON into frozen values. Pure; whatever is missing or odd becomes None."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import cast

from core.model.text import EMPTY, SafeText, clean

COMPOSE_PROJECT = "com.docker.compose.project"
COMPOSE_SERVICE = "com.docker.compose.service"
COMPOSE_ONEOFF = "com.docker.compose.oneoff"
SWARM_SERVICE = "com.docker.swarm.service.name"
_LABELS = (COMPOSE_PROJECT, COMPOSE_SERVICE, COMPOSE_ONEOFF, SWARM_SERVICE)
_STAMP = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,6})?\d*(Z|[+-]\d\d:\d\d)$")


@dataclass(frozen=True, slots=True)
class ContainerFacts:
    """One container as `inspect` shows it."""

    id: str
    """64 hex digits."""
    name: SafeText
    image: SafeText
    labels: Mapping[str, SafeText]
    """Only those that say whose it is."""
    status: SafeText
    """`created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`."""
    health: SafeText
    """`starting`, `healthy`, `unhealthy`; empty: it has no health check."""
    health_output: SafeText
    """What the last health probe printed."""
    exit_code: int | None
    is_oom_killed: bool
    error: SafeText
    restarts: int | None
    started_at: datetime | None
    pid: int | None
    memory_limit_bytes: int | None
    """As configured; None: no limit."""


@dataclass(frozen=True, slots=True)
class ContainerUse:
    """What a container uses, over the last second."""

    cpu_percent: float | None
    """100 is one core; None with the first sample of a stream."""
    memory_bytes: int | None
    """Without the page cache that can be dropped (inactive_file)."""
    limit_bytes: int | None
    """The limit in effect: the machine's memory when none is set."""


@dataclass(frozen=True, slots=True)
class EngineEvent:
    """Something the engine did to a container."""

    action: str
    """`start`, `die`, `oom`, `health_status: healthy`, …"""
    container_id: str
    name: SafeText
    labels: Mapping[str, SafeText]
    exit_code: int | None


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """One task of a Swarm service."""

    state: SafeText
    desired_state: SafeText
    error: SafeText
    container_id: str
    slot: int | None
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class SwarmFacts:
    """A Swarm service with its tasks."""

    name: SafeText
    image: SafeText
    wanted: int | None
    """Replicas asked for; None: one per node (global)."""
    update_state: SafeText
    """`completed`, `paused`, `rollback_completed`, …; empty: never updated."""
    tasks: tuple[TaskFacts, ...]


def dig(value: object, *path: str) -> object:
    """Return what stands at a path of keys; None where there is nothing."""
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = cast("Mapping[str, object]", value).get(key)  # JSON: all keys are text
    return value


def number(value: object) -> int | None:
    """Return a whole number; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def text(value: object, max_chars: int = 300) -> SafeText:
    """Return a text, cleaned; empty for anything else."""
    return clean(value.strip(), max_chars) if isinstance(value, str) else EMPTY


def stamp(value: object) -> datetime | None:
    """Parse RFC 3339 with nanoseconds; None for the engine's zero time (year 1)."""
    match = _STAMP.match(value) if isinstance(value, str) else None
    if not match or match[1].startswith("0001"):
        return None
    zone = "+00:00" if match[3] == "Z" else match[3]
    return datetime.fromisoformat(f"{match[1]}{match[2] or ''}{zone}").astimezone(UTC)


def labels_of(value: object) -> Mapping[str, SafeText]:
    """Return the labels that say whose a container is."""
    found = {name: text(dig(value, name)) for name in _LABELS}
    return MappingProxyType({name: label for name, label in found.items() if label})


def _health_output(value: object) -> SafeText:
    entries = dig(value, "Log")
    if not isinstance(entries, list) or not entries:
        return EMPTY
    return text(dig(cast("list[object]", entries)[-1], "Output"), 160)  # JSON: a list of anything


def parse_container(raw: object) -> ContainerFacts:
    """Return one container from an inspect answer."""
    state, restarts = dig(raw, "State"), number(dig(raw, "RestartCount"))
    return ContainerFacts(
        id=str(dig(raw, "Id") or ""),
        name=clean(text(dig(raw, "Name")).removeprefix("/")),
        image=text(dig(raw, "Config", "Image")),
        labels=labels_of(dig(raw, "Config", "Labels")),
        status=text(dig(state, "Status")),
        health=clean(text(dig(state, "Health", "Status")).removeprefix("none")),
        health_output=_health_output(dig(state, "Health")),
        exit_code=number(dig(state, "ExitCode")),
        is_oom_killed=dig(state, "OOMKilled") is True,
        error=text(dig(state, "Error")),
        restarts=restarts,
        started_at=stamp(dig(state, "StartedAt")),
        pid=number(dig(state, "Pid")) or None,
        memory_limit_bytes=number(dig(raw, "HostConfig", "Memory")) or None,
    )


def _cpu_percent(raw: object) -> float | None:
    now, before = dig(raw, "cpu_stats"), dig(raw, "precpu_stats")
    used, was_used = (number(dig(part, "cpu_usage", "total_usage")) for part in (now, before))
    system, was_system = (number(dig(part, "system_cpu_usage")) for part in (now, before))
    if used is None or was_used is None or not system or not was_system:
        return None
    cores = number(dig(now, "online_cpus")) or 1
    span = system - was_system
    return 100.0 * cores * max(0, used - was_used) / span if span > 0 else None


def parse_use(raw: object) -> ContainerUse:
    """Return what a container uses from one sample; a stopped one sends empty samples."""
    usage = number(dig(raw, "memory_stats", "usage"))
    details = dig(raw, "memory_stats", "stats")
    cache = number(dig(details, "inactive_file"))
    if (total := number(dig(details, "total_inactive_file"))) is not None:  # cgroup v1
        cache = total
    return ContainerUse(
        cpu_percent=_cpu_percent(raw),
        memory_bytes=None if usage is None else max(0, usage - (cache or 0)),
        limit_bytes=number(dig(raw, "memory_stats", "limit")),
    )


def parse_event(raw: object) -> EngineEvent | None:
    """Return one event; None when it is not about a container."""
    action, actor = dig(raw, "Action"), dig(raw, "Actor")
    identity = dig(actor, "ID")
    if not isinstance(action, str) or not isinstance(identity, str):
        return None
    attributes = dig(actor, "Attributes")
    code = dig(attributes, "exitCode")
    return EngineEvent(
        action=clean(action, 80),
        container_id=identity,
        name=text(dig(attributes, "name")),
        labels=labels_of(attributes),
        exit_code=int(code) if isinstance(code, str) and code.isdigit() else None,
    )


def parse_task(raw: object) -> TaskFacts:
    """Return one task of a Swarm service."""
    return TaskFacts(
        state=text(dig(raw, "Status", "State")),
        desired_state=text(dig(raw, "DesiredState")),
        error=text(dig(raw, "Status", "Err")),
        container_id=str(dig(raw, "Status", "ContainerStatus", "ContainerID") or ""),
        slot=number(dig(raw, "Slot")),
        changed_at=stamp(dig(raw, "Status", "Timestamp")),
    )


def parse_swarm(raw: object, tasks: tuple[TaskFacts, ...]) -> SwarmFacts:
    """Return a Swarm service with its tasks."""
    image = text(dig(raw, "Spec", "TaskTemplate", "ContainerSpec", "Image"))
    return SwarmFacts(
        name=text(dig(raw, "Spec", "Name")),
        image=clean(image.partition("@")[0]),
        wanted=number(dig(raw, "Spec", "Mode", "Replicated", "Replicas")),
        update_state=text(dig(raw, "UpdateStatus", "State")),
        tasks=tasks,
    )
