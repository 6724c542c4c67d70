"""Level words and numbers of the loggers in use, on one scale. Pure.

A level is looked up from a word that stands where a level stands; no text is ever searched.
"""

from collections.abc import Mapping
from typing import Final

from core.model.log import LogLevel

_WORDS: Final[Mapping[LogLevel, str]] = {
    LogLevel.TRACE: "trace trc finest finer silly",
    LogLevel.DEBUG: "debug dbg verbose fine",
    LogLevel.INFO: "info information informational inf notice note success log",
    LogLevel.WARN: "warn warning wrn",
    LogLevel.ERROR: "error err severe exception failure",
    LogLevel.CRITICAL: "critical crit fatal alert emerg emergency panic dpanic ftl",
}
_BY_WORD: Final = {word: level for level, words in _WORDS.items() for word in words.split()}
_BY_SPELLING: Final = {
    spelling: level
    for word, level in _BY_WORD.items()
    for spelling in (word, word.upper(), word.capitalize())
}
_NOT_IN_HEADERS: Final = frozenset({"LOG", "NOTE", "SUCCESS", "FINE", "FAILURE", "EXCEPTION"})
"""Words that begin sentences as well; they count in a level field alone."""
HEADER_LEVELS: Final[Mapping[str, LogLevel]] = {
    word.upper(): level for word, level in _BY_WORD.items() if word.upper() not in _NOT_IN_HEADERS
} | {"SUCCESS": LogLevel.INFO}
"""Upper-case words that are a level when they lead a line."""

# How audit events grade themselves; only a field named `severity` speaks this way.
_GRADES: Final = {
    "low": LogLevel.INFO,
    "medium": LogLevel.WARN,
    "moderate": LogLevel.WARN,
    "high": LogLevel.ERROR,
}
_PREFIXES: Final = {"API_CALL": LogLevel.INFO}
_PYTHON_KEYS: Final = frozenset({"levelno", "level_number", "no"})
_OPENTELEMETRY_KEYS: Final = frozenset({"severity_number", "severitynumber", "severityNumber"})
_SYSLOG: Final = (
    LogLevel.CRITICAL,
    LogLevel.CRITICAL,
    LogLevel.CRITICAL,
    LogLevel.ERROR,
    LogLevel.WARN,
    LogLevel.INFO,
    LogLevel.INFO,
    LogLevel.DEBUG,
)
_SCALE: Final = (
    LogLevel.TRACE,
    LogLevel.DEBUG,
    LogLevel.INFO,
    LogLevel.WARN,
    LogLevel.ERROR,
    LogLevel.CRITICAL,
)


def level_of_word(word: str) -> LogLevel | None:
    """Return the level that a word names, in any case and with spaces around; None otherwise."""
    level = _BY_SPELLING.get(word)
    if level is None and len(word) <= 32:
        level = _BY_WORD.get(word.strip().lower())
    return level


def level_of_prefix(prefix: str) -> LogLevel | None:
    """Return the level of a prefix such as `API_ERROR`: its last word, or what is known of it."""
    return _PREFIXES.get(prefix) or HEADER_LEVELS.get(prefix.rpartition("_")[2])


def level_of_field(name: str, value: object) -> LogLevel | None:
    """Return the level that a field gives, as word or number; None when it gives none.

    Numbers: 0 to 7 are syslog's; `levelno` counts as Python does (40 = error), `severity_number`
    as OpenTelemetry does (17 = error), every other field as pino and bunyan do (50 = error).
    """
    if isinstance(value, str):
        if (level := level_of_word(value)) is not None:
            return level
        if name == "severity" and (grade := _GRADES.get(value[:16].lower())) is not None:
            return grade
        return _level_of_number(name, int(value)) if value.isdecimal() and len(value) < 4 else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return _level_of_number(name, value)


def syslog_level(priority: object) -> LogLevel | None:
    """Return the level of a syslog priority (0 to 7, number or text)."""
    if isinstance(priority, str) and len(priority) == 1 and priority.isdecimal():
        priority = int(priority)
    if isinstance(priority, bool) or not isinstance(priority, int):
        return None
    return _SYSLOG[priority] if 0 <= priority < len(_SYSLOG) else None


def _level_of_number(name: str, number: float) -> LogLevel | None:
    if not 0 <= number <= 100:
        return None
    if name in _OPENTELEMETRY_KEYS:
        return _SCALE[min((int(number) - 1) // 4, 5)] if number >= 1 else None
    if name in _PYTHON_KEYS:
        at_most = [level for level in LogLevel if level <= number]
        return at_most[-1] if at_most else None
    if number < len(_SYSLOG):
        return _SYSLOG[int(number)]
    return _SCALE[min(max(int(number) // 10 - 1, 0), 5)]
