"""Who is at the keyboard, as the kernel knows it. Blocking."""

import grp
import os
import pwd
from contextlib import suppress
from pathlib import Path

from core.model.policy import Who

_LOGIN_UID = Path("/proc/self/loginuid")
_UNSET = 2**32 - 1


def read_who() -> Who:
    """Return the person: who logged in where that is known, else the user of this process.

    `sudo` and `su` change the user but not the login; USER, LOGNAME and SUDO_USER are only claims.
    """
    login = _login_uid()
    if login is None or login == os.geteuid():
        gids = {os.getegid(), *os.getgroups()}
        return Who(user_name(os.geteuid()), os.geteuid(), _group_names(gids))
    return Who(user_name(login), login, _group_names(_gids_of(login)))


def _login_uid() -> int | None:
    with suppress(OSError, ValueError):
        uid = int(_LOGIN_UID.read_text("ascii"))
        return None if uid == _UNSET else uid
    return None


def user_name(uid: int) -> str:
    """Return a user's name; `#1000` where the number has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # a uid without a name
        return f"#{uid}"


def _gids_of(uid: int) -> set[int]:
    with suppress(KeyError):
        entry = pwd.getpwuid(uid)
        return set(os.getgrouplist(entry.pw_name, entry.pw_gid))
    return set()


def _group_names(gids: set[int]) -> frozenset[str]:
    names: set[str] = set()
    for gid in gids:
        with suppress(KeyError):
            names.add(grp.getgrgid(gid).gr_name)
    return frozenset(names)


def group_name(gid: int) -> str:
    """Return a group's name; `#1000` where the number has none."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return f"#{gid}"
