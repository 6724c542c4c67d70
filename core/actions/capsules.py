"""Before and after: what an action has changed for those around it. Pure but for one read."""

from typing import Any, cast

from core.actions.folder import AFTER, BEFORE, ActionFolder
from core.model.action_view import Difference
from core.model.text import SafeText, clean


def differences(before: Any, after: Any) -> tuple[Difference, ...]:
    """Return the checks that are otherwise after than before, as the two halves have them."""
    one, other = _checks(before), _checks(after)
    return tuple(
        Difference(clean(name), one.get(name, _NOT_LOOKED), other.get(name, _NOT_LOOKED))
        for name in sorted({*one, *other})
        if one.get(name) != other.get(name)
    )


_NOT_LOOKED = SafeText("not looked at")


def _checks(capsule: Any) -> dict[str, SafeText]:
    if not isinstance(capsule, dict):
        return {}
    checks = cast("dict[str, Any]", capsule).get("checks", {})
    return {
        name: clean(f"{words.get('verdict')}: {words.get('reason')}".removesuffix(": "))
        for name, words in cast("dict[str, dict[str, Any]]", checks).items()
    }


def read_capsules(folder: ActionFolder) -> tuple[bool, tuple[Difference, ...]]:
    """Return whether both halves are there, and how they differ."""
    before, after = folder.read_json(BEFORE), folder.read_json(AFTER)
    if before is None or after is None:
        return False, ()
    return True, differences(before, after)
