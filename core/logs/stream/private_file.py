"""Files without a name: nobody else can open them, and a crash leaves nothing behind."""

import os
import tempfile
from contextlib import suppress

from core.errors import LogUnreadableError
from core.model.text import clean

_DISK_FOLDER = "/var/tmp"  # noqa: S108 - nothing predictable is made in it
"""Unlike /tmp it is on a disk nearly everywhere: a spool in memory would hurt what is watched."""


def _default_folder() -> str:
    chosen = os.environ.get("TMPDIR", "")
    if chosen:
        return chosen
    return _DISK_FOLDER if os.access(_DISK_FOLDER, os.W_OK) else tempfile.gettempdir()


def open_private_file(folder: str = "") -> int:
    """Return a descriptor of a new, empty, unlinked file in `folder`, for reading and writing.

    Raises:
        LogUnreadableError: no file can be made there.
    """
    try:
        private = tempfile.mkdtemp(prefix="quarterdeck-", dir=folder or _default_folder())
        path = f"{private}/spool"
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(path)  # noqa: PTH108
            os.rmdir(private)  # noqa: PTH106
    except OSError as error:
        raise LogUnreadableError(f"no room for a spool: {clean(str(error))}") from error
