"""Names of actions: ULIDs, so that folders sort by time."""

import re
import secrets
from collections.abc import Sequence

from core.errors import ActionError

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32."""
_CHARS = 26
_TIME_CHARS = 10
_ID = re.compile(f"[{_ALPHABET}]{{{_CHARS}}}")


def new_id(now_s: float) -> str:
    """Return a ULID: 48 bits of milliseconds since 1970, 80 random bits."""
    number = (int(now_s * 1000) & (1 << 48) - 1) << 80 | secrets.randbits(80)
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(_CHARS)))


def is_id(text: str) -> bool:
    """Tell whether a text could be an action's id, and so a folder's name."""
    return _ID.fullmatch(text) is not None


def made_s(action_id: str) -> float:
    """Return when an id was made, in seconds since 1970."""
    number = 0
    for char in action_id[:_TIME_CHARS]:
        number = number << 5 | _ALPHABET.index(char)
    return number / 1000


def only_one(ids: Sequence[str], text: str, what: str, lists: str) -> str:
    """Return the id that is meant: itself, or a beginning or end that no other has.

    Args:
        ids: Those that there are.
        text: As it was typed.
        what: What they are ids of, in a word.
        lists: The command that lists them.

    Raises:
        ActionError: there is none, or there are several.
    """
    wanted = text.upper()
    found = [one for one in ids if one == wanted]
    found = found or [one for one in ids if one.startswith(wanted) or one.endswith(wanted)]
    if len(found) != 1 or not wanted:
        how = f"no {what} is called" if not found else f"{len(found)} {what}s match"
        raise ActionError(f"{how} {text!r}; `{lists}` lists them")
    return found[0]
