"""What goes around a change of code: packages, and the service that runs it.

The service is stopped before the code changes and started after it, so that no process of it reads
two releases, and so that the way back, in reverse, starts the old code again.
"""

from dataclasses import dataclass, field

from core.actions.action import DraftProof, DraftStep, DraftTrait, Site
from core.actions.families.dependencies import (
    INSTALL_S,
    InstallRequirements,
    MakeEnvironment,
    base_python,
    frozen_packages,
    packages_digest,
)
from core.actions.families.releases_look import Found
from core.actions.families.services_draft import RESTART, SPLIT, stop_flight, warning
from core.actions.families.services_steps import service_steps
from core.errors import ClientError, ClientMissing
from core.model.action import Preflight, Target
from core.model.text import EMPTY, SafeText, clean

_STEP_S = 2 * INSTALL_S


@dataclass(frozen=True, slots=True)
class Around:
    """Steps before and after the one that changes the code, and their words."""

    before: tuple[DraftStep, ...] = ()
    stop: tuple[DraftStep, ...] = ()
    after: tuple[DraftStep, ...] = ()
    start: tuple[DraftStep, ...] = ()
    targets: tuple[Target, ...] = ()
    traits: tuple[DraftTrait, ...] = ()
    proofs: tuple[DraftProof, ...] = ()
    radius: tuple[SafeText, ...] = ()
    preflight: tuple[Preflight, ...] = ()
    locks: tuple[str, ...] = ()
    downtime: SafeText = field(default=EMPTY)

    @classmethod
    def nothing(cls, found: Found) -> "Around":
        """Return a change of code alone."""
        if found.is_beside and found.below(found.repo.venv):
            text = f"{found.repo.venv} is in the release, and the new one would have none"
            return cls(preflight=(stop_flight("environment", text, "release.deploy makes it"),))
        if not found.repo.service:
            return cls()
        text = f"{found.repo.service} goes on with the old code until it is restarted"
        return cls(radius=(clean(text),))


async def around(site: Site, found: Found, folder: str, token: str) -> Around:
    """Return what goes around the change; looks only."""
    before, after, flights, lines = await _packages(site, found, folder, token)
    if not found.repo.service:
        text = "no service is configured for the repository: none is restarted"
        return Around(
            before, (), after, radius=lines, preflight=(*flights, warning("service", text))
        )
    service = site.service(f"{found.system}/{found.repo.service}")
    draft = await service_steps(site, service, RESTART, SPLIT)
    if draft.verb != RESTART:
        text = f"{found.repo.service} is stopped, and stays so: it is not seen whether it works"
        return Around(before, (), after, radius=lines, preflight=(*flights, warning("state", text)))
    stop, start = draft.steps[: draft.stops], draft.steps[draft.stops :]
    downtime = draft.downtime
    if after:
        downtime = clean(f"{downtime}; and as long as pip needs, the packages being shared")
    return Around(
        before, stop, after, start, draft.targets, draft.traits, draft.proofs,
        (*lines, *draft.radius), (*flights, *draft.preflight), draft.locks, downtime,
    )  # fmt: skip


async def _is_there(site: Site, folder: str) -> bool:
    try:
        await site.ports.files.folder(folder)
    except ClientMissing:
        return False
    return True


_Packages = tuple[
    tuple[DraftStep, ...], tuple[DraftStep, ...], tuple[Preflight, ...], tuple[SafeText, ...]
]


async def _packages(site: Site, found: Found, folder: str, token: str) -> _Packages:
    """Return steps before and after the change, what speaks against them, and their radius."""
    repo = found.repo
    if not repo.requirements or not repo.venv:
        return (), (), (), ()
    requirements, venv = found.below(repo.requirements), found.below(repo.venv)
    is_changed = any(path == requirements for _, path in found.aim.difference.files)
    try:
        if found.is_beside and venv:
            if await _is_there(site, f"{folder}/{venv}"):
                return (), (), (), (clean(f"{folder}/{venv} is used as it was left"),)
            python = await base_python(site.ports, repo.venv)
            step = MakeEnvironment(python, f"{folder}/{venv}", f"{folder}/{requirements}", token)
            line = clean(f"1 new environment: {folder}/{venv}, every package installed anew")
            title = clean(f"make {folder}/{venv} and install {requirements}")
            undo = SafeText("it goes with the new folder")
            return (DraftStep(title, step, _STEP_S, undo=undo),), (), (), (line,)
        if not is_changed:
            return (), (), (), (SafeText("requirements are the same: no package is touched"),)
        packages = await frozen_packages(site.ports, repo.venv)
    except ClientError as error:
        return (), (), (stop_flight("environment", str(error), "set repos.….venv"),), ()
    path = f"{folder}/{requirements}" if requirements else repo.requirements
    step = InstallRequirements(repo.venv, path, packages_digest(packages), token)
    made = DraftStep(
        clean(f"install {path} into {repo.venv}"), step, _STEP_S,
        undo=SafeText("packages are put back from the list kept, as far as pip can get them"),
    )  # fmt: skip
    line = clean(f"{len(packages)} packages of {repo.venv} may change, in place")
    text = "packages are changed in the environment in use; going back needs pip's cache or index"
    return (), (made,), (warning("packages", text),), (line,)
