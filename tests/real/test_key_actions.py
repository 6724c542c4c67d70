"""Keys made, rotated and switched off at a server that runs and is asked all the time."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.clients.acting.key_store import REVEAL
from core.keys.reveal import take
from demo.seed.decision_engine import BUILT_IN, PLATINUM, PRO
from tests.real.key_stage import KeyStage, key_stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[KeyStage]:
    with key_stage(tmp_path) as running:
        yield running


def places_with(stage: KeyStage, secret: str, *but: Path) -> set[str]:
    """Return files below the stage, and command lines, that have a text in them."""
    found: set[str] = set()
    for path in stage.state.parent.rglob("*"):
        if path.is_file() and path not in but and secret.encode() in path.read_bytes():
            found.add(str(path.relative_to(stage.state.parent)))
    return found


def test_a_key_is_rotated_while_the_server_is_asked_all_the_time(
    stage: KeyStage, tmp_path: Path
) -> None:
    before, file = stage.store.read_text("utf-8"), tmp_path / "new.key"
    old = stage.short_id(PRO)
    with stage.load(PLATINUM, BUILT_IN):
        done = stage.act("key.rotate", key=old, grace="0", to=f"file:{file}")
    assert (done.returncode, "verified: the server answers 401" in done.stdout) == (0, True)
    new = file.read_text("utf-8")
    assert (stage.status(PRO), stage.status(new)) == (401, 200)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert {status for _, status in stage.answers} == {200}, "nobody else noticed"
    # Nobody else's bytes: only the old key's flag, and one record more at the end.
    after = stage.store.read_text("utf-8")
    flag = before.index('"active": true', before.index(PRO))
    expected = before[:flag] + before[flag:].replace("true", "false", 1)
    assert after.startswith(expected.rstrip("}\n"))
    record = stage.records()[new]
    assert (record["tier"], record["requests_per_month"], record["active"]) == ("pro", 10**6, True)
    assert list(record) == list(json.loads(before)[PRO])


def test_no_key_is_left_behind_but_in_private_copies(stage: KeyStage, tmp_path: Path) -> None:
    file = tmp_path / "new.key"
    done = stage.act("key.generate", tier="pro", to=f"file:{file}")
    assert done.returncode == 0, done.stdout + done.stderr
    new = file.read_text("utf-8")
    assert new not in done.stdout + done.stderr
    stage.act("key.deactivate", keys=stage.short_id(new))
    for secret in (new, PRO, PLATINUM):
        found = places_with(stage, secret, file)
        copies = {one for one in found if one.startswith("state/keys/copies/")}
        served = {one for one in found if one.startswith("home/systems/decision-engine/")}
        assert found == copies | served
        for one in copies:
            assert stat.S_IMODE((stage.state.parent / one).stat().st_mode) == 0o600
    assert not list((stage.state / "keys" / "handover").iterdir())


def test_a_deactivated_key_is_refused_and_a_reactivated_one_is_taken_again(
    stage: KeyStage,
) -> None:
    one, before = stage.short_id(PRO), stage.store.read_bytes()
    done = stage.act("key.deactivate", keys=one)
    assert (done.returncode, stage.status(PRO)) == (0, 401)
    assert "verified: the server answers 401 or 403: the server refuses it" in done.stdout
    again = stage.plan("key.deactivate", keys=one)
    assert not again["can_run"], "a second time there is nothing to do"
    done = stage.act("key.reactivate", keys=one)
    assert (done.returncode, stage.status(PRO)) == (0, 200)
    assert stage.store.read_bytes() == before
    assert stage.records(stage.tool_store)[PRO]["active"], "the other file follows"


def test_a_server_that_reads_another_file_is_told_and_nothing_is_switched_on_again(
    stage: KeyStage,
) -> None:
    one = stage.short_id(PRO)
    text = stage.config.read_text("utf-8")
    stage.config.write_text(
        f"{text}    keys:\n      api-keys: {{path: {stage.tool_store}, also: []}}\n", "utf-8"
    )
    stage.act("key.reactivate", keys=one)
    done = stage.act("key.deactivate", keys=one)
    assert "ran but unverified" in done.stdout
    assert "STILL LIVE" in done.stdout
    assert not stage.records(stage.tool_store)[PRO]["active"]


def test_a_key_for_the_screen_is_taken_once(stage: KeyStage) -> None:
    done = stage.act("key.generate", tier="dev", to="reveal")
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = (stage.state / "actions").glob(f"*/{REVEAL}")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key = take(path).reveal()
    assert stage.status(key) == 200
    assert not list(path.parent.glob(f"*{REVEAL}*"))
    assert not {one for one in places_with(stage, key) if one.startswith("state/actions/")}


def test_all_keys_are_rotated_into_one_export(stage: KeyStage, tmp_path: Path) -> None:
    file = tmp_path / "export.json"
    plan = stage.plan("key.rotate_all", to=f"file:{file}")
    assert (plan["rung"], plan["danger"]) == ("phrase", "D")
    done = stage.act("key.rotate_all", to=f"file:{file}")
    assert done.returncode == 0, done.stdout + done.stderr
    rows = json.loads(file.read_text("utf-8"))["keys"]
    assert {row["instead_of"] for row in rows} == {
        stage.short_id(key) for key in (BUILT_IN, PRO, PLATINUM)
    } | {row["instead_of"] for row in rows if row["tier"] == "free"}
    assert [stage.status(key) for key in (BUILT_IN, PRO, PLATINUM)] == [401] * 3
    assert {stage.status(row["key"]) for row in rows} == {200}


def test_a_grace_leaves_both_live_and_its_end_is_an_action(stage: KeyStage, tmp_path: Path) -> None:
    file = tmp_path / "new.key"
    old = stage.short_id(PRO)
    done = stage.act("key.rotate", key=old, grace="1h", to=f"file:{file}")
    assert "ends it at" in done.stdout, done.stdout + done.stderr
    assert (stage.status(PRO), stage.status(file.read_text("utf-8"))) == (200, 200)
    early = stage.console("run", "key.deactivate", "decision-engine/api-keys", "--set", "keys=due")
    assert "no key's grace is over" in early.stderr
    due = stage.state / "keys" / "decision-engine" / "api-keys.due"
    mark = due.read_text("utf-8").split()[0]
    with due.open("a", encoding="utf-8") as lines:
        lines.write(f"{mark} 2020-01-01T00:00:00Z\n")
    done = stage.act("key.deactivate", keys="due")
    assert (done.returncode, stage.status(PRO)) == (0, 401)


def test_a_command_gets_the_key_on_its_standard_input(stage: KeyStage, tmp_path: Path) -> None:
    got, program = tmp_path / "got", tmp_path / "keep.sh"
    script = f"#!/bin/sh\numask 077\ntee {got}\ntr '\\0' ' ' </proc/$$/cmdline\n"
    program.write_text(script, "utf-8")
    program.chmod(0o755)
    text = stage.config.read_text("utf-8")
    stage.config.write_text(
        f"{text}    commands:\n      keep: {{title: Keep it, argv: [{program}]}}\n", "utf-8"
    )
    done = stage.act("key.generate", tier="pro", to="command:keep")
    assert "committed" in done.stdout, done.stdout + done.stderr
    key = got.read_text("utf-8")
    assert stage.status(key) == 200
    assert key not in done.stdout
    assert not {one for one in places_with(stage, key) if one.startswith("state/actions/")}
    assert got.stat().st_size == len(key)
