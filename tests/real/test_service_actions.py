"""Restart, start and stop of real units, containers, Swarm services and processes."""

import asyncio
import json
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import docker as sdk
import pytest
from docker.errors import APIError
from docker.types import ServiceMode

from core.actions.action import Draft, Site
from core.actions.families.housekeeping import ACTIONS as HOUSEKEEPING
from core.actions.families.images import ACTIONS as IMAGES
from core.actions.families.images_steps import kept_name, new_name
from core.actions.families.scale import ACTIONS as SCALE
from core.actions.families.services import ACTIONS as SERVICES
from core.actions.part import Sight
from core.errors import ClientError
from core.model.operation import OperationsSpec, ScaleSpec
from core.model.topology import (
    DockerContainer,
    PlainProcess,
    ServiceSpec,
    SwarmService,
    SystemdUnit,
)
from tests.fakes.acting_files import FakeWork
from tests.fakes.acting_ground import carry_out, drafted, stops, stored, warnings
from tests.fakes.ports import free_port
from tests.fakes.world import check_spec, service
from tests.real.acting import hasty, machine
from tests.real.relay import relay

ALL = (*SERVICES, *IMAGES, *SCALE, *HOUSEKEEPING)
IMAGE = "qd/busybox:latest"


def bare(name: str, runs_as: Any) -> ServiceSpec:
    """Return a service without a check."""
    return replace(service(name, runs_as=runs_as), checks=())


async def draft_of(site: Site, action: str, target: str = "shop/api", **inputs: str) -> Draft:
    return hasty(await drafted(ALL, site, action, target, **inputs))


async def done(site: Site, action: str, target: str = "shop/api", **inputs: str) -> str:
    """Do an action; return how it ended."""
    return await ended(site, await draft_of(site, action, target, **inputs))


async def done_at_leisure(site: Site, action: str, **inputs: str) -> str:
    """Do it with proofs that look as long as they do: an engine needs time to see an end."""
    return await ended(site, await drafted(ALL, site, action, "shop/api", **inputs))


async def ended(site: Site, draft: Draft) -> str:
    assert stops(draft) == []
    end, why = await carry_out(draft, site.ports)
    return end if end in {"verified", "ran but unverified"} else f"{end}: {why}"


# systemd units


def systemctl(*words: str) -> None:
    subprocess.run(["systemctl", *words], check=True, capture_output=True, timeout=300)


@pytest.fixture
def unit() -> Iterator[Callable[..., str]]:
    """Write units, and take them away again afterwards."""
    folder = Path(os.environ.get("QD_TEST_UNITS", "/run/systemd/system"))
    written: list[str] = []

    def write(text: str, name: str = "") -> str:
        name = name or f"qd-acting-{len(written)}.service"
        (folder / name).write_text(text)
        written.append(name)
        systemctl("daemon-reload")
        return name

    yield write
    for name in written:
        subprocess.run(["systemctl", "kill", "-s", "KILL", name], check=False, capture_output=True)
        subprocess.run(["systemctl", "stop", name], check=False, capture_output=True, timeout=300)
        subprocess.run(["systemctl", "reset-failed", name], check=False, capture_output=True)
        (folder / name).unlink(missing_ok=True)
    systemctl("daemon-reload")


SLEEPS = "[Service]\nExecStart=/bin/sleep 1000\n"


@pytest.mark.real("systemd")
@pytest.mark.xdist_group("systemd")
class TestUnits:
    async def test_started_restarted_and_stopped(self, unit: Callable[..., str]) -> None:
        name = unit(SLEEPS)
        async with machine(bare("api", SystemdUnit(name))) as site:
            assert await done(site, "service.start") == "ran but unverified"
            first = await site.ports.units.show(name)
            assert await done(site, "service.restart") == "ran but unverified"
            second = await site.ports.units.show(name)
            assert first.invocation_id != second.invocation_id
            assert await done(site, "service.stop") == "verified"
            assert stops(await draft_of(site, "service.stop"))
            draft = await draft_of(site, "service.restart")
            assert "it is stopped: this starts it" in warnings(draft)

    async def test_a_unit_restarted_by_hand_after_the_plan_is_another_run(
        self, unit: Callable[..., str]
    ) -> None:
        name = unit(SLEEPS)
        systemctl("start", name)
        async with machine(bare("api", SystemdUnit(name))) as site:
            draft = await draft_of(site, "service.restart")
            before = await stored(draft.traits[0].trait).read(site.ports)
            systemctl("restart", name)
            assert await stored(draft.traits[0].trait).read(site.ports) != before

    async def test_units_that_stop_with_it_are_counted(self, unit: Callable[..., str]) -> None:
        name = unit(SLEEPS)
        needing = unit(f"[Unit]\nBindsTo={name}\nAfter={name}\n{SLEEPS}")
        further = unit(f"[Unit]\nRequires={needing}\nAfter={needing}\n{SLEEPS}")
        systemctl("start", further)
        async with machine(bare("api", SystemdUnit(name))) as site:
            draft = await draft_of(site, "service.stop")
            assert f"2 units stop with it: {needing}, {further}" in draft.radius
            assert await done(site, "service.stop") == "verified"
            assert (await site.ports.units.show(further)).active_state == "inactive"

    async def test_one_that_fails_on_start_is_not_ok_and_says_why(
        self, unit: Callable[..., str]
    ) -> None:
        name = unit("[Service]\nType=notify\nExecStart=/bin/sh -c 'exit 3'\n")
        async with machine(bare("api", SystemdUnit(name))) as site:
            end = await done(site, "service.start")
            assert end.startswith("rolled_back: ")
            assert "control process exited" in end or "failed" in end

    async def test_one_that_ends_a_moment_later_is_a_restart_loop(
        self, unit: Callable[..., str]
    ) -> None:
        name = unit(
            "[Unit]\nStartLimitIntervalSec=0\n[Service]\n"
            "ExecStart=/bin/sh -c 'sleep 0.2; exit 1'\nRestart=always\nRestartSec=0.1\n"
        )
        async with machine(bare("api", SystemdUnit(name))) as site:
            draft = await draft_of(site, "service.start")
            end, why = await carry_out(draft, site.ports)
            assert end == "rolled_back"
            assert "restart loop" in why or "does not stay up" in why or "auto-restart" in why
            systemctl("start", name)
            async with asyncio.timeout(120):
                while ((await site.ports.units.show(name)).restarts or 0) < 3:
                    await asyncio.sleep(0.05)
            draft = await draft_of(site, "service.restart")
            assert any("restart loop" in text for text in warnings(draft))
            assert await done(site, "service.stop") == "verified"

    async def test_failures_that_a_start_limit_counts_are_forgotten_first(
        self, unit: Callable[..., str], tmp_path: Path
    ) -> None:
        flag = tmp_path / "good"
        name = unit(
            "[Unit]\nStartLimitBurst=2\nStartLimitIntervalSec=600\n[Service]\nRestart=on-failure\n"
            f"RestartSec=0.1\nExecStart=/bin/sh -c 'test -e {flag} || exit 1; exec sleep 1000'\n"
        )
        async with machine(bare("api", SystemdUnit(name))) as site:
            systemctl("start", name)
            async with asyncio.timeout(120):
                while (await site.ports.units.show(name)).active_state != "failed":
                    await asyncio.sleep(0.05)
            with pytest.raises(ClientError, match=r"too quickly|start limit|failed"):
                await site.ports.units.start(name, 10.0)
            flag.touch()
            draft = await draft_of(site, "service.restart")
            assert draft.steps[0].title == f"forget the failures of and start unit {name}"
            assert (await carry_out(draft, site.ports))[0] == "ran but unverified"

    async def test_one_that_hangs_in_stop_has_a_job_and_is_refused(
        self, unit: Callable[..., str], tmp_path: Path
    ) -> None:
        deaf = tmp_path / "deaf"
        name = unit(
            '[Service]\nTimeoutStopSec=600\nExecStart=/bin/sh -c \'trap "" TERM; '
            f": > {deaf}; while :; do sleep 0.1; done'\n"
        )
        systemctl("start", name)
        async with machine(bare("api", SystemdUnit(name))) as site:
            async with asyncio.timeout(60):
                while not deaf.exists():
                    await asyncio.sleep(0.02)
            systemctl("stop", "--no-block", name)
            with pytest.raises(ClientError, match="did not end within"):
                await site.ports.units.stop(name, 0.5)
            assert "has a job" in stops(await draft_of(site, "service.restart"))[0]

    async def test_missing_masked_and_hostile_names(self, unit: Callable[..., str]) -> None:
        name = unit(SLEEPS)
        folder = Path(os.environ.get("QD_TEST_UNITS", "/run/systemd/system"))
        (folder / name).unlink()
        (folder / name).symlink_to("/dev/null")
        systemctl("daemon-reload")
        async with machine(bare("api", SystemdUnit(name))) as site:
            assert "masked" in stops(await draft_of(site, "service.start"))[0]
            for hostile in ("--help", "-H evil", "a b.service", "*.service", "x\n.service"):
                with pytest.raises(ClientError, match="not a unit name"):
                    await site.ports.units.restart(hostile, 5.0)
        async with machine(bare("api", SystemdUnit("qd-nobody.service"))) as site:
            assert "systemd knows no" in stops(await draft_of(site, "service.restart"))[0]


async def test_where_no_systemd_answers_units_are_offline(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tool = tmp_path / "systemctl"
    tool.write_text(
        "#!/bin/sh\necho 'System has not been booted with systemd as init system' >&2\nexit 1\n"
    )
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    async with machine(bare("api", SystemdUnit("api.service"))) as site:
        (text,) = stops(await draft_of(site, "service.restart"))
        assert text.startswith("offline: this machine was not booted with systemd")


# containers


@pytest.fixture
def engine() -> Iterator[sdk.DockerClient]:
    """The engine, without a container of such a test before and afterwards."""
    client = sdk.from_env()
    remove_all(client)
    yield client
    remove_all(client)
    client.close()


def remove_all(client: sdk.DockerClient) -> None:
    for one in client.containers.list(all=True, filters={"name": "qd-act"}, ignore_removed=True):
        # Somebody else may be removing it: a swarm that was left, or the engine itself.
        with suppress(APIError):
            one.remove(force=True, v=True)
        with suppress(APIError):
            one.wait(condition="removed", timeout=300)


def run(engine: sdk.DockerClient, command: str, **options: Any) -> Any:
    words = ["sh", "-c", command]
    options.setdefault("image", IMAGE)
    return engine.containers.run(command=words, name="qd-act", detach=True, **options)


STAYS = "trap 'exit 0' TERM; while :; do sleep 0.1; done"


@pytest.mark.real("docker")
@pytest.mark.xdist_group("docker")
class TestContainers:
    async def test_started_restarted_and_stopped(self, engine: sdk.DockerClient) -> None:
        one = run(engine, STAYS)
        async with machine(bare("api", DockerContainer("qd-act"))) as site:
            began = one.attrs["State"]["StartedAt"]
            assert await done(site, "service.restart") == "ran but unverified"
            one.reload()
            assert one.attrs["State"]["StartedAt"] > began
            assert await done(site, "service.stop") == "verified"
            assert await done(site, "service.start") == "ran but unverified"

    async def test_health_is_a_check_over_the_network_and_a_bad_start_is_taken_back(
        self, engine: sdk.DockerClient
    ) -> None:
        port = free_port()
        spec = replace(
            service("api", runs_as=DockerContainer("qd-act")),
            checks=(check_spec("api", url=f"http://127.0.0.1:{port}/"),),
        )
        serve = f"exec nc -lk -p 80 -e cat & {STAYS}"
        one = run(engine, serve, ports={"80/tcp": ("127.0.0.1", port)})
        async with machine(spec) as site:
            assert await done(site, "service.restart") == "verified"
            one.stop(timeout=1)
            with socket.create_server(("127.0.0.1", port)):
                assert "held by" in stops(await draft_of(site, "service.start"))[0]

    async def test_one_that_ends_again_is_told_with_its_exit_code(
        self, engine: sdk.DockerClient, tmp_path: Path
    ) -> None:
        flag = tmp_path / "bad"
        run(engine, f"test -e /flags/bad && exit 3; {STAYS}", volumes=[f"{tmp_path}:/flags"])
        async with machine(bare("api", DockerContainer("qd-act"))) as site:
            flag.touch()
            end = await done_at_leisure(site, "service.restart")
            assert end.startswith("needs_human")
            assert "exited" in end

    async def test_made_again_or_removed_since_the_plan_is_another(
        self, engine: sdk.DockerClient
    ) -> None:
        one = run(engine, STAYS)
        async with machine(bare("api", DockerContainer("qd-act"))) as site:
            draft = await draft_of(site, "service.restart")
            trait = stored(draft.traits[0].trait)
            before = await trait.read(site.ports)
            one.remove(force=True)
            assert await trait.read(site.ports) == "not there"
            run(engine, STAYS)
            assert await trait.read(site.ports) not in {before, "not there"}
            end, why = await carry_out(draft, site.ports)
            assert end == "needs_human"
            assert "No such container" in why

    async def test_the_engine_goes_away_amid_a_restart(
        self, engine: sdk.DockerClient, tmp_path: Path
    ) -> None:
        run(engine, STAYS)
        path = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://")
        async with relay(tmp_path / "docker.sock", path) as between:
            url = f"unix://{between.path}"
            async with machine(bare("api", DockerContainer("qd-act")), docker_url=url) as site:
                draft = await draft_of(site, "service.restart")
                await between.cut()
                end, why = await carry_out(replace(draft, traits=()), site.ports)
                assert end == "needs_human"
                assert "Docker" in why
                assert stops(await draft_of(site, "service.restart"))

    async def test_a_socket_without_rights_is_named(self, tmp_path: Path) -> None:
        missing = f"unix://{tmp_path}/none.sock"
        async with machine(bare("api", DockerContainer("qd-act")), docker_url=missing) as site:
            assert "no Docker socket" in stops(await draft_of(site, "service.restart"))[0]

    async def test_hostile_names_never_reach_the_engine(self, engine: sdk.DockerClient) -> None:
        async with machine() as site:
            for hostile in (
                "--help",
                "-v/:/h",
                "a b",
                "../x",
                "x" * 300,
                "x\n",
                "\x1b[2J",
                "\u202eabc",
            ):
                with pytest.raises(ClientError, match="not a name"):
                    await site.ports.engine.find(hostile)

    async def test_one_that_removes_itself_is_refused(self, engine: sdk.DockerClient) -> None:
        run(engine, STAYS, auto_remove=True)
        async with machine(bare("api", DockerContainer("qd-act"))) as site:
            assert "--rm" in stops(await draft_of(site, "service.restart"))[0]


# images


@pytest.fixture
def versions(engine: sdk.DockerClient) -> Iterator[dict[str, str]]:
    """Two images of one repository: `good` is the older one."""
    made: dict[str, str] = {}
    for tag, command in (("good", STAYS), ("bad", "exit 7")):
        box = engine.containers.create(IMAGE, ["true"], name=f"qd-act-{tag}")
        changes = [f"CMD {json.dumps(['sh', '-c', command])}", f"ENV RELEASE={tag}"]
        made[tag] = box.commit("qdact/api", tag, conf={}, changes=changes).id
        box.remove()
    yield made
    for tag in made:
        with suppress(sdk.errors.APIError):
            engine.images.remove(f"qdact/api:{tag}", force=True)


@pytest.mark.real("docker")
@pytest.mark.xdist_group("docker")
class TestImages:
    async def test_an_older_image_is_put_back_with_all_that_the_container_had(
        self, engine: sdk.DockerClient, versions: dict[str, str]
    ) -> None:
        network = engine.networks.create("qd-act-net")
        try:
            old = engine.containers.run(
                "qdact/api:bad", ["sh", "-c", STAYS], name="qd-act", detach=True,
                environment={"OWN": "1"}, volumes=["/data"], network="qd-act-net",
                labels={"team": "ops"},
            )  # fmt: skip
            old.exec_run(["sh", "-c", "echo kept > /data/file"])
            async with machine(bare("api", DockerContainer("qd-act"))) as site:
                end = await done(site, "image.rollback", image="qdact/api:good")
            assert end == "ran but unverified"
            now = engine.containers.get("qd-act")
            assert now.image.id == versions["good"]
            assert now.attrs["Config"]["Labels"]["team"] == "ops"
            env = now.attrs["Config"]["Env"]
            assert "OWN=1" in env
            assert "RELEASE=good" in env, "what the image sets comes from the new one"
            assert now.exec_run(["cat", "/data/file"]).output == b"kept\n"
            assert list(now.attrs["NetworkSettings"]["Networks"]) == ["qd-act-net"]
            assert len(engine.containers.list(all=True, filters={"name": "qd-act"})) == 1
        finally:
            for one in engine.containers.list(all=True, filters={"name": "qd-act"}):
                one.remove(force=True, v=True)
            network.remove()

    async def test_an_image_that_does_not_run_leaves_the_old_container_as_it_was(
        self, engine: sdk.DockerClient, versions: dict[str, str]
    ) -> None:
        old = engine.containers.run("qdact/api:good", name="qd-act", detach=True)
        async with machine(bare("api", DockerContainer("qd-act"))) as site:
            end = await done_at_leisure(site, "image.rollback", image="qdact/api:bad")
        assert end.startswith("rolled_back")
        (left,) = engine.containers.list(all=True, filters={"name": "qd-act"})
        assert (left.id, left.name, left.status) == (old.id, "qd-act", "running")

    async def test_a_kill_after_any_step_is_seen_and_undone(
        self, engine: sdk.DockerClient, versions: dict[str, str]
    ) -> None:
        old = engine.containers.run("qdact/api:good", name="qd-act", detach=True)
        async with machine(bare("api", DockerContainer("qd-act"))) as site:
            draft = await draft_of(site, "image.rollback", image="qdact/api:bad")
            main = [stored(one.step) for one in draft.steps if not one.is_after_proof]
            work = FakeWork()
            for last in range(len(main)):
                for step in main[: last + 1]:
                    assert (await step.observe(site.ports)).sight is Sight.BEFORE
                    await step.apply(site.ports, work)
                for step in reversed(main[: last + 1]):
                    await step.undo(site.ports, work)
                    assert (await step.observe(site.ports)).sight is Sight.BEFORE
                (left,) = engine.containers.list(all=True, filters={"name": "qd-act"})
                assert (left.id, left.name, left.status) == (old.id, "qd-act", "running")

    async def test_without_an_older_image_it_says_which_are_here(
        self, engine: sdk.DockerClient, versions: dict[str, str]
    ) -> None:
        old = engine.containers.run("qdact/api:good", name="qd-act", detach=True)
        async with machine(bare("api", DockerContainer("qd-act"))) as site:
            (text,) = stops(await draft_of(site, "image.rollback", image="qdact/api:gone"))
            assert "qdact/api:bad" in text
            draft = await draft_of(site, "image.rollback", image="qdact/api:bad")
            tag = stored(draft.traits[1].trait)
            before = await tag.read(site.ports)
            engine.images.get("qdact/api:good").tag("qdact/api", "bad")
            assert await tag.read(site.ports) != before, "tags move"
            engine.containers.create(IMAGE, name=new_name("qd-act", str(old.id)))
            (text,) = stops(await draft_of(site, "image.rollback", image=versions["bad"]))
            assert "an earlier attempt left it" in text
            assert kept_name("qd-act", str(old.id)).startswith("qd-act.before-")


# Swarm


@pytest.fixture
def swarm(engine: sdk.DockerClient) -> Iterator[Any]:
    """A swarm of one with one service; never a person's own engine."""
    if not os.environ.get("DOCKER_HOST"):
        pytest.skip("not run: it would make your own engine a swarm")
    engine.swarm.init(advertise_addr="127.0.0.1", listen_addr="127.0.0.1:2377")
    yield engine.services.create(
        IMAGE, name="qd-web", command=["sh", "-c", STAYS], mode=ServiceMode("replicated", 1),
        stop_grace_period=1_000_000_000,
        update_config=sdk.types.UpdateConfig(parallelism=0, delay=0, monitor=500_000_000),
        rollback_config=sdk.types.RollbackConfig(parallelism=0, delay=0, monitor=500_000_000),
    )  # fmt: skip
    engine.swarm.leave(force=True)


@pytest.mark.real("docker")
@pytest.mark.xdist_group("docker")
async def test_a_swarm_service_from_start_to_rollback(swarm: Any) -> None:
    scaling = (ScaleSpec("web", "swarm", "api", replicas=2),)
    operations = {"shop": OperationsSpec("shop", scaling=scaling)}
    async with machine(bare("api", SwarmService("qd-web")), operations=operations) as site:
        assert stops(await draft_of(site, "service.rollback")), "never updated"
        assert (await done(site, "service.restart")).startswith("ran but unverified")
        assert (await site.ports.engine.swarm("qd-web")).forced == 1
        assert (await done(site, "scale.apply", "shop/web")).startswith("ran but unverified")
        assert (await site.ports.engine.swarm("qd-web")).replicas == 2
        assert (await done(site, "service.rollback")).startswith("ran but unverified")
        assert (await site.ports.engine.swarm("qd-web")).replicas == 1
        assert await done(site, "service.stop") == "verified"
        assert (await done(site, "service.start")).startswith("ran but unverified")
        state = await site.ports.engine.swarm("qd-web")
        with pytest.raises(ClientError, match="out of sequence"):
            await site.ports.engine.swarm_scale("qd-web", 3, state.version - 1)


# plain processes


async def test_a_plain_process_is_found_exactly_ended_and_started(tmp_path: Path) -> None:
    program = tmp_path / "qd_server.sh"
    os.mkfifo(tmp_path / "never")
    program.write_text("exec 3<>never\nread -r text <&3\n")
    log = tmp_path / "server.log"
    words = ("/bin/sh", str(program))
    spec = bare("api", PlainProcess(words, str(tmp_path), "", str(log), words))
    async with machine(spec) as site:
        assert (await done(site, "service.start")) == "ran but unverified"
        (first,) = await site.ports.processes.find(words, str(tmp_path), "")
        try:
            assert (await done(site, "service.restart")) == "ran but unverified"
            (second,) = await site.ports.processes.find(words, str(tmp_path), "")
            assert first.id != second.id
            assert await done(site, "service.stop") == "verified"
            program.write_text("echo no configuration >&2\nexit 1\n")
            end = await done(site, "service.start")
            assert "ended at once" in end
            assert "no configuration" in log.read_text()
        finally:
            for one in await site.ports.processes.find(words, str(tmp_path), ""):
                await site.ports.processes.end((one.id,), 1.0)


# housekeeping


@pytest.mark.real("docker")
@pytest.mark.xdist_group("docker")
async def test_a_prune_takes_what_it_listed_and_leaves_what_runs(engine: sdk.DockerClient) -> None:
    if not os.environ.get("DOCKER_HOST"):
        pytest.skip("not run: it would prune your own engine")
    run(engine, STAYS)
    over = engine.containers.create(IMAGE, ["true"], name="qd-act-over")
    over.start()
    over.wait()
    image = over.commit("qdact/waste", "1")
    volume = engine.volumes.create("qd-act-volume")
    network = engine.networks.create("qd-act-net")
    try:
        async with machine() as site:
            draft = await drafted(HOUSEKEEPING, site, "docker.prune_system", "shop/docker")
            shown = " ".join(draft.preview)
            for word in ("qdact/waste:1", "qd-act-over", "qd-act-net"):
                assert word in shown
            assert "qd-act-volume" not in shown
            assert any(
                line.startswith(f"unused-images  {image.id[7:19]}") for line in draft.preview
            )
            only = tuple(one for one in draft.steps if "unused-images" not in one.step.what)
            end, _ = await carry_out(replace(draft, steps=only), site.ports)
            assert end == "verified"
            names = {one.name for one in engine.containers.list(all=True)}
            assert "qd-act" in names
            assert "qd-act-over" not in names
            assert engine.volumes.get("qd-act-volume").name == "qd-act-volume"
            assert not engine.networks.list(names=["qd-act-net"])
    finally:
        with suppress(sdk.errors.APIError):
            network.remove()
        volume.remove()
        engine.images.remove("qdact/waste:1", force=True)
