"""What the doctor finds and advises."""

import asyncio
from pathlib import Path

import pytest

from core.clients.clock import SystemClock
from core.clients.rights import expand
from core.model.check import CheckId, CheckKind, CheckSpec
from core.model.finding import Finding
from core.model.ids import ServiceId
from core.model.topology import (
    Environment,
    LogSpec,
    PlainProcess,
    RunsAs,
    ServiceSpec,
    SystemdUnit,
    SystemSpec,
    Topology,
)
from core.model.verdict import Verdict
from core.sources.examine import examine
from tests.fakes.clock import START
from tests.fakes.loopback import refused_port

ID = ServiceId("shop", "api")


def topology(
    *checks: CheckSpec, logs: tuple[LogSpec, ...] = (), runs_as: RunsAs | None = None
) -> Topology:
    service = ServiceSpec(ID, "API", runs_as, checks, logs=logs)
    return Topology(Environment.DEVELOPMENT, False, (SystemSpec("shop", "Shop", "", (service,)),))


async def found(top: Topology) -> dict[str, Finding]:
    return {finding.subject: finding for finding in await examine(top, SystemClock())}


def port(address: int) -> CheckSpec:
    return CheckSpec(CheckId(ID, "port"), CheckKind.TCP, f"tcp://127.0.0.1:{address}")


async def test_a_port_that_accepts_connections_and_one_that_does_not() -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        there, gone = server.sockets[0].getsockname()[1], refused_port()
        findings = await found(topology(port(there), port(gone)))
    assert findings[f"127.0.0.1:{there}"].text == "accepts connections (for api/port)"
    down = findings[f"127.0.0.1:{gone}"]
    assert (down.area, down.verdict) == ("shop", Verdict.DOWN)
    assert "api/port" in down.text
    assert down.remedy


async def test_a_redis_that_is_not_there_has_a_remedy_and_shows_no_password() -> None:
    check = CheckSpec(
        CheckId(ID, "r"), CheckKind.REDIS, "redis://:hunter2@127.0.0.1:1/0", timeout_s=1
    )
    findings = await found(topology(check))
    finding = findings["redis 127.0.0.1:1"]
    assert finding.verdict is Verdict.DOWN
    assert "hunter2" not in repr(findings)


async def test_log_files_are_found_by_pattern_and_missing_ones_named(tmp_path: Path) -> None:
    (tmp_path / "app-1.log").write_text("x")
    (tmp_path / "app-2.log").write_text("x")
    logs = (LogSpec("app", f"{tmp_path}/app-*.log"), LogSpec("gone", f"{tmp_path}/gone.log"))
    findings = await found(topology(logs=logs, runs_as=PlainProcess(pidfile=f"{tmp_path}/pid")))
    assert findings["log api/app"].text == "2 files readable"
    assert findings["log api/gone"].verdict is Verdict.DOWN
    assert findings["pidfile api"].verdict is Verdict.DOWN


async def test_a_unit_without_an_answering_systemd_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "systemctl"
    fake.write_text("#!/bin/sh\necho 'System has not been booted with systemd' >&2; exit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    findings = await found(topology(runs_as=SystemdUnit("a.service")))
    assert findings["systemd"].verdict is Verdict.DOWN
    assert "not booted with systemd" in findings["systemd"].text
    assert findings["journal"].verdict is Verdict.DOWN


async def test_what_is_not_needed_is_not_asked_for() -> None:
    assert set(await found(topology())) == {"processes"}


def test_patterns_are_filled_in_with_the_date_and_the_root() -> None:
    assert expand("logs/app_%Y.log", "/opt/x", START) == "/opt/x/logs/app_2026.log"
    assert expand("/var/log/a.log", "/opt/x", START) == "/var/log/a.log"
