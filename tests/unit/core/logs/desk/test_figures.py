"""Figures over what is shown, saved queries, and seams that stay: the desk on real files."""

from collections.abc import Generator
from pathlib import Path

import pytest

from core.logs.desk import orders, passes
from core.logs.desk.measuring import unit_of
from core.logs.desk.rows import with_known_seams
from core.model.log import LogLevel, LogPosition, LogRecord, Seam, SeamKind
from core.model.log_view import LogRow
from core.model.text import clean
from tests.unit.core.logs.desk.desks import DeskAtWork, query, stamped, text_of

API, WEB = "shop/api/app", "shop/web/app"


@pytest.fixture(name="work")
def fixture_work(tmp_path: Path) -> Generator[DeskAtWork]:
    """Two logs; calls of 1 to 500 ms in one of them, every tenth an error."""
    paths = {name: tmp_path / f"{at}.log" for at, name in enumerate((API, WEB))}
    calls = (
        stamped(
            at, f'{{"duration_ms": {at}, "route": "/r{at % 3}"}}', "INFO" if at % 10 else "ERROR"
        )
        for at in range(1, 501)
    )
    paths[API].write_text("".join(calls))
    paths[WEB].write_text("".join(stamped(at, f"w{at}") for at in range(100)))
    work = DeskAtWork(paths)
    work.choose_all()
    yield work
    work.desk.close()


def test_the_numbers_of_a_field_are_measured_in_its_unit(work: DeskAtWork) -> None:
    work.do(orders.Figures(measure="duration_ms"))
    measure = work.picture.measure
    assert measure is not None
    assert (measure.unit, measure.count, measure.without) == ("ms", 500, 100)
    assert (measure.minimum, measure.average, measure.maximum) == (1, 250.5, 500)
    assert measure.percentiles == ((0.5, 250), (0.9, 450), (0.95, 475), (0.99, 495))
    assert measure.is_complete
    work.do(orders.Ask(query("duration_ms>400")))
    measure = work.picture.measure
    assert measure is not None
    assert (measure.count, measure.minimum) == (100, 401)
    work.do(orders.Figures())
    assert work.picture.measure is None


def test_what_comes_is_measured_too(work: DeskAtWork, tmp_path: Path) -> None:
    work.do(orders.Figures(measure="duration_ms", count_by="route"))
    with (tmp_path / "0.log").open("a") as file:
        file.write(stamped(501, '{"duration_ms": 9000, "route": "/new"}') + stamped(502, "next"))
    work.look()
    measure, tops = work.picture.measure, work.picture.tops
    assert measure is not None
    assert tops is not None
    assert measure.maximum == 9000
    assert "/new" in [one.value for one in tops.values]


@pytest.fixture(name="large")
def fixture_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[DeskAtWork]:
    """A log of which only the newest megabyte or so is counted without being asked for more."""
    monkeypatch.setattr(passes, "UNASKED_BYTES", 1)
    path, padding = tmp_path / "large.log", "x" * 1000
    path.write_text(
        "".join(
            stamped(
                at, f'{{"duration_ms": {at}, "mail": "u{at % 3}@example.org", "p": "{padding}"}}'
            )
            for at in range(1, 4001)
        )
    )
    work = DeskAtWork({API: path})
    work.choose_all()
    yield work
    work.desk.close()


def test_figures_that_were_asked_for_are_of_all_there_is(large: DeskAtWork) -> None:
    assert large.picture.count.is_newest_part
    assert large.picture.count.matched < 4000
    large.pictures.clear()
    large.do(orders.Figures(measure="duration_ms"))
    measure = large.picture.measure
    assert measure is not None
    assert (measure.count, measure.minimum, measure.is_complete) == (4000, 1, True)
    assert large.picture.count.matched == 4000
    assert not large.picture.count.is_newest_part
    partial = [one.measure for one in large.pictures if one.measure and one.measure.count]
    assert not partial[0].is_complete
    assert 0 < partial[0].count < 4000


def test_figures_that_are_wanted_no_more_are_not_gone_on_with(large: DeskAtWork) -> None:
    large.desk.carry_out(orders.Figures(count_by="mail"))
    large.desk.step()
    assert large.desk.has_work
    large.do(orders.Figures())
    assert large.picture.tops is None
    assert large.picture.count.is_newest_part


def test_what_looks_personal_is_counted_by_kind_and_file_and_can_be_gone_to(
    large: DeskAtWork, tmp_path: Path
) -> None:
    (tmp_path / "large.log.1").write_text(stamped(0, "call +49 151 23456789"))
    large.look()
    large.do(orders.Choose(()))
    large.choose_all()
    large.do(orders.Figures(is_personal=True))
    personal = large.picture.personal
    assert personal is not None
    assert (personal.records, personal.records_with_hits) == (4001, 4001)
    mails, phone = personal.finds
    assert (mails.kind, mails.field, mails.count) == ("email", "mail", 4000)
    assert (phone.kind, phone.count) == ("phone", 1)
    assert phone.file.endswith("large.log.1")
    assert mails.samples == ("u•••@e•••.org",)
    assert "23456789" not in repr(large.pictures[-1].personal)
    large.do(orders.ShowRecord(phone.source, phone.first))
    goal = large.picture.goal
    assert goal == (API, phone.first, False)
    assert any(row.key == goal for row in large.picture.rows)
    assert large.picture.personal is not None
    large.do(orders.ShowRecord(API, LogPosition(77, 1)))
    assert "not there any more" in large.picture.problem


def test_a_field_that_no_record_has_is_named_with_the_nearest(work: DeskAtWork) -> None:
    work.do(orders.Figures(measure="duratoin_ms"))
    (unknown,) = work.picture.unknown_fields
    assert unknown == "duratoin_ms (did you mean duration_ms?)"


@pytest.mark.parametrize(
    ("field", "unit"),
    [
        ("duration_ms", "ms"),
        ("request_time", "s"),
        ("memory_mb", "MB"),
        ("size_bytes", "B"),
        ("cpu_percent", "%"),
        ("status", ""),
    ],
)
def test_a_unit_is_what_the_name_says(field: str, unit: str) -> None:
    assert unit_of(field) == unit


def test_a_saved_query_brings_its_log_query_and_figures_at_once(work: DeskAtWork) -> None:
    figures = orders.Figures(count_by="route")
    work.do(orders.Recall((API,), query("duration_ms>490"), None, None, figures))
    assert [one.source for one in work.picture.logs if one.is_chosen] == [API]
    assert len(work.texts) == 10
    assert work.picture.query_text == "duration_ms>490"
    assert work.picture.tops is not None
    assert work.picture.tops.total == 10


def test_the_last_records_are_all_there_is_until_more_come(
    work: DeskAtWork, tmp_path: Path
) -> None:
    figures = orders.Figures(measure="duration_ms")
    work.do(orders.Recall((API,), query("level>=error"), None, 5, figures))
    measure = work.picture.measure
    assert measure is not None
    assert (measure.count, measure.minimum, measure.maximum) == (5, 460, 500)
    assert work.picture.count.matched == 5
    assert dict(work.picture.count.by_level) == {LogLevel.ERROR: 5}
    assert (len(work.texts), work.picture.last, work.picture.is_at_start) == (5, 5, True)
    first = work.picture.rows[0].key
    for order in (orders.Older(), orders.ToStart()):
        work.do(order)
        assert len(work.texts) == 5
    assert work.picture.goal == first
    work.do(orders.Find(query("duration_ms=10"), first, is_backwards=True))
    assert len(work.texts) == 5
    with (tmp_path / "0.log").open("a") as file:
        file.write(stamped(510, "late", "ERROR") + stamped(511, "next"))
    work.look()
    assert (len(work.texts), work.picture.count.matched) == (6, 6)
    work.do(orders.ToEnd())
    assert (len(work.texts), work.picture.count.matched) == (5, 5)
    work.do(orders.Ask(None))
    assert (len(work.texts), work.picture.last) == (400, None)


def test_reading_the_last_records_goes_on_where_an_order_broke_it_off(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text("".join(stamped(at, f"n{at}") for at in range(5000)))
    is_waiting = [False]
    work = DeskAtWork({"app": path}, is_interrupted=lambda: is_waiting[0])
    is_waiting = [True]
    work.desk.carry_out(orders.Recall(("app",), query("n4"), None, 50, orders.Figures()))
    assert len(work.texts) < 50
    is_waiting = [False]
    work.count()
    assert len(work.texts) == work.picture.count.matched == 50
    work.desk.close()


def test_saving_the_last_records_saves_no_others(work: DeskAtWork, tmp_path: Path) -> None:
    work.do(orders.Recall((API,), query(""), None, 3, orders.Figures()))
    path = tmp_path / "saved.log"
    work.do(orders.Save(str(path)))
    assert len(path.read_text().splitlines()) == 3
    assert "3 records" in work.picture.notice


def test_a_seam_stays_when_its_page_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text("".join(stamped(at, f"n{at}") for at in range(600)))
    work = DeskAtWork({"app": path})
    work.choose_all()
    path.rename(tmp_path / "app.log.1")
    path.write_text("".join(stamped(at, f"n{at}") for at in range(600, 1200)))
    work.look()
    work.look()
    at = work.texts.index("n600")
    seams = [text for text in work.texts if text.startswith("<")]
    assert seams
    assert work.texts[at - len(seams) : at] == seams
    work.do(orders.ToEnd())
    assert not [text for text in work.texts if text.startswith("<")]
    for _ in range(3):
        work.do(orders.Older())
    assert work.texts.index("n600") - work.texts.index("n599") == 1 + len(seams)
    work.do(orders.ToStart())
    work.do(orders.Newer())
    assert work.texts.index("n600") - work.texts.index("n599") == 1 + len(seams)
    assert len({row.key for row in work.picture.rows}) == len(work.picture.rows)
    work.desk.close()


def row_at(offset: int, source: str = "app") -> LogRow:
    raw = f"r{offset}".encode()
    return LogRow(LogRecord(source, LogPosition(0, offset), raw, clean(raw.decode())))


def seam_at(offset: int, source: str = "app") -> Seam:
    return Seam(source, LogPosition(0, offset), SeamKind.ROTATED, clean("rotated"), 0.0)


@pytest.mark.parametrize(
    ("offset", "is_at_start", "is_at_end", "place"),
    [
        (5, False, False, 1),
        (20, False, False, 3),
        (0, False, False, None),
        (0, True, False, 0),
        (99, False, False, None),
        (99, False, True, 4),
    ],
)
def test_a_seam_stands_where_its_log_was_cut_or_nowhere(
    offset: int, is_at_start: bool, is_at_end: bool, place: int | None
) -> None:
    rows = (row_at(1), row_at(3, "another"), row_at(10), row_at(30))
    seams = [seam_at(offset), seam_at(offset, "other")]
    after = with_known_seams(rows, seams, is_at_start=is_at_start, is_at_end=is_at_end)
    found = [at for at, row in enumerate(after) if row.seam is not None]
    assert found == ([] if place is None else [place])
    assert with_known_seams(after, seams, is_at_start=is_at_start, is_at_end=is_at_end) == after
    assert [text_of(row) for row in after if row.record] == [text_of(row) for row in rows]
