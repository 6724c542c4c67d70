"""Waiting ends when something happens, and costs nothing while nothing does."""

import threading
import time
from pathlib import Path

import pytest

from core.logs.files.log_file import LogFile
from core.logs.files.mounts import is_remote, parse_mounts
from core.logs.files.waiter import Waiter
from tests.unit.core.logs.files.following import Shown, append

LONG_S = 30.0


def watching(path: Path, *, may_watch: bool = True) -> tuple[Shown, Waiter]:
    shown, waiter = Shown(LogFile(str(path))), Waiter(may_watch=may_watch)
    while waiter.watch(shown.log.watched_paths):
        shown.read()
    return shown, waiter


def until_given(shown: Shown, waiter: Waiter, tries: int = 50) -> list[bytes]:
    """Wait as a reader does until something is shown."""
    for _ in range(tries):
        waiter.wait(LONG_S)
        waiter.watch(shown.log.watched_paths)
        if given := shown.read():
            return given
    raise AssertionError("nothing was shown")


def test_an_append_ends_the_wait(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text("one\n")
    shown, waiter = watching(path)
    assert waiter.is_prompt
    threading.Timer(0.05, append, (path, "two\n")).start()
    assert until_given(shown, waiter) == [b"two"]
    waiter.close()


def test_a_rotation_ends_the_wait(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text("one\n")
    shown, waiter = watching(path)
    path.rename(tmp_path / "app.log.1")
    path.write_text("two\n")
    assert until_given(shown, waiter) == [b"two"]
    append(path, "three\n")
    assert until_given(shown, waiter) == [b"three"]
    waiter.close()


def test_a_folder_that_appears_later_ends_the_wait(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "app.log"
    shown, waiter = watching(path)

    def appear() -> None:
        path.parent.mkdir(parents=True)
        path.write_text("hello\n")

    threading.Timer(0.05, appear).start()
    assert until_given(shown, waiter) == [b"hello"]
    waiter.close()


def test_the_target_of_a_link_is_watched(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target, link = tmp_path / "real" / "run-1", tmp_path / "current.log"
    target.write_text("one\n")
    link.symlink_to(target)
    shown, waiter = watching(link)
    append(target, "two\n")
    assert until_given(shown, waiter) == [b"two"]
    waiter.close()


def test_waiting_costs_no_work_while_nothing_happens(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text("one\n")
    _, waiter = watching(path)
    cpu = time.thread_time()
    assert waiter.wait(0.5) is False
    assert time.thread_time() - cpu < 0.1
    waiter.close()


def test_another_thread_can_wake_the_waiter(tmp_path: Path) -> None:
    waiter = Waiter()
    threading.Timer(0.05, waiter.wake).start()
    assert waiter.wait(LONG_S) is True
    waiter.close()
    waiter.wake()


def test_where_the_kernel_does_not_tell_it_is_looked_now_and_then(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text("one\n")
    shown, waiter = watching(path, may_watch=False)
    assert not waiter.is_prompt
    append(path, "two\n")
    assert until_given(shown, waiter) == [b"two"]
    waiter.close()


def test_network_file_systems_are_known_by_their_type() -> None:
    mounts = parse_mounts(
        "23 28 0:21 / /proc rw shared:5 - proc proc rw\n"
        "90 28 0:51 / /mnt/logs rw,relatime shared:40 - nfs4 host:/logs rw,vers=4.2\n"
        "28 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n"
    )
    assert {device for device, kind in mounts.items() if is_remote(kind)} == {"0:51"}


@pytest.mark.parametrize("kind", ["ext4", "xfs", "overlay", "tmpfs", "btrfs", "fuseblk"])
def test_local_file_systems_are_not_taken_for_remote(kind: str) -> None:
    assert not is_remote(kind)
