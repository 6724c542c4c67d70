"""Puts another commit in the place of a checkout: prepared whole, then renamed file by file.

`git checkout` writes into live files one after the other, and leaves a mixed tree and a lock when
it is killed (safety.md, M13). Here the new commit is laid out inside the repository and compared
first; what is left to do are renames, so no reader meets half a file, and a kill leaves whole files
of either commit, from which both ways lead out. Meanwhile `index.lock` keeps other gits away; it is
a second name of the prepared index, which is how it is known as ours afterwards.
"""

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.clients.acting import git_reads
from core.clients.acting.git import Move
from core.clients.acting.git_call import GitCall
from core.clients.acting.git_place import STAGES, git_dir_of, staged_by
from core.clients.acting.git_trees import LAY_OUT_S, as_is, settle, sync, to_end
from core.errors import ClientDenied, ClientGarbled, ClientRefused
from core.model.text import EMPTY, SafeText, clean

_Files = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Stage:
    """Our folder inside the repository."""

    git_dir: Path
    token: str

    @property
    def folder(self) -> Path:
        return self.git_dir / STAGES / self.token

    @property
    def tree(self) -> Path:
        return self.folder / "tree"

    @property
    def index(self) -> Path:
        return self.folder / "index"

    @property
    def lock(self) -> Path:
        return self.git_dir / "index.lock"


def unfinished(call: GitCall, token: str) -> SafeText:
    """Return what of a checkout in place is half done; empty: nothing."""
    if not token:
        return EMPTY
    stage = _Stage(git_dir_of(call), token)
    if not stage.folder.exists():
        return EMPTY
    held = " and holds index.lock" if staged_by(str(stage.git_dir)) == token else ""
    return clean(f"a checkout of ours lies prepared in {stage.folder}{held}")


async def move(call: GitCall, wanted: Move) -> None:
    """Put the new commit in place."""
    stage = _Stage(git_dir_of(call), wanted.token)
    await _expect(call, wanted)
    files = (await git_reads.between(call, wanted.old, wanted.new)).files
    if found := git_reads.in_the_way(call.folder, files):
        raise ClientDenied(f"{found[0]} is in the way, {len(found)} in all; nothing was done")
    await _prepare(call, stage, wanted.new)
    _take_lock(stage)
    try:
        await _expect(call, wanted)
    except (ClientDenied, ClientGarbled):
        await to_end(_let_go, stage)
        raise
    await to_end(_put, files, stage.tree, Path(call.folder))
    await to_end(_replace_index, stage)
    await _point(call, wanted)
    await to_end(_let_go, stage)


async def _expect(call: GitCall, wanted: Move) -> None:
    """See that nothing has moved since the plan.

    Raises:
        ClientDenied: it has; nothing was done.
    """
    head, branch = await git_reads.head_of(call)
    if (head, branch) != (wanted.old, wanted.branch):
        place = branch or "detached"
        raise ClientDenied(f"HEAD is at {head[:12]} ({clean(place)}) by now; nothing was done")
    if found := await git_reads.strays(call, wanted.old):
        raise ClientDenied(f"{found[0]}, {len(found)} files in all; nothing was done")


async def _prepare(call: GitCall, stage: _Stage, commit: str) -> None:
    """Lay a commit and its index out, compared and on the disk."""
    try:
        if staged_by(str(stage.git_dir)) == stage.token:
            stage.lock.unlink()
        if stage.folder.exists():
            shutil.rmtree(stage.folder)
        stage.tree.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise ClientRefused(f"nothing can be prepared: {error.strerror}") from error
    apart = _laid_out_by(call, stage)
    index = stage.index.with_name("index.part")
    filled = apart.within(apart.folder, GIT_INDEX_FILE=str(index))
    await filled.run("read-tree", "--reset", "-u", "--end-of-options", commit, deadline_s=LAY_OUT_S)
    if found := await git_reads.strays(apart, commit):
        raise ClientGarbled(f"what was laid out is not the commit: {found[0]}, {len(found)} files")
    await to_end(_finish, stage, index, Path(call.folder))


def _finish(stage: _Stage, index: Path, top: Path) -> None:
    settle(stage.folder, top.stat())
    index.rename(stage.index)


def _laid_out_by(call: GitCall, stage: _Stage) -> GitCall:
    return call.within(str(stage.tree), GIT_DIR=str(stage.git_dir), GIT_WORK_TREE=str(stage.tree))


def _take_lock(stage: _Stage) -> None:
    try:
        stage.lock.hardlink_to(stage.index)
    except FileExistsError as error:
        shutil.rmtree(stage.folder)
        raise ClientDenied(
            "index.lock is there: a git is at work, or one died; nothing was done"
        ) from error
    except OSError as error:
        raise ClientRefused(f"the repository cannot be locked: {error.strerror}") from error


def _put(files: _Files, tree: Path, top: Path) -> None:
    """Take away what goes, then rename in what comes. Blocking."""
    touched: set[Path] = set()
    try:
        for letter, path in files:
            if letter == "D":
                touched |= _take_away(top, path)
        for letter, path in files:
            if letter != "D":
                touched.add(_rename_in(tree, top, path))
        for folder in touched:
            with suppress(FileNotFoundError):
                sync(folder)
    except OSError as error:
        raise ClientRefused(f"{clean(str(error.filename))}: {error.strerror}") from error


def _take_away(top: Path, path: str) -> set[Path]:
    place = git_reads.checked_below(str(top), path)
    with suppress(FileNotFoundError, NotADirectoryError):
        place.unlink()
    for folder in place.parents:
        if folder == top:
            break
        try:
            folder.rmdir()
        except OSError:
            return {folder}
    return {top}


def _rename_in(tree: Path, top: Path, path: str) -> Path:
    place, source = git_reads.checked_below(str(top), path), tree / path
    _make_folders(top, place.parent)
    if os.path.lexists(source):  # gone: an earlier try has renamed it
        if os.geteuid() == 0:
            owner = (place if os.path.lexists(place) else place.parent).lstat()
            os.chown(source, owner.st_uid, owner.st_gid, follow_symlinks=False)
        source.rename(place)
    return place.parent


def _make_folders(top: Path, folder: Path) -> None:
    """Make a folder and those above it as the top is: our own umask is nobody's wish."""
    for place in reversed((folder, *folder.parents)):
        if len(place.parts) > len(top.parts) and not place.is_dir():
            place.mkdir()
            as_is(place, top.stat())


def _replace_index(stage: _Stage) -> None:
    try:
        stage.lock.rename(stage.git_dir / "index")
        sync(stage.git_dir)
    except OSError as error:
        raise ClientRefused(f"the index cannot be replaced: {error.strerror}") from error


async def _point(call: GitCall, wanted: Move) -> None:
    if wanted.is_branch_moved and wanted.branch:
        await _update(call, f"refs/heads/{wanted.branch}", wanted.new, wanted.old)
    else:
        await _update(call, "HEAD", wanted.new, wanted.old)


async def _update(call: GitCall, ref: str, to: str, was: str) -> None:
    await call.run(
        "update-ref", "--no-deref", "--create-reflog", "-m", "quarterdeck", "--", ref, to, was
    )


async def unmove(call: GitCall, wanted: Move) -> None:
    """Put the old commit back, wherever `move` was cut off."""
    stage = _Stage(git_dir_of(call), wanted.token)
    _expect_no_git(stage, wanted)
    head, _ = await git_reads.head_of(call)
    if head not in {wanted.old, wanted.new}:
        raise ClientDenied(f"HEAD is at {head[:12]} by now: somebody went on from here")
    files = (await git_reads.between(call, wanted.old, wanted.new)).files
    not_old = await git_reads.differing(call, wanted.old)
    back = _back(files, not_old, await git_reads.differing(call, wanted.new))
    if not back and head == wanted.old and not stage.folder.exists():
        return
    back_stage = _Stage(stage.git_dir, f"{wanted.token}-back")
    await _prepare(call, back_stage, wanted.old)
    if staged_by(str(stage.git_dir)) == wanted.token:
        stage.lock.unlink()  # the prepared index must not become the index any more
    _take_lock(back_stage)
    await to_end(_put, back, back_stage.tree, Path(call.folder))
    await _point_back(call, wanted, head)
    await to_end(_replace_index, back_stage)
    await to_end(_let_go, back_stage)
    await to_end(_let_go, stage)


def _back(files: _Files, not_old: _Files, not_new: _Files) -> _Files:
    """Return what has to happen to each file for the old commit to be there again. Pure.

    Raises:
        ClientDenied: a file is of neither commit: somebody changed it since.
    """
    new_only = {path for letter, path in files if letter == "A"}
    wrong = {path for _, path in not_old}
    theirs = sorted((wrong | new_only) & {path for letter, path in not_new if letter != "D"})
    if theirs:
        raise ClientDenied(
            f"{clean(theirs[0])} was changed by somebody since, {len(theirs)} files in all"
        )
    goes = tuple(("D", path) for path in sorted(new_only))
    return (*goes, *(("M", path) for path in sorted(wrong)))


async def _point_back(call: GitCall, wanted: Move, head: str) -> None:
    if head == wanted.new:
        is_branch = wanted.is_branch_moved and wanted.branch
        ref = f"refs/heads/{wanted.branch}" if is_branch else "HEAD"
        await _update(call, ref, wanted.old, wanted.new)
    _, branch = await git_reads.head_of(call)
    if wanted.branch and not branch:
        await call.run("symbolic-ref", "-m", "quarterdeck", "HEAD", f"refs/heads/{wanted.branch}")


def _expect_no_git(stage: _Stage, wanted: Move) -> None:
    """See that nobody else holds the repository; our own locks are known by their inode."""
    ours = {wanted.token, f"{wanted.token}-back"}
    if stage.lock.exists() and staged_by(str(stage.git_dir)) not in ours:
        raise ClientDenied("index.lock is somebody else's: a git is at work, or one died")


def _let_go(stage: _Stage) -> None:
    """Remove our lock, if it is still there, and our folder. Blocking."""
    try:
        if staged_by(str(stage.git_dir)) == stage.token:
            stage.lock.unlink()
        with suppress(FileNotFoundError):
            shutil.rmtree(stage.folder)
        with suppress(OSError):
            stage.folder.parent.rmdir()
    except OSError as error:
        raise ClientRefused(f"{clean(str(stage.folder))}: {error.strerror}") from error
