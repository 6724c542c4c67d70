"""Small worlds for `tests.crashes` of a compose project on a real Docker engine."""

import subprocess
from pathlib import Path

from tests.crash_engine import IMAGE, ask, clean, containers, engine, name_of, remember, runs
from tests.crashes import Scenario

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
    subprocess.run(argv, cwd=folder, check=True, capture_output=True, timeout=600)


def _project(folder: Path) -> str:
    (folder / "docker-compose.yml").write_text(_FILE.replace("NAME", name_of(folder)), "utf-8")
    remember(folder)
    return (
        f"    compose: {{project: {name_of(folder)}, files: [docker-compose.yml]}}\n"
        "    services:\n      app:\n"
        f"        runs_as: {{compose: {{service: api, project: {name_of(folder)}}}}}\n"
        "    scaling:\n      more: {kind: compose, service: api, replicas: 3}\n"
    )


def _deaf_up(folder: Path) -> str:
    """Have containers that hear no signal, so that compose has to wait for the engine."""
    text, file = _project(folder), folder / "docker-compose.yml"
    deaf = file.read_text("utf-8").replace("stop_signal: SIGKILL", "stop_grace_period: 3s")
    file.write_text(deaf, "utf-8")
    _compose(folder, "up", "--detach")
    remember(folder)
    return text


def _project_up(folder: Path) -> str:
    text = _project(folder)
    _compose(folder, "up", "--detach")
    remember(folder)
    return text


def _networks(folder: Path) -> object:
    """Return the project's containers, and whether its network is there."""
    with engine() as client:
        return containers(folder), len(client.networks.list(names=[name_of(folder)]))


# images that are built, and replaced

_BUILT = """
services:
  api:
    build: .
    image: NAME:built
"""
_REPLACED = """
services:
  api:
    image: NAME:new
    pull_policy: never
    command: ["sleep", "1000"]
    stop_signal: SIGKILL
    labels: {team: ops}
"""


def _to_build(folder: Path) -> str:
    """Have a file that makes an image of its own, which nobody has made yet."""
    (folder / "Dockerfile").write_text(f"FROM {IMAGE}\nCOPY made /made\n", "utf-8")
    (folder / "made").write_text(name_of(folder), "utf-8")
    text = _project(folder)
    (folder / "docker-compose.yml").write_text(_BUILT.replace("NAME", name_of(folder)), "utf-8")
    return text


def _to_update(folder: Path) -> str:
    """Have a service whose image's name means another image by now; it is pulled from nowhere."""
    _named(folder, "old")
    text = _project(folder)
    (folder / "docker-compose.yml").write_text(_REPLACED.replace("NAME", name_of(folder)), "utf-8")
    _compose(folder, "up", "--detach")
    _named(folder, "later")
    remember(folder)
    return text


def _named(folder: Path, what: str) -> None:
    """Give the world's name to an image of its own."""
    with engine() as client:
        box = client.containers.create(IMAGE, ["true"], name=f"{name_of(folder)}-made")
        box.commit(name_of(folder), "new", changes=[f"LABEL world={name_of(folder)} what={what}"])
        box.remove()


def _built(folder: Path) -> object:
    """Return how many images have the world's name."""
    with engine() as client:
        return len(client.images.list(name_of(folder)))


_COMPOSE = ("docker", "compose")
_GONE = "the run that was ended is gone"
_PARTLY = "compose was cut off between two containers, and there is no way back"

DEAF_SCALE = Scenario(
    "scale.apply, deaf compose", _deaf_up, ask("scale.apply", "more"), _networks, clean,
    needs=_COMPOSE, hurry=5.0,
)  # fmt: skip
"""Whose way back lasts for three seconds."""

COMPOSE = (
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
    Scenario(
        "compose.build", _to_build, ask("compose.build", "shop"), _built, clean, needs=_COMPOSE
    ),
    Scenario(
        "compose.update", _to_update, ask("compose.update", "shop"), containers, clean,
        may_need_human=_PARTLY, needs=_COMPOSE,
    ),
)  # fmt: skip
