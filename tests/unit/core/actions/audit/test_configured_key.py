"""A key from the configuration signs the log, from the moment that it is named on."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.actions.audit.opening import key_of, open_log
from core.actions.audit.record import Event
from core.actions.audit.verify import verify
from core.errors import AuditError
from core.model.state import StateFolders
from tests.fakes.clock import FakeClock

KEY = b"a key that is long enough for a test"


@pytest.fixture
def folders(tmp_path: Path) -> StateFolders:
    key = tmp_path / "audit.key"
    key.write_bytes(KEY)
    key.chmod(0o400)
    state = tmp_path / "state"
    return StateFolders(
        state / "actions", state / "procedures", state / "audit", state / "locks", key
    )


def write(folders: StateFolders, *events: Event) -> None:
    log = open_log(folders, FakeClock())
    for event in events:
        log.append(event)
    log.close()


def records(folders: StateFolders) -> list[dict[str, object]]:
    files = folders.audit.glob("audit-*.jsonl")
    rows = [json.loads(line) for one in files for line in one.read_text("utf-8").splitlines()]
    return sorted(rows, key=lambda row: row["seq"])


def test_a_log_that_was_not_signed_is_signed_from_then_on_and_stays_whole(
    folders: StateFolders,
) -> None:
    write(replace(folders, audit_key=None), Event.ARM, Event.DISARM)
    write(folders, Event.ARM)
    # What was written before is a closed file by now, and packed.
    signed = records(folders)
    assert all(one.get("key") for one in signed)
    assert signed[0]["seq"] == 4
    assert verify(folders.audit, key=key_of(folders)).bad is None
    assert verify(folders.audit).bad is not None


def test_whoever_has_no_key_cannot_go_on_writing(folders: StateFolders) -> None:
    write(folders, Event.ARM)
    before = records(folders)
    with pytest.raises(AuditError, match="give that key"):
        write(replace(folders, audit_key=None), Event.DISARM)
    assert records(folders) == before


def test_a_key_that_others_can_read_signs_nothing(folders: StateFolders) -> None:
    assert folders.audit_key is not None
    folders.audit_key.chmod(0o444)
    with pytest.raises(AuditError, match="others can read the audit key"):
        write(folders, Event.ARM)
    assert not folders.audit.exists()
