"""`git.fetch`, `git.pull`, `git.rollback`, `git.clone`; `release.deploy`, `release.rollback`.

`git.*` changes the code alone, as one step of a procedure; `release.*` brings packages and the
service along. Where the deployment's path is a link, a new release is laid out beside and the link
swapped; otherwise the checkout is changed in place, with its risks named.
"""

from collections.abc import Awaitable, Callable
from pathlib import PurePosixPath

from core.actions.action import Action, Draft, DraftProof, DraftStep, DraftTrait, Input, Site
from core.actions.families import releases_look as look
from core.actions.families.releases_service import Around, around
from core.actions.families.releases_steps import (
    BringCommit,
    CloneRepository,
    HeadTrait,
    LayOut,
    LinkTrait,
    MoveCheckout,
    PointLink,
    ReleaseIs,
    short,
)
from core.actions.families.services_draft import passed, stop_flight
from core.actions.ids import new_id
from core.errors import ClientError
from core.model.action import ActionRequest, Danger, Offer, Target
from core.model.operation import RepoSpec
from core.model.text import SafeText, clean

_FETCH_S, _LAY_OUT_S = 400.0, 400.0
_FROM = Input("url", "url that it is cloned from", is_required=True)
_TO = Input("to", "commit, tag or branch; empty: the newest of the remote's branch")
_BACK_TO = Input("to", "commit, tag or branch; empty: where it stood before")


def _offers(action: str, title: str) -> Callable[[Site], tuple[Offer, ...]]:
    def offers(site: Site) -> tuple[Offer, ...]:
        found: list[Offer] = []
        for system in site.topology.systems:
            for repo in site.operations_of(system.name).repos:
                # Where no url is configured one has to be said.
                asked = (_FROM,) if action == "git.clone" and not repo.url else ()
                text = clean(f"{title} {repo.title or repo.name}")
                target = f"{system.name}/{repo.name}"
                found.append(Offer(action, target, text, inputs=asked))
        return tuple(found)

    return offers


def _target(repo: RepoSpec, top: str) -> Target:
    return Target("release", top, clean(f"{repo.title or repo.name} in {top}"))


def _refused(title: SafeText, repo: RepoSpec, name: str, error: ClientError) -> Draft:
    flight = stop_flight(name, str(error))
    return Draft(title, (_target(repo, repo.path),), (), preflight=(flight,))


def _draft(*, is_pull: bool, is_whole: bool) -> Callable[[Site, ActionRequest], Awaitable[Draft]]:
    async def draft(site: Site, request: ActionRequest) -> Draft:
        system, repo = look.repo_of(site, request.target)
        title = clean(f"{'deploy' if is_pull else 'roll back'} {repo.title or repo.name}")
        checkout = await site.ports.git.look(repo.path)
        name = request.input("to")
        try:
            if is_pull and not name:
                aim = await look.aim_at_remote(site, repo, checkout)
            else:
                name = name or await site.ports.git.previous(checkout.top)
                if not name:
                    flight = stop_flight("commit", "there is none before it")
                    return Draft(title, (_target(repo, checkout.top),), (), preflight=(flight,))
                aim = await look.aim_at(site, checkout, name)
        except ClientError as error:
            return _refused(title, repo, "remote" if is_pull and not name else "commit", error)
        found = look.Found(system, repo, checkout, aim)
        return await _planned(site, found, title, is_pull=is_pull, is_whole=is_whole)

    return draft


async def _planned(
    site: Site, found: look.Found, title: SafeText, *, is_pull: bool, is_whole: bool
) -> Draft:
    seen, aim = found.checkout, found.aim
    token = new_id(site.ports.clock.now().timestamp())
    flights = await look.preflight(site, found, is_pull=is_pull)
    lines = look.radius(site, found)
    if found.is_beside:
        folder, placing, more = await _beside(site, found, token)
        lines += more
    else:
        folder, placing = seen.top, _in_place(found, token, is_pull=is_pull)
    wrapped = await around(site, found, folder, token) if is_whole else Around.nothing(found)
    point = placing[-1]
    steps = (
        *_bring(found), *placing[:-1], *wrapped.before, *wrapped.stop, point, *wrapped.after,
        *wrapped.start,
    )  # fmt: skip
    flights = (*flights, *wrapped.preflight)
    traits = (DraftTrait(clean(f"commit of {found.repo.name}"), HeadTrait(found.repo.path)),)
    if found.is_beside:
        traits += (DraftTrait(clean(f"link {seen.link}"), LinkTrait(seen.link)),)
    proof = DraftProof(
        clean(f"{found.repo.path} is {short(aim.commit)}, every file compared"),
        ReleaseIs(found.repo.path, folder, aim.commit),
    )
    return Draft(
        title=clean(f"{title} to {short(aim.commit)}"),
        targets=(_target(found.repo, seen.link or seen.top), *wrapped.targets),
        steps=() if look.is_stopped(flights) else steps,
        traits=(*traits, *wrapped.traits),
        proofs=(proof, *wrapped.proofs),
        radius=(*lines, *wrapped.radius),
        preflight=flights,
        preview=look.preview(found),
        locks=(f"release:{seen.common_dir}", *wrapped.locks),
        downtime=wrapped.downtime,
        way_back=_way_back(found),
    )


def _bring(found: look.Found) -> tuple[DraftStep, ...]:
    aim = found.aim
    if not aim.url:
        return ()
    step = BringCommit(
        found.checkout.top, aim.url, found.repo.branch, aim.commit, aim.ref, aim.ref_was
    )
    return (
        DraftStep(
            clean(f"fetch {short(aim.commit)} and check every object"), step, _FETCH_S,
            undo=SafeText("the ref is put back; objects that came stay unused"),
        ),
    )  # fmt: skip


async def _beside(
    site: Site, found: look.Found, token: str
) -> tuple[str, tuple[DraftStep, ...], tuple[SafeText, ...]]:
    """Return the new release's folder, the steps to it, and lines of the radius."""
    seen, aim = found.checkout, found.aim
    if (kept := await look.kept_tree(site, found)) is not None:
        return kept, (_point(found, kept, token),), (clean(f"{kept} is there already, whole"),)
    stamp = site.ports.clock.now().strftime("%Y%m%d-%H%M%S")
    name = f"{stamp}-{short(aim.commit)}"
    folder = str(PurePosixPath(seen.top).with_name(name))
    names, lines = await look.carried(site, found)
    steps = (
        DraftStep(
            clean(f"lay {short(aim.commit)} out in {folder}"),
            LayOut(seen.top, folder, aim.commit, token, names), _LAY_OUT_S,
            undo=SafeText("the folder is removed"),
        ),
        _point(found, folder, token),
    )  # fmt: skip
    new = clean(f"1 new folder: {folder}; {seen.top} stays, and its .git serves both")
    return folder, steps, (new, *lines)


def _point(found: look.Found, folder: str, token: str) -> DraftStep:
    seen = found.checkout
    to = str(PurePosixPath(seen.link_target).with_name(PurePosixPath(folder).name))
    return DraftStep(
        clean(f"point {seen.link} to {to}"), PointLink(seen.link, to, seen.link_target, token),
        undo=clean(f"it points to {seen.link_target} again"),
    )  # fmt: skip


def _in_place(found: look.Found, token: str, *, is_pull: bool) -> tuple[DraftStep, ...]:
    seen, aim = found.checkout, found.aim
    step = MoveCheckout(seen.top, seen.head, aim.commit, seen.branch, is_pull, token)
    return (
        DraftStep(
            clean(f"put {short(aim.commit)} in the place of {short(seen.head)}"), step, _LAY_OUT_S,
            undo=clean(f"{short(seen.head)} is put back, file by file"),
        ),
    )  # fmt: skip


def _way_back(found: look.Found) -> SafeText:
    seen = found.checkout
    if found.is_beside:
        return clean(f"{seen.link} is pointed to {seen.link_target} again, which is kept")
    return clean(f"{short(seen.head)} is put back; what ran against the new code is not undone")


async def _fetch(site: Site, request: ActionRequest) -> Draft:
    _, repo = look.repo_of(site, request.target)
    title = clean(f"fetch {repo.title or repo.name}")
    checkout = await site.ports.git.look(repo.path)
    try:
        aim = await look.aim_at_remote(site, repo, checkout)
    except ClientError as error:
        return _refused(title, repo, "remote", error)
    found = look.Found("", repo, checkout, aim)
    steps = _bring(found)
    flight = passed("remote", f"{repo.branch} is at {short(aim.commit)}")
    if not steps:
        flight = stop_flight("remote", f"{short(aim.commit)} is here already: nothing to fetch")
    return Draft(
        title=title,
        targets=(_target(repo, checkout.top),),
        steps=steps,
        radius=(SafeText("objects and one remote ref; no file that runs"),),
        preflight=(flight,),
        preview=look.preview(found),
        locks=(f"release:{checkout.common_dir}",),
        way_back=SafeText("the ref is put back; objects that came stay unused"),
    )


async def _clone(site: Site, request: ActionRequest) -> Draft:
    _, repo = look.repo_of(site, request.target)
    title = clean(f"clone {repo.title or repo.name} into {repo.path}")
    url = request.input("url") or repo.url
    token = new_id(site.ports.clock.now().timestamp())
    try:
        if not url:
            flight = stop_flight("url", "none is configured", "set repos.….url, or give url=")
            return Draft(title, (_target(repo, repo.path),), (), preflight=(flight,))
        commit = await site.ports.git.remote_head(url, repo.branch)
        there = await site.ports.git.see_clone(repo.path, commit, token)
    except ClientError as error:
        return _refused(title, repo, "remote", error)
    if there.head or there.unfinished:
        flight = stop_flight("folder", f"{repo.path} is not empty", "git.pull, or another folder")
    else:
        flight = passed("remote", f"{repo.branch} is at {short(commit)}")
    step = CloneRepository(url, repo.branch, commit, repo.path, token)
    proof = ReleaseIs(repo.path, repo.path, commit)
    return Draft(
        title=title,
        targets=(_target(repo, repo.path),),
        steps=(
            DraftStep(
                clean(f"clone {short(commit)}"), step, 2 * _FETCH_S,
                undo=SafeText("removed, unless somebody has worked in it"),
            ),
        ),
        proofs=(DraftProof(clean(f"it is {short(commit)}, every file compared"), proof),),
        radius=(clean(f"1 new folder: {repo.path}"),),
        preflight=(flight,),
        way_back=SafeText("the folder is removed"),
    )  # fmt: skip


ACTIONS: tuple[Action, ...] = (
    Action("git.fetch", "Fetch a repository", "fetch", Danger.COPY,
           _offers("git.fetch", "Fetch"), _fetch),
    Action("git.pull", "Pull a checkout", "pull", Danger.INTERRUPT,
           _offers("git.pull", "Pull"), _draft(is_pull=True, is_whole=False), (_TO,)),
    Action("git.rollback", "Take a checkout back", "rollback", Danger.INTERRUPT,
           _offers("git.rollback", "Take back"), _draft(is_pull=False, is_whole=False),
           (_BACK_TO,)),
    Action("release.deploy", "Deploy a release", "deploy", Danger.INTERRUPT,
           _offers("release.deploy", "Deploy"), _draft(is_pull=True, is_whole=True), (_TO,)),
    Action("release.rollback", "Roll a release back", "rollback", Danger.INTERRUPT,
           _offers("release.rollback", "Roll back"), _draft(is_pull=False, is_whole=True),
           (_BACK_TO,)),
    Action("git.clone", "Clone a repository", "clone", Danger.COPY,
           _offers("git.clone", "Clone"), _clone, (Input("url", "instead of the configured one"),)),
)  # fmt: skip
