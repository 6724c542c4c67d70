"""Remembers since when each secret has been what it is, by a mark that nobody else can make."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import cast

from core.clients.key_state import read_private, replace_private
from core.errors import ClientError

Mark = Callable[[str], str]
"""Turns a text into what stands for it in files of ours."""


class SecretAges:
    """A small file: for each secret of each system what it was, as a mark, and since when.

    Args:
        path: The file, made when something is first noted.
        mark: An HMAC of this machine.
    """

    def __init__(self, path: Path, mark: Mark) -> None:
        self._path, self._mark = path, mark
        self._known: dict[str, tuple[str, float]] = {}
        self._is_read = self._is_changed = False

    def since_s(self, name: str, value: str, changed_s: float, now_s: float) -> float:
        """Return since when (seconds since 1970) a secret is what it is, as far as anybody knows.

        Seen for the first time it is as old as its file; seen to differ, it is new.
        """
        self._load()
        mark = self._mark(f"{name}\0{value}")
        known = self._known.get(name)
        if known is not None and known[0] == mark:
            return known[1]
        since = min(changed_s, now_s)
        self._known[name] = (mark, since)
        self._is_changed = True
        return since

    def save(self) -> None:
        """Keep what was noted; a disk that takes nothing costs only the memory of it."""
        if not self._is_changed:
            return
        try:
            replace_private(self._path, json.dumps(self._known, indent=1).encode("ascii"))
        except ClientError:
            return
        self._is_changed = False

    def _load(self) -> None:
        if self._is_read:
            return
        self._is_read = True
        try:
            data = read_private(self._path)
            document: object = json.loads(data) if data else {}
        except (ClientError, ValueError, RecursionError):
            return
        if isinstance(document, dict):
            for name, pair in cast("dict[str, object]", document).items():
                match pair:
                    case [str(mark), int() | float() as since]:
                        self._known[name] = (mark, float(since))
                    case _:
                        continue
