"""A Redis that runs as a service of a system, and a stage on which its snapshots are put back."""

import asyncio
import socket
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from core.clients.acting.processes import LocalProcesses
from core.clients.acting.redis_control import RedisServers
from core.clients.clock import SystemClock
from core.clients.redis_address import RedisAddress
from core.model.check import CheckId, CheckKind, CheckResult, CheckSpec
from core.model.ids import ServiceId
from core.model.operation import BackupSpec, OperationsSpec
from core.model.secret import Secret
from core.model.topology import PlainProcess, RunsAs, ServiceSpec
from core.model.verdict import Verdict
from tests.crashes import HurriedClock
from tests.fakes.world import result
from tests.real.servers import OwnRedis
from tests.unit.core.actions.families.backup_stage import BackupStage

_OWN = ServiceId("shop", "redis")


class ServedRedis(OwnRedis):
    """A server that is started by its pidfile and its words, as a plain process."""

    def __init__(self, binary: str, folder: Path, *options: str) -> None:
        super().__init__(binary, folder)
        folder.mkdir(parents=True)
        self.pidfile = folder / "redis.pid"
        self.log = folder / "redis.log"
        self.words = (
            binary, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder),
            "--pidfile", str(self.pidfile), *options,
        )  # fmt: skip

    @property
    def runs_as(self) -> PlainProcess:
        """How the configuration knows it."""
        return PlainProcess((), str(self.folder), str(self.pidfile), str(self.log), self.words)

    def run_it(self) -> None:
        """Start it as nobody's child, so that whoever reaps orphans reaps it."""
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(["setsid", "--fork", *self.words], check=True, **quiet)
        asyncio.run(self.wait())

    async def wait(self) -> None:
        """Wait until it answers."""
        await until_it_answers(self.port)

    def end(self) -> None:
        """End it for good, by the pid that it wrote."""
        processes = LocalProcesses(SystemClock())
        try:
            asyncio.run(self._end(processes))
        finally:
            processes.close()

    async def _end(self, processes: LocalProcesses) -> None:
        found = await processes.find((), str(self.folder), str(self.pidfile))
        await processes.end(tuple(one.id for one in found), 5.0)


def told(port: int, *words: str) -> bytes:
    """Send one command and return the whole answer."""
    parts = (f"${len(word.encode())}\r\n{word}\r\n" for word in words)
    with closing(socket.create_connection(("127.0.0.1", port), timeout=60)) as wire:
        wire.sendall(f"*{len(words)}\r\n{''.join(parts)}*1\r\n$4\r\nQUIT\r\n".encode())
        answer = b""
        while more := wire.recv(65536):
            answer += more
    return answer.removesuffix(b"+OK\r\n")


async def until_it_answers(port: int) -> None:
    """Wait until a server has loaded its data and answers."""
    async with asyncio.timeout(90):
        while (await look_at(f"redis://127.0.0.1:{port}")).verdict is not Verdict.OK:
            await asyncio.sleep(0.01)


async def look_at(url: str) -> CheckResult:
    """Return whether a server answers PING without an error."""
    place = urlsplit(url)
    try:
        said = await asyncio.to_thread(told, place.port or 0, "PING")
    except OSError as error:
        return result(Verdict.DOWN, str(error))
    return result(Verdict.OK if said.startswith(b"+PONG") else Verdict.DOWN)


def stage_for(url: str, runs_as: RunsAs, folder: Path, **ports: Any) -> BackupStage:
    """Return a system whose Redis runs so and answers there, on a clock four times as fast."""

    async def look(_name: str) -> CheckResult:
        return await look_at(url)

    root = folder / "shop"
    backup = BackupSpec("redis", f"{root}/copies/r-%Y%m%d.rdb", kind="redis", service="redis")
    check = CheckSpec(CheckId(_OWN, "redis"), CheckKind.REDIS, url, secret=Secret(url))
    given: dict[str, Any] = {
        "redis": RedisServers({"shop/redis": RedisAddress(Secret(url))}),
        "processes": LocalProcesses(SystemClock()),
        "look": look,
        "results": str(folder / "results"),
    }
    return BackupStage(
        folder,
        OperationsSpec("shop", str(root), backups=(backup,)),
        (ServiceSpec(_OWN, "Redis", runs_as, (check,)),),
        clock=HurriedClock(4.0),
        **(given | ports),
    )


def leftovers(*folders: Path) -> list[str]:
    """Return what is there under names of ours that should be gone."""
    return sorted(one.name for folder in folders for one in folder.glob(".*"))
