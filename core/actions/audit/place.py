"""The folder of the log: made for nobody else, and what weakens a log that is kept there.

Which folder it is, the configuration decides (`config.state`).
"""

import grp
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from core.errors import AuditError
from core.logs.files.mounts import is_remote, parse_mounts
from core.model.text import SafeText, clean

_READERS = "adm"
_IN_MEMORY = frozenset({"tmpfs", "ramfs"})


def make_folder(path: Path) -> None:
    """Make the folder unless it is there: 0750 for root and the group of log readers, else 0700.

    Raises:
        AuditError: it cannot be made.
    """
    is_root = os.geteuid() == 0
    try:
        path.parent.mkdir(mode=0o755 if is_root else 0o700, parents=True, exist_ok=True)
        path.mkdir(mode=0o700)
        if is_root:
            with suppress(KeyError):
                os.chown(path, 0, grp.getgrnam(_READERS).gr_gid)
            path.chmod(0o750)
    except OSError as error:
        if path.is_dir():
            return
        raise AuditError(
            f"the audit folder {clean(str(path))} cannot be made: {error.strerror}"
        ) from error


def weaknesses(path: Path, read_mounts: Callable[[], str] | None = None) -> tuple[SafeText, ...]:
    """Return, in words, why a log in this folder proves less than it could; empty: it does not.

    Raises:
        AuditError: the folder cannot be looked at.
    """
    try:
        seen = path.stat()
    except OSError as error:
        raise AuditError(
            f"the audit folder {clean(str(path))} cannot be looked at: {error.strerror}"
        ) from error
    found: list[SafeText] = []
    if seen.st_uid != 0:
        found.append(
            clean(f"the audit folder belongs to uid {seen.st_uid}, who can rewrite all of it")
        )
    if seen.st_mode & 0o022:
        found.append(SafeText("others may write to the audit folder"))
    kind = parse_mounts((read_mounts or _read_mounts)()).get(
        f"{os.major(seen.st_dev)}:{os.minor(seen.st_dev)}", ""
    )
    if kind in _IN_MEMORY:
        found.append(SafeText("the audit folder is in memory: a restart of the machine empties it"))
    if is_remote(kind):
        found.append(clean(f"the audit folder is on a network file system ({kind})"))
    return tuple(found)


def _read_mounts() -> str:
    try:
        return Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
