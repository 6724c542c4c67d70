"""Only a regular file is opened as a log, and only through links that may be trusted."""

import os
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from core.errors import LogUnreadableError
from core.logs.files.log_file import LogFile
from core.logs.files.opening import LogMissingError, OpenRule, open_log
from core.model.follow import FollowWord
from core.model.log import SeamKind
from tests.unit.core.logs.files.following import NOW_S, Shown, append

STRANGER = 65_534


def open_files() -> set[tuple[str, str]]:
    """Return what is open, by number and name: what earlier tests have left may close meanwhile."""
    found: set[tuple[str, str]] = set()
    for one in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # that of the folder itself is gone by now
            found.add((one.name, str(one.readlink())))
    return {one for one in found if not one[1].startswith("/proc/")}


def make_node(kind: str, path: Path) -> None:
    match kind:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "socket":
            with socket.socket(socket.AF_UNIX) as server:
                server.bind(str(path))
        case "device":
            path.symlink_to("/dev/zero")
        case "terminal":
            path.symlink_to("/dev/tty")
        case _:
            path.symlink_to(path)


@pytest.mark.parametrize("kind", ["folder", "pipe", "socket", "device", "terminal", "circle"])
def test_what_is_no_regular_file_is_refused_with_a_reason(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    make_node(kind, path)
    shown = Shown(LogFile(str(path)))
    assert shown.log.state.word is FollowWord.REFUSED
    assert str(path) in shown.log.state.note
    assert shown.history() == []
    path.rmdir() if kind == "folder" else path.unlink()
    path.write_text("now it is a log\n")
    assert shown.read() == [b"now it is a log"]


def test_a_file_without_the_right_to_read_says_so_and_is_tried_again(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    path = tmp_path / "app.log"
    path.write_text("secret\n")
    path.chmod(0)
    shown = Shown(LogFile(str(path)))
    assert shown.log.state.word is FollowWord.REFUSED
    path.chmod(0o600)
    shown.now_s += 5
    shown.read()
    assert shown.log.state.word is FollowWord.FOLLOWING


def test_a_link_in_the_last_place_is_refused_where_the_rule_says_so(tmp_path: Path) -> None:
    (tmp_path / "real.log").write_text("x\n")
    (tmp_path / "link.log").symlink_to("real.log")
    with pytest.raises(LogUnreadableError, match="is a link"):
        open_log(str(tmp_path / "link.log"), OpenRule(follows_links=False))
    open_log(str(tmp_path / "real.log"), OpenRule(follows_links=False)).close()


@pytest.mark.real("root")
def test_a_link_made_by_a_stranger_to_a_file_of_another_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("root:x:0\n")
    link = tmp_path / "app.log"
    link.symlink_to(tmp_path / "secret")
    os.lchown(link, STRANGER, STRANGER)
    with pytest.raises(LogUnreadableError, match="link made by user 65534"):
        open_log(str(link))
    os.chown(tmp_path / "secret", STRANGER, STRANGER)
    open_log(str(link)).close()


def test_a_log_that_becomes_a_link_to_elsewhere_is_not_followed(tmp_path: Path) -> None:
    logs, elsewhere = tmp_path / "logs", tmp_path / "elsewhere"
    logs.mkdir()
    elsewhere.mkdir()
    (elsewhere / "shadow").write_text("root:secret\n")
    path = logs / "app.log"
    path.write_text("one\n")
    shown = Shown(LogFile(str(path)))
    path.unlink()
    path.symlink_to(elsewhere / "shadow")
    assert shown.read() == []
    assert shown.log.state.word is FollowWord.REFUSED
    assert shown.kinds == [SeamKind.UNREADABLE]
    assert shown.history() == [b"one"]
    allowed = LogFile(str(path), rule=OpenRule(roots=(str(tmp_path),)))
    allowed.poll(NOW_S)
    assert allowed.state.word is FollowWord.FOLLOWING


def test_a_link_swapped_while_it_is_opened_never_leads_out_of_the_roots(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (inside / "a").write_text("inside\n")
    (outside / "a").write_text("outside\n")
    link, stop = inside / "app.log", threading.Event()
    link.symlink_to(inside / "a")

    def swap() -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            spare = inside / "spare"
            spare.symlink_to((inside if turn % 2 else outside) / "a")
            spare.rename(link)

    racer = threading.Thread(target=swap)
    racer.start()
    rule, opened, refused = OpenRule(roots=(str(inside),)), 0, 0
    end_s = time.monotonic() + 60
    try:
        while opened + refused < 2000 or not (opened and refused):
            assert time.monotonic() < end_s, "the link was not swapped"
            try:
                file = open_log(str(link), rule)
            except LogUnreadableError:
                refused += 1
                continue
            assert file.read(0, 7) == b"inside\n"
            file.close()
            opened += 1
    finally:
        stop.set()
        racer.join()


@pytest.mark.parametrize("depth", range(1, 12))
def test_a_path_that_walks_out_of_the_roots_is_refused(depth: int, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (tmp_path / "secret").write_text("x\n")
    walks = [
        f"{logs}/../secret",
        f"{logs}/{'../' * (depth + 20)}etc/passwd",
        f"{logs}/{'./../logs/' * depth}../secret",
    ]
    (logs / "up").symlink_to("..")
    walks.append(f"{logs}/up/secret")
    for walk in walks:
        with pytest.raises(LogUnreadableError, match="outside the allowed folders"):
            open_log(walk, OpenRule(roots=(str(logs),)))


def test_a_file_of_another_owner_is_refused_where_owners_are_named(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text("x\n")
    open_log(str(path), OpenRule(owners=frozenset({os.geteuid()}))).close()
    with pytest.raises(LogUnreadableError, match="belongs to user"):
        open_log(str(path), OpenRule(owners=frozenset({STRANGER})))


def test_a_missing_file_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(LogMissingError):
        open_log(str(tmp_path / "no" / "such.log"))


def test_a_sparse_file_of_a_terabyte_opens_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "sparse.log"
    path.touch()
    os.truncate(path, 1024**4)
    append(path, "\nlast words\n")
    shown = Shown(LogFile(str(path)))
    assert shown.history()[-1] == b"last words"
    append(path, "and more\n")
    assert shown.read() == [b"and more"]


def test_open_files_are_bounded(tmp_path: Path) -> None:
    for number in range(1, 60):
        (tmp_path / f"app.log.{number}").write_text(f"old {number}\n")
    (tmp_path / "app.log").write_text("live\n")
    before = open_files()
    shown = Shown(LogFile(str(tmp_path / "app.log")))
    assert len(shown.history()) == 60
    assert len(open_files() - before) < 10
    shown.log.close()
    assert not open_files() - before
