"""Sizes of the log folders."""

import asyncio

from core.clients.blocking import BlockingWorker
from core.clients.clock import Clock
from core.clients.folders import read_folder
from core.errors import ClientTimeout
from core.model.events import Event, FoldersObserved
from core.model.host import FolderSize
from core.model.text import clean

_FOLDER_DEADLINE_S = 4.0


class FolderSource:
    """Measures the configured folders every minute, each in a thread of its own."""

    name = "folders"
    every_s = 60.0
    deadline_s = _FOLDER_DEADLINE_S + 2.0

    def __init__(self, paths: tuple[str, ...], clock: Clock) -> None:
        """Take the folders to measure."""
        self._paths = paths
        self._clock = clock
        self._workers = {path: BlockingWorker(f"folder {path}", clock) for path in paths}

    async def look(self) -> tuple[Event, ...]:
        """Return the sizes; a folder on a dead disk says so and holds up no other."""
        folders = await asyncio.gather(*(self._measure(path) for path in self._paths))
        return (FoldersObserved(self._clock.now(), tuple(folders)),)

    async def _measure(self, path: str) -> FolderSize:
        worker = self._workers[path]
        try:
            folder = await worker.run(lambda: read_folder(path), _FOLDER_DEADLINE_S)
        except ClientTimeout as error:
            return FolderSize(clean(path), None, 0, None, clean(str(error)), is_complete=False)
        worker.close()
        return folder
