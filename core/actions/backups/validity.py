"""Whether a backup is good, from what is known of it without reading it again. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from core.actions.backups.manifest import Manifest, mismatch
from core.model.text import EMPTY, SafeText, clean

BEFORE_RESTORE = ".before-restore."
"""What the name of a copy has in it that a restore made of what lived."""


class Validity(StrEnum):
    """What a backup is worth."""

    GOOD = "good"
    """Rehearsed when it was made, and unchanged since by size and time."""
    UNVERIFIED = "unverified"
    """Nobody has proven it."""
    BAD = "bad"
    """It is not what it should be."""


@dataclass(frozen=True, slots=True)
class FoundCopy:
    """A backup on disk, and what its manifest says."""

    path: str
    size_bytes: int
    mtime_ns: int
    inode: int
    manifest: Manifest | None = None
    problem: SafeText = EMPTY
    """Why its manifest cannot be used; empty: it can, or there is none."""
    is_denied: bool = False
    """We may not read its manifest."""
    is_missing: bool = False
    """Only the manifest is there."""
    members: int | None = None
    """How many files the manifest names, where it was read without them."""

    @property
    def is_before_restore(self) -> bool:
        """Whether it is what lived before a restore, which may be what was wrong."""
        return BEFORE_RESTORE in self.path.rpartition("/")[2]

    @property
    def made_at_s(self) -> float:
        """When it was made, seconds since 1970; without a manifest when it was last written."""
        return self.manifest.made_at_s if self.manifest else self.mtime_ns / 1e9


@dataclass(frozen=True, slots=True)
class Judged:
    """A backup with what it is worth, and why."""

    copy: FoundCopy
    validity: Validity
    why: SafeText


def judge_copy(copy: FoundCopy, system: str, name: str, host: str) -> Judged:
    """Return what a backup of a set is worth on this host."""
    manifest = copy.manifest
    if copy.is_missing:
        return Judged(
            copy, Validity.BAD, SafeText("the file is missing; only its manifest is left")
        )
    if copy.size_bytes == 0:
        return Judged(copy, Validity.BAD, SafeText("0 bytes: whatever made it failed"))
    if copy.is_denied:
        return Judged(copy, Validity.UNVERIFIED, copy.problem)
    if copy.problem:
        return Judged(copy, Validity.BAD, copy.problem)
    if manifest is None:
        why = SafeText("no manifest beside it: not made here, or by hand")
        return Judged(copy, Validity.UNVERIFIED, why)
    if copy.size_bytes != manifest.size_bytes:
        why = clean(f"{copy.size_bytes} bytes, its manifest says {manifest.size_bytes}")
        return Judged(copy, Validity.BAD, why)
    if stranger := mismatch(manifest, system=system, name=name, host=host):
        return Judged(copy, Validity.UNVERIFIED, clean(stranger))
    if copy.mtime_ns != manifest.mtime_ns:
        why = SafeText("written to since it was made; verify it")
        return Judged(copy, Validity.UNVERIFIED, why)
    return Judged(copy, Validity.GOOD, SafeText("rehearsed when it was made, unchanged since"))
