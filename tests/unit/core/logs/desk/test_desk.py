"""The desk on real files: pages, news, filters, searches, counts, and logs that come and go."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from core.errors import LogUnreadableError
from core.logs.browse.opened_log import OpenedLog
from core.logs.desk import orders
from core.logs.desk.desk import PAGE_ROWS
from core.logs.desk.rows import ROWS_KEPT
from core.model.log import LogLevel, LogMark
from core.model.text import clean
from tests.unit.core.logs.desk.desks import BEGIN_S, NOW_S, DeskAtWork, query, stamped, text_of


@pytest.fixture(name="many")
def fixture_many(tmp_path: Path) -> Generator[DeskAtWork]:
    """Two logs of 3,000 records each, one a second, the second half a second later."""
    paths = {name: tmp_path / f"{name}.log" for name in ("shop/api/app", "shop/web/app")}
    for path, name in zip(paths.values(), ("a", "b"), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = (
            stamped(number, f"{name}{number:04d}", "ERROR" if number % 500 == 7 else "INFO")
            for number in range(3000)
        )
        path.write_text("".join(lines))
    work = DeskAtWork(paths)
    work.choose_all()
    yield work
    work.desk.close()


@pytest.fixture(name="one")
def fixture_one(tmp_path: Path) -> Generator[tuple[DeskAtWork, Path]]:
    """One log of ten records."""
    path = tmp_path / "app.log"
    path.write_text("".join(stamped(number, f"n{number}") for number in range(10)))
    work = DeskAtWork({"app": path})
    work.choose_all()
    yield work, path
    work.desk.close()


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def mark(text: str, number: float, system: str = "shop") -> LogMark:
    return LogMark(system, clean(text), BEGIN_S + number)


def notes_of(work: DeskAtWork) -> list[str]:
    return [str(row.seam.note) for row in work.picture.rows if row.seam is not None]


def test_an_action_is_marked_between_the_records_of_its_time(many: DeskAtWork) -> None:
    many.do(mark("restart began", 2991.5))
    place = many.texts.index("<action>")
    assert many.texts[place - 2 : place + 2] == ["a2990", "b2990", "<action>", "a2991"]
    assert notes_of(many) == ["restart began"]


def test_what_begins_and_ends_between_two_records_is_one_mark_and_is_said_once(
    many: DeskAtWork,
) -> None:
    for _ in range(2):
        many.do(mark("restart began", 2990.6))
        many.do(mark("restart ended", 2990.9))
    assert notes_of(many) == ["restart began; restart ended"]


def test_a_mark_at_the_end_stays_before_what_comes(
    tmp_path: Path,
) -> None:
    path = tmp_path / "app.log"
    path.write_text("".join(stamped(number, f"n{number}") for number in range(10)))
    work = DeskAtWork({"shop/api/app": path})
    work.choose_all()
    work.do(mark("restart began", 100))
    append(path, stamped(101, "after"))
    work.look()
    assert work.texts[-3:] == ["n9", "<action>", "after"]
    work.do(orders.ToEnd())
    assert work.texts[-3:] == ["n9", "<action>", "after"], "read anew it stands there again"
    work.desk.close()


@pytest.mark.parametrize(
    "other", [mark("x", 2990.9, "bank"), mark("x", -5), mark("x", 100)], ids=["bank", "old", "far"]
)
def test_what_is_not_among_these_rows_is_not_marked(many: DeskAtWork, other: LogMark) -> None:
    many.do(other)
    assert notes_of(many) == []
    assert many.picture.problem == ""


def test_a_mark_comes_back_with_its_page(many: DeskAtWork) -> None:
    many.do(mark("restart began", 2990.9))
    many.do(orders.ToStart())
    assert notes_of(many) == []
    many.do(orders.ToEnd())
    assert notes_of(many) == ["restart began"]


WHOLE = [f"{name}{number:04d}" for number in range(3000) for name in "ab"]


def test_it_opens_at_the_end_with_both_logs_in_time_order(many: DeskAtWork) -> None:
    assert many.texts == WHOLE[-PAGE_ROWS:]
    assert many.picture.is_at_end
    assert not many.picture.is_at_start
    assert [one.state for one in many.picture.logs] == ["following", "following"]


def test_paging_to_the_start_and_back_to_the_end_gives_every_record_once(many: DeskAtWork) -> None:
    seen = dict.fromkeys(row.key for row in many.picture.rows)
    many.do(orders.Hold(is_held=True))
    for order in (orders.Older(), orders.Newer()):
        for _ in range(40):
            many.do(order)
            assert len(many.picture.rows) <= ROWS_KEPT
            texts = many.texts
            at = WHOLE.index(texts[0])
            assert texts == WHOLE[at : at + len(texts)]
            seen |= dict.fromkeys(row.key for row in many.picture.rows)
        if isinstance(order, orders.Older):
            assert many.picture.is_at_start
            assert many.texts[0] == WHOLE[0]
            assert not many.picture.is_at_end
    assert many.picture.is_at_end
    assert many.texts[-1] == WHOLE[-1]
    assert len(seen) == len(WHOLE)


def test_news_comes_to_the_end_once_and_is_counted(one: tuple[DeskAtWork, Path]) -> None:
    work, path = one
    before = work.picture.count
    append(path, stamped(10, "n10", "ERROR") + stamped(11, "n11"))
    work.look()
    assert work.texts[-2:] == ["n10", "n11"]
    count = work.picture.count
    assert count.matched == before.matched + 2
    assert dict(count.by_level)[LogLevel.ERROR] == 1
    assert sum(sum(one.by_level.values()) for one in count.buckets) == count.matched
    work.look()
    assert len(work.texts) == 12


def test_a_record_that_has_not_ended_is_replaced_and_counted_once(
    one: tuple[DeskAtWork, Path],
) -> None:
    work, path = one
    line = stamped(10, "the whole line", "ERROR")
    append(path, line[:-8])
    work.look()
    assert work.texts[-1] == "the whole line"[:-7]
    matched = work.picture.count.matched
    append(path, line[-8:])
    append(path, "Traceback (most recent call last):\n  File 'x', line 1\nValueError: no\n")
    work.look()
    assert work.texts[-1] == "the whole line"
    assert len(work.texts) == 11
    assert len(work.picture.rows[-1].record.details) == 3  # type: ignore[union-attr]
    assert work.picture.count.matched == matched


def test_a_record_that_matches_only_when_it_has_ended_comes_then(
    one: tuple[DeskAtWork, Path],
) -> None:
    work, path = one
    line = stamped(10, "slow needle", "ERROR")
    append(path, line[:-8])
    work.do(orders.Ask(query("needle")))
    assert work.texts == []
    append(path, line[-8:])
    work.look()
    assert work.texts == ["slow needle"]


def test_held_rows_stay_and_newer_ones_are_counted(many: DeskAtWork, tmp_path: Path) -> None:
    many.do(orders.Hold(is_held=True))
    append(tmp_path / "shop/api/app.log", stamped(3000, "a3000"))
    many.look()
    assert many.picture.newer == 1
    assert many.texts[-1] == "a3000"
    many.do(orders.Hold(is_held=False))
    assert many.picture.newer == 0


def test_a_full_window_that_is_held_takes_no_more_and_reads_on_later(
    one: tuple[DeskAtWork, Path],
) -> None:
    work, path = one
    work.do(orders.Hold(is_held=True))
    numbers = range(10, ROWS_KEPT + 900)
    append(path, "".join(stamped(number, f"n{number}") for number in numbers))
    work.look()
    assert not work.picture.is_at_end
    assert work.picture.newer == len(numbers)
    for _ in range(5 + ROWS_KEPT // PAGE_ROWS):
        work.do(orders.Newer())
    assert work.texts == [f"n{number}" for number in range(900, ROWS_KEPT + 900)]
    work.do(orders.ToEnd())
    assert work.picture.newer == 0


def test_a_filter_hides_and_its_count_is_exact(many: DeskAtWork) -> None:
    many.do(orders.Ask(query("level>=error")))
    assert many.texts == [f"{name}{number:04d}" for number in range(7, 3000, 500) for name in "ab"]
    assert many.picture.count.matched == 12
    assert many.picture.count.is_complete
    assert many.picture.is_at_start
    assert many.picture.query_text == "level>=error"


def test_a_window_takes_the_records_own_time(many: DeskAtWork) -> None:
    last_s = BEGIN_S + 2999
    many.now_s = last_s + 0.999
    many.do(orders.Ask(None, 10.0))
    assert many.texts[-1] == "b2999"
    assert 18 <= len(many.texts) <= 22
    assert many.picture.window_s == 10.0


def test_a_query_that_asks_for_less_than_the_window_is_not_widened(many: DeskAtWork) -> None:
    many.do(orders.Ask(query(f"since={NOW_S - BEGIN_S - 2990:.0f}s"), 7200.0))
    assert all(int(text[1:]) >= 2989 for text in many.texts)
    assert many.texts


def test_an_unknown_field_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    path = tmp_path / "app.jsonl"
    path.write_text('{"timestamp": "2026-03-14T09:00:00Z", "status": 500, "message": "x"}\n')
    work = DeskAtWork({"app": path})
    work.choose_all()
    work.do(orders.Ask(query("statis=500")))
    assert work.picture.rows == ()
    assert [str(one) for one in work.picture.unknown_fields] == ["statis (did you mean status?)"]
    work.desk.close()


@pytest.mark.parametrize("is_backwards", [True, False])
def test_finding_goes_from_match_to_match_beyond_what_is_shown(
    many: DeskAtWork, is_backwards: bool
) -> None:
    many.do(orders.ToEnd() if is_backwards else orders.ToStart())
    start = many.picture.rows[-1 if is_backwards else 0].key
    found: list[str] = []
    for _ in range(13):
        many.do(orders.Find(query("level>=error"), start, is_backwards))
        if many.picture.problem:
            break
        assert many.picture.goal is not None
        start = many.picture.goal
        found.append(next(text_of(row) for row in many.picture.rows if row.key == start))
    wanted = [f"{name}{number:04d}" for number in range(7, 3000, 500) for name in "ab"]
    assert found == (wanted[::-1] if is_backwards else wanted)
    assert "no match" in many.picture.problem


def cut(path: Path) -> None:
    """Empty a file and write something else to it."""
    path.write_text(stamped(20, "n20") + stamped(21, "needle") + stamped(22, "n22"))


def look_often(work: DeskAtWork) -> None:
    """As long as a log takes to make sure that nobody has copied what was cut."""
    for _ in range(4):
        work.look()


@pytest.mark.parametrize("is_backwards", [True, False])
def test_a_search_that_meets_a_cut_goes_on_in_what_there_is_instead(
    one: tuple[DeskAtWork, Path], is_backwards: bool
) -> None:
    work, path = one
    start = None if is_backwards else work.picture.rows[0].key
    cut(path)
    work.desk.carry_out(orders.Find(query("needle"), start, is_backwards))
    look_often(work)
    assert work.picture.problem == ""
    assert work.picture.busy == ""
    goal = work.picture.goal
    assert [text_of(row) for row in work.picture.rows if row.key == goal] == ["needle"]
    texts = [text for text in work.texts if not text.startswith("<")]
    assert texts == [*(f"n{number}" for number in range(10)), "n20", "needle", "n22"]


def test_a_search_for_what_was_cut_away_ends_and_says_so(one: tuple[DeskAtWork, Path]) -> None:
    work, path = one
    cut(path)
    work.desk.carry_out(orders.Find(query('"n3"'), None, is_backwards=True))
    look_often(work)
    assert work.picture.problem == 'no match before this row: "n3"'
    assert work.picture.busy == ""


def test_a_search_that_waits_for_news_gives_way_to_what_is_asked_next(
    one: tuple[DeskAtWork, Path],
) -> None:
    work, path = one
    cut(path)
    work.desk.carry_out(orders.Find(query("needle"), None, is_backwards=True))
    work.desk.carry_out(orders.ToEnd())
    look_often(work)
    assert work.picture.goal is None
    assert work.picture.problem == ""


def test_the_start_of_a_log_that_was_cut_is_that_of_what_there_is_instead(
    one: tuple[DeskAtWork, Path],
) -> None:
    work, path = one
    cut(path)
    work.desk.carry_out(orders.ToStart())
    look_often(work)
    assert work.picture.problem == ""
    assert [text for text in work.texts if not text.startswith("<")] == ["n20", "needle", "n22"]


def test_what_was_said_leaves_with_the_next_order(many: DeskAtWork) -> None:
    many.do(orders.Find(query("nothing-like-it"), None, is_backwards=True))
    assert "no match" in many.picture.problem
    many.do(orders.Older())
    assert many.picture.problem
    many.do(orders.ToEnd())
    assert not many.picture.problem


def test_finding_finds_only_what_is_not_hidden(many: DeskAtWork) -> None:
    many.do(orders.Ask(query('"a2"')))
    many.do(orders.Find(query("level>=error"), None, is_backwards=True))
    goal = many.picture.goal
    assert [text_of(row) for row in many.picture.rows if row.key == goal] == ["a2507"]


def test_around_shows_what_the_filter_hid(many: DeskAtWork) -> None:
    many.do(orders.Ask(query("level>=error")))
    row = many.picture.rows[3]
    many.do(orders.Around(row.source, row.key[1], row.time_s))
    assert many.picture.goal == row.key
    at = [one.key for one in many.picture.rows].index(row.key)
    assert many.texts[at - 1 : at + 2] == ["a0507", "b0507", "a0508"]
    assert many.picture.query_text == ""


def test_a_moment_is_gone_to_in_all_logs(many: DeskAtWork) -> None:
    many.do(orders.GoTo(BEGIN_S + 1500))
    goal = many.picture.goal
    assert [text_of(row) for row in many.picture.rows if row.key == goal] == ["a1500"]
    at = WHOLE.index(many.texts[0])
    assert many.texts == WHOLE[at : at + len(many.texts)]
    assert not many.picture.is_at_end


def test_values_of_a_field_are_counted_and_no_more_when_told(many: DeskAtWork) -> None:
    many.do(orders.Figures(count_by="level"))
    tops = many.picture.tops
    assert tops is not None
    assert [(one.value, one.count) for one in tops.values] == [("info", 5988), ("error", 12)]
    assert tops.is_complete
    many.do(orders.Figures())
    assert many.picture.tops is None


class Impatience:
    """Is asked whether an order waits: so often not, then yes until it is carried out."""

    def __init__(self, patience: int) -> None:
        self.left = patience

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


def test_a_count_that_is_broken_off_goes_on_and_counts_all(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text("".join(stamped(number, "x" * 200) for number in range(20_000)))
    impatience = Impatience(10**9)
    work = DeskAtWork({"app": path}, is_interrupted=impatience)
    work.desk.carry_out(orders.Choose(("app",)))
    work.desk.carry_out(orders.Ask(query("level=info")))
    breaks = 0
    for turn in range(100_000):
        if not work.desk.has_work:
            break
        # Every other step is left alone, or it would never come to its end.
        impatience.left = 0 if turn % 2 else 10**9
        work.desk.step()
        breaks += impatience.left < 0
    assert breaks > 3
    assert work.picture.count.matched == 20_000
    assert work.picture.count.is_complete
    assert work.picture.count.scanned_bytes >= path.stat().st_size
    work.desk.close()


def test_what_matches_is_saved_as_it_was_written(many: DeskAtWork, tmp_path: Path) -> None:
    path = tmp_path / "saved.log"
    many.do(orders.Ask(query('"a0007"')))
    many.do(orders.Save(str(path)))
    assert path.read_text() == stamped(7, "a0007", "ERROR")
    assert path.stat().st_mode & 0o777 == 0o600
    assert many.picture.notice.startswith("1 records")
    many.do(orders.Save(str(path)))
    assert "cannot be written" in many.picture.problem


def test_a_log_that_is_not_there_is_waited_for_and_followed(tmp_path: Path) -> None:
    path = tmp_path / "later" / "app.log"
    work = DeskAtWork({"app": path})
    work.choose_all()
    assert work.picture.rows == ()
    assert work.picture.logs[0].state == "waiting"
    assert work.picture.logs[0].note
    path.parent.mkdir()
    path.write_text(stamped(0, "first"))
    work.look()
    work.look()
    assert work.texts == ["<appeared>", "first"]
    assert work.picture.logs[0].state == "following"
    work.desk.close()


def test_a_rotation_loses_nothing_and_is_marked(one: tuple[DeskAtWork, Path]) -> None:
    work, path = one
    append(path, stamped(10, "n10"))
    path.rename(path.with_suffix(".log.1"))
    path.write_text(stamped(11, "n11"))
    work.look()
    work.look()
    texts = work.texts
    assert [text for text in texts if text.startswith("n")] == [f"n{n}" for n in range(12)]
    assert any(text.startswith("<") for text in texts)


def test_a_log_that_vanishes_says_so_and_keeps_its_rows(one: tuple[DeskAtWork, Path]) -> None:
    work, path = one
    path.unlink()
    for _ in range(3):
        work.look()
    assert work.picture.logs[0].state == "gone"
    assert [text for text in work.texts if text.startswith("n")] == [f"n{n}" for n in range(10)]


def test_a_log_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    def refuse(source: str) -> OpenedLog:
        raise LogUnreadableError(f"{source}: permission denied")

    work = DeskAtWork({"app": tmp_path / "app.log"}, refuse)
    work.choose_all()
    assert work.picture.logs[0].state == "refused"
    assert "permission denied" in work.picture.logs[0].note


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is refused to root")
def test_a_file_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text(stamped(0, "x"))
    path.chmod(0)
    work = DeskAtWork({"app": path})
    work.choose_all()
    assert work.picture.logs[0].state == "refused"
    work.desk.close()


def test_a_folder_in_place_of_a_log_is_told_and_raises_nothing(tmp_path: Path) -> None:
    work = DeskAtWork({"app": tmp_path})
    work.choose_all()
    work.look()
    assert work.picture.rows == ()
    assert work.picture.logs[0].state in {"refused", "waiting"}
    assert work.picture.logs[0].note
    work.desk.close()


def test_choosing_closes_what_is_not_chosen_any_more(many: DeskAtWork) -> None:
    many.do(orders.Choose(("shop/web/app",)))
    assert {row.source for row in many.picture.rows} == {"shop/web/app"}
    assert [one.is_chosen for one in many.picture.logs] == [False, True]
    many.do(orders.Choose(()))
    assert many.picture.rows == ()
