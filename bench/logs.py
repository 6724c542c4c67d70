"""`python -m bench.logs [--size-mib N] [--runs N] [--only TEXT] [--write]`: beside our peers.

Everything runs on the same files in one run. Prints a Markdown table; `--write` puts it into
docs/benchmarks.md between its markers, with `--only` no more than the rows that were measured.
A row more is a `Trial` more in `trials`.
"""

import argparse
import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import logs_console as console
from bench import logs_peers as peers
from bench.document import read_section, write_section
from bench.log_data import MARK, LogFiles, make
from bench.logs_measure import Cost, follow, run_to_end, until_shown

FOLLOWED_BYTES = 8 << 20
_HEADER = "| measured | tool | ms | CPU s | RSS MB | |\n|---|---|---|---|---|---|"
_OURS = (sys.executable, "-m", "bench.logs_ours")
_LITERAL = MARK.decode()
_PREFIXED, _BARE = r"customer [0-9]{6} after", r"[a-z]+-[0-9]{4}, giving"
_SLOW = r'"duration_ms": ([5-9][0-9]{3}|[0-9]{5,})'
_PLAIN_TEXT, _JSON_TEXT, _MATCH_TEXT = "Evaluated decision", "duration_ms", "gateway refused"
_SETTLE_S = 2.0


@dataclass(frozen=True, slots=True)
class Trial:
    """One line of the table: what is measured, of which tool, and how."""

    measured: str
    tool: str | None
    name: str
    run: Callable[[], Cost]
    """May raise TimeoutError: the tool never got there."""


def trials(files: LogFiles, folder: Path, env: dict[str, str]) -> list[Trial]:
    """Return everything to measure, in the order of the table."""
    return [
        *_screens(files, env),
        *_filtered_screens(files.plain, env),
        *_complete(files, env),
        *_follows(files.plain, folder, env),
    ]


def _screens(files: LogFiles, env: dict[str, str]) -> list[Trial]:
    found: list[Trial] = []
    for kind, path, text in (
        ("first screen, plain", files.plain, _PLAIN_TEXT),
        ("first screen, JSON", files.json_lines, _JSON_TEXT),
        ("first screen, sparse", files.sparse, _PLAIN_TEXT),
    ):
        if path is None:
            continue
        where = str(path)
        found += [
            _console(kind, lambda at=path, of=text: console.another_log(at, env, of)),
            _console(
                f"{kind}, Logs never shown before",
                lambda at=path, of=text: console.first_screen(at, env, of),
            ),
            _ours(kind, env, "screen", where),
            _shown(kind, "less", peers.LESS, ["+G", where], env, text),
            _shown(kind, "lnav", peers.LNAV, ["-N", where], env, text),
            _shown(kind, "toolong", peers.TOOLONG, [where], env, text),
        ]
    return found


def _filtered_screens(plain: Path, env: dict[str, str]) -> list[Trial]:
    kind = "first filtered screen, literal"
    argv = peers.lnav_filter(plain, _LITERAL, is_headless=False)[1:]
    return [
        _console(
            kind,
            lambda: console.first_filtered(plain, env, _PLAIN_TEXT, f'"{_LITERAL}"', _MATCH_TEXT),
        ),
        _ours(kind, env, "filter", str(plain), f'"{_LITERAL}"'),
        _shown(kind, "lnav", peers.LNAV, argv, env, _MATCH_TEXT),
    ]


def _complete(files: LogFiles, env: dict[str, str]) -> list[Trial]:
    found: list[Trial] = []
    for kind, query, pattern in (
        ("complete filter, literal", f'"{_LITERAL}"', _LITERAL),
        ("complete filter, expression", f"/{_PREFIXED}/", _PREFIXED),
        ("complete filter, no literal first", f"/{_BARE}/", _BARE),
    ):
        found += [_ours(kind, env, "count", str(files.plain), query)]
        found += _searches(kind, files.plain, pattern, env)
    kind, path = "complete filter, JSON number", files.json_lines
    found += [_ours(kind, env, "count", str(path), "duration_ms>5000")]
    found += _searches(kind, path, _SLOW, env)
    duckdb = peers.duckdb_count(path)
    found += [Trial(kind, peers.DUCKDB, "duckdb", lambda: run_to_end(duckdb, env, True))]
    return found


def _searches(kind: str, path: Path, pattern: str, env: dict[str, str]) -> list[Trial]:
    counting = ["-c", "-e", pattern, str(path)]
    lnav = peers.lnav_filter(path, pattern, is_headless=True)
    return [
        Trial(kind, peers.RG, "rg -c", lambda: run_to_end(["rg", *counting], env, True)),
        Trial(
            kind, peers.GREP, "grep -Ec", lambda: run_to_end(["grep", "-E", *counting], env, True)
        ),
        Trial(kind, peers.LNAV, "lnav, indexing included", lambda: run_to_end(lnav, env)),
    ]


def _follows(plain: Path, folder: Path, env: dict[str, str]) -> list[Trial]:
    kind = "append to visible, p95"
    tools = (
        ("tail -f", peers.TAIL, ("-f",)),
        ("less +F", peers.LESS, ("+F",)),
        ("lnav", peers.LNAV, ("-N",)),
        ("toolong", peers.TOOLONG, ()),
    )

    def ours() -> Cost:
        with _fresh(plain, folder) as path:
            return console.follow(path, env)

    def trial(name: str, tool: str | None, options: Sequence[str]) -> Trial:
        def theirs() -> Cost:
            with _fresh(plain, folder) as path:
                return follow([tool or "", *options, str(path)], env, path, _PLAIN_TEXT)

        return Trial(kind, tool, name, theirs)

    return [
        _console(kind, ours),
        *(trial(*one) for one in tools),
        _console("10,000 lines/s into three logs: key p95", lambda: console.flood(folder, env)),
    ]


@contextlib.contextmanager
def _fresh(plain: Path, folder: Path) -> Generator[Path]:
    """Yield a file to append to: the first lines of another, as nobody has followed it before."""
    path = folder / "followed.log"
    with plain.open("rb") as whole:
        lines = whole.read(FOLLOWED_BYTES)
    path.write_bytes(lines[: lines.rfind(b"\n") + 1])
    try:
        yield path
    finally:
        path.unlink()


def _console(kind: str, run: Callable[[], Cost]) -> Trial:
    return Trial(kind, sys.executable, "quarterdeck's console", run)


def _ours(kind: str, env: dict[str, str], verb: str, *arguments: str) -> Trial:
    argv = [*_OURS, verb, *arguments]
    name = "quarterdeck's engine, process included"
    return Trial(kind, sys.executable, name, lambda: run_to_end(argv, env, verb == "count"))


def _shown(
    kind: str, name: str, tool: str | None, arguments: list[str], env: dict[str, str], text: str
) -> Trial:
    argv = [tool or "", *arguments]
    return Trial(kind, tool, name, lambda: until_shown(argv, env, text, _SETTLE_S))


def measure(trial: Trial, runs: int) -> str:
    """Run a trial and return its line: medians, and the detail of the last run."""
    costs: list[Cost] = []
    try:
        costs = [trial.run() for _ in range(runs)]
    except TimeoutError as error:
        why = str(error).replace(f"{Path(trial.tool or '').parent}/", "")
        return f"| {trial.measured} | {trial.name} | – | – | – | never: {why[:60]} |"
    wall_ms = statistics.median(cost.wall_ms for cost in costs)
    cpu_s = statistics.median(cost.cpu_s for cost in costs)
    rss_mb = statistics.median(cost.rss_mb for cost in costs)
    return (
        f"| {trial.measured} | {trial.name} | {wall_ms:,.0f} | {cpu_s:.2f} | {rss_mb:.0f} "
        f"| {costs[-1].detail} |"
    )


def run(folder: Path, size_mib: int, sparse_mib: int, runs: int, only: str = "") -> list[str]:
    """Make the files where they are missing, warm them, measure, and return the table.

    `only`: no rows but those whose first cell has it.
    """
    files = make(folder, size_mib, sparse_mib)
    for path in (files.plain, files.json_lines):
        subprocess.run(["wc", "-l", str(path)], stdout=subprocess.DEVNULL, check=True)
    home = Path(tempfile.mkdtemp(prefix="qd-bench-home-", dir=folder))
    env = {
        **os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", "LESS": "", "HOME": str(home),
    }  # fmt: skip
    lines = [f"{size_mib} MiB each, median of {runs}.", "", _HEADER]
    try:
        for trial in trials(files, folder, env):
            if trial.tool and only in trial.measured:
                lines.append(measure(trial, runs))
                print(lines[-1], flush=True)
    finally:
        shutil.rmtree(home)
    return [*lines, "", *(f"Not measured: {why}" for why in peers.absent())]


def replaced(table: str, lines: Sequence[str]) -> str:
    """Return a table in which the rows among `lines` stand in for those of the same two cells."""

    def cells(row: str) -> tuple[str, ...]:
        return tuple(row.split("|")[1:3])

    rows = {cells(row): row for row in "\n".join(lines).splitlines() if row.startswith("|")}
    return "\n".join(rows.get(cells(row), row) for row in table.splitlines())


def main() -> None:
    """Parse the arguments, measure, print, and write where asked."""
    parser = argparse.ArgumentParser(prog="python -m bench.logs", description=__doc__)
    parser.add_argument("--size-mib", type=int, default=1024)
    parser.add_argument("--sparse-mib", type=int, default=0, help="also a file with holes")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="keep the files here")
    parser.add_argument("--only", default="", metavar="TEXT", help="rows whose first cell has it")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="qd-bench-logs-") as temporary:
        folder = given.folder or Path(temporary)
        lines = run(folder, given.size_mib, given.sparse_mib, given.runs, given.only)
    if given.write:
        text = replaced(read_section("logs"), lines) if given.only else "\n".join(lines)
        write_section("logs", text)


if __name__ == "__main__":
    main()
