"""Sources of the machine itself: figures, process table, listening ports."""

from core.clients.clock import Clock
from core.clients.host import HostReader
from core.clients.processes import ProcessFact
from core.model.events import Event, HostObserved, PortsObserved, ProcessesObserved
from core.model.host import ProcessRow
from core.model.text import clean, join

_MAX_ROWS = 500
_MAX_COMMAND = 512


class HostSource:
    """CPU, memory, disks and rates every 2 s."""

    name = "host"
    every_s = 2.0
    deadline_s = 6.0

    def __init__(self, reader: HostReader, clock: Clock) -> None:
        """Take the machine to read."""
        self._reader = reader

    async def look(self) -> tuple[Event, ...]:
        """Return one sample.

        Raises:
            ClientTimeout: the kernel did not answer.
        """
        return (HostObserved(await self._reader.read_sample()),)


def rank_processes(facts: tuple[ProcessFact, ...], limit: int) -> tuple[ProcessFact, ...]:
    """Return the busiest processes first; what is cut is the least of both CPU and memory.

    Half of `limit` goes to the most CPU, the rest to the most memory, so that a big idle process
    is never pushed out by small busy ones.
    """
    by_cpu = sorted(facts, key=lambda fact: (-(fact.cpu_percent or 0.0), -fact.memory_bytes))
    if len(by_cpu) <= limit:
        return tuple(by_cpu)
    kept = {fact.pid for fact in by_cpu[: limit // 2]}
    for fact in sorted(facts, key=lambda fact: -fact.memory_bytes):
        if len(kept) >= limit:
            break
        kept.add(fact.pid)
    return tuple(fact for fact in by_cpu if fact.pid in kept)


def _row(fact: ProcessFact) -> ProcessRow:
    command = join(" ", fact.argv) if fact.argv else clean(f"[{fact.name}]")
    return ProcessRow(
        pid=fact.pid,
        started_at=fact.started_at,
        name=fact.name,
        command=clean(command, _MAX_COMMAND),
        user=fact.user,
        cpu_percent=fact.cpu_percent,
        memory_bytes=fact.memory_bytes,
        threads=fact.threads,
        state=fact.state,
    )


class ProcessTableSource:
    """The process table every 3 s, busiest first, at most 500 rows."""

    name = "processes"
    every_s = 3.0
    deadline_s = 6.0

    def __init__(self, reader: HostReader, clock: Clock) -> None:
        """Take the machine to read."""
        self._reader = reader
        self._clock = clock

    async def look(self) -> tuple[Event, ...]:
        """Return the table.

        Raises:
            ClientTimeout: the kernel did not answer.
        """
        facts = await self._reader.read_processes()
        rows = tuple(_row(fact) for fact in rank_processes(facts, _MAX_ROWS))
        return (ProcessesObserved(self._clock.now(), rows),)


class PortSource:
    """The listening ports every 10 s."""

    name = "ports"
    every_s = 10.0
    deadline_s = 6.0

    def __init__(self, reader: HostReader, clock: Clock) -> None:
        """Take the machine to read."""
        self._reader = reader
        self._clock = clock

    async def look(self) -> tuple[Event, ...]:
        """Return the listening sockets.

        Raises:
            ClientError: sockets cannot be read here.
        """
        return (PortsObserved(self._clock.now(), await self._reader.read_ports()),)
