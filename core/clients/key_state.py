"""The console's own files about keys: private, whole or not at all. Blocking.

Nothing in them is a key: only what an HMAC of one came to.
"""

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from core.errors import ClientDenied, ClientError, ClientGarbled, ClientRefused
from core.model.text import clean

_KEY_BYTES = 32
_KEY_NAME = "machine.key"
_LIMIT_BYTES = 64 * 1024 * 1024
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC


def machine_key(folder: Path) -> bytes:
    """Return this machine's random key, made when it is first asked for.

    Raises:
        ClientDenied: it may not be read or made, or others may read it.
        ClientGarbled: what is there is no such key.
    """
    path = folder / _KEY_NAME
    found = read_private(path)
    if found is None:
        _make_key(path)
        found = read_private(path)
    if found is None or len(found) != _KEY_BYTES:
        raise ClientGarbled(f"{clean(str(path))} is no key of this console; move it away")
    return found


def read_private(path: Path) -> bytes | None:
    """Return the bytes of a file of ours; None: it is not there.

    Raises:
        ClientDenied: it may not be read, is not ours alone, or is no regular file.
    """
    try:
        handle = os.open(path, _READ)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ClientDenied(f"{clean(str(path))}: {error.strerror}") from error
    try:
        seen = os.fstat(handle)
        if not stat.S_ISREG(seen.st_mode) or seen.st_mode & 0o077:
            raise ClientDenied(f"{clean(str(path))} must be a file that only its owner reads")
        return os.pread(handle, _LIMIT_BYTES, 0)
    finally:
        os.close(handle)


def replace_private(path: Path, data: bytes) -> None:
    """Put a file of ours in the place of the one before, as a whole.

    Raises:
        ClientRefused: it cannot be written; the one before is still there.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        _write_new(temporary, data)
        temporary.replace(path)
    except OSError as error:
        raise _refused(path, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def append_private(path: Path, data: bytes) -> None:
    """Add to a file of ours, and return when it is on the disk.

    Raises:
        ClientRefused: it cannot be written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, _APPEND, 0o600)
        try:
            os.write(handle, data)
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise _refused(path, error) from error


def make_private_folder(path: Path) -> None:
    """Make a folder that only we read; one that is there has to be such a folder.

    Raises:
        ClientDenied: it cannot be made, or others may look into it.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        seen = path.lstat()
    except OSError as error:
        raise ClientDenied(f"{clean(str(path))} cannot be made: {error.strerror}") from error
    if not stat.S_ISDIR(seen.st_mode) or seen.st_mode & 0o077 or seen.st_uid != os.geteuid():
        raise ClientDenied(f"{clean(str(path))} must be a folder that only its owner may enter")


def _make_key(path: Path) -> None:
    """Make the key; where somebody was faster, theirs counts."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        _write_new(temporary, secrets.token_bytes(_KEY_BYTES))
        with suppress(FileExistsError):
            path.hardlink_to(temporary)
    except OSError as error:
        raise ClientDenied(f"{clean(str(path))} cannot be made: {error.strerror}") from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def _write_new(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, _NEW, 0o600)
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(handle, left) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def _refused(path: Path, error: OSError) -> ClientError:
    return ClientRefused(f"{clean(str(path))} cannot be written: {error.strerror}")
