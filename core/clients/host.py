"""The machine we run on: the port `HostReader` and its adapter on psutil and /proc.

Every call runs in a daemon thread. Disks have a thread of their own: a dead one must not take the
CPU figures with it.
"""

from typing import Protocol

from core.clients.blocking import BlockingWorker
from core.clients.clock import Clock
from core.clients.host_sample import SampleReader, read_disks
from core.clients.pidfile import Pidfile, read_pidfile
from core.clients.processes import ProcessFact, ProcessPlace, ProcessReader, read_place
from core.clients.sockets import read_ports
from core.errors import ClientTimeout
from core.model.host import Disk, HostSample, ListeningPort

_DEADLINE_S = 4.0
_DISK_DEADLINE_S = 1.5
_BASELINE_S = 0.25
"""Rates need two readings; the first look takes them this far apart."""


class HostReader(Protocol):
    """What the sources need of a machine."""

    async def read_sample(self) -> HostSample:
        """Return CPU, memory, disks and rates now."""
        ...

    async def read_processes(self) -> tuple[ProcessFact, ...]:
        """Return every process we may see, unordered."""
        ...

    async def read_place(self, pid: int) -> ProcessPlace:
        """Return where a process runs, as far as our rights go."""
        ...

    async def read_pidfile(self, path: str) -> Pidfile:
        """Return what a pidfile says."""
        ...

    async def read_ports(self) -> tuple[ListeningPort, ...]:
        """Return the listening sockets."""
        ...


class LocalHost:
    """This machine."""

    def __init__(self, clock: Clock) -> None:
        """Open nothing yet."""
        self._clock = clock
        self._worker = BlockingWorker("host", clock)
        self._disk_worker = BlockingWorker("disks", clock)
        self._port_worker = BlockingWorker("ports", clock)
        self._sampler = SampleReader(clock)
        self._processes = ProcessReader(clock)

    async def read_sample(self) -> HostSample:
        """Return CPU, memory, disks and rates now. Disks are left out while one of them hangs.

        Raises:
            ClientTimeout: the kernel did not answer.
        """
        if not await self._worker.run(self._sampler.take_baseline, _DEADLINE_S):
            await self._clock.sleep(_BASELINE_S)
        disks = await self._read_disks()
        return await self._worker.run(lambda: self._sampler.read(disks), _DEADLINE_S)

    async def _read_disks(self) -> tuple[Disk, ...]:
        try:
            return await self._disk_worker.run(read_disks, _DISK_DEADLINE_S)
        except ClientTimeout:
            return ()

    async def read_processes(self) -> tuple[ProcessFact, ...]:
        """Return every process we may see, unordered. Looks closer than a second share one read.

        Raises:
            ClientTimeout: the kernel did not answer.
        """
        return await self._worker.run(self._processes.read, _DEADLINE_S)

    async def read_place(self, pid: int) -> ProcessPlace:
        """Return where a process runs, as far as our rights go."""
        return await self._worker.run(lambda: read_place(pid), _DEADLINE_S)

    async def read_pidfile(self, path: str) -> Pidfile:
        """Return what a pidfile says."""
        return await self._disk_worker.run(lambda: read_pidfile(path), _DISK_DEADLINE_S)

    async def read_ports(self) -> tuple[ListeningPort, ...]:
        """Return the listening sockets, sorted by port.

        Raises:
            ClientTimeout: the kernel did not answer.
            ClientDenied: the system does not show sockets to us at all.
        """
        return await self._port_worker.run(read_ports, _DEADLINE_S)

    def close(self) -> None:
        """Let the threads end."""
        for worker in (self._worker, self._disk_worker, self._port_worker):
            worker.close()
