"""A console whose whole world consists of hostile text. Run in a child on a pseudo-terminal.

`python -m tests.oracle.hostile_console START COUNT clean|raw`: `clean` takes the text through the
sanitiser, as every client does; `raw` goes around it, so that only the last gate is left.
"""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from core.model.check import CheckResult, Component, ConditionResult
from core.model.detail import (
    Detail,
    Job,
    JobRun,
    RedisDetail,
    Run,
    RunsDetail,
    SchedulerDetail,
    SecurityDetail,
    StatusPageDetail,
)
from core.model.events import (
    CheckObserved,
    Event,
    FoldersObserved,
    HostObserved,
    MetricsObserved,
    Noted,
    PortsObserved,
    ProcessesObserved,
    RuntimeObserved,
    SourceReported,
)
from core.model.host import Disk, FolderSize, HostSample, ListeningPort, NetworkRate, ProcessRow
from core.model.metric import Family, MetricKind, Sample, Scrape, SeriesKey
from core.model.runtime_state import RuntimeState
from core.model.text import SafeText, clean
from core.model.topology import DockerContainer, MetricsSpec, Topology
from core.model.verdict import Verdict
from tests.fakes.clock import FakeClock
from tests.fakes.scripted import ScriptedConsole
from tests.fakes.world import START, check_id, service, service_id, system, topology
from tests.hostile import CORPUS
from tests.oracle.hostile_logs import write_logs
from tui.bootstrap import desk_of


def detail_of(number: int, text: SafeText) -> Detail:
    run = JobRun(START, False, text)
    job = Job(text, text, text, START, Verdict.DEGRADED, text, 1, None, (run,))
    kinds: tuple[Detail, ...] = (
        SchedulerDetail(True, (job,)),
        RunsDetail((Run(text, text, text, START, text),), ((text, 1),)),
        StatusPageDetail(text, text, text, ((text, text),), (text,), START),
        SecurityDetail(1.0, 1.0, 1, 1, 1, text),
        RedisDetail(text, text, text, 1, 2, 3, 4, 5),
    )
    return kinds[number % len(kinds)]


def service_events(number: int, text: SafeText) -> tuple[Event, ...]:
    """Everything that one service can say, said with one payload."""
    name = f"service-{number:03}"
    result = CheckResult(
        Verdict.DEGRADED,
        "failing",
        text,
        START,
        http_status=200,
        latency_s=0.01,
        components=(Component(text, Verdict.DOWN, text),),
        conditions=(ConditionResult(text, text, Verdict.DEGRADED),),
        facts=(("fact", text),),
        detail=detail_of(number, text),
    )
    state = RuntimeState(
        "container", text, text, Verdict.DEGRADED, text, START, fingerprint=text, image=text
    )
    key = SeriesKey(service_id(name), text, ((text, text),))
    families = (Family(text, MetricKind.GAUGE, text, 1),)
    scrape = Scrape(START, "ok", text, families, (Sample(key, MetricKind.GAUGE, 1.0),))
    return (
        CheckObserved(check_id(name), result, None),
        RuntimeObserved(service_id(name), state),
        MetricsObserved(service_id(name), scrape, ("wanted",)),
        Noted(START, service_id(name), Verdict.DOWN, text),
        SourceReported(f"source-{number}", START, False, text, None),
    )


def host_events(texts: list[SafeText]) -> tuple[Event, ...]:
    disks = tuple(Disk(text, text, 98, 2, 100) for text in texts)
    rates = tuple(NetworkRate(text, 1.0, 1.0) for text in texts)
    sample = HostSample(
        START, 50.0, (50.0,), 1.0, 1.0, 1.0, 100, 50, 0, 0, disks, rates, 1.0, 1.0, START
    )
    processes = tuple(
        ProcessRow(1000 + number, START, text, text, text, 1.0, 1000, 1, "S")
        for number, text in enumerate(texts)
    )
    ports = tuple(ListeningPort("tcp", text, 1000 + n, n, text) for n, text in enumerate(texts, 1))
    folders = tuple(FolderSize(text, 1, 1, START, text) for text in texts)
    return (
        HostObserved(sample),
        ProcessesObserved(START, processes),
        PortsObserved(START, ports),
        FoldersObserved(START, folders),
    )


def hostile_world(texts: list[SafeText]) -> tuple[Topology, tuple[Event, ...]]:
    services = tuple(
        service(
            f"service-{number:03}",
            runs_as=DockerContainer("x"),
            metrics=MetricsSpec("http://127.0.0.1:9/"),
        )
        for number in range(len(texts))
    )
    events = [event for number, text in enumerate(texts) for event in service_events(number, text)]
    return topology(system("shop", *services)), (*events, *host_events(texts))


def main() -> None:
    start, count, road = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    payloads = CORPUS[start : start + count] if count else ["harmless"] * 20
    texts = [clean(one) if road == "clean" else SafeText(one) for one in payloads]
    watched, events = hostile_world(texts)
    with tempfile.TemporaryDirectory() as folder:
        logs = write_logs(Path(folder), payloads)
        shop = watched.systems[0]
        watched = replace(watched, systems=(replace(shop, logs=logs), *watched.systems[1:]))
        clock = FakeClock()
        desk = desk_of(watched, clock)
        app = ScriptedConsole(watched, events=events, clock=clock, make_desk=desk)
        app.run()
    sys.exit(app.exit_code)


if __name__ == "__main__":
    main()
