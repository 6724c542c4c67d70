"""git, as releases need it: looked at, fetched, laid out beside, put in place.

Nothing that a repository holds is run: no hook, filter, alias, helper, pager or transport of its
own. Every tree that is laid out is compared with its commit by content, never by what an index
remembers.
"""

from dataclasses import dataclass
from typing import Protocol

from core.model.text import EMPTY, SafeText


@dataclass(frozen=True, slots=True)
class IndexLock:
    """`index.lock`: some git is at work, or one died."""

    age_s: float
    holder_pid: int | None
    """A git that works in this repository now; None: nobody, the lock is stale."""
    is_ours: bool
    """It belongs to a checkout of ours that was cut off."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A work tree and its repository, as they are now."""

    top: str
    """The work tree's folder, links resolved."""
    link: str
    """The symbolic link of the asked path that points to `top`; empty: none does."""
    link_target: str
    """As it is written in the link."""
    git_dir: str
    common_dir: str
    head: str
    """Commit, 40 or 64 hex digits; empty: nothing has been committed yet."""
    branch: str
    """Empty: detached."""
    uid: int
    is_own: bool
    """The repository belongs to us or to root, and others may not write to it."""
    is_shallow: bool
    is_sparse: bool
    is_one_disk: bool
    """Work tree and repository are on one file system, so that files can be renamed across."""
    busy: SafeText
    """An operation that somebody has not finished, such as `merge`."""
    lock: IndexLock | None
    hooks: tuple[SafeText, ...]
    """Present, and never run."""
    programs: tuple[SafeText, ...]
    """Programs that its configuration names, and that are never run."""
    changed: tuple[SafeText, ...]
    """Tracked files that are not as in `head`, and staged changes."""


@dataclass(frozen=True, slots=True)
class Release:
    """One commit that may be gone to."""

    commit: str
    made_s: float
    """Committed at, seconds since 1970."""
    subject: SafeText
    """Outside text; nobody is named."""
    tags: tuple[SafeText, ...] = ()
    is_now: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """What lies between two commits."""

    gained: int
    """Commits that come."""
    lost: int
    """Commits that go."""
    files: tuple[tuple[str, str], ...]
    """Letter of git (`A`, `M`, `D`, `T`) and path below the top, as it is on the disk."""
    subjects: tuple[SafeText, ...] = ()
    """Of the commits that come or go, newest first, the first few."""


@dataclass(frozen=True, slots=True)
class Peek:
    """What a remote has, seen without a trace in the repository."""

    commit: str
    difference: Difference
    wants: tuple[SafeText, ...]
    """What its tree needs that is not run here, such as `LFS`; none: it can be laid out."""
    releases: tuple[Release, ...] = ()


@dataclass(frozen=True, slots=True)
class TreeSeen:
    """How a folder compares with a commit."""

    head: str
    """Commit that its HEAD names; empty: it is no work tree."""
    branch: str
    strays: tuple[SafeText, ...]
    """Tracked files whose content, kind or mode is another than in the commit; missing ones too."""
    unfinished: SafeText = EMPTY
    """What of our own work lies there half done."""

    def is_exactly(self, commit: str) -> bool:
        """Tell whether it is the commit, whole, and nothing of ours is left."""
        return self.head == commit and not self.strays and not self.unfinished


@dataclass(frozen=True, slots=True)
class Move:
    """A checkout in place."""

    top: str
    old: str
    new: str
    branch: str
    """HEAD's branch before; empty: it was detached."""
    is_branch_moved: bool
    """True: the branch goes along (a pull); False: HEAD leaves it and is detached."""
    token: str
    """Names what is ours in the repository meanwhile."""


class GitControl(Protocol):
    """What release actions need of git. Every call raises `ClientError` of the right kind."""

    async def look(self, path: str) -> Checkout:
        """Return the checkout that holds a folder.

        Raises:
            ClientMissing: nothing is there, the link dangles, or it is no checkout.
            ClientDenied: a partial clone, or a configuration that cannot be made harmless.
            ClientGarbled: the path is a loop of links.
        """
        ...

    async def releases(self, top: str, start: str, limit: int) -> tuple[Release, ...]:
        """Return commits from `start` back, first parents only, newest first."""
        ...

    async def resolve(self, top: str, name: str) -> str:
        """Return the commit that a name or the beginning of a hash stands for.

        Raises:
            ClientMissing: the repository has no such commit.
            ClientDenied: it is no name, such as one that starts with `-`.
        """
        ...

    async def previous(self, top: str) -> str:
        """Return where HEAD last stood among its own ancestors, else its parent; empty: nowhere."""
        ...

    async def between(self, top: str, old: str, new: str) -> Difference:
        """Return what lies between two commits that are both here."""
        ...

    async def wants(self, top: str, commit: str) -> tuple[SafeText, ...]:
        """Return what keeps a commit from being laid out: filters, submodules, lost objects."""
        ...

    async def orphans(self, top: str) -> int:
        """Return how many commits of HEAD no branch, tag or remote holds."""
        ...

    async def in_the_way(
        self, top: str, files: tuple[tuple[str, str], ...]
    ) -> tuple[SafeText, ...]:
        """Return what stands, untracked, where files of a difference would come."""
        ...

    async def remote_url(self, top: str, remote: str) -> str:
        """Return a remote's address.

        Raises:
            ClientMissing: there is no such remote.
        """
        ...

    async def remote_head(self, url: str, branch: str) -> str:
        """Return the commit of a branch elsewhere."""
        ...

    async def peek(self, top: str, url: str, branch: str, old: str) -> Peek:
        """Return what a remote's branch has, fetched into a place that is thrown away."""
        ...

    async def bring(self, top: str, url: str, branch: str, commit: str, ref: str, was: str) -> None:
        """Fetch a branch beside, check every object, take it over and point `ref` at the commit.

        `ref` is a full name, such as `refs/remotes/origin/main`, that still is `was`; an empty
        `was`: it is not there.

        Raises:
            ClientGarbled: the branch does not hold `commit` any more, or an object is damaged.
        """
        ...

    async def ref(self, top: str, ref: str) -> str:
        """Return what a full ref name points to; empty: nothing."""
        ...

    async def set_ref(self, top: str, ref: str, to: str, was: str) -> None:
        """Move a ref that still is `was`; an empty `to` removes it."""
        ...

    async def compare(self, folder: str, commit: str, token: str = "") -> TreeSeen:
        """Compare a folder's tracked files with a commit, by content; changes nothing."""
        ...

    async def trees(self, top: str) -> tuple[tuple[str, str], ...]:
        """Return folder and commit of every whole work tree of the repository."""
        ...

    async def see_tree(self, top: str, folder: str, commit: str, token: str) -> TreeSeen:
        """Compare a folder beside, which may not be there, with a commit; changes nothing."""
        ...

    async def add_tree(
        self, top: str, folder: str, commit: str, token: str, carried: tuple[str, ...] = ()
    ) -> None:
        """Lay a commit out in a new folder beside, whole and compared; what is half done is redone.

        `carried` are untracked files and links of `top` that come along, with mode and owner.

        Raises:
            ClientDenied: something that is not ours is there.
            ClientGarbled: what was laid out is not the commit.
        """
        ...

    async def drop_tree(self, top: str, folder: str, token: str) -> None:
        """Remove a folder that `add_tree` made, or half made; harmless where there is none."""
        ...

    async def untracked(self, top: str) -> tuple[tuple[str, str], ...]:
        """Return kind (`file`, `link`, `folder`) and path of what git does not track."""
        ...

    async def move(self, move: Move) -> None:
        """Put another commit in place: laid out and compared first, then renamed file by file.

        Raises:
            ClientDenied: git is at work, files are in the way, or HEAD has moved; nothing was done.
        """
        ...

    async def unmove(self, move: Move) -> None:
        """Put the old commit back, wherever `move` was cut off; harmless where it did nothing."""
        ...

    async def clone(self, url: str, branch: str, commit: str, folder: str, token: str) -> None:
        """Clone into a folder that is absent or empty; it appears there whole or not at all."""
        ...

    async def unclone(self, folder: str, commit: str, token: str) -> None:
        """Remove an untouched clone and what is left of a cut off one."""
        ...

    async def see_clone(self, folder: str, commit: str, token: str) -> TreeSeen:
        """Compare a clone with its commit; an empty head: nothing is there."""
        ...
