"""What hides known secrets on the way out of this process: to a screen, a file, a printed line.

One for the whole process, because a way out that was not handed its own would be a leak (ADR 0026).
Whoever learns secrets swaps what hides them, whole, from any thread; nobody sees half of a change.
"""

from typing import Protocol

from core.model.masking import Spans, mask_text


class Redacting(Protocol):
    """Knows where secrets stand in a text."""

    is_presenting: bool
    """Others look at the screen."""

    def shown_spans(self, text: str) -> Spans:
        """Return what a screen must not show."""
        ...

    def redact_known(self, text: str) -> str:
        """Return text without the values that are known to be secret."""
        ...

    def redact(self, text: str) -> str:
        """Return text without all that looks secret."""
        ...


class Veil:
    """Holds what hides secrets now."""

    def __init__(self) -> None:
        """Hide nothing yet: nothing is known."""
        self.redacting: Redacting | None = None
        """Read it once per text: it may be another one a moment later."""

    @property
    def is_presenting(self) -> bool:
        """Whether others look at the screen."""
        return self.redacting is not None and self.redacting.is_presenting

    def hide(self, text: str) -> str:
        """Return a text as it may leave this process: known secrets are masked."""
        redacting = self.redacting
        return text if redacting is None else redacting.redact_known(text)

    def hide_bytes(self, data: bytes) -> bytes:
        """Return bytes as they may leave; what is no UTF-8 in them stays as it is."""
        if self.redacting is None:
            return data
        text = data.decode("utf-8", "surrogateescape")
        hidden = self.hide(text)
        return data if hidden is text else hidden.encode("utf-8", "surrogateescape")

    def hide_for_keeping(self, data: bytes) -> bytes:
        """Return bytes as they may be given away: all that looks like a secret is masked too.

        A file goes anywhere, and a value may be known no more when it is written.
        """
        text = data.decode("utf-8", "surrogateescape")
        redacting = self.redacting
        hidden = mask_text(text) if redacting is None else redacting.redact(text)
        return data if hidden == text else hidden.encode("utf-8", "surrogateescape")


VEIL = Veil()
