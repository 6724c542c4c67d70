"""A small key API of the demo's, alone: its server, its files, and somebody who keeps asking it."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from core.clients.waits import Wait, Waits
from core.keys.ids import KeyIds
from demo.home import Home
from demo.seed import decision_engine as seeded
from tests.demo.looking import ENTRY, until
from tests.fakes.ports import free_port

ROOT = Path(__file__).parents[2]
TARGET = "decision-engine/api-keys"
LIMIT_S = 120.0
"""A wait whose moment comes before its rotation has ended tries again half a minute later."""
_DECIDE = "/decisions/evaluate"


class KeyStage:
    """The server runs; `load` asks it with some keys all the time and counts the answers.

    Args:
        folder: For everything of it.
        into: Words before those of every program: runs it elsewhere, on the same files.
    """

    def __init__(self, folder: Path, into: tuple[str, ...] = ()) -> None:
        self.into = into
        self.home = Home(folder / "home")
        for name in ("run", "faults"):
            (self.home.folder / name).mkdir(parents=True)
        self.root = self.home.system("decision-engine")
        seeded.seed(self.root)
        self.store, self.tool_store = (
            self.root / "api" / "api_keys.json",
            self.root / "api_keys.json",
        )
        self.state = folder / "state"
        self.port = free_port()
        self.home.write_ports({"decision-engine": self.port})
        self.config = folder / "quarterdeck.yaml"
        self.config.write_text(
            f"version: 1\nenvironment: development\nstate: {{folder: {self.state}}}\n"
            "systems:\n  decision-engine:\n    profile: decision-engine\n"
            f"    root: {self.root}\n    services:\n      api:\n"
            f"        base_url: 'http://127.0.0.1:{self.port}'\n"
            f"        runs_as: {{process: {{pidfile: {self.home.pidfile('decision-engine')}}}}}\n",
            "utf-8",
        )
        self.config.chmod(0o600)
        self.answers: Counter[tuple[str, int]] = Counter()
        self._is_over = threading.Event()

    def start(self) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-m", "demo.systems.decision_engine", "--home", self.home.folder]
        server = subprocess.Popen([*self.into, *words], cwd=ROOT, stdout=subprocess.DEVNULL)
        until(self._is_up, LIMIT_S)
        return server

    def _is_up(self) -> bool:
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0

    def status(self, key: str) -> int:
        """Return what the server answers to a key."""
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            wire.request("GET", _DECIDE, headers={"X-API-Key": key})
            return wire.getresponse().status
        finally:
            wire.close()

    @contextmanager
    def load(self, *keys: str) -> Generator[None]:
        """Ask with these keys until it is left."""

        def go_on() -> None:
            while not self._is_over.wait(0.02):
                for key in keys:
                    self.answers[key, self.status(key)] += 1

        thread = threading.Thread(target=go_on)
        thread.start()
        try:
            yield
        finally:
            self._is_over.set()
            thread.join()

    def waits(self) -> list[Wait]:
        """Return what waits for the ends of graces, or did."""
        kept = Waits(self.state / "keys")
        orders = [one.stem for one in (self.state / "keys" / "ends").glob("*.json")]
        return [wait for order in orders if (wait := kept.read(order)) is not None]

    def ends(self) -> list[dict[str, Any]]:
        """Return the ends of graces that were begun, as the command line lists them."""
        document = json.loads(self.console("actions", "--json").stdout)
        return [one for one in document["actions"] if one["action"] == "key.end"]

    def records(self, path: Path | None = None) -> dict[str, Any]:
        return json.loads((path or self.store).read_text("utf-8"))

    def short_id(self, key: str) -> str:
        """Return a key's short id, made with the key of the stage's own state."""
        self.plan("key.backup")
        secret = (self.state / "keys" / "machine.key").read_bytes()
        return KeyIds(secret).short_id(key)

    def console(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.into, *ENTRY, *words, "--config", str(self.config)],
            capture_output=True, text=True, timeout=300, check=False, cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)}, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def plan(self, action: str, **inputs: str) -> dict[str, Any]:
        """Return a plan as the command line prints it."""
        sets = [word for name, value in inputs.items() for word in ("--set", f"{name}={value}")]
        done = self.console("run", action, TARGET, *sets, "--json")
        assert done.stdout, done.stderr
        plan: dict[str, Any] = json.loads(done.stdout)["plan"]
        return plan

    def act(self, action: str, **inputs: str) -> subprocess.CompletedProcess[str]:
        """Plan an action, confirm it, and wait for its end."""
        plan = self.plan(action, **inputs)
        sets = [word for name, value in inputs.items() for word in ("--set", f"{name}={value}")]
        return self.console("run", action, TARGET, *sets, "--confirm", plan["confirm"])


@contextmanager
def key_stage(folder: Path) -> Generator[KeyStage]:
    stage = KeyStage(folder)
    server = stage.start()
    try:
        yield stage
    finally:
        server.terminate()
        server.wait()
        for wait in stage.waits():
            if not wait.unit and wait.is_waited_for():
                with suppress(ProcessLookupError):  # it has ended just now
                    os.kill(wait.pid, signal.SIGKILL)
