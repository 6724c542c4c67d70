"""What the screen of actions reads beside actions: from the real log, runs and backups."""

import asyncio
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from core.actions import desk_pages
from core.actions.audit.folder import AuditFolder
from core.actions.audit.reading import read_newest
from core.actions.audit.record import AuditRecord, Event
from core.actions.desk_pages import VERIFY_EVERY_S, PageReader
from core.actions.procedure.events import Started
from core.actions.procedure.steps import steps_of
from core.actions.procedure.store import RunStore
from core.model.action_pages import ActionPages, Page
from core.model.operation import OperationsSpec, ProcedureSpec, ProcedureStep
from core.model.state import StateFolders
from tests.unit.core.actions.audit.logs import NAME, SetClock, fill, open_log

SPEC = ProcedureSpec("tidy", "Tidy up", (ProcedureStep("Look", "human", "look at it"),))
OWN = OperationsSpec("shop", procedures=(SPEC,))
BROKEN = OperationsSpec(
    "bank", procedures=(ProcedureSpec("loop", "Loop", (ProcedureStep("In", "procedure", "loop"),)),)
)
RUN = "01JN7Q0000000000000000RVN1"


class Room:
    """A reader on folders of the test."""

    def __init__(self, folder: Path) -> None:
        self.clock = SetClock()
        self.folders = StateFolders(
            folder / "actions", folder / "procedures", folder / "audit", folder / "locks"
        )
        operations = {one.system: one for one in (OWN, BROKEN)}
        site = SimpleNamespace(
            ports=SimpleNamespace(clock=self.clock),
            operations=operations,
            operations_of=operations.__getitem__,
        )
        self.trouble = ""
        desk = SimpleNamespace(
            planner=SimpleNamespace(site=site), sink_trouble=lambda: self.trouble
        )
        self.reader = PageReader(cast("Any", desk), self.folders)
        self.pages = ActionPages()

    def read(self, page: Page) -> ActionPages:
        self.pages = asyncio.run(self.reader.read(page, self.pages, 0))
        return self.pages

    def verify(self) -> ActionPages:
        self.pages = asyncio.run(self.reader.verified(self.pages))
        return self.pages


@pytest.fixture(name="room")
def fixture_room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def test_a_log_that_was_never_written_is_none_and_no_problem(room: Room) -> None:
    pages = room.read(Page.AUDIT)
    assert pages.trail is not None
    assert pages.trail.rows == ()
    assert not pages.problem


def test_what_weakens_the_log_is_told_beside_whether_it_is_whole(room: Room) -> None:
    fill(open_log(room.folders.audit), 1)
    room.folders.audit.chmod(0o770)
    room.trouble = "journald takes nothing; 3 anchors wait"
    trail = room.read(Page.AUDIT).trail
    assert trail is not None
    assert trail.weaker[-2:] == ("others may write to the audit folder", room.trouble)
    room.folders.audit.chmod(0o700)
    room.trouble = ""
    trail = room.read(Page.AUDIT).trail
    assert trail is not None
    assert not any("others may write" in one or "anchors" in one for one in trail.weaker)


def test_records_are_told_newest_first_with_who_and_what(room: Room) -> None:
    log = open_log(room.folders.audit)
    fill(log, 3)
    log.append(Event.DENIED, verb="service.restart", target="shop/api", reason="no role here")
    log.close()
    trail = room.read(Page.AUDIT).trail
    assert trail is not None
    newest = trail.rows[0]
    assert (newest.event, newest.who, newest.what) == ("denied", "ops", "service.restart shop/api")
    assert newest.result == "no role here"
    assert newest.is_trouble
    assert [one.seq for one in trail.rows] == sorted((one.seq for one in trail.rows), reverse=True)


def test_records_are_read_again_only_where_there_are_others(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0

    def counted(folder: AuditFolder, limit: int) -> tuple[tuple[AuditRecord, ...], bool]:
        nonlocal looks
        looks += 1
        return read_newest(folder, limit)

    monkeypatch.setattr(desk_pages, "read_newest", counted)
    log = open_log(room.folders.audit)
    fill(log, 3)
    before = [room.read(Page.AUDIT).trail for _ in range(3)][-1]
    assert looks == 1
    fill(log, 1)
    after = room.read(Page.AUDIT).trail
    assert before is not None
    assert after is not None
    assert (looks, len(after.rows)) == (2, len(before.rows) + 1)
    assert after.rows[1:] == before.rows


def test_a_whole_log_is_whole_and_an_edited_one_is_not(room: Room) -> None:
    log = open_log(room.folders.audit)
    fill(log, 5)
    log.close()
    room.read(Page.AUDIT)
    trail = room.verify().trail
    assert trail is not None
    assert trail.verdict is not None
    assert trail.verdict.breaks == ()
    path = room.folders.audit / NAME
    path.write_bytes(path.read_bytes().replace(b'"step":2', b'"step":7', 1))
    other = Room(room.folders.audit.parent)
    other.read(Page.AUDIT)
    trail = other.verify().trail
    assert trail is not None
    assert trail.verdict is not None
    assert "at record" in trail.verdict.breaks[0]


def test_the_whole_log_is_read_at_most_once_a_minute(room: Room) -> None:
    log = open_log(room.folders.audit)
    fill(log, 1)
    room.read(Page.AUDIT)
    first = room.verify().trail
    fill(log, 1)
    room.read(Page.AUDIT)
    assert first is not None
    again = room.verify().trail
    assert again is not None
    assert again.verdict is first.verdict
    room.clock.mono_s += VERIFY_EVERY_S
    later = room.verify().trail
    log.close()
    assert later is not None
    assert later.verdict is not None
    assert first.verdict is not None
    assert later.verdict.records == first.verdict.records + 1


def test_what_cannot_be_read_is_said_and_what_was_read_stays(room: Room) -> None:
    log = open_log(room.folders.audit)
    fill(log, 2)
    log.close()
    before = room.read(Page.AUDIT)
    room.folders.audit.rename(room.folders.audit.with_name("away"))
    room.folders.audit.write_text("no folder")
    after = room.read(Page.AUDIT)
    assert "audit folder" in after.problem
    assert after.trail == before.trail
    assert replace(after, problem=before.problem) == before


def test_procedures_are_told_with_their_last_run_and_broken_ones_with_why(room: Room) -> None:
    store = RunStore(room.folders.procedures)
    held = store.start(Started(10.0, "ops", RUN, "shop", "tidy", "Tidy up", steps_of(OWN, "tidy")))
    entries = room.read(Page.PROCEDURES).procedures
    assert entries is not None
    tidy, loop = entries
    assert tidy.last is not None
    assert tidy.last.id == RUN
    assert "moves on" in tidy.holder
    assert loop.last is None
    assert "contains itself" in loop.problem
    held.close()
    entries = room.read(Page.PROCEDURES).procedures
    assert entries is not None
    assert entries[0].holder == ""
