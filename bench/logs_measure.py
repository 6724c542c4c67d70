"""What one run of a log tool costs: a command to its end, a screen until it shows, a follower."""

import os
import re
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.pty_program import PtyProgram, plain_text
from bench.terminal import percentile

APPENDS = 60
_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one run. `detail` is what it found, so that a wrong answer is seen beside its time."""

    wall_ms: float
    cpu_s: float
    rss_mb: float
    detail: str = ""


def run_to_end(argv: Sequence[str], env: dict[str, str], is_counting: bool = False) -> Cost:
    """Run a command, throw its output away, and count the lines where it does not do so itself."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    peak = _PeakMemory(process.pid)
    peak.start()
    lines, last = 0, b""
    while block := process.stdout.read(1 << 20):
        lines += block.count(b"\n")
        last = block
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    wall_ms = (time.perf_counter() - begun) * 1000
    detail = last.strip().decode("utf-8", "replace") if is_counting else f"{lines} lines"
    if process.returncode:
        detail = f"failed: exit status {process.returncode}"
    return Cost(wall_ms, usage.ru_utime + usage.ru_stime, peak.rss_mb, detail)


class _PeakMemory(threading.Thread):
    """Watches a process until it ends: what wait4 tells begins with our own size at the fork."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._status = Path(f"/proc/{pid}/status")
        self.rss_mb = 0.0

    def run(self) -> None:
        with suppress(OSError):
            while match := _PEAK.search(self._status.read_text()):
                self.rss_mb = int(match[1]) / 1024
                time.sleep(0.005)


def until_shown(argv: Sequence[str], env: dict[str, str], pattern: str, settle_s: float) -> Cost:
    """Start a terminal program; the time until a pattern shows, CPU and memory after a while."""
    with PtyProgram(list(argv), env) as program:
        wall_ms = program.wait_for_text(pattern, 60)
        cpu_s = program.cpu_s()
        program.run_for(settle_s)
        return Cost(wall_ms, cpu_s, program.rss_bytes() / 1e6, f"{program.received:,} B")


def token_of(number: int) -> str:
    """Return letters that share no place with the last ones: terminals are sent differences."""
    return "".join("ZQXJKVWYHGBF"[(number * 5 + place * 7) % 12] for place in range(12))


def follow(argv: Sequence[str], env: dict[str, str], path: Path, pattern: str) -> Cost:
    """Append lines to a followed file; the time from each write until it shows, p95."""
    delays_ms: list[float] = []
    with PtyProgram(list(argv), env) as program, path.open("ab", buffering=0) as file:
        program.wait_for_text(pattern, 60)
        program.run_for(2.0)
        cpu_s, received = program.cpu_s(), program.received
        for number in range(APPENDS):
            token = token_of(number)
            program.tail.clear()
            begun = time.perf_counter()
            file.write(f"2026-03-15 12:00:00,000 - app.main - INFO - {token}\n".encode())
            while token not in plain_text(bytes(program.tail)):
                if time.perf_counter() - begun > 10:
                    raise TimeoutError(f"{argv[0]} never showed an appended line")
                program.read(0.05)
            delays_ms.append((time.perf_counter() - begun) * 1000)
            program.run_for(0.2)
        sent = (program.received - received) / APPENDS
        return Cost(
            percentile(delays_ms, 0.95),
            program.cpu_s() - cpu_s,
            program.rss_bytes() / 1e6,
            f"{sent:,.0f} B a line",
        )
