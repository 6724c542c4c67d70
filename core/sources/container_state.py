"""Says which containers are a service, and what they come to together. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from core.clients.docker_facts import (
    COMPOSE_ONEOFF,
    COMPOSE_PROJECT,
    COMPOSE_SERVICE,
    SWARM_SERVICE,
    ContainerFacts,
    ContainerUse,
    SwarmFacts,
)
from core.model.runtime_state import RuntimeState
from core.model.text import EMPTY, SafeText, clean
from core.model.topology import ComposeService, DockerContainer, SwarmService
from core.model.verdict import Verdict
from core.sources.container_judge import Opinion, join_opinions, judge_container, judge_swarm

Place = ComposeService | DockerContainer | SwarmService


def queries_of(places: Iterable[Place]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the labels and the names that find the containers of all places."""
    labels: dict[str, None] = {}
    names: dict[str, None] = {}
    for place in places:
        if isinstance(place, ComposeService):
            labels[f"{COMPOSE_PROJECT}={place.project}"] = None
        elif isinstance(place, SwarmService):
            labels[f"{SWARM_SERVICE}={place.service}"] = None
        else:
            names[place.container] = None
    return tuple(labels), tuple(names)


def belongs(place: Place, name: str, labels: Mapping[str, SafeText]) -> bool:
    """Return whether a container is (part of) a service."""
    if isinstance(place, DockerContainer):
        return name == place.container
    if isinstance(place, SwarmService):
        return labels.get(SWARM_SERVICE) == place.service
    is_run_by_hand = labels.get(COMPOSE_ONEOFF, "False").lower() == "true"
    names = (place.service, *place.aliases)
    return (
        not is_run_by_hand
        and labels.get(COMPOSE_PROJECT) == place.project
        and labels.get(COMPOSE_SERVICE) in names
    )


def describe(place: Place) -> str:
    """Return what was looked for, for a message."""
    if isinstance(place, ComposeService):
        return f"compose service {place.service} of project {place.project}"
    if isinstance(place, SwarmService):
        return f"swarm service {place.service}"
    return place.container


def _kind(place: Place) -> str:
    return "swarm" if isinstance(place, SwarmService) else "container"


def unknown_state(place: Place, word: str, reason: str, now: datetime) -> RuntimeState:
    """Return the state of a service of which nothing can be said."""
    name = place.container if isinstance(place, DockerContainer) else place.service
    return RuntimeState(_kind(place), clean(name), clean(word), Verdict.UNKNOWN, clean(reason), now)


def _fingerprint(containers: Sequence[ContainerFacts]) -> SafeText:
    """Return the identity of this run: id and start of every container."""
    runs = (
        f"{one.id[:12]}@{one.started_at.isoformat() if one.started_at else '-'}"
        for one in sorted(containers, key=lambda one: one.id)
    )
    return clean(" ".join(runs))


def _sum_use(
    containers: Sequence[ContainerFacts], uses: Mapping[str, ContainerUse]
) -> tuple[float | None, int | None]:
    known = [uses[one.id] for one in containers if one.id in uses]
    cpu = [use.cpu_percent for use in known if use.cpu_percent is not None]
    memory = [use.memory_bytes for use in known if use.memory_bytes is not None]
    return (sum(cpu) if cpu else None), (sum(memory) if memory else None)


def _sum_limits(containers: Sequence[ContainerFacts]) -> int | None:
    limits = [one.memory_limit_bytes for one in containers]
    return sum(limit or 0 for limit in limits) if limits and all(limits) else None


def container_state(
    place: Place,
    containers: Sequence[ContainerFacts],
    uses: Mapping[str, ContainerUse],
    recent_restarts: Mapping[str, int],
    now: datetime,
) -> RuntimeState:
    """Return the state of a service by its containers; the worst wins.

    Args:
        place: what was looked for.
        containers: those that belong to it; none is "not found".
        uses: what containers use now, by id.
        recent_restarts: how often containers were restarted in the last minutes, by id.
        now: when it was seen.
    """
    if not containers:
        return unknown_state(place, "not found", f"no such container: {describe(place)}", now)
    opinions = [
        (
            str(one.name),
            judge_container(one, uses.get(one.id), recent_restarts.get(one.id, 0), now),
        )
        for one in containers
    ]
    opinion: Opinion = join_opinions(opinions)
    only = containers[0] if len(containers) == 1 else None
    ended = [one for one in containers if one.status in {"exited", "restarting", "dead"}]
    starts = [one.started_at for one in containers if one.started_at]
    counters = [one.restarts for one in containers if one.restarts is not None]
    cpu_percent, memory_bytes = _sum_use(containers, uses)
    images = tuple(dict.fromkeys(one.image for one in containers if one.image))
    return RuntimeState(
        kind=_kind(place),
        name=only.name if only else clean(f"{describe(place)} ({len(containers)} containers)"),
        state=clean(opinion.state),
        verdict=opinion.verdict,
        reason=clean(opinion.reason),
        observed_at=now,
        started_at=max(starts) if starts and len(ended) < len(containers) else None,
        restarts=sum(counters) if counters else None,
        exit_code=ended[0].exit_code if ended else None,
        pid=only.pid if only else None,
        cpu_percent=cpu_percent,
        memory_bytes=memory_bytes,
        memory_limit_bytes=_sum_limits(containers),
        fingerprint=_fingerprint(containers),
        image=clean(", ".join(images)) if images else None,
    )


def swarm_state(
    place: SwarmService,
    facts: SwarmFacts,
    local: Sequence[ContainerFacts],
    uses: Mapping[str, ContainerUse],
    now: datetime,
) -> RuntimeState:
    """Return the state of a Swarm service by its tasks; use is that of the tasks on this node."""
    opinion = judge_swarm(facts)
    cpu_percent, memory_bytes = _sum_use(local, uses)
    runs = sorted(task.container_id[:12] for task in facts.tasks if task.state == "running")
    starts = [
        task.changed_at for task in facts.tasks if task.state == "running" and task.changed_at
    ]
    return replace(
        unknown_state(place, opinion.state, opinion.reason, now),
        verdict=opinion.verdict,
        started_at=max(starts) if starts else None,
        cpu_percent=cpu_percent,
        memory_bytes=memory_bytes,
        fingerprint=clean(" ".join(runs)) if runs else None,
        image=facts.image or EMPTY,
    )
