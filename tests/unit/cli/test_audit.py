"""`quarterdeck audit` over real logs: what is printed, and the exit codes."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.audit_report import record_lines, records_json
from cli.main import run
from core.actions.audit.record import AuditRecord, Event, parse_record
from tests.unit.core.actions.audit.logs import NAME, fill, lines_of, open_log

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "audit"
    log = open_log(place)
    log.append(Event.ARM, reason="deploy\x1b[2J", env="production")
    log.append(Event.INTENT, action_id="A1", verb="service.restart", target="gateway/api")
    log.append(Event.STEP_END, action_id="A1", step=0, result="done", before="pid 1", after="pid 2")
    log.append(Event.COMMITTED, action_id="A1", verb="service.restart", target="gateway/api")
    return place


@pytest.fixture
def call(folder: Path, capfd: pytest.CaptureFixture[str]) -> Call:
    def called(verb: str, *arguments: str | Path) -> tuple[int, str, str]:
        capfd.readouterr()
        code = run(["audit", verb, *map(str, arguments), "--folder", str(folder)])
        return (code, *capfd.readouterr())

    return called


def damage(folder: Path, index: int = 2) -> None:
    lines = lines_of(folder)
    lines[index] = lines[index].replace(b"uid", b"gid")
    (folder / NAME).write_bytes(b"".join(lines))


def test_records_are_shown_oldest_first_and_nothing_in_them_reaches_the_terminal(
    call: Call,
) -> None:
    code, out, _ = call("show")
    lines = out.splitlines()
    assert (code, len(lines)) == (0, 5)
    assert "\x1b" not in out
    assert "deploy␛[2J" in lines[0]
    assert "service.restart gateway/api" in lines[2]
    assert "step 1; done; pid 1; pid 2" in lines[3]
    assert "ops" in lines[0]


def test_records_are_chosen_by_event_action_time_and_number(call: Call) -> None:
    assert len(call("show", "--event", "intent", "--event", "committed")[1].splitlines()) == 2
    assert len(call("show", "--action", "A1")[1].splitlines()) == 3
    assert call("show", "--limit", "1")[1].count("\n") == 1
    assert call("show", "--since", "2026-03-01T03:00:01Z")[1] == ""
    assert call("show", "--since", "2026-03-01", "--limit", "0")[1].count("\n") == 5


@pytest.mark.parametrize(("option", "value"), [("--event", "explode"), ("--since", "soonish")])
def test_what_cannot_be_meant_is_refused_with_what_could(
    call: Call, option: str, value: str
) -> None:
    code, out, err = call("show", option, value)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert value in err


def test_of_a_long_log_no_more_is_held_than_is_printed_at_once(folder: Path) -> None:
    record = parse_record(lines_of(folder)[0])
    taken = 0

    def many() -> Iterator[AuditRecord]:
        nonlocal taken
        for taken in range(1, 5_001):  # noqa: B007 - what was asked for is what counts
            yield record

    pages = record_lines(many())
    assert len(next(pages)) == taken == 1_000
    assert sum(map(len, pages)) == 4_000
    taken = 0
    document = records_json(many())
    assert next(document)
    assert next(document)
    assert taken == 1


def test_json_without_records_is_whole(call: Call) -> None:
    out = call("show", "--json", "--action", "none")[1]
    assert json.loads(out) == {"format": 1, "records": []}


def test_json_holds_the_records_as_they_were_written(call: Call, folder: Path) -> None:
    document = json.loads(call("show", "--json")[1])
    assert document["format"] == 1
    assert [json.loads(line) for line in lines_of(folder)] == document["records"]


def test_a_whole_log_verifies_with_exit_0_and_says_what_is_unanchored(call: Call) -> None:
    code, out, _ = call("verify")
    assert code == 0
    assert out.startswith("● whole  5 records in 1 file,")
    assert "unanchored 3" in out


def test_a_broken_log_verifies_with_exit_1_and_names_the_record(call: Call, folder: Path) -> None:
    damage(folder)
    code, out, _ = call("verify")
    assert code == 1
    assert out.startswith(f"✖ broken  at record 3, {NAME} line 3: it was edited")
    code, out, _ = call("verify", "--json")
    document = json.loads(out)
    assert (code, document["is_whole"]) == (1, False)
    assert document["breaks"][0]["seq"] == 3


def test_a_log_that_cannot_be_read_verifies_with_exit_2(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code = run(["audit", "verify", "--folder", str(tmp_path / "none")])
    out, err = capfd.readouterr()
    assert (code, out, err.count("\n")) == (2, "", 1)


def test_anchors_kept_elsewhere_are_held_against_the_log(
    call: Call, folder: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    record = parse_record(lines_of(folder)[3])
    row = {"seq": record.seq, "hash": record.hash, "ts": record.at}
    kept.write_text(f"-- Boot 1 --\n{json.dumps(row)}\n")
    code, out, _ = call("verify", "--anchor", kept)
    assert (code, "unanchored 1" in out, "anchors that agree: 2" in out) == (0, True, True)
    kept.write_text(json.dumps(row | {"hash": "0" * 64}))
    code, out, _ = call("verify", "--anchor", kept)
    assert (code, "at record 4" in out) == (1, True)
    kept.write_text("nothing\n")
    assert call("verify", "--anchor", kept)[0] == 2


def test_the_result_can_be_recorded(call: Call, folder: Path) -> None:
    assert call("verify", "--record")[0] == 0
    newest = max(path.name for path in folder.glob("audit-*.jsonl"))
    events = [parse_record(line).ev for line in lines_of(folder, newest)]
    assert Event.VERIFY_OK in events


def test_an_export_is_the_log_itself_and_never_writes_over_anything(
    call: Call, folder: Path, tmp_path: Path
) -> None:
    target = tmp_path / "out.jsonl"
    code, out, _ = call("export", target)
    assert code == 0
    assert out.startswith("5 lines")
    assert target.read_bytes() == (folder / NAME).read_bytes()
    assert target.stat().st_mode & 0o777 == 0o600
    target.write_text("mine")
    code, out, err = call("export", target)
    assert (code, out, target.read_text()) == (1, "", "mine")
    assert "never written over" in err


@pytest.mark.parametrize("what", ["link", "folder"])
def test_an_export_follows_nothing(call: Call, tmp_path: Path, what: str) -> None:
    target = tmp_path / "out"
    if what == "link":
        target.symlink_to(tmp_path / "elsewhere")
    else:
        target.mkdir()
    assert call("export", target)[0] == 1
    assert not (tmp_path / "elsewhere").exists()


def test_an_export_of_a_broken_log_is_whole_and_says_so(
    call: Call, folder: Path, tmp_path: Path
) -> None:
    damage(folder)
    code, _, err = call("export", tmp_path / "out")
    assert (code, "broken: at record 3" in err) == (1, True)
    assert (tmp_path / "out").read_bytes() == (folder / NAME).read_bytes()


def test_a_broken_log_is_answered_for_with_the_code_of_what_is_wrong(
    call: Call, folder: Path
) -> None:
    assert call("override", "--reason", "x")[0] == 1
    damage(folder)
    code, out, _ = call("override", "--reason", "disk swapped")
    assert code == 1
    word = out.split("--confirm ")[1].strip()
    assert len(list(folder.glob("audit-*.jsonl"))) == 1
    code, out, _ = call("override", "--reason", "disk swapped", "--confirm", "AAAA")
    assert code == 1
    code, out, _ = call("override", "--reason", "disk swapped", "--confirm", word)
    assert (code, "answers for it" in out) == (0, True)
    fill(open_log(folder), 1)
    code, out, _ = call("verify")
    assert (code, "answered for by name" in out) == (1, True)


def test_without_a_folder_the_configured_one_is_read(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "quarterdeck.yaml"
    config.write_text(f"version: 1\nstate: {{folder: {tmp_path}}}\nsystems: {{}}\n")
    config.chmod(0o600)
    code = run(["audit", "verify", "--config", str(config)])
    out, err = capfd.readouterr()
    assert (code, out.startswith("● whole  5 records")) == (0, True), err
    assert os.listdir(folder)  # noqa: PTH208


def test_a_configured_key_signs_the_log_and_verifies_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "audit.key"
    key.write_bytes(b"a key that is long enough for a test\n")
    key.chmod(0o400)
    config = tmp_path / "quarterdeck.yaml"
    state = tmp_path / "state"
    config.write_text(f"version: 1\nstate: {{folder: {state}, audit_key: {key}}}\n", "utf-8")
    own = ["--config", str(config)]
    open_log(state / "audit").append(Event.ARM)
    assert run(["audit", "verify", "--record", *own]) == 1
    assert run(["audit", "verify", *own]) == 0
    last = max((state / "audit").glob("audit-*.jsonl")).read_text("utf-8")
    assert '"key":' in last
    key.chmod(0o444)
    capfd.readouterr()
    assert run(["audit", "verify", *own]) == 2
    assert "others can read the audit key" in capfd.readouterr().err
