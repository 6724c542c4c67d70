"""Files are changed whole, or not at all, and keep their looks."""

import asyncio
import errno
import os
import stat
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from core.actions.work import digest
from core.clients.acting import file_writes
from core.clients.acting.file_places import is_mounted_alone, parse_mounts
from core.clients.acting.files import LocalFiles
from core.clients.clock import SystemClock
from core.errors import ClientDenied, ClientGarbled, ClientMissing, ClientRefused

TOKEN = "01ACTION"


def local(*tables: str) -> LocalFiles:
    return LocalFiles(SystemClock(), lambda: tables)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def test_a_file_is_replaced_with_its_mode_and_attributes_kept(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"A=1\n")
    path.chmod(0o640)
    os.setxattr(path, "user.note", b"kept")
    before = await local().facts(str(path))
    await local().replace(str(path), b"A=2\n", before.sha256, TOKEN)
    after = await local().facts(str(path))
    assert path.read_bytes() == b"A=2\n"
    assert (after.mode, after.uid, after.gid) == (0o640, before.uid, before.gid)
    assert after.inode != before.inode
    assert os.getxattr(path, "user.note") == b"kept"
    assert names(tmp_path) == {".env"}


@pytest.mark.real("root")
async def test_the_application_stays_the_owner(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(b"A=1\n")
    os.chown(path, 1000, 1001)
    path.chmod(0o400)
    await local().replace(str(path), b"A=2\n", digest(b"A=1\n"), TOKEN)
    seen = path.stat()
    assert (seen.st_uid, seen.st_gid, stat.S_IMODE(seen.st_mode)) == (1000, 1001, 0o400)


async def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"theirs")
    with pytest.raises(ClientGarbled, match="changed by somebody"):
        await local().replace(str(path), b"ours", digest(b"old"), TOKEN)
    assert path.read_bytes() == b"theirs"
    assert names(tmp_path) == {"f"}


async def test_bytes_written_between_copy_and_rename_are_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"old")
    keep = file_writes.keep_looks

    def late(spot: object, old: int, new: int) -> None:
        keep(spot, old, new)  # type: ignore[arg-type]
        path.write_bytes(b"theirs")

    monkeypatch.setattr(file_writes, "keep_looks", late)
    with pytest.raises(ClientGarbled):
        await local().replace(str(path), b"ours", digest(b"old"), TOKEN)
    assert path.read_bytes() == b"theirs"
    assert names(tmp_path) == {"f"}


@pytest.mark.parametrize("kind", ["folder", "pipe", "link", "nothing", "below a file"])
async def test_what_is_no_regular_file_is_refused_and_never_waited_for(
    tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "f"
    aim = tmp_path / "aim"
    aim.write_bytes(b"secret")
    if kind == "folder":
        path.mkdir()
    if kind == "pipe":
        os.mkfifo(path)
    if kind == "link":
        path.symlink_to(aim)
    if kind == "below a file":
        path = aim / "f"
    wanted = ClientMissing if kind == "nothing" else ClientDenied
    async with asyncio.timeout(20):
        with pytest.raises(wanted):
            await local().facts(str(path))
        with pytest.raises(wanted):
            await local().read(str(path))
        with pytest.raises(wanted):
            await local().replace(str(path), b"x", digest(b"secret"), TOKEN)
    assert aim.read_bytes() == b"secret"


@pytest.mark.parametrize("path", ["relative", "/", "/tmp/..", "/tmp/.", "", "/tmp/a\0b"])
async def test_a_path_that_names_no_file_is_refused(path: str) -> None:
    with pytest.raises(ClientDenied, match="no absolute path"):
        await local().facts(path)


async def test_a_folder_where_anybody_swaps_files_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    (folder / "f").write_bytes(b"a")
    folder.chmod(0o777)
    with pytest.raises(ClientDenied, match="chmod o-w"):
        await local().replace(str(folder / "f"), b"b", digest(b"a"), TOKEN)
    folder.chmod(0o1777)
    await local().replace(str(folder / "f"), b"b", digest(b"a"), TOKEN)
    assert (folder / "f").read_bytes() == b"b"


async def test_a_disk_that_takes_only_a_part_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"old")
    real, calls = os.write, [0]

    def short(handle: int, data: bytes) -> int:
        calls[0] += 1
        if calls[0] == 1:
            return real(handle, bytes(data)[:2])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(file_writes.os, "write", short)
        with pytest.raises(ClientRefused, match="the disk is full"):
            await local().replace(str(path), b"new bytes", digest(b"old"), TOKEN)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == {"f"}


async def test_a_failing_sync_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"old")

    def failing(handle: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr(file_writes.os, "fsync", failing)
        with pytest.raises(ClientRefused, match="the disk failed"):
            await local().replace(str(path), b"new", digest(b"old"), TOKEN)
    assert path.read_bytes() == b"old"


async def test_a_new_file_never_takes_the_place_of_another(tmp_path: Path) -> None:
    path = tmp_path / "f"
    await local().create(str(path), b"one", 0o600, TOKEN)
    with pytest.raises(ClientDenied, match="there already"):
        await local().create(str(path), b"two", 0o600, TOKEN)
    assert path.read_bytes() == b"one"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_nlink == 1
    assert names(tmp_path) == {"f"}


async def test_what_a_kill_left_is_found_by_the_token(tmp_path: Path) -> None:
    path = tmp_path / "f"
    (tmp_path / f".f.{TOKEN}.tmp").write_bytes(b"half")
    (tmp_path / ".f.OTHER.tmp").write_bytes(b"another action's")
    assert await local().clear_temporary(str(path), TOKEN)
    assert not await local().clear_temporary(str(path), TOKEN)
    assert names(tmp_path) == {".f.OTHER.tmp"}


async def test_only_the_file_that_was_meant_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"other")
    with pytest.raises(ClientGarbled):
        await local().remove(str(path), digest(b"mine"))
    await local().remove(str(path), digest(b"other"))
    await local().remove(str(path), digest(b"other"))
    assert names(tmp_path) == set()


async def test_a_link_is_swapped_only_from_where_it_pointed(tmp_path: Path) -> None:
    link = tmp_path / "current"
    link.symlink_to("releases/a")
    with pytest.raises(ClientGarbled, match="points to releases/a by now"):
        await local().swap_link(str(link), "releases/c", "releases/b", TOKEN)
    await local().swap_link(str(link), "releases/b", "releases/a", TOKEN)
    assert await local().link_target(str(link)) == "releases/b"
    (tmp_path / "folder").mkdir()
    with pytest.raises(ClientGarbled, match="no symbolic link"):
        await local().link_target(str(tmp_path / "folder"))
    assert names(tmp_path) == {"current", "folder"}


async def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"x" * 100)
    with pytest.raises(ClientGarbled, match="has 100 bytes; at most 99"):
        await local().read(str(path), 99)


async def test_a_mounted_file_is_written_in_place(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"a longer old text")
    inode = path.stat().st_ino
    table = f"1 2 8:1 / / rw - ext4 /dev/a rw\n3 1 8:1 /x {path} rw - ext4 /dev/a rw\n"
    control = local(table)
    assert (await control.facts(str(path))).is_mounted
    await control.replace(str(path), b"new", digest(b"a longer old text"), TOKEN)
    assert path.read_bytes() == b"new"
    assert path.stat().st_ino == inode
    os.link(path, tmp_path / "second")
    with pytest.raises(ClientDenied, match="second name"):
        await control.replace(str(path), b"again", digest(b"new"), TOKEN)


async def test_a_mounted_file_gets_its_old_bytes_back_when_the_disk_fills(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"the old text")
    table = f"3 1 8:1 /x {path} rw - ext4 /dev/a rw\n"
    real, calls = os.write, [0]

    def failing(handle: int, data: bytes) -> int:
        calls[0] += 1
        if calls[0] == 1:
            return real(handle, bytes(data)[:5])
        if calls[0] == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(handle, data)

    with monkeypatch.context() as patched:
        patched.setattr(file_writes.os, "write", failing)
        with pytest.raises(ClientRefused, match="disk is full"):
            await local(table).replace(str(path), b"NEW TEXT!", digest(b"the old text"), TOKEN)
    assert path.read_bytes() == b"the old text"


OURS = "1 0 8:1 / / rw - ext4 /dev/a rw\n2 1 8:2 /srv /opt rw shared:1 - ext4 /dev/b rw\n"


@pytest.mark.parametrize(
    ("theirs", "is_alone"),
    [
        ("7 6 8:2 /srv/app/.env /app/.env rw - ext4 /dev/b rw\n", True),
        ("7 6 8:2 /srv/app /app rw - ext4 /dev/b rw\n", False),
        ("7 6 8:1 /srv/app/.env /app/.env rw - ext4 /dev/a rw\n", False),
        ("", False),
        ("torn line\n", False),
    ],
)
def test_a_file_bound_into_a_container_is_seen_in_the_containers_mounts(
    theirs: str, is_alone: bool
) -> None:
    tables = tuple(parse_mounts(table) for table in (OURS, theirs))
    assert is_mounted_alone("/opt/app/.env", tables) is is_alone


def test_blanks_in_mount_points_are_read() -> None:
    (mount,) = parse_mounts(r"1 0 8:1 /a\040b /mnt/c\134d rw - ext4 /dev/a rw")
    assert (mount.root, mount.point) == ("/a b", "/mnt/c\\d")


async def test_a_link_that_somebody_swaps_in_all_the_time_is_never_followed(
    tmp_path: Path,
) -> None:
    path, secret = tmp_path / ".env", tmp_path / "shadow"
    secret.write_bytes(b"root:secret\n")
    path.write_bytes(b"A=0\n")
    is_over = threading.Event()

    def swap() -> None:
        turn = 0
        while not is_over.is_set():
            turn += 1
            link, file = tmp_path / f"l{turn % 7}", tmp_path / f"f{turn % 7}"
            with suppress(OSError):
                link.symlink_to(secret)
                link.replace(path)
                file.write_bytes(b"A=0\n")
                file.replace(path)

    racer = threading.Thread(target=swap)
    racer.start()
    control = local()
    try:
        for turn in range(400):
            data = f"A={turn}\n".encode()
            try:
                found = await control.read(str(path))
                assert found != b"root:secret\n"
                await control.replace(str(path), data, digest(found), TOKEN)
            except (ClientDenied, ClientGarbled, ClientMissing):
                continue
    finally:
        is_over.set()
        racer.join()
        control.close()
    assert secret.read_bytes() == b"root:secret\n"
    assert not list(tmp_path.glob(".*.tmp"))
