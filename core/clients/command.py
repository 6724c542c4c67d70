"""Runs a command: argv only, absolute binary, clean environment, deadline, bounded output."""

import asyncio
import os
import shutil
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from core.errors import ClientDenied, ClientMissing, ClientTimeout
from core.model.text import SafeText, clean, clean_lines

_MAX_BYTES = 1024 * 1024
_KEPT = ("PATH", "HOME", "LANG", "DBUS_SYSTEM_BUS_ADDRESS", "XDG_RUNTIME_DIR")
"""Variables a child may inherit; everything else (LD_PRELOAD, PYTHONPATH, …) is left behind."""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a command ended and what it printed, cleaned, by lines without the last empty one."""

    exit_code: int
    """Negative: ended by that signal."""
    output: tuple[SafeText, ...]
    errors: tuple[SafeText, ...]
    is_cut: bool = False
    """True: it printed more than is kept, and was ended for it."""


class CommandRunner(Protocol):
    """What clients that stand on a tool need."""

    async def run(
        self, argv: tuple[str, ...], deadline_s: float, env: Mapping[str, str] | None = None
    ) -> CommandResult:
        """Run a command to its end."""
        ...


def find_binary(name: str) -> str:
    """Return the absolute path of a tool: from PATH, its relative entries ignored.

    Raises:
        ClientMissing: it is not installed.
    """
    entries = os.environ.get("PATH", os.defpath).split(os.pathsep)
    path = os.pathsep.join(entry for entry in entries if entry.startswith("/"))
    found = shutil.which(name, path=path)
    if found is None:
        raise ClientMissing(f"{clean(name)} is not installed here")
    return found


def _lines(raw: bytes) -> tuple[SafeText, ...]:
    return clean_lines(raw.removesuffix(b"\n")) if raw else ()


async def _read_capped(stream: asyncio.StreamReader | None) -> tuple[bytes, bool]:
    """Return what a stream gives up to the cap, and whether there was more."""
    kept = bytearray()
    while stream is not None and (chunk := await stream.read(64 * 1024)):
        kept += chunk
        if len(kept) > _MAX_BYTES:
            return bytes(kept[:_MAX_BYTES]), True
    return bytes(kept), False


async def _end(process: Process) -> None:
    """End a command with all that it started, and wait until it is gone."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


class LocalCommands:
    """Runs commands on this machine. Each binary is looked up once."""

    def __init__(self) -> None:
        """Look nothing up yet."""
        self._binaries: dict[str, str] = {}

    async def run(
        self, argv: tuple[str, ...], deadline_s: float, env: Mapping[str, str] | None = None
    ) -> CommandResult:
        """Run `argv` in a session of its own, with no input and an environment of our making.

        Raises:
            ClientMissing: the tool is not installed.
            ClientDenied: the tool may not be run by us.
            ClientTimeout: it did not end in time; it was killed with all that it started.
        """
        binary = self._binaries.get(argv[0]) or find_binary(argv[0])
        self._binaries[argv[0]] = binary
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        surroundings = {**kept, "LC_ALL": "C.UTF-8", "TZ": "UTC", **(env or {})}
        try:
            process = await asyncio.create_subprocess_exec(
                binary, *argv[1:],
                stdin=DEVNULL, stdout=PIPE, stderr=PIPE, cwd="/",
                env=surroundings, start_new_session=True,
            )  # fmt: skip
        except PermissionError as error:
            raise ClientDenied(f"{clean(argv[0])} may not be run by this user") from error
        except OSError as error:
            self._binaries.pop(argv[0])
            raise ClientMissing(f"cannot run {clean(argv[0])}: {error.strerror}") from error
        return await _collect(process, argv[0], deadline_s)


async def _collect(process: Process, name: str, deadline_s: float) -> CommandResult:
    try:
        async with asyncio.timeout(deadline_s):
            (output, is_cut), (errors, is_err_cut) = await asyncio.gather(
                _read_capped(process.stdout), _read_capped(process.stderr)
            )
            if is_cut or is_err_cut:
                await _end(process)
            exit_code = await process.wait()
    except TimeoutError:
        raise ClientTimeout(f"{clean(name)} did not end within {deadline_s:g} s") from None
    finally:
        if process.returncode is None:
            await asyncio.shield(_end(process))
    return CommandResult(exit_code, _lines(output), _lines(errors), is_cut or is_err_cut)
