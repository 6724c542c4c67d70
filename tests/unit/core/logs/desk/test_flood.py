"""Logs that are opened while much is written to them: one is opened a moment after the other."""

from collections.abc import Generator
from pathlib import Path

import pytest

from core.logs.browse.opened_log import OpenedLog
from core.logs.desk import orders
from core.logs.files.log_file import LogFile
from core.model.log_view import LogRow
from tests.unit.core.logs.desk.desks import NOW_S, DeskAtWork, stamped

_EVERY_S = 0.001
_BEFORE, _MEANWHILE = 1000, 2000
"""Lines written to each log before the first is opened, and before the second is."""


class Flood:
    """Two logs, of which the second is opened when both have gone on for a while."""

    def __init__(self, folder: Path) -> None:
        self._paths = {name: folder / f"{name}.log" for name in "ab"}
        self._written = 0
        self.whole: list[str] = []
        self.write(_BEFORE)
        self.work = DeskAtWork(self._paths, self._open)

    def write(self, lines: int) -> None:
        """Let both go on, a line each every millisecond."""
        numbers = range(self._written, self._written + lines)
        self._written += lines
        for name, path in self._paths.items():
            with path.open("a") as file:
                file.writelines(stamped(n, f"{n:06d}{name}", every_s=_EVERY_S) for n in numbers)
        self.whole += [f"{number:06d}{name}" for number in numbers for name in "ab"]

    def _open(self, source: str) -> OpenedLog:
        if source == "b":
            self.write(_MEANWHILE)
        return OpenedLog(LogFile(str(self._paths[source]), source), NOW_S)


@pytest.fixture(name="flood")
def fixture_flood(tmp_path: Path) -> Generator[Flood]:
    flood = Flood(tmp_path)
    yield flood
    flood.work.desk.close()


def are_in_time(rows: tuple[LogRow, ...]) -> bool:
    times = [row.time_s or 0.0 for row in rows]
    return times == sorted(times)


def is_part(texts: list[str], whole: list[str]) -> bool:
    """Whether the texts are a stretch of the whole, each once, as they stand in time."""
    at = whole.index(min(texts))
    return sorted(texts) == whole[at : at + len(texts)]


def test_rows_are_in_time_where_the_page_and_the_news_meet(flood: Flood) -> None:
    work = flood.work
    work.desk.carry_out(orders.Choose(("a", "b")))
    flood.write(50)
    work.look()
    assert are_in_time(work.picture.rows)
    assert is_part(work.texts, flood.whole)
    assert max(work.texts) == flood.whole[-1]
    work.count()
    assert are_in_time(work.picture.rows), "the rest of the page goes before"
    assert is_part(work.texts, flood.whole)


def test_nothing_is_lost_or_doubled_on_the_way_to_the_start_and_back(flood: Flood) -> None:
    work, seen = flood.work, set[str]()
    work.choose_all()
    flood.write(50)
    work.look()
    work.do(orders.Hold(is_held=True))
    for order in (orders.Older(), orders.Newer()):
        for _ in range(20):
            seen |= set(work.texts)
            assert are_in_time(work.picture.rows)
            assert is_part(work.texts, flood.whole)
            work.do(order)
    assert seen == set(flood.whole)


def test_what_was_let_go_of_a_log_that_fell_silent_is_there_again_further_up(
    tmp_path: Path,
) -> None:
    paths = {name: tmp_path / f"{name}.log" for name in ("busy", "silent")}
    for path in paths.values():
        path.write_text("")
    work = DeskAtWork(paths)
    work.choose_all()
    paths["silent"].write_text(stamped(0, "the last word"))
    work.look()
    paths["busy"].write_text("".join(stamped(n, f"n{n}", every_s=0.01) for n in range(100, 4300)))
    work.look()
    assert "the last word" not in work.texts
    work.do(orders.Older())
    assert work.texts[:2] == ["the last word", "n100"]
    work.desk.close()
