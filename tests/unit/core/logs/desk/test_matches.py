"""How many records a search finds: among what is shown, loaded or not, and in what comes."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest

from core.logs.desk import orders
from core.logs.query.query import both, parse_query
from tests.unit.core.logs.desk.desks import NOW_S, DeskAtWork, query, stamped, text_of

MANY = 3000


@pytest.fixture(name="work")
def fixture_work(tmp_path: Path) -> Generator[DeskAtWork]:
    """A log of which every hundredth record is an error, and every tenth says `late`."""
    path = tmp_path / "app.log"
    path.write_text(
        "".join(
            stamped(
                number,
                f"n{number:04d}{' late' if number % 10 == 0 else ''}",
                "ERROR" if number % 100 == 0 else "INFO",
            )
            for number in range(MANY)
        )
    )
    work = DeskAtWork({"app": path})
    work.choose_all()
    yield work
    work.desk.close()


def matches(work: DeskAtWork) -> tuple[str, int, bool] | None:
    found = work.picture.matches
    return (found.text, found.count, found.is_complete) if found is not None else None


def seek(text: str) -> orders.Find:
    return orders.Find(query(text), None, is_backwards=True, is_counted=True)


def test_all_matches_are_counted_beyond_what_is_loaded(work: DeskAtWork) -> None:
    work.do(seek("late"))
    assert len(work.picture.rows) < MANY
    assert matches(work) == ("late", 300, True)
    assert work.picture.count.matched == MANY


def test_only_matches_that_are_not_hidden_are_counted(work: DeskAtWork) -> None:
    work.do(seek("late"))
    work.do(orders.Ask(query("level>=error")))
    assert matches(work) == ("late", 30, True)
    work.do(orders.Ask(query("since=0s")))
    assert matches(work) == ("late", 0, True)
    work.do(orders.Ask(None))
    assert matches(work) == ("late", 300, True)


def test_the_same_words_later_ask_for_a_later_window(work: DeskAtWork) -> None:
    def late_since(now_s: float) -> orders.Find:
        found = parse_query("late since=1000s", now_s)
        return orders.Find(found, None, is_backwards=True, is_counted=True)

    last_s = work.picture.rows[-1].record.time_s
    assert last_s is not None
    work.do(late_since(last_s))
    assert matches(work) == ("late since=1000s", 100, True)
    work.do(late_since(last_s + 500))
    assert matches(work) == ("late since=1000s", 50, True)


def test_matches_among_the_last_records_alone(work: DeskAtWork) -> None:
    work.do(orders.Recall(("app",), query(""), None, 25, orders.Figures()))
    work.do(seek("late"))
    assert matches(work) == ("late", 2, True)


def test_what_comes_is_counted_too(work: DeskAtWork, tmp_path: Path) -> None:
    work.do(seek("late"))
    with (tmp_path / "app.log").open("a") as file:
        file.write(stamped(MANY, "n3000 late") + stamped(MANY + 1, "n3001"))
    work.look()
    assert matches(work) == ("late", 301, True)


def test_going_to_an_error_counts_no_other_search(work: DeskAtWork) -> None:
    work.do(seek("late"))
    work.do(orders.Find(query("level>=error"), None, is_backwards=True))
    assert matches(work) == ("late", 300, True)


def test_without_a_search_nothing_is_counted(work: DeskAtWork) -> None:
    assert matches(work) is None
    work.do(seek("late"))
    goal = work.picture.goal_number
    work.do(orders.Find(None, None, is_backwards=True, is_counted=True))
    assert matches(work) is None
    assert work.picture.goal_number == goal


def test_two_queries_ask_within_each_others_window() -> None:
    asked = both(query("error since=2h"), query("late since=1h until=5m status=5"))
    assert (asked.since_s, asked.until_s) == (NOW_S - 3600, NOW_S - 300)
    assert asked.fields == ("status",)
    assert both(query(""), query("late")).tree == query("late").tree


@pytest.mark.parametrize("change", ["grown", "cut", "cut and longer than before", "rotated"])
def test_going_on_from_the_last_row_finds_what_nobody_has_looked_at_yet(
    tmp_path: Path, change: str
) -> None:
    path = tmp_path / "app.log"
    path.write_text("".join(stamped(number, f"n{number}") for number in range(3)))
    work = DeskAtWork({"app": path})
    work.choose_all()
    last = work.picture.rows[-1].key
    if change.startswith("cut"):
        os.truncate(path, 0)
    if change == "rotated":
        path.rename(path.with_suffix(".log.1"))
    lines = 10 if "longer" in change else 1
    with path.open("a") as file:
        file.writelines(stamped(number, f"late {number}") for number in range(3, 3 + lines))
    work.desk.carry_out(orders.Find(query("late"), last, is_backwards=False))
    assert work.picture.problem == ""
    assert [text_of(row) for row in work.picture.rows if row.key == work.picture.goal] == ["late 3"]
    rows = work.texts
    work.look()
    assert work.texts == rows, "nothing comes twice"
    work.desk.carry_out(orders.Find(query("late"), work.picture.rows[-1].key, is_backwards=False))
    assert "no match after this row" in work.picture.problem
    work.desk.close()


def test_the_last_row_is_found_from_the_end_and_never_behind_itself_or_another_log_s(
    tmp_path: Path,
) -> None:
    paths = {name: tmp_path / f"{name}.log" for name in ("a", "b")}
    for path in paths.values():
        path.write_text(stamped(0, "first"))
    work = DeskAtWork(paths)
    work.choose_all()
    for number, (name, path) in enumerate(paths.items(), 1):
        with path.open("a") as file:
            file.write(stamped(number, f"late {name}"))
    work.look()
    assert work.texts[-2:] == ["late a", "late b"]
    work.do(orders.Find(query("late"), None, is_backwards=True))
    assert (work.picture.goal, work.picture.problem) == (work.picture.rows[-1].key, "")
    work.do(orders.Find(query("late"), work.picture.rows[-1].key, is_backwards=False))
    assert "no match after this row" in work.picture.problem
    work.desk.close()
