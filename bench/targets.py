"""Measures the runtime on 500 HTTP targets: `python -m bench.targets [--targets N]`.

A child process serves the targets on loopback ports: most answer at once, some slowly, some never,
some refuse. The runtime looks at them every 10 s in its own thread, exactly as the console does,
while the main thread asks for ten pictures a second.
"""

import argparse
import asyncio
import json
import multiprocessing
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from core.clients.clock import SystemClock
from core.model.check import CheckKind, CheckSpec
from core.model.ids import CheckId, ServiceId
from core.model.text import clean
from core.model.topology import Environment, ServiceSpec, SystemSpec, Topology
from core.runtime import RuntimeThread
from core.sources.base import Emit, Source
from core.store.figures import percentile
from core.store.selectors import picture
from tui.bootstrap import sources_of

PORTS = 50
EVERY_S = 10.0
HANGING_SHARE = 0.02
REFUSING_SHARE = 0.02
SLOW_SHARE = 0.05
LAG_STEP_S = 0.01
SETTLE_S = 3.0
LAG_LIMIT_S = 0.05
CPU_LIMIT = 0.20
BODY = json.dumps(
    {"status": "healthy", "checks": {"db": "ok", "cache": "ok"}, "version": "1.2.3"}
).encode()
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(
    BODY
)


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer requests on one connection: the path says how."""
    try:
        while line := await reader.readline():
            path = line.split()[1]
            while (await reader.readline()).strip():
                pass
            if path.startswith(b"/hang"):
                await asyncio.sleep(3600)
            if path.startswith(b"/slow"):
                await asyncio.sleep(random.uniform(0.1, 1.0))
            writer.write(HEAD + BODY)
            await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


def serve(pipe: Connection) -> None:
    """Serve on `PORTS` ports until ended; the first message tells them."""

    async def run() -> None:
        servers = [await asyncio.start_server(answer, "127.0.0.1", 0) for _ in range(PORTS)]
        pipe.send([server.sockets[0].getsockname()[1] for server in servers])
        await asyncio.Event().wait()

    asyncio.run(run())


def url_of(index: int, count: int, ports: Sequence[int]) -> str:
    """Return the address of one target; fixed shares of them hang, refuse or are slow."""
    share = index / count
    port = ports[index % len(ports)]
    if share < HANGING_SHARE:
        return f"http://127.0.0.1:{port}/hang/{index}"
    if share < HANGING_SHARE + REFUSING_SHARE:
        return "http://127.0.0.1:1/refused"
    if share < HANGING_SHARE + REFUSING_SHARE + SLOW_SHARE:
        return f"http://127.0.0.1:{port}/slow/{index}"
    return f"http://127.0.0.1:{port}/health/{index}"


def topology_of(count: int, ports: Sequence[int]) -> Topology:
    """Return `count` services with one check each, ten to a system."""
    services: dict[str, list[ServiceSpec]] = {}
    for index in range(count):
        service = ServiceId(f"system-{index // 10}", f"service-{index}")
        spec = CheckSpec(
            CheckId(service, "health"),
            CheckKind.HEALTH,
            url_of(index, count, ports),
            every_s=EVERY_S,
            timeout_s=2.0,
        )
        services.setdefault(service.system, []).append(
            ServiceSpec(service, service.service, None, (spec,))
        )
    systems = tuple(SystemSpec(name, name, "", tuple(one)) for name, one in services.items())
    return Topology(Environment.DEVELOPMENT, True, systems)


@dataclass
class LagMeter:
    """Runs inside the measured loop: how late a timer fires is the loop's lag."""

    name: str = "lag meter"
    lags_s: list[float] = field(default_factory=list)
    first_lags_s: list[float] = field(default_factory=list)
    cpu_s: float = 0.0
    wall_s: float = 0.0

    async def follow(self, emit: Emit) -> None:
        """Measure until cancelled: the first seconds apart, since all first looks fall there."""
        begun = time.perf_counter()
        while time.perf_counter() - begun < SETTLE_S:
            self.first_lags_s.append(await _lag_s())
        cpu, wall = time.thread_time(), time.perf_counter()
        while True:
            self.lags_s.append(await _lag_s())
            self.cpu_s = time.thread_time() - cpu
            self.wall_s = time.perf_counter() - wall


async def _lag_s() -> float:
    due = time.perf_counter() + LAG_STEP_S
    await asyncio.sleep(LAG_STEP_S)
    return max(0.0, time.perf_counter() - due)


def measure(topology: Topology, seconds: float) -> tuple[LagMeter, float, int, int]:
    """Return the meter, the CPU share of ten pictures a second, probes seen, and checks seen."""
    meter = LagMeter()
    clock = SystemClock()

    def build() -> Sequence[Source]:
        return (*sources_of(topology, clock, only_checks=True), meter)

    thread = RuntimeThread(build, clock)
    thread.start()
    end = time.perf_counter() + seconds + SETTLE_S
    begun, cpu = time.perf_counter(), time.thread_time()
    while time.perf_counter() < end:
        picture(topology, thread.snapshot, clock.now(), clean("bench"))
        time.sleep(0.1)
    picture_share = (time.thread_time() - cpu) / (time.perf_counter() - begun)
    snapshot = thread.snapshot
    stopping = time.perf_counter()
    thread.stop()
    print(f"stopped in {time.perf_counter() - stopping:.3f} s")
    probes = sum(len(status.history) for status in snapshot.checks.values())
    return meter, picture_share, probes, len(snapshot.checks)


def report(meter: LagMeter, picture_share: float, probes: int, checks: int, count: int) -> bool:
    """Print the table and return whether the budgets hold."""
    ordered = sorted(meter.lags_s)
    first = sorted(meter.first_lags_s)
    p99 = percentile(ordered, 0.99) or 0.0
    share = meter.cpu_s / meter.wall_s if meter.wall_s else 0.0
    rows = [
        ("targets", f"{count}, every {EVERY_S:g} s", ""),
        ("checks with a result", f"{checks}", f"{count}"),
        ("probes", f"{probes}", ""),
        ("loop lag p50", f"{(percentile(ordered, 0.5) or 0) * 1000:.1f} ms", ""),
        ("loop lag p99", f"{p99 * 1000:.1f} ms", f"< {LAG_LIMIT_S * 1000:g} ms"),
        ("loop lag max", f"{ordered[-1] * 1000:.1f} ms", ""),
        (
            f"loop lag p99, first {SETTLE_S:g} s",
            f"{(percentile(first, 0.99) or 0) * 1000:.1f} ms",
            "",
        ),
        ("CPU of the runtime's thread", f"{share:.1%}", f"< {CPU_LIMIT:.0%} of a core"),
        ("CPU of ten pictures a second", f"{picture_share:.1%}", ""),
    ]
    width = max(len(name) for name, _, _ in rows)
    for name, value, budget in rows:
        print(f"{name:<{width}}  {value:>18}  {budget}")
    return p99 < LAG_LIMIT_S and share < CPU_LIMIT and checks == count


def main() -> int:
    """Measure and print; exit 1 when a budget is broken."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--targets", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=30.0)
    arguments = parser.parse_args()
    here, there = multiprocessing.Pipe()
    child = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    child.start()
    try:
        topology = topology_of(arguments.targets, here.recv())
        is_within = report(*measure(topology, arguments.seconds), arguments.targets)
    finally:
        child.terminate()
        child.join()
    return 0 if is_within else 1


if __name__ == "__main__":
    sys.exit(main())
