"""What changed between the plan and its first step is refused, with what it was and what it is.

Every family with the fingerprints that its own plans take, and every kind of fingerprint there is.
"""

import asyncio
import json
import os
import subprocess
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import docker as sdk
import pytest
from docker.types import ServiceMode

from core.actions import part
from core.actions.families.compose_evidence import ComposeIs
from core.actions.families.redis_look import RedisTrait
from core.actions.families.scale_steps import DeploymentTrait
from core.actions.folder import ActionFolder, Confirmation
from core.actions.ids import new_id
from core.actions.part import Trait, freeze
from core.actions.plan_codec import code_of, plan_hash
from core.actions.registry import all_actions
from core.actions.service_traits import (
    ComposeTrait,
    ContainerTrait,
    ImageTrait,
    PrunableTrait,
    SwarmTrait,
    UnitTrait,
)
from core.actions.traits import LinkTrait
from core.model.action import PlannedTrait
from core.model.text import SafeText
from tests.crash_edits import EDITS
from tests.crash_scenarios import SCENARIOS
from tests.crashes import Scenario, World
from tests.drifts import DRIFTS, assert_each_refused, assert_refused, relink
from tests.real.servers import OwnRedis, redis_binary

IMAGE = "qd/busybox:latest"
STAYS = "trap 'exit 0' TERM; while :; do sleep 0.1; done"


# the fingerprints of each family's own plans


ALIKE = frozenset({
    *(one.name for one in EDITS), "backup.send", "command.stop", "redis.save", "redis.rewrite",
    "circuit.open", "token.revoke", "stream.autoclaim", "stream.acknowledge", "stream.trim",
    "stream.delete_entries", "stream.create_group", "key.reactivate", "key.set_tier", "key.restore",
    "key.rotate_all", "key.end", "key.backup", "key.backup (redis)", "git.fetch",
})  # fmt: skip
"""Their plans take fingerprints as those of their neighbours do, or none."""
HERE = [one for one in SCENARIOS if one.name not in ALIKE | {"backup.restore (redis)"}]
"""What changes under that last one is tried beside it, in test_redis_restore.py."""


@pytest.mark.real("git")
@pytest.mark.parametrize("scenario", HERE, ids=lambda one: one.name)
def test_a_family_refuses_when_any_of_its_fingerprints_has_changed(scenario: Scenario) -> None:
    assert_each_refused(scenario)


# every other kind, in the plan of a family that is there


@contextmanager
def planned_with(trait: Trait, scenario: Scenario = SCENARIOS[0]) -> Generator[tuple[World, str]]:
    """Yield a world whose confirmed plan has this fingerprint alone, and what it was."""
    world = World(scenario)
    try:
        ports = world.desk.planner.site.ports
        value = asyncio.run(read_once(trait, ports))
        given = PlannedTrait(SafeText("what somebody else may change"), freeze(trait), value)
        old = world.desk.shelf.at(world.action_id).plan()
        plan = replace(old, id=new_id(old.made_at_s), traits=(given,))
        folder = ActionFolder.make(world.desk.shelf.folder, plan)
        folder.confirm(Confirmation(plan_hash(plan), code_of(plan), "ada", 0.0, True))
        world.action_id = plan.id
        yield world, value
    finally:
        world.close()


async def read_once(trait: Trait, ports: Any) -> SafeText:
    try:
        return await trait.read(ports)
    finally:
        ports.engine.close()


def test_a_link(tmp_path: Path) -> None:
    link = tmp_path / "current"
    link.symlink_to("releases/1")
    with planned_with(LinkTrait(str(link))) as (world, value):
        relink(str(link))
        assert_refused(world, value)


@pytest.mark.real("redis")
def test_a_run_of_a_redis_server(tmp_path: Path) -> None:
    plain, server = SCENARIOS[0], OwnRedis(redis_binary(), tmp_path)

    def config(folder: Path) -> str:
        return f"    redis: {{url: '{server.url}'}}\n{plain.config(folder)}"

    served = replace(plain, config=config)
    try:
        asyncio.run(server.start())
        with planned_with(RedisTrait("shop/redis"), served) as (world, value):
            server.stop()
            asyncio.run(server.start())
            assert_refused(world, value)
    finally:
        server.stop()


def test_a_deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No cluster here: a program that answers as kubectl does."""
    answer = {
        "spec": {"replicas": 2, "template": {"spec": {"containers": [{"image": "shop:1"}]}}},
        "metadata": {"generation": 1},
    }
    (tmp_path / "answer").write_text(json.dumps(answer), "utf-8")
    program = tmp_path / "kubectl"
    program.write_text(f"#!/bin/sh\ncat {tmp_path}/answer\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with planned_with(DeploymentTrait("prod", "shop")) as (world, value):
        answer["metadata"] = {"generation": 2}
        (tmp_path / "answer").write_text(json.dumps(answer), "utf-8")
        assert_refused(world, value)


@pytest.fixture
def unit() -> Iterator[str]:
    folder = Path(os.environ.get("QD_TEST_UNITS", "/run/systemd/system"))
    path = folder / "qd-drift.service"
    path.write_text("[Service]\nExecStart=/bin/sleep 1000\n", "utf-8")
    for words in (("daemon-reload",), ("start", path.name)):
        subprocess.run(["systemctl", *words], check=True, capture_output=True, timeout=300)
    yield path.name
    subprocess.run(["systemctl", "stop", path.name], check=False, capture_output=True, timeout=300)
    path.unlink()
    subprocess.run(["systemctl", "daemon-reload"], check=True, capture_output=True, timeout=300)


@pytest.mark.real("systemd")
@pytest.mark.xdist_group("systemd")
def test_a_unit_that_was_restarted_by_hand(unit: str) -> None:
    with planned_with(UnitTrait(unit)) as (world, value):
        subprocess.run(["systemctl", "restart", unit], check=True, capture_output=True, timeout=300)
        assert_refused(world, value)


@pytest.fixture
def engine() -> Iterator[sdk.DockerClient]:
    """The engine, with every container and image of a test removed afterwards."""
    client = sdk.from_env()
    yield client
    for one in client.containers.list(all=True, filters={"name": "qd-drift"}):
        one.remove(force=True, v=True)
    for image in client.images.list("qd-drift"):
        client.images.remove(image.id, force=True)
    client.close()


def started(engine: sdk.DockerClient, **labels: str) -> Any:
    own = {f"com.docker.compose.{name}": value for name, value in labels.items()}
    words = ["sh", "-c", STAYS]
    return engine.containers.run(IMAGE, words, name="qd-drift", detach=True, labels=own)


CONTAINERS: tuple[Trait, ...] = (
    ContainerTrait("qd-drift"),
    ComposeTrait("drift", "api"),
    ComposeIs("drift", ("api",)),
)


@pytest.mark.real("docker")
@pytest.mark.xdist_group("docker")
@pytest.mark.parametrize("trait", CONTAINERS, ids=lambda one: one.kind)
@pytest.mark.parametrize("how", ["restarted", "made anew"])
def test_a_container(engine: sdk.DockerClient, trait: Trait, how: str) -> None:
    labels = {"project": "drift", "service": "api", "oneoff": "False"}
    one = started(engine, **labels)
    with planned_with(trait) as (world, value):
        if how == "restarted":
            one.restart(timeout=1)
        else:
            one.remove(force=True)
            started(engine, **labels)
        assert_refused(world, value)


@pytest.mark.real("docker")
@pytest.mark.xdist_group("docker")
def test_a_tag_that_moved_and_what_a_prune_would_take(engine: sdk.DockerClient) -> None:
    engine.images.get(IMAGE).tag("qd-drift", "1")
    with (
        planned_with(ImageTrait("qd-drift:1")) as (world, value),
        planned_with(PrunableTrait("images")) as (other, untagged),
    ):
        one = started(engine)
        one.commit("qd-drift", "1")
        assert_refused(world, value)
        one.commit("qd-drift", "1")  # and the one before has no name any more
        assert_refused(other, untagged)


@pytest.mark.real("docker")
@pytest.mark.xdist_group("docker")
def test_a_swarm_service(engine: sdk.DockerClient) -> None:
    if not os.environ.get("DOCKER_HOST"):
        pytest.skip("not run: it would make your own engine a swarm")
    engine.swarm.init(advertise_addr="127.0.0.1", listen_addr="127.0.0.1:2377")
    try:
        service = engine.services.create(
            IMAGE, command=["sh", "-c", STAYS], name="qd-drift", mode=ServiceMode("replicated", 1)
        )
        with planned_with(SwarmTrait("qd-drift")) as (world, value):
            service.scale(2)
            assert_refused(world, value)
    finally:
        engine.swarm.leave(force=True)


def test_every_kind_of_fingerprint_is_tested_here() -> None:
    all_actions()
    alone = (LinkTrait, RedisTrait, DeploymentTrait, UnitTrait, ImageTrait, PrunableTrait)
    others = (*alone, SwarmTrait, *(type(one) for one in CONTAINERS))
    tested = {*DRIFTS, *(one.kind for one in others)}
    known = {kind for kind, cls in part._PARTS.items() if hasattr(cls, "read")}
    assert {kind for kind in known if not kind.startswith("test.")} == tested
