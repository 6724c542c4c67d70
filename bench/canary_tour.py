"""What can be done in a world of planted secrets: each verb, each action, a crash."""

import json
import random
import re
import subprocess
import sys
import time
from typing import Any

from bench.canary_findings import SEQUENCES, Findings, Search
from bench.canary_world import CanaryWorld
from tests.pilot.pty_child import ROOT, PtyChild

_LIMIT_S = 180.0
_LOSS = re.compile(r"--set loss=(\d+)")
VERBS = tuple(
    line.strip()
    for line in """
        check; check --json; status; status --json; validate; validate --json; doctor; doctor --json
        logs app; logs app --json; logs app --level error --count --json; logs app --count-by level
        logs --list --json; logs app --personal-data; logs app --personal-data --json
        logs --retention; logs app --filter=refused --tail 5; logs app --histogram
        streams; streams --json; streams events --entries 50; streams events --entries 50 --json
        pending events workers; pending events workers --json; dlq; dlq --json
        dlq dead --group-by error; dlq dead --group-by error --json
        limits; limits --limited --json; limits --complete; circuits; circuits --json
        redis --slow --census --tokens; redis --slow --census --tokens --json; redis --latency 1
        keys; keys --json; keys shop/api usage; keys shop/api usage --json
        keys shop/api analytics; keys shop/api analytics --json; secrets; secrets --json
        tokens --help; actions; actions --json; actions --possible; actions --possible --json
        recover; recover --json; audit show; audit show --json; audit verify; audit export
        backup list; backup list --json; procedure list; procedure list --json
        schema; logs box; logs api; approve nothing; attach nothing; demo --help
        --help; run --help; nonsense
    """.replace("\n", ";").split(";")
    if line.strip()
)
_CRASH = """
import sys
sys.argv = ["quarterdeck", *sys.argv[1:]]
from tui.app import ConsoleApp
def broken(self):
    own = open(GIVEN).read()
    raise RuntimeError("cannot draw " + own)
ConsoleApp.action_present = broken
from cli.main import main
main()
"""


class Tour:
    """One round through a world on the command line."""

    def __init__(
        self,
        world: CanaryWorld,
        search: Search,
        findings: Findings,
        lot: random.Random,
        until_s: float,
    ) -> None:
        self.world, self.lot, self.search = world, lot, search
        self._findings, self._until_s = findings, until_s

    @property
    def is_over(self) -> bool:
        """Whether nothing more shall be begun."""
        return time.monotonic() > self._until_s

    def call(self, *words: str, given: str = "", **more: str) -> str:
        """Call the command line; look through what it says; return its stdout."""
        return self._called(words, given, more).stdout

    def _called(
        self, words: tuple[str, ...], given: str, more: dict[str, str]
    ) -> "subprocess.CompletedProcess[str]":
        argv = [sys.executable, "-m", "cli.main", "--config", str(self.world.config), *words]
        done = subprocess.run(
            argv, env=self.world.env | more, cwd=ROOT, input=given, capture_output=True,
            text=True, timeout=_LIMIT_S, check=False,
        )  # fmt: skip
        self.search.look(f"printed: {' '.join(words[:3])}", done.stdout + done.stderr)
        self.search.count("calls of the command line")
        return done

    def verbs(self) -> None:
        """Call every verb, for people and as JSON, in any order."""
        for line in self.lot.sample(VERBS, len(VERBS)):
            if not self.is_over:
                self.call(*line.split())
                self.search.count("verbs")
        token = self.world.plants[7].value
        self.call("tokens", "decode", "-", given=token)

    def act(
        self, action: str, target: str, inputs: dict[str, str] | None = None, **more: str
    ) -> str:
        """Plan an action and carry it out; return its id, empty where that could not be."""
        if self.is_over:
            return ""
        inputs = inputs or {}
        if self.lot.random() < 0.3:
            self.call("run", action, target, *_words(inputs), "--dry-run")
        plan, why = self._planned(action, target, inputs)
        if loss := _LOSS.search(why):
            inputs = {**inputs, "loss": loss[1]}
            plan, why = self._planned(action, target, inputs)
        if plan is None:
            self._findings.refused[action, why] += 1
            print(f"    refused {action}: {why}", flush=True)
            return ""
        words = ("run", action, target, *_words(inputs), "--confirm", plan["confirm"])
        done = self._called(words, "", more)
        if done.returncode and not more:
            said = (done.stderr or done.stdout).strip().splitlines() or [""]
            self._findings.failed[action, f"{done.returncode}: {said[-1][:160]}"] += 1
            print(f"    failed {action}: {done.returncode}: {said[-1]}", flush=True)
        else:
            self._findings.carried_out[action] += 1
        return str(plan["id"])

    def _planned(
        self, action: str, target: str, inputs: dict[str, str]
    ) -> tuple[dict[str, Any] | None, str]:
        """Return a plan, or None and why there is none."""
        done = self._called(("run", action, target, *_words(inputs), "--json"), "", {})
        try:
            plan: dict[str, Any] = json.loads(done.stdout)["plan"]
        except (ValueError, KeyError):
            return None, done.stderr.strip()[-300:]
        if plan["can_run"]:
            return plan, ""
        stops = [one for one in plan["preflight"] if one["grade"] == "stop"]
        return None, "; ".join(f"{one['text']} ({one['remedy']})" for one in stops)[:300]

    def take_back(self, action_id: str) -> None:
        """Undo an action, if that can be."""
        if action_id and self.act("action.undo", action_id):
            self.search.count("undone")

    def dies(self, failpoint: str, action: str, target: str, inputs: dict[str, str]) -> None:
        """Have an action's executor meet a failpoint, and recover what it left."""
        self.act(action, target, inputs, QUARTERDECK_FAILPOINT=failpoint)
        self.call("recover", "--confirm", *self.lot.choice(((), ("--json",))))
        self.search.count("recovered after a failpoint")

    def given(self, name: str, text: str) -> str:
        """Write a private file; return how an input names it."""
        path = self.world.folder / "given" / name
        path.write_text(text, "utf-8")
        path.chmod(0o600)
        return f"file:{path}"

    def learn(self) -> None:
        """Know what was made on the way: it must not be seen either."""
        place, known = self.world.place, {one.value for one in self.world.plants}
        store = json.loads((place / "api_keys.json").read_text("utf-8"))
        self.search.learn(*(one for one in store if one not in known))
        for line in (place / ".env").read_text("utf-8").splitlines():
            name, _, value = line.partition("=")
            value = value.strip("'")
            if name.endswith("SECRET") and value not in known and len(value) > 15:
                self.search.learn(value)

    def crash(self) -> None:
        """Have the console die of a bug amid a secret, in its message and in its locals."""
        given = self.world.folder / "given" / "word"
        given.write_text(self.world.plants[9].value, "utf-8")
        code = _CRASH.replace("GIVEN", repr(str(given)))
        child = PtyChild(
            code, arguments=("--config", str(self.world.config)),
            env={**self.world.env, "TMUX": ""}, columns=120, rows=40,
        )  # fmt: skip
        try:
            child.wait_for("shop", 90)
            child.press("\x0f")
            status, _ = child.wait_end(60)
        finally:
            child.close()
        kept = [one for one in (self.world.folder / "state").rglob("*crash*") if one.is_file()]
        kept += [one for one in (self.world.folder / "home").rglob("*crash*") if one.is_file()]
        is_kept = status == 70 and bool(kept)
        self.search.count("crashes" if is_kept else "crashes that left no file")
        self.search.look(
            "terminal: crash", SEQUENCES.sub("", child.output.decode(errors="replace"))
        )

    def files(self) -> None:
        """Look through every file that was written, but those that keep secrets by design."""
        own = set(self.world.keeps)
        for path in self.world.folder.rglob("*"):
            if not path.is_file() or own & set(path.parents):
                continue
            name = str(path.relative_to(self.world.folder))
            if kept_by_design(name):
                mode = path.stat().st_mode & 0o777
                self.search.count("files that keep secrets by design")
                if mode & 0o177:
                    self._findings.leaks.add((f"file: {name}", "mode", oct(mode)))
                continue
            self.search.count("files")
            self.search.look(f"file: {name}", path.read_text("utf-8", errors="replace"))

    def journals(self) -> None:
        """Count how every action ended, as the journals say."""
        said = self.call("actions", "--limit", "1000", "--json")
        for one in json.loads(said)["actions"]:
            self._findings.ended[one["action"], one["phase"]] += 1


def _words(inputs: dict[str, str]) -> tuple[str, ...]:
    return tuple(part for name, value in inputs.items() for part in ("--set", f"{name}={value}"))


def kept_by_design(name: str) -> bool:
    """Tell whether a file, by its path in the world, keeps secrets because it must, privately."""
    parts = name.split("/")
    if parts[:2] == ["state", "actions"] and len(parts) > 3:
        # Copies that a way back needs, names of records that a plan is about, the executor's
        # variables until it has read them.
        return parts[3] in {"backup", "plan.json", "environment.json"}
    return name.startswith(("state/keys/copies/", "state/keys/handover/", "state/exports/"))
