"""Names of backups: never one that is taken, and found again by the pattern they came from."""

import re
from datetime import UTC, datetime

import pytest

from core.actions.backups.names import free_name, is_of, places_also, places_of, target_at

AT = datetime(2026, 3, 1, 3, 4, 5, tzinfo=UTC)
PATTERNS = [
    "/opt/b/keys_%Y%m%d.json",
    "/opt/models_config.json.%Y%m%d-%H%M%S.backup",
    "/opt/.env.backup.%Y%m%d",
    "/backups/%Y%m%d/backup.tar.gz",
    "/opt/redis-backup-%s.rdb",
    "/opt/100%%-%Y.tar.zst",
    "/opt/%B-%d.sql",
]


def found(pattern: str, path: str) -> bool:
    places = places_of(pattern)
    words = path.removeprefix(places.root.rstrip("/") + "/").split("/")
    return len(words) == len(places.levels) and all(
        re.fullmatch(one, word) for one, word in zip(places.levels, words, strict=True)
    )


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_name_that_was_made_is_found_again_and_so_is_its_second(pattern: str) -> None:
    name = target_at(pattern, AT)
    second = free_name(name, lambda path: path == name)
    assert second != name
    assert found(pattern, name)
    assert found(pattern, second)


def test_the_number_stands_before_the_suffix() -> None:
    taken = {"/b/a_1.tar.gz", "/b/a_1-2.tar.gz"}
    assert free_name("/b/a_1.tar.gz", taken.__contains__) == "/b/a_1-3.tar.gz"


def test_it_gives_up_after_a_thousand() -> None:
    with pytest.raises(ValueError, match="taken"):
        free_name("/b/a", lambda _path: True)


@pytest.mark.parametrize(
    "other",
    ["/opt/b/keys_2026.json", "/opt/b/keys_20260301.json.bak", "/opt/b/x/keys_20260301.json"],
)
def test_what_only_looks_like_one_is_not_found(other: str) -> None:
    assert not found(PATTERNS[0], other)


def test_backups_inside_what_is_packed_are_known_as_such() -> None:
    pattern = "/opt/app/app-%Y%m%d.tar.gz"
    assert is_of(pattern, "/opt/app/app-20260301.tar.gz")
    assert is_of(pattern, "/opt/app/app-20260301-2.tar.gz.manifest.json")
    assert is_of(pattern, "/opt/app/.app-20260301.tar.gz.0af3.part")
    assert not is_of(pattern, "/opt/app/app.py")


def test_another_place_is_a_folder_or_a_file() -> None:
    inside, itself = places_also("/opt/.env.%Y.backup", "/opt/.env.backup")
    assert (inside.root, itself.root) == ("/opt/.env.backup", "/opt")
    assert itself.levels == (r"\.env\.backup",)
