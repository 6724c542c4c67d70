"""`python -m bench.redis_limits [--share X] [--write]`: a complete ranking of a million limits.

The server of `bench.redis_watch`: two million keys, half of them rate limits. A program reads all
limits by the book that the console has; another client pings meanwhile. Of every five seconds the
program is stopped for one, so that the same noise of the machine is in both. Once more with a user
who may not run EVAL_RO, for a while, to say what it would take. Prints a Markdown table; `--write`
puts it into docs/benchmarks.md between its markers.
"""

import argparse
import asyncio
import json
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Any

import psutil

from bench.document import ROOT, write_section
from bench.redis_fill import Plain, fill, own_server
from bench.redis_watch import percentile
from core.clients.clock import SystemClock
from core.clients.keyspace.server import ServerKeyspace
from core.clients.redis_address import RedisAddress
from core.model.redis_spec import LimitSpec, RedisSpec
from core.model.redis_view import Scan
from core.model.secret import Secret
from core.redis.limits.book import LimitsBook

_GAP_S, _RUN_S, _STOP_S, _QUIET_S, _SINGLY_S = 0.001, 4.0, 1.0, 15.0, 25.0
_SPEC = RedisSpec("bench/redis", limits=(LimitSpec("clients", ("limit:*",), 100, 10),))
_RISE_P999_MS = 5.0
_HEAD = (
    "| reading all limits | records read | took s | first ranking s | commands | RSS MB | CPU s "
    "| PING p50 ms | p99.9 ms | p99.9 ± ms | max ms | max while stopped ms |"
)


@dataclass
class Pings:
    """Round trips of the other client, in seconds of either kind."""

    running_ms: list[float] = field(default_factory=list)
    stopped_ms: list[float] = field(default_factory=list)
    stopped_s: float = 0.0


async def _read_all(url: str, limit_s: float) -> dict[str, object]:
    """Rank all limits, or as many as come within a time, and tell what it took."""
    clock, began = SystemClock(), time.perf_counter()
    keyspace = ServerKeyspace(RedisAddress(Secret(url)), clock, _SPEC.commands_per_s)
    first_s: list[float] = []

    def told() -> None:
        if book.view.rows and not first_s:
            first_s.append(time.perf_counter() - began)

    book = LimitsBook(_SPEC, clock, told)
    await book.look(keyspace)
    told()
    own = psutil.Process()
    rss_mb, scan = own.memory_info().rss / 1e6, Scan("bench/redis", "limits")
    running = asyncio.ensure_future(book.carry_out(keyspace, scan))
    while not running.done() and time.perf_counter() - began < limit_s:
        await asyncio.wait([running], timeout=0.5)
        rss_mb = max(rss_mb, own.memory_info().rss / 1e6)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await keyspace.aclose()
    view, spent = book.view, own.cpu_times()
    return {
        "first_s": first_s[0] if first_s else None,
        "whole_s": time.perf_counter() - began,
        "read": view.read,
        "limited": view.limited,
        "exhausted": view.exhausted,
        "is_complete": view.progress.is_complete,
        "commands": keyspace.load.commands_total,
        "rss_mb": rss_mb,
        "cpu_s": spent.user + spent.system,
        "notes": [str(note) for note in view.notes],
    }


def _beside(port: int, url: str, limit_s: float) -> tuple[Pings, dict[str, Any]]:
    """Ping while the program runs, stopping it from time to time."""
    argv = [sys.executable, "-m", "bench.redis_limits", "--read", url, str(limit_s)]
    program = subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=ROOT)
    pings, client = Pings(), Plain(port)
    while program.poll() is None:
        _ping(client, pings.running_ms, _RUN_S)
        if program.poll() is None:
            program.send_signal(signal.SIGSTOP)
            began = time.monotonic()
            _ping(client, pings.stopped_ms, _STOP_S)
            pings.stopped_s += time.monotonic() - began
            program.send_signal(signal.SIGCONT)
    client.close()
    out, _ = program.communicate(timeout=60)
    return pings, json.loads(out)


def _ping(client: Plain, took_ms: list[float], seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        took_ms.append(client.ping_s() * 1000)
        time.sleep(_GAP_S)


def _row(name: str, pings: Pings, told: dict[str, Any]) -> str:
    """Render one line; the time that the program was stopped is not its own."""
    whole_s, first_s = told["whole_s"] - pings.stopped_s, told["first_s"]
    rise_ms = percentile(pings.running_ms, 0.999) - percentile(pings.stopped_ms, 0.999)
    is_whole = told["is_complete"]
    so_far = (
        "all"
        if is_whole
        else f"stopped; all in {whole_s * 1e6 / told['read'] / 60:,.0f} min at this rate"
    )
    return (
        f"| {name} | {told['read']:,} ({so_far}) | {whole_s:,.0f} "
        f"| {'' if first_s is None else f'{first_s:.1f}'} | {told['commands']:,} "
        f"| {told['rss_mb']:,.0f} | {told['cpu_s']:,.0f} "
        f"| {percentile(pings.running_ms, 0.5):.2f} | {percentile(pings.running_ms, 0.999):.2f} "
        f"| {rise_ms:+.2f} | {max(pings.running_ms):.2f} | {max(pings.stopped_ms):.2f} |"
    )


def run(share: float, most_s: float) -> list[str]:
    """Start a server, fill it, measure, end it; return the lines of the report."""
    with own_server() as port:
        fill(port, share)
        return _measure(port, most_s)


def _measure(port: int, most_s: float) -> list[str]:
    client, quiet_ms = Plain(port), list[float]()
    client.ask("ACL", "SETUSER", "shy", "on", ">pw", "~*", "+@all", "-eval_ro")
    _ping(client, quiet_ms, _QUIET_S)
    client.close()
    many = _beside(port, f"redis://127.0.0.1:{port}/0", most_s)
    print(json.dumps(many[1]), file=sys.stderr)
    singly = _beside(port, f"redis://shy:pw@127.0.0.1:{port}/0", _SINGLY_S)
    print(json.dumps(singly[1]), file=sys.stderr)
    rise_ms = percentile(many[0].running_ms, 0.999) - percentile(many[0].stopped_ms, 0.999)
    verdict = "within" if rise_ms <= _RISE_P999_MS else "**over**"
    said = (
        f"Nobody else: p99.9 {percentile(quiet_ms, 0.999):.2f} ms, max {max(quiet_ms):.2f} ms. "
        f"p99.9 beyond that of seconds without us: {rise_ms:+.2f} ms, budget {_RISE_P999_MS:.0f}: "
        f"{verdict}."
    )
    return [
        _HEAD,
        "|" + "---|" * 12,
        _row("fifty at a time (EVAL_RO)", *many),
        _row("one at a time (no right to EVAL_RO)", *singly),
        "",
        said,
    ]


def main() -> None:
    """Parse the arguments, measure, print, and write where asked."""
    parser = argparse.ArgumentParser(prog="python -m bench.redis_limits", description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of all keys, for a quick try")
    parser.add_argument("--most", type=float, default=3600.0, help="seconds for reading all")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    parser.add_argument("--read", nargs=2, metavar=("URL", "SECONDS"), help="be the program")
    given = parser.parse_args()
    if given.read:
        print(json.dumps(asyncio.run(_read_all(given.read[0], float(given.read[1])))))
        return
    lines = run(given.share, given.most)
    print("\n".join(lines))
    if given.write:
        write_section("redis-limits", "\n".join(lines))


if __name__ == "__main__":
    main()
