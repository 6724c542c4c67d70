"""Copies are made whole and put back whole, on a real disk."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from core.clients.acting import backup_swaps
from core.clients.acting.backup_places import PlaceKind
from core.clients.acting.backups import LocalBackups, Putting
from core.clients.clock import SystemClock
from core.errors import ClientDenied, ClientError, ClientGarbled, ClientMissing, ClientRefused


def nothing_own(_path: str) -> bool:
    return False


@pytest.fixture
def control() -> LocalBackups:
    return LocalBackups(SystemClock())


def database(path: Path, rows: int = 100) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE t (n INTEGER, text TEXT)")
    connection.executemany("INSERT INTO t VALUES (?, ?)", [(n, "x" * 100) for n in range(rows)])
    connection.commit()
    return connection


def rows(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM t").fetchone()[0])


async def test_a_file_is_copied_with_its_hash_and_privately(
    control: LocalBackups, tmp_path: Path
) -> None:
    (tmp_path / "a").write_bytes(b"bytes")
    copied = await control.copy_file(str(tmp_path / "a"), str(tmp_path / "part"))
    assert (tmp_path / "part").read_bytes() == b"bytes"
    assert copied == await control.digest(str(tmp_path / "a"))
    assert (tmp_path / "part").stat().st_mode & 0o777 == 0o600


async def test_a_name_that_is_taken_is_never_written_over(
    control: LocalBackups, tmp_path: Path
) -> None:
    (tmp_path / "part").write_bytes(b"new")
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(ClientDenied, match="there already"):
        await control.publish(str(tmp_path / "part"), str(tmp_path / "a"), 0o600)
    assert (tmp_path / "a").read_bytes() == b"old"


@pytest.mark.parametrize("kind", ["link", "fifo", "folder", "missing"])
async def test_only_a_regular_file_is_copied(
    control: LocalBackups, tmp_path: Path, kind: str
) -> None:
    source = tmp_path / "source"
    makers: dict[str, Callable[[], object]] = {
        "link": lambda: source.symlink_to("/etc/hostname"),
        "fifo": lambda: os.mkfifo(source),
        "folder": source.mkdir,
        "missing": lambda: None,
    }
    makers[kind]()
    with pytest.raises(ClientError):
        await control.copy_file(str(source), str(tmp_path / "part"))
    with pytest.raises(ClientError):
        await control.copy_sqlite(str(source), str(tmp_path / "part"))
    assert not (tmp_path / "part").exists()


async def test_a_database_that_is_written_to_is_copied_as_one_moment_has_it(
    control: LocalBackups, tmp_path: Path
) -> None:
    with closing(database(tmp_path / "app.db")) as writer:
        writer.execute("INSERT INTO t VALUES (1, 'not committed')")
        await control.copy_sqlite(str(tmp_path / "app.db"), str(tmp_path / "part"))
    await control.check_sqlite(str(tmp_path / "part"))
    assert rows(tmp_path / "part") == 100
    assert not list(tmp_path.glob("part-*"))


async def test_a_damaged_database_is_told_and_not_copied(
    control: LocalBackups, tmp_path: Path
) -> None:
    database(tmp_path / "app.db", 5000).close()
    raw = bytearray((tmp_path / "app.db").read_bytes())
    raw[8192:16384] = os.urandom(8192)
    (tmp_path / "app.db").write_bytes(bytes(raw))
    with pytest.raises(ClientGarbled, match=r"damaged|malformed"):
        await control.check_sqlite(str(tmp_path / "app.db"))
    with pytest.raises(ClientError):
        await control.copy_sqlite(str(tmp_path / "app.db"), str(tmp_path / "part"))
    assert not (tmp_path / "part").exists()


async def test_folding_leaves_the_file_alone_and_refuses_one_in_use(
    control: LocalBackups, tmp_path: Path
) -> None:
    path = tmp_path / "app.db"
    writer = database(path)
    writer.execute("BEGIN IMMEDIATE")
    with pytest.raises(ClientDenied, match="in use"):
        await control.fold_sqlite(str(path))
    writer.rollback()
    writer.close()
    await control.fold_sqlite(str(path))
    assert [one.name for one in tmp_path.iterdir()] == ["app.db"]
    assert rows(path) == 100


@pytest.mark.parametrize("text", ["", "{", "nul", "[" * 100_000])
async def test_what_is_no_json_is_told(control: LocalBackups, tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(ClientGarbled, match="no JSON"):
        await control.check_json(str(tmp_path / "a.json"))


async def test_files_are_found_by_the_names_of_each_level(
    control: LocalBackups, tmp_path: Path
) -> None:
    for name in ("20260301/b.tar", "20260302/b.tar", "20260302/c.tar", "other/b.tar"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "20260303").mkdir()
    (tmp_path / "20260303" / "b.tar").symlink_to("/etc/hostname")
    found = await control.find(str(tmp_path), ("[0-9]{8}", r"b\.tar"))
    assert [one.path[-14:] for one in found] == ["20260301/b.tar", "20260302/b.tar"]
    assert await control.find(str(tmp_path / "gone"), ("x",)) == ()


async def test_too_many_bytes_are_not_hashed_for_a_preview(
    control: LocalBackups, tmp_path: Path
) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    assert await control.hashes(str(tmp_path), 4) is None
    assert set(await control.hashes(str(tmp_path), 5) or {}) == {"a"}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    folder = tmp_path / "app"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "a").write_text("old a")
    (folder / "only here").write_text("mine")
    (folder / "empty").mkdir(mode=0o750)
    (folder / "link").symlink_to("data/a")
    (folder / "app-2026.tar").write_text("a backup of ours")
    return folder


async def staged_tree(control: LocalBackups, app: Path, tmp_path: Path) -> Path:
    made = tmp_path / "made"
    (made / "data").mkdir(parents=True)
    (made / "data" / "a").write_text("new a")
    await control.pack(((str(made), ""),), str(tmp_path / "b.tar"), "b.tar", nothing_own)
    staged = tmp_path / ".app.token.new"
    await control.put(Putting(str(tmp_path / "b.tar"), str(app), str(staged), "", 0o600))
    return staged


async def test_a_tree_is_put_beside_and_exchanged_at_once(
    control: LocalBackups, app: Path, tmp_path: Path
) -> None:
    staged = await staged_tree(control, app, tmp_path)
    assert (app / "data" / "a").read_text() == "old a"
    await control.swap(str(staged), str(app))
    assert (app / "data" / "a").read_text() == "new a"
    assert (staged / "data" / "a").read_text() == "old a"
    await control.swap_back(str(staged), str(app), had_live=True)
    assert (app / "data" / "a").read_text() == "old a"


async def test_what_the_backup_has_not_is_carried_over(
    control: LocalBackups, app: Path, tmp_path: Path
) -> None:
    staged = await staged_tree(control, app, tmp_path)
    for _ in range(2):  # the second time there is nothing left to do
        await control.carry_over(str(app), str(staged), nothing_own, is_all=True)
    assert (staged / "only here").read_text() == "mine"
    assert (staged / "link").readlink() == Path("data/a")
    assert (staged / "empty").stat().st_mode & 0o777 == 0o750
    assert (staged / "data" / "a").read_text() == "new a"
    assert not list(staged.rglob("*.part"))


async def test_our_own_backups_are_carried_over_even_where_the_rest_goes(
    control: LocalBackups, app: Path, tmp_path: Path
) -> None:
    staged = await staged_tree(control, app, tmp_path)
    count = await control.carry_over(
        str(app), str(staged), lambda path: path.endswith(".tar"), is_all=False
    )
    assert count == 1
    assert sorted(one.name for one in staged.iterdir()) == ["app-2026.tar", "data"]


async def test_a_member_that_the_archive_lacks_is_named_and_nothing_is_left(
    control: LocalBackups, app: Path, tmp_path: Path
) -> None:
    await control.pack(((str(app / "data"), "data"),), str(tmp_path / "b.tar"), "b", nothing_own)
    staged = str(tmp_path / ".x.new")
    with pytest.raises(ClientMissing, match="other"):
        await control.put(Putting(str(tmp_path / "b.tar"), str(app), staged, "other", 0o600))
    assert not list(tmp_path.glob(".x*"))


async def test_a_single_file_keeps_the_mode_of_what_lives_there(
    control: LocalBackups, tmp_path: Path
) -> None:
    live = tmp_path / ".env"
    live.write_text("now")
    live.chmod(0o640)
    (tmp_path / "copy").write_text("then")
    staged = str(tmp_path / "..env.new")
    await control.put(Putting(str(tmp_path / "copy"), str(live), staged, None, 0o600))
    await control.swap(staged, str(live))
    assert live.read_text() == "then"
    assert live.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("cut_after", range(4))
async def test_without_exchange_in_the_kernel_a_swap_that_was_cut_off_goes_back(
    control: LocalBackups,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    cut_after: int,
) -> None:
    """Three renames, killed after each of them: going back always finds the old one."""
    (tmp_path / "live").write_text("old")
    (tmp_path / "new").write_text("new")

    def lacking(_one: str, _other: str) -> None:
        raise OSError(38, "no renameat2")

    done = 0
    rename = backup_swaps.rename_new

    def killed(path: str, to: str) -> None:
        nonlocal done
        if done == cut_after:
            raise ClientRefused("killed")
        done += 1
        rename(path, to)

    monkeypatch.setattr(backup_swaps, "_exchange", lacking)
    monkeypatch.setattr(backup_swaps, "rename_new", killed)
    if cut_after < 3:
        with pytest.raises(ClientRefused, match="killed"):
            await control.swap(str(tmp_path / "new"), str(tmp_path / "live"))
    else:
        await control.swap(str(tmp_path / "new"), str(tmp_path / "live"))
    monkeypatch.setattr(backup_swaps, "rename_new", rename)
    if cut_after:
        await control.swap_back(str(tmp_path / "new"), str(tmp_path / "live"), had_live=True)
    assert (tmp_path / "live").read_text() == "old"
    assert (tmp_path / "new").read_text() == "new"
    assert len(list(tmp_path.iterdir())) == 2


async def test_places_say_what_they_are(control: LocalBackups, app: Path) -> None:
    assert (await control.place(str(app))).kind is PlaceKind.FOLDER
    assert (await control.place(str(app / "link"))).kind is PlaceKind.OTHER
    assert (await control.place(str(app / "gone"))).kind is PlaceKind.NOTHING


async def test_removing_takes_files_folders_and_what_is_gone(
    control: LocalBackups, app: Path, tmp_path: Path
) -> None:
    for path in (app / "link", app / "only here", app, app, tmp_path / "no" / "where"):
        await control.remove(str(path))
    assert not app.exists()
