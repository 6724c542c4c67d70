"""systemd units, changed: through `systemctl`, which knows jobs, limits and polkit."""

from typing import Protocol

from core.clients.command import CommandResult, CommandRunner
from core.clients.systemd import UNIT_NAME, Systemctl, UnitFacts, judge_failure
from core.errors import ClientDenied, ClientError, ClientGarbled, ClientMissing
from core.model.text import clean

_ENV = {"SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0", "SYSTEMD_LESS": ""}
_ASK_DEADLINE_S = 5.0
_MOST_UNITS = 200
"""No more of a machine's units are followed when dependents are looked for."""
_STOPS_WITH = ("RequiredBy", "RequisiteOf", "BoundBy", "ConsistsOf", "PropagatesStopTo")
"""Those named there are stopped when the unit is: what systemd propagates a stop along."""
_SUFFIXES = (".service", ".socket", ".target", ".timer", ".path", ".mount", ".slice", ".scope")
_RUNS = frozenset({"active", "activating", "reloading", "deactivating"})


class UnitControl(Protocol):
    """What steps need of a service manager."""

    async def show(self, unit: str) -> UnitFacts:
        """Return a unit as it is.

        Raises:
            ClientError: systemd is absent (also: PID 1 is something else), frozen or denies.
        """
        ...

    async def dependents(self, unit: str) -> tuple[str, ...]:
        """Return active units that stop with it."""
        ...

    async def start(self, unit: str, deadline_s: float) -> None:
        """Start, `--job-mode=fail`, and wait for the job.

        Raises:
            ClientGarbled: systemd says that the job failed; its words are in the text.
            ClientError: as for `show`.
        """
        ...

    async def stop(self, unit: str, deadline_s: float) -> None:
        """Stop, and wait for the job."""
        ...

    async def restart(self, unit: str, deadline_s: float) -> None:
        """Restart, and wait for the job."""
        ...

    async def reset_failed(self, unit: str) -> None:
        """Forget failures, so that a start limit lets it start again."""
        ...


class SystemctlControl:
    """Changes units through systemd's own tool."""

    def __init__(self, commands: CommandRunner) -> None:
        """Take what runs commands."""
        self._commands = commands
        self._systemctl = Systemctl(commands)

    async def show(self, unit: str) -> UnitFacts:
        """Return a unit as it is; one that does not exist says `not-found`.

        Raises:
            ClientError: systemd is absent (also: PID 1 is something else), frozen or denies.
        """
        (facts,) = await self._systemctl.read_units((unit,))
        return facts

    async def dependents(self, unit: str) -> tuple[str, ...]:
        """Return active units that stop with it, and those that stop with them.

        Raises:
            ClientError: as for `show`.
        """
        known, asked = {unit_name(unit)}, [unit]
        active: list[str] = []
        while asked and len(known) <= _MOST_UNITS:
            blocks = await self._ask(asked)
            active += [block["Id"] for block in blocks if _is_running(block)]
            found = {name for block in blocks for key in _STOPS_WITH for name in _words(block, key)}
            asked = sorted(found - known)
            known |= found
        return tuple(name for name in sorted(set(active)) if name != unit_name(unit))

    async def _ask(self, units: list[str]) -> list[dict[str, str]]:
        for unit in units:
            unit_name(unit)
        wanted = f"--property={','.join(('Id', 'ActiveState', *_STOPS_WITH))}"
        argv = ("systemctl", "show", "--no-pager", wanted, "--", *units)
        result = await self._commands.run(argv, _ASK_DEADLINE_S, _ENV)
        if result.exit_code != 0:
            raise judge_failure(result)
        blocks: list[dict[str, str]] = [{}]
        for line in result.output:
            key, equals, value = line.partition("=")
            if equals:
                blocks[-1][key] = value
            elif not line and blocks[-1]:
                blocks.append({})
        return [block for block in blocks if block.get("Id")]

    async def start(self, unit: str, deadline_s: float) -> None:
        """Start, and wait for the job.

        Raises:
            ClientGarbled: systemd says that the job failed; its words are in the text.
            ClientTimeout: the job did not end in time; systemd goes on with it.
            ClientError: as for `show`.
        """
        await self._change(("--job-mode=fail", "start"), unit, deadline_s)

    async def stop(self, unit: str, deadline_s: float) -> None:
        """Stop, and wait for the job. Raises as `start` does."""
        await self._change(("--job-mode=fail", "stop"), unit, deadline_s)

    async def restart(self, unit: str, deadline_s: float) -> None:
        """Restart, and wait for the job. Raises as `start` does."""
        await self._change(("--job-mode=fail", "restart"), unit, deadline_s)

    async def reset_failed(self, unit: str) -> None:
        """Forget failures, so that a start limit lets it start again. Raises as `start` does."""
        await self._change(("reset-failed",), unit, _ASK_DEADLINE_S)

    async def _change(self, words: tuple[str, ...], unit: str, deadline_s: float) -> None:
        argv = ("systemctl", "--no-pager", "--no-ask-password", *words, "--", unit_name(unit))
        result = await self._commands.run(argv, deadline_s, _ENV)
        if result.exit_code != 0:
            raise _failure(result, unit)


def unit_name(unit: str) -> str:
    """Return a unit's whole name, as systemd has it.

    Raises:
        ClientGarbled: it is no name, so that it might be taken for an option or a pattern.
    """
    if not UNIT_NAME.match(unit) or unit.startswith("-"):
        raise ClientGarbled(f"not a unit name: {clean(unit, 80)}")
    return unit if unit.endswith(_SUFFIXES) else f"{unit}.service"


def _words(block: dict[str, str], key: str) -> list[str]:
    return [word for word in block.get(key, "").split() if UNIT_NAME.match(word)]


def _is_running(block: dict[str, str]) -> bool:
    return block.get("ActiveState") in _RUNS


def _failure(result: CommandResult, unit: str) -> ClientError:
    """Return the error that systemctl's own words mean, where it was to change something."""
    text = clean(" ".join((*result.errors, *result.output)), 300)
    if "Access denied" in text or "authentication" in text:
        return ClientDenied(f"systemd does not let this user change {clean(unit)}: {text}")
    if "not found" in text or "not loaded" in text:
        return ClientMissing(f"systemd knows no {clean(unit)}: {text}")
    return judge_failure(result)
