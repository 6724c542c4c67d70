"""systemd units: the port `UnitManager` and its adapter on `systemctl show`.

`show` reads properties in a stable form and ends with 0 also for units that do not exist.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from core.clients.command import CommandResult, CommandRunner
from core.errors import ClientDenied, ClientError, ClientGarbled, ClientMissing
from core.model.text import EMPTY, SafeText, clean

UNIT_NAME = re.compile(r"^[A-Za-z0-9:_.@\\-]{1,255}\Z")
"""What systemd allows in unit names, so no glob and no option."""
_UNSET = frozenset({"", "[not set]", "infinity", "n/a", str(2**64 - 1)})
_PROPERTIES = (
    "Id", "LoadState", "ActiveState", "SubState", "UnitFileState", "Result", "MainPID",
    "ExecMainStatus", "ExecMainCode", "NRestarts", "InvocationID", "ActiveEnterTimestamp",
    "StateChangeTimestamp", "MemoryCurrent", "MemoryMax", "CPUUsageNSec", "Job",
)  # fmt: skip
_DEADLINE_S = 5.0
_ENV = {"SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0", "SYSTEMD_LESS": ""}


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A unit as systemd shows it. None: not set, or not counted here."""

    name: SafeText
    load_state: SafeText
    """`loaded`, `not-found`, `masked`, `bad-setting`, `error`."""
    active_state: SafeText
    sub_state: SafeText
    result: SafeText
    main_pid: int | None
    exit_status: int | None
    """Of the main process, when it has ended."""
    restarts: int | None
    invocation_id: SafeText
    active_since: datetime | None
    changed_at: datetime | None
    memory_bytes: int | None
    memory_limit_bytes: int | None
    cpu_ns: int | None
    has_job: bool


class UnitManager(Protocol):
    """What the sources need of a service manager."""

    async def read_units(self, names: tuple[str, ...]) -> tuple[UnitFacts, ...]:
        """Return one entry per name, in that order."""
        ...


def parse_stamp(text: str) -> datetime | None:
    """Parse `Sat 2026-03-14 08:00:00 UTC`; None for anything else. We ask with TZ=UTC."""
    match = re.search(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.\d+)?(?: UTC)?$", text.strip())
    try:
        return (
            datetime.fromisoformat(f"{match[1]}T{match[2]}").replace(tzinfo=UTC) if match else None
        )
    except ValueError:
        return None


def parse_count(text: str) -> int | None:
    """Parse a whole number; None for `[not set]`, `infinity` and 2^64-1, which mean the same."""
    return None if text in _UNSET or not text.isdigit() else int(text)


def _unit(values: Mapping[str, SafeText], name: str) -> UnitFacts:
    def get(key: str) -> SafeText:
        return values.get(key, EMPTY)

    # ExecMainCode 0: no main process has ended since the unit was started.
    has_ended = get("ExecMainCode") != "0"
    return UnitFacts(
        name=get("Id") or clean(name),
        load_state=get("LoadState"),
        active_state=get("ActiveState"),
        sub_state=get("SubState"),
        result=get("Result"),
        main_pid=parse_count(get("MainPID")) or None,
        exit_status=parse_count(get("ExecMainStatus")) if has_ended else None,
        restarts=parse_count(get("NRestarts")),
        invocation_id=get("InvocationID"),
        active_since=parse_stamp(get("ActiveEnterTimestamp")),
        changed_at=parse_stamp(get("StateChangeTimestamp")),
        memory_bytes=parse_count(get("MemoryCurrent")),
        memory_limit_bytes=parse_count(get("MemoryMax")),
        cpu_ns=parse_count(get("CPUUsageNSec")),
        has_job=get("Job") not in {"", "0"},
    )


def parse_units(lines: Iterable[SafeText], names: tuple[str, ...]) -> tuple[UnitFacts, ...]:
    """Parse blocks of `Key=value` lines, one block per asked name, an empty line between.

    Raises:
        ClientGarbled: there are not as many blocks as names.
    """
    blocks: list[dict[str, SafeText]] = [{}]
    for line in lines:
        key, equals, value = line.partition("=")
        if equals:
            blocks[-1][key] = clean(value)
        elif not line and blocks[-1]:
            blocks.append({})
    found = [block for block in blocks if block]
    if len(found) != len(names):
        raise ClientGarbled(f"systemctl told of {len(found)} units where {len(names)} were asked")
    return tuple(_unit(block, name) for block, name in zip(found, names, strict=True))


def judge_failure(result: CommandResult) -> ClientError:
    """Return the error that systemctl's own words mean."""
    text = " ".join((*result.errors, *result.output))[:300]
    if "not been booted with systemd" in text:
        return ClientMissing("this machine was not booted with systemd: units cannot be asked")
    if "Failed to connect to bus" in text or "Transport endpoint" in text:
        return ClientMissing(f"no way to systemd's bus: {text}")
    if "Access denied" in text or "Permission denied" in text or "authentication" in text:
        return ClientDenied(f"systemd does not let this user ask: {text}")
    return ClientGarbled(f"systemctl ended with {result.exit_code}: {text or 'no word'}")


class Systemctl:
    """Asks systemd through its own tool, once for all units."""

    def __init__(self, commands: CommandRunner) -> None:
        """Take what runs commands."""
        self._commands = commands

    async def read_units(self, names: tuple[str, ...]) -> tuple[UnitFacts, ...]:
        """Return one entry per name, in that order; units that do not exist say `not-found`.

        Raises:
            ClientMissing: no systemd here, or no systemctl.
            ClientDenied: the bus refuses us.
            ClientTimeout: systemd did not answer.
            ClientGarbled: a name is none, or the answer makes no sense.
        """
        for name in names:
            if not UNIT_NAME.match(name) or name.startswith("-"):
                raise ClientGarbled(f"not a unit name: {clean(name, 80)}")
        argv = ("systemctl", "show", "--no-pager", f"--property={','.join(_PROPERTIES)}", "--")
        result = await self._commands.run((*argv, *names), _DEADLINE_S, _ENV)
        if result.exit_code != 0:
            raise judge_failure(result)
        return parse_units(result.output, names)
