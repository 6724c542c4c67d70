"""Compose projects of a real engine: brought up, made anew, stopped, and what goes wrong."""

import asyncio
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.actions.families import limit
from core.actions.families.compose import ACTIONS
from core.actions.families.compose_around import recreate_around
from core.actions.families.scale import ACTIONS as SCALE
from core.actions.part import Sight
from core.clients.acting.files import LocalFiles
from core.clients.clock import SystemClock
from core.errors import ActionError
from core.model.operation import ComposeSpec, EnvFileSpec, OperationsSpec, ScaleSpec
from core.model.redis_spec import LimitSpec, RedisSpec
from core.model.topology import ComposeService
from tests.fakes.acting_files import FakeWork
from tests.fakes.acting_ground import carry_out, drafted, stops, warnings
from tests.fakes.world import service
from tests.real.acting import hasty, machine

pytestmark = [pytest.mark.xdist_group("docker"), pytest.mark.real("docker", "compose")]

API = replace(service("api", runs_as=ComposeService("qdshop", "api", ("backend",))), checks=())
NO_CHECK = "whether it works: no check is configured for api: whether it works was not seen"
FILES = """
services:
  api:
    image: qdshop/api:latest
    command: ["sh", "-c", "echo $$GREETING; exec sleep 1000"]
    stop_grace_period: 1s
    env_file: [.env.api]
    depends_on: [db]
  db:
    image: qd/busybox:latest
    command: ["sleep", "1000"]
    stop_grace_period: 1s
    volumes: ["data:/data"]
volumes:
  data: {}
"""


def docker(*words: str) -> str:
    done = subprocess.run(
        ["docker", *words], check=True, capture_output=True, text=True, timeout=300
    )
    return done.stdout.strip()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A project of two services that nobody has brought up."""
    (tmp_path / "docker-compose.yml").write_text(FILES)
    (tmp_path / ".env.api").write_text("GREETING=hello\n")
    docker("tag", "qd/busybox:latest", "qdshop/api:latest")
    yield tmp_path
    words = ["docker", "compose", "-p", "qdshop", "down", "--volumes", "--timeout", "0"]
    subprocess.run(words, cwd=tmp_path, check=False, capture_output=True, timeout=300)
    subprocess.run(["docker", "rmi", "qdshop/api:latest"], check=False, capture_output=True)


def operations(folder: Path, **more: Any) -> dict[str, OperationsSpec]:
    spec = ComposeSpec("qdshop", (str(folder / "docker-compose.yml"),), folder=str(folder), **more)
    return {"shop": OperationsSpec("shop", compose=spec)}


def ids() -> dict[str, str]:
    words = "ps", "-a", "--filter", "label=com.docker.compose.project=qdshop", "--no-trunc"
    rows = docker(*words, "--format", '{{.ID}} {{.Label "com.docker.compose.service"}}')
    return {row.split()[1]: row.split()[0] for row in rows.splitlines()}


async def said(container: str, word: str) -> None:
    """Wait until a container has said a word: it runs before it has."""
    async with asyncio.timeout(120):
        while word not in docker("logs", container):
            await asyncio.sleep(0.05)


def work(folder: Path) -> FakeWork:
    made = FakeWork()
    made.output = folder / "out.log"
    return made


async def test_the_life_of_a_project(folder: Path) -> None:
    async with machine(API, operations=operations(folder)) as site:

        async def run(action: str, target: str = "shop/shop") -> tuple[str, str]:
            draft = await drafted(ACTIONS, site, action, target)
            assert stops(draft) == []
            return await carry_out(hasty(draft), site.ports, work(folder))

        assert await run("compose.up") == ("ran but unverified", NO_CHECK)
        first = ids()
        assert set(first) == {"api", "db"}

        draft = await drafted(ACTIONS, site, "compose.up", "shop/shop")
        assert stops(draft)[0].startswith("everything runs as the files say")

        assert (await run("compose.restart"))[0] != "needs_human"
        assert ids() == first, "a restart keeps the containers"

        (folder / ".env.api").write_text("GREETING=bonjour\n")
        draft = await drafted(ACTIONS, site, "compose.up", "shop/shop")
        assert [one.id for one in draft.targets] == ["qdshop-api-1"], "only what differs"
        assert (await run("compose.up", "shop/backend"))[0] != "needs_human"
        second = ids()
        assert second["api"] != first["api"]
        assert second["db"] == first["db"]
        await said(second["api"], "bonjour")

        assert (await run("compose.recreate", "shop/api"))[0] != "needs_human"
        assert ids()["api"] != second["api"]
        assert ids()["db"] == first["db"]

        assert (await run("compose.stop"))[0] == "verified"
        assert stops(await drafted(ACTIONS, site, "compose.stop", "shop/shop"))
        assert (await run("compose.up"))[0] != "needs_human"
        assert (await run("compose.down"))[0] == "verified"
        assert ids() == {}
        assert "qdshop_data" in docker("volume", "ls", "-q"), "never a volume"


async def test_an_env_file_changed_between_stop_and_start_is_read(folder: Path) -> None:
    async with machine(API, operations=operations(folder)) as site:
        draft = await drafted(ACTIONS, site, "compose.up", "shop/shop")
        await carry_out(hasty(draft), site.ports, work(folder))
        before = ids()
        one = await recreate_around(site, API, ())
        stop, start = (step.step for step in one.steps)
        own = work(folder)
        await stop.apply(site.ports, own)
        assert (await stop.observe(site.ports)).sight is Sight.AFTER
        (folder / ".env.api").write_text("GREETING=salut\n")
        await start.apply(site.ports, own)
        assert (await start.observe(site.ports)).sight is Sight.AFTER
        assert ids()["api"] != before["api"]
        await said(ids()["api"], "salut")
        await start.undo(site.ports, own)
        (folder / ".env.api").write_text("GREETING=hello\n")
        await stop.undo(site.ports, own)
        assert (await stop.observe(site.ports)).sight is Sight.BEFORE
        await said(ids()["api"], "hello")
        assert ids()["db"] == before["db"]


async def test_an_update_whose_pull_fails_leaves_everything_as_it_runs(folder: Path) -> None:
    async with machine(API, operations=operations(folder)) as site:
        draft = await drafted(ACTIONS, site, "compose.up", "shop/shop")
        await carry_out(hasty(draft), site.ports, work(folder))
        before = ids()
        draft = await drafted(ACTIONS, site, "compose.update", "shop/shop")
        end, why = await carry_out(hasty(draft), site.ports, work(folder))
        assert end == "rolled_back"
        assert "compose ended with" in why
        assert ids() == before


async def test_a_service_that_ends_at_once_is_not_called_up(folder: Path) -> None:
    broken = FILES.replace("exec sleep 1000", "exit 3")
    (folder / "docker-compose.yml").write_text(broken)
    async with machine(API, operations=operations(folder)) as site:
        draft = await drafted(ACTIONS, site, "compose.up", "shop/shop")
        end, why = await carry_out(draft, site.ports, work(folder))
        assert end == "needs_human"
        assert "api: exited 3" in why


async def test_files_that_are_not_right_are_told_in_the_words_of_compose(folder: Path) -> None:
    (folder / "docker-compose.yml").write_text("services: {api: {imagee: x}}\n")
    async with machine(API, operations=operations(folder)) as site:
        with pytest.raises(ActionError, match="imagee"):
            await drafted(ACTIONS, site, "compose.up", "shop/shop")


async def test_an_add_on_that_defines_a_running_service_is_a_warning(folder: Path) -> None:
    extra = folder / "docker-compose.monitoring.yml"
    extra.write_text(
        "services:\n  db: {image: 'qd/busybox:latest', command: [sleep, '999']}\n"
        "  watch: {image: 'qd/busybox:latest', command: [sleep, '1000']}\n"
    )
    more = operations(folder, optional_files=(str(extra),))
    async with machine(API, operations=more) as site:
        draft = await drafted(ACTIONS, site, "compose.up", "shop/shop")
        await carry_out(hasty(draft), site.ports, work(folder))
        draft = await drafted(ACTIONS, site, "compose.up", "shop/monitoring")
        assert any("define db as well" in text for text in warnings(draft))
        assert {one.title for one in draft.targets} == {"container qdshop-db-1", "service watch"}


async def test_a_built_image_gets_its_name_anew_and_what_runs_goes_on(folder: Path) -> None:
    (folder / "Dockerfile").write_text("FROM qd/busybox:latest\nRUN date +%N > /built\n")
    (folder / "docker-compose.yml").write_text(
        FILES.replace("image: qdshop/api:latest", "image: qdshop/api:latest\n    build: .")
    )
    async with machine(API, operations=operations(folder)) as site:
        draft = await drafted(ACTIONS, site, "compose.build", "shop/shop")
        end, why = await carry_out(hasty(draft), site.ports, work(folder))
        if "buildx" in why or "BuildKit" in why:
            pytest.skip("not run: this compose builds nothing here")
        assert (end, why) == ("verified", "")
        assert draft.preview[0].startswith("qdshop/api:latest is")


async def test_where_there_is_no_compose_command_it_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = folder / "bin"
    tools.mkdir()
    (tools / "docker").write_text("#!/bin/sh\necho \"docker: 'compose' is no command\"\n")
    (tools / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:/bin")
    async with machine(API, operations=operations(folder)) as site:
        with pytest.raises(ActionError, match=r"no compose command: .*is no command"):
            await drafted(ACTIONS, site, "compose.up", "shop/shop")


async def test_a_service_gets_more_containers_and_fewer_again(folder: Path) -> None:
    scaling = (ScaleSpec("db", "compose", "db", replicas=2), ScaleSpec("limits", "compose", "db"))
    more = {"shop": replace(operations(folder)["shop"], scaling=scaling)}
    async with machine(API, operations=more) as site:
        up = await drafted(ACTIONS, site, "compose.up", "shop/shop")
        await carry_out(hasty(up), site.ports, work(folder))
        first = ids()
        draft = await drafted(SCALE, site, "scale.apply", "shop/db")
        assert (await carry_out(hasty(draft), site.ports, work(folder)))[0] == "verified"
        assert len(await site.ports.engine.find_service("qdshop", "db")) == 2
        draft = await drafted(SCALE, site, "scale.apply", "shop/db", replicas="1")
        assert (await carry_out(hasty(draft), site.ports, work(folder)))[0] == "verified"
        assert ids() == first, "the first one was left alone"
        limits = await drafted(SCALE, site, "scale.apply", "shop/limits")
        assert "nothing to do" in stops(limits)[0]
        changed = FILES.replace("stop_grace_period: 1s\n    volumes", "mem_limit: 32m\n    volumes")
        (folder / "docker-compose.yml").write_text(changed)
        limits = await drafted(SCALE, site, "scale.apply", "shop/limits")
        end, _ = await carry_out(hasty(limits), site.ports, work(folder))
        assert end in {"verified", "ran but unverified"}
        assert docker("inspect", "--format", "{{.HostConfig.Memory}}", ids()["db"]) == "33554432"


async def test_a_limit_is_changed_where_its_service_reads_it_and_the_service_made_anew(
    folder: Path,
) -> None:
    (folder / ".env.api").write_text("# limits\nGREETING=hello\nCAPACITY=100 # a client\n")
    (folder / ".env.api").chmod(0o600)
    env = EnvFileSpec("limits", str(folder / ".env.api"), read_by=("api",), apply="recreate")
    more = {"shop": replace(operations(folder)["shop"], env_files=(env,))}
    spec = LimitSpec(
        "clients", ("rate_limit:*",), service="shop/api", env_file="limits",
        capacity_variable="CAPACITY",
    )  # fmt: skip
    async with machine(API, operations=more) as bare:
        [system] = bare.topology.systems
        system = replace(system, redis=(RedisSpec("shop/redis", limits=(spec,)),))
        topology = replace(bare.topology, systems=(system,))
        ports = replace(bare.ports, files=LocalFiles(SystemClock()))
        site = replace(bare, topology=topology, ports=ports)
        draft = await drafted(ACTIONS, site, "compose.up", "shop/shop")
        await carry_out(hasty(draft), ports, work(folder))
        before = ids()
        draft = await drafted(limit.ACTIONS, site, "limit.change", "shop/clients", capacity="250")
        assert stops(draft) == []
        end, why = await carry_out(hasty(draft), ports, work(folder))
        assert end in {"verified", "ran but unverified"}, why
        assert (folder / ".env.api").read_text() == (
            "# limits\nGREETING=hello\nCAPACITY=250 # a client\n"
        )
        after = ids()
        assert (after["api"] != before["api"], after["db"] == before["db"]) == (True, True)
        said = docker("inspect", "--format", "{{json .Config.Env}}", after["api"])
        assert '"CAPACITY=250"' in said
