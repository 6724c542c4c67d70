"""Small worlds for `tests.crashes` on a real Docker engine: containers, images, compose, a prune.

Every name is made from the world's own folder, so that worlds of several processes never meet.
"""

import hashlib
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import docker as sdk

from core.model.action import ActionRequest
from tests.crashes import Scenario

IMAGE = "qd/busybox:latest"
_STAYS = ["sleep", "1000"]
_RUNS: dict[str, dict[str, tuple[str, str]]] = {}
"""By world, each container's id and start when the world was made."""


def name_of(folder: Path) -> str:
    """Return the name of everything that a world makes in a place that it shares."""
    return f"qd-crash-{hashlib.sha256(str(folder).encode()).hexdigest()[:12]}"


def engine() -> closing[Any]:
    """Return the engine, to be closed."""
    return closing(sdk.from_env())


def ask(action: str, name: str = "app", **inputs: str) -> Callable[[Path], ActionRequest]:
    """Return what asks for an action of the system."""
    return lambda _folder: ActionRequest(action, f"shop/{name}", tuple(inputs.items()))


def _all(client: Any, folder: Path) -> list[Any]:
    """Return the containers of a world."""
    wanted = {"name": name_of(folder)}
    return client.containers.list(all=True, filters=wanted, ignore_removed=True)


def _remember(folder: Path) -> None:
    with engine() as client:
        _RUNS[name_of(folder)] = {
            one.name: (one.id, one.attrs["State"]["StartedAt"]) for one in _all(client, folder)
        }


def containers(folder: Path) -> object:
    """Return by name whether each is the one from before, in which state, of which image."""
    known = _RUNS[name_of(folder)]
    with engine() as client:
        return {
            one.name.removeprefix(name_of(folder)): (
                one.id == known.get(one.name, ("", ""))[0],
                one.status,
                "by id" if image.startswith("sha256:") else image.replace(name_of(folder), "own"),
                one.attrs["Config"]["Labels"].get("team"),
            )
            for one in _all(client, folder)
            for image in (str(one.attrs["Config"]["Image"]),)
        }


def runs(folder: Path) -> object:
    """Return that, and whether it is the very run from before."""
    known = _RUNS[name_of(folder)]
    with engine() as client:
        same = [
            one.attrs["State"]["StartedAt"] == known.get(one.name, ("", ""))[1]
            for one in _all(client, folder)
        ]
    return containers(folder), same


def clean(folder: Path) -> None:
    """Remove whatever a world has made."""
    with engine() as client:
        for one in _all(client, folder):
            one.remove(force=True, v=True)
        for image in client.images.list(name_of(folder)):
            client.images.remove(image.id, force=True)
        for volume in client.volumes.list(filters={"name": name_of(folder)}):
            volume.remove()
        for network in client.networks.list(names=[name_of(folder)]):
            network.remove()
    _RUNS.pop(name_of(folder), None)


def _run(folder: Path, image: str = IMAGE) -> Any:
    """Start the world's container."""
    with engine() as client:
        return client.containers.run(
            image, _STAYS, name=name_of(folder), detach=True, stop_signal="KILL",
            labels={"team": "ops"},
        )  # fmt: skip


def _service(folder: Path) -> str:
    runs_as = f"{{docker: {{container: {name_of(folder)}}}}}"
    return f"    services:\n      app:\n        runs_as: {runs_as}\n"


def running(folder: Path) -> str:
    _run(folder)
    _remember(folder)
    return _service(folder)


def _deaf(folder: Path) -> str:
    """Run what hears no signal, so that a stop lasts until the engine kills it."""
    with engine() as client:
        config: Any = client.api.create_container_config(IMAGE, _STAYS, labels={"team": "ops"})
        made = client.api.create_container_from_config(
            {**config, "StopTimeout": 2}, name_of(folder)
        )
        client.api.start(made["Id"])
    _remember(folder)
    return _service(folder)


def _stopped(folder: Path) -> str:
    _run(folder).stop(timeout=1)
    _remember(folder)
    return _service(folder)


def _versions(folder: Path) -> str:
    """Run the newer of two images of one repository."""
    with engine() as client:
        for tag in ("old", "new"):
            box = client.containers.create(IMAGE, _STAYS, name=f"{name_of(folder)}-made")
            box.commit(name_of(folder), tag, changes=[f"ENV RELEASE={tag}"])
            box.remove()
    _run(folder, f"{name_of(folder)}:new")
    _remember(folder)
    return _service(folder)


def _back(folder: Path) -> ActionRequest:
    return ActionRequest("image.rollback", "shop/app", (("image", f"{name_of(folder)}:old"),))


def _released(folder: Path) -> object:
    """Return the container, what it was told of the release, and which images there are."""
    with engine() as client:
        env = [
            [word for word in one.attrs["Config"]["Env"] if word.startswith("RELEASE")]
            for one in _all(client, folder)
        ]
        return containers(folder), env, len(client.images.list(name_of(folder)))


def _waste(folder: Path) -> str:
    """Leave an image without a name: the one that took its name is beside it."""
    with engine() as client:
        for number in (1, 2):
            box = client.containers.create(IMAGE, _STAYS, name=f"{name_of(folder)}-made")
            box.commit(
                name_of(folder), "latest", changes=[f"LABEL world={name_of(folder)}{number}"]
            )
            box.remove()
    running(folder)
    return f"{_service(folder)}    compose: {{project: {name_of(folder)}}}\n"


def _images(folder: Path) -> object:
    """Return the world's images, named or not, and its container."""
    with engine() as client:
        own = [
            bool(one.tags)
            for one in client.images.list()
            if _world_of(one).startswith(name_of(folder))
        ]
    return sorted(own), runs(folder)


def _world_of(image: Any) -> str:
    labels: dict[str, str] = image.attrs["Config"]["Labels"] or {}
    return labels.get("world", "")


_FILE = """
services:
  api: &same
    image: qd/busybox:latest
    command: ["sleep", "1000"]
    stop_signal: SIGKILL
    labels: {team: ops}
    networks: [own]
  db: *same
networks:
  own: {name: NAME}
"""


def _compose(folder: Path, *words: str) -> None:
    argv = ["docker", "compose", "-p", name_of(folder), *words]
    subprocess.run(argv, cwd=folder, check=True, capture_output=True, timeout=120)


def _project(folder: Path) -> str:
    (folder / "docker-compose.yml").write_text(_FILE.replace("NAME", name_of(folder)), "utf-8")
    _remember(folder)
    return (
        f"    compose: {{project: {name_of(folder)}, files: [docker-compose.yml]}}\n"
        "    services:\n      app:\n"
        f"        runs_as: {{compose: {{service: api, project: {name_of(folder)}}}}}\n"
        "    scaling:\n      more: {kind: compose, service: api, replicas: 3}\n"
    )


def _project_up(folder: Path) -> str:
    text = _project(folder)
    _compose(folder, "up", "--detach")
    _remember(folder)
    return text


def _networks(folder: Path) -> object:
    """Return the project's containers, and whether its network is there."""
    with engine() as client:
        return containers(folder), len(client.networks.list(names=[name_of(folder)]))


_DOCKER, _COMPOSE = ("docker",), ("docker", "compose")
_GONE = "the run that was ended is gone"
_PARTLY = "compose was cut off between two containers, and there is no way back"

ENGINE = (
    Scenario(
        "service.restart, container", running, ask("service.restart"), runs, clean,
        may_need_human=_GONE, needs=_DOCKER,
    ),
    Scenario(
        "service.stop, container", running, ask("service.stop"), containers, clean, needs=_DOCKER
    ),
    Scenario(
        "service.stop, deaf container", _deaf, ask("service.stop"), containers, clean,
        needs=_DOCKER, hurry=1.0,
    ),
    Scenario(
        "service.restart, deaf container", _deaf, ask("service.restart"), runs, clean,
        may_need_human=_GONE, needs=_DOCKER, hurry=1.0,
    ),
    Scenario(
        "service.start, container", _stopped, ask("service.start"), containers, clean,
        needs=_DOCKER,
    ),
    Scenario("image.rollback", _versions, _back, _released, clean, needs=_DOCKER),
    Scenario(
        "docker.prune_images", _waste, ask("docker.prune_images", "docker"), _images, clean,
        may_need_human="an image that is removed does not come back", needs=_DOCKER,
    ),
    Scenario(
        "compose.up", _project, ask("compose.up", "shop"), _networks, clean,
        may_need_human=_PARTLY, needs=_COMPOSE,
    ),
    Scenario(
        "compose.recreate", _project_up, ask("compose.recreate", "shop"), _networks, clean,
        may_need_human=_PARTLY, needs=_COMPOSE,
    ),
    Scenario(
        "compose.restart", _project_up, ask("compose.restart", "shop"), runs, clean,
        may_need_human=_GONE, needs=_COMPOSE,
    ),
    Scenario(
        "compose.stop", _project_up, ask("compose.stop", "shop"), _networks, clean, needs=_COMPOSE
    ),
    Scenario(
        "compose.down", _project_up, ask("compose.down", "shop"), _networks, clean,
        may_need_human=_PARTLY, needs=_COMPOSE,
    ),
    Scenario(
        "scale.apply, compose", _project_up, ask("scale.apply", "more"), _networks, clean,
        needs=_COMPOSE,
    ),
)  # fmt: skip
