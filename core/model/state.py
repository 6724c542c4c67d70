"""Where the console keeps what it does."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class StateFolders:
    """Folders of one configuration's state; each is made, 0700, by who first writes there."""

    actions: Path
    procedures: Path
    audit: Path
    locks: Path
    """Holds apart only those who use the same folder."""
    audit_key: Path | None = None
    """The file with the key that signs the audit log; None: it is not signed."""
