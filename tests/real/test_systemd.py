"""Units of a real systemd. `QD_TEST_UNITS` names the folder that it reads units from."""

import asyncio
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.clients.clock import SystemClock
from core.clients.command import LocalCommands
from core.clients.systemd import Systemctl
from core.model.events import RuntimeObserved
from core.model.ids import ServiceId
from core.model.runtime_state import RuntimeState
from core.model.topology import ServiceSpec, SystemdUnit
from core.model.verdict import Verdict
from core.sources.units import UnitSource

pytestmark = [pytest.mark.real("systemd"), pytest.mark.xdist_group("systemd")]


def systemctl(*words: str) -> None:
    subprocess.run(["systemctl", *words], check=True, capture_output=True, timeout=300)


@pytest.fixture
def unit() -> Iterator[Callable[[str], str]]:
    """Write units, and take them away again afterwards."""
    folder = Path(os.environ.get("QD_TEST_UNITS", "/run/systemd/system"))
    written: list[str] = []

    def write(service: str) -> str:
        name = f"qd-test-{len(written)}.service"
        (folder / name).write_text(f"[Service]\n{service}\n")
        written.append(name)
        systemctl("daemon-reload")
        return name

    yield write
    for name in written:
        subprocess.run(["systemctl", "stop", name], check=False, capture_output=True, timeout=300)
        subprocess.run(["systemctl", "reset-failed", name], check=False, capture_output=True)
        (folder / name).unlink(missing_ok=True)
    systemctl("daemon-reload")


def source_of(name: str) -> UnitSource:
    spec = ServiceSpec(ServiceId("s", "a"), "A", SystemdUnit(name), ())
    return UnitSource((spec,), Systemctl(LocalCommands()), SystemClock())


async def looked(source: UnitSource) -> RuntimeState:
    (event,) = await source.look()
    assert isinstance(event, RuntimeObserved)
    return event.state


async def until(source: UnitSource, word: str) -> RuntimeState:
    """Look until the unit is in a state."""
    async with asyncio.timeout(120):
        while (state := await looked(source)).state != word:
            await asyncio.sleep(0.05)
    return state


async def test_a_running_unit_and_its_restart(unit: Callable[[str], str]) -> None:
    name = unit("ExecStart=/bin/sleep 1000")
    source = source_of(name)
    assert (await looked(source)).state == "inactive (dead)"
    systemctl("start", name)
    first = await looked(source)
    assert (first.verdict, first.state) == (Verdict.OK, "active (running)")
    assert first.pid is not None
    assert first.started_at is not None
    assert first.memory_bytes is None or first.memory_bytes > 0
    systemctl("restart", name)
    second = await looked(source)
    assert second.fingerprint != first.fingerprint
    assert second.fingerprint is not None


async def test_a_unit_that_fails_says_how(unit: Callable[[str], str]) -> None:
    name = unit("ExecStart=/bin/sh -c 'exit 3'")
    systemctl("start", name)
    state = await until(source_of(name), "failed")
    assert state.verdict is Verdict.DOWN
    assert state.exit_code == 3
    assert "exit-code, exit code 3" in state.reason


async def test_a_crash_loop_is_seen_as_one(unit: Callable[[str], str]) -> None:
    name = unit(
        "ExecStart=/bin/sh -c 'sleep 0.2; exit 1'\nRestart=always\nRestartSec=0.2\n"
        "[Unit]\nStartLimitIntervalSec=0"
    )
    source = source_of(name)
    systemctl("start", name)
    state = await until(source, "crash loop")
    assert state.verdict is Verdict.DOWN
    async with asyncio.timeout(120):
        while not (await looked(source)).reason.startswith("restarted "):
            await asyncio.sleep(0.05)
    states = {(await looked(source)).state for _ in range(10)}
    assert states == {"crash loop"}, "also while it happens to be up"


async def test_missing_and_masked_units_are_told_apart(unit: Callable[[str], str]) -> None:
    missing = await looked(source_of("qd-no-such-unit.service"))
    assert (missing.verdict, missing.state) == (Verdict.UNKNOWN, "not found")
    name = unit("ExecStart=/bin/sleep 1000")
    folder = Path(os.environ.get("QD_TEST_UNITS", "/run/systemd/system"))
    (folder / name).unlink()
    (folder / name).symlink_to("/dev/null")
    systemctl("daemon-reload")
    assert (await looked(source_of(name))).state == "masked"


async def test_many_units_are_asked_in_one_go(unit: Callable[[str], str]) -> None:
    running = unit("ExecStart=/bin/sleep 1000")
    systemctl("start", running)
    names = (running, "qd-a.service", "qd-b.service", running)
    units = await Systemctl(LocalCommands()).read_units(names)
    assert [one.load_state for one in units] == ["loaded", "not-found", "not-found", "loaded"]
