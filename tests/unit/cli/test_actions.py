"""`quarterdeck actions` and `attach`: what runs, what ran, what is possible."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.acting_shop import SET, Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_where_nothing_was_done_the_list_is_empty(shop: Shop) -> None:
    assert (shop.run("actions").stdout, shop.run("actions").returncode) == ("", 0)
    shop.planned()
    assert json.loads(shop.run("actions", "--json").stdout)["actions"] == []


def test_what_was_done_is_listed_and_shown_by_a_part_of_its_id(shop: Shop) -> None:
    own = shop.committed()
    listed = shop.run("actions")
    assert listed.returncode == 0
    assert own in listed.stdout
    assert "verified" in listed.stdout
    shown = shop.run("actions", own[-6:].lower())
    assert own in shown.stdout
    assert "✔" in shown.stdout
    [document] = json.loads(shop.run("actions", own, "--json").stdout)["actions"]
    assert (document["id"], document["phase"]) == (own, "committed")


def test_what_is_possible_is_narrowed_by_words_and_never_silently_not(shop: Shop) -> None:
    every = json.loads(shop.run("actions", "--possible", "--json").stdout)["possible"]
    some = json.loads(shop.run("actions", "ENV", "set", "--possible", "--json").stdout)["possible"]
    assert 0 < len(some) < len(every)
    assert {one["action"] for one in some} == {"env.set"}
    none = shop.run("actions", "--possible", "moon")
    assert none.returncode == 1
    assert "no action has these words" in none.stderr


def test_attach_shows_how_it_ended_and_its_output(shop: Shop) -> None:
    own = shop.committed()
    done = shop.run("attach", own)
    assert done.returncode == 0
    assert "committed" in done.stdout
    assert own in done.stdout
    missing = shop.run("attach", "ZZZ")
    assert missing.returncode == 1
    assert "no action is called 'ZZZ'" in missing.stderr


def test_what_is_unfinished_is_named_with_the_way_out(shop: Shop) -> None:
    own = shop.killed()
    listed = shop.run("actions")
    assert listed.returncode == 1
    assert "`quarterdeck recover` finishes it" in listed.stdout
    attached = shop.run("attach", own)
    assert attached.returncode == 1
    assert "unfinished, nobody is at it (running)" in attached.stdout


def test_an_odd_folder_is_named_beside_the_others(shop: Shop) -> None:
    own = shop.committed()
    odd = shop.state / "actions" / "01ARZ3NDEKTSV4RRFFQ69G5FAV"
    odd.mkdir()
    listed = shop.run("actions")
    assert own in listed.stdout
    assert odd.name in listed.stdout
    document = json.loads(shop.run("actions", "--json").stdout)
    assert [one["id"] for one in document["unreadable"]] == [odd.name]


def test_what_is_possible_is_listed_without_a_look_at_anything(shop: Shop) -> None:
    document = json.loads(shop.run("actions", "--possible", "--json").stdout)
    found = {(one["action"], one["target"]): one["reason_against"] for one in document["possible"]}
    assert found["env.set", "shop/env"] == ""
    assert "env.set" in shop.run("actions", "--possible").stdout


def test_what_was_done_is_taken_back_as_an_action(shop: Shop) -> None:
    own = shop.committed()
    plan = shop.planned("action.undo", own)
    done = shop.run("run", "action.undo", own, "--confirm", plan["confirm"])
    assert done.returncode == 0, done.stdout + done.stderr
    assert shop.env.read_text("utf-8") == "LEVEL=INFO\n"
    assert len(json.loads(shop.run("actions", "--json").stdout)["actions"]) == 2
    assert shop.run("run", *SET).returncode == 0
