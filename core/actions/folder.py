"""One action's folder: plan, confirmation, journal, output, copies."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any, cast

from core.actions.plan_codec import from_text, to_text
from core.actions.work import Kept, digest
from core.clients.durable import sync_folder
from core.errors import ActionError, StepFailedError
from core.model.action import Plan
from core.model.text import SafeText
from core.model.veil import VEIL

PLAN, CONFIRMATION, OUTPUT = "plan.json", "confirmed.json", "out.log"
BEFORE, AFTER = "before.json", "after.json"
"""The capsule's two halves."""
_KEPT = "backup"
_MAX_OUTPUT_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Confirmation:
    """That somebody said yes to exactly this plan."""

    plan_hash: str
    said: str
    actor: str
    at_s: float
    """Seconds since 1970."""
    is_armed: bool
    """Whether changes were switched on in the console that confirmed."""


class ActionFolder:
    """Reads and writes the folder of one action; what was written is on the disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.action_id = path.name
        self.output = path / OUTPUT

    @classmethod
    def make(cls, parent: Path, plan: Plan) -> "ActionFolder":
        """Make the folder of a new plan; whoever lists folders meets it with its plan, or not.

        Raises:
            ActionError: it cannot be made.
        """
        half = parent / f".{plan.id}"
        try:
            parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            half.mkdir(mode=0o700)
            try:
                cls(half).write(PLAN, to_text(plan).encode())
                half.rename(parent / plan.id)
            except BaseException:
                rmtree(half, ignore_errors=True)
                raise
            sync_folder(parent)
        except OSError as error:
            raise ActionError(f"nothing can be kept in {parent}: {error.strerror}") from error
        return cls(parent / plan.id)

    def plan(self) -> Plan:
        """Return the plan.

        Raises:
            ActionError: it is not there, or of another version.
        """
        return from_text(self._text(PLAN))

    def confirm(self, confirmation: Confirmation) -> None:
        """Write the confirmation down; it can be given once."""
        words = {name: getattr(confirmation, name) for name in Confirmation.__slots__}
        self.write(CONFIRMATION, json.dumps(words, sort_keys=True).encode())

    def confirmation(self) -> Confirmation | None:
        """Return who said yes; None: nobody yet."""
        if not (self.path / CONFIRMATION).exists():
            return None
        try:
            return Confirmation(**cast("dict[str, Any]", json.loads(self._text(CONFIRMATION))))
        except (ValueError, TypeError) as error:
            raise ActionError(f"the confirmation of {self.action_id} is damaged") from error

    def write(self, name: str, data: bytes) -> None:
        """Write a new file durably; others meet it whole, or not at all.

        Raises:
            ActionError: it is there already, or the disk did not take it whole.
        """
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
        half = self.path / f".{name}.{os.getpid()}"
        try:
            file = os.open(half, flags, 0o600)
            try:
                left = memoryview(data)
                while left:
                    left = left[os.write(file, left) :]
                os.fsync(file)
                os.link(half, self.path / name)  # unlike a rename it replaces nothing
            finally:
                os.close(file)
                half.unlink(missing_ok=True)
            sync_folder(self.path)
        except OSError as error:
            raise ActionError(f"{name} of {self.action_id}: {error.strerror}") from error

    def read_json(self, name: str) -> Any:
        """Return a file of ours; None where there is none or it is torn."""
        try:
            return json.loads((self.path / name).read_bytes())
        except (OSError, ValueError):
            return None

    def _text(self, name: str) -> str:
        try:
            return (self.path / name).read_text("utf-8")
        except (OSError, ValueError) as error:
            raise ActionError(f"{name} of action {self.action_id} cannot be read") from error


class FolderWork:
    """What a step is given: the action's own place."""

    def __init__(
        self, folder: ActionFolder, is_told_to_stop: Callable[[], bool] = lambda: False
    ) -> None:
        self._folder = folder
        self.is_told_to_stop = is_told_to_stop
        self.action_id = folder.action_id
        self.folder = folder.path
        self.output = folder.output

    def say(self, text: SafeText) -> None:
        """Append one line to the output, without known secrets; beyond the cap nothing is kept."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            file = os.open(self.output, flags, 0o600)
        except OSError:
            return  # a full disk must not stop an action for its comments
        try:
            if os.fstat(file).st_size < _MAX_OUTPUT_BYTES:
                os.write(file, f"{VEIL.hide(text)}\n".encode())
        except OSError:
            return
        finally:
            os.close(file)

    def keep(self, name: str, data: bytes) -> Kept:
        """Store a copy durably, read it back, and return what was proven."""
        place = self.folder / _KEPT
        copies = ActionFolder(place)
        try:
            place.mkdir(mode=0o700, exist_ok=True)
            for one in (f"{name}.sha256", name):  # half of a copy, from before a crash
                (place / one).unlink(missing_ok=True)
            copies.write(name, data)
            found = (place / name).read_bytes()
            if digest(found) != digest(data):
                raise StepFailedError(f"the copy {name} reads back as something else")
            copies.write(f"{name}.sha256", digest(data).encode())
        except OSError as error:
            raise StepFailedError(f"no copy can be kept: {error.strerror}") from error
        return Kept(name, digest(data), len(data))

    def kept(self, name: str) -> bytes:
        """Return a copy, its hash checked."""
        place = self.folder / _KEPT
        try:
            data = (place / name).read_bytes()
            wanted = (place / f"{name}.sha256").read_bytes()
        except OSError as error:
            raise StepFailedError(f"the copy {name} is gone: {error.strerror}") from error
        if digest(data).encode() != wanted:
            raise StepFailedError(f"the copy {name} is not what was kept")
        return data

    def has(self, name: str) -> bool:
        """Tell whether a copy of this name was kept."""
        return (self.folder / _KEPT / f"{name}.sha256").exists()
