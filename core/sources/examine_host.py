"""Examines what a system needs of this machine: container engine, systemd, journal, log files."""

from core.clients.blocking import BlockingWorker
from core.clients.clock import Clock
from core.clients.command import LocalCommands
from core.clients.rights import Access, expand, join, read_access
from core.clients.systemd import Systemctl
from core.errors import ClientDenied, ClientError, ClientTimeout
from core.model.finding import Finding
from core.model.text import EMPTY, SafeText, clean
from core.model.topology import (
    ComposeService,
    DockerContainer,
    PlainProcess,
    ServiceSpec,
    SwarmService,
    SystemdUnit,
    SystemSpec,
    Topology,
)
from core.model.verdict import Verdict

_FILES_S = 5.0
_JOURNAL_S = 6.0
_JOURNAL = ("journalctl", "--no-pager", "--lines=1", "--output=short", "--system")
_JOURNAL_GROUP = "systemd-journal"
"""Built into systemd: whoever acts in it may read every journal file."""


def _services(topology: Topology) -> tuple[ServiceSpec, ...]:
    return tuple(service for system in topology.systems for service in system.services)


def _judge(access: Access) -> Verdict:
    if access.is_readable:
        return Verdict.OK
    return Verdict.DEGRADED if access.is_there else Verdict.DOWN


async def examine_logs(system: SystemSpec, clock: Clock) -> tuple[Finding, ...]:
    """Return one finding per log file and pidfile of a system."""
    wanted: list[tuple[str, str]] = []
    for service in system.services:
        name = service.id.service
        wanted += [(f"log {name}/{log.name}", log.path) for log in service.logs if log.path]
        if isinstance(service.runs_as, PlainProcess) and service.runs_as.pidfile:
            wanted.append((f"pidfile {name}", service.runs_as.pidfile))
    worker = BlockingWorker(f"files of {system.name}", clock)
    findings: list[Finding] = []
    for subject, path in wanted:
        pattern = expand(path, system.root, clock.now())
        try:
            access = await worker.run(lambda pattern=pattern: read_access(pattern), _FILES_S)
        except ClientTimeout as error:
            access = Access(True, False, clean(str(error)))
        findings.append(
            Finding(system.name, clean(subject), _judge(access), access.text, access.remedy)
        )
    worker.close()
    return tuple(findings)


async def examine_docker(topology: Topology, clock: Clock) -> tuple[Finding, ...]:
    """Return whether the container engine answers us, where a service lives in it."""
    is_needed = any(
        isinstance(service.runs_as, ComposeService | DockerContainer | SwarmService)
        or any(log.container for log in service.logs)
        for service in _services(topology)
    )
    if not is_needed:
        return ()
    from core.clients.docker import DockerEngine  # noqa: PLC0415 - only where it is needed

    subject = clean("docker engine")
    engine = DockerEngine(topology.docker_url, clock)
    try:
        await engine.list_ids((), ("quarterdeck-doctor",))
    except ClientError as error:
        return (_failed(subject, error, EMPTY),)
    finally:
        engine.close()
    text = clean(f"answers at {engine.place}")
    return (Finding("host", subject, Verdict.OK, text),)


def _failed(subject: SafeText, error: ClientError, remedy: SafeText) -> Finding:
    """Return a finding whose remedy is what stands behind the colon of the error, if anything."""
    text, colon, hint = str(error).partition(": ")
    verdict = Verdict.DEGRADED if isinstance(error, ClientDenied) else Verdict.DOWN
    return Finding("host", subject, verdict, clean(text), clean(hint) if colon else remedy)


async def examine_systemd(topology: Topology) -> tuple[Finding, ...]:
    """Return whether systemd answers, knows our units, and lets us read the journal."""
    services = _services(topology)
    units = {
        service.runs_as.unit: service.id.system
        for service in services
        if isinstance(service.runs_as, SystemdUnit)
    }
    findings: list[Finding] = []
    commands = LocalCommands()
    if units:
        findings += await _examine_units(units, Systemctl(commands))
    if units or any(log.journal for service in services for log in service.logs):
        findings.append(await _examine_journal(commands))
    return tuple(findings)


async def _examine_units(units: dict[str, str], manager: Systemctl) -> list[Finding]:
    try:
        found = await manager.read_units(tuple(units))
    except ClientError as error:
        return [_failed(clean("systemd"), error, EMPTY)]
    findings = [Finding("host", clean("systemd"), Verdict.OK, clean("answers"))]
    for name, unit in zip(units, found, strict=True):
        if unit.load_state == "not-found":
            text, remedy = clean("no such unit"), clean("correct its name, or install it")
            findings.append(Finding(units[name], clean(name), Verdict.DOWN, text, remedy))
    return findings


async def _examine_journal(commands: LocalCommands) -> Finding:
    """Return whether the journal of the system may be read, and has anything in it.

    Not with `--quiet` or `--output=cat`: both leave out that there is no journal at all.
    """
    subject = clean("journal")
    try:
        result = await commands.run(_JOURNAL, _JOURNAL_S)
    except ClientError as error:
        return _failed(subject, error, EMPTY)
    said = " ".join(result.errors)
    if "insufficient permissions" in said or "not seeing messages" in said:
        text = clean("may not be read")
        return Finding("host", subject, Verdict.DEGRADED, text, join(_JOURNAL_GROUP))
    if result.exit_code != 0 or "No journal files were found" in said:
        text = clean(said or f"journalctl ended with {result.exit_code}", 200)
        return Finding("host", subject, Verdict.DOWN, text, clean("is systemd-journald running?"))
    return Finding("host", subject, Verdict.OK, clean("readable"))
