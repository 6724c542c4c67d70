"""Files of a glob that were written side by side: a window misses none of them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.logs.browse.opened_log import OpenedLog
from core.logs.browse.search import EVERYTHING, Span
from core.logs.browse.window import begin_of
from core.logs.files.log_file import LogFile
from core.logs.query.query import parse_query
from core.logs.scan.candidates import Effort
from core.logs.scan.chunk import Order
from core.logs.strands import MOST_STRANDS

BEGIN_S = 1_773_446_400.0
"""2026-03-14T00:00:00Z."""
HOURS = 24
NOW_S = BEGIN_S + HOURS * 3600


def write(folder: Path, *names: str) -> None:
    """Write a line a minute into each file, all of one day."""
    for name in names:
        stamps = (datetime.fromtimestamp(BEGIN_S + at * 60, UTC) for at in range(HOURS * 60))
        text = "".join(f"{one:%Y-%m-%dT%H:%M:%SZ} INFO {name} {'x' * 60}\n" for one in stamps)
        (folder / name).write_text(text)


def following(folder: Path) -> OpenedLog:
    return OpenedLog(LogFile(f"{folder}/*.log"), NOW_S)


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize(("since_s", "until_s"), [(23.5, None), (None, 0.5), (12.0, 12.5)])
def test_a_window_has_the_records_of_all_files(
    tmp_path: Path, order: Order, since_s: float | None, until_s: float | None
) -> None:
    write(tmp_path, "a.log", "b.log", "c.log")
    log = following(tmp_path)
    bounds = [f"since={_at(since_s)}"] * (since_s is not None)
    bounds += [f"until={_at(until_s)}"] * (until_s is not None)
    query = parse_query(" ".join(bounds), NOW_S)
    span = EVERYTHING
    if since_s is not None and order is Order.OLDEST_FIRST:
        span = Span(begin_of(log.segments, log.parser, BEGIN_S + since_s * 3600))
    effort = Effort(threads=1, chunk_bytes=4096)
    found = [record for one in log.search(query, effort).run(order, span) for record in one.records]
    words = [record.raw.split()[2].decode() for record in found]
    each = words.count("a.log")
    assert each in (30, 31)
    assert [words.count(name) for name in ("b.log", "c.log")] == [each, each]
    log.close()


def _at(hour: float | None) -> str:
    return f"{datetime.fromtimestamp(BEGIN_S + (hour or 0) * 3600, UTC):%Y-%m-%dT%H:%M:%SZ}"


def test_files_with_their_siblings_are_strands_and_too_many_are_one(tmp_path: Path) -> None:
    write(tmp_path, "a.log", "a.log.1", "b.log")
    log = following(tmp_path)
    names = [sorted(Path(one.name).name for one in strand) for strand in log.strands]
    assert sorted(names) == [["a.log", "a.log.1"], ["b.log"]]
    log.close()
    for number in range(MOST_STRANDS):
        (tmp_path / f"more{number}.log").write_text("2026-03-14T00:00:00Z INFO more\n")
    log = following(tmp_path)
    assert [len(strand) for strand in log.strands] == [MOST_STRANDS + 3]
    log.close()


def test_a_path_that_is_no_glob_is_one_strand_whatever_its_name(tmp_path: Path) -> None:
    write(tmp_path, "a[1]*.log", "a[1]*.log.1")
    log = OpenedLog(LogFile(f"{tmp_path}/a[1]*.log"), NOW_S)
    assert [len(strand) for strand in log.strands] == [2]
    log.close()
