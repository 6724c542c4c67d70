"""Which patterns may run on `re`, whose time for others can explode on a line made for it."""

import re

_TOKEN = re.compile(
    rb"""(?P<atom>[^\\()\[\]{}*+?|^$] | \\(?:x[0-9A-Fa-f]{2}|[dDwWsSnrtfv]|[^A-Za-z0-9])
            | \[\^?(?:\\.|[^\]\\\[])+\])
    |(?P<border>[\^$]|\\[bB])
    |(?P<group>\(\?:|\||\))
    |(?P<optional>\?)
    |\{(?:[0-9]{1,3},)?(?P<most>[0-9]{1,3})\}
    |(?P<endless>[*+])""",
    re.VERBOSE | re.DOTALL,
)
_BLANKS = {b" ", b"\\ ", b"\\t", b"[ \\t]", b"[ \t]", b"[\\ \\t]"}
_MOST_WAYS = 1000


def is_tame(pattern: bytes) -> bool:
    """Tell whether `re` finds it, or finds it absent, in time that grows with the text alone.

    Tame is: groups are at most optional, characters and classes repeat a bounded number of times,
    and only a run of blanks between two other atoms may be endless. In doubt it says no.
    """
    at, ways, depth = 0, 1, 0
    last, last_kind, after_run = b"", "", False
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        if token is None:
            return False
        kind, text = str(token.lastgroup), token[0]
        if kind == "atom":
            if after_run and text in _BLANKS:
                return False
            after_run = after_run and depth > 0
        elif kind in {"optional", "most"}:
            if last_kind != "atom" and not (kind == "optional" and last == b")"):
                return False
            ways *= 2 if kind == "optional" else int(token["most"]) + 1
        elif kind == "endless":
            if last_kind != "atom" or last not in _BLANKS or not _follows_text(pattern, at, last):
                return False
            after_run = True
        depth += (text == b"(?:") - (text == b")")
        last, last_kind, at = text, kind, token.end()
    return ways <= _MOST_WAYS


def _follows_text(pattern: bytes, at: int, blank: bytes) -> bool:
    before = pattern[: at - len(blank)]
    return before[-1:].isalnum() or before[-1:] in {b'"', b"'", b":", b"=", b","}
