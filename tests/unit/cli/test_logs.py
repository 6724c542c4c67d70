"""`quarterdeck logs`: what it prints, in which order, and how it ends."""

import gzip
import json
import re
from pathlib import Path

import pytest

from tests.hostile import CORPUS
from tests.unit.cli.logs_running import DATA, Caller

NASTY = sorted(path.name for path in (DATA / "nasty").iterdir())
ACTIVE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
"""What a terminal acts on, and what reorders text; a line feed ends a line."""


@pytest.fixture
def logs(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Caller:
    return Caller(tmp_path, capfd)


def written(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_file_opens_and_sends_nothing_to_the_terminal(logs: Caller, name: str) -> None:
    path = logs.copied(f"nasty/{name}")
    is_empty = path.stat().st_size == 0
    done = logs(path)
    assert (done.code, done.err) == (1 if is_empty else 0, "")
    assert not ACTIVE.search(done.out)
    assert logs(path, "--filter", "level>=error or /./").code in (0, 1)
    as_json = logs(path, "--json")
    assert as_json.out.isascii()
    assert not ACTIVE.search(as_json.out)
    assert len(as_json.records) == (
        0 if is_empty else logs(path, "--count", "--json").document["counts"]["records"]
    )


def test_a_line_of_a_megabyte_is_printed_whole(logs: Caller) -> None:
    path = logs.folder / "long.log"
    path.write_bytes(b"ERROR " + b"x" * 1_000_000 + b"\nINFO short\n")
    done = logs(path)
    assert [len(line) for line in done.lines] == [1_000_006, 10]


def test_no_hostile_payload_reaches_the_terminal(logs: Caller) -> None:
    text = "\n".join(CORPUS).encode("utf-8", "surrogatepass")
    path = logs.folder / "hostile.log"
    path.write_bytes(text)
    for arguments in ([], ["--json"], ["--count-by", "message"], ["--count-by", "text"]):
        assert not ACTIVE.search(logs(path, *arguments).out)


def test_bytes_come_back_unchanged_in_json(logs: Caller) -> None:
    path = logs.folder / "bytes.log"
    path.write_bytes(b"ERROR caf\xe9 \x1b[2J\n")
    (record,) = logs(path, "--json").records
    assert record["raw_base64"] == "RVJST1IgY2Fm6SAbWzJK"
    assert record["message"] == r"caf\ufffd ␛[2J"


def test_json_has_the_documented_names(logs: Caller) -> None:
    line = '{"time": "2026-03-14T09:26:53.5Z", "level": "warn", "msg": "slow", "n": {"a": [1, 2]}}'
    path = written(logs.folder, "app.log", line)
    (record,) = logs(path, "--json").records
    assert record == {
        "source": str(path),
        "time": "2026-03-14T09:26:53.500Z",
        "time_basis": "zoned",
        "level": "warn",
        "logger": None,
        "message": "slow",
        "fields": record["fields"],
        "details": [],
        "format": "json",
        "segment": 0,
        "offset": 0,
        "is_cut": False,
        "raw": path.read_text("utf-8").rstrip("\n"),
    }
    assert record["fields"]["n.a"] == [1, 2]


def test_several_logs_are_merged_in_order_of_time(logs: Caller) -> None:
    one = written(
        logs.folder,
        "one.log",
        "2026-03-14T09:00:00Z INFO a",
        "  goes on",
        "2026-03-14T09:00:04Z INFO c",
    )
    other = written(
        logs.folder, "other.log", "2026-03-14T09:00:02Z INFO b", "2026-03-14T09:00:06Z INFO d"
    )
    assert logs(one, other).lines == [
        "one.log | 2026-03-14T09:00:00Z INFO a",
        "one.log |   goes on",
        "other.log | 2026-03-14T09:00:02Z INFO b",
        "one.log | 2026-03-14T09:00:04Z INFO c",
        "other.log | 2026-03-14T09:00:06Z INFO d",
    ]
    assert [line[-1] for line in logs(one, other, "--tail", "2").lines] == ["c", "d"]
    assert [line[-1] for line in logs(one, other, "--limit", "3").lines] == ["a", "n", "b", "c"]


def test_a_record_without_a_time_stays_behind_the_one_before_it(logs: Caller) -> None:
    one = written(logs.folder, "one.log", "2026-03-14T09:00:04Z INFO late", "no time here")
    other = written(logs.folder, "other.log", "2026-03-14T09:00:02Z INFO b")
    assert [line.split()[-1] for line in logs(one, other).lines] == ["b", "late", "here"]


def test_a_window_is_of_the_records_own_time(logs: Caller) -> None:
    lines = [f"2026-03-14T09:{minute:02}:00Z INFO m{minute}" for minute in range(60)]
    path = written(logs.folder, "app.log", *lines)
    done = logs(path, "--since", "2026-03-14T09:10Z", "--until", "2026-03-14T09:12:30Z")
    assert [line.split()[-1] for line in done.lines] == ["m10", "m11", "m12"]


def test_a_window_begins_far_inside_a_large_log(logs: Caller) -> None:
    stamp = "2026-03-{:02}T{:02}:{:02}:{:02}Z INFO " + "x" * 60
    lines = [
        stamp.format(1 + at // 1440, at // 60 % 24, at % 60, second)
        for at in range(20 * 1440)
        for second in (0, 30)
    ]
    path = written(logs.folder, "app.log", *lines)
    assert path.stat().st_size > 4_000_000
    done = logs(path, "--since", "2026-03-19T12:00:00Z", "--count", "--json")
    assert done.document["counts"]["records"] == sum(
        line >= "2026-03-19T12:00:00Z" for line in lines
    )


def test_rotated_and_packed_siblings_are_read_through_time(logs: Caller) -> None:
    logs.copied("001")
    done = logs(logs.folder / "001/ai_diy_api_%Y%m%d.jsonl", "--count", "--json")
    first = done.document["counts"]["first"]
    assert first is not None
    assert first < "2026-03-14"


@pytest.mark.parametrize("extra", [[], ["--count"], ["--json"], ["--count-by", "status"]])
def test_nothing_matched_ends_with_1(logs: Caller, extra: list[str]) -> None:
    path = logs.copied("000_api.log")
    assert logs(path, "--filter", "nowhere-to-be-found", *extra).code == 1


@pytest.mark.parametrize("option", ["--filter", "--since", "--until", "--level"])
def test_a_wrong_query_ends_with_2_and_points_at_the_character(logs: Caller, option: str) -> None:
    path = logs.copied("000_api.log")
    wrong = {"--filter": "status=500 level>=erorr", "--level": "erorr"}.get(option, "soonish")
    done = logs(path, option, wrong)
    assert (done.code, done.out) == (2, "")
    head, text, mark = done.err.splitlines()
    assert head.startswith(f"quarterdeck: {option}: ")
    assert text.strip() == wrong
    assert mark.index("^") - 2 == (18 if option == "--filter" else 0)


def test_an_option_cannot_smuggle_in_a_query(logs: Caller) -> None:
    path = logs.copied("000_api.log")
    assert logs(path, "--level", "error or level>=debug").code == 2


def test_an_unknown_field_is_named_with_its_neighbour(logs: Caller) -> None:
    path = logs.copied("004_prod/app.log")
    done = logs(path, "--filter", "status_cod=500")
    assert done.code == 1
    assert done.err == "quarterdeck: no record has `status_cod`; did you mean `status_code`?\n"
    done = logs(path, "--count-by", "pth")
    assert (done.code, "did you mean `path`?" in done.err) == (1, True)
    assert logs(path, "--filter", "status_code=299").err == ""


def test_what_is_not_there_ends_with_3_and_says_so(logs: Caller) -> None:
    done = logs(logs.folder / "none.log")
    assert (done.code, done.out) == (3, "")
    assert "does not exist" in done.err
    assert logs(logs.folder).code == 3


def test_one_of_two_that_is_not_there_is_told_and_the_other_is_read(logs: Caller) -> None:
    path = logs.copied("000_api.log")
    done = logs(path, logs.folder / "none.log", "--tail", "1")
    assert (done.code, len(done.lines)) == (0, 1)
    assert "none.log does not exist" in done.err


def test_a_file_whose_name_is_a_pattern_is_just_that_file(logs: Caller) -> None:
    written(logs.folder, "a.log", "INFO other")
    path = written(logs.folder, "[a]%d*.log", "INFO this")
    assert logs(path).lines == ["INFO this"]


def test_a_glob_reads_all_that_fit(logs: Caller) -> None:
    written(logs.folder, "a.log", "INFO one")
    written(logs.folder, "b.log", "INFO two")
    assert sorted(logs(f"{logs.folder}/*.log").lines) == ["INFO one", "INFO two"]


def test_figures_are_aligned_tables(logs: Caller) -> None:
    path = logs.copied("000_api.log")
    done = logs(path, "--count-by", "status", "--percentiles", "port", "--histogram")
    assert "by status: 43 of 80 records have it, 6 different" in done.lines
    table = [line for line in done.lines if re.match(r"  \d+ +\d+\.\d\d %", line)]
    assert len({line.rindex("  ") for line in table}) == 1
    assert "each line is 1 min" in done.lines


def test_a_histogram_in_json_counts_every_record_once(logs: Caller) -> None:
    path = logs.copied("000_api.log")
    found = logs(path, "--histogram", "--json").document
    assert found["format"] == 1
    buckets = found["histogram"]["buckets"]
    assert sum(one["count"] for one in buckets) + found["histogram"]["without_time"] == 80
    assert sum(one["by_level"].get("error", 0) for one in buckets) == 3


def test_personal_data_is_counted_and_masked(logs: Caller) -> None:
    path = written(logs.folder, "app.log", "INFO mail to mia.muster@example.org", "INFO nothing")
    done = logs(path, "--personal-data")
    assert done.code == 0
    assert done.lines[0] == "1 of 2 records hold what looks personal"
    assert "mia.muster@example.org" not in done.out
    document = logs(path, "--personal-data", "--json").document
    assert "mia.muster" not in json.dumps(document)
    assert [one["kind"] for one in document["findings"]] == ["email"]


def test_personal_data_in_a_packed_sibling_is_counted_and_a_damaged_one_told(
    logs: Caller, tmp_path: Path
) -> None:
    live = tmp_path / "shop.log"
    live.write_text("2026-03-14 09:00:00,000 - app - INFO - to b@example.org\n")
    packed = gzip.compress(b"2026-03-13 09:00:00,000 - app - INFO - to a@example.org\n" * 400)
    (tmp_path / "shop.log.1.gz").write_bytes(packed)
    assert logs(str(live), "--personal-data", "--json").document["records_with_hits"] == 401
    (tmp_path / "shop.log.1.gz").write_bytes(packed[:-8])
    done = logs(str(live), "--personal-data", "--json")
    assert done.document["is_complete"] is False
    assert "shop.log.1.gz is damaged after" in str(done.document["problems"])


def test_the_files_of_a_glob_are_read_together_in_order_of_time(logs: Caller) -> None:
    for at, name in enumerate("abc"):
        stamps = (f"2026-03-14T0{hour}:0{at}:00Z" for hour in range(9))
        written(logs.folder, f"{name}.log", *(f"{one} INFO {name}" for one in stamps))
    pattern = f"{logs.folder}/*.log"
    done = logs(pattern)
    assert len(done.lines) == 27
    assert done.lines == sorted(done.lines)
    assert [line[-1] for line in logs(pattern, "--tail", "4").lines] == ["c", "a", "b", "c"]
    since = logs(pattern, "--since", "2026-03-14T07:30Z").lines
    assert [line[-1] for line in since] == ["a", "b", "c"]


def test_what_could_not_be_unpacked_is_told_though_the_rest_matched(logs: Caller) -> None:
    path = written(logs.folder, "app.log", "2026-03-14T09:00:00Z INFO live")
    packed = gzip.compress(b"".join(b"2026-03-13T09:00:00Z INFO %d\n" % at for at in range(50_000)))
    (logs.folder / "app.log.1.gz").write_bytes(packed[: len(packed) // 2])
    done = logs(path, "--count")
    assert done.code == 0
    assert "app.log.1.gz is damaged after" in done.err
    none = logs(path, "--filter", '"nobody wrote this"')
    assert none.code == 1
    assert "app.log.1.gz is damaged after" in none.err


def test_older_files_that_are_too_many_are_told(
    logs: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.logs.files.listing._MAX_FILES", 3)
    path = written(logs.folder, "app.log", "2026-03-14T09:00:00Z INFO live")
    for number in range(1, 6):
        written(logs.folder, f"app.log.{number}", "2026-03-13T09:00:00Z INFO old")
    done = logs(path, "--count")
    assert done.code == 0
    assert "3 older files are not read" in done.err
