"""What makes the log prove less than it could: its place, and anchors that get nowhere."""

import os
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from core.actions.audit.folder import AuditFolder
from core.actions.audit.place import weaknesses
from core.actions.audit.reading import read_newest
from core.actions.audit.record import AuditRecord, Event
from core.errors import AuditError
from core.model.finding import Finding
from core.model.text import EMPTY, SafeText, clean, join
from core.model.verdict import Verdict

_AREA = "host"
_SUBJECT = SafeText("audit log")
_RECORDS = 1000
_SINKS = frozenset({Event.SINK_DOWN, Event.SINK_UP})


def sink_trouble(newest: Iterable[AuditRecord]) -> SafeText:
    """Return why anchors do not get to their second place, by the log itself; empty: they do.

    Args:
        newest: Records, the newest first.
    """
    told = next(islice((one for one in newest if one.ev in _SINKS), 1), None)
    if told is None or told.ev != Event.SINK_DOWN:
        return EMPTY
    since = told.at[:19].replace("T", " ")
    why = told.reason.removeprefix(f"{told.target}: ")
    return clean(f"no anchor has got to {told.target} since {since} UTC: {why}")


def what_weakens(path: Path) -> tuple[SafeText, ...]:
    """Return why the log in a folder proves less than it could; empty: it does not.

    Raises:
        AuditError: the folder cannot be read.
    """
    folder = AuditFolder(path, is_for_reading=True)
    try:
        newest, _ = read_newest(folder, _RECORDS)
    finally:
        folder.close()
    trouble = sink_trouble(newest)
    return (*weaknesses(path), *((trouble,) if trouble else ()))


def examine_audit(path: Path) -> tuple[Finding, ...]:
    """Return what a doctor says of the log: whether it can be written, and how much it proves.

    Nothing is written. Who is not root cannot have a better place: theirs is no need unmet.
    """
    if not os.path.lexists(path) and os.access(path.parent, os.X_OK):
        text = clean(f"none so far; the first record makes {path}")
        return (Finding(_AREA, _SUBJECT, Verdict.OK, text),)
    try:
        weaker = what_weakens(path)
    except AuditError as error:
        remedy = SafeText("no audit, no action: repair it first; reading goes on")
        return (Finding(_AREA, _SUBJECT, Verdict.DEGRADED, clean(str(error)), remedy),)
    if not os.access(path, os.W_OK):
        said = clean(f"{path} cannot be written to: nothing can be changed by this user")
        return (Finding(_AREA, _SUBJECT, Verdict.DEGRADED, said, SafeText("act as its owner")),)
    if not weaker:
        return (Finding(_AREA, _SUBJECT, Verdict.OK, clean(f"{path} takes records")),)
    is_root = os.geteuid() == 0
    verdict = Verdict.DEGRADED if is_root else Verdict.OK
    remedy = "keep it in a folder of root's on a disk of this machine, and see docs/audit.md"
    text = join("; ", weaker)
    return (Finding(_AREA, _SUBJECT, verdict, text, clean(remedy) if is_root else EMPTY),)
