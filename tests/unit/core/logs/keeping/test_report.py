"""The list and the retention report say what is there, what the rule asks, and what is overdue."""

from datetime import UTC, datetime

from core.logs.keeping.ages import AgeBasis
from core.logs.keeping.report import KeepingReport, KeepingRow, KeepingState, list_report
from core.logs.keeping.rules import DAY_S, DEFAULT_RULES, LogClaim
from tests.hostile import CORPUS
from tests.unit.core.logs.keeping.shelf import NOW_S, Shelf
from tests.unit.core.test_text import is_harmless


def report_on(shelf: Shelf, *claims: LogClaim) -> KeepingReport:
    return list_report(shelf.read(*claims), DEFAULT_RULES, NOW_S)


def row_of(report: KeepingReport, name: str) -> KeepingRow:
    (row,) = [row for row in report.rows if row.file.path.endswith(f"/{name}")]
    return row


def test_the_day_in_the_name_decides_and_counts_to_its_end(shelf: Shelf) -> None:
    shelf.put("api_20260212.jsonl", days=29.4)
    shelf.put("api_20260211.jsonl", days=30.4)
    report = report_on(shelf, shelf.claim("api_%Y%m%d.jsonl"))
    young, old = row_of(report, "api_20260212.jsonl"), row_of(report, "api_20260211.jsonl")
    assert (young.age.days, young.age.basis, young.state) == (
        29,
        AgeBasis.NAME,
        KeepingState.TO_COMPRESS,
    )
    assert (old.age.days, old.state) == (30, KeepingState.OVERDUE)
    assert young.due_s == datetime(2026, 3, 15, tzinfo=UTC).timestamp()
    assert old.overdue_s == NOW_S - datetime(2026, 3, 14, tzinfo=UTC).timestamp()


def test_without_a_day_the_last_change_decides_to_the_second(shelf: Shelf) -> None:
    shelf.put("app.log.1", days=30, ago_s=1)
    shelf.put("app.log.2", days=30, ago_s=-1)
    report = report_on(shelf, shelf.claim("app.log"))
    assert row_of(report, "app.log.1").state is KeepingState.OVERDUE
    assert row_of(report, "app.log.2").state is KeepingState.TO_COMPRESS
    assert row_of(report, "app.log.1").age.basis is AgeBasis.MODIFIED


def test_every_day_is_86400_seconds_over_a_clock_change(shelf: Shelf) -> None:
    # Europe sets its clocks on 2026-03-29: a local day of 23 hours lies between.
    shelf.put("api_20260328.jsonl")
    now_s = datetime(2026, 4, 28, 0, 0, tzinfo=UTC).timestamp()
    listing = shelf.read(shelf.claim("api_%Y%m%d.jsonl"))
    (row,) = list_report(listing, DEFAULT_RULES, now_s).rows
    assert row.age.age_s == 30 * DAY_S
    assert row.state is not KeepingState.OVERDUE
    (row,) = list_report(listing, DEFAULT_RULES, now_s + 1).rows
    assert row.state is KeepingState.OVERDUE


def test_name_and_change_that_contradict_each_other_are_shown(shelf: Shelf) -> None:
    shelf.put("api_20260101.jsonl", days=2)
    shelf.put("api_20260310.jsonl", days=60)
    report = report_on(shelf, shelf.claim("api_%Y%m%d.jsonl"))
    later, earlier = row_of(report, "api_20260101.jsonl"), row_of(report, "api_20260310.jsonl")
    assert later.note == "written to 69 d after the day in its name"
    assert earlier.note == "last written to 55 d before that day"


def test_the_live_file_and_todays_file_say_so(shelf: Shelf) -> None:
    shelf.put("app.log", days=400)
    shelf.put("api_20260314.jsonl")
    report = report_on(shelf, shelf.claim("app.log"), shelf.claim("api_%Y%m%d.jsonl"))
    assert row_of(report, "app.log").state is KeepingState.LIVE
    assert row_of(report, "api_20260314.jsonl").state is KeepingState.TODAY


def test_totals_by_class_add_up(shelf: Shelf) -> None:
    shelf.put("app.log", size_bytes=100)
    shelf.put("app.log.1", days=8, size_bytes=200)
    shelf.put("app.log.2.gz", days=31, size_bytes=400)
    shelf.put("audit.log.2026-01-01", days=71, size_bytes=800)
    shelf.put("notes.txt", days=900, size_bytes=1_600)
    report = report_on(shelf, shelf.claim("app.log"), shelf.claim("audit.log", "audit"))
    totals = {str(total.class_name): total for total in report.classes}
    app = totals["application"]
    assert (app.files, app.size_bytes, app.compressed_files, app.compressed_bytes) == (
        3,
        700,
        1,
        400,
    )
    assert (app.to_compress_files, app.to_compress_bytes) == (1, 200)
    assert (app.overdue_files, app.overdue_bytes) == (1, 400)
    assert app.notes == ("1 compressed files are past their term",)
    assert not app.is_kept
    assert totals["audit"].is_kept
    assert totals["audit"].notes == ("reaches back 71 d of 365 d",)
    assert totals["security"].notes == ("no file of this class was found",)
    assert totals["security"].oldest_s is None
    assert totals["unknown"].notes == ("no rule: nothing of it is ever deleted",)
    assert report.size_bytes == 3_100


def test_no_name_reaches_a_report_raw(shelf: Shelf) -> None:
    for index, payload in enumerate(text for text in CORPUS if text.isascii()):
        shelf.put(f"{index}{payload[:100]}".replace("/", "_").replace("\0", "_"), days=40)
    report = report_on(shelf, shelf.claim("*"))
    assert all(is_harmless(row.file.path) and is_harmless(row.note) for row in report.rows)
