"""Decides whether a process is the configured service. Pure.

The configured words must be whole argv words, in order, and the first must be the program itself:
so `grep uvicorn` and `vim uvicorn.py` are never taken for uvicorn.
"""

import re
from collections.abc import Iterable, Sequence

from core.clients.processes import ProcessFact

_VERSION = re.compile(r"[\d.]+$")
_INTERPRETERS = frozenset({"python", "pypy", "node", "ruby", "perl", "php", "sh", "bash", "dash"})
_OPTIONS_WITH_VALUE = frozenset({"-W", "-X", "-r", "--require", "--import", "-I", "-o", "-O"})


def _program(word: str) -> str:
    """Return the file name of a path."""
    return word.rpartition("/")[2]


def _is_interpreter(word: str) -> bool:
    return _VERSION.sub("", _program(word)) in _INTERPRETERS


def _same(asked: str, found: str) -> bool:
    """Return whether a word is the asked one; a bare name also fits a path to it."""
    return asked == found or ("/" not in asked and _program(found) == asked)


def _same_program(asked: str, found: str) -> bool:
    """Like `_same`; `python` also fits `/usr/bin/python3.11`."""
    return _same(asked, found) or (
        "/" not in asked and _is_interpreter(asked) and asked == _VERSION.sub("", _program(found))
    )


def _script_index(argv: Sequence[str]) -> int | None:
    """Return where the script or module of an interpreter stands; None: it has none (`-c`)."""
    index = 1
    while index < len(argv):
        word = argv[index]
        if word == "-m":
            return index + 1 if index + 1 < len(argv) else None
        if word in {"-c", "-e", "-s", "-"}:
            return None
        if not word.startswith("-"):
            return index
        index += 2 if word in _OPTIONS_WITH_VALUE else 1
    return None


def _follow_in_order(asked: Sequence[str], argv: Sequence[str]) -> bool:
    rest = iter(argv)
    return all(any(_same(word, found) for found in rest) for word in asked)


def is_match(command: Sequence[str], argv: Sequence[str]) -> bool:
    """Return whether `argv` runs `command`: the program first, then every word in order."""
    if not command or not argv:
        return False
    starts = [0] if _same_program(command[0], argv[0]) else []
    if not starts and _is_interpreter(argv[0]):
        script = _script_index(argv)
        if script is not None and _same(command[0], argv[script]):
            starts.append(script)
    return any(_follow_in_order(command[1:], argv[start + 1 :]) for start in starts)


def find_roots(matches: Iterable[ProcessFact]) -> tuple[ProcessFact, ...]:
    """Return the matches that are not children of another match (workers of one service)."""
    found = {fact.pid: fact for fact in matches}
    roots = (fact for fact in found.values() if fact.parent_pid not in found)
    return tuple(sorted(roots, key=lambda fact: (fact.started_at, fact.pid)))


def find_family(root: ProcessFact, facts: Iterable[ProcessFact]) -> tuple[ProcessFact, ...]:
    """Return a process with all that descend from it, itself first."""
    children: dict[int, list[ProcessFact]] = {}
    for fact in facts:
        children.setdefault(fact.parent_pid, []).append(fact)
    family, waiting, seen = [root], [root.pid], {root.pid}
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child.pid not in seen:
                seen.add(child.pid)
                family.append(child)
                waiting.append(child.pid)
    return tuple(family)
