"""A small shop with an env file, acted on by the command line in processes of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.unit.cli.test_commands import configured, run

SET = ("env.set", "shop/env", "--set", "LEVEL=DEBUG")
_AS = 'echo {uid} > /proc/self/loginuid && exec {python} -m cli.main "$@"'
_ROOT = Path(__file__).parents[3]


class Shop:
    """Its folder and its configuration."""

    def __init__(self, folder: Path, policy: str = "", environment: str = "development") -> None:
        self.root = folder / "shop"
        self.root.mkdir()
        self.env = self.root / ".env"
        self.env.write_text("LEVEL=INFO\n", "utf-8")
        self.state = folder / "state"
        self.config = configured(
            folder,
            f"version: 1\nenvironment: {environment}\nstate: {{folder: {self.state}}}\n{policy}"
            f"systems:\n  shop:\n    root: {self.root}\n"
            "    env_files: {env: {path: .env, apply: none}}\n",
        )

    def run(self, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Run the command line on it."""
        return run("--config", str(self.config), *words, **environment)

    def run_as(self, uid: int, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run it as somebody who has logged in under another uid and become this user."""
        script = _AS.format(uid=uid, python=sys.executable)
        return subprocess.run(
            ["/bin/sh", "-c", script, "sh", "--config", str(self.config), *words],
            capture_output=True, text=True, check=False, timeout=300, cwd=_ROOT,
            env={**os.environ},
        )  # fmt: skip

    def planned(self, *words: str) -> dict[str, Any]:
        """Plan; return the plan."""
        done = self.run("run", *(words or SET), "--json")
        assert done.stderr == ""
        return json.loads(done.stdout)["plan"]

    def committed(self) -> str:
        """Do it; return the action's id."""
        plan = self.planned()
        done = self.run("run", *SET, "--confirm", plan["confirm"])
        assert done.returncode == 0, done.stdout + done.stderr
        return str(plan["id"])

    def killed(self, step: int = 1) -> str:
        """Have its executor die as soon as a step is applied; return the action's id."""
        plan, place = self.planned(), f"applied:{step}:kill"
        self.run("run", *SET, "--confirm", plan["confirm"], QUARTERDECK_FAILPOINT=place)
        return str(plan["id"])

    def audited(self) -> list[dict[str, Any]]:
        """Return what the audit log says, its own anchors left out."""
        rows = [
            json.loads(line)
            for file in sorted((self.state / "audit").glob("audit-*.jsonl"))
            for line in file.read_text("utf-8").splitlines()
        ]
        return [one for one in rows if one["ev"] != "anchor"]
