"""What a running step has beside its ports: a folder to keep things in, a voice, a name."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from core.model.text import SafeText


class Voice(Protocol):
    """Where a step says what it is doing."""

    def say(self, text: SafeText) -> None:
        """Show one line to whoever looks on, and keep it in the action's output."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """A copy in the action's folder, proven by having been read back."""

    name: str
    sha256: str
    size_bytes: int


class Work(Protocol):
    """One action's own place."""

    action_id: str
    folder: Path
    """The action's folder, 0700."""
    output: Path
    """Where children write: `out.log`, capped."""

    def say(self, text: SafeText) -> None:
        """Show one line to whoever looks on, and keep it in the action's output."""
        ...

    def keep(self, name: str, data: bytes) -> Kept:
        """Store a copy durably, read it back, and return what was proven.

        Raises:
            StepFailedError: it could not be stored whole.
        """
        ...

    def kept(self, name: str) -> bytes:
        """Return a copy, its hash checked.

        Raises:
            StepFailedError: it is gone, or not what was kept.
        """
        ...

    def has(self, name: str) -> bool:
        """Tell whether a copy of this name was kept."""
        ...

    def is_told_to_stop(self) -> bool:
        """Tell whether somebody wants the action to end: a step of many parts ends between two."""
        ...


def digest(data: bytes) -> str:
    """Return the SHA-256 of bytes, in hex."""
    return hashlib.sha256(data).hexdigest()
