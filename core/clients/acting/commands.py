"""Runs programs that change things: argv only, clean environment, deadline, output to a file."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from core.model.secret import Secret
from core.model.text import SafeText


@dataclass(frozen=True, slots=True)
class Order:
    """One run of one program."""

    argv: tuple[str, ...]
    """The first word is a name looked up in PATH, or a path; the resolved one is what runs."""
    deadline_s: float
    cwd: str = ""
    """Absolute; empty: `/`."""
    env: tuple[tuple[str, str], ...] = ()
    """Plain values; secrets never travel in an environment."""
    stdin: Secret | None = None
    """The only way for a secret."""
    output: Path | None = None
    """Appended to while it runs, cleaned, so that lookers-on see it; None: only kept."""
    max_output_bytes: int = 1024 * 1024
    """More than this ends nothing: the rest is counted and dropped."""
    ok_exits: tuple[int, ...] = field(default=(0,))


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run ended."""

    argv: tuple[str, ...]
    """As it ran: with the absolute program."""
    exit_code: int
    """Negative: ended by that signal."""
    output: tuple[SafeText, ...]
    errors: tuple[SafeText, ...]
    dropped_bytes: int
    took_s: float

    @property
    def lines(self) -> tuple[SafeText, ...]:
        """Output, then errors."""
        return self.output + self.errors


class ActingRunner(Protocol):
    """What steps need to run programs."""

    async def run(self, order: Order) -> Ran:
        """Run to the end; the child has a session of its own, and dies whole at the deadline.

        Raises:
            ClientMissing: the program or the folder is not there.
            ClientDenied: it may not be run.
            ClientTimeout: it was ended at its deadline; what it had printed is in the text.
        """
        ...

    def which(self, name: str) -> str:
        """Return the absolute path that would run.

        Raises:
            ClientMissing: it is not installed.
        """
        ...
