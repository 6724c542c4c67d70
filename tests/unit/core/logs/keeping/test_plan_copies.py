"""Archives and snapshots copy, remove nothing, and never write over what is there."""

from dataclasses import replace

from core.logs.keeping.plan import LeftOutReason
from core.logs.keeping.plan_copies import plan_archive, plan_snapshot
from core.model.text import clean
from tests.unit.core.logs.keeping.shelf import NOW_S, Shelf, base_name


def test_an_archive_takes_finished_files_of_any_age_and_class(shelf: Shelf) -> None:
    shelf.put("api_20260313.jsonl", days=0.5, size_bytes=300)
    shelf.put("api_20260301.jsonl.gz", days=12, size_bytes=200)
    shelf.put("notes.txt", days=3, size_bytes=100)
    shelf.put("api_20260314.jsonl")
    shelf.put("app.log", days=1)
    listing = shelf.read(shelf.claim("api_%Y%m%d.jsonl"), shelf.claim("app.log"))
    # By then the 13th is over in every zone.
    plan = plan_archive(listing, "/backup/ai-diy-logs-%Y%m%d.tar.gz", NOW_S + 4 * 3600)
    assert shelf.touched(plan) == {"api_20260313.jsonl", "api_20260301.jsonl.gz", "notes.txt"}
    assert plan.read_bytes == plan.needed_bytes == 600
    assert plan.freed_bytes == 0
    assert {planned.raw_target for planned in plan.files} == {
        b"/backup/ai-diy-logs-20260314.tar.gz"
    }
    assert shelf.reasons(plan) == {
        "api_20260314.jsonl": LeftOutReason.TODAY,
        "app.log": LeftOutReason.LIVE,
    }


def test_an_archive_that_is_there_is_not_written_over(shelf: Shelf) -> None:
    shelf.put("app.log.1", days=3)
    shelf.put("old-20260314.tar.gz", days=0.1)
    target = f"{shelf.folder}/old-%Y%m%d.tar.gz"
    plan = plan_archive(shelf.read(shelf.claim("app.log")), target, NOW_S)
    assert plan.files == ()
    assert shelf.reasons(plan) == {
        "app.log.1": LeftOutReason.TARGET_EXISTS,
        "old-20260314.tar.gz": LeftOutReason.TARGET_ITSELF,
    }
    assert "never written over" in plan.warnings[0]


def test_a_snapshot_copies_what_is_written_to_now_and_only_that_log(shelf: Shelf) -> None:
    shelf.put("api_20260314.jsonl", size_bytes=700)
    shelf.put("api_20260313.jsonl", days=0.4)
    shelf.put("error.log")
    api = shelf.claim("api_%Y%m%d.jsonl", log="diy/app/api")
    listing = shelf.read(api, shelf.claim("error.log", log="diy/app/error"))
    target = f"{shelf.folder}/api_%Y%m%d_pre_restart.jsonl"
    plan = plan_snapshot(listing, "diy/app/api", target, NOW_S)
    assert shelf.touched(plan) == {"api_20260314.jsonl"}
    assert plan.needed_bytes == 700
    assert base_name(plan.files[0].raw_target or b"") == "api_20260314_pre_restart.jsonl"
    assert shelf.reasons(plan) == {"api_20260313.jsonl": LeftOutReason.NOT_CHOSEN}


def test_the_second_snapshot_of_a_day_gets_a_name_of_its_own(shelf: Shelf) -> None:
    shelf.put("api_20260314.jsonl")
    shelf.put("api_20260314_pre_restart.jsonl")
    claim = shelf.claim("api_%Y%m%d.jsonl", log="api")
    target = f"{shelf.folder}/api_%Y%m%d_pre_restart.jsonl"
    plan = plan_snapshot(shelf.read(claim), "api", target, NOW_S)
    assert base_name(plan.files[0].raw_target or b"") == "api_20260314_pre_restart_092653.jsonl"
    shelf.put("api_20260314_pre_restart_092653.jsonl")
    plan = plan_snapshot(shelf.read(claim), "api", target, NOW_S)
    assert plan.files == ()
    assert shelf.reasons(plan) == {"api_20260314.jsonl": LeftOutReason.TARGET_EXISTS}


def test_a_copy_before_a_restart_is_of_the_logs_class_and_not_live(shelf: Shelf) -> None:
    shelf.put("api_20260201_pre_restart.jsonl", days=40)
    (file,) = shelf.read(shelf.claim("api_%Y%m%d.jsonl")).files
    assert (file.log_class.name, file.log_class.is_live_path) == ("application", False)


def test_a_log_without_a_file_says_so(shelf: Shelf) -> None:
    plan = plan_snapshot(shelf.read(), "api", "/tmp/x", NOW_S)
    assert plan.warnings == ("nothing to copy: api has no file that is written to now",)


def test_a_list_that_ended_early_is_told_in_the_plan(shelf: Shelf) -> None:
    listing = replace(shelf.read(), is_complete=False, note=clean("stopped after 10 entries"))
    plan = plan_archive(listing, "/backup/x.tar.gz", NOW_S)
    assert plan.warnings == ("the list of files is not complete: stopped after 10 entries",)
