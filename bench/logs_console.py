"""The console on logs: its Logs screen opened, filtered, followed and flooded, as by a person."""

import contextlib
import os
import tempfile
import threading
import time
from collections.abc import Generator, Sequence
from pathlib import Path

from bench.logs_measure import APPENDS, Cost, token_of
from bench.ours import COMMAND
from bench.pty_program import PtyProgram, plain_text
from bench.terminal import percentile

_SETTLE_S = 2.0
_KEYS = 60
_MANY = 17
"""Too many to be shown without being asked for: only the first system's are."""
_FLOOD_S = 12.0
_LINES_PER_S = 10_000
_TICK_S = 0.01


@contextlib.contextmanager
def console_on(
    paths: Sequence[Path], env: dict[str, str], apart: Sequence[Path] = ()
) -> Generator[PtyProgram]:
    """Yield the console, idle on its Overview, with these files as the logs of two systems."""
    with tempfile.TemporaryDirectory(prefix="qd-bench-") as folder:
        config = Path(folder) / "quarterdeck.yaml"
        systems = _system("bench", paths) + (_system("other", apart) if apart else "")
        config.write_text(
            f"version: 1\nenvironment: development\nsystems:\n{systems}", encoding="utf-8"
        )
        config.chmod(0o600)
        with PtyProgram([COMMAND, "--config", str(config)], env) as program:
            program.wait_for_text("bench", 30)
            program.run_for(_SETTLE_S)
            yield program


def _system(name: str, paths: Sequence[Path]) -> str:
    files = "".join(
        f'            {name}{number}: {{path: "{path}"}}\n' for number, path in enumerate(paths)
    )
    return f"  {name}:\n    services:\n      app:\n        logs:\n          files:\n{files}"


def _until(program: PtyProgram, text: str, begun: float, limit_s: float = 60.0) -> float:
    """Return the milliseconds from `begun` until a text stands in what the program wrote."""
    while text not in plain_text(bytes(program.tail)):
        if time.perf_counter() - begun > limit_s:
            raise TimeoutError(f"{text!r} never showed")
        program.read(0.02)
    return (time.perf_counter() - begun) * 1000


def _press(program: PtyProgram, keys: bytes, text: str) -> float:
    program.tail.clear()
    begun = time.perf_counter()
    program.send(keys)
    return _until(program, text, begun)


def another_log(path: Path, env: dict[str, str], text: str) -> Cost:
    """On the Logs screen, choose another log; the time until a line of it shows."""
    with tempfile.TemporaryDirectory(prefix="qd-bench-") as folder:
        small = [Path(folder) / f"small{number}.log" for number in range(_MANY)]
        for one in small:
            one.write_text("INFO little\n", encoding="utf-8")
        with console_on(small, env, [path]) as program:
            _press(program, b"3", "little")
            program.run_for(_SETTLE_S)
            idle_mb, idle_cpu_s = program.rss_bytes() / 1e6, program.cpu_s()
            program.send(b":logs other")
            program.run_for(0.5)
            wall_ms = _press(program, b"\r", text)
            cpu_s = program.cpu_s() - idle_cpu_s
            program.run_for(_SETTLE_S)
            more_mb = program.rss_bytes() / 1e6 - idle_mb
            return Cost(wall_ms, cpu_s, more_mb, "RSS beyond the Logs screen before")


def first_screen(path: Path, env: dict[str, str], text: str) -> Cost:
    """Go to Logs; the time until a line of the file shows, and what it adds to an idle console."""
    with console_on([path], env) as program:
        idle_mb, idle_cpu_s = program.rss_bytes() / 1e6, program.cpu_s()
        wall_ms = _press(program, b"3", text)
        cpu_s = program.cpu_s() - idle_cpu_s
        program.run_for(_SETTLE_S)
        more_mb = program.rss_bytes() / 1e6 - idle_mb
        return Cost(wall_ms, cpu_s, more_mb, "RSS beyond an idle console")


def first_filtered(path: Path, env: dict[str, str], text: str, query: str, match: str) -> Cost:
    """Type a query; the time from enter until a match shows, and the memory after the whole."""
    with console_on([path], env) as program:
        idle_mb = program.rss_bytes() / 1e6
        _press(program, b"3", text)
        program.run_for(_SETTLE_S)
        program.send(b"&")
        program.run_for(0.3)
        program.send(query.encode())
        program.run_for(0.5)
        cpu_s = program.cpu_s()
        wall_ms = _press(program, b"\r", match)
        program.run_for(5 * _SETTLE_S)
        more_mb = program.rss_bytes() / 1e6 - idle_mb
        return Cost(wall_ms, program.cpu_s() - cpu_s, more_mb, "CPU of the complete count")


def follow(path: Path, env: dict[str, str]) -> Cost:
    """Append lines to a followed file; the time from each write until it shows, p95."""
    with console_on([path], env) as program, path.open("ab", buffering=0) as file:
        _press(program, b"3", "FOLLOWING")
        program.run_for(_SETTLE_S)
        cpu_s, received = program.cpu_s(), program.received
        delays_ms: list[float] = []
        for number in range(APPENDS):
            token = token_of(number)
            program.tail.clear()
            begun = time.perf_counter()
            file.write(f"2026-03-15 12:00:00,000 - app.main - INFO - {token}\n".encode())
            delays_ms.append(_until(program, token, begun, 10))
            program.run_for(0.2)
        sent = (program.received - received) / APPENDS
        used_s = program.cpu_s() - cpu_s
        rss_mb = program.rss_bytes() / 1e6
        return Cost(percentile(delays_ms, 0.95), used_s, rss_mb, f"{sent:,.0f} B a line")


def flood(folder: Path, env: dict[str, str]) -> Cost:
    """Write 10,000 lines a second into three followed files; how the keys answer meanwhile."""
    paths = [folder / f"flooded{number}.log" for number in range(3)]
    for path in paths:
        path.write_text("2026-03-15 11:59:59,000 - app.main - INFO - beginning\n", encoding="utf-8")
    try:
        with console_on(paths, env) as program:
            _press(program, b"3", "beginning")
            program.run_for(_SETTLE_S)
            writer = _Writer(paths)
            writer.start()
            program.run_for(1.0)
            cpu_s, received, begun = program.cpu_s(), program.received, time.perf_counter()
            delays_ms = _key_delays(program)
            elapsed_s = time.perf_counter() - begun
            sent = (program.received - received) / elapsed_s
            used_s = program.cpu_s() - cpu_s
            writer.join()
            rss_mb = program.rss_bytes() / 1e6
            detail = (
                f"{writer.lines:,} lines written; {sent:,.0f} B/s; CPU {used_s / elapsed_s:.0%}"
            )
            return Cost(percentile(delays_ms, 0.95), used_s, rss_mb, detail)
    finally:
        for path in paths:
            path.unlink(missing_ok=True)


def _key_delays(program: PtyProgram) -> list[float]:
    """Open and leave the search line; ms from the key until it stands there."""
    delays: list[float] = []
    for _ in range(_KEYS // 2):
        delays.append(_press(program, b"/", "what to find"))
        program.run_for(0.05)
        program.send(b"\x1b")
        program.run_for(0.3)
    return delays


class _Writer(threading.Thread):
    """Writes lines at a steady rate, bounded in time."""

    def __init__(self, paths: Sequence[Path]) -> None:
        super().__init__(daemon=True)
        self._paths = paths
        self.lines = 0

    def run(self) -> None:
        files = [os.open(path, os.O_WRONLY | os.O_APPEND) for path in self._paths]
        begun = time.perf_counter()
        while (elapsed_s := time.perf_counter() - begun) < _FLOOD_S:
            due = int(elapsed_s * _LINES_PER_S) - self.lines
            each = due // len(files)
            for file in files:
                text = "".join(
                    f"2026-03-15 12:00:00,{number % 1000:03} - app.main - INFO - flood {number}\n"
                    for number in range(self.lines, self.lines + each)
                )
                os.write(file, text.encode())
                self.lines += each
            time.sleep(_TICK_S)
        for file in files:
            os.close(file)
