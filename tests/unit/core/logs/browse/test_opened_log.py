"""An opened log is read back and forth, tells what is new, and learns its format as it grows."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from core.logs.browse.opened_log import OpenedLog
from core.logs.files.log_file import LogFile
from core.logs.stream.reading import ReadLimit
from core.model.log import LogLevel, LogPosition, LogRecord
from tests.unit.core.logs.browse.logs import (
    BEGIN_S,
    NOW_S,
    Body,
    bodies,
    json_line,
    opened,
    plain,
    records_of,
)


def open_file(path: Path) -> OpenedLog:
    return OpenedLog(LogFile(str(path)), NOW_S)


@settings(deadline=None)
@given(body=bodies(), count=st.integers(1, 9))
def test_pages_back_and_pages_on_give_the_same_records(body: Body, count: int) -> None:
    log = body.opened()
    limit = ReadLimit(records=count)
    back: list[LogRecord] = []
    at: LogPosition | None = None
    is_last = False
    while not is_last:
        stretch = log.read_before(at, limit)
        back[:0] = [entry.record for entry in stretch.entries]
        at, is_last = stretch.begin, stretch.is_last
    assert at == log.begin_position()
    on: list[LogRecord] = []
    is_last = False
    while not is_last:
        stretch = log.read_after(at, limit)
        on += [entry.record for entry in stretch.entries]
        assert all(entry.record.position < entry.end for entry in stretch.entries)
        at, is_last = stretch.end, stretch.is_last
    assert log.after(at) == ()
    assert back == on == records_of(log)


def test_notes_are_left_out_and_hide_nothing_that_stands_before_them() -> None:
    notes = b"".join(b"-- Boot %032d --\n" % number for number in range(1000))
    log = opened(plain(BEGIN_S) + notes + plain(BEGIN_S + 1))
    assert [record.time_s for record in log.before(None, ReadLimit(records=10))] == [
        BEGIN_S + 1.123
    ]
    before = log.before(log.before(None)[-1].position, ReadLimit(records=10))
    assert [record.time_s for record in before] == [BEGIN_S + 0.123]
    assert len(log.after(LogPosition(0, 70), ReadLimit(records=10))) == 1


def test_reading_that_is_cancelled_does_not_say_that_nothing_is_left() -> None:
    log = opened(plain(BEGIN_S) * 20)
    for stretch in (
        log.read_before(None, cancelled=lambda: True),
        log.read_after(None, cancelled=lambda: True),
    ):
        assert stretch.entries == ()
        assert not stretch.is_last


def test_a_log_that_has_nothing_begins_and_ends_at_once() -> None:
    log = opened()
    assert (log.before(None), log.after(None)) == ((), ())
    assert log.begin_position() == log.end_position()


def test_the_format_is_learned_when_the_first_lines_come(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    path.touch()
    log = open_file(path)
    assert log.parser.format == "text"
    assert not log.has_times
    path.write_bytes(json_line(BEGIN_S))
    (record,) = log.news(NOW_S).records
    assert record.level is LogLevel.WARN
    assert record.time_s == BEGIN_S
    assert log.parser.format != "text"
    assert log.has_times
    log.close()


def test_the_format_is_not_learned_again_and_again(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    (tmp_path / "app.log.1").write_bytes(b"".join(plain(BEGIN_S + at) for at in range(5000)))
    path.write_bytes(plain(BEGIN_S + 5000) * 3)
    log = open_file(path)
    parser = log.parser
    assert log.has_times
    with path.open("ab") as file:
        file.write(plain(BEGIN_S + 5001) * 10)
    assert len(log.news(NOW_S).records) == 10
    assert log.parser is parser
    log.close()


def test_a_small_live_file_is_read_as_its_rotated_siblings_show(tmp_path: Path) -> None:
    (tmp_path / "app.log.1").write_bytes(b"".join(plain(BEGIN_S + at) for at in range(20)))
    (tmp_path / "app.log").write_bytes(b"print without anything\n")
    log = open_file(tmp_path / "app.log")
    assert log.has_times
    assert log.before(None)[-1].time_s == BEGIN_S + 19.123
    log.close()


def test_a_record_that_was_given_unfinished_is_replaced_when_it_grows(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_bytes(plain(BEGIN_S))
    log = open_file(path)
    whole = plain(BEGIN_S + 1, b"it broke")
    with path.open("ab") as file:
        file.write(whole[:40])
        file.flush()
        (half,) = log.news(NOW_S).records
        file.write(whole[40:] + b"  more of it\n")
        file.flush()
        (grown,) = log.news(NOW_S).records
    assert half.raw == whole[:40]
    assert grown.position == half.position
    assert grown.raw == whole + b"  more of it"
    assert log.before(None)[-1] == grown
    log.close()


def test_a_line_given_unfinished_that_continues_the_one_above_is_withdrawn(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_bytes(plain(BEGIN_S) + b"  in")
    log = open_file(path)
    with path.open("ab") as file:
        file.write(plain(BEGIN_S + 1).replace(b"\n", b"\n}"))
        file.flush()
        first = log.news(NOW_S)
        file.write(b"\n")
        file.flush()
        second = log.news(NOW_S)
    shown = {record.position: record.raw for record in first.records}
    for position in second.withdrawn:
        del shown[position]
    shown |= {record.position: record.raw for record in second.records}
    assert list(shown.values()) == [record.raw for record in log.after(None)][-len(shown) :]
    log.close()


def test_the_seams_of_the_first_look_are_told_with_the_first_news(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    log = open_file(path)
    path.write_bytes(plain(BEGIN_S))
    news = log.news(NOW_S)
    assert len(news.records) == 1
    path.unlink()
    assert log.news(NOW_S).records == ()
    assert not log.news(NOW_S).has_more
    log.close()
