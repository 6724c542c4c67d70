"""The scan for personal data goes through packed siblings, bounded, and can be broken off."""

import gzip
import lzma
import tracemalloc
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from backports import zstd

from core.logs.desk import orders
from core.model.log_view import LogPersonal
from tests.unit.core.logs.desk.desks import DeskAtWork, stamped

API = "shop/api/app"
PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress, "xz": lzma.compress, "zst": zstd.compress,
}  # fmt: skip
MIB = 1024 * 1024


class Knock:
    """Something else waits after so many questions, until it is set anew."""

    def __init__(self) -> None:
        self.left = 10**9

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


def lines(begin: int, many: int, who: str) -> bytes:
    return "".join(stamped(begin + at, f"to {who}{at}@example.org") for at in range(many)).encode()


def log_in(folder: Path) -> Path:
    """A live file and a packed sibling of each kind, the oldest last."""
    live = folder / "app.log"
    live.write_bytes(lines(900, 10, "live"))
    for number, (ending, packed) in enumerate(PACKINGS.items(), 1):
        sibling = folder / f"app.log.{number}.{ending}"
        sibling.write_bytes(packed(lines(900 - 200 * number, 10 * number, ending)))
    return live


def scanned(work: DeskAtWork) -> LogPersonal:
    work.choose_all()
    work.do(orders.Figures(is_personal=True))
    found = work.picture.personal
    assert found is not None
    return found


def test_every_packed_sibling_is_scanned_and_its_records_can_be_gone_to(tmp_path: Path) -> None:
    work = DeskAtWork({API: log_in(tmp_path)})
    found = scanned(work)
    by_file = {Path(one.file).name: one.count for one in found.finds}
    assert by_file == {"app.log": 10, "app.log.1.gz": 10, "app.log.2.xz": 20, "app.log.3.zst": 30}
    assert (found.records, found.is_complete, found.unread) == (70, True, ())
    oldest = next(one for one in found.finds if one.file.endswith(".zst"))
    work.do(orders.ShowRecord(oldest.source, oldest.first))
    assert work.picture.goal == (API, oldest.first, False)


@pytest.mark.parametrize("ending", PACKINGS)
def test_a_packed_file_that_is_named_outright_is_unpacked(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"old.log.{ending}"
    path.write_bytes(PACKINGS[ending](lines(0, 25, "old")))
    found = scanned(DeskAtWork({API: path}))
    assert (found.records, found.records_with_hits) == (25, 25)


def test_a_damaged_sibling_is_scanned_as_far_as_it_goes_and_told(tmp_path: Path) -> None:
    live = log_in(tmp_path)
    packed = tmp_path / "app.log.1.gz"
    packed.write_bytes(packed.read_bytes()[:-20])
    found = scanned(DeskAtWork({API: live}))
    (note,) = found.unread
    assert "app.log.1.gz is damaged after" in note
    assert found.records_with_hits >= 60


def test_a_scan_that_is_broken_off_goes_on_and_finds_the_same(tmp_path: Path) -> None:
    whole = scanned(DeskAtWork({API: log_in(tmp_path)}))
    knock = Knock()
    work = DeskAtWork({API: tmp_path / "app.log"}, is_interrupted=knock)
    work.choose_all()
    work.desk.carry_out(orders.Figures(is_personal=True))
    broken_off = 0
    for patience in count():
        if not work.desk.has_work:
            break
        knock.left = patience
        work.desk.step()
        broken_off += knock.left < 0
    found = work.picture.personal
    assert found is not None
    assert found.is_complete
    assert broken_off > 3
    assert {(one.file, one.count) for one in found.finds} == {
        (one.file, one.count) for one in whole.finds
    }


def test_what_is_unpacked_is_never_held_in_memory(tmp_path: Path) -> None:
    live = tmp_path / "app.log"
    live.write_bytes(lines(7_000, 1, "live"))
    filler = stamped(0, "x" * 60_000).encode()
    with gzip.open(tmp_path / "app.log.1.gz", "wb", compresslevel=1) as file:
        for _ in range(16 * MIB // len(filler)):
            file.write(filler)
        file.write(lines(6_000, 1, "last"))
    work = DeskAtWork({API: live})
    work.choose_all()
    tracemalloc.start()
    try:
        work.do(orders.Figures(is_personal=True))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    found = work.picture.personal
    assert found is not None
    assert found.records_with_hits == 2
    assert peak_bytes < 12 * MIB
