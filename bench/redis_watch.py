"""`python -m bench.redis_watch [--seconds S] [--share X] [--write]`: what watching costs a server.

Two million keys (a million limits), a million pending entries of ten thousand consumers, a hash of
100,000 fields, on a redis-server of its own. Another client's PING, with nobody else, with us, with
`redis-cli --bigkeys`, with KEYS and HGETALL, and with a key browser's SCAN, all in one run. Prints
a Markdown table; `--write` puts it into docs/benchmarks.md between its markers.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import redis

from bench.redis_fill import Plain, fill
from tests.fakes.ports import free_port

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs/benchmarks.md"
BEGIN, END = "<!-- redis:begin -->", "<!-- redis:end -->"
_GAP_S = 0.001
_RISE_P999_MS, _RISE_MAX_MS, _FIRST_MS = 5.0, 25.0, 2000.0


@dataclass
class Pings:
    """Round trips of one other client."""

    name: str
    took_ms: list[float] = field(default_factory=list)
    told: dict[str, object] = field(default_factory=dict)
    slowest: str = ""
    """The command that held the server up longest."""

    def at(self, share: float) -> float:
        """Return a percentile, ms."""
        ordered = sorted(self.took_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]

    def row(self) -> str:
        """Render one line of the table."""
        first = self.told.get("first_ms")
        shown = ", ".join(f"{k} {v:,.0f}" for k, v in first.items()) if first else ""
        rss = self.told.get("rss_mb")
        per_s = self.told.get("per_s")
        return (
            f"| {self.name} | {self.at(0.5):.2f} | {self.at(0.999):.2f} | {max(self.took_ms):.2f} "
            f"| {self.slowest} | {'' if per_s is None else f'{per_s:,.0f}'} "
            f"| {shown} | {'' if rss is None else f'{rss:,.0f}'} |"
        )


def ping_beside(name: str, port: int, argv: list[str] | None, seconds: float) -> Pings:
    """Ping while a program runs, which is ended when its time is over."""
    found, client = Pings(name), Plain(port)
    for _ in range(200):
        client.ping_s()
    program = None
    if argv is not None:
        program = subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=ROOT)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if program is not None and program.poll() is not None and argv and argv[0] != "redis-cli":
            break
        found.took_ms.append(client.ping_s() * 1000)
        time.sleep(_GAP_S)
    client.close()
    if program is not None:
        _end(found, program, argv or [])
    return found


def _end(found: Pings, program: "subprocess.Popen[bytes]", argv: list[str]) -> None:
    if argv[0] == "redis-cli":
        program.terminate()
    out, _ = program.communicate(timeout=60)
    if argv[0] != "redis-cli":
        found.told = json.loads(out)


def run(seconds: float, share: float) -> list[str]:
    """Start a server, fill it, measure, end it; return the lines of the report."""
    binary = shutil.which("redis-server") or shutil.which("valkey-server")
    if binary is None:
        raise SystemExit("no redis-server on PATH")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="qd-bench-redis-") as folder:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""]
        server = subprocess.Popen([binary, *options], stdout=subprocess.DEVNULL)
        try:
            _wait(port)
            began = time.monotonic()
            fill(port, share)
            print(f"filled in {time.monotonic() - began:.0f} s", file=sys.stderr)
            return _measure(port, seconds)
        finally:
            server.kill()
            server.wait()


def _wait(port: int) -> None:
    until = time.monotonic() + 10
    while True:
        try:
            Plain(port).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def _measure(port: int, seconds: float) -> list[str]:
    def watcher(who: str) -> list[str]:
        return [sys.executable, "-m", "bench.redis_watchers", who, str(port), str(seconds)]

    bigkeys = ["redis-cli", "-p", str(port), "--bigkeys"]
    table: list[Pings] = []
    for name, argv, beyond_s in (
        ("nobody", None, 0.0),
        ("quarterdeck: all views, then pending entries, all limits, a census", watcher("ours"), 4),
        ("redis-cli --bigkeys", bigkeys, 0),
        ("KEYS and HGETALL of what it finds", watcher("naive"), 4),
        ("a key browser: SCAN MATCH TYPE COUNT 500", watcher("browser"), 4),
        ("nobody, again", None, 0),
    ):
        server = redis.Redis(port=port)
        server.config_set("slowlog-log-slower-than", 200)
        server.config_set("slowlog-max-len", 1_000_000)
        server.slowlog_reset()
        table.append(ping_beside(name, port, argv, seconds + beyond_s))
        table[-1].slowest = _slowest(server)
        server.close()
        print(table[-1].row(), file=sys.stderr)
    return _report(table)


def _slowest(server: "redis.Redis") -> str:
    lines = server.slowlog_get(1_000_000)
    if not lines:
        return "under 0.2 ms"
    worst = max(lines, key=lambda line: line["duration"])
    words = worst["command"].decode("utf-8", "replace").split()[:2]
    name = " ".join(word for word in words if word.isupper())
    return f"{worst['duration'] / 1000:.1f} ms, {name}"


def _report(table: list[Pings]) -> list[str]:
    quiet = min((table[0], table[-1]), key=lambda one: one.at(0.999))
    worst_quiet_ms = min(max(table[0].took_ms), max(table[-1].took_ms))
    ours = table[1]
    head = "| beside the client that pings | p50 ms | p99.9 ms | max ms | slowest at the server "
    lines = [
        f"{head}| commands/s | first view after ms | RSS MB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [one.row() for one in table]
    first = ours.told.get("first_ms")
    first_ms = max(first.get(one, 1e9) for one in ("streams", "limits", "server")) if first else 1e9
    wanted = (
        ("p99.9 beyond nobody's, ms", ours.at(0.999) - quiet.at(0.999), _RISE_P999_MS),
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
    parser.add_argument("--seconds", type=float, default=20.0, help="beside each program")
    parser.add_argument("--share", type=float, default=1.0, help="of all keys, for a quick try")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    given = parser.parse_args()
    lines = run(given.seconds, given.share)
    print("\n".join(lines))
    if given.write:
        document = DOCUMENT.read_text(encoding="utf-8")
        before, _, rest = document.partition(BEGIN)
        _, _, after = rest.partition(END)
        text = "\n".join(lines).strip()
        DOCUMENT.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
