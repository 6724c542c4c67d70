"""Commands, probes, blocked addresses and services taken away, against real parts."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from core.actions.action import Action, Draft, Site
from core.actions.families import chaos, commands, firewall, probes
from core.actions.families.chaos_steps import ArmGuardian
from core.actions.guard_order import parse_run
from core.actions.part import Sight
from core.actions.ports import Ports
from core.clients.acting.commands import LocalActing, Order, Ran
from core.clients.acting.engine_docker import DockerControl
from core.clients.acting.files import LocalFiles
from core.clients.acting.guards import LocalGuards
from core.clients.acting.prober_http import HttpProber
from core.clients.acting.processes import LocalProcesses
from core.clients.acting.units import SystemctlControl
from core.clients.clock import SystemClock
from core.clients.command import LocalCommands
from core.model.operation import CommandSpec, JudgeSpec, OperationsSpec
from core.model.topology import DockerContainer, PlainProcess, RunsAs, SystemdUnit
from tests.fakes.acting_files import FakeWork
from tests.fakes.acting_ground import Untouched, carry_out, drafted, stops, stored
from tests.fakes.loopback import loopback
from tests.fakes.world import check_spec, result, service, system, topology

ROOT = Path(__file__).parents[2]


class FileWork(FakeWork):
    """A place whose output is a real file."""

    def __init__(self, folder: Path) -> None:
        super().__init__("01REALACTION")
        self.folder = folder
        self.output = folder / "out.log"


@pytest.fixture
async def ports(tmp_path: Path) -> AsyncIterator[Ports]:
    clock = SystemClock()

    async def look(_check: str) -> Any:
        return result()

    own: dict[str, Any] = {
        "clock": clock,
        "files": LocalFiles(clock),
        "commands": LocalActing(clock),
        "engine": DockerControl("", clock),
        "processes": LocalProcesses(clock),
        "look": look,
        "results": str(tmp_path / "results"),
        "prober": HttpProber(clock),
        "guards": LocalGuards(clock),
    }
    others: dict[str, Any] = {
        one.name: Untouched(one.name) for one in fields(Ports) if one.name not in own
    }
    yield Ports(**own, **others)
    await own["prober"].aclose()
    own["engine"].close()


def site_of(
    ports: Ports, *specs: CommandSpec, runs_as: RunsAs | None = None, url: str = ""
) -> Site:
    api = service("api", runs_as=runs_as)
    if url:
        api = replace(api, checks=(check_spec("api", url=url),))
    operations = {"shop": OperationsSpec("shop", commands=specs)}
    return Site(topology(system("shop", api)), operations, ports)


async def ran(
    ports: Ports, tmp_path: Path, spec: CommandSpec, runs_as: RunsAs | None = None
) -> tuple[str, str, FileWork]:
    site = site_of(ports, spec, runs_as=runs_as)
    draft = await drafted(commands.ACTIONS, site, "command.run", f"shop/{spec.name}")
    assert stops(draft) == []
    work = FileWork(tmp_path)
    end, why = await carry_out(draft, ports, work)
    return end, why, work


# Commands


async def test_a_real_script_is_judged_by_its_words(ports: Ports, tmp_path: Path) -> None:
    script = tmp_path / "validate.py"
    script.write_text("import os\nprint('✅ Configuration is valid in', os.getcwd())\n")
    spec = CommandSpec("v", (sys.executable, "validate.py"), cwd=str(tmp_path))
    end, why, work = await ran(ports, tmp_path, spec)
    assert (end, why) == ("verified", "")
    assert str(tmp_path) in work.output.read_text("utf-8")
    script.write_text("print('❌ LOG_LEVEL')\n")
    assert (await ran(ports, tmp_path, spec))[:2] == ("rolled_back", "1 problem: LOG_LEVEL")
    script.write_text("import nothing_of_this_name\n")
    assert "validator crashed" in (await ran(ports, tmp_path, spec))[1]


async def test_real_pytest_is_read(ports: Ports, tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text("def test_a(): pass\ndef test_b(): assert 0\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    argv = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q")
    spec = CommandSpec("t", (*argv, "test_one.py"), cwd=str(tmp_path), danger="L")
    assert (await ran(ports, tmp_path, spec))[:2] == ("rolled_back", "1 failed, 1 passed")
    one = replace(spec, argv=(*argv, "test_one.py::test_a"))
    assert (await ran(ports, tmp_path, one))[0] == "verified"
    none = replace(spec, argv=(*argv, "-k", "nothing", "test_one.py"))
    assert "nothing" in (await ran(ports, tmp_path, none))[1]


async def test_a_real_report_has_to_be_fresh(ports: Ports, tmp_path: Path) -> None:
    report = tmp_path / "ready.json"
    told = JudgeSpec(report=str(report), report_path="ready", report_equals="true", fresh_s=3600)
    spec = CommandSpec("r", ("true",), cwd=str(tmp_path), judge=told)
    report.write_text('{"ready": true}')
    assert (await ran(ports, tmp_path, spec))[0] == "verified"
    old_s = report.stat().st_mtime - 7200
    os.utime(report, (old_s, old_s))
    assert "old, older than 3600 s" in (await ran(ports, tmp_path, spec))[1]


async def test_a_program_that_prints_without_end_is_ended_and_its_output_capped(
    ports: Ports, tmp_path: Path
) -> None:
    spec = CommandSpec("yes", ("yes",), cwd=str(tmp_path), timeout_s=1.0)
    end, why, work = await ran(ports, tmp_path, spec)
    assert end == "rolled_back"
    assert "did not end within 1 s" in why
    assert work.output.stat().st_size < 16 * 1024 * 1024


async def test_a_secret_is_only_on_standard_input(ports: Ports, tmp_path: Path) -> None:
    script = tmp_path / "read_key.py"
    script.write_text(
        "import os, sys\nkey = sys.stdin.read()\n"
        "seen = key in ' '.join(sys.argv) or key in str(dict(os.environ))\n"
        "print('Passed: %d / 1' % (key == 'key_1234567' and not seen), key)\n"
    )
    key = tmp_path / "key"
    key.write_text("key_1234567")
    key.chmod(0o600)
    spec = CommandSpec(
        "k", (sys.executable, "read_key.py"), inputs=(("secret_key", "the key"),), cwd=str(tmp_path)
    )
    site = site_of(ports, spec)
    draft = await drafted(commands.ACTIONS, site, "command.run", "shop/k", secret_key=f"file:{key}")
    work = FileWork(tmp_path)
    assert await carry_out(draft, ports, work) == ("verified", "")
    assert "key_1234567" not in work.output.read_text("utf-8")
    assert "key_1234567" not in str(work.copies)


@pytest.fixture
def container() -> Iterator[Container]:
    client = docker.from_env()
    one: Any = client.containers.run(
        "qd/busybox:latest", ["sleep", "600"], name="qdtest-probes", detach=True, stop_signal="KILL"
    )
    yield one
    one.remove(force=True)
    client.close()


@pytest.mark.xdist_group("docker")
@pytest.mark.real("docker")
async def test_a_command_runs_inside_a_real_container(
    ports: Ports, tmp_path: Path, container: Container
) -> None:
    runs = DockerContainer("qdtest-probes")
    spec = CommandSpec(
        "where", ("sh", "-c", 'echo "$MODE in $PWD; --help"'), inside="api", cwd="/tmp",
        environment=(("MODE", "a b"),), judge=JudgeSpec(says=("a b in /tmp; --help",)),
    )  # fmt: skip
    assert (await ran(ports, tmp_path, spec, runs))[:2] == ("verified", "")
    gone = CommandSpec("gone", ("nothing-of-this-name", "-x"), inside="api")
    end, why, _ = await ran(ports, tmp_path, gone, runs)
    assert end == "rolled_back"
    assert "not" in why


# Probes


async def load_of(ports: Ports, url: str, action: str, **inputs: str) -> tuple[str, str, FakeWork]:
    site, work = site_of(ports, url=url), FakeWork()
    draft = await drafted(probes.ACTIONS, site, action, "shop/api", **inputs)
    end, why = await carry_out(draft, ports, work)
    return end, why or str(work.said[-1]), work


async def test_a_real_server_bears_a_load_and_is_timed(ports: Ports) -> None:
    with loopback({"/health": (200, "{}"), "/bad": (500, "{}")}) as server:
        url = f"http://127.0.0.1:{server.port}/health"
        end, text, _ = await load_of(ports, url, "load.run", requests="60", per_s="200")
        assert (end, text.split(",")[0]) == ("verified", "60 requests")
        end, text, _ = await load_of(ports, url, "load.run", requests="9", path="/bad")
        assert (end, "9 failed (9 x 500)" in text) == ("rolled_back", True)
        end, text, _ = await load_of(ports, url, "http.time")
        assert (end, text.split(",")[0]) == ("verified", "200")
        end, text, _ = await load_of(ports, url, "http.probe_limit", requests="5")
        assert (end, text) == ("rolled_back", "no 429 within 5 requests: 5 x 200")


# Blocked addresses, in a network of our own


class Elsewhere:
    """Runs the filters' tools in another network namespace."""

    def __init__(self, pid: int) -> None:
        self._front = ("nsenter", f"--net=/proc/{pid}/ns/net", "--")
        self._runner = LocalActing(SystemClock())

    async def run(self, order: Order) -> Ran:
        return await self._runner.run(replace(order, argv=(*self._front, *order.argv)))

    def which(self, name: str) -> str:
        return self._runner.which(name)


@pytest.fixture
def network() -> Iterator[int]:
    process = subprocess.Popen(["unshare", "--net", "sleep", "300"])
    ours, theirs = Path("/proc/self/ns/net"), Path(f"/proc/{process.pid}/ns/net")
    while theirs.readlink() == ours.readlink():
        assert process.poll() is None
    yield process.pid
    process.kill()
    process.wait()


@pytest.mark.real("root", "iptables")
@pytest.mark.parametrize("address", ["203.0.113.9", "2001:db8:0:1::/64"])
async def test_a_real_rule_is_listed_and_undone_exactly(
    ports: Ports, network: int, address: str
) -> None:
    away = replace(ports, commands=Elsewhere(network))
    tool = "ip6tables" if ":" in address else "iptables"

    async def rules() -> tuple[str, ...]:
        return (await away.commands.run(Order((tool, "-w", "5", "-S", "INPUT"), 10.0))).output

    await away.commands.run(Order((tool, "-w", "5", "-A", "INPUT", "-p", "tcp", "-j", "ACCEPT"), 9))
    before = await rules()
    draft = await drafted(
        firewall.ACTIONS, site_of(away), "firewall.block", "shop/host",
        address=address, **{"with": "iptables"},
    )  # fmt: skip
    assert stops(draft) == []
    assert await carry_out(draft, away) == ("verified", "")
    assert address in (await rules())[1], "before every other rule"
    step = stored(draft.steps[0].step)
    await step.undo(away, FakeWork())
    assert await rules() == before
    assert (await step.observe(away)).sight is Sight.BEFORE


# A service taken away


SERVICE = "import time, sys\nwhile True: time.sleep(0.1)\n"
EXECUTOR = """
import asyncio, sys
from tests.real.test_probe_actions import take_away
asyncio.run(take_away(*sys.argv[1:]))
"""


def runs_of(folder: Path) -> PlainProcess:
    script = str(folder / "service.py")
    argv = (sys.executable, script)
    return PlainProcess((script,), str(folder), "", str(folder / "service.log"), argv)


def chaos_ports(folder: Path) -> Ports:
    clock = SystemClock()

    async def look(_check: str) -> Any:
        return result()

    own: dict[str, Any] = {
        "clock": clock, "files": LocalFiles(clock), "processes": LocalProcesses(clock),
        "look": look, "results": str(folder / "results"), "guards": LocalGuards(clock),
        "commands": LocalActing(clock), "engine": DockerControl("", clock),
        "units": SystemctlControl(LocalCommands()),
    }  # fmt: skip
    others: dict[str, Any] = {
        one.name: Untouched(one.name) for one in fields(Ports) if one.name not in own
    }
    return Ports(**own, **others)


async def chaos_draft(folder: Path, seconds: str, named: str = "") -> tuple[Draft, Ports]:
    actions: tuple[Action, ...] = chaos.ACTIONS
    ports = chaos_ports(folder)
    kinds: dict[str, RunsAs] = {
        "": runs_of(folder),
        "container": DockerContainer(named.partition(":")[2]),
        "unit": SystemdUnit(named.partition(":")[2]),
    }
    site = site_of(ports, runs_as=kinds[named.partition(":")[0]])
    return await drafted(actions, site, "chaos.stop", "shop/api", **{"for": seconds}), ports


async def take_away(folder: str, seconds: str, named: str) -> None:
    """What an executor does; run in a process of its own, which is killed."""
    draft, ports = await chaos_draft(Path(folder), seconds, named)
    await carry_out(draft, ports, FileWork(Path(folder)))


async def pids_of(folder: Path) -> set[int]:
    runs = runs_of(folder)
    found = await LocalProcesses(SystemClock()).find(runs.command, runs.cwd, "")
    return {one.id.pid for one in found}


async def until(wanted: Any, seconds: float = 60.0) -> Any:
    """Wait for a condition and return it."""
    async with asyncio.timeout(seconds):
        while not (found := await wanted()):
            await asyncio.sleep(0.05)
    return found


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Path]:
    (tmp_path / "service.py").write_text(SERVICE)
    runs = runs_of(tmp_path)
    await LocalProcesses(SystemClock()).start(runs.start, runs.cwd, (), runs.log)
    await until(lambda: pids_of(tmp_path))
    yield tmp_path
    processes = LocalProcesses(SystemClock())

    async def is_unguarded() -> bool:
        for answer in tmp_path.glob("results/*.alive"):
            guardian = parse_run(answer.read_bytes())
            if guardian is not None and await processes.is_running(guardian):
                return False
        return True

    # A guardian that is at it still would start once more what is ended here.
    await until(is_unguarded)
    for pid in await pids_of(tmp_path):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def executor(folder: Path, seconds: str, named: str = "") -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", EXECUTOR, str(folder), seconds, named], cwd=ROOT,
        start_new_session=True,
    )  # fmt: skip


async def test_a_real_service_is_away_and_back(running: Path) -> None:
    before = await pids_of(running)
    draft, ports = await chaos_draft(running, "1s")
    assert await carry_out(draft, ports, FileWork(running)) == ("verified", "")
    after = await pids_of(running)
    assert len(after) == 1
    assert after.isdisjoint(before)
    assert not list((running / "results").glob("*.guard*"))


async def test_kill_9_of_the_executor_and_the_service_comes_back(running: Path) -> None:
    before = await pids_of(running)
    process = executor(running, "120s")
    try:

        async def is_away() -> bool:
            assert process.poll() is None
            return not await pids_of(running)

        await until(is_away)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        after = await until(lambda: pids_of(running))
    finally:
        process.kill()
        process.wait()
    assert len(after) == 1
    assert after.isdisjoint(before)
    assert "is gone" in (running / "out.log").read_text("utf-8")


@pytest.mark.xdist_group("docker")
@pytest.mark.real("docker")
async def test_kill_9_of_the_executor_and_the_container_comes_back(
    tmp_path: Path, container: Container
) -> None:
    async def status() -> str:
        await asyncio.to_thread(container.reload)
        return str(container.status)

    async def is_away() -> bool:
        assert process.poll() is None
        return await status() == "exited"

    async def is_back() -> bool:
        return await status() == "running"

    process = executor(tmp_path, "120s", "container:qdtest-probes")
    try:
        await until(is_away)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        await until(is_back)
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def unit() -> Iterator[str]:
    name = "qd-test-chaos.service"
    path = Path(os.environ.get("QD_TEST_UNITS", "/run/systemd/system")) / name
    path.write_text("[Service]\nExecStart=/bin/sleep 1000\n")
    for words in (("daemon-reload",), ("start", name)):
        subprocess.run(["systemctl", *words], check=True, capture_output=True, timeout=300)
    yield name
    for words in (("stop", name), ("reset-failed", name)):
        subprocess.run(["systemctl", *words], check=False, capture_output=True, timeout=300)
    path.unlink()
    subprocess.run(["systemctl", "daemon-reload"], check=True, capture_output=True, timeout=300)


@pytest.mark.xdist_group("systemd")
@pytest.mark.real("systemd")
async def test_kill_9_of_the_executor_and_the_unit_comes_back(tmp_path: Path, unit: str) -> None:
    units = SystemctlControl(LocalCommands())
    before = (await units.show(unit)).invocation_id

    async def is_away() -> bool:
        assert process.poll() is None
        return (await units.show(unit)).active_state == "inactive"

    async def is_back() -> bool:
        facts = await units.show(unit)
        return facts.active_state == "active" and facts.invocation_id != before

    process = executor(tmp_path, "120s", f"unit:{unit}")
    try:
        await until(is_away)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        await until(is_back)
    finally:
        process.kill()
        process.wait()


async def test_after_kill_9_the_way_back_finds_all_as_it_was(running: Path) -> None:
    draft, ports = await chaos_draft(running, "60s")
    arm, stop, away = (stored(one.step) for one in draft.steps[:3])
    assert isinstance(arm, ArmGuardian)
    work = FileWork(running)
    await arm.apply(ports, work)
    await stop.apply(ports, work)
    assert (await arm.observe(ports)).sight is Sight.AFTER
    for step in (away, stop, arm):
        await step.undo(ports, work)
        assert (await step.observe(ports)).sight is Sight.BEFORE
    assert len(await pids_of(running)) == 1
