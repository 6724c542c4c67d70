"""A Redis snapshot put back into a container's volume, while the container is stopped."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.actions.families import backups, restore
from core.clients.acting.engine_docker import DockerControl
from core.clients.clock import SystemClock
from core.errors import ActionError
from core.model.action import Phase, Proof
from core.model.action_state import ActionState
from core.model.topology import DockerContainer
from tests.fakes.ports import free_port
from tests.real.redis_restore_stage import leftovers, stage_for, told, until_it_answers
from tests.unit.core.actions.families.backup_stage import BackupStage

CREATE, _VERIFY, _EXPIRE, _SEND = backups.ACTIONS
[RESTORE] = restore.ACTIONS
NAME = "qd-restore-redis"
SERVER = "/usr/bin/redis-server --dir /data --protected-mode no"

pytestmark = [pytest.mark.xdist_group("docker"), pytest.mark.real("docker")]


def docker(*words: str) -> str:
    done = subprocess.run(
        ["docker", *words], check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout.strip()


@pytest.fixture
def volume() -> Iterator[str]:
    """Return the folder of a volume that is gone after the test, with whoever uses it."""
    docker("volume", "create", NAME)
    yield docker("volume", "inspect", "--format", "{{.Mountpoint}}", NAME)
    subprocess.run(["docker", "rm", "--force", NAME], check=False, capture_output=True)
    docker("volume", "rm", "--force", NAME)


def served(folder: Path, appends: str, *options: str) -> tuple[int, BackupStage]:
    """Run a container and return its port and a stage whose service it is, with a copy of it."""
    port = free_port()
    docker(
        "run", "--detach", "--name", NAME, "--publish", f"127.0.0.1:{port}:6379", *options,
        "qd/redis:7", *SERVER.split(), "--appendonly", appends,
    )  # fmt: skip
    asyncio.run(until_it_answers(port))
    engine = DockerControl(os.environ.get("DOCKER_HOST", ""), SystemClock())
    stage = stage_for(f"redis://127.0.0.1:{port}/0", DockerContainer(NAME), folder, engine=engine)
    told(port, "SET", "a", "1")
    state = stage.do(CREATE, "shop/redis")
    assert is_done(state), state.text
    told(port, "SET", "a", "2")
    return port, stage


def is_done(state: ActionState) -> bool:
    return state.phase is Phase.COMMITTED and state.proof is Proof.VERIFIED


@pytest.mark.parametrize("appends", ["no", "yes"])
def test_it_is_put_into_the_volume(tmp_path: Path, volume: str, appends: str) -> None:
    port, stage = served(tmp_path, appends, "--volume", f"{NAME}:/data")
    state = stage.do(RESTORE, "shop/redis")
    assert is_done(state), state.text
    assert told(port, "GET", "a") == b"$1\r\n1\r\n"
    assert leftovers(Path(volume), stage.root / "copies") == []


def test_without_a_volume_it_is_said_how_it_is_done_by_hand(tmp_path: Path, volume: str) -> None:
    assert volume
    _port, stage = served(tmp_path, "no")
    with pytest.raises(ActionError, match=r"mount a volume there, or by hand: docker stop"):
        stage.plan(RESTORE, "shop/redis")
