"""Names of backups: made from a pattern with strftime codes, and known again by it. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

_CODE = re.compile("%(.)")
_DIGITS = {"Y": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2, "y": 2, "j": 3}
_SUFFIX = re.compile(
    r"((\.tar)?\.(gz|zst|xz)|\.(tar|tgz|tzst|txz|json|jsonl|sql|rdb|db|sqlite|dump|backup))$"
)
_MOST_OF_A_DAY = 1000


@dataclass(frozen=True, slots=True)
class Places:
    """Where backups of one pattern are: below `root`, one expression for each level of names."""

    root: str
    levels: tuple[str, ...]


def target_at(target: str, at: datetime) -> str:
    """Return the path that a pattern comes to at a moment, local as people name files."""

    def filled(match: re.Match[str]) -> str:
        code = match.group(1)
        if code == "s":
            return str(int(at.timestamp()))
        return "%" if code == "%" else at.strftime(f"%{code}")

    return _CODE.sub(filled, target)


def free_name(path: str, is_taken: Callable[[str], bool]) -> str:
    """Return the path, or the first of `NAME-2`, `NAME-3`, … that is not taken yet.

    Raises:
        ValueError: a thousand of them are.
    """
    if not is_taken(path):
        return path
    stem, suffix = _split(path)
    for number in range(2, _MOST_OF_A_DAY):
        if not is_taken(name := f"{stem}-{number}{suffix}"):
            return name
    raise ValueError(f"{path} and the next {_MOST_OF_A_DAY} names are taken")


def places_of(target: str) -> Places:
    """Return where backups of a pattern are looked for."""
    words = target.split("/")
    fixed = 0
    while fixed < len(words) - 1 and "%" not in words[fixed]:
        fixed += 1
    root = "/".join(words[:fixed]) or "/"
    levels = [_expression(word) for word in words[fixed:-1]]
    stem, suffix = _split(words[-1])
    return Places(root, (*levels, f"{_expression(stem)}(-[0-9]+)?{re.escape(suffix)}"))


def places_also(target: str, also: str) -> tuple[Places, ...]:
    """Return where else they may be: `also` is a file, or a folder with names of the pattern."""
    folder, _, name = also.rstrip("/").rpartition("/")
    inside = Places(also.rstrip("/") or "/", places_of(target).levels[-1:])
    return inside, Places(folder or "/", (re.escape(name),))


def is_of(target: str, path: str) -> bool:
    """Tell whether a path is a backup of a pattern, its manifest or unfinished file."""
    places = places_of(target)
    base = places.root.rstrip("/") + "/"
    if not path.startswith(base):
        return False
    words = path[len(base) :].split("/")
    *folders, last = places.levels
    if len(words) != len(places.levels):
        return False
    tail = rf"\.?{last}(\.manifest\.json|\.[0-9a-f]+\.part)?"
    expressions = (*folders, tail)
    return all(re.fullmatch(one, word) for one, word in zip(expressions, words, strict=True))


def _split(name: str) -> tuple[str, str]:
    match = _SUFFIX.search(name)
    return (name[: match.start()], match.group()) if match else (name, "")


def _expression(word: str) -> str:
    out, at = "", 0
    for match in _CODE.finditer(word):
        out += re.escape(word[at : match.start()])
        code = match.group(1)
        if code == "%":
            out += "%"
        elif code in _DIGITS:
            out += f"[0-9]{{{_DIGITS[code]}}}"
        else:
            out += "[0-9]+" if code == "s" else ".+?"
        at = match.end()
    return out + re.escape(word[at:])
