"""Reads a configuration or secret file, refusing what someone else could have written.

The checks are made on the open file, so it cannot be exchanged between the look and the read.
"""

import os
import stat
from typing import Literal

MAX_BYTES = 2 * 1024 * 1024

Kind = Literal["configuration", "secret", "shipped"]
"""A secret may be read by its owner and group only. A shipped file is part of the program:
whoever can change it can change the program, so its mode is not judged."""


class FileRefused(Exception):
    """A file that is not used; `what` and `remedy` say why and what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


def read_private(path: str, kind: Kind) -> str:
    """Return the text of a file, at most 2 MiB.

    Raises:
        FileRefused: absent, unreadable, not a regular file, owned by someone else, writable by
            group or others, too large, not UTF-8, or a secret that everybody may read.
    """
    try:
        # A FIFO must not hang the start, hence NONBLOCK; it is refused as not regular.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise _cannot_open(path, error) from error
    try:
        facts = os.fstat(handle)
        refusal = reason_against(path, facts, kind, os.geteuid())
        if refusal is not None:
            raise refusal
        raw = _read_all(handle)
    except OSError as error:
        raise FileRefused(f"cannot be read: {error.strerror}", "look at the disk") from error
    finally:
        os.close(handle)
    if len(raw) > MAX_BYTES:
        raise FileRefused("larger than 2 MiB", "split it with `include`, or name the right file")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FileRefused(f"line {line} is not UTF-8", "save it as UTF-8") from error


def reason_against(
    path: str, facts: os.stat_result, kind: Kind, our_uid: int
) -> FileRefused | None:
    """Return why a file with these facts is not used; None when it may be."""
    mode = stat.S_IMODE(facts.st_mode)
    if not stat.S_ISREG(facts.st_mode):
        what = "a folder" if stat.S_ISDIR(facts.st_mode) else "not a regular file"
        return FileRefused(f"is {what}", "name a file")
    if kind == "shipped":
        return None
    if facts.st_uid not in (0, our_uid):
        return FileRefused(
            f"is owned by user {facts.st_uid}, who could change it",
            f"take it over: chown {our_uid} {path}",
        )
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        return FileRefused(
            f"can be written by others (mode {mode:04o})", f"close it: chmod go-w {path}"
        )
    if kind == "secret" and mode & stat.S_IROTH:
        return FileRefused(
            f"holds a secret that every user can read (mode {mode:04o})",
            f"close it: chmod o-rwx {path}",
        )
    return None


def _cannot_open(path: str, error: Exception) -> FileRefused:
    if isinstance(error, FileNotFoundError):
        return FileRefused("there is no such file", "create it, or correct the path")
    if isinstance(error, PermissionError):
        return FileRefused("may not be read by this user", f"allow it: chown or chmod {path}")
    reason = error.strerror if isinstance(error, OSError) else "not a path"
    return FileRefused(f"cannot be opened: {reason}", "correct the path")


def _read_all(handle: int) -> bytes:
    """Return at most one byte more than is allowed."""
    parts: list[bytes] = []
    left = MAX_BYTES + 1
    while left > 0 and (part := os.read(handle, left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
