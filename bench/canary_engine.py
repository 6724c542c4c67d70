"""A Docker engine of the bench's own: what is pruned on it, and whom it calls a swarm, is nobody's.

It is started where the tests' engine is there, whose one image it takes over.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import docker as sdk
from docker.types import RollbackConfig, ServiceMode, UpdateConfig

from tests.components import why_absent
from tests.planted import Plant

IMAGE = "qd/busybox:latest"
MARK = "CANARY_BOX=1"
"""In the environment of every container: whoever may read that may read the container."""
PROJECT, SWARM = "canary", "canary-swarm"
_SCRIPT = Path(__file__).parents[1] / ".ci/components/dockerd.sh"
_SETTLES_S = 60.0
_QUICK: dict[str, Any] = {"parallelism": 0, "delay": 0, "monitor": 500_000_000}
_COMPOSE = """\
services:
  api: &same
    image: canary-api:latest
    build: .
    pull_policy: never
    command: ["sh", "-c", "echo begun with $$TOKEN; exec sleep 1000"]
    stop_signal: SIGKILL
    environment: {TOKEN: "${SERVICE_3_SECRET}", CANARY_BOX: "1"}
    labels: {note: "${SERVICE_4_SECRET}"}
  db: *same
"""


class Engine:
    """An engine at an address."""

    def __init__(self, address: str) -> None:
        self.address = address

    def client(self) -> closing[Any]:
        """Return a connection, to be closed."""
        return closing(sdk.DockerClient(self.address))

    def start_swarm(self, secret: str) -> None:
        """Have a service of two replicas, updated once, that has a secret in its environment.

        Raises:
            TimeoutError: it does not come up.
        """
        with self.client() as client:
            client.swarm.init(advertise_addr="127.0.0.1", listen_addr="127.0.0.1:2387")
            client.services.create(
                IMAGE, name=SWARM, command=["sleep", "1000"], env=[MARK, f"TOKEN={secret}"],
                mode=ServiceMode("replicated", 1), stop_grace_period=1_000_000,
                update_config=UpdateConfig(**_QUICK), rollback_config=RollbackConfig(**_QUICK),
            )  # fmt: skip
            self._settled(client, 1)
            client.services.get(SWARM).scale(2)
            self._settled(client, 2)

    def _settled(self, client: Any, count: int) -> None:
        until_s = time.monotonic() + _SETTLES_S
        while sum(one["Status"]["State"] == "running" for one in self._tasks(client)) != count:
            if time.monotonic() > until_s:
                raise TimeoutError(f"{SWARM} does not come to {count} tasks")
            time.sleep(0.05)

    def _tasks(self, client: Any) -> list[dict[str, Any]]:
        return list(client.services.get(SWARM).tasks(filters={"desired-state": "running"}))

    def make_versions(self) -> None:
        """Have two images of one repository, and a container of the newer one."""
        with self.client() as client:
            for tag in ("old", "new"):
                self._commit(client, "canary-box", tag)
            client.containers.run(
                "canary-box:new", ["sleep", "1000"], name="canary-box", detach=True,
                stop_signal="KILL", environment=[MARK],
            )  # fmt: skip

    def leave_waste(self) -> None:
        """Have an image without a name, a stopped container and a network that nobody uses."""
        with self.client() as client:
            for at in range(2):
                self._commit(client, "canary-waste", "latest", at)
            client.containers.create(IMAGE, ["true"], name="canary-left")
            client.networks.create("canary-left")

    def _commit(self, client: Any, name: str, tag: str, at: int = 0) -> None:
        box = client.containers.create(IMAGE, ["true"], name="canary-made")
        box.commit(name, tag, changes=[f"LABEL at={tag}{at}"])
        box.remove()

    def clear(self) -> None:
        """Remove all that is there but the one image that everything begins with."""
        with self.client() as client:
            client.swarm.leave(force=True) if _is_swarm(client) else None
            for one in client.containers.list(all=True, ignore_removed=True):
                one.remove(force=True, v=True)
            for one in client.images.list(all=True):
                if IMAGE not in one.tags:
                    client.images.remove(one.id, force=True) if one.tags else None
            client.images.prune({"dangling": True})
            client.networks.prune()
            client.volumes.prune()


def _is_swarm(client: Any) -> bool:
    return client.info()["Swarm"]["LocalNodeState"] == "active"


@contextmanager
def own_engine() -> Generator[Engine | None]:
    """Run an engine while the body runs; None where none can be started."""
    if why_absent("docker") or why_absent("compose") or why_absent("root"):
        yield None
        return
    with closing(sdk.from_env()) as client:
        image = b"".join(client.images.get(IMAGE).save(named=True))
    root = tempfile.mkdtemp(prefix="qd-canary-engine-")
    _dockerd(root, "up")
    try:
        engine = Engine(f"unix://{root}/docker.sock")
        with engine.client() as client:
            client.images.load(image)
        yield engine
    finally:
        _dockerd(root, "down")
        shutil.rmtree(root, ignore_errors=True)


def _dockerd(root: str, verb: str) -> None:
    environment = {**os.environ, "QD_DOCKER_ROOT": root}
    subprocess.run(["bash", str(_SCRIPT), verb], env=environment, check=True, timeout=300)


def write_project(place: Path, plants: tuple[Plant, ...]) -> None:
    """Write a compose project whose containers have secrets in their environment and labels."""
    folder = place / "boxes"
    folder.mkdir()
    (folder / "docker-compose.yml").write_text(_COMPOSE, "utf-8")
    (folder / "Dockerfile").write_text(f"FROM {IMAGE}\nCOPY made /made\n", "utf-8")
    (folder / "made").write_text(plants[11].value, "utf-8")
    (folder / ".env").symlink_to(place / ".env")


def project_config(place: Path) -> str:
    """Return the system of the configuration that runs on the engine."""
    return f"""\
  boxes:
    root: {place}/boxes
    compose: {{project: {PROJECT}, files: [docker-compose.yml]}}
    services:
      api: {{runs_as: {{compose: {{service: api, project: {PROJECT}}}}}}}
      db: {{runs_as: {{compose: {{service: db, project: {PROJECT}}}}}}}
      box: {{runs_as: {{docker: {{container: canary-box}}}}}}
      swarm: {{runs_as: {{swarm: {{service: {SWARM}}}}}}}
    scaling:
      more: {{kind: compose, service: api, replicas: 3}}
      swarm: {{kind: swarm, service: swarm, replicas: 3}}
"""
