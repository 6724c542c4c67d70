"""`python -m bench.redis_watch [--seconds S] [--share X] [--write]`: what watching costs a server.

Two million keys (a million limits), a million pending entries of ten thousand consumers, a hash of
100,000 fields, on a redis-server of its own. Another client's PING, with nobody else, with us, with
`redis-cli --bigkeys`, with KEYS and HGETALL, and with a key browser's SCAN, all in one run. Prints
a Markdown table; `--write` puts it into docs/benchmarks.md between its markers.
"""

import argparse
import json
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Any

import redis

from bench.document import ROOT, write_section
from bench.redis_fill import Plain, fill, own_server

_GAP_S = 0.001
_TURNS, _TURN_S = 8, 1.0
_RISE_P999_MS, _RISE_MAX_MS, _FIRST_MS = 5.0, 25.0, 2000.0


@dataclass
class Pings:
    """Round trips of one other client."""

    name: str
    took_ms: list[float] = field(default_factory=list)
    running_ms: list[float] = field(default_factory=list)
    stopped_ms: list[float] = field(default_factory=list)
    """In alternate seconds, the program running and stopped: the same noise in both."""
    told: dict[str, Any] = field(default_factory=dict)
    slowest: str = ""
    """The command that held the server up longest."""

    def at(self, share: float) -> float:
        """Return a percentile, ms."""
        return percentile(self.took_ms, share)

    @property
    def rise_ms(self) -> float | None:
        """By so much the p99.9 is above that of the seconds in which the program is stopped."""
        if not self.stopped_ms or not self.running_ms:
            return None
        return percentile(self.running_ms, 0.999) - percentile(self.stopped_ms, 0.999)

    def row(self) -> str:
        """Render one line of the table."""
        first = self.told.get("first_ms")
        shown = ", ".join(f"{k} {v:,.0f}" for k, v in first.items()) if first else ""
        rss = self.told.get("rss_mb")
        per_s = self.told.get("per_s")
        rise = self.rise_ms
        return (
            f"| {self.name} | {self.at(0.5):.2f} | {self.at(0.999):.2f} | {max(self.took_ms):.2f} "
            f"| {'' if rise is None else f'{rise:+.2f}'} "
            f"| {self.slowest} | {'' if per_s is None else f'{per_s:,.0f}'} "
            f"| {shown} | {'' if rss is None else f'{rss:,.0f}'} |"
        )


def percentile(took_ms: list[float], share: float) -> float:
    """Return a percentile, ms."""
    ordered = sorted(took_ms)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def ping_beside(name: str, port: int, argv: list[str] | None, seconds: float) -> Pings:
    """Ping while a program runs, which is ended when its time is over."""
    found, client = Pings(name), Plain(port)
    for _ in range(200):
        client.ping_s()
    program = None
    if argv is not None:
        program = subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=ROOT)
    _ping(client, found.took_ms, seconds)
    for number in range(2 * _TURNS):
        if program is None or program.poll() is not None:
            break
        is_stopped = number % 2 == 0
        program.send_signal(signal.SIGSTOP if is_stopped else signal.SIGCONT)
        _ping(client, found.stopped_ms if is_stopped else found.running_ms, _TURN_S)
    client.close()
    if program is not None:
        _end(found, program, argv or [])
    return found


def _ping(client: Plain, took_ms: list[float], seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        took_ms.append(client.ping_s() * 1000)
        time.sleep(_GAP_S)


def _end(found: Pings, program: "subprocess.Popen[bytes]", argv: list[str]) -> None:
    if argv[0] == "redis-cli":
        program.terminate()
    out, _ = program.communicate(timeout=60)
    if argv[0] != "redis-cli":
        found.told = json.loads(out)


def run(seconds: float, share: float) -> list[str]:
    """Start a server, fill it, measure, end it; return the lines of the report."""
    with own_server() as port:
        began = time.monotonic()
        fill(port, share)
        print(f"filled in {time.monotonic() - began:.0f} s", file=sys.stderr)
        return _measure(port, seconds)


def _measure(port: int, seconds: float) -> list[str]:
    def watcher(who: str) -> list[str]:
        return [
            sys.executable,
            "-m",
            "bench.redis_watchers",
            who,
            str(port),
            str(seconds + 2 * _TURNS * _TURN_S),
        ]

    bigkeys = ["redis-cli", "-p", str(port), "--bigkeys"]
    table: list[Pings] = []
    for name, argv in (
        ("nobody", None),
        ("quarterdeck: all views, pending entries, all limits, a census", watcher("ours")),
        ("redis-cli --bigkeys", bigkeys),
        ("KEYS and HGETALL of what it finds", watcher("naive")),
        ("a key browser: SCAN MATCH TYPE COUNT 500", watcher("browser")),
        ("nobody, again", None),
    ):
        server: Any = redis.Redis(port=port)
        server.config_set("slowlog-log-slower-than", 200)
        server.config_set("slowlog-max-len", 1_000_000)
        server.slowlog_reset()
        table.append(ping_beside(name, port, argv, seconds))
        table[-1].slowest = _slowest(server)
        server.close()
        print(table[-1].row(), file=sys.stderr)
    return _report(table)


def _slowest(server: Any) -> str:
    # Our own command that empties the log is slow where there was much in it.
    lines = [one for one in server.slowlog_get(1_000_000) if b"SLOWLOG" not in one["command"]]
    if not lines:
        return "under 0.2 ms"
    worst = max(lines, key=lambda line: line["duration"])
    words = worst["command"].decode("utf-8", "replace").split()[:2]
    name = " ".join(word for word in words if word.isupper())
    return f"{worst['duration'] / 1000:.1f} ms, {name}"


def _report(table: list[Pings]) -> list[str]:
    worst_quiet_ms = min(max(table[0].took_ms), max(table[-1].took_ms))
    ours = table[1]
    head = "| beside the client that pings | p50 ms | p99.9 ms | max ms | p99.9 ± ms "
    lines = [
        f"{head}| slowest at the server | commands/s | first view after ms | RSS MB |",
        "|" + "---|" * 9,
    ]
    lines += [one.row() for one in table]
    first = ours.told.get("first_ms")
    first_ms = max(first.get(one, 1e9) for one in ("streams", "limits", "server")) if first else 1e9
    wanted = (
        ("p99.9 beyond that of seconds without us, ms", ours.rise_ms or 0.0, _RISE_P999_MS),
        ("maximum beyond nobody's, ms", max(ours.took_ms) - worst_quiet_ms, _RISE_MAX_MS),
        ("streams, limits and server shown, ms", first_ms, _FIRST_MS),
    )
    lines += ["", "| figure | ours | budget | |", "|---|---|---|---|"]
    for name, value, limit in wanted:
        verdict = "within" if value <= limit else "**over**"
        lines.append(f"| {name} | {value:,.1f} | {limit:,.0f} | {verdict} |")
    trouble = ours.told.get("trouble")
    return [*lines, f"\nTrouble told: {trouble}"] if trouble else lines


def main() -> None:
    """Parse the arguments, measure, print, and write where asked."""
    parser = argparse.ArgumentParser(prog="python -m bench.redis_watch", description=__doc__)
    parser.add_argument("--seconds", type=float, default=18.0, help="beside each program")
    parser.add_argument("--share", type=float, default=1.0, help="of all keys, for a quick try")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    given = parser.parse_args()
    lines = run(given.seconds, given.share)
    print("\n".join(lines))
    if given.write:
        write_section("redis", "\n".join(lines))


if __name__ == "__main__":
    main()
