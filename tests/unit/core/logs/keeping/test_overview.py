"""What the Logs screen says of kept files is what the actions would do with them."""

import os
from dataclasses import replace
from pathlib import Path

from core.logs.desk.housekeeping import Housekeeping
from core.logs.keeping.overview import SystemFiles, overview
from core.logs.keeping.plan_files import plan_compress, plan_delete
from core.logs.keeping.rules import DEFAULT_RULES, LogClaim
from core.model.log_keeping import KeepingNeed, KeptFile, LogKeeping
from core.model.topology import LogSpec
from tests.fakes.world import system
from tests.unit.core.logs.keeping.shelf import NOW_S, Shelf


def of(shelf: Shelf, *claims: LogClaim, name: str = "shop") -> LogKeeping:
    return overview([SystemFiles(name, shelf.read(*claims), DEFAULT_RULES)], NOW_S)


def row(keeping: LogKeeping, name: str) -> KeptFile:
    (found,) = [one for one in keeping.files if one.path.endswith(f"/{name}")]
    return found


def test_what_needs_action_comes_first_and_the_largest_of_it(shelf: Shelf) -> None:
    for name, days, size in (
        ("app.log", 0, 10), ("app.log.2026-03-01", 13, 90_000), ("app.log.2026-03-12", 2, 50),
        ("app.log.2026-01-05", 68, 20_000), ("app.log.2026-01-04", 69, 70_000), ("stray", 90, 5),
    ):  # fmt: skip
        shelf.put(name, days=days, size_bytes=size)
    keeping = of(shelf, shelf.claim("app.log"))
    found = [(Path(one.path).name, one.need) for one in keeping.files]
    assert found == [
        ("app.log.2026-01-04", KeepingNeed.OVERDUE),
        ("app.log.2026-01-05", KeepingNeed.OVERDUE),
        ("app.log.2026-03-01", KeepingNeed.PACK),
        ("stray", KeepingNeed.NO_RULE),
        ("app.log.2026-03-12", KeepingNeed.KEPT),
        ("app.log", KeepingNeed.IN_USE),
    ]
    assert row(keeping, "app.log").is_live
    assert row(keeping, "app.log.2026-03-12").why == "younger than its rule (1 of 30 d)"


def test_the_totals_are_those_of_the_plans_that_the_actions_make(shelf: Shelf) -> None:
    for day in range(1, 29):
        shelf.put(f"app.log.2026-02-{day:02}", days=42 - day, size_bytes=1_000 * day)
    listing = shelf.read(shelf.claim("app.log"))
    keeping = overview([SystemFiles("shop", listing, DEFAULT_RULES)], NOW_S)
    delete = plan_delete(listing, DEFAULT_RULES, NOW_S)
    pack = plan_compress(listing, DEFAULT_RULES, NOW_S)
    assert keeping.overdue.files == len(delete.files) > 0
    assert keeping.overdue.freed_bytes == delete.freed_bytes
    # Deleting takes what is overdue: packing it first would be for nothing.
    assert keeping.to_pack.files == len(pack.files) - len(delete.files) > 0
    assert keeping.total.files == len(listing.files)


def test_the_audit_log_that_a_wildcard_takes_along_is_a_trap_and_not_overdue(shelf: Shelf) -> None:
    shelf.put("audit.log.2026-01-01", days=72, size_bytes=4_000)
    claims = (shelf.claim("*.log*"), shelf.claim("audit.log", "audit"))
    keeping = of(shelf, *claims)
    (found,) = keeping.files
    assert (found.need, found.class_name) == (KeepingNeed.TRAP, "audit")
    assert "application would delete it; audit has kept it" in found.why
    assert found.against_delete
    assert not keeping.overdue.files
    ((reason, files),) = keeping.untouched
    assert (reason, files.files, files.size_bytes) == (
        "another class's pattern takes it", 1, 4_000,
    )  # fmt: skip


def test_an_overdue_file_that_is_left_alone_says_why(shelf: Shelf) -> None:
    path = shelf.put("app.log.2026-01-05", days=68)
    os.link(path, path + b".kept-by-somebody")
    found = row(of(shelf, shelf.claim("app.log")), "app.log.2026-01-05")
    assert (found.need, found.freed_bytes) == (KeepingNeed.HELD, 0)
    assert "hard link" in found.why


def test_a_file_in_a_folder_of_two_systems_counts_once(shelf: Shelf) -> None:
    for name in ("shop.log.2026-01-05", "bank.log.2026-01-05", "stray"):
        shelf.put(name, days=68)
    systems = [
        SystemFiles(name, shelf.read(shelf.claim(f"{name}.log")), DEFAULT_RULES)
        for name in ("shop", "bank")
    ]
    keeping = overview(systems, NOW_S)
    assert keeping.total.files == 3
    assert sorted((one.system, Path(one.path).name) for one in keeping.files) == [
        ("bank", "bank.log.2026-01-05"), ("shop", "shop.log.2026-01-05"), ("shop", "stray"),
    ]  # fmt: skip


def test_a_name_that_an_input_cannot_hold_is_offered_to_no_action(shelf: Shelf) -> None:
    for name in (b"app.log.2026-01-05", b"app.log,2026-01-05", b"app.log\xff.2026-01-05"):
        shelf.put(name, days=68)
    keeping = of(shelf, shelf.claim("app.log*"))
    assert [one.name != "" for one in keeping.files].count(True) == 1


def test_a_folder_that_is_not_there_is_told_and_no_class_is_made_up(tmp_path: Path) -> None:
    gone = replace(system("shop"), logs=(LogSpec("app", f"{tmp_path}/nowhere/app.log"),))
    keeping = Housekeeping([gone, system("bank")]).read(NOW_S, lambda: False)
    (found,) = keeping.files
    assert (found.need, found.why) == (KeepingNeed.UNREAD, "No such file or directory")
    assert (found.size_bytes, found.age_s) == (None, None)
    assert keeping.total.files == 0
    assert {one.system for one in keeping.classes} == {"shop"}


def test_a_look_that_was_broken_off_says_so(shelf: Shelf) -> None:
    for number in range(300):
        shelf.put(f"app.log.{number}", days=1)
    spec = replace(system("shop"), logs=(LogSpec("app", f"{shelf.folder}/app.log"),))
    keeping = Housekeeping([spec]).read(NOW_S, lambda: True)
    assert not keeping.is_complete
    assert keeping.note == "shop: cancelled"
