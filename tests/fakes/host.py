"""A machine whose processes and files a test makes up."""

from dataclasses import replace
from datetime import timedelta

from core.clients.pidfile import Pidfile
from core.clients.processes import ProcessFact, ProcessPlace
from core.model.host import HostSample, ListeningPort
from core.model.text import EMPTY, clean
from tests.fakes.clock import START

SAMPLE = HostSample(
    at=START,
    cpu_percent=12.5,
    cpu_percent_per_core=(20.0, 5.0),
    load_1m=0.5,
    load_5m=0.4,
    load_15m=0.3,
    memory_total_bytes=8 << 30,
    memory_available_bytes=6 << 30,
    swap_used_bytes=0,
    swap_total_bytes=0,
    disks=(),
    networks=(),
    disk_read_bytes_per_s=0.0,
    disk_written_bytes_per_s=0.0,
    boot_at=START - timedelta(days=1),
)


def process(pid: int, *argv: str, parent: int = 1, ticks: int = 100) -> ProcessFact:
    """Return a sleeping process that runs `argv`."""
    return ProcessFact(
        pid=pid,
        parent_pid=parent,
        start_ticks=ticks,
        started_at=START - timedelta(hours=1) + timedelta(seconds=pid / 1000),
        name=clean(argv[0].rpartition("/")[2] if argv else "kworker"),
        argv=tuple(clean(word) for word in argv),
        user=clean("app"),
        state="sleeping",
        cpu_percent=1.0,
        memory_bytes=1000,
        threads=1,
    )


class FakeHost:
    """Answers with what the test put in; changes nothing by itself."""

    def __init__(self, *processes: ProcessFact) -> None:
        self.processes = processes
        self.pidfiles: dict[str, Pidfile] = {}
        self.places: dict[int, ProcessPlace] = {}
        self.ports: tuple[ListeningPort, ...] = ()

    async def read_sample(self) -> HostSample:
        return SAMPLE

    async def read_processes(self) -> tuple[ProcessFact, ...]:
        return self.processes

    async def read_place(self, pid: int) -> ProcessPlace:
        return self.places.get(pid, ProcessPlace(None, None))

    async def read_pidfile(self, path: str) -> Pidfile:
        return self.pidfiles.get(path, Pidfile(None, clean(f"no pidfile {path}")))

    async def read_ports(self) -> tuple[ListeningPort, ...]:
        return self.ports


def zombie(fact: ProcessFact) -> ProcessFact:
    """Return the process after its end, not yet reaped."""
    return replace(fact, state="zombie", argv=(), name=fact.name or EMPTY)
