"""`quarterdeck backup` as a person or cron runs it, in processes of their own."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.unit.cli.test_commands import assert_one_line, configured, run


@pytest.fixture
def place(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    root.mkdir()
    (root / "keys.json").write_text('{"keys": 1}')
    configured(
        tmp_path,
        "version: 1\n"
        "environment: development\n"
        f"state: {{folder: {tmp_path}/state}}\n"
        "systems:\n"
        "  shop:\n"
        f"    root: {root}\n"
        "    services: {}\n"
        "    backups:\n"
        "      keys:\n"
        "        kind: json\n"
        "        sources: [keys.json]\n"
        '        target: "backups/keys_%Y%m%d.json"\n'
        "        max_age: 1d\n",
    )
    return tmp_path


def backup(place: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return run("backup", *words, "--config", place / "quarterdeck.yaml")


def confirmed(place: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    planned = backup(place, *words)
    assert planned.returncode == 0, planned.stdout + planned.stderr
    found = re.search(r"--confirm (?:'([^']+)'|(\S+))", planned.stdout)
    assert found, planned.stdout
    return backup(place, *words, "--confirm", found[1] or found[2])


def test_without_a_copy_the_list_says_so_and_fails(place: Path) -> None:
    listed = backup(place, "list")
    assert listed.returncode == 1
    assert "there is no backup" in listed.stdout


def test_the_configuration_may_be_named_before_the_verb(place: Path) -> None:
    listed = run("--config", place / "quarterdeck.yaml", "backup", "list")
    assert "there is no backup" in listed.stdout


def test_a_backup_is_made_listed_verified_and_put_back(place: Path) -> None:
    assert confirmed(place, "create", "shop/keys").returncode == 0
    listed = backup(place, "list", "shop", "--json")
    assert listed.returncode == 0
    [one] = json.loads(listed.stdout)["sets"]
    assert (one["system"], one["set"], one["verdict"]) == ("shop", "keys", "ok")
    assert one["copies"][0]["validity"] == "good"
    assert backup(place, "verify", "shop/keys").returncode == 0
    (place / "shop" / "keys.json").write_text("{}")
    done = confirmed(place, "restore", "shop/keys")
    assert done.returncode == 0, done.stdout
    assert (place / "shop" / "keys.json").read_text() == '{"keys": 1}'


def test_a_flipped_bit_fails_verify_with_the_reason(place: Path) -> None:
    confirmed(place, "create", "shop/keys")
    [copy] = [one for one in (place / "shop" / "backups").iterdir() if "manifest" not in one.name]
    copy.write_bytes(copy.read_bytes().replace(b"1", b"3"))
    verified = backup(place, "verify", "shop/keys", "--json")
    assert verified.returncode == 1
    assert "sha256" in json.loads(verified.stdout)["problem"]


def test_planning_changes_nothing(place: Path) -> None:
    before = sorted(place.joinpath("shop").rglob("*"))
    assert backup(place, "create", "shop/all", "--dry-run").returncode == 0
    assert sorted(place.joinpath("shop").rglob("*")) == before


@pytest.mark.parametrize(
    "words",
    [
        ("list", "bank"),
        ("verify", "shop/nothing"),
        ("verify", "shop/keys"),
        ("create", "shop/nothing"),
        ("restore", "shop/keys"),
        ("send", "shop/keys"),
    ],
)
def test_what_cannot_be_is_one_line(place: Path, words: tuple[str, ...]) -> None:
    done = backup(place, *words)
    assert done.returncode in {1, 2}
    assert_one_line(done.stderr)
