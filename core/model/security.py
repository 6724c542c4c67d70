"""What a security audit found, item by item. Frozen values."""

from dataclasses import dataclass
from enum import StrEnum

from core.model.text import SafeText


class Tick(StrEnum):
    """How an item of a checklist came out."""

    TICKED = "ticked"
    NOT = "not"
    COULD_NOT = "could not"
    """Nobody could tell, and why is said."""


@dataclass(frozen=True, slots=True)
class SecurityItem:
    """One item of the checklist."""

    title: SafeText
    tick: Tick
    text: SafeText
    places: tuple[SafeText, ...] = ()
    """What was found, one line each: names and places, never a value."""
