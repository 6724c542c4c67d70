"""`quarterdeck logs` with a configuration: names, saved queries, formats, lists, retention."""

import json
import os
from pathlib import Path

import pytest

from core.model.secret import MASK
from tests.unit.cli.logs_running import Caller, Done

CONFIG = """\
version: 1
log_formats:
  till:
    pattern: '(?P<time>\\S+ \\S+) <(?P<level>\\w+)> took=(?P<took_ms>\\S+) (?P<message>.*)'
    time_format: "%d.%m.%Y %H:%M:%S"
systems:
  dashboard:
    profile: cost-dashboard
    root: {root}
  shop:
    root: {root}
    services:
      api:
        logs:
          files:
            app: {{path: shop.log, note: prints to stdout where nobody redirects it}}
            till: {{path: till.log, format: till, zone: Europe/Rome}}
            old: {{path: old.log, retention: short}}
    retention: {{application: {{keep: 30d, compress_after: 7d}}, short: {{keep: 1d}}}}
    log_views:
      broken: {{log: till, filter: "(", title: Broken}}
      slow: {{log: till, filter: took_ms>10, count_by: level}}
      people: {{log: till, personal_data: true}}
"""
USER = "0f8fad5b-d9cb-469f-a165-70867728950e"


class Console:
    """Calls with a configuration over a folder."""

    def __init__(self, logs: Caller) -> None:
        self._logs = logs
        self.folder = logs.folder
        self._path = logs.folder / "quarterdeck.yaml"
        self._path.write_text(CONFIG.format(root=logs.folder), encoding="utf-8")
        self._path.chmod(0o600)
        logs.copied("004_prod")
        (logs.folder / "python-service").mkdir()
        (logs.folder / "004_prod").rename(logs.folder / "python-service/logs")
        (logs.folder / "till.log").write_text(
            "14.03.2026 09:26:53 <warn> took=12.5 slow answer to mia@example.org\n"
            "14.03.2026 09:26:54 <info> took=1 fine\n",
            encoding="utf-8",
        )

    def __call__(self, *arguments: str) -> Done:
        return self._logs("--config", self._path, *arguments)


@pytest.fixture
def console(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Console:
    return Console(Caller(tmp_path, capfd))


def test_a_log_is_read_by_its_name_or_an_end_of_it(console: Console) -> None:
    for name in ("shop/api/till", "api/till", "till"):
        assert len(console(name).lines) == 2
    assert len(console("audit").lines) == 1


def test_a_name_that_is_not_enough_or_none_is_refused_with_what_there_is(console: Console) -> None:
    done = console("app")
    assert done.code == 2
    assert "dashboard/api/app, shop/api/app" in done.err
    done = console("api/tilt")
    assert (done.code, "did you mean shop/api/till?" in done.err) == (2, True)


def test_a_format_and_a_zone_of_the_configuration_are_used(console: Console) -> None:
    first, _ = console("till", "--json").records
    assert (first["format"], first["level"], first["fields"]) == ("till", "warn", {"took_ms": 12.5})
    assert (first["time"], first["time_basis"]) == ("2026-03-14T08:26:53.000Z", "naive")


def test_a_log_that_is_not_there_says_where_the_application_writes(console: Console) -> None:
    done = console("shop/api/app")
    assert done.code == 3
    assert done.err.rstrip().endswith(
        "shop.log does not exist; prints to stdout where nobody redirects it"
    )


def test_a_saved_query_brings_its_log_filter_and_figure(console: Console) -> None:
    done = console("--query", "slow", "--json")
    assert done.code == 0
    assert done.document["logs"] == ["shop/api/till"]
    (found,) = done.document["count_by"]
    assert [(one["value"], one["count"]) for one in found["values"]] == [("warn", 1)]
    assert (
        console("--query", "dashboard/errors", "--count", "--json").document["counts"]["records"]
        == 10
    )


def test_a_saved_query_asks_for_its_values(console: Console) -> None:
    done = console("--query", "by-user")
    assert (done.code, "--set user=VALUE" in done.err) == (2, True)
    done = console("--query", "by-user", "--set", f"user={USER}", "--count", "--json")
    assert done.document["counts"]["records"] == 17
    # A value is one value, whatever is in it.
    assert console("--query", "by-user", "--set", 'user=" or level=info or "').code == 1
    assert console("--query", "slow", "--set", "user=x").code == 2


def test_a_saved_query_that_is_wrong_is_shown_with_its_character(console: Console) -> None:
    done = console("--query", "broken")
    assert done.code == 2
    assert done.err.splitlines()[1:] == ["  (", "  ^"]
    assert console("--query", "nothing").code == 2


def test_a_saved_query_can_look_for_personal_data(console: Console) -> None:
    done = console("--query", "people")
    assert (done.code, done.lines[0]) == (0, "1 of 2 records hold what looks personal")
    assert "mia@" not in done.out


def test_the_list_has_every_log_and_every_saved_query(console: Console) -> None:
    done = console("--list")
    assert done.code == 0
    till = next(line for line in done.lines if line.startswith("shop/api/till"))
    assert till.split()[1:4] == ["1", "107", "B"]
    app = next(line for line in done.lines if line.startswith("shop/api/app"))
    assert "does not exist; prints to stdout" in app
    document = console("--list", "--json").document
    by_name = {one["log"]: one for one in document["logs"]}
    assert by_name["dashboard/api/app"]["files"] == 2
    assert by_name["dashboard/api/audit"]["class"] == "audit"
    assert by_name["dashboard/api/journal"]["kind"] == "journal"
    assert {"name": "shop/slow", "title": "slow", "log": "shop/api/till"} in document["queries"]
    assert [one["log"] for one in console("till", "--list", "--json").document["logs"]] == [
        "shop/api/till"
    ]


def test_retention_names_what_is_overdue(console: Console) -> None:
    assert console("till", "--retention").code == 0
    old = console.folder / "old.log.1"
    old.write_text("x\n", encoding="utf-8")
    os.utime(old, (0, 0))
    done = console("till", "--retention")
    assert done.code == 1
    assert any("old.log.1: short, " in line and "past its term" in line for line in done.lines)
    (system,) = console("till", "--retention", "--json").document["systems"]
    short = next(one for one in system["classes"] if one["class"] == "short")
    assert (short["keep_s"], short["overdue_files"]) == (86_400, 1)


def test_no_log_and_no_list_is_refused(console: Console) -> None:
    assert console().code == 2
    assert console("till", "-f", "--count").code == 2


JOURNAL = """\
#!/bin/sh
echo "$@" > {folder}/asked
case "$*" in *--follow*) exec sleep 600;; esac
[ -e {folder}/found ] || sleep 3.5 # as one that searches a large journal
touch {folder}/found
cat <<'END'
{{"__CURSOR": "a", "__REALTIME_TIMESTAMP": "1773480413000000", "PRIORITY": "3", "MESSAGE": "bad"}}
{{"__CURSOR": "b", "__REALTIME_TIMESTAMP": "1773480414000000", "PRIORITY": "6", "MESSAGE": "ok"}}
END
"""
NO_JOURNAL = """\
#!/bin/sh
case "$*" in *--follow*) exec sleep 600;; esac
echo 'Hint: You are currently not seeing messages from other users.' >&2
echo '-- No entries --'
"""


def install(console: Console, monkeypatch: pytest.MonkeyPatch, journalctl: str) -> None:
    tool = console.folder / "bin/journalctl"
    tool.parent.mkdir()
    tool.write_text(journalctl, encoding="utf-8")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}:{os.environ['PATH']}")


def test_the_journal_of_a_unit_is_read(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    install(console, monkeypatch, JOURNAL.format(folder=console.folder))
    first, second = console("dashboard/api/journal", "--json").records
    assert [one["level"] for one in (first, second)] == ["error", "info"]
    assert (first["message"], first["source"]) == ("bad", "dashboard/api/journal")
    assert "--unit=ai-cost-dashboard.service" in (console.folder / "asked").read_text("utf-8")
    done = console("dashboard/api/journal", "api/till", "--level", "error", "--count", "--json")
    assert done.document["counts"]["records"] == 1


def test_a_journal_without_entries_matches_nothing_and_what_is_not_seen_is_told(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(console, monkeypatch, NO_JOURNAL)
    done = console("dashboard/api/journal")
    assert (done.code, done.out) == (1, "")
    assert "not seeing messages from other users" in done.err


def test_a_container_without_an_engine_is_told(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{console.folder}/none.sock")
    path = console.folder / "quarterdeck.yaml"
    web = "{runs_as: {docker: {container: web}}, logs: {container: true}}"
    text = f"version: 1\nsystems: {{shop: {{services: {{web: {web}}}}}}}\n"
    path.write_text(text, encoding="utf-8")
    done = console("web/container")
    assert (done.code, done.out) == (3, "")
    assert "no Docker socket at" in done.err


def test_what_an_env_file_and_the_configuration_hold_is_printed_by_no_verb(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPS_TOKEN", "hunter2-from-a-header")
    path = console.folder / "quarterdeck.yaml"
    known = ("hunter2-from-a-header", "s3cret/of an+env-file", "key_9fQ2xVb7Lk0aTz8RmWc4")
    path.write_text(
        path.read_text(encoding="utf-8").replace(
            "      api:\n",
            "      api:\n"
            "        checks:\n"
            "          health: {url: 'http://127.0.0.1:9/', headers: {X-Token: '${OPS_TOKEN}'}}\n",
        )
        + f"    env_files: {{app: {{path: {console.folder}/app.env}}}}\n"
        + f"    keys: {{api: {{path: {console.folder}/api_keys.json}}}}\n",
        encoding="utf-8",
    )
    (console.folder / "app.env").write_text(f"JWT_SECRET='{known[1]}'\n", encoding="utf-8")
    store = json.dumps({known[2]: {"name": "a client"}})
    (console.folder / "api_keys.json").write_text(store, encoding="utf-8")
    said = "".join(f"14.03.2026 09:26:53 <warn> took=1 used {one} now\n" for one in known)
    (console.folder / "till.log").write_text(said, encoding="utf-8")
    done = console("till")
    assert (done.code, done.err) == (0, "")
    assert [line.count(MASK) for line in done.lines] == [1, 1, 1]
    as_json = console("till", "--json")
    assert as_json.out.isascii()
    assert [one["message"] for one in as_json.records] == [f"used {MASK} now"] * 3
    assert [one for one in known if one in done.out + as_json.out] == []
