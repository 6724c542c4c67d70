"""The files that logs are kept in, held against their rules: what the Logs screen shows of it."""

from dataclasses import dataclass
from enum import StrEnum

from core.model.text import EMPTY, SafeText


class KeepingNeed(StrEnum):
    """What a file needs, the most urgent first."""

    UNREAD = "unread"
    """It, or its folder, could not be looked at."""
    OVERDUE = "overdue"
    """Past its term: deleting takes it."""
    HELD = "held"
    """Past its term, and yet left alone."""
    PACK = "to pack"
    TRAP = "trap"
    """Another class's pattern would delete it, its own keeps it."""
    NO_RULE = "no rule"
    """No class, or a class without a rule: never deleted."""
    KEPT = "kept"
    IN_USE = "in use"
    """Today's, or written to."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One file, its rule, and what deleting and packing say to it."""

    system: SafeText
    path: SafeText
    name: str
    """As actions take it; empty: its name holds what no input can."""
    log: str
    """The configured log; empty: none claims it."""
    class_name: SafeText
    size_bytes: int | None
    """None: not known."""
    age_s: float | None
    term_s: float | None
    """How long it may stay; None: no rule."""
    need: KeepingNeed
    why: SafeText
    freed_bytes: int = 0
    """What deleting it, or packing it, gives back; of packing an estimate."""
    against_delete: SafeText = EMPTY
    """Why deleting leaves it alone; empty: it does not."""
    against_pack: SafeText = EMPTY
    """Why packing leaves it alone also when it is named."""
    is_live: bool = False
    """Its log is written there: a snapshot copies it."""


@dataclass(frozen=True, slots=True)
class KeptClass:
    """One class of one system: what the rule asks, and what there is."""

    system: SafeText
    class_name: SafeText
    has_rule: bool
    keep_s: float | None
    compress_after_s: float | None
    files: int
    size_bytes: int
    oldest_s: float | None
    """Age of the oldest; None: no file."""
    overdue: int
    overdue_bytes: int
    to_pack: int
    note: SafeText


@dataclass(frozen=True, slots=True)
class KeptSum:
    """Several files together."""

    files: int = 0
    size_bytes: int = 0
    freed_bytes: int = 0


@dataclass(frozen=True, slots=True)
class LogKeeping:
    """Files, classes and totals of all systems at one moment."""

    at_s: float | None = None
    """When it was looked at, seconds since 1970; None: not yet."""
    files: tuple[KeptFile, ...] = ()
    """What needs action first; no more than a table is good for."""
    more_files: int = 0
    """Not among `files`; they need the least."""
    classes: tuple[KeptClass, ...] = ()
    total: KeptSum = KeptSum()
    overdue: KeptSum = KeptSum()
    """What deleting takes now."""
    to_pack: KeptSum = KeptSum()
    untouched: tuple[tuple[SafeText, KeptSum], ...] = ()
    """What is never touched, by the reason."""
    is_complete: bool = True
    note: SafeText = EMPTY
    """Why it is not complete."""
