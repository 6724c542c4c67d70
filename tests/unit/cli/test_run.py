"""`quarterdeck run`: shows a plan and changes nothing; with its code does exactly that."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.acting_shop import SET, Shop
from tests.unit.cli.test_commands import assert_one_line


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_without_a_code_it_shows_and_changes_nothing(shop: Shop) -> None:
    done = shop.run("run", *SET)
    assert done.returncode == 0
    assert "set LEVEL in " in done.stdout
    assert "nothing was changed; within 120 s, --confirm " in done.stdout
    assert shop.env.read_text("utf-8") == "LEVEL=INFO\n"
    assert [one["ev"] for one in shop.audited()] == ["plan"]


def test_with_the_code_it_does_exactly_that_and_tells_how_it_ended(shop: Shop) -> None:
    plan = shop.planned()
    done = shop.run("run", *SET, "--confirm", plan["confirm"])
    assert done.returncode == 0
    assert "committed" in done.stdout
    assert "verified" in done.stdout
    assert shop.env.read_text("utf-8") == "LEVEL=DEBUG\n"
    events = [one["ev"] for one in shop.audited()]
    assert events[:3] == ["plan", "confirm", "intent"]
    assert events[-2:] == ["verify", "committed"]


def test_as_json_there_is_one_document_and_nothing_else(shop: Shop) -> None:
    plan = shop.planned()
    done = shop.run("run", *SET, "--confirm", plan["confirm"], "--json")
    action = json.loads(done.stdout)["action"]
    assert (action["id"], action["phase"], action["proof"]) == (
        plan["id"], "committed", "verified",
    )  # fmt: skip
    assert [one["state"] for one in action["steps"]] == ["done"] * len(plan["steps"])
    assert done.stderr == ""


def test_a_dry_run_is_not_kept_and_its_code_starts_nothing(shop: Shop) -> None:
    done = shop.run("run", *SET, "--dry-run", "--json")
    code = json.loads(done.stdout)["plan"]["code"]
    refused = shop.run("run", *SET, "--confirm", code)
    assert refused.returncode == 1
    assert f"no plan has the code '{code}'" in refused.stderr
    assert not (shop.state / "actions").exists() or not list((shop.state / "actions").iterdir())


def test_a_code_is_of_one_target_and_one_set_of_inputs(shop: Shop) -> None:
    plan = shop.planned()
    other = ("env.set", "shop/env", "--set", "LEVEL=ERROR")
    refused = shop.run("run", *other, "--confirm", plan["confirm"])
    assert refused.returncode == 1
    assert "is of another action" in refused.stderr
    assert shop.env.read_text("utf-8") == "LEVEL=INFO\n"


def test_a_plan_is_done_once(shop: Shop) -> None:
    plan = shop.planned()
    assert shop.run("run", *SET, "--confirm", plan["confirm"]).returncode == 0
    again = shop.run("run", *SET, "--confirm", plan["confirm"])
    assert again.returncode == 1
    assert "confirmed already" in again.stderr


def test_what_changed_since_the_plan_is_told_with_both_values(shop: Shop) -> None:
    plan = shop.planned()
    shop.env.write_text("LEVEL=WARN\n", "utf-8")
    done = shop.run("run", *SET, "--confirm", plan["confirm"])
    assert done.returncode == 1
    assert "changed since the plan: " in done.stdout
    assert " was sha256 " in done.stdout
    assert shop.env.read_text("utf-8") == "LEVEL=WARN\n"


def test_in_production_the_phrase_is_typed(tmp_path: Path) -> None:
    shop = Shop(tmp_path, environment="production")
    words = ("folder.move_aside", "shop/old")
    (shop.root / "old").mkdir()
    plan = shop.planned(*words)
    assert plan["rung"] == "phrase"
    for said in (plan["code"], plan["confirm"].lower(), f"{plan['confirm']} "):
        assert shop.run("run", *words, "--confirm", said).returncode == 1
    assert (shop.root / "old").exists()
    assert shop.run("run", *words, "--confirm", plan["confirm"]).returncode == 0
    assert not (shop.root / "old").exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("env.sett", "shop/env"), 1, "did you mean env.set?"),
        (("env.set", "shop/none", "--set", "A=1"), 1, "has no env file 'none'; it has: env"),
        (("env.set", "nowhere/env", "--set", "A=1"), 1, "there is no system 'nowhere'"),
        (("env.set", "shop/env"), 1, "nothing to set"),
        (("env.set", "shop/env", "--set", "A"), 2, "--set takes NAME=VALUE"),
        (("env.set", "shop/env", "--set", "=A"), 2, "--set takes NAME=VALUE"),
        (("env.edit", "shop/env"), 1, "needs --set text="),
        (("folder.create", "shop/x", "--set", "size=1"), 1, "takes no input 'size'"),
        (("folder.create", "shop/../../etc/x"), 1, "is not below"),
    ],
)
def test_a_request_that_makes_no_sense_is_one_line(
    shop: Shop, words: tuple[str, ...], code: int, said: str
) -> None:
    done = shop.run("run", *words)
    assert done.returncode == code
    assert_one_line(done.stderr)
    assert said in done.stderr
    assert done.stdout == ""


def test_a_secret_as_a_word_of_the_command_line_is_refused(shop: Shop) -> None:
    done = shop.run("run", "env.set", "shop/env", "--set", "JWT_SECRET=abcdef")
    assert done.returncode == 1
    assert "JWT_SECRET is a secret: give it as JWT_SECRET=file:/path" in done.stderr
    assert "abcdef" not in done.stdout + done.stderr
    for one in shop.state.rglob("*"):
        assert not one.is_file() or b"abcdef" not in one.read_bytes()
