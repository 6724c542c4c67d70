"""Runs programs that change things: argv only, clean environment, deadline, output to a file."""

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from core.clients.acting.output import OutputFile, Printed
from core.clients.clock import Clock
from core.clients.command import child_environment, find_binary
from core.errors import ClientDenied, ClientMissing, ClientTimeout
from core.model.secret import Secret
from core.model.text import SafeText, clean


@dataclass(frozen=True, slots=True)
class Order:
    """One run of one program."""

    argv: tuple[str, ...]
    """The first word is a name looked up in PATH, or a path; the resolved one is what runs."""
    deadline_s: float
    cwd: str = ""
    """Absolute; empty: `/`."""
    env: tuple[tuple[str, str], ...] = ()
    """Plain values; secrets never travel in an environment."""
    stdin: Secret | None = None
    """The only way for a secret."""
    output: Path | None = None
    """Appended to while it runs, cleaned, so that lookers-on see it; None: only kept."""
    max_output_bytes: int = 1024 * 1024
    """More than this ends nothing: the rest is counted and dropped."""
    ok_exits: tuple[int, ...] = field(default=(0,))


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run ended."""

    argv: tuple[str, ...]
    """As it ran: with the absolute program."""
    exit_code: int
    """Negative: ended by that signal."""
    output: tuple[SafeText, ...]
    errors: tuple[SafeText, ...]
    dropped_bytes: int
    took_s: float

    @property
    def lines(self) -> tuple[SafeText, ...]:
        """Output, then errors."""
        return self.output + self.errors


class ActingRunner(Protocol):
    """What steps need to run programs."""

    async def run(self, order: Order) -> Ran:
        """Run to the end; the child has a session of its own, and dies whole at the deadline.

        Raises:
            ClientMissing: the program or the folder is not there.
            ClientDenied: it may not be run.
            ClientTimeout: it was ended at its deadline; what it had printed is in the text.
        """
        ...

    def which(self, name: str) -> str:
        """Return the absolute path that would run.

        Raises:
            ClientMissing: it is not installed.
        """
        ...


ACTION = "QUARTERDECK_ACTION"
"""In the environment of every program that an action runs: the action's id. It tells whose a
program is after the process that ran it has died."""
_LINGER_S = 1.0
"""What a child's children still print after it has ended is waited for so long."""
_BURY_S = 2.0
_LAST_LINES = 5


class LocalActing:
    """Runs programs of this machine, each in a session of its own."""

    def __init__(self, clock: Clock, action_id: str = "") -> None:
        """Run nothing yet. `action_id` is whose programs they will be; empty: nobody's."""
        self._clock = clock
        self._mark = ((ACTION, action_id),) if action_id else ()

    def which(self, name: str) -> str:
        """Return the absolute path that would run."""
        return _program(name, "/")

    async def run(self, order: Order) -> Ran:
        """Run to the end, or to the deadline."""
        cwd = _folder(order.cwd or "/")
        argv = (_program(order.argv[0], cwd), *order.argv[1:])
        begin_s = self._clock.monotonic()
        with OutputFile(order.output) as file:
            output, errors = (Printed(order.max_output_bytes, order.stdin, file) for _ in range(2))
            exit_code = await _run(argv, cwd, self._marked(order), output, errors)
            return Ran(
                argv=argv,
                exit_code=exit_code,
                output=output.lines(),
                errors=errors.lines(),
                dropped_bytes=output.dropped_bytes + errors.dropped_bytes,
                took_s=self._clock.monotonic() - begin_s,
            )

    def _marked(self, order: Order) -> Order:
        return replace(order, env=(*order.env, *self._mark))


def _folder(path: str) -> str:
    if not (path.startswith("/") and os.path.isdir(path)):  # noqa: PTH112 - as the child has it
        raise ClientMissing(f"there is no folder {clean(path)} to run in")
    return path


def _program(name: str, cwd: str) -> str:
    """Return what a first word stands for: a path as it is, a name as PATH has it."""
    if "/" not in name:
        return find_binary(name)
    path = os.path.normpath(os.path.join(cwd, name))  # noqa: PTH118
    if not os.path.isfile(path):  # noqa: PTH113
        raise ClientMissing(f"there is no program {clean(path)}")
    if not os.access(path, os.X_OK):
        raise ClientDenied(f"{clean(path)} may not be run by this user; chmod +x it")
    return path


async def _run(
    argv: tuple[str, ...], cwd: str, order: Order, output: Printed, errors: Printed
) -> int:
    async with _reading(output) as out, _reading(errors) as err:
        process = await _spawn(argv, cwd, order, out.writer, err.writer)
        try:
            async with asyncio.timeout(order.deadline_s):
                await _feed(process, order.stdin)
                exit_code = await process.wait()
        except TimeoutError:
            last = " | ".join((*output.lines(), *errors.lines())[-_LAST_LINES:])
            raise ClientTimeout(
                f"{clean(argv[0])} did not end within {order.deadline_s:g} s and was ended;"
                f" it had printed: {last or 'nothing'}"
            ) from None
        finally:
            if process.returncode is None:
                await asyncio.shield(_bury(process))
        await asyncio.wait((out.ended, err.ended), timeout=_LINGER_S)
        return exit_code


class _Reading(asyncio.Protocol):
    """Our end of a pipe. asyncio's own would be waited for until everybody has closed it.

    A child that leaves a daemon behind, as scripts of deployments do, would never end.
    """

    def __init__(self, printed: Printed, writer: int) -> None:
        self._printed = printed
        self.writer = writer
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        self._printed.add(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(None)


@asynccontextmanager
async def _reading(printed: Printed) -> AsyncGenerator[_Reading]:
    reader, writer = os.pipe()
    with open(reader, "rb", 0) as file:  # noqa: ASYNC230, PTH123
        transport, ours = await asyncio.get_running_loop().connect_read_pipe(
            lambda: _Reading(printed, writer), file
        )
        try:
            yield ours
        finally:
            transport.close()
            await ours.ended


async def _spawn(argv: tuple[str, ...], cwd: str, order: Order, out: int, err: int) -> Process:
    try:
        return await asyncio.create_subprocess_exec(
            *argv,
            stdin=PIPE if order.stdin is not None else DEVNULL, stdout=out, stderr=err,
            cwd=cwd, env=child_environment(dict(order.env)), start_new_session=True,
        )  # fmt: skip
    except PermissionError as error:
        raise ClientDenied(f"{clean(argv[0])} may not be run by this user") from error
    except (OSError, ValueError) as error:
        raise ClientMissing(f"cannot run {clean(argv[0])}: {clean(str(error))}") from error
    finally:
        os.close(out)
        os.close(err)


async def _feed(process: Process, secret: Secret | None) -> None:
    if process.stdin is None or secret is None:
        return
    with suppress(BrokenPipeError, ConnectionResetError):  # it did not want to know
        process.stdin.write(secret.reveal().encode())
        await process.stdin.drain()
    process.stdin.close()


async def _bury(process: Process) -> None:
    """Kill a program with all that it started, and wait until it is gone."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(TimeoutError):
        async with asyncio.timeout(_BURY_S):
            await process.wait()
