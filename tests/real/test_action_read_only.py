"""Read-only means read-only: every action by every way is refused, recorded, and writes nothing."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli import exits
from cli.main import run
from config.loader import load
from core.actions.plan_codec import code_of, phrase_of
from core.actions.registry import all_actions
from core.model.action import Danger, Phase, Rung
from tests.crash_every import FAMILIES
from tests.crash_scenarios import SCENARIOS
from tests.crashes import Scenario, World
from tests.demo.looking import until
from tests.pilot.pty_child import PtyChild
from tests.read_only import config_of, set_read_only
from tests.trees import Tree

ROOT = Path(__file__).parents[2]
REFUSED = "read-only: the configuration or a flag refuses every change"
CHANGES = sorted(one.id for one in all_actions().values() if one.danger is not Danger.READ)


ONE_EACH = [several[0] for several in FAMILIES.values()]
"""One of each family."""
GROUPS = {"docker": "docker", "systemd": "systemd"}


def marked(scenario: Scenario) -> object:
    group = next((GROUPS[one] for one in scenario.needs if one in GROUPS), "crashes")
    marks = [pytest.mark.real(*scenario.needs), pytest.mark.xdist_group(group)]
    return pytest.param(scenario, marks=marks if scenario.needs else (), id=scenario.name)


@pytest.fixture(params=map(marked, ONE_EACH))
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    made = World(request.param)
    yield made
    made.close()


def quarterdeck(world: World, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli.main", "--config", str(config_of(world)), *words],
        capture_output=True, text=True, check=False, timeout=300, cwd=ROOT,
    )  # fmt: skip


def records(world: World, event: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for file in sorted((world.folder / "state" / "audit").glob("audit-*.jsonl")):
        rows += map(json.loads, file.read_text("utf-8").splitlines())
    return [one for one in rows if one["ev"] == event]


def assert_refused(world: World, before: Tree) -> None:
    state = world.state
    assert (state.phase, state.text) == (Phase.ABORTED, REFUSED)
    assert Tree(world.place) == before
    assert world.now == world.before
    [denied] = records(world, "denied")
    assert (denied["action_id"], denied["reason"]) == (world.action_id, REFUSED)
    assert world.audited_ends() - {"committed"} == {"aborted"}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.name)
def test_the_executor_refuses_every_action_that_was_confirmed_before(scenario: Scenario) -> None:
    world = World(scenario)
    try:
        set_read_only(world, is_read_only=True)
        world.loaded = load(config_of(world), {}, checks_filters=False)
        before = Tree(world.place)
        world.in_process("execute")
        assert_refused(world, before)
    finally:
        world.close()


def test_the_executor_refuses_however_it_was_started(world: World) -> None:
    """Its only entry: whatever a front end let through, on an engine or a database too."""
    set_read_only(world, is_read_only=True)
    before = Tree(world.place)
    done = quarterdeck(world, "execute", "execute", world.action_id)
    assert done.returncode == exits.OK, done.stderr
    assert_refused(world, before)


def test_a_recovery_is_refused_and_possible_again_afterwards(world: World) -> None:
    assert world.in_process("execute", "applied:1:kill")
    set_read_only(world, is_read_only=True)
    before, now = Tree(world.place), world.now
    asked = quarterdeck(world, "recover", "--confirm")
    assert asked.returncode == exits.TROUBLE
    assert REFUSED in asked.stderr
    direct = quarterdeck(world, "execute", "recover", world.action_id)
    assert direct.returncode == exits.TROUBLE
    assert REFUSED in direct.stderr
    assert Tree(world.place) == before
    assert world.now == now
    assert world.state.is_left_over
    assert [one["reason"] for one in records(world, "denied")] == [f"recover: {REFUSED}"] * 2
    set_read_only(world, is_read_only=False)
    world.in_process("recover")
    assert world.state.is_ended


# every action of the registry, by the command line

EVERYTHING = """\
version: 1
environment: development
read_only: true
state: {{folder: {folder}/state}}
systems:
  shop:
    root: {folder}/shop
    services:
      app:
        runs_as: {{process: {{command: [/bin/sleep, "86399"], start: [/bin/sleep, "86399"]}}}}
        logs: {{files: {{app: {{path: "logs/app_%Y%m%d.jsonl"}}}}}}
        checks: {{health: {{url: "http://127.0.0.1:9/health"}}}}
    retention: {{application: {{keep: 30d, compress_after: 7d}}}}
    env_files: {{env: {{path: .env, apply: none}}}}
    config_files: {{models: {{path: models.json, format: json, apply: none}}}}
    tuning: {{iot: {{env_file: env, values: {{RATE: "5"}}}}}}
    repos: {{repo: {{path: repo}}}}
    backups: {{data: {{kind: file, sources: [models.json], target: "backup/m_%Y%m%d.json",
      restore_needs_stop: false}}}}
    commands:
      touch: {{argv: [/usr/bin/touch, touched], danger: M}}
    procedures:
      change: {{title: Change, steps: [
        {{title: Set, action: env.set, target: env, set: {{RATE: "2"}}}}]}}
      touch: {{title: Touch, steps: [{{title: Touch, command: touch}}]}}
"""
INPUTS = {
    "env.set": ("RATE=2",),
    "env.edit": ("text=file:{folder}/wanted",),
    "config.edit": ("text=file:{folder}/wanted",),
    "folder.create": (),
    "logs.archive": ("to={folder}/shop/old.tar.gz",),
    "http.probe_breaker": ("path=/health",),
}
TARGETS = {
    "env.set": "shop/env",
    "env.edit": "shop/env",
    "config.edit": "shop/models",
    "tuning.apply": "shop/iot",
    "folder.create": "shop/new",
    "folder.move_aside": "shop/logs",
    "command.run": "shop/touch",
    "action.undo": "01",
}
BY_FAMILY = {"logs": "shop/all", "backup": "shop/data", "git": "shop/repo", "release": "shop/repo"}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A system that offers what can be offered without an engine; return its folder."""
    folder = tmp_path / "shop"
    (folder / "logs").mkdir(parents=True)
    (folder / ".env").write_text("RATE=1\n", "utf-8")
    (folder / "models.json").write_text('{"a": 1}\n', "utf-8")
    old = folder / "logs" / "app_20200101.jsonl"
    old.write_text('{"message": "x"}\n', "utf-8")
    os.utime(old, (1_577_900_000, 1_577_900_000))
    wanted = tmp_path / "wanted"
    wanted.write_text('{"a": 2}\n', "utf-8")
    wanted.chmod(0o600)
    (folder / "repo").mkdir()
    for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "one"]):
        who = ["-c", "user.name=a", "-c", "user.email=a@example.invalid"]
        subprocess.run(["git", *who, *words], cwd=folder / "repo", check=True)
    config = tmp_path / "quarterdeck.yaml"
    config.write_text(EVERYTHING.format(folder=tmp_path), "utf-8")
    config.chmod(0o600)
    return folder


def planned(shop: Path, action: str, *more: str) -> list[str]:
    """Return the words that ask for a plan of an action."""
    family = action.partition(".")[0]
    target = TARGETS.get(action) or BY_FAMILY.get(family, "shop/app")
    given = [one.format(folder=shop.parent) for one in INPUTS.get(action, ())]
    sets = [word for one in given for word in ("--set", one)]
    return ["--config", str(shop.parent / "quarterdeck.yaml"), "run", action, target, *sets, *more]


@pytest.mark.real("git")
@pytest.mark.parametrize("action", [*CHANGES, "command.run", "action.undo"])
def test_every_action_is_refused_by_the_command_line(
    shop: Path, action: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = Tree(shop)
    assert run(planned(shop, action, "--json")) == exits.TROUBLE
    said = capsys.readouterr()
    assert Tree(shop) == before
    if not said.out:  # its target cannot be looked at here: no plan, nothing to refuse
        assert said.err.startswith("quarterdeck: ")
        return
    plan = json.loads(said.out)["plan"]
    stops = {one["name"]: one["text"] for one in plan["preflight"] if one["grade"] == "stop"}
    assert stops["allowed"] == REFUSED
    assert not plan["can_run"]
    assert run(planned(shop, action, "--confirm", plan["confirm"])) == exits.TROUBLE
    assert "nothing was started: " in capsys.readouterr().err
    assert Tree(shop) == before
    rows = [
        json.loads(one)
        for file in (shop.parent / "state" / "audit").glob("audit-*.jsonl")
        for one in file.read_text("utf-8").splitlines()
    ]
    assert [one["ev"] for one in rows if one["ev"] != "anchor"] == ["denied", "denied"]
    assert {one["verb"] for one in rows if one["ev"] == "denied"} == {action}


@pytest.mark.real("git")
def test_most_actions_can_be_planned_where_that_is_tested(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Or the test above would be of nothing."""
    have_plans: list[str] = []
    for action in CHANGES:
        run(planned(shop, action, "--json", "--dry-run"))
        have_plans += [action] if capsys.readouterr().out else []
    assert len(have_plans) >= 16, have_plans


@pytest.mark.real("git")
@pytest.mark.parametrize("procedure", ["change", "touch"])
def test_a_procedure_changes_nothing_either(shop: Path, procedure: str) -> None:
    before = Tree(shop)
    done = subprocess.run(
        [
            sys.executable, "-m", "cli.main", "--config", str(shop.parent / "quarterdeck.yaml"),
            "procedure", "run", f"shop/{procedure}", "--json",
        ],
        capture_output=True, text=True, check=False, timeout=300, cwd=ROOT,
    )  # fmt: skip
    assert REFUSED in done.stdout + done.stderr
    assert Tree(shop) == before
    logs = (shop.parent / "state" / "audit").glob("audit-*.jsonl")
    rows = [json.loads(one) for file in logs for one in file.read_text("utf-8").splitlines()]
    assert [one["reason"] for one in rows if one["ev"] == "denied"] == [REFUSED]


@pytest.mark.parametrize("where", ["before the verb", "after it"])
def test_the_flag_refuses_what_the_configuration_allows(where: str) -> None:
    world = World(SCENARIOS[0])
    try:
        before = Tree(world.place)
        plan = world.desk.shelf.at(world.action_id).plan()
        said = phrase_of(plan) if plan.rung is Rung.PHRASE else code_of(plan)
        words = ["run", "env.set", "shop/env", "--set", "LOG_LEVEL=DEBUG"]
        flag = ["--read-only"]
        first, last = (flag, []) if where == "before the verb" else ([], flag)
        for more in ([], ["--confirm", said]):
            done = quarterdeck(world, *first, *words, *more, *last)
            assert done.returncode == exits.TROUBLE
        assert Tree(world.place) == before
        assert [one["reason"] for one in records(world, "denied")][:1] == [REFUSED]
    finally:
        world.close()


def test_no_variable_of_the_environment_takes_the_flag_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(SCENARIOS[0])
    try:
        for name in ("READ_ONLY", "QUARTERDECK_READ_ONLY", "QD_READ_ONLY"):
            monkeypatch.setenv(name, "0")
        words = ["run", "env.set", "shop/env", "--set", "LOG_LEVEL=DEBUG"]
        assert quarterdeck(world, "--read-only", *words).returncode == exits.TROUBLE
    finally:
        world.close()


def test_a_recovery_is_refused_under_the_flag() -> None:
    world = World(SCENARIOS[0])
    try:
        assert world.in_process("execute", "applied:1:kill")
        refused = quarterdeck(world, "--read-only", "recover", "--confirm")
        assert refused.returncode == exits.TROUBLE
        assert REFUSED in refused.stderr
        assert world.state.is_left_over
    finally:
        world.close()


def test_the_console_says_so_and_arms_for_nobody() -> None:
    world = World(SCENARIOS[0])
    code = "from cli.main import main; main()"
    child = PtyChild(code, arguments=("--read-only", "--config", str(config_of(world))))
    try:
        child.wait_for("read-only")
        child.press(":arm\r")
        child.wait_for("read-only: the")
        assert "ARMED" not in child.text
        until(lambda: records(world, "denied"))
        child.press("A" * 20 + "qq")
        assert child.wait_end()[0] == exits.OK
        assert not records(world, "arm")
        first, again = records(world, "denied")
        assert (first["verb"], first["reason"]) == ("arm", REFUSED)
        assert re.fullmatch(r"\d+ more within \d+ s", str(again["result"]))
    finally:
        child.close()
        world.close()


def test_a_console_is_in_the_audit_log_from_its_opening_to_its_end() -> None:
    world = World(SCENARIOS[0])
    code = "from cli.main import main; main()"
    child = PtyChild(code, arguments=("--read-only", "--config", str(config_of(world))))
    try:
        child.wait_for("read-only")
        until(lambda: records(world, "session_start"))
        assert not records(world, "session_end")
        child.press(":quit\r")
        assert child.wait_end()[0] == exits.OK
        [began], [ended] = records(world, "session_start"), records(world, "session_end")
        assert began["session"] == ended["session"]
        assert (began["result"], began["env"]) == ("read-only", "development")
        assert ended["dur_ms"]
    finally:
        child.close()
        world.close()


def test_a_console_that_can_write_nothing_says_so_and_goes_on() -> None:
    world = World(SCENARIOS[0])
    shutil.rmtree(world.folder / "state")
    (world.folder / "state").write_text("a file where the folder would be", "utf-8")
    code = "from cli.main import main; main()"
    child = PtyChild(code, arguments=("--config", str(config_of(world))))
    try:
        child.wait_for("is not recorded")
        child.press(":services\r")
        child.wait_for("Services")
        child.press(":quit\r")
        assert child.wait_end()[0] == exits.OK
    finally:
        child.close()
        (world.folder / "state").unlink()
        world.close()


def test_without_the_flag_it_would_have_armed() -> None:
    world = World(SCENARIOS[0])
    code = "from cli.main import main; main()"
    child = PtyChild(code, arguments=("--config", str(config_of(world))))
    try:
        child.wait_for("read-only")
        child.press(":arm\r")
        child.wait_for("ARMED")
    finally:
        child.close()
        world.close()
