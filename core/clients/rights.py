"""Finds out what this user may read on this machine. Blocking, changes nothing."""

import glob
import grp
import os
import pwd
import shlex
import stat
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from core.model.text import EMPTY, SafeText, clean

_MAX_FILES = 200


@dataclass(frozen=True, slots=True)
class Access:
    """Whether something may be read."""

    is_there: bool
    is_readable: bool
    text: SafeText
    """One line: what was seen."""
    remedy: SafeText = EMPTY


def user_name() -> SafeText:
    """Return who we are, by name where there is one.

    Asked of the kernel: USER and LOGNAME still name somebody else after a change of user.
    """
    try:
        return clean(pwd.getpwuid(os.geteuid()).pw_name)
    except KeyError:  # a uid without a name
        return clean(str(os.geteuid()))


def expand(pattern: str, root: str, now: datetime) -> str:
    """Return an absolute pattern: strftime codes filled in, relative paths under `root`."""
    filled = now.astimezone().strftime(pattern) if "%" in pattern else pattern
    return str(Path(root) / filled) if root else filled


def _owner_of(path: Path) -> str:
    """Return `user:group mode` of a path, as far as it may be seen."""
    seen = path.stat()
    user, group = str(seen.st_uid), str(seen.st_gid)
    with suppress(KeyError):
        user = pwd.getpwuid(seen.st_uid).pw_name
    with suppress(KeyError):
        group = grp.getgrgid(seen.st_gid).gr_name
    return f"{user}:{group} {stat.filemode(seen.st_mode)}"


def _closed_parent(path: Path) -> Path | None:
    """Return the first folder above that may not be entered."""
    for parent in reversed(path.absolute().parents):
        if parent.exists() and not os.access(parent, os.X_OK):
            return parent
    return None


def _grant(path: Path, rights: str) -> SafeText:
    return clean(f"sudo setfacl -m u:{user_name()}:{rights} {shlex.quote(str(path))}")


def _group_with(path: Path, bit: int) -> str | None:
    """Return the group that has a right we lack: not root's, and not one we act in already."""
    with suppress(OSError, KeyError):
        seen = path.stat()
        is_ours = seen.st_gid in {os.getegid(), *os.getgroups()}
        if seen.st_mode & bit and seen.st_gid != 0 and not is_ours:
            return grp.getgrgid(seen.st_gid).gr_name
    return None


def join(group: str) -> SafeText:
    """Return how to come to act in a group: join it, or only log in again."""
    with suppress(KeyError):
        if user_name() in grp.getgrnam(group).gr_mem:
            return clean(
                f"log in again: {user_name()} is in group {group} since this session began"
            )
    return clean(f"sudo usermod -aG {group} {user_name()}, then log in again")


def remedy_for(path: Path, rights: str) -> SafeText:
    """Return what gives us `r` or `rw` on a path that exists: its group where that has them."""
    closed = _closed_parent(path)
    if closed is not None:
        return _grant(closed, "x")
    group = _group_with(path, stat.S_IWGRP if "w" in rights else stat.S_IRGRP)
    return join(group) if group else _grant(path, rights)


def read_access(pattern: str) -> Access:
    """Return whether the files of a path or glob may be read."""
    closed = _closed_parent(Path(pattern))
    if closed is not None:
        return Access(
            True, False, clean(f"folder {closed} may not be entered"), _grant(closed, "x")
        )
    files = [Path(name) for name in islice(glob.iglob(pattern), _MAX_FILES)]  # noqa: PTH207 - absolute globs
    if not files:
        return _absence(pattern)
    refused = [path for path in files if not os.access(path, os.R_OK)]
    if refused:
        text = f"{len(refused)} of {len(files)} may not be read, such as {refused[0]}"
        with suppress(OSError):
            text += f" ({_owner_of(refused[0])})"
        return Access(True, False, clean(text), remedy_for(refused[0], "r"))
    odd = next((path for path in files if not (path.is_file() or path.is_dir())), None)
    if odd is not None:
        return Access(True, False, clean(f"{odd} is neither a file nor a folder"))
    count = f"{len(files)} files" if len(files) > 1 else str(files[0])
    return Access(True, True, clean(f"{count} readable"))


def _absence(pattern: str) -> Access:
    """Tell a folder that is missing or may not be listed from a file that is not there yet."""
    parents = [parent for parent in Path(pattern).parents if not glob.has_magic(str(parent))]
    gone = next((parent for parent in reversed(parents) if not parent.exists()), None)
    if gone is not None:
        text, remedy = f"folder {gone} does not exist", "create it, or correct the path"
        return Access(False, False, clean(text), clean(f"{remedy} in quarterdeck.yaml"))
    folder = parents[0]
    if glob.has_magic(pattern) and not os.access(folder, os.R_OK):
        return Access(
            True, False, clean(f"folder {folder} may not be listed"), _grant(folder, "rx")
        )
    remedy = clean("start the service that writes it, or correct the path in quarterdeck.yaml")
    return Access(False, False, clean(f"nothing at {pattern}"), remedy)


def read_process_rights() -> Access:
    """Return whether the processes of other users can be seen, and the owners of ports."""
    if not os.access("/proc/1/stat", os.R_OK):
        text = "only our own processes are visible (hidepid)"
        return Access(True, False, clean(text), clean("run as root, or in the group of hidepid"))
    if os.geteuid() != 0:
        text = "the owners of other users' ports are not visible without root"
        return Access(True, False, clean(text), clean("run with sudo to see them"))
    return Access(True, True, clean("all processes and ports visible"))
