"""Measures one terminal program: start, idle, keys. The same procedure for us and for peers."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.pty_program import PtyProgram


@dataclass(frozen=True, slots=True)
class Subject:
    """A program to measure."""

    name: str
    argv: tuple[str, ...]
    ready: str
    """A pattern that stands on the first meaningful screen."""
    keys: tuple[bytes, ...]
    """Typed in turn: a cursor moving in a table."""
    prepare: tuple[bytes, ...] = ()
    """Typed once before the keys, to get to a table."""
    env: tuple[tuple[str, str], ...] = ()
    settle_s: float = 4.0
    """Left alone so long before it counts as idle."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run showed."""

    name: str
    first_screen_ms: float
    start_cpu_s: float
    idle_cpu_percent: float
    idle_bytes_per_s: float
    rss_mb: float
    key_p50_ms: float
    key_p95_ms: float
    bytes_per_key: float
    cpu_ms_per_key: float


def measure(subject: Subject, base_env: dict[str, str], idle_s: float, presses: int) -> Figures:
    """Run the program once and return its figures."""
    env = {**base_env, **dict(subject.env)}
    with PtyProgram(list(subject.argv), env) as program:
        first_ms = program.wait_for_text(subject.ready, 30)
        start_cpu = program.cpu_s()
        program.run_for(subject.settle_s)
        cpu, began = program.cpu_s(), time.perf_counter()
        idle_bytes = program.run_for(idle_s)
        elapsed = time.perf_counter() - began
        idle_cpu = (program.cpu_s() - cpu) / elapsed * 100
        idle_rate = idle_bytes / elapsed
        rss = program.rss_bytes() / 1e6
        for key in subject.prepare:
            program.send(key)
            program.run_for(0.7)
        latencies, per_key, cpu_ms = press_keys(program, subject.keys, presses, idle_rate)
    return Figures(
        subject.name,
        first_ms,
        start_cpu,
        idle_cpu,
        idle_rate,
        rss,
        statistics.median(latencies),
        percentile(latencies, 0.95),
        per_key,
        cpu_ms,
    )


def press_keys(
    program: PtyProgram, keys: tuple[bytes, ...], presses: int, idle_rate: float
) -> tuple[list[float], float, float]:
    """Return latencies in ms, bytes per key and CPU ms per key beyond the idle rates.

    A press counts from the write to the first byte that comes back; the next waits for quiet.
    """
    latencies: list[float] = []
    drain(program)
    cpu, received, began = program.cpu_s(), program.received, time.perf_counter()
    for press in range(presses):
        sent = time.perf_counter()
        program.send(keys[press % len(keys)])
        chunk = program.read(1.0)
        if chunk:
            latencies.append((time.perf_counter() - sent) * 1000)
        drain(program)
    elapsed = time.perf_counter() - began
    written = program.received - received - idle_rate * elapsed
    used_ms = (program.cpu_s() - cpu) * 1000
    return latencies or [float("nan")], max(0.0, written / presses), used_ms / presses


def drain(program: PtyProgram, quiet_s: float = 0.06, at_most_s: float = 0.6) -> None:
    """Read until nothing comes for a moment."""
    end = time.perf_counter() + at_most_s
    while time.perf_counter() < end and program.read(quiet_s):
        pass


def percentile(values: list[float], share: float) -> float:
    """Return the value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median_of(runs: list[Figures]) -> Figures:
    """Return the figure-wise median of several runs of one program."""

    def middle(pick: Callable[[Figures], float]) -> float:
        return statistics.median(pick(run) for run in runs)

    return Figures(
        runs[0].name,
        middle(lambda f: f.first_screen_ms),
        middle(lambda f: f.start_cpu_s),
        middle(lambda f: f.idle_cpu_percent),
        middle(lambda f: f.idle_bytes_per_s),
        middle(lambda f: f.rss_mb),
        middle(lambda f: f.key_p50_ms),
        middle(lambda f: f.key_p95_ms),
        middle(lambda f: f.bytes_per_key),
        middle(lambda f: f.cpu_ms_per_key),
    )
