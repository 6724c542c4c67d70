"""What files, links and folders were when a plan was made."""

import json
from dataclasses import dataclass
from typing import ClassVar

from core.actions.part import part
from core.actions.ports import Ports
from core.actions.work import digest
from core.errors import ClientMissing
from core.model.text import SafeText, clean

ABSENT = SafeText("absent")


@part
@dataclass(frozen=True, slots=True)
class FileTrait:
    """The bytes of a file, and which file it is."""

    kind: ClassVar[str] = "trait.file"
    path: str

    async def read(self, ports: Ports) -> SafeText:
        """Return hash, inode and looks; `absent` where there is none."""
        try:
            facts = await ports.files.facts(self.path)
        except ClientMissing:
            return ABSENT
        return clean(
            f"sha256 {facts.sha256[:16]}, inode {facts.inode},"
            f" {facts.uid}:{facts.gid} {facts.mode:04o}"
        )


@part
@dataclass(frozen=True, slots=True)
class LinkTrait:
    """Where a symbolic link points."""

    kind: ClassVar[str] = "trait.link_target"
    path: str

    async def read(self, ports: Ports) -> SafeText:
        """Return the target as it is written; `absent` where there is no link."""
        try:
            return clean(await ports.files.link_target(self.path))
        except ClientMissing:
            return ABSENT


@part
@dataclass(frozen=True, slots=True)
class FolderTrait:
    """What is in a folder, by name, kind, size and time; not what is below its folders."""

    kind: ClassVar[str] = "trait.folder"
    path: str

    async def read(self, ports: Ports) -> SafeText:
        """Return inode, count and hash of the listing; `absent` where there is none."""
        try:
            facts = await ports.files.folder(self.path)
        except ClientMissing:
            return ABSENT
        rows = [
            [one.name, one.kind, one.inode, one.size_bytes, one.modified_ns]
            for one in facts.entries
        ]
        listing = digest(json.dumps(rows).encode())
        return clean(f"inode {facts.inode}, {len(rows)} entries, listing {listing[:16]}")
