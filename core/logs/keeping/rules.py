"""Retention rules: how long each class of logs is kept, and which paths are of which class."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

DAY_S = 86_400
"""A UTC day. There is no other kind here, so no clock change makes a day shorter."""


@dataclass(frozen=True, slots=True)
class RetentionRule:
    """How long files of one class stay. The times count from a file's youngest record."""

    name: str
    keep_s: float
    compress_after_s: float | None = None
    """None: files of this class are not packed by rule."""
    keep_compressed_s: float | None = None
    """The term of packed files; None: they go when the class goes."""
    note: str = ""

    def term_s(self, *, is_compressed: bool) -> float:
        """Return how long such a file stays, seconds."""
        if is_compressed and self.keep_compressed_s is not None:
            return self.keep_compressed_s
        return self.keep_s


Rules = Mapping[str, RetentionRule]
"""The rules of one system, by class."""

DEFAULT_RULES: Rules = MappingProxyType(
    {
        rule.name: rule
        for rule in (
            RetentionRule("application", 30 * DAY_S, compress_after_s=7 * DAY_S),
            RetentionRule("security", 90 * DAY_S),
            RetentionRule("audit", 365 * DAY_S),
            RetentionRule("backup", 7 * DAY_S, note="kept compressed"),
        )
    }
)
"""What the runbook asks for; used where a system configures nothing."""


@dataclass(frozen=True, slots=True)
class LogClaim:
    """A configured log says: files of this pattern, and what they become when rotated, are mine."""

    log: str
    pattern: str
    """An absolute path; may be a glob, and may hold strftime codes."""
    retention: str = "application"

    @property
    def is_glob(self) -> bool:
        """The file's name has wildcards: it names no log, it takes along whatever fits."""
        return any(char in self.pattern.rpartition("/")[2] for char in "*?[")

    @property
    def folder(self) -> str:
        """The folder that certainly holds its files: all before the first wildcard or code."""
        folders: list[str] = []
        for part in self.pattern.split("/")[:-1]:
            if any(char in part for char in "*?[%"):
                break
            folders.append(part)
        return "/".join(folders) or "/"


def span_words(span_s: float) -> str:
    """Return a span as `30 d`, or `5 h` and `3 min` below two days."""
    if span_s >= 2 * DAY_S:
        return f"{span_s // DAY_S:g} d"
    if span_s >= 2 * 3600:
        return f"{span_s // 3600:g} h"
    return f"{span_s // 60:g} min"
