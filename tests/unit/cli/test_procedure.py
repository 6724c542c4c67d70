"""Procedures from the command line, against a real loopback server."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.loopback import Loopback, loopback
from tests.unit.cli.test_commands import HEALTHY, SICK, assert_one_line, configured, run

CONFIG = """\
version: 1
environment: development
state: {{folder: {state}}}
systems:
  shop:
    services: {{api: {{checks: {{health: {{url: "{url}/health", timeout: 30s}}}}}}}}
    procedures:
      morning:
        title: Morning
        steps:
          - {{title: Healthy?, check: api/health, gate: true}}
          - {{title: Read the mail, human: Answer what is urgent.}}
          - {{title: Then, procedure: rest}}
      rest:
        title: The rest
        steps:
          - {{title: Breathe, wait: 10ms}}
          - {{title: Errors, view: logs}}
      down:
        title: Down
        steps:
          - {{title: Look, human: Look.}}
          - {{title: Roll back if needed, procedure: again, optional: true, note: rarely}}
          - {{title: Tell, human: Tell the users.}}
      again:
        title: Again
        steps:
          - {{title: Choose, view: repos/main}}
          - {{title: Still well?, check: api/health, gate: true}}
      back:
        title: Back
        steps:
          - {{title: Look, check: api/health}}
          - {{title: Do, human: Do it., on_failure: roll_back}}
"""


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback({"/health": HEALTHY}) as running:
        yield running


@pytest.fixture
def config(tmp_path: Path, server: Loopback) -> Path:
    return configured(
        tmp_path, CONFIG.format(state=tmp_path / "state", url=f"http://127.0.0.1:{server.port}")
    )


def asked(config: Path, *arguments: str) -> dict[str, Any]:
    done = run("procedure", *arguments, "--json", "--config", config)
    assert done.stderr == ""
    return json.loads(done.stdout)


def statuses(document: dict[str, Any]) -> list[str]:
    return [one["status"] for one in document["run"]["steps"]]


def test_procedures_are_listed_and_shown_with_all_their_steps(config: Path) -> None:
    listed = asked(config, "list")
    assert [one["name"] for one in listed["procedures"]] == [
        "morning", "rest", "down", "again", "back",
    ]  # fmt: skip
    assert listed["runs"] == []
    shown = asked(config, "show", "shop/morning")["procedure"]
    assert [one["number"] for one in shown["steps"]] == ["1", "2", "3.1", "3.2"]
    text = run("procedure", "show", "morning", "--config", config).stdout
    assert "1    Healthy? [check api/health] (gate)" in text


def test_a_run_stops_at_people_and_ends_with_their_last_tick(config: Path) -> None:
    first = asked(config, "run", "morning")
    assert statuses(first) == ["passed", "pending", "pending", "pending"]
    own = first["run"]["id"]
    assert (
        first["run"]["what_now"] == f"step 2: do it, then `quarterdeck procedure tick {own[-6:]}`"
    )
    second = asked(config, "tick", own, "--note", "nothing urgent")
    assert statuses(second) == ["passed", "ticked", "passed", "pending"]
    assert second["run"]["steps"][1]["text"] == "nothing urgent"
    assert [one["id"] for one in asked(config, "list")["runs"]] == [own]
    done = asked(config, "tick", own[-6:].lower())
    assert done["run"]["phase"] == "finished"
    assert asked(config, "show", own) == done
    assert asked(config, "list")["runs"] == []


def test_a_gate_that_fails_is_tried_again_and_not_skipped(config: Path, server: Loopback) -> None:
    server.answers["/health"] = SICK
    done = run("procedure", "run", "shop/morning", "--json", "--config", config)
    assert done.returncode == 1
    stopped = json.loads(done.stdout)
    own = stopped["run"]["id"]
    assert (stopped["run"]["phase"], statuses(stopped)[0]) == ("stopped", "failed")
    refused = run("procedure", "skip", own, "--config", config)
    assert refused.returncode == 1
    assert_one_line(refused.stderr)
    assert "is a gate" in refused.stderr
    server.answers["/health"] = HEALTHY
    again = asked(config, "resume", own)
    assert statuses(again) == ["passed", "pending", "pending", "pending"]
    assert again["run"]["steps"][0]["tries"] == 2


def test_a_run_may_be_given_up_and_is_then_over(config: Path) -> None:
    own = asked(config, "run", "morning")["run"]["id"]
    assert asked(config, "abandon", own, "--note", "later")["run"]["phase"] == "abandoned"
    late = run("procedure", "tick", own, "--config", config)
    assert late.returncode == 1
    assert "the run is over" in late.stderr


def test_a_persons_own_failure_rolls_back_where_the_step_says_so(config: Path) -> None:
    own = asked(config, "run", "back")["run"]["id"]
    done = run("procedure", "tick", own, "--failed", "--json", "--config", config)
    assert done.returncode == 1
    assert json.loads(done.stdout)["run"]["phase"] == "rolled_back"


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (("run", "mornin"), "no procedure 'mornin'", 2),
        (("run", "shop/mornin"), "did you mean morning?", 1),
        (("run", "ship/morning"), "no system 'ship'", 2),
        (("tick", "01ARZ3"), "no run is called '01ARZ3'", 1),
        (("list", "--system", "ship"), "no system 'ship'", 2),
    ],
)
def test_what_is_not_there_is_said_in_one_line(
    config: Path, arguments: tuple[str, ...], said: str, code: int
) -> None:
    done = run("procedure", *arguments, "--config", config)
    assert done.returncode == code
    assert_one_line(done.stderr)
    assert said in done.stderr


def test_an_optional_part_is_asked_about_skipped_whole_and_audited(config: Path) -> None:
    plan = run("procedure", "show", "down", "--config", config).stdout
    assert "2    Roll back if needed (optional: it is asked about first" in plan
    own = asked(config, "run", "down")["run"]["id"]
    first = asked(config, "tick", own)
    now = first["run"]["what_now"]
    assert now.startswith("part 2, Roll back if needed: is it needed?")
    assert "skips part 2 as a whole (steps 2.1 to 2.2, gates too)" in now
    assert first["run"]["steps"][1]["optional_parts"] == ["2"]
    early = run("procedure", "tick", own, "--config", config)
    assert "say first whether it is needed" in early.stderr
    assert run("procedure", "skip-part", own, "--config", config).returncode == 2
    done = asked(config, "skip-part", own, "--note", "restarted, and well")
    assert statuses(done) == ["ticked", "skipped", "skipped", "pending"]
    records = run("audit", "show", "--config", config).stdout
    assert "part 2, Roll back if needed (steps 2.1 to 2.2, gates too): restarted" in records


def test_an_optional_part_that_is_needed_begins_and_holds_its_gates(
    config: Path, server: Loopback
) -> None:
    own = asked(config, "run", "down")["run"]["id"]
    asked(config, "tick", own)
    server.answers["/health"] = SICK
    asked(config, "resume", own)
    stopped = run("procedure", "tick", own, "--config", config)
    assert stopped.returncode == 1
    assert "tries it again, `quarterdeck procedure skip-part" in stopped.stdout
    assert "is a gate" in run("procedure", "skip", own, "--config", config).stderr
    left = run("procedure", "skip-part", own, "--note", "later", "--json", "--config", config)
    assert statuses(json.loads(left.stdout)) == ["ticked", "ticked", "skipped", "pending"]


def test_a_run_belongs_to_its_configuration(config: Path, tmp_path: Path) -> None:
    own = asked(config, "run", "morning")["run"]["id"]
    other = tmp_path / "other.yaml"
    other.write_text(config.read_text("utf-8"), encoding="utf-8")
    other.chmod(0o600)
    done = run("procedure", "tick", own, "--config", other)
    assert done.returncode == 2
    assert "belongs to another configuration" in done.stderr
