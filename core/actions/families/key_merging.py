"""What restores of keys have in common: which copy is meant, which keys go on, what it comes to."""

from core.actions.action import Site
from core.actions.families.key_look import keys_of, short
from core.actions.families.key_words import LEFT
from core.actions.families.services_draft import passed, warning
from core.clients.acting.key_store import StoreCopy
from core.errors import ActionError
from core.keys.store.restoring import Merge
from core.model.action import Preflight
from core.model.text import SafeText, clean

BACKUP, REACTIVATE = "backup", "reactivate"
NEWEST = "newest"


async def copy_named(site: Site, path: str, name: str) -> tuple[StoreCopy, bytes]:
    """Return the copy that is meant.

    Raises:
        ActionError: there is none of this name.
    """
    control = keys_of(site.ports)
    copies = await control.copies(path)
    named = {one.name: one for one in copies}
    found = copies[-1] if copies and name == NEWEST else named.get(name)
    if found is None:
        known = ", ".join(list(named)[-5:]) or "none"
        raise ActionError(f"there is no copy {clean(name, 80)}; the newest are: {known}")
    return found, await control.read_copy(path, found.name)


def keys_named(text: str, merge: Merge) -> tuple[str, ...]:
    """Return the keys that a person wants switched on again.

    Raises:
        ActionError: one is none of those that the copy has as active.
    """
    wanted = [one.strip().removeprefix("k-") for one in text.split(",") if one.strip()]
    found: list[str] = []
    for one in wanted:
        match = [mark for mark in merge.off if mark.startswith(one)]
        if len(match) != 1:
            raise ActionError(f"k-{clean(one, 20)} was not switched off since that copy")
        found += match
    return tuple(found)


def radius_of(merge: Merge, named: tuple[str, ...]) -> tuple[SafeText, ...]:
    """Return what putting a copy back comes to, in numbers."""
    return (
        clean(f"{len(merge.added)} keys come back as they were, {len(merge.changed)} are set back"),
        clean(f"0 removed: {len(merge.newer)} newer keys stay"),
        clean(f"{len(named)} switched on again, {len(merge.off) - len(named)} stay off"),
        clean(f"{merge.same} are as in the copy, and stay so"),
    )


def flights_of_merge(merge: Merge, named: tuple[str, ...]) -> list[Preflight]:
    """Return what there is to say of keys that were switched off since a copy."""
    left = [mark for mark in merge.off if mark not in named]
    found = [passed("copy", f"read; {len(merge.added)} of its keys are missing now")]
    if left:
        text = f"switched off since: {listed(tuple(left))}; they stay off"
        found.append(warning("off", text, "name those that shall be on: --set reactivate=k-…"))
    if named:
        found.append(warning("on again", f"LIVE again: {listed(named)}"))
    return found


def listed(marks: tuple[str, ...]) -> str:
    """Return the first of many keys by their short ids."""
    more = f" and {len(marks) - LEFT} more" if len(marks) > LEFT else ""
    return ", ".join(map(short, marks[:LEFT])) + more


def preview_of(merge: Merge, named: tuple[str, ...]) -> tuple[SafeText, ...]:
    """Return which keys come, are changed, go on, and stay though the copy has them not."""
    rows = (("+", merge.added), ("~", merge.changed), ("on", named), ("=", merge.newer))
    return tuple(clean(f"{sign} {listed(marks)}") for sign, marks in rows if marks)
