"""Reads a pidfile: bounded, never blocking on a FIFO, never trusting what it says."""

import os
import stat
from dataclasses import dataclass

from core.model.text import EMPTY, SafeText, clean

_MAX_BYTES = 64


@dataclass(frozen=True, slots=True)
class Pidfile:
    """What a pidfile says."""

    pid: int | None
    """None: it says nothing usable; `note` says why."""
    note: SafeText = EMPTY
    """Empty when a pid was read."""


def read_pidfile(path: str) -> Pidfile:
    """Return the pid in the first line of a regular file; the reason where there is none."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return Pidfile(None, clean(f"no pidfile {path}"))
    except OSError as error:
        return Pidfile(None, clean(f"cannot read pidfile {path}: {error.strerror}"))
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return Pidfile(None, clean(f"pidfile {path} is not a regular file"))
        text = os.read(handle, _MAX_BYTES).split(b"\n", 1)[0].strip()
    except OSError as error:
        return Pidfile(None, clean(f"cannot read pidfile {path}: {error.strerror}"))
    finally:
        os.close(handle)
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 2**22 + 1):
        return Pidfile(None, clean(f"pidfile {path} holds no pid"))
    return Pidfile(int(text))
