"""The system's own tar reads what we write, and we read what it writes."""

import os
import subprocess
from pathlib import Path

import pytest

from core.clients.archive.entries import ArchiveRefusedError
from core.clients.archive.packing import packing_of_name
from core.clients.archive.reader import list_archive
from core.clients.archive.unpack import unpack_archive
from core.clients.archive.writer import Source, pack_archive

pytestmark = [pytest.mark.real("tar"), pytest.mark.real("zstd")]

NAMES = ("a.tar", "a.tar.gz", "a.tar.xz", "a.tar.zst")


@pytest.fixture
def app(tmp_path: Path) -> Path:
    folder = tmp_path / "from" / "app"
    for name in ("plain", "ümläut/file", "w" * 150, "l" * 99 + "/" + "m" * 200, "with space"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(30_000))
    (folder / "empty").mkdir()
    (folder / "tool").write_text("#!/bin/sh\n")
    (folder / "tool").chmod(0o750)
    return folder


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (
            path.stat().st_mode,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize("name", NAMES)
def test_tar_unpacks_ours(app: Path, tmp_path: Path, name: str) -> None:
    fd = os.open(tmp_path / name, os.O_RDWR | os.O_CREAT)
    pack_archive(fd, packing_of_name(name), (Source(str(app), "app"),), lambda _path: False)
    os.close(fd)
    (tmp_path / "new").mkdir()
    done = subprocess.run(
        ["tar", "-xf", str(tmp_path / name), "-C", str(tmp_path / "new")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert tree(tmp_path / "new" / "app") == tree(app)


@pytest.mark.parametrize("form", ["gnu", "pax", "ustar"])
@pytest.mark.parametrize("name", NAMES)
def test_we_unpack_what_tar_wrote(app: Path, tmp_path: Path, name: str, form: str) -> None:
    if form == "ustar":
        (app / ("w" * 150)).unlink()
        (app / ("l" * 99) / ("m" * 200)).unlink()
    subprocess.run(
        ["tar", f"--format={form}", "-caf", str(tmp_path / name), "-C", str(app.parent), "./app"],
        check=True,
    )
    fd = os.open(tmp_path / name, os.O_RDONLY)
    try:
        unpack_archive(fd, list_archive(fd), str(tmp_path), "new")
    finally:
        os.close(fd)
    assert tree(tmp_path / "new" / "app") == tree(app)


@pytest.mark.parametrize("form", ["gnu", "pax"])
def test_a_sparse_file_of_tar_is_refused_by_name(tmp_path: Path, form: str) -> None:
    with (tmp_path / "holes").open("wb") as file:
        file.truncate(1 << 30)
    subprocess.run(
        ["tar", f"--format={form}", "-S", "-cf", "a.tar", "holes"], cwd=tmp_path, check=True
    )
    fd = os.open(tmp_path / "a.tar", os.O_RDONLY)
    try:
        with pytest.raises(ArchiveRefusedError, match="sparse"):
            list_archive(fd)
    finally:
        os.close(fd)


def test_absolute_names_of_tar_are_refused(app: Path, tmp_path: Path) -> None:
    subprocess.run(["tar", "-P", "-cf", str(tmp_path / "a.tar"), str(app)], check=True)
    fd = os.open(tmp_path / "a.tar", os.O_RDONLY)
    try:
        with pytest.raises(ArchiveRefusedError, match="absolute"):
            list_archive(fd)
    finally:
        os.close(fd)
