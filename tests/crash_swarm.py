"""Small worlds for `tests.crashes` on an engine that is a Swarm of one for as long as they last."""

import os
import time
from pathlib import Path
from typing import Any

from docker.types import RollbackConfig, ServiceMode, UpdateConfig

from tests.crash_engine import IMAGE, ask, away, engine, name_of
from tests.crashes import Scenario

_SETTLES_S = 180.0
_QUICK: dict[str, Any] = {"parallelism": 0, "delay": 0, "monitor": 500_000_000}


def _service(client: Any, folder: Path) -> Any:
    return client.services.get(name_of(folder))


def _started(folder: Path) -> str:
    """Make the engine a Swarm with one service of one replica."""
    if not os.environ.get("DOCKER_HOST"):
        raise RuntimeError("it would make your own engine a swarm: set DOCKER_HOST")
    with engine() as client:
        client.swarm.init(advertise_addr="127.0.0.1", listen_addr="127.0.0.1:2377")
        client.services.create(
            IMAGE, name=name_of(folder), command=["sleep", "1000"],
            mode=ServiceMode("replicated", 1), stop_grace_period=1_000_000,
            update_config=UpdateConfig(**_QUICK), rollback_config=RollbackConfig(**_QUICK),
        )  # fmt: skip
    _settled(folder, 1)
    return (
        f"    services:\n      app:\n        runs_as: {{swarm: {{service: {name_of(folder)}}}}}\n"
        "    scaling:\n      more: {kind: swarm, service: app, replicas: 2}\n"
    )


def _updated(folder: Path) -> str:
    """Have it updated once, so that there is something to go back to."""
    text = _started(folder)
    with engine() as client:
        _service(client, folder).scale(2)
    _settled(folder, 2)
    return text


def _settled(folder: Path, count: int) -> None:
    until_s = time.monotonic() + _SETTLES_S
    with engine() as client:
        while _running(client, folder) != count:
            if time.monotonic() > until_s:
                raise TimeoutError(f"{name_of(folder)} does not come to {count} tasks")
            time.sleep(0.05)


def _running(client: Any, folder: Path) -> int:
    tasks = _service(client, folder).tasks(filters={"desired-state": "running"})
    return sum(one["Status"]["State"] == "running" for one in tasks)


def _wanted(folder: Path) -> object:
    """Return what the service is asked to be: replicas, and how often all was replaced."""
    with engine() as client:
        spec = _service(client, folder).attrs["Spec"]
        forced = spec["TaskTemplate"].get("ForceUpdate", 0)
        return spec["Mode"]["Replicated"]["Replicas"], forced


def _left(folder: Path) -> None:
    with engine() as client:
        client.swarm.leave(force=True)
        for one in client.containers.list(
            all=True, filters={"name": name_of(folder)}, ignore_removed=True
        ):
            away(one)


_NEEDS = ("docker",)

SWARM = (
    Scenario(
        "service.restart, swarm", _started, ask("service.restart"), _wanted, _left,
        may_need_human="the tasks that were replaced are gone", needs=_NEEDS, hurry=10.0,
    ),
    Scenario(
        "service.stop, swarm", _started, ask("service.stop"), _wanted, _left, needs=_NEEDS,
        hurry=10.0,
    ),
    Scenario(
        "scale.apply, swarm", _started, ask("scale.apply", "more"), _wanted, _left, needs=_NEEDS,
        hurry=10.0,
    ),
    Scenario(
        "service.rollback", _updated, ask("service.rollback"), _wanted, _left,
        may_need_human="a rollback that was asked for goes on by itself", needs=_NEEDS, hurry=10.0,
    ),
)  # fmt: skip
