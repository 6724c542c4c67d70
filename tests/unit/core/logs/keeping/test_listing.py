"""Log folders are listed within bounds, as they are, and never beyond themselves."""

import os
from pathlib import Path

from core.logs.keeping.listing import ListingBounds, folders_of, read_log_files
from core.logs.keeping.rules import DEFAULT_RULES, LogClaim
from tests.hostile import CORPUS
from tests.unit.core.logs.keeping.shelf import NOW_S, Shelf
from tests.unit.core.test_text import is_harmless


def test_a_file_comes_with_size_change_inode_and_class(shelf: Shelf) -> None:
    raw = shelf.put("app.log", days=1, size_bytes=5_000)
    (file,) = shelf.read(shelf.claim("app.log")).files
    assert file.raw_path == raw
    assert file.size_bytes == 5_000
    assert file.disk_bytes >= 4_096
    assert file.modified_s == NOW_S - 86_400
    assert file.fingerprint.inode == (shelf.folder / "app.log").stat().st_ino
    assert file.log_class.name == "application"
    assert file.is_open_by_writer is None


def test_who_has_it_open_is_told_where_it_is_known(shelf: Shelf) -> None:
    shelf.put("app.log")
    at = (shelf.folder / "app.log").stat()
    shelf.put("other.log")
    files = shelf.read(open_files=frozenset({(at.st_dev, at.st_ino)})).files
    assert [file.is_open_by_writer for file in files] == [True, False]


def test_links_pipes_and_deep_folders_are_told_and_left(shelf: Shelf, tmp_path: Path) -> None:
    secret = tmp_path / "shadow"
    secret.write_text("root")
    (shelf.folder / "link.log").symlink_to(secret)
    (shelf.folder / "loop").symlink_to(shelf.folder)
    os.mkfifo(shelf.folder / "pipe.log")
    (shelf.folder / "a" / "b" / "c").mkdir(parents=True)
    shelf.put("a/b/deep.log")
    shelf.put("a/b/c/deeper.log")
    listing = shelf.read()
    assert [file.path.rpartition("/")[2] for file in listing.files] == ["deep.log"]
    why = {entry.path.rpartition("/")[2]: entry.why for entry in listing.skipped}
    assert why == {
        "link.log": "is a link: not followed",
        "loop": "is a link: not followed",
        "pipe.log": "is no regular file",
        "c": "is a folder too deep to enter",
    }


def test_a_missing_folder_is_told(shelf: Shelf) -> None:
    listing = read_log_files(
        [str(shelf.folder / "none")], (), DEFAULT_RULES, cancelled=lambda: False
    )
    assert [entry.why for entry in listing.skipped] == ["No such file or directory"]


def test_a_folder_named_twice_is_listed_once(shelf: Shelf) -> None:
    shelf.put("app.log")
    folders = [str(shelf.folder), str(shelf.folder)]
    listing = read_log_files(folders, (), DEFAULT_RULES, cancelled=lambda: False)
    assert len(listing.files) == 1


def test_the_bound_ends_it_and_says_so(shelf: Shelf) -> None:
    for index in range(20):
        shelf.put(f"{index}.log")
    listing = read_log_files(
        [str(shelf.folder)],
        (),
        DEFAULT_RULES,
        cancelled=lambda: False,
        bounds=ListingBounds(max_entries=10),
    )
    assert len(listing.files) == 10
    assert not listing.is_complete
    assert listing.note == "stopped after 10 entries"


def test_it_can_be_cancelled(shelf: Shelf) -> None:
    for index in range(300):
        shelf.put(f"{index}.log", size_bytes=0)
    listing = read_log_files([str(shelf.folder)], (), DEFAULT_RULES, cancelled=lambda: True)
    assert len(listing.files) < 300
    assert listing.note == "cancelled"


def test_hostile_names_are_harmless_to_read_and_exact_to_open(shelf: Shelf) -> None:
    names = {os.fsencode(payload)[:200] for payload in CORPUS if payload.isascii()}
    names = {name.replace(b"/", b"_") for name in names} - {b"", b".", b".."}
    names = {name for name in names if b"\0" not in name} | {b"bad\xff\xfe.log", b"new\nline.log"}
    raw_paths = {shelf.put(name) for name in names}
    listing = shelf.read(shelf.claim("*"))
    assert {file.raw_path for file in listing.files} == raw_paths
    assert all(is_harmless(file.path) for file in listing.files)


def test_the_folders_of_claims_are_those_before_any_wildcard() -> None:
    claims = [
        LogClaim("a", "/srv/logs/app.log"),
        LogClaim("b", "/srv/logs/api_%Y%m%d.jsonl"),
        LogClaim("c", "/var/*/deep/app.log"),
    ]
    assert folders_of(claims) == ("/srv/logs", "/var")
