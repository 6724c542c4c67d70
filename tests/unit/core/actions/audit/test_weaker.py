"""What makes a log prove less is said: by the doctor, by `verify`, and by the log itself."""

import os
from pathlib import Path

import pytest

from core.actions.audit.folder import AuditFolder
from core.actions.audit.reading import read_newest
from core.actions.audit.weaker import examine_audit, sink_trouble, what_weakens
from core.model.verdict import Verdict
from tests.unit.core.actions.audit.logs import Place, SetClock, fill, open_log

NO_JOURNAL = "no anchor has got to elsewhere since "


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "audit"


def own(found: tuple[str, ...]) -> list[str]:
    """Return what weakens it beside the machine that the test happens to run on."""
    return [one for one in found if "belongs to uid" not in one and "in memory" not in one]


def test_anchors_that_get_nowhere_are_told_until_they_do_again(folder: Path) -> None:
    clock, place = SetClock(), Place()
    log = open_log(folder, clock, sink=place)
    fill(log, 1)
    place.refusal = "no such socket"
    log.anchor()
    log.close()
    fill(log, 1)
    [told] = own(what_weakens(folder))
    assert told.startswith(NO_JOURNAL)
    assert told.endswith(" UTC: no such socket")
    place.refusal = ""
    log.anchor()
    log.close()
    fill(log, 1)
    assert own(what_weakens(folder)) == []


def test_a_log_that_never_lost_its_sink_says_nothing(folder: Path) -> None:
    fill(open_log(folder), 3)
    newest, _ = read_newest(AuditFolder(folder, is_for_reading=True), 100)
    assert sink_trouble(newest) == ""


def test_the_doctor_says_that_there_is_none_yet(folder: Path) -> None:
    [found] = examine_audit(folder)
    assert (found.verdict, found.text) == (
        Verdict.OK, f"none so far; the first record makes {folder}"
    )  # fmt: skip
    assert not folder.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's folder is as good as can be")
def test_the_doctor_says_what_weakens_it_and_what_to_do(folder: Path) -> None:
    fill(open_log(folder), 1)
    [found] = examine_audit(folder)
    assert (found.verdict, found.text) == (Verdict.OK, f"{folder} takes records")
    folder.chmod(0o770)
    [found] = examine_audit(folder)
    assert found.verdict is Verdict.DEGRADED
    assert "others may write to the audit folder" in found.text
    assert found.remedy


def test_the_doctor_names_a_folder_that_is_none(folder: Path) -> None:
    folder.write_text("a file", "utf-8")
    [found] = examine_audit(folder)
    assert found.verdict is Verdict.DEGRADED
    assert "no audit, no action" in found.remedy
