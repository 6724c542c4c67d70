"""The machine's sources."""

from dataclasses import replace

from core.model.events import HostObserved, PortsObserved, ProcessesObserved
from core.model.host import ListeningPort
from core.model.text import clean
from core.sources.host import HostSource, PortSource, ProcessTableSource, rank_processes
from tests.fakes.clock import FakeClock
from tests.fakes.host import SAMPLE, FakeHost, process


async def test_the_machine_is_reported_as_read() -> None:
    assert await HostSource(FakeHost(), FakeClock()).look() == (HostObserved(SAMPLE),)


async def test_the_table_has_the_busiest_first_and_names_kernel_threads() -> None:
    busy = replace(process(5, "busy", "--now"), cpu_percent=90.0)
    host = FakeHost(process(4), busy)
    (event,) = await ProcessTableSource(host, FakeClock()).look()
    assert isinstance(event, ProcessesObserved)
    assert [row.command for row in event.processes] == ["busy --now", "[kworker]"]


def test_a_cut_keeps_the_most_busy_and_the_most_big() -> None:
    busy = [replace(process(pid, "busy"), cpu_percent=50.0) for pid in range(10)]
    big = replace(process(99, "big"), cpu_percent=0.0, memory_bytes=1 << 30)
    kept = rank_processes((*busy, big), 6)
    assert len(kept) == 6
    assert big in kept


async def test_ports_are_reported_as_read() -> None:
    host = FakeHost()
    host.ports = (ListeningPort("tcp", clean("127.0.0.1"), 80, None, clean("?")),)
    (event,) = await PortSource(host, FakeClock()).look()
    assert isinstance(event, PortsObserved)
    assert event.ports == host.ports
