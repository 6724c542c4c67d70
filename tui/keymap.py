"""The key map: which keys a person gave to which binding, and what is wrong with it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from core.model.text import SafeText, clean


@dataclass(frozen=True, slots=True)
class Checked:
    """A key map that can be used, and a line for each entry that cannot."""

    keymap: Mapping[str, str]
    warnings: tuple[SafeText, ...]


def check_keymap(keymap: Mapping[str, str], known_ids: Iterable[str]) -> Checked:
    """Return the entries whose binding exists; each other one becomes a warning with the nearest.

    Args:
        keymap: Binding id to keys, comma-separated, as configured.
        known_ids: The ids of all bindings there are.
    """
    known = sorted(set(known_ids))
    good: dict[str, str] = {}
    warnings: list[SafeText] = []
    for binding, keys in keymap.items():
        if binding not in known:
            near = get_close_matches(binding, known, 1, 0.4)
            hint = f"; the nearest is {near[0]}" if near else ""
            warnings.append(clean(f"keymap: there is no binding {binding!r}{hint}", 300))
        elif not all(key.strip() for key in keys.split(",")):
            warnings.append(clean(f"keymap: {binding} is given no key", 300))
        else:
            good[binding] = ",".join(key.strip() for key in keys.split(","))
    return Checked(good, tuple(warnings))
