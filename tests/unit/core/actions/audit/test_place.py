"""Where the log is kept, and what weakens it there (F66)."""

import os
from pathlib import Path

import pytest

from core.actions.audit.opening import open_audit, read_key, read_origin
from core.actions.audit.place import make_folder, weaknesses
from core.actions.audit.record import Event
from core.actions.audit.verify import verify
from core.errors import AuditError
from tests.fakes.clock import FakeClock
from tests.unit.core.actions.audit.logs import fill, open_log


def mounts(path: Path, kind: str) -> str:
    device = path.stat().st_dev
    return f"22 1 {os.major(device)}:{os.minor(device)} / / rw - {kind} none rw\n"


def test_the_folder_is_made_for_nobody_else(tmp_path: Path) -> None:
    folder = tmp_path / "a/b/audit"
    make_folder(folder)
    make_folder(folder)
    assert folder.stat().st_mode & 0o777 == (0o750 if os.geteuid() == 0 else 0o700)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(AuditError, match="cannot be made"):
        make_folder(tmp_path / "file/audit")


@pytest.mark.parametrize(
    ("kind", "word"), [("tmpfs", "in memory"), ("nfs4", "network"), ("ext4", "")]
)
def test_a_weaker_place_is_stated(tmp_path: Path, kind: str, word: str) -> None:
    found = " ".join(weaknesses(tmp_path, lambda: mounts(tmp_path, kind)))
    assert word in found
    assert ("belongs to uid" in found) == (os.geteuid() != 0)


@pytest.mark.real("root")
def test_a_folder_of_another_user_is_stated_and_not_written_to(tmp_path: Path) -> None:
    os.chown(tmp_path, 1234, -1)
    assert "belongs to uid 1234" in weaknesses(tmp_path)[0]
    with pytest.raises(AuditError, match="belongs to uid 1234"):
        open_log(tmp_path).append(Event.INTENT)


def test_weaknesses_of_no_folder_cannot_be_told(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match="cannot be looked at"):
        weaknesses(tmp_path / "none")


def test_the_log_of_this_machine_opens_with_its_own_names(tmp_path: Path) -> None:
    log = open_audit(tmp_path / "audit", FakeClock(), session="S1")
    record = log.append(Event.SESSION_START)
    log.close()
    assert record.origin == read_origin()
    assert record.actor.uid == os.getuid()
    assert record.session == "S1"


KEY = b"0123456789abcdef0123456789abcdef"


def test_a_log_with_a_key_is_verified_with_that_key_only(tmp_path: Path) -> None:
    fill(open_log(tmp_path / "audit", key=KEY), 3)
    assert verify(tmp_path / "audit", key=KEY).bad is None
    for key in (b"", b"another key of sixteen bytes"):
        bad = verify(tmp_path / "audit", key=key).bad
        assert bad is not None
        assert "key" in bad.why


def test_a_key_that_comes_later_begins_a_new_file_and_is_missed_when_it_goes(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "audit"
    fill(open_log(folder), 3)
    assert verify(folder, key=KEY).bad is not None
    fill(open_log(folder, key=KEY), 3)
    assert len(list(folder.glob("audit-*.jsonl*"))) - len(list(folder.glob("*.seal"))) == 2
    assert verify(folder, key=KEY).bad is None
    with pytest.raises(AuditError, match="give that key"):
        open_log(folder).append(Event.INTENT)


def test_a_key_that_others_can_read_or_that_is_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(KEY + b"\n")
    path.chmod(0o400)
    assert read_key(path) == KEY
    path.chmod(0o440)
    with pytest.raises(AuditError, match="others can read"):
        read_key(path)
    path.chmod(0o600)
    path.write_bytes(b"short")
    with pytest.raises(AuditError, match="shorter"):
        read_key(path)
    with pytest.raises(AuditError, match="cannot be read"):
        read_key(tmp_path / "none")


def test_a_copy_that_others_can_write_to_is_read_and_said_to_be_weaker(tmp_path: Path) -> None:
    folder = tmp_path / "audit"
    fill(open_log(folder), 2)
    folder.chmod(0o777)
    assert verify(folder).bad is None
    assert "others may write to the audit folder" in weaknesses(folder)
