"""Small worlds for `tests.crashes` on a real Docker engine: containers, images, a prune.

Every name is made from the world's own folder, so that worlds of several processes never meet.
"""

import atexit
import functools
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import docker as sdk
from docker.errors import APIError, NotFound

from core.model.action import ActionRequest
from tests.crashes import Scenario

IMAGE = "qd/busybox:latest"
_STAYS = ["sleep", "1000"]
_GOES_S = 120.0
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


def all_of(client: Any, folder: Path) -> list[Any]:
    """Return the containers of a world."""
    wanted = {"name": name_of(folder)}
    return client.containers.list(all=True, filters=wanted, ignore_removed=True)


def remember(folder: Path) -> None:
    with engine() as client:
        _RUNS[name_of(folder)] = {
            one.name: (one.id, one.attrs["State"]["StartedAt"]) for one in all_of(client, folder)
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
            for one in all_of(client, folder)
            for image in (str(one.attrs["Config"]["Image"]),)
        }


def runs(folder: Path) -> object:
    """Return that, and whether it is the very run from before."""
    known = _RUNS[name_of(folder)]
    with engine() as client:
        same = [
            one.attrs["State"]["StartedAt"] == known.get(one.name, ("", ""))[1]
            for one in all_of(client, folder)
        ]
    return containers(folder), same


def clean(folder: Path) -> None:
    """Remove whatever a world has made."""
    with engine() as client:
        for one in all_of(client, folder):
            away(one)
        for image in client.images.list(name_of(folder)):
            client.images.remove(image.id, force=True)
        for volume in client.volumes.list(filters={"name": name_of(folder)}):
            volume.remove()
        for network in client.networks.list(names=[name_of(folder)]):
            network.remove()
    _RUNS.pop(name_of(folder), None)


def away(container: Any) -> None:
    """Remove a container, whoever else is about to, and return when it is gone."""
    with suppress(APIError):
        container.remove(force=True, v=True)
    with suppress(NotFound):
        container.wait(condition="removed", timeout=_GOES_S)


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
    remember(folder)
    return _service(folder)


def _deaf(folder: Path) -> str:
    """Run what hears no signal, so that a stop lasts until the engine kills it."""
    with engine() as client:
        config: Any = client.api.create_container_config(IMAGE, _STAYS, labels={"team": "ops"})
        made = client.api.create_container_from_config(
            {**config, "StopTimeout": 4}, name_of(folder)
        )
        client.api.start(made["Id"])
    remember(folder)
    return _service(folder)


def _stopped(folder: Path) -> str:
    _run(folder).stop(timeout=1)
    remember(folder)
    return _service(folder)


def _versions(folder: Path) -> str:
    """Run the newer of two images of one repository."""
    with engine() as client:
        for tag in ("old", "new"):
            box = client.containers.create(IMAGE, _STAYS, name=f"{name_of(folder)}-made")
            box.commit(name_of(folder), tag, changes=[f"ENV RELEASE={tag}"])
            box.remove()
    _run(folder, f"{name_of(folder)}:new")
    remember(folder)
    return _service(folder)


def _back(folder: Path) -> ActionRequest:
    return ActionRequest("image.rollback", "shop/app", (("image", f"{name_of(folder)}:old"),))


def _released(folder: Path) -> object:
    """Return the container, what it was told of the release, and which images there are."""
    with engine() as client:
        env = [
            [word for word in one.attrs["Config"]["Env"] if word.startswith("RELEASE")]
            for one in all_of(client, folder)
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


_SCRIPT = Path(__file__).parents[1] / ".ci/components/dockerd.sh"


@functools.cache
def _own_engine() -> str:
    """Start an engine that this process alone has: everything that nobody uses goes from it."""
    root = tempfile.mkdtemp(prefix="qd-own-")
    _dockerd(root, "up")
    atexit.register(lambda: (_dockerd(root, "down"), shutil.rmtree(root, ignore_errors=True)))
    return f"unix://{root}/docker.sock"


def _dockerd(root: str, verb: str) -> None:
    environment = {**os.environ, "QD_DOCKER_ROOT": root}
    subprocess.run(["bash", str(_SCRIPT), verb], env=environment, check=True, timeout=300)


def _alone(folder: Path) -> None:
    """Have this world on an engine of its own, with the one image that is needed there."""
    with engine() as client:
        image = b"".join(client.images.get(IMAGE).save(named=True))
    _HOSTS[folder] = os.environ.get("DOCKER_HOST")
    os.environ["DOCKER_HOST"] = _own_engine()
    with engine() as client:
        client.images.load(image)


_HOSTS: dict[Path, str | None] = {}
"""By world, which engine was meant before it had one of its own."""


def _clean_alone(folder: Path) -> None:
    """Remove whatever the world has made, and mean the engine from before again."""
    try:
        clean(folder)
    finally:
        os.environ.pop("DOCKER_HOST")
        if host := _HOSTS.pop(folder):
            os.environ["DOCKER_HOST"] = host


def _leftover(folder: Path) -> str:
    """Leave a stopped container and a network without one, beside what runs."""
    _alone(folder)
    text = _waste(folder)
    with engine() as client:
        client.containers.create(IMAGE, _STAYS, name=f"{name_of(folder)}-left")
        client.networks.create(name_of(folder))
    remember(folder)
    return text


def _kept(folder: Path) -> object:
    """Return the world's images, its containers, and whether its network is there."""
    with engine() as client:
        return _images(folder), len(client.networks.list(names=[name_of(folder)]))


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


_DOCKER = ("docker",)
_GONE = "the run that was ended is gone"

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
        "docker.prune_system", _leftover, ask("docker.prune_system", "docker"), _kept,
        _clean_alone, may_need_human="what is removed does not come back",
        needs=("docker", "root"),
    ),
)  # fmt: skip
