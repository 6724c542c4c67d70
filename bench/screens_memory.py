"""`python -m bench.screens_memory [--settle S] [--only NAME] [--write]`: what each screen costs.

For each screen a console of its own on the demo: Overview first, then that screen. Resident memory
and modules beyond Overview's. `--write` puts the table into docs/benchmarks.md.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench import ours
from bench.document import ROOT, write_section
from bench.pty_program import PtyProgram

SCREENS = (
    ("Services", "2"),
    ("Logs", "3"),
    ("Streams", "4"),
    ("Limits & circuits", "5"),
    ("Keys", "6"),
    ("Host & metrics", "9"),
    ("Actions & audit", "0"),
)
"""Those with data of their own, by what is pressed."""
_LIMIT_S = 30.0
_CONSOLE = """
import os, signal, sys

def tell(*_):
    with open(sys.argv[1] + ".new", "w") as file:
        file.write("\\n".join(list(sys.modules)))
    os.replace(sys.argv[1] + ".new", sys.argv[1])

signal.signal(signal.SIGUSR1, tell)
from cli.main import run
sys.exit(run(sys.argv[2:]))
"""
"""The console, which writes on SIGUSR1 what it has loaded."""
_PARTS = (
    ("log engine", "core.logs."),
    ("action families", "core.actions.families."),
    ("Docker SDK", "docker."),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a console takes at one moment."""

    rss_mb: float
    cpu_s: float
    modules: frozenset[str]


def measure(config: Path, key: str, settle_s: float) -> tuple[Cost, Cost]:
    """Return what a fresh console takes on Overview, then with the screen of a key.

    Raises:
        TimeoutError: it did not come up, or does not answer.
    """
    env = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
    with tempfile.TemporaryDirectory(prefix="qd-bench-") as folder:
        told = Path(folder) / "modules"
        argv = [sys.executable, "-c", _CONSOLE, str(told), "--config", str(config)]
        with PtyProgram(argv, env, cwd=str(ROOT)) as program:
            program.wait_for_text("cost-dashboard", _LIMIT_S)
            program.run_for(settle_s)
            before = _cost(program, told)
            program.send(key.encode())
            program.run_for(settle_s)
            return before, _cost(program, told)


def _cost(program: PtyProgram, told: Path) -> Cost:
    process = psutil.Process(program.pid)
    rss_mb, times = process.memory_info().rss / 1e6, process.cpu_times()
    told.unlink(missing_ok=True)
    process.send_signal(signal.SIGUSR1)
    end_s = time.perf_counter() + _LIMIT_S
    while not told.exists():
        if time.perf_counter() > end_s:
            raise TimeoutError("the console does not tell what it has loaded")
        program.read(0.05)
    names = frozenset(told.read_text(encoding="utf-8").split("\n"))
    return Cost(rss_mb, times.user + times.system, names)


def row_of(name: str, before: Cost, after: Cost) -> str:
    """Render what a screen adds to Overview."""
    new = after.modules - before.modules
    counts = [(part, sum(one.startswith(prefix) for one in new)) for part, prefix in _PARTS]
    told = ", ".join(f"{count} of the {part}" for part, count in counts if count)
    cells = (
        name,
        f"{after.rss_mb:.0f}",
        f"{after.rss_mb - before.rss_mb:+.1f}",
        f"{after.cpu_s - before.cpu_s:.2f}",
        f"{len(new)}",
        told,
    )
    return f"| {' | '.join(cells)} |"


def table(config: Path, only: str, settle_s: float) -> list[str]:
    """Render the screens whose name has `only` in it, after Overview."""
    taken = [
        (name, *measure(config, key, settle_s)) for name, key in SCREENS if only in name.lower()
    ]
    first = max(before.rss_mb for _, before, _ in taken)
    loaded = max(len(before.modules) for _, before, _ in taken)
    return [
        "| screen | RSS MB | beyond Overview | CPU s | modules beyond it | of which |",
        "|---|---|---|---|---|---|",
        f"| Overview, the most of {len(taken)} starts | {first:.0f} | | | {loaded} in all | |",
        *(row_of(*one) for one in taken),
    ]


def main() -> None:
    """Parse the arguments, measure, print, and write where asked."""
    parser = argparse.ArgumentParser(prog="python -m bench.screens_memory", description=__doc__)
    parser.add_argument("--settle", type=float, default=8.0, help="seconds before each look")
    parser.add_argument("--only", default="", help="screens with this in their name")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    given = parser.parse_args()
    with ours.demo_config() as config:
        text = "\n".join(table(config, given.only.lower(), given.settle))
    print(text)
    if given.write:
        write_section("screens", text)


if __name__ == "__main__":
    main()
