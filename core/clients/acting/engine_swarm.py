"""Swarm services through the engine's API: looks, and changes that name the version they saw."""

import hashlib
from copy import deepcopy
from typing import Any, cast

from core.clients.acting.engine import SwarmState
from core.clients.acting.engine_api import ActingApi, post
from core.clients.acting.engine_make import canonical
from core.clients.docker_facts import dig, number, text
from core.errors import ClientGarbled, ClientMissing
from core.model.text import EMPTY, SafeText, clean

Json = dict[str, Any]


def find_swarm(api: ActingApi, service: str) -> Json:
    """Return the service of exactly this name.

    Raises:
        ClientMissing: there is none.
        Exception: one of `FAULTS`.
    """
    for one in api.services(filters={"name": service}):
        if dig(one, "Spec", "Name") == service:
            return cast("Json", one)
    raise ClientMissing(f"no such swarm service: {clean(service)}")


def read_state(api: ActingApi, service: str) -> SwarmState:
    """Return a service with what its tasks do."""
    raw = find_swarm(api, service)
    tasks = list(api.tasks(filters={"service": service}))
    previous = raw.get("PreviousSpec")
    return SwarmState(
        id=str(raw.get("ID") or ""),
        version=number(dig(raw, "Version", "Index")) or 0,
        image=_image(raw.get("Spec")),
        replicas=number(dig(raw, "Spec", "Mode", "Replicated", "Replicas")),
        update_state=text(dig(raw, "UpdateStatus", "State")),
        has_previous=previous is not None,
        running=sum(1 for task in tasks if _is_up(task)),
        forced=number(dig(raw, "Spec", "TaskTemplate", "ForceUpdate")) or 0,
        spec_sha256=_sha256(raw.get("Spec")),
        previous_sha256="" if previous is None else _sha256(previous),
        previous_image=EMPTY if previous is None else _image(previous),
        error=_newest_error(tasks),
    )


def _image(spec: object) -> SafeText:
    return text(dig(spec, "TaskTemplate", "ContainerSpec", "Image"))


def _sha256(spec: object) -> str:
    return hashlib.sha256(canonical(spec).encode()).hexdigest()


def _is_up(task: object) -> bool:
    return dig(task, "Status", "State") == "running" and dig(task, "DesiredState") == "running"


def _newest_error(tasks: list[object]) -> SafeText:
    failed = [task for task in tasks if dig(task, "Status", "Err")]
    newest = max(failed, key=lambda task: str(dig(task, "Status", "Timestamp")), default=None)
    return EMPTY if newest is None else text(dig(newest, "Status", "Err"), 200)


def scale(api: ActingApi, service: str, replicas: int, version: int) -> None:
    """Set the replicas of a service that still has this version.

    Raises:
        ClientGarbled: it runs once on each node, so that it has no replicas to set.
    """
    raw = find_swarm(api, service)
    spec = deepcopy(cast("Json", raw["Spec"]))
    if "Replicated" not in spec.get("Mode", {}):
        raise ClientGarbled(f"{clean(service)} runs once on each node: it has no replicas to set")
    spec["Mode"]["Replicated"]["Replicas"] = replicas
    _update(api, raw, spec, {"version": str(version)})


def roll_back(api: ActingApi, service: str, version: int) -> None:
    """Go back to the previous definition of a service that still has this version."""
    raw = find_swarm(api, service)
    _update(api, raw, raw["Spec"], {"version": str(version), "rollback": "previous"})


def restart(api: ActingApi, service: str, version: int) -> None:
    """Have all tasks of a service that still has this version replaced."""
    raw = find_swarm(api, service)
    spec = deepcopy(cast("Json", raw["Spec"]))
    template = spec.setdefault("TaskTemplate", {})
    template["ForceUpdate"] = (number(template.get("ForceUpdate")) or 0) + 1
    _update(api, raw, spec, {"version": str(version)})


def _update(api: ActingApi, raw: Json, spec: object, params: dict[str, str]) -> None:
    post(api, f"/services/{raw['ID']}/update", params, spec)
