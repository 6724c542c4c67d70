"""Regular expressions of queries: RE2, in time linear in the text (ADR 0014).

The only importer of `re2`, which it loads when a query has an expression.
"""

import importlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol, cast

_MEMORY_BYTES = 8 << 20


class _Match(Protocol):
    def span(self) -> tuple[int, int]: ...


class _Compiled(Protocol):
    def search(self, text: str, pos: int = 0) -> _Match | None: ...


class _Options(Protocol):
    log_errors: bool
    max_mem: int
    case_sensitive: bool


class _Library(Protocol):
    error: type[Exception]

    def Options(self) -> _Options: ...  # noqa: N802 - the library's name
    def compile(self, pattern: str, options: _Options) -> _Compiled: ...


class PatternError(ValueError):
    """The expression is refused. `at_char` counts from 0 in the expression."""

    def __init__(self, at_char: int, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.at_char = at_char
        self.problem = problem
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled expression. Two are equal when they say the same."""

    source: str
    flags: str
    """Of `m` and `s`."""
    is_exact_case: bool
    compiled: _Compiled = field(compare=False, repr=False)

    def is_in(self, text: str) -> bool:
        """Return whether it matches somewhere in `text`."""
        return self.compiled.search(text) is not None

    def spans(self, text: str, limit: int) -> list[tuple[int, int]]:
        """Return begin and end of up to `limit` matches that do not overlap, none empty."""
        found: list[tuple[int, int]] = []
        at = 0
        while at <= len(text) and len(found) < limit:
            match = self.compiled.search(text, at)
            if match is None:
                break
            begin, end = match.span()
            if end > begin:
                found.append((begin, end))
            at = end if end > begin else end + 1
        return found


def compile_pattern(source: str, flags: str, is_exact_case: bool) -> Pattern:
    """Compile an expression in RE2's syntax.

    Args:
        source: The expression, without slashes or quotes.
        flags: Of `i` (ignore case), `m` (`^` and `$` at lines), `s` (`.` takes line feeds).
        is_exact_case: False ignores case, as `i` does.

    Raises:
        PatternError: RE2 refuses it, or is not installed here.
    """
    is_exact_case = is_exact_case and "i" not in flags
    flags = "".join(flag for flag in "ms" if flag in flags)
    return Pattern(source, flags, is_exact_case, _compiled(source, flags, is_exact_case))


@lru_cache(maxsize=64)
def _compiled(source: str, flags: str, is_exact_case: bool) -> _Compiled:
    try:
        library = cast("_Library", cast("object", importlib.import_module("re2")))
    except ImportError:
        raise PatternError(
            0, "regular expressions need google-re2, which is not installed", 'use "text"'
        ) from None
    options = library.Options()
    options.log_errors = False
    options.max_mem = _MEMORY_BYTES
    options.case_sensitive = is_exact_case
    try:
        return library.compile(f"(?{flags}){source}" if flags else source, options)
    except library.error as error:
        raise _explained(source, error) from None


def _explained(source: str, error: Exception) -> PatternError:
    """Turn RE2's `kind: fragment` into a place in the expression and a remedy."""
    said: object = error.args[0] if error.args else b""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    kind, _, fragment = text.partition(": ")
    remedy = next((advice for words, advice in _REMEDIES if text.startswith(words)), "")
    return PatternError(_place_of(source, kind, fragment), f"bad expression: {text}", remedy)


def _place_of(source: str, kind: str, fragment: str) -> int:
    """Return where the fragment stands, skipping escaped characters; 0 when it is not found."""
    if kind.startswith("unexpected )"):
        return _unmatched_close(source)
    at = 0
    while fragment and at < len(source):
        if source.startswith(fragment, at):
            return at
        at += 2 if source[at] == "\\" else 1
    return 0


def _unmatched_close(source: str) -> int:
    depth = at = 0
    while at < len(source):
        if source[at] == "\\":
            at += 1
        elif source[at] == "(":
            depth += 1
        elif source[at] == ")":
            depth -= 1
            if depth < 0:
                return at
        at += 1
    return 0


_REMEDIES = (
    ("invalid perl operator: (?=", "there is no lookahead: write two terms, /a/ /b/"),
    ("invalid perl operator: (?!", "there is no lookahead: add a second term, -/b/"),
    ("invalid perl operator: (?<=", "there is no lookbehind: write what stands before it too"),
    ("invalid perl operator: (?<!", "there is no lookbehind: add a second term, -/b/"),
    ("invalid perl operator: (?>", "there are no atomic groups, and none are needed: use (?:…)"),
    ("invalid escape sequence: \\k", "there are no backreferences: write the text out"),
    *(
        (f"invalid escape sequence: \\{digit}", "there are no backreferences: write the text out")
        for digit in range(1, 10)
    ),
    ("invalid escape sequence", "write the character without its backslash, or \\\\ for one"),
    ("bad repetition operator", "one repetition is enough: * + or ?"),
    ("no argument for repetition", "put something before it, or escape it with \\"),
    ("invalid repetition size", "repeat at most 1000 times"),
    ("missing )", "close the group, or write \\( for the character"),
    ("unexpected )", "open the group, or write \\) for the character"),
    ("missing ]", "close the class, or write \\[ for the character"),
    ("invalid character class range", "write the range upwards, as a-z, or escape the -"),
    ("trailing \\", "write \\\\ for a backslash"),
    ("pattern too large", "repeat less, or write several terms"),
)
"""How RE2's complaint begins, and what to write instead."""
