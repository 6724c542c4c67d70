"""Runs a command: argv only, absolute binary, clean environment, deadline, bounded output."""

import asyncio
import os
import shutil
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from core.errors import ClientDenied, ClientMissing, ClientTimeout
from core.model.text import SafeText, clean, clean_lines

_MAX_BYTES = 1024 * 1024
_BURY_S = 2.0
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


def child_environment(env: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a child: of ours only what it needs, and `env`."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "LC_ALL": "C.UTF-8", "TZ": "UTC", **env}


def _lines(raw: bytes) -> tuple[SafeText, ...]:
    return clean_lines(raw.removesuffix(b"\n")) if raw else ()


async def _read_capped(
    stream: asyncio.StreamReader | None, on_full: Callable[[], None]
) -> tuple[bytes, bool]:
    """Return what a stream gives up to the cap, and whether there was more.

    What is beyond the cap is read and dropped: asyncio waits for the end of the pipe.
    """
    kept, is_full = bytearray(), False
    while stream is not None and (chunk := await stream.read(64 * 1024)):
        if is_full:
            continue
        kept += chunk
        if len(kept) > _MAX_BYTES:
            is_full = True
            on_full()
    return bytes(kept[:_MAX_BYTES]), is_full


def _kill(process: Process) -> None:
    """Kill a command with all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


async def _bury(process: Process) -> None:
    """Kill a command and wait until it is gone; a child that left its session is not waited for."""
    _kill(process)
    with suppress(TimeoutError):
        async with asyncio.timeout(_BURY_S):
            for stream in (process.stdout, process.stderr):
                await _read_capped(stream, lambda: None)
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
        surroundings = child_environment(env or {})
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
    def kill() -> None:
        _kill(process)

    try:
        async with asyncio.timeout(deadline_s):
            (output, is_cut), (errors, is_err_cut) = await asyncio.gather(
                _read_capped(process.stdout, kill), _read_capped(process.stderr, kill)
            )
            exit_code = await process.wait()
    except TimeoutError:
        raise ClientTimeout(f"{clean(name)} did not end within {deadline_s:g} s") from None
    finally:
        if process.returncode is None:
            await asyncio.shield(_bury(process))
    return CommandResult(exit_code, _lines(output), _lines(errors), is_cut or is_err_cut)
