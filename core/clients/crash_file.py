"""Writes a crash to a private file: frames and error types, never the values of variables."""

import os
import secrets
import traceback
from datetime import UTC, datetime
from pathlib import Path

from core.clients.clock import SystemClock
from core.model.masking import mask_text
from core.model.text import clean
from core.model.veil import VEIL


def tell_crash(error: BaseException) -> str:
    """Write the crash file and return the line for stderr."""
    kind = type(error).__name__
    try:
        path = write_crash(error, SystemClock().now())
    except OSError as problem:
        return f"internal fault ({kind}); no crash file could be written: {problem.strerror}"
    return f"internal fault ({kind}); please report it with the file {path}"


def write_crash(error: BaseException, now: datetime) -> Path:
    """Write where the error came from to a file only its owner can read, and return its path.

    Raises:
        OSError: the folder or the file cannot be made.
    """
    import platformdirs

    folder = Path(platformdirs.user_state_dir("quarterdeck")) / "crashes"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    path = folder / f"crash-{stamp}-{secrets.token_hex(3)}.txt"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
        file.write(crash_text(error))
    return path


def crash_text(error: BaseException) -> str:
    """Return the chain of errors with their frames; messages are masked and cut."""
    trace = traceback.TracebackException.from_exception(error, capture_locals=False)
    lines = "".join(trace.format()).splitlines()
    return "\n".join(clean(mask_text(VEIL.hide(line)), 500) for line in lines) + "\n"
