"""One key in full: what it is in each file, and what its store is."""

from dataclasses import replace
from datetime import timedelta

from bench.scene import NOW
from bench.scene_keys import api_keys, keys_picture
from core.model.text import clean
from tests.hostile import CORPUS
from widgets.present.fitting import width_of
from widgets.present.key_details import entry_lines, key_lines, store_lines
from widgets.present.key_listing import listing_of
from widgets.present.keys import KeyEntry
from widgets.present.line import Line
from widgets.present.table import Wish

PICTURE = keys_picture(NOW)
API, GATEWAY, CORRUPT, MISSING, READ_ONLY, LISTED = PICTURE.stores
OVER, _, SAMPLE, _, MOVED, _, PLAIN, ODD, GONE, LATE = api_keys(NOW)


def text_of(lines: tuple[Line, ...]) -> str:
    return "\n".join("".join(span.text for span in one) for one in lines)


def test_a_key_tells_its_quota_its_use_and_its_age() -> None:
    said = text_of(key_lines(OVER, NOW, 80))
    for word in ("● active  k-3fa91c  key_…Q9fA  acme", "over quota", "104%", "10,412", "377",
                 "10,000 requests a month", "2 m 00 s ago, 03:12:07Z", "2025-11-02"):  # fmt: skip
        assert word in said


def test_what_is_not_known_says_so() -> None:
    said = text_of(key_lines(ODD, NOW, 80))
    assert "no record of it" in said
    assert "no tier that is known" in said
    assert "not written down" in text_of(key_lines(replace(ODD, created=None), NOW, 80))


def test_an_expiry_is_told_before_and_after() -> None:
    assert "expired  2026-02-27" in text_of(key_lines(LATE, NOW, 80))
    soon = replace(PLAIN, expires=NOW + timedelta(days=2))
    assert "in 2 d 0 h" in text_of(key_lines(soon, NOW, 80))
    assert "expires" not in text_of(key_lines(PLAIN, NOW, 80))


def test_each_file_tells_what_the_key_is_there() -> None:
    lines = text_of(entry_lines(KeyEntry(API, MOVED), NOW, 100)).splitlines()
    at = lines.index("In each file")
    server, other = lines[at + 1 : at + 3]
    assert server.split()[0] == "active"
    assert server.endswith("◀ the server reads this one")
    assert other.split() == ["inactive", "/srv/api-service/api_keys.json"]


def test_a_store_tells_its_files_its_tiers_and_its_findings() -> None:
    said = text_of(store_lines(API, NOW, 100))
    for word in ("● read  10 keys, 8 active", "split store", "0644 root:root", "key to record",
                 "written 02-28 22:12Z", "enterprise", "1,000,000", "working dir"):  # fmt: skip
        assert word in said


def test_why_a_store_is_not_read_or_not_written_is_told_once() -> None:
    assert text_of(store_lines(MISSING, NOW, 200)).count("no such file") == 1
    assert text_of(store_lines(READ_ONLY, NOW, 200)).count("two readings fit") == 1
    assert "read-only: two readings fit" in text_of(store_lines(READ_ONLY, NOW, 200))


def test_what_is_old_is_not_told_as_now() -> None:
    said = text_of(entry_lines(KeyEntry(CORRUPT, CORRUPT.keys[0]), NOW, 80))
    assert "? active" in said
    assert "● active" not in said
    assert "0 keys" not in text_of(store_lines(READ_ONLY, NOW, 80))


def test_a_file_that_is_mounted_alone_says_what_that_means() -> None:
    assert "mounted alone" in text_of(store_lines(CORRUPT, NOW, 100))


def test_a_loss_stands_with_its_store() -> None:
    assert "12 keys vanished" in text_of(store_lines(GATEWAY, NOW, 100))


def test_key_and_store_stand_side_by_side_where_there_is_room() -> None:
    narrow = entry_lines(KeyEntry(API, OVER), NOW, 80)
    wide = entry_lines(KeyEntry(API, OVER), NOW, 140)
    assert len(wide) < len(narrow)
    assert "Key" in text_of(wide[:1])
    assert "API keys" in text_of(wide[:1])


def test_no_line_is_wider_than_its_room() -> None:
    for entry in listing_of(PICTURE).wanted(Wish()):
        for width in (40, 78, 110, 200):
            assert all(width_of(one) <= width for one in entry_lines(entry, NOW, width))


def test_hostile_text_stays_text() -> None:
    for text in CORPUS:
        said = clean(text)
        key = replace(SAMPLE, name=said, tier=said, masked=said, differs=(said,), findings=(said,))
        store = replace(API, why=said, note=said, findings=(said,), title=said)
        for line in entry_lines(KeyEntry(store, key), NOW, 120):
            assert all(part.text == clean(part.text, 99_999) for part in line)


def test_a_key_that_is_off_is_off_in_each_file() -> None:
    lines = text_of(entry_lines(KeyEntry(API, GONE), NOW, 100)).splitlines()
    at = lines.index("In each file")
    assert [one.split()[0] for one in lines[at + 1 : at + 3]] == ["not", "not"]
