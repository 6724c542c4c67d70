"""Verify one backup of a set: read as a whole, hashed, rehearsed."""

from core.actions.action import Draft, DraftStep, Site
from core.actions.backups.pruning import newest_first
from core.actions.backups.validity import Judged, Validity
from core.actions.families.backups_make import backup_target
from core.actions.families.backups_sets import copies_of, spec_of, with_members
from core.actions.families.backups_steps import VerifyBackup
from core.errors import ActionError
from core.model.action import ActionRequest
from core.model.operation import BackupSpec
from core.model.text import SafeText, clean

NEWEST = "newest"
_DEADLINE_S = 6 * 3600.0


def form_of(spec: BackupSpec, one: Judged) -> str:
    """Return how a copy is rehearsed: as its manifest says, else as its set is."""
    return one.copy.manifest.kind if one.copy.manifest else spec.kind


async def chosen_copy(site: Site, system: str, spec: BackupSpec, wanted: str) -> Judged:
    """Return the copy that a person means: by its path or name, or the newest that is not bad.

    Raises:
        ActionError: there is none.
        ClientError: a folder cannot be looked into.
    """
    copies = newest_first(await copies_of(site, system, spec))
    if wanted in ("", NEWEST):
        for one in copies:
            if one.validity is Validity.BAD or one.copy.is_before_restore:
                continue
            whole = await with_members(site, system, spec, one)
            if whole.validity is not Validity.BAD:
                return whole
        raise ActionError(f"{system}/{spec.name} has no backup that could be used")
    for one in copies:
        if wanted in (one.copy.path, one.copy.path.rpartition("/")[2]):
            return await with_members(site, system, spec, one)
    raise ActionError(
        f"{clean(wanted, 200)} is no backup of {system}/{spec.name};"
        " `quarterdeck backup list` shows them"
    )


async def draft_verify(site: Site, request: ActionRequest) -> Draft:
    """Return the reading of one copy."""
    system, spec = spec_of(site, request.target)
    one = await chosen_copy(site, system, spec, request.input("copy"))
    return Draft(
        title=clean(f"verify {one.copy.path}"),
        targets=(backup_target(site, system, spec.name),),
        steps=(
            DraftStep(
                clean(f"read {one.copy.path} as a whole"),
                VerifyBackup(one.copy.path, form_of(spec, one)),
                deadline_s=_DEADLINE_S,
            ),
        ),
        radius=(SafeText("nothing is changed"),),
        way_back=SafeText("nothing to undo"),
    )
