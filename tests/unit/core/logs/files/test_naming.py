"""What the name of a rotated log tells."""

import pytest

from core.logs.files.naming import (
    Packing,
    Rotation,
    date_glob,
    parse_dated,
    parse_rotation,
    split_rotation,
)


@pytest.mark.parametrize(
    ("live", "name", "expected"),
    [
        ("app.log", "app.log.1", Rotation(number=1)),
        ("app.log", "app.log.2.gz", Rotation(Packing.GZIP, number=2)),
        ("audit.log", "audit.log.2026-03-13", Rotation(stamp="20260313")),
        ("app.log", "app.log-20260313.xz", Rotation(Packing.XZ, stamp="20260313")),
        ("x.log", "x-20260313.log.zst", Rotation(Packing.ZSTD, stamp="20260313")),
        ("x.log", "x.2026-03-13_10-00-00_123456.log", Rotation(stamp="20260313100000123456")),
        ("app.log", "app.1.log", Rotation(number=1)),
        ("app.log", "app-2026-03-13.4.log.bz2", Rotation(Packing.BZIP2, "20260313", 4)),
        ("app.log", "app.log-1773400000", Rotation(stamp="1773400000")),
        ("syslog", "syslog.1", Rotation(number=1)),
        ("boot.log", "boot.log.old", Rotation(number=1)),
        ("app.log", "app.log.gz", Rotation(Packing.GZIP)),
    ],
)
def test_a_sibling_tells_its_place_in_time(live: str, name: str, expected: Rotation) -> None:
    assert parse_rotation(live, name) == expected


@pytest.mark.parametrize(
    "name",
    [
        "app.log.bak",
        "app.log.swp",
        "other.log.1",
        "app.log.offset",
        "app2.log.1",
        "app.log~",
        "app",
    ],
)
def test_what_is_no_sibling_is_not_taken_for_one(name: str) -> None:
    assert parse_rotation("app.log", name) is None


def test_a_globs_match_tells_which_live_file_it_was() -> None:
    assert split_rotation("app.log.2.gz") == ("app.log", Rotation(Packing.GZIP, number=2))
    assert split_rotation("app.log") == ("app.log", Rotation())


def test_a_dated_path_tells_its_day() -> None:
    pattern = "/l/ai_diy_api_%Y%m%d.jsonl"
    dated = parse_dated(pattern, "/l/ai_diy_api_20260305.jsonl.gz")
    assert dated is not None
    assert (dated.stamp, dated.rotation.packing) == ((2026, 3, 5), Packing.GZIP)
    assert parse_dated(pattern, "/l/ai_diy_api_notes.jsonl") is None
    assert date_glob(pattern) == "/l/ai_diy_api_" + "[0-9]" * 8 + ".jsonl"


def test_days_written_the_other_way_round_are_ordered_by_time() -> None:
    days = [parse_dated("/%d-%m-%Y.log", f"/{day}.log") for day in ("31-12-2025", "01-02-2026")]
    assert days[0] is not None
    assert days[1] is not None
    assert days[0].stamp < days[1].stamp
