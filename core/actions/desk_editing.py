"""Files of a system in the console's editor: read for it, and handed over from it."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from core.actions.action import Site
from core.actions.editing import EditText, edited_bytes, shown_text
from core.actions.ids import new_id
from core.errors import ActionError
from core.model.action import ActionRequest

_KEPT = 8
"""Texts that are kept: a plan that was made since may still need its own."""


async def open_text(site: Site, request: ActionRequest) -> EditText:
    """Return the text that an action of `EDITED` would change.

    Raises:
        ActionError: it is no text that can be edited here.
        ClientError: it cannot be read.
    """
    path, is_secret = _file_of(site, request)
    return shown_text(await site.ports.files.read(path), path, is_secret)


async def hand_over(site: Site, request: ActionRequest, text: str, folder: Path) -> ActionRequest:
    """Keep an edited text in a private file, and return the request that takes it from there.

    Raises:
        ActionError: a line of it cannot be written, or nothing was changed.
        ClientError: the file cannot be read any more.
    """
    path, is_secret = _file_of(site, request)
    data = await site.ports.files.read(path)
    edited = edited_bytes(data, path, is_secret, text)
    if edited == data:
        raise ActionError("nothing was changed")
    name = new_id(site.ports.clock.now().timestamp())
    place = await asyncio.to_thread(_keep, folder, name, edited)
    others = tuple(one for one in request.inputs if one[0] != "text")
    return ActionRequest(request.action, request.target, (("text", f"file:{place}"), *others))


def _keep(folder: Path, name: str, data: bytes) -> Path:
    """Write a private file; those of plans that nobody can confirm any more are removed."""
    place = folder / name
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in sorted(folder.iterdir())[:-_KEPT]:
            old.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        with os.fdopen(os.open(place, flags, 0o600), "wb") as file:
            file.write(data)
    except OSError as error:
        raise ActionError(f"the text cannot be kept in {folder}: {error.strerror}") from error
    return place


def _file_of(site: Site, request: ActionRequest) -> tuple[str, Callable[[str], bool] | None]:
    """Return the file's path and, of an env file, which of its variables are secrets."""
    system, _, name = request.target.partition("/")
    operations = site.operations_of(site.system(system).name)
    if request.action == "env.edit":
        for one in operations.env_files:
            if one.name == name:
                hidden = {rule.name for rule in one.variables if rule.is_secret}
                return one.path, hidden.__contains__
    for other in operations.config_files:
        if other.name == name and not other.path.endswith("/"):
            return other.path, None
    raise ActionError(f"{system} has no file called {name!r} to edit")
