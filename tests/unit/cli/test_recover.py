"""`quarterdeck recover`: what a crash left, and its end."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.acting_shop import SET, Shop
from tests.unit.cli.test_commands import assert_one_line


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_where_nothing_is_left_there_is_nothing_to_say(shop: Shop) -> None:
    shop.committed()
    done = shop.run("recover")
    assert (done.returncode, done.stdout) == (0, "")


def test_without_confirm_it_tells_what_was_found_and_what_it_would_do(shop: Shop) -> None:
    own = shop.killed()
    before = shop.env.read_text("utf-8")
    done = shop.run("recover")
    assert done.returncode == 1
    assert own in done.stdout
    assert "found: it died at step " in done.stdout
    assert "will:  look whether that step was done" in done.stdout
    assert shop.env.read_text("utf-8") == before
    [one] = json.loads(shop.run("recover", "--json").stdout)["unfinished"]
    assert (one["id"], one["phase"]) == (own, "running")


def test_with_confirm_it_is_brought_to_its_end(shop: Shop) -> None:
    own = shop.killed()
    done = shop.run("recover", own[-8:], "--confirm")
    assert done.returncode == 0
    assert "rolled_back" in done.stdout
    assert shop.env.read_text("utf-8") == "LEVEL=INFO\n"
    assert shop.run("recover").returncode == 0
    ends = [one["ev"] for one in shop.audited() if one["action_id"] == own]
    assert ends[-1] == "rolled_back"
    assert "recover" in ends


def test_until_then_nothing_else_is_done_to_its_target(shop: Shop) -> None:
    own = shop.killed()
    plan = shop.planned()
    assert not plan["can_run"]
    [stop] = [one for one in plan["preflight"] if one["name"] == "unfinished"]
    assert own in stop["text"]
    assert shop.run("run", *SET).returncode == 1


def test_a_person_says_that_it_is_dealt_with(shop: Shop) -> None:
    """Somebody wrote into the file while nobody was at it: no step can say which it is."""
    own = shop.killed(step=2)
    shop.env.write_text("LEVEL=OTHER\n", "utf-8")
    done = shop.run("recover", "--confirm")
    assert done.returncode == 1
    assert "needs_human" in done.stdout
    assert shop.env.read_text("utf-8") == "LEVEL=OTHER\n"
    assert "put it right, then `recover ID --resolved NOTE`" in shop.run("recover").stdout
    assert shop.run("recover", own, "--resolved", "kept what was there").returncode == 0
    assert shop.run("recover").returncode == 0
    last = shop.audited()[-1]
    assert (last["ev"], last["result"], last["reason"]) == (
        "recover", "resolved", "kept what was there",
    )  # fmt: skip
    assert shop.planned()["can_run"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--resolved", "done"), 2, "--resolved needs the action's ID"),
        (("ZZZ", "--resolved", "done"), 1, "no action is called 'ZZZ'"),
    ],
)
def test_what_makes_no_sense_is_one_line(
    shop: Shop, words: tuple[str, ...], code: int, said: str
) -> None:
    shop.killed()
    done = shop.run("recover", *words)
    assert done.returncode == code
    assert_one_line(done.stderr)
    assert said in done.stderr


def test_what_does_not_wait_for_a_person_is_not_resolved(shop: Shop) -> None:
    own = shop.killed()
    done = shop.run("recover", own, "--resolved", "done")
    assert done.returncode == 1
    assert "does not wait for a person" in done.stderr
