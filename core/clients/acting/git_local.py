"""git on this machine."""

from pathlib import Path

from core.clients.acting import git_move, git_place, git_reads, git_remote, git_trees
from core.clients.acting.commands import ActingRunner
from core.clients.acting.git import Checkout, Difference, Move, Peek, Release, TreeSeen
from core.clients.acting.git_call import GitCall, checked_name, open_repository
from core.errors import ClientGarbled, ClientMissing
from core.model.text import EMPTY, SafeText, clean


class LocalGit:
    """`GitControl`: runs the `git` that is installed, and moves files itself."""

    def __init__(self, runner: ActingRunner) -> None:
        self._runner = runner

    async def look(self, path: str) -> Checkout:
        """Return the checkout that holds a folder."""
        return await git_place.look(self._runner, path)

    async def releases(self, top: str, start: str, limit: int) -> tuple[Release, ...]:
        """Return commits from `start` back, newest first."""
        call = await self._open(top)
        return await git_reads.releases(call, await git_reads.resolve(call, start), limit)

    async def resolve(self, top: str, name: str) -> str:
        """Return the commit that a name stands for."""
        return await git_reads.resolve(await self._open(top), name)

    async def previous(self, top: str) -> str:
        """Return where HEAD last stood among its own ancestors, else its parent."""
        return await git_reads.previous(await self._open(top))

    async def between(self, top: str, old: str, new: str) -> Difference:
        """Return what lies between two commits."""
        return await git_reads.between(await self._open(top), old, new)

    async def wants(self, top: str, commit: str) -> tuple[SafeText, ...]:
        """Return what keeps a commit from being laid out."""
        return await git_reads.wants(await self._open(top), commit)

    async def orphans(self, top: str) -> int:
        """Return how many commits of HEAD nothing holds."""
        return await git_reads.orphans(await self._open(top))

    async def in_the_way(
        self, top: str, files: tuple[tuple[str, str], ...]
    ) -> tuple[SafeText, ...]:
        """Return what stands, untracked, where files of a difference would come."""
        return git_reads.in_the_way(git_place.existing(top), files)

    async def remote_url(self, top: str, remote: str) -> str:
        """Return a remote's address."""
        call = await self._open(top)
        url = await call.line("config", "--get", f"remote.{checked_name(remote)}.url",
                              ok_exits=(0, 1))  # fmt: skip
        if not url:
            raise ClientMissing(f"the repository has no remote {clean(remote)}")
        return url

    async def remote_head(self, url: str, branch: str) -> str:
        """Return the commit of a branch elsewhere."""
        return await git_remote.remote_head(self._runner, url, branch)

    async def peek(self, top: str, url: str, branch: str, old: str) -> Peek:
        """Return what a remote's branch has."""
        call = await self._open(top)
        return await git_remote.peek(call, await self._common(call), url, branch, old)

    async def bring(self, top: str, url: str, branch: str, commit: str, ref: str, was: str) -> None:
        """Fetch, check, take over and point `ref` at the commit."""
        call = await self._open(top)
        common = await self._common(call)
        await git_remote.bring(call, common, url, branch, commit, ref, was)

    async def ref(self, top: str, ref: str) -> str:
        """Return what a full ref name points to; empty: nothing."""
        return await git_reads.ref_of(await self._open(top), ref)

    async def set_ref(self, top: str, ref: str, to: str, was: str) -> None:
        """Move a ref that still is `was`."""
        await git_remote.set_ref(await self._open(top), ref, to, was)

    async def compare(self, folder: str, commit: str, token: str = "") -> TreeSeen:
        """Compare a folder's tracked files with a commit, by content."""
        call = await self._open(folder)
        head, branch = await git_reads.head_of(call)
        half = git_move.unfinished(call, token)
        return TreeSeen(head, branch, await git_reads.strays(call, commit), half)

    async def trees(self, top: str) -> tuple[tuple[str, str], ...]:
        """Return folder and commit of every whole work tree of the repository."""
        return await git_trees.listed(await self._open(top))

    async def see_tree(self, top: str, folder: str, commit: str, token: str) -> TreeSeen:
        """Compare a folder beside with a commit."""
        call = await self._open(top)
        return await git_trees.see(call, await self._common(call), folder, commit, token)

    async def add_tree(
        self, top: str, folder: str, commit: str, token: str, carried: tuple[str, ...] = ()
    ) -> None:
        """Lay a commit out in a new folder beside."""
        call = await self._open(top)
        common = await self._common(call)
        await git_trees.add(call, common, git_trees.NewTree(folder, commit, token, carried))

    async def drop_tree(self, top: str, folder: str, token: str) -> None:
        """Remove a folder that `add_tree` made, or half made."""
        call = await self._open(top)
        await git_trees.drop(await self._common(call), folder, token)

    async def untracked(self, top: str) -> tuple[tuple[str, str], ...]:
        """Return kind and path of what git does not track."""
        return await git_reads.untracked(await self._open(top))

    async def move(self, move: Move) -> None:
        """Put another commit in place."""
        await git_move.move(await self._open(move.top), move)

    async def unmove(self, move: Move) -> None:
        """Put the old commit back."""
        await git_move.unmove(await self._open(move.top), move)

    async def clone(self, url: str, branch: str, commit: str, folder: str, token: str) -> None:
        """Clone into a folder that is absent or empty."""
        await git_remote.clone(self._runner, url, branch, commit, folder, token)

    async def unclone(self, folder: str, commit: str, token: str) -> None:
        """Remove an untouched clone and what is left of a cut off one."""
        await git_remote.unclone(self._runner, folder, commit, token)

    async def see_clone(self, folder: str, commit: str, token: str) -> TreeSeen:
        """Compare a clone with its commit; an empty head: nothing is there."""
        half = clean(f"{folder} is half cloned") if git_remote.has_part(folder, token) else EMPTY
        if git_remote.is_free(folder):
            return TreeSeen("", "", (), half)
        try:
            seen = await self.compare(folder, commit)
        except (ClientGarbled, ClientMissing):
            return TreeSeen("", "", (), clean(f"something else is in {folder}"))
        return TreeSeen(seen.head, seen.branch, seen.strays, half)

    async def _open(self, folder: str) -> GitCall:
        return await open_repository(self._runner, git_place.existing(folder))

    @staticmethod
    async def _common(call: GitCall) -> str:
        said = await call.line("rev-parse", "--git-common-dir")
        return git_place.existing(str(Path(call.folder) / said))
