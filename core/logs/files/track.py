"""One live path of a log: which file it was seen to be, and how it stands."""

import os
from dataclasses import dataclass, field

from core.errors import LogUnreadableError
from core.logs.files.file_segment import FileSegment
from core.logs.files.opening import Identity, OpenedFile
from core.model.follow import FollowState, FollowWord
from core.model.text import clean


@dataclass(slots=True)
class Track:
    """What is known of a live path."""

    path: str
    segment: FileSegment | None = None
    state: FollowState = field(default_factory=lambda: FollowState(FollowWord.WAITING))
    refused: Identity | None = None
    """The file that it may not be."""
    folders: set[str] = field(default_factory=set[str])
    """Real folders in which its files were."""

    def seen_identity(self) -> Identity | None:
        """Return which file the path names now; None when it names none."""
        try:
            seen = os.stat(self.path)  # noqa: PTH116 - many times a second
        except OSError:
            return None
        return (seen.st_dev, seen.st_ino)

    @property
    def has_moved(self) -> bool:
        """Whether the path names another file than the one that is followed."""
        seen = self.seen_identity()
        if seen is None:
            return self.state.word is FollowWord.FOLLOWING
        is_known = self.segment is not None and seen == self.segment.identity
        is_followed = self.state.word is FollowWord.FOLLOWING
        return seen != self.refused and not (is_known and is_followed)

    def accept(self, opened: OpenedFile, *, may_leave: bool) -> None:
        """Take a file as the one that the path names from now on.

        Raises:
            LogUnreadableError: a log that was followed has become a link to elsewhere.
        """
        folder = os.path.dirname(opened.path)  # noqa: PTH120
        if self.folders and opened.is_linked and folder not in self.folders and not may_leave:
            raise LogUnreadableError(
                f"{clean(self.path)} has become a link to {clean(opened.path)}: not followed there;"
                " name the folder in the configuration to allow it"
            )
        self.folders.add(folder)
