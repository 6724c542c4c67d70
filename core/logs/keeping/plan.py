"""What a housekeeping action would touch: frozen values that are shown, confirmed, carried out."""

from dataclasses import dataclass
from enum import StrEnum

from core.logs.keeping.facts import FileFingerprint, LogFileFacts
from core.model.text import SafeText


class KeepingAction(StrEnum):
    """The four actions of log housekeeping."""

    COMPRESS = "compress"
    ARCHIVE = "archive"
    DELETE = "delete"
    SNAPSHOT = "snapshot"


class LeftOutReason(StrEnum):
    """Why a file is not touched."""

    TODAY = "today's file"
    LIVE = "the application writes to it"
    OPEN = "a process has it open for writing"
    FRESH = "written to just now"
    YOUNG = "younger than its rule"
    AUDIT_TRAP = "another class's pattern takes it along, its own class keeps it"
    NO_CLASS = "no class: never deleted"
    NO_RULE = "its class has no rule"
    NO_TERM = "its class is not packed by rule"
    CONFLICT = "its name is older than its last record may be"
    LINKED = "has another name: hard link"
    NUMBERED = "numbered: the next rotation gives its name to another file"
    PACKED = "is packed already"
    TWIN = "a packed twin is there already"
    TARGET_EXISTS = "its target is there already: never written over"
    NOT_REGULAR = "is no regular file"
    NOT_CHOSEN = "not asked for"
    ABSENT = "asked for, but not found"
    TARGET_ITSELF = "is an archive of this name"


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """One file that a plan touches."""

    file: LogFileFacts
    read_bytes: int
    """What has to be read of it."""
    freed_bytes: int
    """Disk space that it gives back; an estimate where it is packed."""
    raw_target: bytes | None = None
    """Where its content goes: for opening, with O_EXCL. None: nowhere."""
    target: SafeText | None = None
    why: SafeText | None = None

    @property
    def fingerprint(self) -> FileFingerprint:
        """What must still be true of it when the plan is carried out."""
        return self.file.fingerprint


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One file that a plan does not touch."""

    raw_path: bytes
    path: SafeText
    reason: LeftOutReason
    note: SafeText
    """The reason with its figures."""


@dataclass(frozen=True, slots=True)
class KeepingPlan:
    """What would be done. Carrying it out is the action engine's, fingerprints checked again."""

    action: KeepingAction
    at_s: float
    files: tuple[PlannedFile, ...]
    left_out: tuple[LeftOut, ...]
    needed_bytes: int = 0
    """Free space that it takes at its worst moment, if nothing packs at all."""
    warnings: tuple[SafeText, ...] = ()

    @property
    def read_bytes(self) -> int:
        """What has to be read in all."""
        return sum(planned.read_bytes for planned in self.files)

    @property
    def freed_bytes(self) -> int:
        """Disk space given back in all."""
        return sum(planned.freed_bytes for planned in self.files)
