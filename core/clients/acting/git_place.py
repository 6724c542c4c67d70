"""Where a checkout lies, whose it is, and who works in it now. Changes nothing."""

import errno
import os
import re
import stat
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from core.clients.acting import git_reads
from core.clients.acting.commands import ActingRunner
from core.clients.acting.git import Checkout, IndexLock
from core.clients.acting.git_call import GitCall, open_repository
from core.errors import ClientDenied, ClientGarbled, ClientMissing
from core.model.text import EMPTY, SafeText, clean

STAGES = "quarterdeck"
"""Folder inside a repository where a commit is laid out before it is put in place."""
_OPERATIONS = (
    ("MERGE_HEAD", "merge"),
    ("rebase-merge", "rebase"),
    ("rebase-apply", "rebase"),
    ("CHERRY_PICK_HEAD", "cherry-pick"),
    ("REVERT_HEAD", "revert"),
    ("BISECT_LOG", "bisect"),
)
_GIT = re.compile(rb"(?:^|/)git(?:-[a-z-]+)?$")


def existing(path: str) -> str:
    """Return a folder's real path.

    Raises:
        ClientMissing: nothing is there, or a link on the way dangles.
        ClientGarbled: the links lead in a circle.
        ClientDenied: it may not be entered, or is no folder.
    """
    try:
        real = Path(path).resolve(strict=True)
    except FileNotFoundError as error:
        dangling = os.path.lexists(path)
        what = "is a link to nothing" if dangling else "does not exist"
        raise ClientMissing(f"{clean(path)} {what}") from error
    except PermissionError as error:
        raise ClientDenied(f"{clean(path)} may not be entered by this user") from error
    except (OSError, RuntimeError) as error:  # Python before 3.13 says RuntimeError for a loop
        is_loop = isinstance(error, RuntimeError) or error.errno == errno.ELOOP
        raise ClientGarbled(
            f"{clean(path)} is a circle of links" if is_loop else f"{clean(path)}: {error}"
        ) from error
    if not real.is_dir():
        raise ClientDenied(f"{clean(path)} is no folder")
    return str(real)


async def look(runner: ActingRunner, path: str) -> Checkout:
    """Return the checkout that holds a folder."""
    folder = existing(path)
    call = await open_repository(runner, folder)
    top = await call.line("rev-parse", "--show-toplevel")
    if not top:
        raise ClientMissing(f"{clean(path)} is a repository without a work tree")
    call = call.within(top)
    git_dir = await call.line("rev-parse", "--absolute-git-dir")
    common = existing(str(Path(top) / await call.line("rev-parse", "--git-common-dir")))
    shallow = await call.line("rev-parse", "--is-shallow-repository")
    sparse = await call.line("config", "--type=bool", "core.sparseCheckout", ok_exits=(0, 1))
    head, branch = await git_reads.head_of(call)
    changed = (*await git_reads.strays(call, head), *await git_reads.staged(call)) if head else ()
    return _described(
        path, Checkout(
            top=top, link="", link_target="", git_dir=git_dir, common_dir=common, head=head,
            branch=branch, uid=0, is_own=False, is_shallow=shallow == "true",
            is_sparse=sparse == "true", is_one_disk=False, busy=EMPTY, lock=None, hooks=(),
            programs=call.told, changed=changed,
        ),
    )  # fmt: skip


def _described(path: str, said: Checkout) -> Checkout:
    """Add what the files tell to what git has said."""
    link, target = _link_to(path, said.top)
    seen = Path(said.top).stat()
    return replace(
        said,
        link=link,
        link_target=target,
        uid=seen.st_uid,
        is_own=_is_own(said.top) and _is_own(said.common_dir),
        is_one_disk=seen.st_dev == Path(said.git_dir).stat().st_dev,
        busy=_busy(said.git_dir),
        lock=index_lock(said.git_dir, said.top),
        hooks=_hooks(said.common_dir),
    )


def _link_to(path: str, top: str) -> tuple[str, str]:
    """Return the link on the way that leads straight to the work tree, and what it says."""
    way = [Path(path), *Path(path).parents]
    for place in way:
        if place.is_symlink() and os.path.realpath(place) == top:
            return str(place), str(place.readlink())
    return "", ""


def _is_own(path: str) -> bool:
    """Tell whether a folder belongs to us or root, and nobody else may write there."""
    seen = Path(path).stat()
    return seen.st_uid in {0, os.geteuid()} and not seen.st_mode & stat.S_IWOTH


def _busy(git_dir: str) -> SafeText:
    return next(
        (clean(name) for file, name in _OPERATIONS if (Path(git_dir) / file).exists()), EMPTY
    )


def _hooks(common: str) -> tuple[SafeText, ...]:
    found: list[SafeText] = []
    with suppress(OSError):
        for place in sorted((Path(common) / "hooks").iterdir()):
            is_meant = place.suffix != ".sample" and place.is_file()
            if is_meant and os.access(place, os.X_OK):
                found.append(clean(place.name))
    return tuple(found)


def index_lock(git_dir: str, top: str) -> IndexLock | None:
    """Return what is known of `index.lock`; None: there is none."""
    try:
        seen = (Path(git_dir) / "index.lock").lstat()
    except OSError:
        return None
    return IndexLock(
        max(0.0, time.time() - seen.st_mtime),  # noqa: TID251 - compared with a file's time
        _worker(git_dir, top),
        staged_by(git_dir) is not None,
    )


def staged_by(git_dir: str) -> str | None:
    """Return the token of the checkout of ours that holds `index.lock`; None: it is not ours.

    Ours is a second name of the index that was prepared for it, so that no mark is needed.
    """
    try:
        seen = (Path(git_dir) / "index.lock").lstat()
        stages = list((Path(git_dir) / STAGES).iterdir())
    except OSError:
        return None
    for stage in stages:
        with suppress(OSError):
            ours = (stage / "index").lstat()
            if (ours.st_dev, ours.st_ino) == (seen.st_dev, seen.st_ino):
                return stage.name
    return None


def _worker(git_dir: str, top: str) -> int | None:
    """Return the pid of a git that works in this repository now."""
    roots = (os.path.realpath(git_dir), os.path.realpath(top))
    lock = str(Path(roots[0]) / "index.lock")
    for pid in _pids():
        process = Path("/proc") / str(pid)
        with suppress(OSError):
            program = (process / "cmdline").read_bytes().split(b"\0", 1)[0]
            if _GIT.search(program) and _is_within(str((process / "cwd").readlink()), roots):
                return pid
        with suppress(OSError):
            handles = (process / "fd").iterdir()
            if any(_points_to(handle, lock) for handle in handles):
                return pid
    return None


def _points_to(handle: Path, path: str) -> bool:
    with suppress(OSError):
        return str(handle.readlink()) == path
    return False


def _pids() -> list[int]:
    return [int(place.name) for place in Path("/proc").iterdir() if place.name.isdecimal()]


def _is_within(folder: str, roots: tuple[str, ...]) -> bool:
    return any(folder == root or folder.startswith(f"{root}/") for root in roots)


def git_dir_of(call: GitCall) -> Path:
    """Return the folder of git beside or in a work tree; a linked tree's file is followed once.

    Raises:
        ClientMissing: it is no work tree.
    """
    place = Path(call.folder) / ".git"
    if place.is_dir() and not place.is_symlink():
        return place
    try:
        text = place.read_text("utf-8", "surrogateescape").strip()
    except OSError as error:
        raise ClientMissing(f"{clean(call.folder)} is no work tree") from error
    return (place.parent / text.removeprefix("gitdir: ")).resolve()
