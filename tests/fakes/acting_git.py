"""Repositories in memory, as far as plans look at them; changes are noted, not made."""

from dataclasses import dataclass, field, replace
from typing import Any

from core.clients.acting.git import Checkout, Difference, Move, Peek, Release, TreeSeen
from core.errors import ClientError, ClientMissing
from core.model.text import EMPTY, SafeText

HEAD, NEXT, EARLIER = "a" * 40, "b" * 40, "c" * 40
NOTHING_BETWEEN = Difference(0, 0, ())


def checkout(top: str = "/srv/app", **others: Any) -> Checkout:
    """Return a plain checkout on main with nothing against it, or as told."""
    plain = Checkout(
        top=top, link="", link_target="", git_dir=f"{top}/.git", common_dir=f"{top}/.git",
        head=HEAD, branch="main", uid=0, is_own=True, is_shallow=False, is_sparse=False,
        is_one_disk=True, busy=EMPTY, lock=None, hooks=(), programs=(), changed=(),
    )  # fmt: skip
    return replace(plain, **others)


@dataclass
class FakeGit:
    """One repository and its remote."""

    checkout: Checkout = field(default_factory=checkout)
    difference: Difference = NOTHING_BETWEEN
    needs: tuple[SafeText, ...] = ()
    refs: dict[str, str] = field(default_factory=dict)
    remote: ClientError | None = None
    """What speaks instead of the remote."""
    names: dict[str, str] = field(default_factory=lambda: {"v1": EARLIER})
    blocked: tuple[SafeText, ...] = ()
    beside: tuple[tuple[str, str], ...] = ()
    loose: tuple[tuple[str, str], ...] = ()
    """What is untracked."""
    history: tuple[Release, ...] = ()
    lost: int = 0
    stands_at: str = HEAD
    asked: list[tuple[str, object]] = field(default_factory=list)

    async def look(self, path: str) -> Checkout:
        return self.checkout

    async def releases(self, top: str, start: str, limit: int) -> tuple[Release, ...]:
        return self.history[:limit]

    async def resolve(self, top: str, name: str) -> str:
        if name in (HEAD, NEXT, EARLIER):
            return name
        if name not in self.names:
            raise ClientMissing(f"there is no commit {name} here")
        return self.names[name]

    async def previous(self, top: str) -> str:
        return EARLIER

    async def between(self, top: str, old: str, new: str) -> Difference:
        return self.difference

    async def wants(self, top: str, commit: str) -> tuple[SafeText, ...]:
        return self.needs

    async def orphans(self, top: str) -> int:
        return self.lost

    async def in_the_way(
        self, top: str, files: tuple[tuple[str, str], ...]
    ) -> tuple[SafeText, ...]:
        return self.blocked

    async def remote_url(self, top: str, remote: str) -> str:
        return "git@forge.example.invalid:shop/app.git"

    async def remote_head(self, url: str, branch: str) -> str:
        if self.remote:
            raise self.remote
        return NEXT

    async def peek(self, top: str, url: str, branch: str, old: str) -> Peek:
        return Peek(await self.remote_head(url, branch), self.difference, self.needs)

    async def bring(self, top: str, url: str, branch: str, commit: str, ref: str, was: str) -> None:
        self.asked.append(("bring", commit))
        self.refs[ref] = commit

    async def ref(self, top: str, ref: str) -> str:
        return self.refs.get(ref, "")

    async def set_ref(self, top: str, ref: str, to: str, was: str) -> None:
        self.asked.append(("set_ref", to))
        self.refs[ref] = to

    async def compare(self, folder: str, commit: str, token: str = "") -> TreeSeen:
        strays = () if commit == self.stands_at else (SafeText("changed app.py"),)
        return TreeSeen(self.stands_at, self.checkout.branch, strays)

    async def trees(self, top: str) -> tuple[tuple[str, str], ...]:
        return self.beside

    async def see_tree(self, top: str, folder: str, commit: str, token: str) -> TreeSeen:
        return TreeSeen("", "", ())

    async def add_tree(
        self, top: str, folder: str, commit: str, token: str, carried: tuple[str, ...] = ()
    ) -> None:
        self.asked.append(("add_tree", folder))

    async def drop_tree(self, top: str, folder: str, token: str) -> None:
        self.asked.append(("drop_tree", folder))

    async def untracked(self, top: str) -> tuple[tuple[str, str], ...]:
        return self.loose

    async def move(self, move: Move) -> None:
        self.asked.append(("move", move))
        self.stands_at = move.new

    async def unmove(self, move: Move) -> None:
        self.asked.append(("unmove", move))
        self.stands_at = move.old

    async def clone(self, url: str, branch: str, commit: str, folder: str, token: str) -> None:
        self.asked.append(("clone", folder))

    async def unclone(self, folder: str, commit: str, token: str) -> None:
        self.asked.append(("unclone", folder))

    async def see_clone(self, folder: str, commit: str, token: str) -> TreeSeen:
        return TreeSeen("", "", ())
