"""An action's folder: written once, private, and a copy is what was kept or it is refused."""

import errno
import os
from pathlib import Path

import pytest

from core.actions.folder import ActionFolder, Confirmation, FolderWork
from core.errors import ActionError, StepFailedError
from core.model.text import SafeText
from tests.unit.core.actions.stage import Stage

YES = Confirmation("hash", "ABCD", "ada", 1.0, True)


@pytest.fixture
def folder(tmp_path: Path) -> ActionFolder:
    stage = Stage(tmp_path)
    stage.plan()
    return stage.action


def test_plan_and_confirmation_are_read_as_they_were_written(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    plan = stage.plan()
    assert stage.action.plan() == plan
    assert stage.action.confirmation() is None
    stage.action.confirm(YES)
    assert stage.action.confirmation() == YES


def test_nothing_is_written_twice(folder: ActionFolder) -> None:
    folder.confirm(YES)
    with pytest.raises(ActionError, match=r"confirmed\.json"):
        folder.confirm(YES)
    with pytest.raises(ActionError, match=r"plan\.json"):
        folder.write("plan.json", b"another")
    with pytest.raises(ActionError, match="nothing can be kept"):
        ActionFolder.make(folder.path.parent, folder.plan())


def test_who_reads_while_it_is_written_meets_it_whole_or_not_at_all(
    folder: ActionFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A console looks at folders while another one confirms."""
    seen: list[Confirmation | None] = []

    def write_and_look(file: int, data: bytes) -> int:
        seen.append(folder.confirmation())
        return whole(file, data[:10])

    whole = os.write
    monkeypatch.setattr(os, "write", write_and_look)
    folder.confirm(YES)
    monkeypatch.undo()
    assert len(seen) > 5
    assert set(seen) == {None}
    assert folder.confirmation() == YES


def test_a_plan_that_the_disk_does_not_take_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_file: int, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    stage = Stage(tmp_path)
    plan = stage.plan()
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(ActionError, match="No space left"):
        ActionFolder.make(tmp_path / "elsewhere", plan)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_it_is_private(folder: ActionFolder) -> None:
    assert folder.path.stat().st_mode & 0o777 == 0o700
    assert {one.stat().st_mode & 0o777 for one in folder.path.iterdir()} == {0o600}


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null", '{"plan_hash": 1}', "\xff"])
def test_a_damaged_confirmation_is_none_that_counts(folder: ActionFolder, text: str) -> None:
    (folder.path / "confirmed.json").write_text(text, "latin-1")
    with pytest.raises(ActionError, match=r"damaged|cannot be read"):
        folder.confirmation()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null", '{"id": 1, "x": 2}'])
def test_a_damaged_plan_is_none(folder: ActionFolder, text: str) -> None:
    (folder.path / "plan.json").write_text(text, "utf-8")
    with pytest.raises(ActionError, match=r"cannot be read"):
        folder.plan()


def test_a_copy_is_proven_and_read_back(folder: ActionFolder) -> None:
    work = FolderWork(folder)
    assert not work.has("env")
    kept = work.keep("env", b"A=1\n")
    assert (kept.size_bytes, work.has("env"), work.kept("env")) == (4, True, b"A=1\n")
    work.keep("env", b"A=2\n")  # again after a crash: the newer one counts
    assert work.kept("env") == b"A=2\n"


@pytest.mark.parametrize("name", ["env", "env.sha256"])
def test_a_copy_damaged_in_any_bit_is_refused(folder: ActionFolder, name: str) -> None:
    work = FolderWork(folder)
    work.keep("env", b"SECRET=abc\n")
    path = folder.path / "backup" / name
    raw = path.read_bytes()
    for bit in range(len(raw) * 8):
        spoilt = bytearray(raw)
        spoilt[bit // 8] ^= 1 << bit % 8
        path.write_bytes(spoilt)
        with pytest.raises(StepFailedError, match="is not what was kept"):
            work.kept("env")
    path.write_bytes(raw[:-1])
    with pytest.raises(StepFailedError):
        work.kept("env")
    path.unlink()
    with pytest.raises(StepFailedError, match="gone"):
        work.kept("env")


def test_half_a_copy_is_none(folder: ActionFolder) -> None:
    """Killed between the copy and its hash: the next attempt makes both anew."""
    work = FolderWork(folder)
    work.keep("env", b"A=1\n")
    (folder.path / "backup" / "env.sha256").unlink()
    assert not work.has("env")
    work.keep("env", b"A=1\n")
    assert work.kept("env") == b"A=1\n"


def test_output_is_capped_and_follows_no_link(folder: ActionFolder, tmp_path: Path) -> None:
    work = FolderWork(folder)
    work.say(SafeText("one"))
    assert folder.output.read_text("utf-8") == "one\n"
    with folder.output.open("ab") as file:
        file.truncate(8 * 1024 * 1024)
    work.say(SafeText("two"))
    assert folder.output.stat().st_size == 8 * 1024 * 1024
    folder.output.unlink()
    victim = tmp_path / "victim"
    victim.write_text("precious", "utf-8")
    folder.output.symlink_to(victim)
    work.say(SafeText("three"))
    assert victim.read_text("utf-8") == "precious"


def test_a_file_of_ours_that_is_torn_reads_as_none(folder: ActionFolder) -> None:
    assert folder.read_json("before.json") is None
    folder.write("before.json", b'{"checks"')
    assert folder.read_json("before.json") is None
