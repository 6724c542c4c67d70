"""What an action says and writes down is without the values that are known to be secret."""

from pathlib import Path

from core.actions.folder import ActionFolder, FolderWork
from core.actions.journal import Journal, Mark
from core.keys.redaction import Redactor
from core.model.secret import MASK, Secret
from core.model.text import SafeText
from core.model.veil import VEIL
from tests.fakes.clock import FakeClock

VALUE = "key_9fQ2xVb7Lk0aTz8RmWc4"


def test_output_and_journal_have_no_known_secret(tmp_path: Path) -> None:
    folder = ActionFolder(tmp_path)
    VEIL.redacting = Redactor([Secret(VALUE)])
    FolderWork(folder).say(SafeText(f"removed rate_limit:{VALUE}"))
    journal = Journal(folder.path, FakeClock())
    journal.add(Mark.DONE, 0, f"1 of 1 removed: rate_limit:{VALUE}")
    journal.close()
    said = folder.output.read_text("utf-8")
    noted = (tmp_path / "journal.jsonl").read_text("utf-8")
    assert said == f"removed rate_limit:{MASK}\n"
    assert VALUE not in noted
    assert MASK in noted or MASK.encode("unicode_escape").decode() in noted
