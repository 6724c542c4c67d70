"""The steps of releases: bring a commit, lay it out, put it in place, point to it, and back."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import ClassVar

from core.actions.part import BareStep, Proven, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.work import Work
from core.clients.acting.git import Move, TreeSeen
from core.errors import ClientError, ClientGarbled, ClientMissing
from core.model.action import Proof
from core.model.text import SafeText, clean

_SHORT = 12


def short(commit: str) -> str:
    """Return the beginning of a commit's hash, as people write it."""
    return commit[:_SHORT] or "nothing"


def _told(seen: TreeSeen) -> SafeText:
    """Return how a tree is, for a person."""
    place = f"on {seen.branch}" if seen.branch else "detached"
    parts = [f"HEAD is {short(seen.head)}, {place}"]
    if seen.strays:
        parts.append(f"{len(seen.strays)} files are not of it: {', '.join(seen.strays[:3])}")
    if seen.unfinished:
        parts.append(seen.unfinished)
    return clean("; ".join(parts))


@part
@dataclass(frozen=True, slots=True)
class BringCommit(BareStep):
    """Fetches a branch and points a ref at the commit that was planned."""

    kind: ClassVar[str] = "git.bring"
    can_undo: ClassVar[bool] = True
    top: str
    url: str
    branch: str
    commit: str
    ref: str
    was: str
    """What the ref pointed to; empty: it was not there."""

    async def observe(self, ports: Ports) -> Seen:
        """See where the ref points."""
        now = await ports.git.ref(self.top, self.ref)
        sights = {self.was: Sight.BEFORE, self.commit: Sight.AFTER}
        return Seen(sights.get(now, Sight.NEITHER), clean(f"{self.ref} is at {short(now)}"))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Fetch, check and take over."""
        await ports.git.bring(self.top, self.url, self.branch, self.commit, self.ref, self.was)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Point the ref back; objects that came stay, and nothing uses them."""
        if await ports.git.ref(self.top, self.ref) == self.commit:
            await ports.git.set_ref(self.top, self.ref, self.was, self.commit)


@part
@dataclass(frozen=True, slots=True)
class LayOut(BareStep):
    """Lays a commit out in a new folder beside what runs."""

    kind: ClassVar[str] = "git.lay_out"
    can_undo: ClassVar[bool] = True
    top: str
    folder: str
    commit: str
    token: str
    carried: tuple[str, ...] = ()

    async def observe(self, ports: Ports) -> Seen:
        """Compare every file of it."""
        seen = await ports.git.see_tree(self.top, self.folder, self.commit, self.token)
        if not seen.head and not seen.unfinished:
            return Seen(Sight.BEFORE, clean(f"{self.folder} is not there"))
        sight = Sight.AFTER if seen.is_exactly(self.commit) else Sight.NEITHER
        return Seen(sight, clean(f"{self.folder}: {_told(seen)}"))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Make it, whole and compared."""
        await ports.git.add_tree(self.top, self.folder, self.commit, self.token, self.carried)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Remove it, half or whole."""
        await ports.git.drop_tree(self.top, self.folder, self.token)


@part
@dataclass(frozen=True, slots=True)
class PointLink(BareStep):
    """Points the link of the deployment to another release, at once."""

    kind: ClassVar[str] = "release.point"
    can_undo: ClassVar[bool] = True
    link: str
    to: str
    was: str
    token: str

    async def observe(self, ports: Ports) -> Seen:
        """See where it points."""
        try:
            now = await ports.files.link_target(self.link)
        except (ClientMissing, ClientGarbled) as error:
            return Seen(Sight.NEITHER, clean(str(error)))
        if await self._is_begun(ports):
            return Seen(Sight.NEITHER, clean(f"{self.link} points to {now}; a new one lies beside"))
        sights = {self.was: Sight.BEFORE, self.to: Sight.AFTER}
        return Seen(sights.get(now, Sight.NEITHER), clean(f"{self.link} points to {now}"))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Swap it by a rename."""
        await ports.files.swap_link(self.link, self.to, self.was, self.token)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Swap it back."""
        await ports.files.clear_temporary(self.link, self.token)
        if await ports.files.link_target(self.link) == self.to:
            await ports.files.swap_link(self.link, self.was, self.to, self.token)

    async def _is_begun(self, ports: Ports) -> bool:
        place = PurePosixPath(self.link)
        try:
            await ports.files.link_target(str(place.with_name(f".{place.name}.{self.token}.tmp")))
        except ClientError:
            return False
        return True


@part
@dataclass(frozen=True, slots=True)
class MoveCheckout(BareStep):
    """Puts another commit in the place of a checkout."""

    kind: ClassVar[str] = "git.move"
    can_undo: ClassVar[bool] = True
    top: str
    old: str
    new: str
    branch: str
    is_branch_moved: bool
    token: str

    async def observe(self, ports: Ports) -> Seen:
        """Compare every tracked file, by content; a mixed tree is neither."""
        old = await ports.git.compare(self.top, self.old, self.token)
        if old.is_exactly(self.old) and old.branch == self.branch:
            return Seen(Sight.BEFORE, _told(old))
        new = await ports.git.compare(self.top, self.new, self.token)
        if new.is_exactly(self.new):
            return Seen(Sight.AFTER, _told(new))
        if old.strays and new.strays:
            text = f"mixed: {len(old.strays)} files are not of {short(self.old)},"
            return Seen(
                Sight.NEITHER,
                clean(f"{text} {len(new.strays)} not of {short(self.new)}; {new.unfinished}"),
            )
        return Seen(Sight.NEITHER, _told(new if new.head == self.new else old))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Prepare it whole, then rename file by file."""
        await ports.git.move(self._move())

    async def undo(self, ports: Ports, work: Work) -> None:
        """Put the old commit back, wherever it was cut off."""
        await ports.git.unmove(self._move())

    def _move(self) -> Move:
        return Move(self.top, self.old, self.new, self.branch, self.is_branch_moved, self.token)


@part
@dataclass(frozen=True, slots=True)
class CloneRepository(BareStep):
    """Clones a repository into a folder where nothing is."""

    kind: ClassVar[str] = "git.clone"
    can_undo: ClassVar[bool] = True
    url: str
    branch: str
    commit: str
    folder: str
    token: str

    async def observe(self, ports: Ports) -> Seen:
        """Compare every file of it."""
        seen = await ports.git.see_clone(self.folder, self.commit, self.token)
        if not seen.head and not seen.unfinished:
            return Seen(Sight.BEFORE, clean(f"nothing is in {self.folder}"))
        sight = Sight.AFTER if seen.is_exactly(self.commit) else Sight.NEITHER
        return Seen(sight, clean(f"{self.folder}: {_told(seen)}"))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Clone beside, then put it there whole."""
        await ports.git.clone(self.url, self.branch, self.commit, self.folder, self.token)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Remove it, unless somebody has worked in it."""
        await ports.git.unclone(self.folder, self.commit, self.token)


@part
@dataclass(frozen=True, slots=True)
class HeadTrait:
    """Which commit a checkout stands at, on which branch, and which files differ from it."""

    kind: ClassVar[str] = "trait.git_head"
    path: str

    async def read(self, ports: Ports) -> SafeText:
        """Return it in one line."""
        seen = await ports.git.look(self.path)
        place = f"on {seen.branch}" if seen.branch else "detached"
        changed = f", {len(seen.changed)} files changed" if seen.changed else ""
        return clean(f"{seen.head} {place} in {seen.top}{changed}")


@part
@dataclass(frozen=True, slots=True)
class LinkTrait:
    """Where a deployment's link points."""

    kind: ClassVar[str] = "trait.link"
    link: str

    async def read(self, ports: Ports) -> SafeText:
        """Return its target, or what is there instead."""
        try:
            return clean(await ports.files.link_target(self.link))
        except (ClientMissing, ClientGarbled) as error:
            return clean(str(error))


@part
@dataclass(frozen=True, slots=True)
class ReleaseIs:
    """The deployment's path leads to exactly this commit, every file compared."""

    kind: ClassVar[str] = "evidence.release"
    path: str
    """As it is configured; a link on it is followed anew."""
    top: str
    commit: str

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Follow the path and compare."""
        seen = await ports.git.look(self.path)
        if seen.top != self.top:
            return Proven(Proof.FAILED, clean(f"{self.path} leads to {seen.top}"))
        tree = await ports.git.compare(seen.top, self.commit)
        proof = Proof.VERIFIED if tree.is_exactly(self.commit) else Proof.FAILED
        return Proven(proof, clean(f"{seen.top}: {_told(tree)}"))
