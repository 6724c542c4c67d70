"""Runs are on the disk before they count, and one person at a time moves one on."""

import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from core.actions.procedure.events import Began, Ended, Ticked
from core.actions.procedure.store import RunStore
from core.errors import ActionError
from core.model.procedure import RunPhase, StepStatus
from tests.unit.core.actions.procedure.making import ID, started, step

STEPS = (step("check", "api/health"), step("human", "look", inputs=(("a", "b"),)))


def journal(folder: Path) -> Path:
    return folder / ID / "journal.jsonl"


def test_a_run_is_read_back_as_it_was_left(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "procedures")
    held = store.start(started(*STEPS))
    held.add(Began(101.0, "mia", 0))
    left = held.add(Ended(102.0, "mia", 0, True, "healthy"))
    held.close()
    assert store.read(ID) == left
    assert store.ids() == [ID]
    assert store.find(ID[-5:].lower()) == ID
    again = store.hold(ID, "tom")
    assert again.add(Ticked(103.0, "tom", 1)).phase is RunPhase.FINISHED
    again.close()
    assert store.read(ID).records[1].who == "tom"


def test_nobody_else_reads_it(tmp_path: Path) -> None:
    RunStore(tmp_path / "p").start(started(*STEPS)).close()
    for path in (tmp_path / "p", tmp_path / "p" / ID):
        assert path.stat().st_mode & 0o777 == 0o700
    assert journal(tmp_path / "p").stat().st_mode & 0o777 == 0o600


def test_several_look_on_and_one_moves_it_on(tmp_path: Path) -> None:
    store, other = RunStore(tmp_path), RunStore(tmp_path)
    held = store.start(started(*STEPS))
    with pytest.raises(ActionError, match=r"mia .* moves on this run; look on"):
        other.hold(ID, "tom")
    assert other.read(ID) == held.run
    assert str(other.holder(ID)).startswith("mia (process")
    held.close()
    assert other.holder(ID) is None
    other.hold(ID, "tom").close()


def test_a_torn_tail_never_happened_wherever_it_is_torn(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    held = store.start(started(*STEPS))
    before = held.add(Began(101.0, "mia", 0))
    whole = journal(tmp_path).stat().st_size
    after = held.add(Ended(102.0, "mia", 0, True, "healthy"))
    held.close()
    data = journal(tmp_path).read_bytes()
    assert store.read(ID) == after
    for cut in range(whole, len(data)):
        journal(tmp_path).write_bytes(data[:cut])
        assert store.read(ID) == before
        again = store.hold(ID, "tom")
        assert journal(tmp_path).stat().st_size == whole
        again.close()


def test_what_was_refused_is_not_written(tmp_path: Path) -> None:
    held = RunStore(tmp_path).start(started(*STEPS))
    size = journal(tmp_path).stat().st_size
    with pytest.raises(ActionError):
        held.add(Ended(101.0, "mia", 0, True))
    assert journal(tmp_path).stat().st_size == size
    held.close()


@pytest.mark.parametrize("line", [b"{}\n", b'{"ev":"began"}\n', b"nonsense\n", b"[]\n", b"\xff\n"])
def test_a_damaged_line_in_the_middle_is_said(tmp_path: Path, line: bytes) -> None:
    store = RunStore(tmp_path)
    store.start(started(*STEPS)).close()
    with journal(tmp_path).open("ab") as file:
        file.write(line)
    with pytest.raises(ActionError, match=f"run {ID}: a line of the journal is damaged"):
        store.read(ID)


def test_a_link_in_place_of_the_journal_is_not_followed(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    store.start(started(*STEPS)).close()
    journal(tmp_path).rename(tmp_path / "elsewhere")
    journal(tmp_path).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ActionError, match="no journal can be written"):
        store.hold(ID, "tom")


def _move_on(folder: str, ready: int) -> None:
    held = RunStore(Path(folder)).hold(ID, "mia")
    held.add(Began(101.0, "mia", 0))
    os.write(ready, b"x")
    signal.pause()


def test_a_killed_holder_leaves_the_lock_free_and_its_events_written(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    store.start(started(*STEPS)).close()
    reader, writer = os.pipe()
    child = multiprocessing.get_context("fork").Process(
        target=_move_on, args=(str(tmp_path), writer)
    )
    child.start()
    assert os.read(reader, 1) == b"x"
    with pytest.raises(ActionError, match="moves on"):
        store.hold(ID, "tom")
    child.kill()
    child.join()
    held = store.hold(ID, "tom")
    assert held.run.records[0].status is StepStatus.RUNNING
    held.close()
    os.close(reader)
    os.close(writer)
    child.close()


def test_names_that_match_none_or_several_are_refused(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "none")
    with pytest.raises(ActionError, match="no run is called"):
        store.find("abc")
    with pytest.raises(ActionError, match="cannot be read"):
        store.read(ID)
    assert store.ids() == []
