"""Secrets that were entered in a console: in a private file for as long as their action needs it.

Blocking. No plan, journal or record has more of them than the path.
"""

import os
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path

from core.actions.ids import new_id
from core.clients.acting.file_writes import create_file
from core.errors import ActionError, ClientError
from core.model.action import ActionRequest
from core.model.action_state import ActionState
from core.model.action_view import ENTERED
from core.model.secret import Secret

FOLDER = "entered"
_MODE = 0o600
_FILE = "file:"
_KEPT_S = 15 * 60.0
"""Whoever has not said yes by then enters it again."""


def keep_entered(
    request: ActionRequest, value: Secret, folder: Path, now_s: float
) -> ActionRequest:
    """Write a value into a new private file, and return the request that takes it from there.

    Args:
        request: Of an action of `ENTERED`.
        value: What was entered.
        folder: For such files; made if need be.
        now_s: Seconds since 1970.

    Raises:
        ActionError: it cannot be written.
    """
    name = ENTERED[request.action]
    path = folder / new_id(now_s)
    data = f"{value.reveal()}\n".encode("utf-8", "surrogateescape")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        create_file(str(path), data, _MODE, f"{os.getpid()}")
    except (OSError, ClientError) as error:
        raise ActionError(f"what was entered cannot be kept in {folder}: {error}") from error
    others = tuple(one for one in request.inputs if one[0] != name)
    return ActionRequest(request.action, request.target, (*others, (name, f"{_FILE}{path}")))


def forget_entered(
    folder: Path, states: Iterable[ActionState], now_s: float, unwanted: Collection[Path] = ()
) -> None:
    """Remove the files that no action needs any more.

    Args:
        folder: Of such files.
        states: The actions that were begun.
        now_s: Seconds since 1970.
        unwanted: Files of plans that nobody can say yes to any more.
    """
    try:
        found = [Path(one.path) for one in os.scandir(folder)]
    except OSError:
        return
    if not found:
        return
    ends = {path_of(one.plan.request): one.is_ended and not one.is_blocking for one in states}
    for path in found:
        with suppress(OSError):
            is_late = now_s - path.lstat().st_mtime > _KEPT_S
            if ends.get(path, is_late or path in unwanted):
                path.unlink()


def path_of(request: ActionRequest) -> Path | None:
    """Return the file of a request whose secret was entered; None: none was."""
    value = request.input(ENTERED.get(request.action, ""))
    return Path(value.removeprefix(_FILE)) if value.startswith(_FILE) else None
