"""`python -m bench.veil [--rounds N] [--runs N] [--write]`: what hiding secrets adds to a repaint.

CPU ms of the process for drawing a full screen anew, 200 by 60, every line or cell of it another
one than before: with nothing hidden, with 200 known values hidden, and presenting, by turns in one
process. `--write` puts the table into docs/benchmarks.md.
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
from bench.veil_program import MODES

SUBJECTS = ("lines", "table")
_LIMIT_S = 300.0


def measure(name: str, rounds: int) -> dict[str, float]:
    """Return CPU ms of a repaint by mode, medians of one process.

    Raises:
        TimeoutError: it did not end.
        RuntimeError: it ended without figures.
    """
    env = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
    with tempfile.TemporaryDirectory(prefix="qd-bench-") as folder:
        path = Path(folder) / "figures.json"
        argv = [sys.executable, "-m", "bench.veil_program", name, str(rounds), str(path)]
        with PtyProgram(argv, env | {"TEXTUAL_ANIMATIONS": "none"}, cwd=str(ROOT)) as program:
            end_s = time.perf_counter() + _LIMIT_S
            while psutil.Process(program.pid).status() != psutil.STATUS_ZOMBIE:
                if time.perf_counter() > end_s:
                    raise TimeoutError(name)
                program.read(0.05)
            if not path.is_file():
                raise RuntimeError(plain_text(bytes(program.tail[-900:])))
        found: dict[str, float] = json.loads(path.read_text(encoding="utf-8"))
    return found


def table(rounds: int, runs: int) -> list[str]:
    """Render what each mode costs, and what it adds to drawing with nothing hidden."""
    rows = [
        "| CPU ms of a repaint | nothing hidden | 200 known | presenting |",
        "|---|---|---|---|",
    ]
    for name in SUBJECTS:
        taken = [measure(name, rounds) for _ in range(runs)]
        medians = {mode: statistics.median(one[mode] for one in taken) for mode in MODES}
        cells = [f"{medians[MODES[0]]:.1f}"]
        for mode in MODES[1:]:
            share = statistics.median(one[mode] / one[MODES[0]] - 1 for one in taken)
            cells.append(f"{medians[mode]:.1f} ({share:+.1%})")
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return rows


def main() -> None:
    """Parse the arguments, measure, print, and write where asked."""
    parser = argparse.ArgumentParser(prog="python -m bench.veil", description=__doc__)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    given = parser.parse_args()
    text = "\n".join(table(given.rounds, given.runs))
    print(text)
    if given.write:
        write_section("veil", text)


if __name__ == "__main__":
    main()
