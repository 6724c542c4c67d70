"""Releases from the command line, of a real repository."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.unit.cli.test_commands import assert_one_line, configured, run

CONFIG = """\
version: 1
environment: development
state: {{folder: {folder}/state}}
systems:
  shop:
    root: {folder}/shop
    services: {{api: {{}}}}
    repos:
      main: {{path: ., service: api}}
      gone: {{path: nowhere, service: api}}
"""


def git(folder: Path, *arguments: str, said: str = "") -> str:
    dates = {"GIT_AUTHOR_DATE": "1772334000 +0000", "GIT_COMMITTER_DATE": "1772334000 +0000"}
    names = ("-c", "user.name=t", "-c", "user.email=t@localhost")
    done = subprocess.run(
        ["git", *names, *arguments],
        cwd=folder, check=True, capture_output=True, env={**os.environ, **dates},
        input=said, text=True,
    )  # fmt: skip
    return done.stdout.strip()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    app = tmp_path / "shop"
    app.mkdir()
    git(app, "init", "--quiet", "--initial-branch=main")
    for subject in ("first", "second \x1b[2J"):
        git(app, "commit", "--quiet", "--allow-empty", "--message", subject)
    return configured(tmp_path, CONFIG.format(folder=tmp_path))


def test_commits_are_listed_with_dates_and_what_runs_now_and_escaped(config: Path) -> None:
    done = run("releases", "shop/main", "--config", config)
    assert done.returncode == 0, done.stderr
    head, newest, older = done.stdout.splitlines()
    assert head.startswith("shop/main (→ runs now")
    assert newest.lstrip().startswith("→")
    assert newest.endswith("2026-03-01 03:00  second ␛[2J")
    assert older.endswith("first")


def test_a_repository_that_cannot_be_read_is_said_beside_the_others(config: Path) -> None:
    done = run("releases", "--json", "--config", config)
    assert done.returncode == 1
    main, gone = json.loads(done.stdout)["repositories"]
    assert [one["is_now"] for one in main["releases"]] == [True, False]
    assert main["problem"] is None
    assert gone["releases"] == []
    assert gone["problem"]


def test_a_commit_of_a_year_that_no_calendar_has_is_listed(config: Path) -> None:
    app = config.parent / "shop"
    tree = git(app, "write-tree")
    who = "t <t> 99999999999999 +0000"
    words = f"tree {tree}\nauthor {who}\ncommitter {who}\n\nfar\n"
    commit = git(app, "hash-object", "-t", "commit", "-w", "--stdin", said=words)
    git(app, "reset", "--quiet", commit)
    done = run("releases", "shop/main", "--config", config)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1].split()[2:] == ["–", "far"]
    listed = run("releases", "shop/main", "--json", "--config", config)
    assert json.loads(listed.stdout)["repositories"][0]["releases"][0]["made"] is None


def test_a_name_that_is_not_there_is_refused_with_those_that_are(config: Path) -> None:
    done = run("releases", "shop/man", "--config", config)
    assert done.returncode == 2
    assert_one_line(done.stderr)
    assert "known: shop/main, shop/gone" in done.stderr
