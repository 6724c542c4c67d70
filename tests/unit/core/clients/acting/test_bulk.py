"""Folders and large files: nothing is written over, and what was written is read back."""

import gzip
import os
import tarfile
from pathlib import Path

import pytest

from core.actions.work import digest
from core.clients.acting import bulk_files, bulk_folders
from core.clients.acting.files import LocalFiles
from core.clients.clock import SystemClock
from core.errors import ClientDenied, ClientGarbled, ClientMissing

TOKEN = "01ACTION"


@pytest.fixture
def control() -> LocalFiles:
    return LocalFiles(SystemClock(), lambda: ())


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def test_a_log_is_packed_with_its_time_and_mode(control: LocalFiles, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(b"line\n" * 100_000)
    log.chmod(0o640)
    os.utime(log, (1_700_000_000, 1_700_000_000))
    packed = tmp_path / "app.log.gz"
    await control.pack(str(log), str(packed), digest(log.read_bytes()), TOKEN)
    assert gzip.decompress(packed.read_bytes()) == log.read_bytes()
    assert await control.unpacked_sha256(str(packed)) == digest(log.read_bytes())
    seen = packed.stat()
    assert (seen.st_mtime, seen.st_mode & 0o777) == (1_700_000_000, 0o640)
    assert names(tmp_path) == {"app.log", "app.log.gz"}


async def test_packing_never_takes_the_place_of_another(
    control: LocalFiles, tmp_path: Path
) -> None:
    log, packed = tmp_path / "a", tmp_path / "a.gz"
    log.write_bytes(b"x")
    packed.write_bytes(b"theirs")
    with pytest.raises(ClientDenied, match="there already"):
        await control.pack(str(log), str(packed), digest(b"x"), TOKEN)
    assert packed.read_bytes() == b"theirs"
    assert names(tmp_path) == {"a", "a.gz"}


async def test_a_log_that_changed_is_not_packed(control: LocalFiles, tmp_path: Path) -> None:
    log = tmp_path / "a"
    log.write_bytes(b"grown")
    with pytest.raises(ClientGarbled, match="meanwhile"):
        await control.pack(str(log), str(tmp_path / "a.gz"), digest(b"was"), TOKEN)
    assert names(tmp_path) == {"a"}


@pytest.mark.parametrize("damage", ["cut", "bit", "text"])
async def test_a_damaged_gzip_file_is_told(
    control: LocalFiles, tmp_path: Path, damage: str
) -> None:
    data = bytearray(gzip.compress(os.urandom(5000)))
    if damage == "bit":
        data[3000] ^= 1
    path = tmp_path / "a.gz"
    path.write_bytes({"cut": bytes(data[:4000]), "bit": bytes(data), "text": b"text"}[damage])
    with pytest.raises(ClientGarbled, match="no whole gzip"):
        await control.unpacked_sha256(str(path))


async def test_a_copy_goes_as_far_as_the_file_did(control: LocalFiles, tmp_path: Path) -> None:
    log = tmp_path / "live.log"
    log.write_bytes(b"one\n")
    sha = await control.copy(str(log), str(tmp_path / "copy.log"), TOKEN)
    assert sha == digest(b"one\n")
    with pytest.raises(ClientDenied):
        await control.copy(str(log), str(tmp_path / "copy.log"), TOKEN)


async def test_an_archive_is_private_and_read_back(control: LocalFiles, tmp_path: Path) -> None:
    for name in ("b.log", "a.log"):
        (tmp_path / name).write_bytes(name.encode())
    to = tmp_path / "logs.tar.gz"
    wanted = tuple(
        (str(tmp_path / name), f"logs/{name}", digest(name.encode())) for name in ("b.log", "a.log")
    )
    await control.put_together(wanted, str(to), TOKEN)
    assert [(one.name, one.size_bytes) for one in await control.members(str(to))] == [
        ("logs/a.log", 5),
        ("logs/b.log", 5),
    ]
    assert to.stat().st_mode & 0o777 == 0o600
    changed = ((*wanted[0][:2], digest(b"other")), wanted[1])
    with pytest.raises(ClientGarbled, match=r"b\.log was changed"):
        await control.put_together(changed, str(tmp_path / "second.tar.gz"), TOKEN)
    assert names(tmp_path) == {"a.log", "b.log", "logs.tar.gz"}


async def test_a_strange_archive_is_refused(control: LocalFiles, tmp_path: Path) -> None:
    path = tmp_path / "x.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        entry = tarfile.TarInfo("link")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(entry)
    with pytest.raises(ClientGarbled, match="no plain file"):
        await control.members(str(path))
    path.write_bytes(path.read_bytes()[:30])
    with pytest.raises(ClientGarbled, match="no whole archive"):
        await control.members(str(path))


async def test_a_file_that_shrinks_while_it_is_read_is_no_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "a"
    log.write_bytes(b"x" * 100)
    real = os.fstat

    def larger(handle: int) -> os.stat_result:
        seen = list(real(handle))
        seen[6] += 50
        return os.stat_result(seen)

    with monkeypatch.context() as patched:
        patched.setattr(bulk_files.os, "fstat", larger)
        with pytest.raises(ClientGarbled, match="cut off"):
            bulk_files.put_together(
                [(str(log), "a", digest(log.read_bytes()))], str(tmp_path / "x.tar.gz"), TOKEN
            )
    assert names(tmp_path) == {"a"}


async def test_a_folder_is_made_once_and_removed_only_empty(
    control: LocalFiles, tmp_path: Path
) -> None:
    path = tmp_path / "new"
    await control.make_folder(str(path), 0o750)
    assert path.stat().st_mode & 0o777 == 0o750
    with pytest.raises(ClientDenied, match="there already"):
        await control.make_folder(str(path), 0o750)
    (path / "f").write_bytes(b"")
    with pytest.raises(ClientDenied, match="not empty"):
        await control.drop_folder(str(path))
    (path / "f").unlink()
    await control.drop_folder(str(path))
    await control.drop_folder(str(path))
    with pytest.raises(ClientMissing):
        await control.make_folder(str(path / "below"), 0o750)


@pytest.mark.parametrize("has_call", [True, False])
async def test_a_move_never_takes_the_place_of_another(
    control: LocalFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_call: bool
) -> None:
    if not has_call:
        monkeypatch.setattr(bulk_folders.ctypes, "CDLL", lambda *_args, **_kw: object())
    old, new, taken = tmp_path / "old", tmp_path / "new", tmp_path / "taken"
    old.mkdir()
    taken.mkdir()
    inode = old.stat().st_ino
    with pytest.raises(ClientDenied, match="there already"):
        await control.move(str(old), str(taken), inode)
    with pytest.raises(ClientGarbled, match="another one"):
        await control.move(str(old), str(new), inode + 1)
    await control.move(str(old), str(new), inode)
    assert new.stat().st_ino == inode
    assert names(tmp_path) == {"new", "taken"}


async def test_a_listing_tells_what_each_entry_is(control: LocalFiles, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "f").write_bytes(b"abc")
    (tmp_path / "l").symlink_to("f")
    os.mkfifo(tmp_path / "p")
    facts = await control.folder(str(tmp_path))
    assert [(one.name, one.kind) for one in facts.entries] == [
        ("d", "folder"), ("f", "file"), ("l", "link"), ("p", "other"),
    ]  # fmt: skip
    with pytest.raises(ClientDenied):
        await control.folder(str(tmp_path / "l"))
    with pytest.raises(ClientDenied):
        await control.folder(str(tmp_path / "f"))
