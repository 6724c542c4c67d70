"""Small worlds for `tests.crashes` of what only asks, and of the kernel's packet filter."""

import socket
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

from core.model.action import ActionRequest, Phase
from tests.crash_engine import ask
from tests.crashes import Scenario
from tests.fakes.ports import free_port

_ANSWERS = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    asked = 0
    def do_GET(self):
        code, body = 200, b"{}"
        if self.path == "/fails":
            Handler.asked += 1
            code, body = (500, b"{}") if Handler.asked % 4 else (503, b"the circuit is open")
        self.answer(code, body)
    def do_POST(self):
        self.answer(200, b'{"status": "success"}')
    def answer(self, code, body):
        self.send_response(code)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
_SERVERS: dict[Path, "subprocess.Popen[bytes]"] = {}
_STARTS_S = 60.0
_IPTABLES = ("iptables", "-w", "5")
_HURRY = 5.0
"""What answers does so by the real clock."""


def _answering(folder: Path) -> str:
    port = free_port()
    _SERVERS[folder] = subprocess.Popen([sys.executable, "-c", _ANSWERS, str(port)])
    _until_answers(port)
    return (
        f"    services:\n      app:\n        base_url: http://127.0.0.1:{port}\n        checks:\n"
        "          health: {url: /health, kind: api}\n"
        "    triggers:\n      jobs: {service: app, paths: ['/run/{job}'], jobs: [clear]}\n"
    )


def _until_answers(port: int) -> None:
    until_s = time.monotonic() + _STARTS_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=10).close()
        except OSError:
            if time.monotonic() > until_s:
                raise
            time.sleep(0.01)
        else:
            return


def _ended(folder: Path) -> None:
    process = _SERVERS.pop(folder)
    process.kill()
    process.wait()


def _marks(folder: Path) -> object:
    """Return the marks that a run leaves while it is unfinished."""
    return sorted(one.suffix for one in (folder.parent / "state" / "results").glob("*"))


# the packet filter


def _stranger(folder: Path) -> str:
    """Return an address of a network that is for documentation only."""
    return f"203.0.113.{sha256(str(folder).encode()).digest()[0]}"


def _own_rules(folder: Path) -> list[str]:
    """Return the rules about the world's address, as iptables lists them."""
    said = subprocess.run(
        [*_IPTABLES, "-S", "INPUT"], check=True, capture_output=True, text=True
    ).stdout
    return [line for line in said.splitlines() if f"{_stranger(folder)}/32" in line]


def _rules(folder: Path) -> object:
    return [line.endswith("-j DROP") for line in _own_rules(folder)]


def _open(folder: Path) -> None:
    for line in _own_rules(folder):
        words = line.replace('"', "").split()[1:]
        subprocess.run([*_IPTABLES, "-D", *words], check=True)


def _block(folder: Path) -> ActionRequest:
    inputs = (("address", _stranger(folder)), ("with", "iptables"))
    return ActionRequest("firewall.block", "shop/host", inputs)


PROBES = (
    Scenario(
        "load.run", _answering, ask("load.run", requests="20", per_s="100"), _marks, _ended,
        hurry=_HURRY,
    ),
    Scenario(
        "http.probe_limit", _answering, ask("http.probe_limit", requests="20"), _marks, _ended,
        ends=Phase.ROLLED_BACK, hurry=_HURRY,
    ),
    Scenario(
        "http.probe_breaker", _answering,
        ask("http.probe_breaker", path="/fails", recovers="/health", per_s="10"), _marks, _ended,
        hurry=_HURRY,
    ),
    Scenario(
        "scheduler.trigger", _answering, ask("scheduler.trigger", "jobs", job="clear"), _marks,
        _ended, may_need_human="whether the job has run is not known", hurry=_HURRY,
    ),
    Scenario("http.time", _answering, ask("http.time"), _marks, _ended),
    Scenario(
        "firewall.block", lambda _folder: "    services: {}\n", _block, _rules, _open,
        needs=("root", "iptables"),
    ),
)  # fmt: skip
