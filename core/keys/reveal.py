"""Takes a new key from the action's folder: once, and it is gone. Blocking.

The console calls this when a person asks to see it, records `reveal` in the audit log, and shows
what comes back for as long as that person looks. Whoever calls it again gets nothing.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

from core.clients.acting.key_store import REVEAL
from core.clients.acting.key_store_copies import read_private
from core.errors import ClientDenied, ClientMissing
from core.model.secret import Secret
from core.model.text import clean

_LIMIT_BYTES = 64 * 1024


def waits(folder: Path) -> bool:
    """Tell whether an action's folder holds a key that nobody has been shown."""
    return (folder / REVEAL).is_file()


def chars_of(folder: Path) -> int:
    """Return how long the key is that waits in an action's folder; 0: none does."""
    try:
        return (folder / REVEAL).lstat().st_size
    except OSError:
        return 0


def take(path: Path) -> Secret:
    """Return the key in a file of ours and remove the file; of two who ask, one gets it.

    Args:
        path: `reveal` in an action's folder.

    Raises:
        ClientMissing: it has been taken, or there never was one.
        ClientDenied: it is not ours alone.
    """
    mine = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.rename(mine)
    except OSError as error:
        raise ClientMissing(f"{clean(path.name)}: the key has been shown already") from error
    try:
        if stat.S_IMODE(mine.lstat().st_mode) & 0o077:
            raise ClientDenied("others could read the key: rotate it")
        return Secret(read_private(mine, _LIMIT_BYTES).decode("utf-8", "replace").strip())
    except OSError as error:
        raise ClientDenied(f"the key cannot be read: {error.strerror}") from error
    finally:
        with suppress(OSError):
            mine.unlink()
