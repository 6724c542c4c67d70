"""What is known of the files that logs are kept in. Values only."""

from dataclasses import dataclass

from core.logs.keeping.classes import LogClass
from core.logs.keeping.names import LogName
from core.model.text import EMPTY, SafeText


@dataclass(frozen=True, slots=True)
class FileFingerprint:
    """What must be unchanged when a plan is carried out."""

    device: int
    inode: int
    size_bytes: int
    modified_ns: int
    """Since 1970."""


@dataclass(frozen=True, slots=True)
class LogFileFacts:
    """One regular file, as it was when the folder was listed."""

    raw_path: bytes
    """As the file system has it: for opening, never for a screen."""
    path: SafeText
    fingerprint: FileFingerprint
    disk_bytes: int
    """What it takes on the disk; less than its size where it is sparse."""
    links: int
    """Names that the file has; above one, deleting this name frees nothing."""
    name: LogName
    log_class: LogClass
    is_open_by_writer: bool | None = None
    """None: not known."""

    @property
    def size_bytes(self) -> int:
        """Its length."""
        return self.fingerprint.size_bytes

    @property
    def modified_s(self) -> float:
        """When it was last written to, seconds since 1970."""
        return self.fingerprint.modified_ns / 1e9

    @property
    def is_compressed(self) -> bool:
        """The name says that it is packed."""
        return bool(self.name.packing)


@dataclass(frozen=True, slots=True)
class SkippedEntry:
    """Something in a log folder that is no regular file, or that could not be looked at."""

    raw_path: bytes
    path: SafeText
    why: SafeText
    is_failure: bool = False
    """It, or what is in it, could not be looked at: the list lacks something."""


@dataclass(frozen=True, slots=True)
class LogListing:
    """Everything found in the folders of logs."""

    files: tuple[LogFileFacts, ...] = ()
    skipped: tuple[SkippedEntry, ...] = ()
    is_complete: bool = True
    note: SafeText = EMPTY
    """Why it is not complete."""

    def paths(self) -> frozenset[bytes]:
        """Return every name that is taken, whatever stands there."""
        files = (file.raw_path for file in self.files)
        return frozenset((*files, *(entry.raw_path for entry in self.skipped)))
