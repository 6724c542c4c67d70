"""A store of keys is changed beside a tool that takes no lock, and nothing of either is lost."""

import asyncio
import json
import os
import signal
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.clients.acting.key_store import LocalKeyStores
from core.clients.acting.key_store_copies import StoreCopies
from core.clients.acting.key_store_places import users_of
from core.clients.acting.key_store_writes import PLACES
from core.clients.key_files import LIMIT_BYTES
from core.errors import ClientDenied, ClientGarbled, ClientMissing, ClientRefused
from core.keys.ids import KeyIds
from core.keys.store.edits import SetActive
from tests.fakes.acting_ground import QuickClock
from tests.fakes.old_key_tool import OldTool, SlowWriter, named, new_record, seed

IDS = KeyIds(b"k" * 32)
TOKEN = "01TESTACTION"


def off(*numbers: int) -> SetActive:
    marks = tuple(IDS.mark(named(number)) for number in numbers)
    return SetActive(ids=IDS, marks=marks, is_active=False)


def stores(folder: Path, passed: Callable[[str], None] = lambda _name: None) -> LocalKeyStores:
    return LocalKeyStores(folder / "state", QuickClock(), passed)


def once(place: str, act: Callable[[], object]) -> Callable[[str], None]:
    """Return what acts the first time that a place is passed."""
    left = [act]

    def passed(name: str) -> None:
        if name == place and left:
            left.pop()()

    return passed


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "app" / "api_keys.json"
    found.parent.mkdir()
    seed(found)
    return found


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text("utf-8"))


async def test_only_the_flag_changes_and_owner_mode_and_attributes_stay(
    path: Path, tmp_path: Path
) -> None:
    before = path.read_text("utf-8")
    path.chmod(0o640)
    os.setxattr(path, "user.kept", b"yes")
    if os.geteuid() == 0:
        os.chown(path, 1234, 1235)
    looks = path.stat()
    changed = await stores(tmp_path).change(str(path), off(1), TOKEN)
    flag = before.index('"active": true', before.index(named(1)))
    assert path.read_text("utf-8") == before[:flag] + before[flag:].replace("true", "false", 1)
    after = path.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (
        looks.st_mode, looks.st_uid, looks.st_gid,
    )  # fmt: skip
    assert os.getxattr(path, "user.kept") == b"yes"
    assert (changed.is_changed, changed.merged, changed.redone) == (True, 0, 0)


async def test_copies_are_private_and_nothing_else_is_left(path: Path, tmp_path: Path) -> None:
    before = path.read_bytes()
    control = stores(tmp_path)
    await control.change(str(path), off(1), TOKEN)
    assert {one.name for one in path.parent.iterdir()} == {path.name, f"{path.name}.lock"}
    for one in (tmp_path / "state").rglob("*"):
        assert stat.S_IMODE(one.stat().st_mode) == (0o700 if one.is_dir() else 0o600)
    assert await control.before(str(path), TOKEN) == before


async def test_the_path_is_never_missing(path: Path, tmp_path: Path) -> None:
    seen: list[bool] = []
    await stores(tmp_path, lambda _name: seen.append(path.exists())).change(
        str(path), off(1, 2), TOKEN
    )
    assert len(seen) >= len(PLACES)
    assert all(seen)


@pytest.mark.parametrize("place", PLACES[1:9])
async def test_what_another_tool_writes_before_the_comparison_makes_us_begin_anew(
    path: Path, tmp_path: Path, place: str
) -> None:
    write = once(place, lambda: OldTool(path).generate(named(77)))
    await stores(tmp_path, write).change(str(path), off(1), TOKEN)
    assert read(path)[named(77)] == new_record()
    assert not read(path)[named(1)]["active"]


async def test_what_another_tool_writes_into_the_replaced_file_is_merged(
    path: Path, tmp_path: Path
) -> None:
    def change(records: dict[str, Any]) -> None:
        records[named(77)] = new_record("free")
        records[named(2)]["active"] = False

    writers: list[SlowWriter] = []
    opened = once("linked", lambda: writers.append(SlowWriter(path, change)))
    written = once("synced", lambda: [one.finish() for one in writers])

    def passed(name: str) -> None:
        opened(name)
        written(name)

    changed = await stores(tmp_path, passed).change(str(path), off(1), TOKEN)
    assert changed.merged == 1
    found = read(path)
    assert found[named(77)] == new_record("free")
    assert [found[named(number)]["active"] for number in range(4)] == [True, False, False, True]
    assert {one.name for one in path.parent.iterdir()} == {path.name, f"{path.name}.lock"}


async def test_what_was_switched_off_is_not_switched_on_by_a_stale_writer(
    path: Path, tmp_path: Path
) -> None:
    control = stores(tmp_path)
    stale: list[SlowWriter] = []
    await control.change(str(path), off(2), "01FIRST")

    def open_stale() -> None:
        stale.append(SlowWriter(path, lambda records: records[named(2)].update(active=True)))

    opened, written = (
        once("linked", open_stale),
        once("synced", lambda: [one.finish() for one in stale]),
    )

    def passed(name: str) -> None:
        opened(name)
        written(name)

    await stores(tmp_path, passed).change(str(path), off(1), TOKEN)
    assert [read(path)[named(number)]["active"] for number in (1, 2)] == [False, False]


async def test_a_change_that_is_written_over_is_made_again(path: Path, tmp_path: Path) -> None:
    stale = OldTool(path).read()
    stale[named(77)] = new_record()
    over = once("synced", lambda: OldTool(path).write(stale))
    changed = await stores(tmp_path, over).change(str(path), off(1), TOKEN)
    assert changed.redone == 1
    assert not read(path)[named(1)]["active"]
    assert named(77) in read(path)


async def test_a_program_that_always_writes_over_it_is_named(path: Path, tmp_path: Path) -> None:
    stale = OldTool(path).read()

    def passed(name: str) -> None:
        if name == "synced":
            OldTool(path).write(stale)

    with pytest.raises(ClientGarbled, match="another program keeps rewriting"):
        await stores(tmp_path, passed).change(str(path), off(1), TOKEN)


def test_who_has_a_file_open_is_found(path: Path) -> None:
    pid = os.fork()
    if not pid:
        with path.open("rb"):
            os.kill(os.getpid(), signal.SIGSTOP)
        os._exit(0)
    os.waitpid(pid, os.WUNTRACED)
    try:
        assert any(f"pid {pid} (" in one for one in users_of(str(path)))
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def killed_at(place: str, path: Path, folder: Path) -> None:
    """Change a store in a process that dies at a place."""
    pid = os.fork()
    if not pid:

        def die(name: str) -> None:
            if name == place:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            asyncio.run(stores(folder, die).change(str(path), off(1), TOKEN))
        finally:
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status), place


@pytest.mark.parametrize("place", PLACES)
async def test_a_kill_leaves_it_as_it_was_or_as_it_shall_be(
    path: Path, tmp_path: Path, place: str
) -> None:
    before = path.read_bytes()
    killed_at(place, path, tmp_path)
    is_done = place in {"renamed", "synced"}
    assert (path.read_bytes() == before) is not is_done
    assert len(read(path)) == 4
    await stores(tmp_path).change(str(path), off(1), TOKEN)
    assert not read(path)[named(1)]["active"]
    assert {one.name for one in path.parent.iterdir()} == {path.name, f"{path.name}.lock"}


async def test_what_was_written_into_the_replaced_file_after_a_kill_is_merged_later(
    path: Path, tmp_path: Path
) -> None:
    writer = SlowWriter(path, lambda records: records.update({named(77): new_record()}))
    killed_at("renamed", path, tmp_path)
    writer.finish()
    assert named(77) not in read(path)
    await stores(tmp_path).tidy(str(path), off(1), TOKEN)
    assert named(77) in read(path)
    assert not read(path)[named(1)]["active"]


async def test_changes_at_the_same_time_are_all_kept(path: Path, tmp_path: Path) -> None:
    seed(path, 80)
    controls = [stores(tmp_path) for _ in range(80)]
    await asyncio.gather(
        *(
            control.change(str(path), off(number), f"01T{number}")
            for number, control in enumerate(controls)
        )
    )
    assert sum(one["active"] for one in read(path).values()) == 0
    assert len(read(path)) == 80
    for control in controls:
        control.close()


@pytest.mark.parametrize(
    "data",
    [
        b"", b"  \n", b"{", b'{"a": 1, "a": 2}', b'{"key_1": {"tier": "x"}}\0', b"\xe9{}",
        b" " * (16 * 1024 * 1024 + 1), b"[]", b"null", b"3",
    ],
)  # fmt: skip
async def test_what_cannot_be_read_is_not_written_to(
    path: Path, tmp_path: Path, data: bytes
) -> None:
    path.write_bytes(data)
    with pytest.raises((ClientGarbled, ClientDenied)):
        await stores(tmp_path).change(str(path), off(1), TOKEN)
    assert path.read_bytes() == data


async def test_a_store_that_is_empty_for_a_moment_is_read_again(path: Path, tmp_path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(b"")
    again = once("locked", lambda: None)
    count = [0]

    def passed(name: str) -> None:
        again(name)
        count[0] += name == "locked"
        if count[0] == 4:
            path.write_bytes(whole)

    await stores(tmp_path, passed).change(str(path), off(1), TOKEN)
    assert not read(path)[named(1)]["active"]


async def test_a_link_is_resolved_and_its_target_replaced(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.json"
    link.symlink_to(path)
    changed = await stores(tmp_path).change(str(link), off(1), TOKEN)
    assert (link.is_symlink(), changed.path) == (True, str(path))
    assert not read(path)[named(1)]["active"]


def gone(path: Path) -> None:
    path.unlink()


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def no_store(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/passwd")


@pytest.mark.parametrize("make", [gone, a_folder, a_pipe, no_store])
async def test_what_is_no_store_is_refused(
    path: Path, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(path)
    with pytest.raises((ClientMissing, ClientDenied, ClientGarbled)):
        await stores(tmp_path).change(str(path), off(1), TOKEN)


async def test_a_store_that_is_deleted_meanwhile_is_not_made_anew(
    path: Path, tmp_path: Path
) -> None:
    with pytest.raises(ClientMissing):
        await stores(tmp_path, once("flushed", path.unlink)).change(str(path), off(1), TOKEN)
    assert not path.exists()


async def test_a_full_disk_leaves_the_old_file(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()

    def full(_handle: int, _data: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.clients.acting.file_handles.os.write", full)
    with pytest.raises(ClientRefused, match="disk is full"):
        await stores(tmp_path).change(str(path), off(1), TOKEN)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert {one.name for one in path.parent.iterdir()} == {path.name, f"{path.name}.lock"}


async def test_a_key_that_was_cut_off_while_it_was_kept_is_forgotten_too(tmp_path: Path) -> None:
    control = LocalKeyStores(tmp_path / "state", QuickClock())
    await control.hand_in("a1b2", b"key_one")
    folder = Path(control.handed_path("a1b2")).parent
    (folder / ".a1b2plain.77").write_bytes(b"key_on")
    (folder / ".ffffplain.77").write_bytes(b"another one's")
    await control.forget("a1b2")
    assert [one.name for one in folder.iterdir()] == [".ffffplain.77"]


def test_a_copy_of_the_largest_store_that_is_changed_can_be_read_back(tmp_path: Path) -> None:
    copies, store = StoreCopies(tmp_path), "/srv/keys.json"
    data = b" " * LIMIT_BYTES
    name = copies.keep(store, data, "token", datetime(2026, 3, 14, tzinfo=UTC))
    assert copies.read(store, name) == data
    assert copies.first(store, "token") == data
