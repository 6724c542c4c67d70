"""Measures the audit log: `python -m bench.audit [--records N] [--writers N] [--each N]`.

Writes a log of N records (without flushing each: that is the disk's time), verifies it plain and
packed, appends durably, and lets writers go on at once. CPU is that of this process.
"""

import argparse
import multiprocessing
import os
import resource
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from core.actions.audit.actor import read_actor
from core.actions.audit.disk import SystemDisk
from core.actions.audit.folder import AuditFolder
from core.actions.audit.opening import read_origin
from core.actions.audit.reading import read_lines
from core.actions.audit.record import Event
from core.actions.audit.store import Author
from core.actions.audit.verify import verify
from core.actions.audit.writer import AuditLog, Limits
from core.clients.clock import SystemClock

LIMIT_S = 5.0
MILLION = 1_000_000


class UnflushedDisk(SystemDisk):
    """Leaves flushing to the kernel, so that a long log can be made in minutes."""

    def flush(self, file: int) -> None:
        """Do nothing."""


def open_log(
    folder: Path, disk: SystemDisk | None = None, limits: Limits | None = None
) -> AuditLog:
    author = Author(
        read_actor(), read_origin(), SystemClock(), session="01J0000000000000000000000S"
    )
    return AuditLog(folder, author, None, disk, limits or Limits(lock_s=600.0))


def append(log: AuditLog, count: int) -> list[float]:
    """Append records such as actions write; return the milliseconds of each."""
    took_ms: list[float] = []
    for number in range(count):
        begin_s = time.perf_counter()
        log.append(
            Event.STEP_BEGIN,
            action_id="01J0000000000000000000000A",
            verb="service.restart",
            target="api-gateway/proxy-service",
            target_kind="unit",
            plan_hash="a" * 64,
            step=number % 10,
            before="invocation 6f1c0d6f5a3e4b51a4d2a1e37c11f0aa",
            env="production",
        )
        took_ms.append((time.perf_counter() - begin_s) * 1000)
    return took_ms


def log_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("audit-*"))


def measure_verify(name: str, folder: Path) -> None:
    begin_s, cpu_s = time.perf_counter(), time.process_time()
    result = verify(folder)
    cpu_s, wall_s = time.process_time() - cpu_s, time.perf_counter() - begin_s
    assert result.bad is None, result.bad
    per_million_s = cpu_s * MILLION / result.records
    print(
        f"| verify, {name} | {result.records:,} records, {log_bytes(folder) / 1e6:,.0f} MB "
        f"| {cpu_s:.2f} s CPU, {wall_s:.2f} s, {result.records / cpu_s:,.0f} records/s of CPU "
        f"| {per_million_s:.2f} s per million, limit {LIMIT_S:g} "
        f"| {'within' if per_million_s <= LIMIT_S else '**over**'} |"
    )


def write_long(folder: Path, records: int, is_packed: bool) -> None:
    rotate_bytes = 64 * 1024 * 1024 if is_packed else 1 << 40
    limits = Limits(rotate_bytes=rotate_bytes)
    begin_s = time.process_time()
    append(open_log(folder, UnflushedDisk(), limits), records)
    each_us = (time.process_time() - begin_s) / records * 1e6
    print(f"| append, not flushed | {records:,} records | {each_us:.0f} µs CPU each | | |")


def measure_append(folder: Path, count: int) -> None:
    took = sorted(append(open_log(folder), count))
    p50, p99 = statistics.median(took), took[int(len(took) * 0.99)]
    print(f"| append, durable | {count:,} records | p50 {p50:.2f} ms, p99 {p99:.2f} ms | | |")


def measure_writers(folder: Path, writers: int, each: int) -> None:
    context = multiprocessing.get_context("fork")
    append(open_log(folder), 1)
    begin_s = time.perf_counter()
    children = [
        context.Process(target=lambda: append(open_log(folder), each)) for _ in range(writers)
    ]
    for child in children:
        child.start()
    for child in children:
        child.join()
    wall_s = time.perf_counter() - begin_s
    result = verify(folder)
    is_dense = result.bad is None and result.records == result.last.seq
    steps = count_steps(folder)
    is_fine = is_dense and steps == writers * each + 1
    print(
        f"| {writers} writers at once | {each:,} records each | {wall_s:.1f} s, "
        f"{steps / wall_s:,.0f} records/s | none lost, dense | {'yes' if is_fine else '**no**'} |"
    )


def count_steps(folder: Path) -> int:
    opened = AuditFolder(folder)
    try:
        return sum(b'"ev":"step_begin"' in line for _, line in read_lines(opened))
    finally:
        opened.close()


def main() -> None:
    """Parse the arguments, measure, print a Markdown table."""
    parser = argparse.ArgumentParser(prog="python -m bench.audit", description=__doc__)
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--durable", type=int, default=1000)
    parser.add_argument("--writers", type=int, default=100)
    parser.add_argument("--each", type=int, default=20, help="records of each writer")
    parser.add_argument("--folder", default=None, help="on the disk to measure")
    given = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="quarterdeck-audit-", dir=given.folder))
    print("| what | how much | measured | wanted | |\n|---|---|---|---|---|")
    try:
        write_long(place / "plain", given.records, is_packed=False)
        measure_verify("plain", place / "plain")
        shutil.rmtree(place / "plain")
        write_long(place / "packed", given.records, is_packed=True)
        measure_verify("packed", place / "packed")
        measure_append(place / "durable", given.durable)
        measure_writers(place / "writers", given.writers, given.each)
    finally:
        shutil.rmtree(place)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\nMost memory of this process: {peak_mb:.0f} MB. Cores: {os.cpu_count()}.")


if __name__ == "__main__":
    main()
