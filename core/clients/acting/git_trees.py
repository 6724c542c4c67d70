"""Lays a commit out in a folder beside, and takes it away again.

A tree that is being laid out is locked in git's own way with our token as the reason; unlocked, it
is whole. So a tree that was cut off is known by anybody who looks, and nobody prunes it meanwhile.
"""

import asyncio
import os
import shutil
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.clients.acting import git_reads
from core.clients.acting.git import TreeSeen
from core.clients.acting.git_call import GitCall
from core.clients.acting.git_place import existing, git_dir_of
from core.errors import ClientDenied, ClientGarbled, ClientMissing, ClientRefused
from core.model.text import EMPTY, SafeText, clean

LAY_OUT_S = 300.0
_WAIT_S = 10.0
_WAIT_STEP_S = 0.05


async def to_end(call: Callable[..., None], *words: object) -> None:
    """Run a blocking call in a thread, to its end also where nobody waits any more.

    A thread cannot be stopped: whoever went on without it would undo what is still being done.
    """
    running = asyncio.ensure_future(asyncio.to_thread(call, *words))
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise


def _reason(token: str) -> str:
    return f"quarterdeck {token}"


def _admin(common: str, folder: str) -> Path:
    """Return where git keeps its side of a linked tree; names of ours are never numbered."""
    return Path(common) / "worktrees" / Path(folder).name


def unfinished(common: str, folder: str, token: str) -> SafeText:
    """Return what of a tree of ours is half made; empty: it is whole, or not there at all."""
    admin = _admin(common, folder)
    try:
        said = (admin / "locked").read_text("utf-8").strip()
    except OSError:
        if (admin / "gitdir").exists() and not is_there(folder):
            return clean(f"{folder} was cut off while it was removed")
        return EMPTY
    if said in {_reason(token), "initializing"}:
        return clean(f"{folder} is half laid out")
    return EMPTY


@dataclass(frozen=True, slots=True)
class NewTree:
    """What is laid out, where, and what comes along."""

    folder: str
    commit: str
    token: str
    carried: tuple[str, ...] = ()


async def add(call: GitCall, common: str, wanted: NewTree) -> None:
    """Lay a commit out in a new folder; what is half done is redone."""
    folder, commit = wanted.folder, wanted.commit
    if unfinished(common, folder, wanted.token):
        await drop(common, folder, wanted.token)
    elif is_there(folder):
        raise ClientDenied(f"{clean(folder)} is there already")
    await call.run(
        "worktree", "add", "--no-checkout", "--detach", "--lock", "--reason",
        _reason(wanted.token), "--", folder, commit,
    )  # fmt: skip
    tree = call.within(folder)
    await tree.run("read-tree", "--reset", "-u", "--end-of-options", commit, deadline_s=LAY_OUT_S)
    if found := await git_reads.strays(tree, commit):
        raise ClientGarbled(f"{clean(folder)} is not the commit: {found[0]}, {len(found)} files")
    await to_end(_finish, call.folder, wanted)
    await call.run("worktree", "unlock", "--", folder)


def _finish(source: str, wanted: NewTree) -> None:
    settle(Path(wanted.folder), Path(source).stat())
    carry(source, wanted.folder, wanted.carried)


async def drop(common: str, folder: str, token: str) -> None:
    """Remove a folder that `add` made or half made; harmless where there is none."""
    admin = _admin(common, folder)
    await _until_idle(str(admin / "index.lock"))
    await to_end(_expect_ours, folder, admin, token)
    await to_end(_remove, folder, admin)


def _expect_ours(folder: str, admin: Path, token: str) -> None:
    said = ""
    with suppress(OSError):
        said = (admin / "locked").read_text("utf-8").strip()
    if said not in {"", _reason(token), "initializing"}:
        raise ClientDenied(f"{clean(folder)} is locked by somebody: {clean(said)}")
    if not said and is_there(folder) and not _points_to(admin, folder):
        raise ClientDenied(f"{clean(folder)} is no tree of ours: it is left as it is")


def _points_to(admin: Path, folder: str) -> bool:
    with suppress(OSError):
        return (admin / "gitdir").read_text("utf-8").strip() == f"{folder}/.git"
    return False


def _remove(folder: str, admin: Path) -> None:
    """Remove files first and git's side last: whoever looks meanwhile sees that it is half."""
    with suppress(FileNotFoundError):
        (admin / "locked").write_text("initializing", encoding="utf-8")
    if Path(folder).is_symlink():
        raise ClientDenied(f"{clean(folder)} is a link by now")
    try:
        with suppress(FileNotFoundError):
            shutil.rmtree(folder)
        with suppress(FileNotFoundError):
            shutil.rmtree(admin)
    except OSError as error:
        raise ClientRefused(f"{clean(folder)} cannot be removed: {error.strerror}") from error


def is_there(path: str) -> bool:
    """Tell whether there is anything, a dangling link too."""
    return os.path.lexists(path)


async def _until_idle(lock: str) -> None:
    """Wait for a git that outlived the one who had started it; a lock that stays is stale."""
    for _ in range(int(_WAIT_S / _WAIT_STEP_S)):
        if not is_there(lock):
            return
        await asyncio.sleep(_WAIT_STEP_S)


async def listed(call: GitCall) -> tuple[tuple[str, str], ...]:
    """Return folder and commit of every work tree that nobody has locked, the newest name first."""
    ran = await call.run("worktree", "list", "--porcelain")
    found: list[tuple[str, str]] = []
    folder = commit = ""
    for line in (*ran.output, SafeText("")):
        word, _, rest = line.partition(" ")
        if word == "worktree":
            folder, commit = git_reads.plain_path(rest), ""
        elif word == "HEAD":
            commit = rest
        elif word in {"locked", "prunable", "bare"}:
            folder = ""
        elif not word and folder and commit:
            found.append((folder, commit))
    return tuple(sorted(found, reverse=True))


async def see(call: GitCall, common: str, folder: str, commit: str, token: str) -> TreeSeen:
    """Return how a laid out folder compares with a commit."""
    half = unfinished(common, folder, token) if token else EMPTY
    if not is_there(folder):
        return TreeSeen("", "", (), half)
    tree = call.within(existing(folder))
    try:
        git_dir_of(tree)
        head, branch = await git_reads.head_of(tree)
        found = await git_reads.strays(tree, commit)
    except (ClientMissing, ClientGarbled):
        return TreeSeen("", "", (), half or clean(f"{folder} is no work tree"))
    return TreeSeen(head, branch, found, half)


def settle(folder: Path, like: os.stat_result) -> None:
    """Bring a new tree to the disk, owned and readable as the old one is. Blocking."""
    try:
        for place, _, names in os.walk(folder, topdown=False):
            for name in (*names, "."):
                path = Path(place) / name
                as_is(path, like)
                if not path.is_symlink():
                    sync(path)
    except OSError as error:
        raise ClientRefused(f"{clean(str(folder))}: {error.strerror}") from error


def as_is(path: Path, like: os.stat_result) -> None:
    """Give a new file or folder the owner of another, and its rights: the umask is not asked."""
    if os.geteuid() == 0:
        os.chown(path, like.st_uid, like.st_gid, follow_symlinks=False)
    if path.is_symlink():
        return
    mode = path.stat().st_mode
    is_open = stat.S_ISDIR(mode) or mode & stat.S_IXUSR
    path.chmod(like.st_mode & (0o777 if is_open else 0o666))


def sync(path: Path) -> None:
    """Bring a file or folder to the disk."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def carry(source: str, target: str, names: tuple[str, ...]) -> None:
    """Copy untracked files and links into a new tree; what is there is left alone. Blocking."""
    for name in names:
        old, new = (git_reads.checked_below(one, name) for one in (source, target))
        if os.path.lexists(new):
            continue
        try:
            new.parent.mkdir(parents=True, exist_ok=True)
            seen = old.lstat()
            part = new.with_name(f".{new.name}.quarterdeck.tmp")
            with suppress(FileNotFoundError):
                part.unlink()
            if old.is_symlink():
                part.symlink_to(old.readlink())
            else:
                _copy(old, part, seen.st_mode & 0o7777)
            if os.geteuid() == 0:
                os.chown(part, seen.st_uid, seen.st_gid, follow_symlinks=False)
            part.rename(new)
            sync(new.parent)
        except OSError as error:
            raise ClientRefused(f"{clean(name)} cannot be carried: {error.strerror}") from error


def _copy(old: Path, new: Path, mode: int) -> None:
    reader = os.open(old, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(reader, "rb") as source:
        writer = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(writer, "wb") as copy:
            shutil.copyfileobj(source, copy)
            copy.flush()
            os.fchmod(writer, mode)
            os.fsync(writer)
