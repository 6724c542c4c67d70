"""Fetches from elsewhere into a place of our own, and only from there into a repository.

The place knows no configuration but ours, borrows the repository's objects, and is thrown away: so
what a remote has can be shown without a trace, and a damaged pack never reaches the repository.
"""

import os
import shutil
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from core.clients.acting import git_reads
from core.clients.acting.commands import ActingRunner
from core.clients.acting.git import Peek
from core.clients.acting.git_call import (
    LOCAL,
    REMOTE,
    GitCall,
    checked_name,
    checked_url,
    is_commit,
)
from core.clients.acting.git_trees import LAY_OUT_S, settle, to_end
from core.errors import ClientDenied, ClientGarbled, ClientMissing, ClientRefused
from core.model.text import clean

PEEK_S = 7.0
"""Below what planning may take in all."""
FETCH_S = 300.0
_THERE = "refs/quarterdeck/there"
_SHOWN = 30


async def remote_head(runner: ActingRunner, url: str, branch: str) -> str:
    """Return the commit of a branch elsewhere."""
    ref = f"refs/heads/{checked_name(branch)}"
    call = GitCall(runner, "/")
    ran = await call.run(
        "ls-remote", "--upload-pack=git-upload-pack", "--", checked_url(url), ref,
        deadline_s=PEEK_S, protocols=REMOTE,
    )  # fmt: skip
    for line in ran.output:
        commit, _, name = line.partition(" ")
        if name.strip() == ref and is_commit(commit):
            return commit
    raise ClientMissing(f"there is no branch {clean(branch)} at the remote")


@asynccontextmanager
async def fetched(
    call: GitCall, common: str, url: str, branch: str, deadline_s: float
) -> AsyncGenerator[GitCall]:
    """Fetch a branch into a place of our own, whose `_THERE` names it.

    Raises:
        ClientError: the remote does not answer, has no such branch, or sends damaged objects.
    """
    refspec = f"+refs/heads/{checked_name(branch)}:{_THERE}"
    with tempfile.TemporaryDirectory(prefix="quarterdeck-fetch-") as place:
        apart = GitCall(call.runner, place, env=(("GIT_DIR", place),))
        await apart.run("init", "--quiet", "--bare", "--template=", "--", place)
        alternates = Path(place) / "objects" / "info" / "alternates"
        alternates.parent.mkdir(exist_ok=True)
        alternates.write_bytes(os.fsencode(f"{common}/objects\n"))
        await apart.run(
            "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules",
            "--upload-pack=git-upload-pack", "--", checked_url(url), refspec,
            deadline_s=deadline_s, protocols=REMOTE,
        )  # fmt: skip
        yield apart


async def peek(call: GitCall, common: str, url: str, branch: str, old: str) -> Peek:
    """Return what a remote's branch has, and what lies between."""
    async with fetched(call, common, url, branch, PEEK_S) as apart:
        commit = await git_reads.resolve(apart, _THERE)
        return Peek(
            commit,
            await git_reads.between(apart, old, commit),
            await git_reads.wants(apart, commit),
            await git_reads.releases(apart, commit, _SHOWN),
        )


async def bring(
    call: GitCall, common: str, url: str, branch: str, commit: str, ref: str, was: str
) -> None:
    """Fetch beside, check, take over, and point `ref` at the commit."""
    async with fetched(call, common, url, branch, FETCH_S) as apart:
        there = await git_reads.resolve(apart, _THERE)
        if not await git_reads.is_ancestor(apart, commit, there):
            raise ClientGarbled(
                f"the branch {clean(branch)} is at {there[:12]} by now and does not hold"
                f" {commit[:12]}: it was rewritten; look again"
            )
        if found := await git_reads.wants(apart, commit):
            raise ClientGarbled(f"{commit[:12]} cannot be laid out: {found[0]}")
        await call.run(
            "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules",
            "--upload-pack=git-upload-pack", "--refmap=", "--", f"file://{apart.folder}", _THERE,
            deadline_s=FETCH_S, protocols=LOCAL,
        )  # fmt: skip
    await set_ref(call, ref, commit, was)


async def set_ref(call: GitCall, ref: str, to: str, was: str) -> None:
    """Move a ref that still is `was`; an empty `to` removes it."""
    now = await git_reads.ref_of(call, ref)
    if now == to:
        return
    nothing = "0" * len(to or was)
    if to:
        await call.run("update-ref", "--no-deref", "-m", "quarterdeck", "--", ref, to,
                       was or nothing)  # fmt: skip
    else:
        await call.run("update-ref", "--no-deref", "-d", "--", ref, was)


async def clone(
    runner: ActingRunner, url: str, branch: str, commit: str, folder: str, token: str
) -> None:
    """Clone beside, check out, compare, then rename the whole into its place."""
    if not is_free(folder):
        raise ClientDenied(f"{clean(folder)} is not empty: a clone is never put over something")
    part = _part(folder, token)
    _remove(part)
    call = GitCall(runner, str(part.parent))
    try:
        await call.run(
            "clone", "--quiet", "--no-checkout", "--template=", "--no-recurse-submodules",
            "--upload-pack=git-upload-pack", f"--branch={checked_name(branch)}", "--",
            checked_url(url), str(part), deadline_s=FETCH_S, protocols=REMOTE,
        )  # fmt: skip
        await _check_out(call.within(str(part)), commit)
        await to_end(_put, part, folder)
    except OSError as error:
        _remove(part)
        raise ClientRefused(f"{clean(folder)} cannot be made: {error.strerror}") from error
    except (ClientGarbled, ClientMissing, ClientDenied):
        _remove(part)
        raise


def _put(part: Path, folder: str) -> None:
    settle(part, part.parent.stat())
    part.rename(folder)


async def _check_out(tree: GitCall, commit: str) -> None:
    head, _ = await git_reads.head_of(tree)
    if head != commit:
        raise ClientGarbled(f"the branch is at {head[:12]} by now, not at {commit[:12]}")
    if found := await git_reads.wants(tree, commit):
        raise ClientGarbled(f"{commit[:12]} cannot be laid out: {found[0]}")
    await tree.run("read-tree", "--reset", "-u", commit, deadline_s=LAY_OUT_S)
    if found := await git_reads.strays(tree, commit):
        raise ClientGarbled(f"what was cloned is not the commit: {found[0]}")


async def unclone(runner: ActingRunner, folder: str, commit: str, token: str) -> None:
    """Remove an untouched clone and what is left of a cut off one."""
    part = _part(folder, token)
    _remove(part)
    if is_free(folder):
        return
    call = GitCall(runner, folder)
    head, _ = await git_reads.head_of(call)
    theirs = (*await git_reads.strays(call, commit), *await git_reads.untracked(call))
    if head != commit or theirs:
        raise ClientDenied(f"{clean(folder)} has been worked in since: it is left as it is")
    _remove(part, folder)


def is_free(folder: str) -> bool:
    """Tell whether nothing is there, or an empty folder."""
    if not os.path.lexists(folder):
        return True
    with suppress(OSError):
        return not Path(folder).is_symlink() and next(Path(folder).iterdir(), None) is None
    return False


def _part(folder: str, token: str) -> Path:
    return Path(folder).with_name(f".{Path(folder).name}.{token}.part")


def has_part(folder: str, token: str) -> bool:
    """Tell whether a clone of ours was cut off."""
    return os.path.lexists(_part(folder, token))


def _remove(part: Path, folder: str = "") -> None:
    """Remove our folder, after what is at the place itself was put there. Blocking."""
    try:
        if folder:
            Path(folder).rename(part)
        with suppress(FileNotFoundError):
            shutil.rmtree(part)
    except OSError as error:
        raise ClientRefused(f"{clean(str(part))} cannot be removed: {error.strerror}") from error
