"""A scan counts by log and field, says where, shows masked samples, and stays small."""

from collections.abc import Iterator, Mapping

from hypothesis import given
from hypothesis import strategies as st

from core.logs.keeping.personal_data import PersonalReport, PersonalScan, TextAt, scan_personal
from core.model.log import FieldValue, LogPosition, LogRecord
from core.model.personal import PersonalKind
from core.model.text import SafeText, clean
from tests.hostile import CORPUS
from tests.unit.core.test_text import is_harmless


def at(offset: int) -> LogPosition:
    return LogPosition(0, offset)


def line(text: str, offset: int = 0, source: str = "shop/api/app") -> TextAt:
    return TextAt(source, at(offset), clean(text))


def record(
    fields: Mapping[str, FieldValue],
    message: str = "",
    details: tuple[str, ...] = (),
    raw: bytes = b"",
    offset: int = 0,
) -> LogRecord:
    return LogRecord(
        source="shop/api/app",
        position=at(offset),
        raw=raw,
        message=clean(message),
        fields=fields,
        details=tuple(clean(detail) for detail in details),
    )


def scanned(*items: LogRecord | TextAt) -> PersonalReport:
    return scan_personal(items, cancelled=lambda: False)


def test_lines_are_counted_by_log_with_first_and_last_place() -> None:
    report = scanned(
        line("bob@example.com", 0),
        line("nothing", 20),
        line("amy@example.org", 40),
        line("+49 170 1234567", 60, source="/var/log/other.log"),
    )
    other, app = report.findings
    assert (other.source, other.kind, other.count) == ("/var/log/other.log", PersonalKind.PHONE, 1)
    assert (app.kind, app.count, app.first, app.last) == (PersonalKind.EMAIL, 2, at(0), at(40))
    assert app.samples == ("b•••@e•••.com", "a•••@e•••.org")
    assert (report.records, report.records_with_hits, report.is_complete) == (4, 3, True)
    assert {str(name): count for name, count in report.count_by_source().items()} == {
        "/var/log/other.log": 1,
        "shop/api/app": 2,
    }


def test_the_runbooks_words_alone_are_no_finding() -> None:
    # grep -r "email\|phone\|address" logs/
    assert scanned(line('{"event":"invalid address","field":"email","phone":null}')).findings == ()


def test_a_record_tells_the_field_and_a_repeated_value_counts_once() -> None:
    report = scanned(
        record(
            {"details.email": clean("bob@example.com"), "tags": (clean("amy@example.org"),)},
            message="mail to bob@example.com failed",
            details=("ValueError: carl@example.net",),
        )
    )
    assert {(str(found.field), found.count) for found in report.findings} == {
        ("details.email", 1),
        ("tags", 1),
        ("details", 1),
    }


def test_a_field_that_promises_a_secret_is_one_whatever_it_looks_like() -> None:
    report = scanned(
        record({"db.password": clean("correct horse"), "tokens": 12, "token": clean("expired")})
    )
    (found,) = report.findings
    assert (found.field, found.kind) == ("db.password", PersonalKind.SECRET)
    assert found.samples == ("••••••••",)


def test_a_number_is_looked_at_only_where_it_may_be_a_card() -> None:
    numbers: dict[str, FieldValue] = {
        "card": 4111111111111111,
        "time": 1773480413123456,
        "huge": 10**5000,
        "flag": True,
        "ratio": 0.5,
    }
    assert [found.field for found in scanned(record(numbers)).findings] == ["card"]


def test_the_end_of_a_long_record_is_scanned_too() -> None:
    raw = b"x " * 20_000 + b"bob@example.com" + b" y" * 20_000
    report = scanned(record({}, message=raw.decode(), raw=raw))
    (found,) = report.findings
    assert (found.field, found.kind, found.count) == ("raw", PersonalKind.EMAIL, 1)


@given(st.integers(0, 9_000))
def test_a_value_on_the_edge_of_a_window_is_found_once_and_whole(before: int) -> None:
    raw = b"x " * (before // 2) + b"y" * (before % 2) + b" +49 170 1234567 " + b"z " * 5_000
    report = scanned(record({}, raw=raw))
    assert [(found.count, found.samples) for found in report.findings] == [(1, ("+49 ••• 67",))]


def test_records_that_were_cut_are_told() -> None:
    cut = LogRecord("s", at(0), b"", clean("x"), is_cut=True)
    assert scanned(cut).cut_records == 1


def test_cancelling_ends_it_and_says_so() -> None:
    taken: list[int] = []

    def items() -> Iterator[TextAt]:
        for offset in range(1_000):
            taken.append(offset)
            yield line("bob@example.com", offset)

    report = scan_personal(items(), cancelled=lambda: len(taken) > 100)
    assert not report.is_complete
    assert 100 <= report.records < 200
    assert len(taken) < 200


def test_places_are_bounded_and_nothing_is_lost_from_the_count() -> None:
    scan = PersonalScan()
    for index in range(5_000):
        scan.add(record({f"field{index}": clean(f"bob{index}@example.com")}))
    report = scan.result()
    assert len(report.findings) <= 2_002
    assert sum(found.count for found in report.findings) == 5_000
    assert max(len(found.samples) for found in report.findings) <= 3


def test_nothing_hostile_and_no_value_is_in_the_report() -> None:
    values = [f"person{index}@example.com" for index in range(len(CORPUS))]
    items = [
        record(
            {f"{payload}key": clean(f"{payload} {value}")},
            raw=f"{payload} {value}".encode("utf-8", "replace"),
            offset=index,
        )
        for index, (payload, value) in enumerate(zip(CORPUS, values, strict=True))
    ]
    report = scanned(*items)
    texts: list[SafeText] = []
    for found in report.findings:
        texts += [found.source, found.field, *found.samples]
    assert all(is_harmless(text) for text in texts)
    assert not any(value in text for value in values for text in texts)
    assert sum(found.count for found in report.findings) >= len(CORPUS)
