"""Compressing and deleting touch finished files whose own rule says so, and nothing else."""

import os

import pytest

from core.logs.keeping.plan import KeepingAction, LeftOutReason
from core.logs.keeping.plan_files import plan_compress, plan_delete
from core.logs.keeping.rules import DAY_S, DEFAULT_RULES, RetentionRule
from tests.unit.core.logs.keeping.shelf import NOW_S, Shelf


def test_the_runbooks_glob_does_not_delete_the_audit_log(shelf: Shelf) -> None:
    # `find logs/ -name "*.log.*" -mtime +30 -delete` takes audit.log.2026-01-01 along.
    shelf.put("audit.log.2026-01-01", days=71)
    shelf.put("app.log.2026-01-01", days=71)
    listing = shelf.read(shelf.claim("*.log.*"), shelf.claim("audit.log", "audit"))
    plan = plan_delete(listing, DEFAULT_RULES, NOW_S)
    assert shelf.touched(plan) == {"app.log.2026-01-01"}
    assert shelf.reasons(plan) == {"audit.log.2026-01-01": LeftOutReason.AUDIT_TRAP}
    (left,) = plan.left_out
    assert "application would delete it; audit has kept it 71 of 365 d" in left.note


def test_nor_does_it_where_the_audit_log_is_not_configured(shelf: Shelf) -> None:
    shelf.put("audit.log.2026-01-01", days=71)
    plan = plan_delete(shelf.read(shelf.claim("*.log.*")), DEFAULT_RULES, NOW_S)
    assert shelf.reasons(plan) == {"audit.log.2026-01-01": LeftOutReason.AUDIT_TRAP}


def test_an_audit_log_goes_after_its_own_year(shelf: Shelf) -> None:
    shelf.put("audit.log.2025-01-01", days=436)
    listing = shelf.read(shelf.claim("*.log.*"), shelf.claim("audit.log", "audit"))
    assert shelf.touched(plan_delete(listing, DEFAULT_RULES, NOW_S)) == {"audit.log.2025-01-01"}


def test_todays_file_is_never_touched_even_with_an_old_change(shelf: Shelf) -> None:
    raw = shelf.put("api_20260314.jsonl", days=100)
    listing = shelf.read(shelf.claim("api_%Y%m%d.jsonl"))
    for plan in (
        plan_delete(listing, DEFAULT_RULES, NOW_S, chosen=frozenset({raw})),
        plan_compress(listing, DEFAULT_RULES, NOW_S, chosen=frozenset({raw})),
    ):
        assert plan.files == ()
        assert shelf.reasons(plan) == {"api_20260314.jsonl": LeftOutReason.TODAY}


@pytest.mark.parametrize(("hours", "is_today"), [(35.9, True), (36.1, False)])
def test_a_day_may_go_on_in_the_west_for_twelve_hours(
    shelf: Shelf, hours: float, is_today: bool
) -> None:
    shelf.put("api_20260301.jsonl", days=1)
    begin_s = NOW_S - NOW_S % DAY_S - 13 * DAY_S
    now_s = begin_s + hours * 3600
    (raw,) = shelf.read().paths()
    listing = shelf.read(shelf.claim("api_%Y%m%d.jsonl"))
    plan = plan_compress(listing, DEFAULT_RULES, now_s, chosen=frozenset({raw}), quiet_s=-1e9)
    assert (shelf.reasons(plan) == {"api_20260301.jsonl": LeftOutReason.TODAY}) is is_today


def test_files_in_use_are_left_however_old_they_claim_to_be(shelf: Shelf) -> None:
    shelf.put("app.log", days=400)
    shelf.put("api_20250101.jsonl", ago_s=30)
    shelf.put("api_20250102.jsonl", days=400)
    at = (shelf.folder / "api_20250102.jsonl").stat()
    listing = shelf.read(
        shelf.claim("app.log"),
        shelf.claim("api_%Y%m%d.jsonl"),
        open_files=frozenset({(at.st_dev, at.st_ino)}),
    )
    expected = {
        "app.log": LeftOutReason.LIVE,
        "api_20250101.jsonl": LeftOutReason.FRESH,
        "api_20250102.jsonl": LeftOutReason.OPEN,
    }
    assert shelf.reasons(plan_delete(listing, DEFAULT_RULES, NOW_S)) == expected
    assert shelf.reasons(plan_compress(listing, DEFAULT_RULES, NOW_S)) == expected


def test_a_change_in_the_future_is_no_age(shelf: Shelf) -> None:
    shelf.put("app.log.1", days=-3)
    plan = plan_delete(shelf.read(shelf.claim("app.log")), DEFAULT_RULES, NOW_S)
    assert shelf.reasons(plan) == {"app.log.1": LeftOutReason.FRESH}


def test_a_file_named_for_its_start_that_was_written_to_since_is_not_deleted(shelf: Shelf) -> None:
    shelf.put("api_20260101.jsonl", days=2)
    shelf.put("api_20260102.jsonl", days=71)
    plan = plan_delete(shelf.read(shelf.claim("api_%Y%m%d.jsonl")), DEFAULT_RULES, NOW_S)
    assert shelf.touched(plan) == {"api_20260102.jsonl"}
    assert shelf.reasons(plan) == {"api_20260101.jsonl": LeftOutReason.CONFLICT}


def test_what_nobody_claims_and_what_has_no_rule_is_never_deleted(shelf: Shelf) -> None:
    shelf.put("notes.txt", days=4_000)
    shelf.put("legal.log.1", days=4_000)
    plan = plan_delete(shelf.read(shelf.claim("legal.log", "legal")), DEFAULT_RULES, NOW_S)
    assert plan.files == ()
    assert shelf.reasons(plan) == {
        "notes.txt": LeftOutReason.NO_CLASS,
        "legal.log.1": LeftOutReason.NO_RULE,
    }


def test_choosing_a_file_does_not_make_it_old_enough_to_delete(shelf: Shelf) -> None:
    raw = shelf.put("app.log.1", days=29)
    listing = shelf.read(shelf.claim("app.log"))
    chosen = frozenset({raw, b"/none"})
    plan = plan_delete(listing, DEFAULT_RULES, NOW_S, chosen=chosen)
    assert shelf.reasons(plan) == {
        "app.log.1": LeftOutReason.YOUNG,
        "none": LeftOutReason.ABSENT,
    }


def test_packed_files_expire_too_by_their_own_term_where_there_is_one(shelf: Shelf) -> None:
    shelf.put("api_20260201.jsonl.gz", days=34)
    listing = shelf.read(shelf.claim("api_%Y%m%d.jsonl"))
    assert shelf.touched(plan_delete(listing, DEFAULT_RULES, NOW_S)) == {"api_20260201.jsonl.gz"}
    longer = {"application": RetentionRule("application", 30 * DAY_S, None, 90 * DAY_S)}
    assert plan_delete(listing, longer, NOW_S).files == ()


def test_bytes_and_fingerprints_are_those_of_the_files(shelf: Shelf) -> None:
    shelf.put("app.log.1", days=31, size_bytes=10_000)
    shelf.put("app.log.2", days=32, size_bytes=20_000)
    plan = plan_delete(shelf.read(shelf.claim("app.log")), DEFAULT_RULES, NOW_S)
    stats = [(shelf.folder / name).stat() for name in ("app.log.1", "app.log.2")]
    assert plan.action is KeepingAction.DELETE
    assert plan.freed_bytes == sum(at.st_blocks * 512 for at in stats)
    assert [planned.fingerprint.inode for planned in plan.files] == [at.st_ino for at in stats]
    assert [planned.fingerprint.modified_ns for planned in plan.files] == [
        at.st_mtime_ns for at in stats
    ]
    assert [planned.why for planned in plan.files] == [
        "31 d old, application is kept 30 d",
        "32 d old, application is kept 30 d",
    ]


def test_a_file_with_two_names_is_left(shelf: Shelf) -> None:
    shelf.put("api_20260101.jsonl", days=71)
    (shelf.folder / "kept").hardlink_to(shelf.folder / "api_20260101.jsonl")
    listing = shelf.read(shelf.claim("api_%Y%m%d.jsonl"))
    for plan in (
        plan_delete(listing, DEFAULT_RULES, NOW_S),
        plan_compress(listing, DEFAULT_RULES, NOW_S),
    ):
        assert shelf.reasons(plan)["api_20260101.jsonl"] is LeftOutReason.LINKED


def test_compressing_takes_what_is_old_enough_and_counts_it(shelf: Shelf) -> None:
    shelf.put("api_20260301.jsonl", days=12, size_bytes=50_000)
    shelf.put("api_20260302.jsonl", days=11, size_bytes=10_000)
    shelf.put("api_20260310.jsonl", days=3)
    shelf.put("audit.log.2026-01-01", days=71)
    listing = shelf.read(shelf.claim("api_%Y%m%d.jsonl"), shelf.claim("audit.log", "audit"))
    plan = plan_compress(listing, DEFAULT_RULES, NOW_S)
    assert shelf.touched(plan) == {"api_20260301.jsonl", "api_20260302.jsonl"}
    assert plan.read_bytes == 60_000
    assert plan.needed_bytes == 50_000
    assert 0 < plan.freed_bytes < sum(planned.file.disk_bytes for planned in plan.files)
    assert plan.files[0].raw_target == plan.files[0].file.raw_path + b".gz"
    assert shelf.reasons(plan) == {
        "api_20260310.jsonl": LeftOutReason.YOUNG,
        "audit.log.2026-01-01": LeftOutReason.NO_TERM,
    }


def test_a_twin_of_any_kind_is_never_written_over(shelf: Shelf) -> None:
    for name in ("api_20260301.jsonl", "api_20260302.jsonl", "api_20260303.jsonl"):
        shelf.put(name, days=10)
    shelf.put("api_20260301.jsonl.gz", days=10)
    shelf.put("api_20260302.jsonl.zst", days=10)
    (shelf.folder / "api_20260303.jsonl.gz").symlink_to("/dev/null")
    plan = plan_compress(shelf.read(shelf.claim("api_%Y%m%d.jsonl")), DEFAULT_RULES, NOW_S)
    assert plan.files == ()
    assert shelf.reasons(plan) == {
        "api_20260301.jsonl": LeftOutReason.TWIN,
        "api_20260302.jsonl": LeftOutReason.TWIN,
        "api_20260303.jsonl": LeftOutReason.TWIN,
        "api_20260301.jsonl.gz": LeftOutReason.PACKED,
        "api_20260302.jsonl.zst": LeftOutReason.PACKED,
        "api_20260303.jsonl.gz": LeftOutReason.NOT_REGULAR,
    }


def test_one_file_can_be_compressed_by_hand_before_its_time_but_not_the_live_one(
    shelf: Shelf,
) -> None:
    live = shelf.put("app.log", days=2)
    numbered = shelf.put("app.log.1", days=2)
    young = shelf.put("api_20260311.jsonl", days=2)
    listing = shelf.read(shelf.claim("app.log"), shelf.claim("api_%Y%m%d.jsonl"))
    chosen = frozenset({live, numbered, young})
    plan = plan_compress(listing, DEFAULT_RULES, NOW_S, chosen=chosen)
    assert shelf.touched(plan) == {"api_20260311.jsonl"}
    assert shelf.reasons(plan) == {
        "app.log": LeftOutReason.LIVE,
        "app.log.1": LeftOutReason.NUMBERED,
    }


def test_every_file_is_either_planned_or_left_out_with_a_reason(shelf: Shelf) -> None:
    for index in range(60):
        shelf.put(f"api_2026{index % 3 + 1:02}{index % 28 + 1:02}.jsonl", days=index)
        shelf.put(f"app.log.{index}", days=index)
    os.mkfifo(shelf.folder / "pipe")
    listing = shelf.read(shelf.claim("*.log.*"), shelf.claim("api_%Y%m%d.jsonl", "security"))
    for plan in (
        plan_delete(listing, DEFAULT_RULES, NOW_S),
        plan_compress(listing, DEFAULT_RULES, NOW_S),
    ):
        paths = [planned.file.raw_path for planned in plan.files]
        paths += [left.raw_path for left in plan.left_out]
        assert sorted(paths) == sorted(listing.paths())
