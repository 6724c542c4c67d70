"""`python -m bench.widgets [--runs N] [--write]`: our two widgets beside Textual's, in one run.

CPU ms of the process and bytes to the terminal for one update, each full screen on a
pseudo-terminal. Prints Markdown tables; `--write` puts them into docs/benchmarks.md between the
markers of their own section.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil

from bench.document import ROOT, write_section
from bench.pty_program import PtyProgram, plain_text
from bench.widget_program import APPEND, CURSOR, IN_SIGHT, LOAD, ONE_CELL, PAGE
from bench.widget_subjects import LOGS, TABLES

SIZES = (50, 1_000, 10_000)
OPERATIONS = (LOAD, ONE_CELL, IN_SIGHT, CURSOR, PAGE)
_LIMIT_S = 120.0
Figures = dict[str, tuple[float, float]]
"""CPU ms and bytes by operation."""


def measure(name: str, rows: int, env: dict[str, str]) -> Figures:
    """Run one subject in a process of its own and return its figures.

    Raises:
        TimeoutError: it did not end.
        RuntimeError: it ended without figures.
    """
    with tempfile.TemporaryDirectory(prefix="qd-bench-") as folder:
        path = Path(folder) / "figures.json"
        argv = [sys.executable, "-m", "bench.widget_program", name, str(rows), str(path)]
        with PtyProgram(argv, env, cwd=str(ROOT)) as program:
            end = time.perf_counter() + _LIMIT_S
            while psutil.Process(program.pid).status() != psutil.STATUS_ZOMBIE:
                if time.perf_counter() > end:
                    raise TimeoutError(f"{name}, {rows} rows")
                program.read(0.05)
            if not path.is_file():
                raise RuntimeError(f"{name}, {rows} rows: {plain_text(bytes(program.tail[-900:]))}")
        found: dict[str, list[float]] = json.loads(path.read_text(encoding="utf-8"))
    return {operation: (cpu_ms, size) for operation, (cpu_ms, size) in found.items()}


def median_of(runs: list[Figures]) -> Figures:
    """Return the medians of several runs of one subject."""
    return {
        operation: (
            statistics.median(run[operation][0] for run in runs),
            statistics.median(run[operation][1] for run in runs),
        )
        for operation in runs[0]
    }


def cell(figures: Figures, operation: str) -> str:
    """Render one figure of the tables."""
    if operation not in figures:
        return "–"
    cpu_ms, size = figures[operation]
    return f"{cpu_ms:,.1f} / {size:,.0f}"


def table(title: str, operations: tuple[str, ...], columns: dict[str, Figures]) -> list[str]:
    """Render operations by subjects."""
    return [
        f"| {title} | {' | '.join(columns)} |",
        f"|---|{'---|' * len(columns)}",
        *(
            f"| {one} | {' | '.join(cell(figures, one) for figures in columns.values())} |"
            for one in operations
        ),
    ]


def run(runs: int) -> list[str]:
    """Measure everything `runs` times, in turn, so that drift of the machine hits all alike."""
    env = {
        **os.environ,
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "TEXTUAL_ANIMATIONS": "none",
    }
    tables = [(name, rows) for rows in SIZES for name in TABLES]
    subjects = [*tables, *((name, 0) for name in LOGS)]
    results: dict[tuple[str, int], list[Figures]] = {subject: [] for subject in subjects}
    for _ in range(runs):
        for name, rows in subjects:
            results[name, rows].append(measure(name, rows, env))
    found = {subject: median_of(taken) for subject, taken in results.items()}
    return [
        *table(
            "CPU ms / bytes",
            OPERATIONS,
            {f"{name}, {rows:,} rows": found[name, rows] for name, rows in tables},
        ),
        "",
        *table("CPU ms / bytes", (APPEND,), {name: found[name, 0] for name in LOGS}),
    ]


def main() -> None:
    """Parse the arguments, measure, print, and write where asked."""
    parser = argparse.ArgumentParser(prog="python -m bench.widgets", description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    given = parser.parse_args()
    text = "\n".join(run(given.runs))
    print(text)
    if given.write:
        write_section("widgets", text)


if __name__ == "__main__":
    main()
