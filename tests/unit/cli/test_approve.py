"""`quarterdeck approve`: a second login's yes; nobody's yes to their own plan counts."""

from pathlib import Path

import pytest

from tests.unit.cli.acting_shop import SET, Shop

POLICY = "policy: {second_person: {dangers: [H, M], environments: [development], within: 10m}}\n"
DANIEL, NOBODY = 1, 65534
"""Uids that every machine has."""


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path, POLICY)


@pytest.fixture
def logins(shop: Shop) -> Shop:
    """The shop, where a process may say who has logged in."""
    done = shop.run_as(DANIEL, "--version")
    if done.returncode:
        pytest.skip("not run: this kernel lets nobody set a login uid")
    return shop


def code_of(shop: Shop, uid: int) -> str:
    done = shop.run_as(uid, "run", *SET)
    assert done.returncode == 0, done.stderr
    return done.stdout.partition("--confirm ")[2].partition(" ")[0].strip("'")


def test_without_a_second_person_it_does_not_start(shop: Shop) -> None:
    plan = shop.planned()
    done = shop.run("run", *SET, "--confirm", plan["confirm"])
    assert done.returncode == 1
    assert "a second person has to approve it first" in done.stderr
    assert shop.env.read_text("utf-8") == "LEVEL=INFO\n"


def test_nobody_approves_their_own_plan_whatever_they_call_themselves(shop: Shop) -> None:
    plan = shop.planned()
    claims = {"USER": "mia", "LOGNAME": "mia", "SUDO_USER": "mia", "SUDO_UID": "1001"}
    for environment in ({}, claims):
        done = shop.run("approve", plan["code"], **environment)
        assert done.returncode == 1
        assert "nobody approves their own plan" in done.stderr
    assert shop.run("run", *SET, "--confirm", plan["confirm"]).returncode == 1
    reasons = [one["reason"] for one in shop.audited() if one["ev"] == "denied"]
    assert len([one for one in reasons if one.startswith("approve: ")]) == 2
    assert shop.env.read_text("utf-8") == "LEVEL=INFO\n"


@pytest.mark.real("root")
def test_another_login_approves_and_then_it_is_done(logins: Shop) -> None:
    code = code_of(logins, DANIEL)
    approved = logins.run_as(NOBODY, "approve", code.lower())
    assert approved.returncode == 0, approved.stderr
    assert "set LEVEL in " in approved.stdout
    assert "may confirm it now" in approved.stdout
    done = logins.run_as(DANIEL, "run", *SET, "--confirm", code)
    assert done.returncode == 0, done.stdout + done.stderr
    assert logins.env.read_text("utf-8") == "LEVEL=DEBUG\n"
    [yes] = [one for one in logins.audited() if one.get("result") == "approved"]
    assert yes["actor"]["loginuid"] == NOBODY


@pytest.mark.real("root")
def test_an_approval_is_of_one_plan(logins: Shop) -> None:
    code = code_of(logins, DANIEL)
    assert logins.run_as(NOBODY, "approve", code).returncode == 0
    other = code_of(logins, DANIEL)
    done = logins.run_as(DANIEL, "run", *SET, "--confirm", other)
    assert done.returncode == 1
    assert "a second person has to approve it first" in done.stderr


@pytest.mark.real("root")
def test_an_approval_that_was_copied_from_another_plan_does_not_count(logins: Shop) -> None:
    code = code_of(logins, DANIEL)
    assert logins.run_as(NOBODY, "approve", code).returncode == 0
    other = code_of(logins, DANIEL)
    newest, before = sorted((logins.state / "actions").iterdir(), reverse=True)
    (newest / "approved.json").write_bytes((before / "approved.json").read_bytes())
    done = logins.run_as(DANIEL, "run", *SET, "--confirm", other)
    assert done.returncode == 1
    assert "another plan was approved" in done.stderr


def test_a_code_of_no_plan_is_refused(shop: Shop) -> None:
    done = shop.run("approve", "QQQQ")
    assert done.returncode == 1
    assert "no plan has the code 'QQQQ'" in done.stderr
