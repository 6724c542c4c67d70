"""Says of which class a file is, from the logs that the configuration names.

A log that is named outright wins over a glob that takes its files along, and among equals the class
that is kept longest wins: `*.log.*` of the application never makes an application log of
`audit.log.2026-01-01`. A file that nobody claims has no class, and is left alone.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import inf

from core.logs.keeping.names import origins, parse_log_name
from core.logs.keeping.rules import LogClaim, Rules

_CODES = {
    "Y": r"\d{4}", "m": r"\d\d", "d": r"\d\d", "H": r"\d\d", "M": r"\d\d", "S": r"\d\d",
    "y": r"\d\d", "j": r"\d{3}", "s": r"\d{9,11}", "F": r"\d{4}-\d\d-\d\d", "%": "%",
}  # fmt: skip
_TOKEN = re.compile(r"%(?P<code>.)|(?P<deep>\*\*)|(?P<any>\*)|(?P<one>\?)|(?P<set>\[!?[^\]]+\])")
_TELLING_WORDS = ("audit", "security")
"""Words in a name that make it a log of that class where only a glob says otherwise."""


class ClassBasis(StrEnum):
    """How a file's class is known."""

    NAMED = "named"
    """A configured log, or what one became by rotation."""
    GLOB = "glob"
    """Only a pattern with wildcards takes it along."""
    WORD = "word"
    """Its own name says so, against the pattern that takes it along."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class LogClass:
    """Of which class a file is, and why."""

    name: str = ""
    """The rule's name; empty: no class."""
    log: str = ""
    """The configured log that it belongs to."""
    basis: ClassBasis = ClassBasis.NONE
    is_live_path: bool = False
    """The path is the one that the application writes to, or one of its dated ones."""
    others: tuple[str, ...] = ()
    """Other classes whose patterns take this file along too."""


@dataclass(frozen=True, slots=True)
class _Match:
    claim: LogClaim
    is_live_path: bool


def classify(path: str, claims: Sequence[LogClaim], rules: Rules) -> LogClass:
    """Return the class of the file at `path` (absolute). A class without a rule ranks longest."""
    matches = [found for claim in claims if (found := _match(path, claim))]
    if not matches:
        return LogClass()
    best = max(matches, key=lambda match: (not match.claim.is_glob, _keep_s(match, rules)))
    name, basis = best.claim.retention, ClassBasis.NAMED
    if best.claim.is_glob:
        name, basis = _by_word(path, name, rules)
    return LogClass(
        name=name,
        log=best.claim.log,
        basis=basis,
        is_live_path=any(match.is_live_path for match in matches),
        others=_others(matches, name),
    )


def _keep_s(match: _Match, rules: Rules) -> float:
    rule = rules.get(match.claim.retention)
    return rule.keep_s if rule else inf


def _by_word(path: str, name: str, rules: Rules) -> tuple[str, ClassBasis]:
    """Return the class that a glob gives, unless the name asks for one that is kept longer."""
    words = re.split("[^a-z]+", path.rpartition("/")[2].lower())
    kept_s = rules[name].keep_s if name in rules else inf
    for word in _TELLING_WORDS:
        asked_s = rules[word].keep_s if word in rules else inf
        if word in words and word != name and asked_s > kept_s:
            return word, ClassBasis.WORD
    return name, ClassBasis.GLOB


def _others(matches: Iterable[_Match], name: str) -> tuple[str, ...]:
    return tuple(sorted({match.claim.retention for match in matches} - {name}))


def _match(path: str, claim: LogClaim) -> _Match | None:
    folder, _, base = path.rpartition("/")
    name = parse_log_name(base)
    pattern = _compile(claim.pattern)
    for index, origin in enumerate(origins(name.stem)):
        if pattern.fullmatch(f"{folder}/{origin}"):
            is_rotated = index > 0 or name.number is not None or bool(name.packing)
            return _Match(claim, is_live_path=not is_rotated)
    return _Match(claim, is_live_path=False) if pattern.fullmatch(path) else None


@lru_cache(maxsize=256)
def _compile(pattern: str) -> re.Pattern[str]:
    """Return a path pattern with globs and strftime codes as a regular expression."""
    parts: list[str] = []
    at = 0
    for token in _TOKEN.finditer(pattern):
        parts.append(re.escape(pattern[at : token.start()]))
        parts.append(_expression(token))
        at = token.end()
    parts.append(re.escape(pattern[at:]))
    return re.compile("".join(parts), re.DOTALL)


def _expression(token: re.Match[str]) -> str:
    if token["code"]:
        return _CODES.get(token["code"], "[^/]+")
    if token["set"]:
        inside = token["set"][1:-1]
        is_not = inside.startswith("!")
        members = re.sub(r"([\\\]\[^&~|])", r"\\\1", inside.removeprefix("!"))
        return f"[{'^/' if is_not else ''}{members}]"
    return ".*" if token["deep"] else "[^/]*" if token["any"] else "[^/]"
