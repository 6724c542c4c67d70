"""What a folder is, so finely that whoever wrote to it is found out."""

from pathlib import Path


class Tree:
    """Every name below a folder with what tells that somebody wrote to it."""

    def __init__(self, folder: Path) -> None:
        self.entries = {
            str(path): (
                seen.st_ino, seen.st_mode, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns,
            )
            for path in [folder, *folder.rglob("*")]
            if (seen := path.lstat())
        }  # fmt: skip

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tree) and self.entries == other.entries

    __hash__ = None  # type: ignore[assignment]
