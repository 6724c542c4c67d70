"""One system with nothing but a key store, and the console on it, on a terminal or in a tmux."""

import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

from tests.pilot.pty_child import ROOT, PtyChild

PREFIX = "key_"
COLUMNS, ROWS = 120, 36
_ENDS_S = 30.0
_CODE = "import sys; sys.argv[0] = 'quarterdeck'; from cli.main import main; main()"
_ATTACH = "import os, sys; os.environ.pop('TMUX'); os.execvp('tmux', ['tmux', *sys.argv[1:]])"
_CONFIG = """\
version: 1
environment: development
state: {{folder: {folder}/state}}
systems:
  shop:
    root: {folder}/world
    services:
      app: {{}}
    keys:
      api: {{kind: json, path: api_keys.json, tiers: {{free: 100, pro: 10000}}}}
"""


class RevealWorld:
    """A folder with a system, a private one for key files, and a home of its own.

    Args:
        folder: Empty.
        is_shared: The console runs in a tmux, so that its terminal can be left and come back to.
    """

    def __init__(self, folder: Path, *, is_shared: bool) -> None:
        self._folder, self.is_shared = folder, is_shared
        self._tmux = ("-S", str(folder / "tmux"), "-f", "/dev/null")
        for one in ("world", "home", "given"):
            (folder / one).mkdir(mode=0o700)
        record = {
            "tier": "pro", "requests_per_month": 10_000,
            "created_at": "2026-01-02T03:04:05.678901", "active": True,
        }  # fmt: skip
        self._store = folder / "world" / "api_keys.json"
        self._store.write_text(json.dumps({f"{PREFIX}{'0aB' * 12}": record}, indent=2), "utf-8")
        self._store.chmod(0o600)
        config = folder / "quarterdeck.yaml"
        config.write_text(_CONFIG.format(folder=folder), "utf-8")
        config.chmod(0o600)
        self._argv = (sys.executable, "-c", _CODE, "--config", str(config))

    def keys(self) -> set[str]:
        """Return every key of the store: it is replaced whole, and never torn."""
        return set(json.loads(self._store.read_text("utf-8")))

    def ended(self) -> int:
        """Return how many actions have come to their last look at the system."""
        return sum(1 for _ in (self._folder / "state" / "actions").glob("*/after.json"))

    def new_file(self, number: int) -> Path:
        """Return where a key may be written to."""
        return self._folder / "given" / f"{number}.key"

    def opened(self) -> PtyChild:
        """Start the console on a terminal."""
        if not self.is_shared:
            return self._child(_CODE, *self._argv[3:])
        return self._child(_ATTACH, *self._tmux, "new-session", shlex.join(self._argv))

    def attached(self) -> PtyChild:
        """Return another terminal on the console that goes on in its tmux."""
        return self._child(_ATTACH, *self._tmux, "attach")

    def kept_by_tmux(self) -> str:
        """Return what a tmux has of the console's screen."""
        argv = ["tmux", *self._tmux, "capture-pane", "-p"]
        return subprocess.run(argv, capture_output=True, text=True, check=True).stdout

    def close(self) -> None:
        """End the tmux, and with it the console; wait until that has gone."""
        if not self.is_shared:
            return
        argv = ["tmux", *self._tmux, "display-message", "-p", "#{pane_pid}", ";", "kill-server"]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        end_s = time.monotonic() + _ENDS_S
        while done.stdout and Path("/proc", done.stdout.strip()).exists():
            if time.monotonic() > end_s:
                raise TimeoutError("the console does not end with its tmux")
            time.sleep(0.05)

    def _child(self, code: str, *arguments: str) -> PtyChild:
        names = ("STATE", "CACHE", "CONFIG")
        home = self._folder / "home"
        own = {f"XDG_{one}_HOME": str(home / one.lower()) for one in names}
        path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))
        env = {**own, "HOME": str(home), "TMUX": "", "STY": "", "PYTHONPATH": path}
        return PtyChild(code, arguments=arguments, env=env, columns=COLUMNS, rows=ROWS)
