"""Puts an audit log together from the machine it is on."""

import os
import socket
from pathlib import Path

from core.actions.audit.actor import Actor, read_actor, read_small_file
from core.actions.audit.record import Origin
from core.actions.audit.sinks import journal_sink
from core.actions.audit.store import Author
from core.actions.audit.writer import AuditLog
from core.clients.clock import Clock
from core.errors import AuditError
from core.model.state import StateFolders
from core.model.text import clean

_MIN_KEY_BYTES = 16


def open_audit(
    folder: Path,
    clock: Clock,
    session: str = "",
    actor: Actor | None = None,
    key: bytes = b"",
) -> AuditLog:
    """Return the log in a folder, written by whoever runs this process, anchored in the journal.

    Args:
        folder: from the configuration; it is made by the first record.
        clock: both clocks.
        session: the console's, where there is one.
        actor: for a process that runs apart: who started it, from there.
        key: of the HMAC; empty for plain hashes.
    """
    who = actor or read_actor()
    return AuditLog(folder, Author(who, read_origin(), clock, session, key), journal_sink())


def open_log(
    folders: StateFolders, clock: Clock, session: str = "", actor: Actor | None = None
) -> AuditLog:
    """Return the log of a configuration, signed where that names a key.

    Raises:
        AuditError: the key cannot be used.
    """
    return open_audit(folders.audit, clock, session, actor, key_of(folders))


def key_of(folders: StateFolders) -> bytes:
    """Return the key that signs a configuration's log; empty: it is not signed.

    Raises:
        AuditError: the key cannot be used.
    """
    return read_key(folders.audit_key) if folders.audit_key is not None else b""


def read_origin() -> Origin:
    """Return this machine and this start of it; what cannot be read is empty."""
    return Origin(
        socket.gethostname(),
        _line("/etc/machine-id"),
        _line("/proc/sys/kernel/random/boot_id"),
    )


def _line(path: str) -> str:
    try:
        return read_small_file(path)[:64].decode("ascii", "replace").strip()
    except OSError:
        return ""


def read_key(path: Path) -> bytes:
    """Return the key of the HMAC from a file that nobody else can read.

    Raises:
        AuditError: it cannot be read, others can read it, or it is too short.
    """
    shown = clean(str(path))
    try:
        seen = path.lstat()
        key = read_small_file(str(path)).strip()
    except OSError as error:
        raise AuditError(f"the audit key {shown} cannot be read: {error.strerror}") from error
    if seen.st_mode & 0o077 or seen.st_uid not in {0, os.geteuid()}:
        raise AuditError(f"others can read the audit key {shown}; chmod 0400 it")
    if len(key) < _MIN_KEY_BYTES:
        raise AuditError(f"the audit key {shown} is shorter than {_MIN_KEY_BYTES} bytes")
    return key
