"""Where a store of keys lies: mounted alone, on a file server; and how long copies are kept."""

import asyncio
import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.clients.acting.file_places import read_tables
from core.clients.acting.key_store import LocalKeyStores
from core.clients.acting.key_store_copies import StoreCopy, expired
from core.clients.acting.key_store_places import filesystem_of
from core.errors import ClientDenied
from tests.fakes.acting_ground import QuickClock
from tests.fakes.old_key_tool import named, seed
from tests.unit.core.clients.acting.test_key_store import TOKEN, off, read


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "app" / "api_keys.json"
    found.parent.mkdir()
    seed(found)
    return found


def mounted(path: Path, folder: Path, passed: Callable[[str], None] = lambda _: None) -> Any:
    """Return stores that take a path for mounted alone."""
    line = f"99 1 0:9 / {path} rw - ext4 /dev/x rw\n"
    return LocalKeyStores(
        folder / "state", QuickClock(), passed, lambda: (read_tables()[0] + line,)
    )


async def test_a_file_that_is_mounted_alone_is_written_in_place(path: Path, tmp_path: Path) -> None:
    inode = path.stat().st_ino
    changed = await mounted(path, tmp_path).change(str(path), off(1), TOKEN)
    assert (changed.is_in_place, path.stat().st_ino) == (True, inode)
    assert not read(path)[named(1)]["active"]


async def test_a_write_in_place_that_was_cut_in_two_is_mended(path: Path, tmp_path: Path) -> None:
    old = path.read_bytes()
    control = mounted(path, tmp_path)
    edit = off(0, 1, 2, 3)
    new = edit.edited(old)
    half = len(new) // 2
    pid = os.fork()
    if not pid:

        def die(name: str) -> None:
            if name == "kept":
                path.write_bytes(new[:half] + old[half:])
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            asyncio.run(mounted(path, tmp_path, die).change(str(path), edit, TOKEN))
        finally:
            os._exit(1)
    os.waitpid(pid, 0)
    await control.tidy(str(path), edit, TOKEN)
    assert path.read_bytes() == old
    await control.change(str(path), edit, TOKEN)
    assert path.read_bytes() == new
    assert [one.token for one in await control.copies(str(path))] == [TOKEN, TOKEN]


async def test_a_folder_on_a_file_server_is_refused(path: Path, tmp_path: Path) -> None:
    line = f"99 1 0:9 / {path.parent} rw - nfs4 host:/x rw\n"
    control = LocalKeyStores(tmp_path / "state", QuickClock(), read_tables=lambda: (line,))
    with pytest.raises(ClientDenied, match="nfs4"):
        await control.change(str(path), off(1), TOKEN)


def test_the_nearest_mount_names_the_file_system() -> None:
    table = "1 0 8:1 / / rw - ext4 /dev/a rw\n2 1 0:4 / /srv rw shared:1 - nfs h:/ rw\n"
    assert [filesystem_of(one, table) for one in ("/srv/a", "/srvx", "/srv")] == [
        "nfs", "ext4", "nfs",
    ]  # fmt: skip


def test_old_copies_expire_but_for_one_a_day_of_the_last_month() -> None:
    clock = QuickClock()
    made = [clock.now() - timedelta(hours=hours) for hours in range(24 * 40, 0, -1)]
    copies = tuple(StoreCopy(f"{at:%Y%m%dT%H%M%S%f}", at, "T", 1) for at in made)
    gone = set(expired(copies, clock.now()))
    kept = [one for one in copies if one.name not in gone]
    assert kept[-50:] == list(copies[-50:])
    days = {one.made.date() for one in kept[:-50]}
    assert len(days) == len(kept[:-50]) in range(27, 31)
