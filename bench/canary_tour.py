"""What can be done in a world of planted secrets: each verb, each action, each screen."""

import base64
import json
import re
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from bench.canary_world import CanaryWorld
from tests.pilot.pty_child import ROOT, PtyChild
from tests.planted import leaks, written

_LIMIT_S = 60.0
_SEQUENCES = re.compile(r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[\d;?<>$]*[A-Za-z]|\x1b.")
_COPIED = re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)(?:\x07|\x1b\\)")
_TITLES = re.compile(rb"\x1b\][012];[^\x07\x1b]*")
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
SCREENS = (
    *("1", "j", "j", "\r", "\x1b", "2", "jj", "\r", "\x1b", "d", "\x1b"),
    *("3", "\r", "kk", "\r", "c", "\x1b", "\x13", "\x1b", "w", "/refused\r", "\x1b", "E", "a", "L"),
    *("jj", "\r", "\x1b", "4", "j", "\r", "jj", "\r", "\t", "j", "\r", "\x1b", "\x1b"),
    *("5", "j", "\r", "\t", "j", "\r", "\x1b", "6", "j", "\r", "x", "\x1b", "\t", "j", "\t", "j"),
    *("\r", "\x1b", "7", "j", "\r", "\x1b", "8", "j", "\r", "\x1b", "9", "jj", "\t", "j", "0", "j"),
    *("\r", "\x1b", "!", "\x1b", "?", "\x1b", "x", "\x1b", ":", "\x1b", "\x10", "key", "\x1b"),
)
"""Every screen with its drills and details; copy, save, offers, help, command line, palette."""


@dataclass(slots=True)
class Findings:
    """What was put out where, and what was found in it."""

    leaks: set[tuple[str, str, str]] = field(default_factory=set[tuple[str, str, str]])
    """Place, format of the secret, and its beginning."""
    texts: Counter[str] = field(default_factory=Counter[str])
    """Bytes looked through, by kind of place."""
    done: Counter[str] = field(default_factory=Counter[str])


class Tour:
    """One round through a world."""

    def __init__(self, world: CanaryWorld, findings: Findings, until_s: float) -> None:
        self.world, self.findings = world, findings
        self._until_s = until_s
        self._more: set[str] = set()
        """Secrets that were made on the way."""
        self._retired: set[str] = set()

    def look(self, place: str, text: str) -> None:
        """Look for every secret in a text."""
        self.findings.texts[place.partition(":")[0]] += len(text)
        for plant in self.world.plants:
            if plant.value in self._retired:
                continue
            for value in written(plant.form, plant.value):
                if leaks(value, text):
                    self.findings.leaks.add((place, plant.form, plant.value[:12]))
        for value in self._more:
            if leaks(value, text):
                self.findings.leaks.add((place, "made on the way", value[:12]))

    # The command line.

    def call(self, *words: str, given: str = "", **more: str) -> str:
        """Call the command line; look through what it says; return its stdout."""
        argv = [sys.executable, "-m", "cli.main", "--config", str(self.world.config), *words]
        done = subprocess.run(
            argv, env=self.world.env | more, cwd=ROOT, input=given, capture_output=True,
            text=True, timeout=_LIMIT_S, check=False,
        )  # fmt: skip
        self.look(f"printed: {' '.join(words[:3])}", done.stdout + done.stderr)
        self.findings.done["verbs"] += 1
        return done.stdout

    def verbs(self) -> None:
        """Call every verb, for people and as JSON."""
        for line in VERBS:
            if time.monotonic() < self._until_s:
                self.call(*line.split())

    def act(self, action: str, target: str, inputs: dict[str, str], **more: str) -> str:
        """Plan an action and confirm it; return its id, empty where it could not be planned."""
        if time.monotonic() > self._until_s:
            return ""
        words = [part for name, value in inputs.items() for part in ("--set", f"{name}={value}")]
        self.call("run", action, target, *words, "--dry-run")
        said = self.call("run", action, target, *words, "--json")
        try:
            plan: dict[str, Any] = json.loads(said)["plan"]
        except (ValueError, KeyError):
            self.findings.done[f"refused {action}"] += 1
            return ""
        if not plan["can_run"]:
            self.findings.done[f"refused {action}"] += 1
            return ""
        self.call("run", action, target, *words, "--confirm", plan["confirm"], **more)
        self.findings.done[f"action {action}"] += 1
        return str(plan["id"])

    def take_back(self, action_id: str) -> None:
        """Undo an action, if that can be."""
        if action_id and self.act("action.undo", action_id, {}):
            self.findings.done["undone"] += 1

    def actions(self) -> None:
        """Do what there is to do, take some back, let some be killed and recover them."""
        self._on_variables()
        self._on_keys()
        self._learn()
        self._on_redis()
        self.act("audit.scan", "shop", {})
        self.act("backup.create", "shop/data", {})
        self.act("logs.snapshot", "shop/app/app", {})
        self.call("tokens", "decode", "-", given=self.world.plants[7].value)

    def _on_variables(self) -> None:
        fresh = "fresh-" + self.world.plants[5].value[::-1]
        self._more.add(fresh)
        secret = self.world.folder / "given" / "new-secret"
        secret.write_text(fresh, "utf-8")
        secret.chmod(0o600)
        value = f"file:{secret}"
        self.take_back(self.act("env.set", "shop/env", {"SERVICE_1_SECRET": value}))
        self.act("secret.set", "shop/env", {"name": "SERVICE_2_SECRET", "value": value})
        self._retire(self.world.plants[2].value)
        for level, failpoint in (("DEBUG", "applied:1:kill"), ("WARN", "done:1:eio")):
            self.act("env.set", "shop/env", {"LOG_LEVEL": level}, QUARTERDECK_FAILPOINT=failpoint)
            self.call("recover", "--confirm", "--json")
        self.act("secret.rotate", "shop/env", {"name": "JWT_SECRET"})

    def _on_keys(self) -> None:
        to = f"file:{self.world.folder / 'given'}"
        store, dies = "shop/api", {"QUARTERDECK_FAILPOINT": "store_renamed:1:kill"}
        self.act("key.generate", store, {"tier": "pro", "to": f"{to}/a.key"})
        self.act("key.backup", store, {})
        one, two = re.findall(r"k-[0-9a-f]{6,}", self.call("keys", store, "list", "--json"))[:2]
        self.take_back(self.act("key.deactivate", store, {"keys": one}))
        self.act("key.deactivate", store, {"keys": two}, **dies)
        self.call("recover", "--confirm")
        self.act("key.reactivate", store, {"keys": two})
        self.act("key.set_tier", store, {"key": one, "tier": "free"})
        self.act("key.rotate", store, {"key": one, "grace": "0", "to": f"{to}/b.key"})
        self.call("keys", store, "info", two)
        self.call("keys", store, "info", "-", given=self.world.plants[30].value)
        self.act("key.restore", store, {"backup": "newest"})
        self.act("key.rotate_all", store, {"to": f"{to}/all.keys"})

    def _retire(self, value: str) -> None:
        """Look for a value no more: no file has it any longer, and who starts now knows it not."""
        self._retired.add(value)

    def _on_redis(self) -> None:
        ids = re.findall(r"\d{13}-\d+", self.call("streams", "events", "--entries", "5", "--json"))
        dead = re.findall(r"\d{13}-\d+", self.call("dlq", "dead", "--json"))
        claim = {"group": "workers", "to": "other", "min_idle": "0"}
        self.act("stream.claim", "shop/events", {**claim, "consumer": "gone"})
        self.act("stream.autoclaim", "shop/events", claim)
        if ids:
            self.act("stream.acknowledge", "shop/events", {"group": "workers", "ids": ids[0]})
            self.act("stream.delete_entries", "shop/events", {"ids": ids[-1]})
        self.act("stream.create_group", "shop/events", {"group": "second", "id": "0"})
        if dead:
            self.act("dlq.requeue", "shop/dead", {"ids": dead[0]})
        export = f"{self.world.folder / 'given' / 'letters.jsonl'}"
        self.act("dlq.discard", "shop/dead", {"all": "yes", "export": export})
        self.take_back(self.act("limit.reset", "shop/clients", {"pattern": "*"}))
        self.act("circuit.open", "shop/up", {})
        self.take_back(self.act("circuit.reset", "shop/up", {}))
        self.act("token.revoke", "shop/tokens", {"keys": "token:*"})
        self.act("redis.configure", "shop/redis", {"name": "maxmemory", "value": "1gb"})
        self.act("redis.save", "shop/redis", {})

    def _learn(self) -> None:
        """Know what was made on the way: it must not be seen either."""
        place, known = self.world.place, {one.value for one in self.world.plants}
        store = json.loads((place / "api_keys.json").read_text("utf-8"))
        self._more |= {one for one in store if one not in known}
        for line in (place / ".env").read_text("utf-8").splitlines():
            name, _, value = line.partition("=")
            value = value.strip("'")
            if name.endswith("SECRET") and value not in known and len(value) > 15:
                self._more.add(value)

    # The console.

    def console(self, mode: str, columns: int) -> None:
        """Go through every screen of the real console, presenting or not."""
        code = "import sys; sys.argv[0] = 'quarterdeck'; from cli.main import main; main()"
        child = PtyChild(
            code, arguments=("--config", str(self.world.config)),
            env={**self.world.env, "TMUX": ""}, columns=columns, rows=50,
        )  # fmt: skip
        screens: list[str] = []
        try:
            child.wait_for("shop", 60)
            for keys in (("\x0f",) if mode == "presenting" else ()) + SCREENS:
                child.press(keys)
                for _ in range(8):
                    if not child.read(0.15):
                        break
                screens.append(child.text)
            child.leave(30)
        finally:
            child.close()
        self._console_said(mode, child.output, screens)

    def _console_said(self, mode: str, output: bytes, screens: list[str]) -> None:
        text = _SEQUENCES.sub("", output.decode(errors="replace"))
        titles = b"".join(_TITLES.findall(output)).decode(errors="replace")
        copied = "\n".join(
            base64.b64decode(one).decode(errors="replace") for one in _COPIED.findall(output)
        )
        self.findings.done["screens"] += len(screens)
        self.findings.done["copies"] += bool(copied)
        self.look(f"terminal: {mode}", text)
        self.look(f"titles: {mode}", titles)
        self.look(f"clipboard: {mode}", copied)
        for at, one in enumerate(screens):
            self.look(f"screen: {mode} after {''.join(SCREENS[:at])[-6:]!r}", one)
            self.look(f"screen: {mode}, joined", "".join(map(str.strip, one.splitlines())))

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
            child.wait_for("shop", 60)
            child.press("\x0f")
            status, _ = child.wait_end(60)
        finally:
            child.close()
        kept = [one for one in (self.world.folder / "state").rglob("*crash*") if one.is_file()]
        kept += [one for one in (self.world.folder / "home").rglob("*crash*") if one.is_file()]
        self.findings.done["crashes"] += status == 70 and bool(kept)
        self.look("terminal: crash", _SEQUENCES.sub("", child.output.decode(errors="replace")))

    # What is left.

    def files(self) -> None:
        """Look through every file that was written, but those that keep secrets by design."""
        own = {self.world.place, self.world.folder / "given", self.world.folder / "redis"}
        for path in self.world.folder.rglob("*"):
            if not path.is_file() or own & set(path.parents):
                continue
            name = str(path.relative_to(self.world.folder))
            if kept_by_design(name):
                mode = path.stat().st_mode & 0o777
                self.findings.done["kept by design"] += 1
                if mode & 0o177:
                    self.findings.leaks.add((f"file: {name}", "mode", oct(mode)))
                continue
            self.look(f"file: {name}", path.read_text("utf-8", errors="replace"))


def kept_by_design(name: str) -> bool:
    """Tell whether a file, by its path in the world, keeps secrets because it must, privately."""
    parts = name.split("/")
    if parts[:2] == ["state", "actions"] and len(parts) > 3:
        # Copies that a way back needs, names of records that a plan is about, the executor's
        # variables until it has read them.
        return parts[3] in {"backup", "plan.json", "environment.json"}
    return name.startswith(("state/keys/copies/", "state/keys/handover/"))
