"""Puts a Redis snapshot where a server reads it that appends: as the base of its log. Blocking."""

import os

from core.clients.acting.backup_copies import copy_file
from core.clients.acting.backup_places import (
    Place,
    PlaceKind,
    forget,
    make_folder,
    place_of,
    sync_folder,
)
from core.clients.acting.backup_swaps import rename_new
from core.clients.acting.file_handles import told
from core.clients.archive.packing import Cancelled, write_all
from core.errors import ClientMissing
from core.model.text import clean

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def put_append_only(
    copy: str, live: str, staged: str, names: tuple[str, str], cancelled: Cancelled
) -> None:
    """Put a folder beside the one that lives: the snapshot, and the manifest that names it.

    Owners and modes are those of what lives; `names` are those of the snapshot and the manifest.

    Raises:
        ClientMissing: no such folder lives there.
    """
    now = place_of(live)
    if now.kind is not PlaceKind.FOLDER:
        raise ClientMissing(f"{clean(live)} is no folder")
    part = f"{staged}.part"
    forget(part)
    make_folder(part)
    base, manifest = (f"{part}/{name}" for name in names)
    copy_file(copy, base, cancelled)
    with told(manifest):
        handle = os.open(manifest, _NEW, 0o600)
        try:
            write_all(handle, f"file {names[0]} seq 1 type b\n".encode())
            os.fsync(handle)
        finally:
            os.close(handle)
    old = place_of(f"{live}/{names[1]}")
    mode = old.mode & 0o777 if old.kind is PlaceKind.FILE else 0o600
    for path, wanted in ((base, mode), (manifest, mode), (part, now.mode & 0o777)):
        _look_like(path, wanted, now)
    sync_folder(part)
    rename_new(part, staged)


def _look_like(path: str, mode: int, owner: Place) -> None:
    """Give a path of ours another mode, and the owner of what lives where it is another."""
    with told(path):
        seen = place_of(path)
        if (seen.uid, seen.gid) != (owner.uid, owner.gid):
            os.chown(path, owner.uid, owner.gid, follow_symlinks=False)
        os.chmod(path, mode)  # noqa: PTH101 - text in
