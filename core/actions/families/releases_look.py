"""What a release action finds: the checkout, where it shall go, and what speaks against it."""

import os
from dataclasses import dataclass
from pathlib import PurePosixPath

from core.actions.action import Site
from core.actions.families.releases_steps import short
from core.actions.families.services_draft import passed, stop_flight, warning
from core.clients.acting.git import Checkout, Difference, IndexLock
from core.errors import ActionError, ClientError
from core.model.action import Grade, Preflight
from core.model.action_view import ReleaseRow
from core.model.operation import RepoSpec
from core.model.text import SafeText, clean

SHOWN_RELEASES = 30
_SHOWN_FILES = 40
_FEW = 5
_ROOM_BYTES = 64 * 1024 * 1024
_MIGRATIONS = frozenset({"migrations", "alembic", "migrate"})
_REQUIREMENTS = ("requirements", "pyproject.toml", "poetry.lock", "uv.lock", "package.json",
                 "package-lock.json", "Pipfile")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Aim:
    """Where a checkout shall go."""

    commit: str
    difference: Difference
    wants: tuple[SafeText, ...]
    url: str = ""
    """Where it is fetched from; empty: it is here."""
    ref: str = ""
    """What is pointed to it after the fetch."""
    ref_was: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """One look at a repository and its aim."""

    system: str
    repo: RepoSpec
    checkout: Checkout
    aim: Aim

    @property
    def is_beside(self) -> bool:
        """The deployment's path is a link: the new release is laid out beside."""
        return bool(self.checkout.link)

    def below(self, path: str) -> str:
        """Return a configured path relative to the checkout; empty: it is not in it."""
        roots = (self.checkout.link, self.checkout.top)
        for one in (path, os.path.realpath(path)):
            for root in filter(None, roots):
                if one.startswith(f"{root}/"):
                    return one[len(root) + 1 :]
        return ""


def repo_of(site: Site, target: str) -> tuple[str, RepoSpec]:
    """Return the system and the repository that `system/name` names.

    Raises:
        ActionError: there is none of this name.
    """
    system, _, name = target.partition("/")
    repos = site.operations_of(site.system(system).name).repos
    for one in repos:
        if one.name == name:
            return system, one
    known = ", ".join(one.name for one in repos) or "none"
    raise ActionError(f"{system} has no repository {name!r}; it has: {known}")


async def aim_at_remote(site: Site, repo: RepoSpec, checkout: Checkout) -> Aim:
    """Return what the remote's branch has, seen without a trace here.

    Raises:
        ClientError: there is no remote, or it does not answer.
    """
    git, top = site.ports.git, checkout.top
    url = repo.url or await git.remote_url(top, repo.remote)
    peek = await git.peek(top, url, repo.branch, checkout.head)
    ref = f"refs/remotes/{repo.remote}/{repo.branch}"
    was = await git.ref(top, ref)
    is_here = was == peek.commit
    return Aim(
        peek.commit, peek.difference, peek.wants, "" if is_here else url,
        "" if is_here else ref, "" if is_here else was,
    )  # fmt: skip


async def aim_at(site: Site, checkout: Checkout, name: str) -> Aim:
    """Return a commit that is here already.

    Raises:
        ClientError: it is not.
    """
    git, top = site.ports.git, checkout.top
    commit = await git.resolve(top, name)
    wants = await git.wants(top, commit)
    return Aim(commit, await git.between(top, checkout.head, commit), wants)


async def preflight(site: Site, found: Found, *, is_pull: bool) -> tuple[Preflight, ...]:
    """Return everything that a person should know before, and what forbids it."""
    seen, aim = found.checkout, found.aim
    flights = [*_state(found), *_direction(found, is_pull=is_pull)]
    flights += [stop_flight("the commit", f"it needs {one}") for one in aim.wants]
    flights += _content(seen, is_beside=found.is_beside)
    if not found.is_beside:
        flights += await _in_place(site, found)
    free = await site.ports.files.free_bytes(seen.top)
    if free < _ROOM_BYTES:
        flights.append(stop_flight("disk", f"only {free // 2**20} MiB are free in {seen.top}"))
    return tuple(flights)


def _state(found: Found) -> list[Preflight]:
    seen = found.checkout
    place = f"on {seen.branch}" if seen.branch else "detached"
    flights = [passed("checkout", f"{seen.top} is at {short(seen.head)}, {place}")]
    if seen.lock is not None:
        flights.append(_lock(seen.lock, is_beside=found.is_beside))
    if seen.is_shallow:
        text = "a shallow clone: its history is cut, so what lies between may be incomplete"
        flights.append(warning("history", text, "git fetch --unshallow"))
    if seen.busy:
        make = warning if found.is_beside else stop_flight
        flights.append(make("git", f"a {seen.busy} is unfinished here", f"git {seen.busy} --abort"))
    return flights


def _lock(lock: IndexLock, *, is_beside: bool) -> Preflight:
    if lock.is_ours:
        text = "index.lock is of a checkout of ours that was cut off"
        return stop_flight("lock", text, "quarterdeck recover")
    if lock.holder_pid is not None:
        return stop_flight("lock", f"git works here now, pid {lock.holder_pid}", "wait for it")
    make = warning if is_beside else stop_flight
    text = f"index.lock is stale: {lock.age_s:.0f} s old, and no git works here"
    return make("lock", text, "remove it, once nobody runs git here from elsewhere")


def _direction(found: Found, *, is_pull: bool) -> list[Preflight]:
    seen, aim = found.checkout, found.aim
    if aim.commit == seen.head:
        return [stop_flight("commit", f"it is at {short(aim.commit)} already: nothing to do")]
    if not is_pull:
        if not aim.difference.gained:
            return []
        text = f"it is not in the history of what runs: {aim.difference.gained} commits come"
        return [warning("direction", text)]
    flights: list[Preflight] = []
    if aim.difference.lost:
        text = f"{aim.difference.lost} commits here are not in {found.repo.branch} there"
        flights.append(stop_flight("fast-forward", text, "push or branch them off first"))
    if seen.branch and seen.branch != found.repo.branch and not found.is_beside:
        text = f"the checkout is on {seen.branch}, not on {found.repo.branch}"
        flights.append(stop_flight("branch", text, f"git switch {found.repo.branch}"))
    if not seen.branch and not found.is_beside:
        flights.append(warning("branch", "HEAD is detached and stays so; no branch is moved"))
    return flights


def _content(seen: Checkout, *, is_beside: bool) -> list[Preflight]:
    flights: list[Preflight] = []
    if seen.changed:
        few = ", ".join(seen.changed[:_FEW]) + (", …" if len(seen.changed) > _FEW else "")
        text = f"{len(seen.changed)} local changes: {few}"
        if is_beside:
            flights.append(warning("changes", f"{text}; they stay in the old release"))
        else:
            flights.append(stop_flight("changes", text, "commit them, or put them back"))
    if seen.is_sparse:
        make = warning if is_beside else stop_flight
        flights.append(make("sparse", "a sparse checkout; what is laid out is whole"))
    if seen.hooks:
        flights.append(warning("hooks", f"not run: {', '.join(seen.hooks)}"))
    if seen.programs:
        few = ", ".join(seen.programs[:_FEW])
        flights.append(warning("configuration", f"programs that it names are not run: {few}"))
    if not seen.is_own:
        text = f"it belongs to uid {seen.uid} or may be written by others"
        flights.append(
            warning("owner", f"{text}; what git stores will be ours", "act as that user instead")
        )
    return flights


async def _in_place(site: Site, found: Found) -> list[Preflight]:
    seen, aim = found.checkout, found.aim
    flights: list[Preflight] = []
    if not seen.is_one_disk:
        text = "files and .git are on different file systems: nothing can be renamed across"
        flights.append(stop_flight("disk", text, "deploy by a link to release folders"))
    blocked = await site.ports.git.in_the_way(seen.top, aim.difference.files)
    if blocked:
        text = f"untracked, and in the new commit: {', '.join(blocked[:_FEW])}"
        flights.append(stop_flight("in the way", text, "move them away"))
    if not seen.branch and (lost := await site.ports.git.orphans(seen.top)):
        text = f"{lost} commits are on no branch, tag or remote: leaving them loses them"
        flights.append(stop_flight("unpushed", text, "git branch NAME"))
    return flights


def radius(site: Site, found: Found) -> tuple[SafeText, ...]:
    """Return what is touched, in nouns and counts."""
    seen, aim = found.checkout, found.aim
    files = aim.difference.files
    counts = {letter: sum(one == letter for one, _ in files) for letter in "AMDT"}
    lines = [
        clean(f"1 checkout: {seen.top}, {short(seen.head)} → {short(aim.commit)}"),
        clean(f"{aim.difference.gained} commits come, {aim.difference.lost} go"),
        clean(
            f"{len(files)} files: {counts['A']} added, {counts['M'] + counts['T']} changed,"
            f" {counts['D']} removed"
        ),
    ]
    lines += _migrations(site, found)
    needs = [path for _, path in files if PurePosixPath(path).name.startswith(_REQUIREMENTS)]
    if needs:
        lines.append(clean(f"requirements differ: {', '.join(needs)}", 300))
    configured = _configured(site, found)
    removed = [path for letter, path in files if letter == "D" and path in configured]
    if removed:
        lines.append(clean(f"removed though the configuration names it: {', '.join(removed)}"))
    if not found.is_beside:
        lines.append(
            clean(
                f"in place: {len(files)} files are renamed in one after the other; whoever reads"
                " meanwhile sees both releases, and a kill leaves both until it is undone"
            )
        )
    return tuple(lines)


def _migrations(site: Site, found: Found) -> list[SafeText]:
    files = found.aim.difference.files
    paths = [path for _, path in files if _MIGRATIONS & set(PurePosixPath(path).parts[:-1])]
    if not paths:
        return []
    commands = [
        f"{found.system}/{one.name}"
        for one in site.operations_of(found.system).commands
        if one.name.startswith("migrat") and one.danger != "R"
    ]
    run = f"run {commands[0]}" if commands else "they are yours to run"
    return [clean(f"{len(paths)} migrations differ, none is run here: {run}; {paths[0]}", 300)]


def _configured(site: Site, found: Found) -> set[str]:
    """Return files below the checkout that the configuration names."""
    operations = site.operations_of(found.system)
    paths = [one.path for one in (*operations.env_files, *operations.config_files)]
    return {below for path in paths if (below := found.below(path.rstrip("/")))}


async def kept_tree(site: Site, found: Found) -> str | None:
    """Return the folder of an earlier release that is exactly the commit; None: there is none."""
    git, home = site.ports.git, PurePosixPath(found.checkout.top).parent
    for folder, commit in await git.trees(found.checkout.top):
        is_candidate = commit == found.aim.commit and PurePosixPath(folder).parent == home
        if is_candidate and (await git.compare(folder, commit)).is_exactly(commit):
            return folder
    return None


async def carried(site: Site, found: Found) -> tuple[tuple[str, ...], tuple[SafeText, ...]]:
    """Return untracked things that a new release needs, and lines about those that stay."""
    configured = _configured(site, found)
    untracked = await site.ports.git.untracked(found.checkout.top)
    names = [name for kind, name in untracked if kind == "link"]
    inside = {name for kind, name in untracked if kind == "folder"}
    for name in configured:
        is_whole = ("file", name) in untracked
        if is_whole or any(name.startswith(f"{folder}/") for folder in inside):
            names.append(name)
    stays = [name for _, name in untracked if name not in names]
    lines = [clean(f"{len(names)} untracked files come along: {', '.join(names)}", 300)]
    lines = lines if names else []
    if stays:
        lines.append(clean(f"{len(stays)} untracked stay behind: {', '.join(stays)}", 300))
    return tuple(sorted(set(names))), tuple(lines)


def preview(found: Found) -> tuple[SafeText, ...]:
    """Return the commits and files that differ, the first of them."""
    difference = found.aim.difference
    files = [clean(f"{letter} {path}") for letter, path in difference.files[:_SHOWN_FILES]]
    more = len(difference.files) - len(files)
    if more > 0:
        files.append(clean(f"… and {more} more"))
    return (*difference.subjects, *files)


async def release_rows(site: Site, target: str) -> tuple[ReleaseRow, ...]:
    """Return what a repository may go to, newest first: the branch, and what was fetched.

    Raises:
        ActionError, ClientError: there is no such repository, or it cannot be looked at.
    """
    _, repo = repo_of(site, target)
    seen = await site.ports.git.look(repo.path)
    known = f"{repo.remote}/{repo.branch}"
    try:
        await site.ports.git.resolve(seen.top, known)
    except ClientError:
        known = seen.head
    found = await site.ports.git.releases(seen.top, known, SHOWN_RELEASES)
    return tuple(
        ReleaseRow(one.commit, one.made_s, one.subject, one.tags, one.is_now) for one in found
    )


def is_stopped(flights: tuple[Preflight, ...]) -> bool:
    """Tell whether one of them forbids it."""
    return any(one.grade is Grade.STOP for one in flights)
