"""Housekeeping of logs on real files: what is meant goes, and nothing else."""

import gzip
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.actions.action import Draft, Site
from core.actions.families.logs import ACTIONS
from core.actions.families.logs_steps import ArchiveLogs, CopyLog, DeleteLog, PackLog, RemovePacked
from core.actions.part import Sight
from core.clients.acting import bulk_files, file_writes
from core.clients.acting.bulk_folders import read_stamp
from core.clients.acting.files import LocalFiles
from core.clients.acting.written_files import read_written_files
from core.clients.clock import SystemClock
from core.errors import ActionError
from core.model.text import clean
from core.model.topology import LogSpec, SystemSpec
from tests.fakes.acting_files import FakeWork
from tests.fakes.acting_ground import Ground, carry_out, drafted, stops, stored
from tests.fakes.clock import START
from tests.fakes.world import topology

TODAY = START.strftime("%Y-%m-%d")


class Killed(BaseException):
    """Stands for kill -9."""


@pytest.fixture
def ground() -> Ground:
    return Ground(files=LocalFiles(SystemClock(), lambda: ()))


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Logs of 1, 10 and 40 days, an audit log of 40 days, and today's."""
    folder = tmp_path / "logs"
    folder.mkdir()
    for days in (1, 10, 40):
        put(folder / f"app.log.{day(days)}", f"line of {days}\n" * 500, days)
    put(folder / f"audit.log.{day(40)}", "who did what\n" * 50, 40)
    put(folder / "app.log", "written to now\n" * 10, 0)
    return folder


def day(ago: int) -> str:
    return (START - timedelta(days=ago)).strftime("%Y-%m-%d")


def put(path: Path, text: str, days: int) -> None:
    path.write_text(text)
    at = (START - timedelta(days=days)).timestamp()
    os.utime(path, (at, at))


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def site_of(ground: Ground, folder: Path) -> Site:
    specs = (
        LogSpec("app", f"{folder}/app.log"),
        LogSpec("rotated", f"{folder}/*.log.*"),
        LogSpec("audit", f"{folder}/audit.log", retention="audit"),
    )
    spec = SystemSpec("shop", "Shop", "", (), root=str(folder.parent), logs=specs)
    return Site(topology(spec), {}, ground.ports)


async def draft_of(ground: Ground, folder: Path, action: str, target: str, **inputs: Any) -> Draft:
    return await drafted(ACTIONS, site_of(ground, folder), action, f"shop/{target}", **inputs)


async def test_only_what_is_past_its_own_term_is_deleted(ground: Ground, logs: Path) -> None:
    draft = await draft_of(ground, logs, "logs.expire", "all")
    assert [one.title for one in draft.steps] == [f"delete {logs}/app.log.{day(40)}"]
    before = names(logs)
    assert (await carry_out(draft, ground.ports))[0] == "verified"
    assert names(logs) == before - {f"app.log.{day(40)}"}


async def test_the_audit_log_that_a_runbooks_pattern_takes_along_is_named_first(
    ground: Ground, logs: Path
) -> None:
    draft = await draft_of(ground, logs, "logs.expire", "all")
    (trap,) = [line for line in draft.preview if "audit.log" in line]
    assert "another class's pattern takes it along" in trap
    assert draft.preview.index(trap) == 1, "after what is deleted, before the young ones"


async def test_a_class_narrows_and_an_unknown_word_is_refused(ground: Ground, logs: Path) -> None:
    assert stops(await draft_of(ground, logs, "logs.expire", "audit"))
    with pytest.raises(ActionError, match=r"no class and no log of shop; there are: all, "):
        await draft_of(ground, logs, "logs.expire", "everything")
    with pytest.raises(ActionError, match="from / on"):
        await draft_of(ground, logs, "logs.expire", "all", file="app.log")


async def test_a_log_that_was_written_to_since_the_plan_is_left_alone(
    ground: Ground, logs: Path
) -> None:
    draft = await draft_of(ground, logs, "logs.expire", "all")
    before = await draft.traits[0].trait.read(ground.ports)
    with (logs / f"app.log.{day(40)}").open("a") as file:
        file.write("late\n")
    assert await draft.traits[0].trait.read(ground.ports) != before
    outcome, why = await carry_out(draft, ground.ports)
    assert outcome != "verified"
    assert "was written to or replaced" in why
    assert f"app.log.{day(40)}" in names(logs)


async def test_logs_are_packed_proven_and_then_removed(ground: Ground, logs: Path) -> None:
    old = logs / f"app.log.{day(10)}"
    text, stamp = old.read_bytes(), old.stat().st_mtime
    draft = await draft_of(ground, logs, "logs.compress", "application")
    assert [one.is_after_proof for one in draft.steps] == [False, True] * 2
    assert (await carry_out(draft, ground.ports))[0] == "verified"
    packed = logs / f"app.log.{day(10)}.gz"
    assert gzip.decompress(packed.read_bytes()) == text
    assert packed.stat().st_mtime == stamp
    assert names(logs) == {
        "app.log", f"app.log.{day(1)}", f"audit.log.{day(40)}",
        f"app.log.{day(10)}.gz", f"app.log.{day(40)}.gz",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["app.log", f"app.log.{TODAY}"])
async def test_what_the_application_writes_to_is_never_packed_or_deleted(
    ground: Ground, logs: Path, name: str
) -> None:
    put(logs / name, "x\n", 50)
    for action in ("logs.compress", "logs.expire"):
        draft = await draft_of(ground, logs, action, "all", file=str(logs / name))
        assert draft.steps == ()
        assert stops(draft)


@pytest.mark.real("root")
async def test_a_rotated_log_that_its_writer_still_holds_is_left_alone(
    ground: Ground, logs: Path
) -> None:
    path = logs / f"app.log.{day(40)}"
    with path.open("a"):
        draft = await draft_of(ground, logs, "logs.expire", "all")
        assert stops(draft)
        assert any("has it open for writing" in line for line in draft.preview)
        assert (path.stat().st_dev, path.stat().st_ino) in (read_written_files() or ())
    with path.open():
        assert not stops(await draft_of(ground, logs, "logs.expire", "all"))


@pytest.mark.parametrize("place", ["appear", "unlink temporary", "write"])
async def test_a_kill_while_packing_leaves_the_log_and_undo_clears_the_rest(
    ground: Ground, logs: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    path = logs / f"app.log.{day(10)}"
    stamp = read_stamp(str(path))
    assert stamp is not None
    known = (stamp.device, stamp.inode, stamp.size_bytes, stamp.modified_ns)
    step, work = PackLog(str(path), f"{path}.gz", known), FakeWork()
    before = names(logs)

    def killed(*_args: object, **_kw: object) -> None:
        raise Killed

    real, calls = os.unlink, [0]

    def unlink(*args: Any, **kw: Any) -> None:
        calls[0] += 1
        if calls[0] <= 2:  # before it begins, twice
            real(*args, **kw)
        if calls[0] == 3:
            raise Killed
        raise OSError("a kill cleans nothing up")

    with monkeypatch.context() as patched:
        if place == "appear":
            patched.setattr(bulk_files, "appear", killed)
        elif place == "write":
            patched.setattr(bulk_files, "_keep", killed)
        else:
            patched.setattr(file_writes.os, "unlink", unlink)
        with pytest.raises(Killed):
            await step.apply(ground.ports, work)
    if place == "unlink temporary":
        assert any(name.endswith(".tmp") for name in names(logs))
        assert (await step.observe(ground.ports)).sight is Sight.AFTER
    else:
        assert (await step.observe(ground.ports)).sight is Sight.BEFORE
    for _ in range(2):
        await step.undo(ground.ports, work)
        assert (await step.observe(ground.ports)).sight is Sight.BEFORE
    assert names(logs) == before


async def test_a_packed_file_is_not_removed_when_it_is_all_there_is(
    ground: Ground, logs: Path
) -> None:
    draft = await draft_of(
        ground, logs, "logs.compress", "all", file=str(logs / f"app.log.{day(10)}")
    )
    pack, remove = (stored(one.step) for one in draft.steps)
    work = FakeWork()
    await pack.apply(ground.ports, work)
    packed = logs / f"app.log.{day(10)}.gz"
    whole = packed.read_bytes()
    packed.write_bytes(whole[:-9])
    with pytest.raises(ActionError, match="does not hold it any more"):
        await remove.apply(ground.ports, work)
    with pytest.raises(ActionError, match="do not hold the same"):
        await pack.undo(ground.ports, work)
    packed.write_bytes(whole)
    await remove.apply(ground.ports, work)
    assert (await remove.observe(ground.ports)).sight is Sight.AFTER
    await remove.apply(ground.ports, work)
    assert (await pack.observe(ground.ports)).sight is Sight.AFTER
    with pytest.raises(ActionError, match="gunzip"):
        await pack.undo(ground.ports, work)
    assert packed.exists()


async def test_an_archive_is_made_compared_and_undone(ground: Ground, logs: Path) -> None:
    draft = await draft_of(ground, logs, "logs.archive", "all")
    to = logs.parent / f"logs_archive_{START:%Y%m%d}.tar.gz"
    before = names(logs)
    work = FakeWork()
    assert await carry_out(draft, ground.ports, work) == ("verified", "")
    assert names(logs) == before
    assert to.stat().st_mode & 0o777 == 0o600
    inside = {one.name for one in await ground.files.members(str(to))}
    assert inside == {f"logs/{name}" for name in before - {"app.log", f"app.log.{day(1)}"}}
    step = draft.steps[0].step
    await step.undo(ground.ports, work)
    assert (await step.observe(ground.ports)).sight is Sight.BEFORE
    to.write_bytes(b"theirs")
    with pytest.raises(ActionError, match="not the one that was made"):
        await step.undo(ground.ports, work)
    assert to.read_bytes() == b"theirs"


async def test_todays_log_is_copied_before_a_restart_also_while_it_grows(
    ground: Ground, logs: Path
) -> None:
    draft = await draft_of(ground, logs, "logs.snapshot", "app")
    with (logs / "app.log").open("a") as file:
        file.write("more\n")
    work = FakeWork()
    assert len(draft.steps) == 1
    assert (await carry_out(draft, ground.ports, work))[0] == "verified"
    copy = logs / f"app_pre_restart_{START:%Y%m%d}.log"
    assert copy.read_bytes() == (logs / "app.log").read_bytes()
    again = await draft_of(ground, logs, "logs.snapshot", "app")
    assert again.steps[0].step != draft.steps[0].step, "another name: nothing is written over"
    await draft.steps[0].step.undo(ground.ports, work)
    assert not copy.exists()
    with pytest.raises(ActionError, match="a snapshot is of one log"):
        await draft_of(ground, logs, "logs.snapshot", "all")


async def test_a_disk_without_room_stops_the_plan(
    ground: Ground, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def none(folder: str) -> int:
        return 0

    monkeypatch.setattr(ground.files, "free_bytes", none)
    for action in ("logs.compress", "logs.archive"):
        assert any(
            "0 bytes free" in text for text in stops(await draft_of(ground, logs, action, "all"))
        )


async def test_a_name_with_control_characters_goes_through_unharmed(
    ground: Ground, logs: Path
) -> None:
    evil = os.fsencode(str(logs)) + b"/app.log." + day(40).encode() + b"\x1b]0;x\x07\xff"
    Path(os.fsdecode(evil)).write_bytes(b"x\n" * 9)
    os.utime(evil, (1_600_000_000, 1_600_000_000))
    draft = await draft_of(ground, logs, "logs.expire", "all")
    assert not any("\x1b" in line for line in draft.preview)
    if len(draft.steps) == 2:
        assert (await carry_out(draft, ground.ports))[0] == "verified"
        assert not Path(os.fsdecode(evil)).exists()


def test_steps_are_the_same_after_they_were_stored() -> None:
    known = (1, 2, 3, 4)
    for step in (
        PackLog("/a", "/a.gz", known), RemovePacked("/a", "/a.gz", known), DeleteLog("/a", known),
        ArchiveLogs("/x", (("/a", "a", known),)), CopyLog("/a", "/b"),
    ):  # fmt: skip
        assert stored(step) == step


def test_each_class_and_each_log_is_offered(ground: Ground, logs: Path) -> None:
    site = site_of(ground, logs)
    offers = {(one.action, one.target) for action in ACTIONS for one in action.offers(site)}
    assert ("logs.expire", "shop/application") in offers
    assert ("logs.snapshot", "shop/app") in offers
    assert clean("shop/all") in {target for _, target in offers}
