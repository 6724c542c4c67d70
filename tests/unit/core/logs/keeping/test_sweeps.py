"""The runbooks' cleanups are held against the rules, file by file."""

from core.logs.keeping.rules import DEFAULT_RULES
from core.logs.keeping.sweeps import FindSweep, judge_sweep
from tests.unit.core.logs.keeping.shelf import NOW_S, Shelf


def test_the_rotated_pattern_takes_the_audit_log(shelf: Shelf) -> None:
    shelf.put("app.log.1", days=40)
    shelf.put("audit.log.2026-01-01", days=71)
    listing = shelf.read(shelf.claim("app.log"), shelf.claim("audit.log", "audit"))
    found = judge_sweep(FindSweep("*.log.*", 30), listing, DEFAULT_RULES, NOW_S)
    assert len(found.takes) == 2
    assert [(swept.row.class_name, swept.why) for swept in found.wrongly] == [
        ("audit", "audit is kept 365 d, it is 71 d old")
    ]


def test_packed_files_are_never_reached_by_the_pattern_for_plain_ones(shelf: Shelf) -> None:
    shelf.put("api_20250101.jsonl.gz", days=436)
    shelf.put("api_20260101.jsonl", days=71)
    listing = shelf.read(shelf.claim("api_%Y%m%d.jsonl"))
    found = judge_sweep(FindSweep("*.jsonl", 30), listing, DEFAULT_RULES, NOW_S)
    assert [row.file.name.packing for row in found.takes] == [""]
    assert [(swept.row.file.name.packing, swept.why) for swept in found.misses] == [
        ("gz", "its name does not fit *.jsonl")
    ]


def test_find_counts_whole_days_so_that_plus_30_is_31(shelf: Shelf) -> None:
    shelf.put("app.log.1", days=30.9)
    shelf.put("app.log.2", days=31)
    listing = shelf.read(shelf.claim("app.log"))
    found = judge_sweep(FindSweep("*.log.*", 30), listing, DEFAULT_RULES, NOW_S)
    assert [row.age.days for row in found.takes] == [31]
    assert [swept.why for swept in found.misses] == ["by its last change it is 30 whole days old"]


def test_the_live_file_is_told(shelf: Shelf) -> None:
    shelf.put("app.log", days=40)
    listing = shelf.read(shelf.claim("app.log"))
    found = judge_sweep(FindSweep("*.log", 30), listing, DEFAULT_RULES, NOW_S)
    assert [swept.why for swept in found.wrongly] == ["the application may write to it"]
