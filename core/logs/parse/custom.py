"""Formats from the configuration: a regular expression with named groups."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from core.errors import ConfigError
from core.logs.parse.levels import level_of_field
from core.logs.parse.pairs import value_of
from core.logs.parse.reading import Context, Reading
from core.logs.parse.times import Clockwork, When
from core.model.log import FieldValue, TimeBasis
from core.model.text import clean

MAX_CHARS: Final = 8192
"""A longer line is not tried: the standard library's expressions have no deadline."""
_KNOWN: Final = frozenset({"time", "level", "message", "logger"})
_PARTS = re.compile(
    r"(?P<plain>\\.|\[\^?\]?(?:\\.|[^\]\\])*\])|(?P<open>\((?P<atomic>\?>)?)|(?P<close>\))"
    r"|(?P<repeat>[*+]|\{\d*,\})(?P<possessive>\+)?",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Format:
    """A format that the configuration adds. Made by `custom`."""

    name: str
    pattern: re.Pattern[str]
    time_format: str = ""

    def read(self, text: str, context: Context) -> Reading | None:
        """Return what a line says in this format; None when it is not in it."""
        if len(text) > MAX_CHARS or (match := self.pattern.fullmatch(text)) is None:
            return None
        groups = {name: value for name, value in match.groupdict().items() if value is not None}
        time_s, basis = self._when(groups.get("time", ""), context.clockwork)
        fields: dict[str, FieldValue] = {
            name: value_of(value) for name, value in groups.items() if name not in _KNOWN
        }
        return Reading(
            self.name,
            groups.get("message", text),
            time_s,
            basis,
            level_of_field("level", groups.get("level", "")),
            groups.get("logger", ""),
            fields,
        )

    def _when(self, text: str, clockwork: Clockwork) -> When | tuple[None, TimeBasis]:
        if not text:
            return None, TimeBasis.NONE
        if not self.time_format:
            return clockwork.when(text) or clockwork.when_short(text) or (None, TimeBasis.NONE)
        try:
            found = datetime.strptime(text, self.time_format)  # noqa: DTZ007 — the zone comes next
            is_naive = found.tzinfo is None
            zoned = found.replace(tzinfo=clockwork.zone) if is_naive else found
            return zoned.timestamp(), TimeBasis.NAIVE if is_naive else TimeBasis.ZONED
        except (ValueError, OverflowError):
            return None, TimeBasis.NONE


def custom(name: str, pattern: str, time_format: str = "") -> Format:
    """Return a format that reads lines which `pattern` matches whole, without its line end.

    Groups named `time`, `level`, `message` and `logger` mean what they say; every other named
    group becomes a field, a number where it is written as one. `time_format` is in the notation
    of `strptime`; empty, every form that the console knows is tried.

    Raises:
        ConfigError: the pattern does not compile (with the character), has no named group, can
            take for ever, or the time format is none.
    """
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        at = "" if error.pos is None else f" at character {error.pos + 1}"
        raise ConfigError(_problem(name, f"does not compile{at}: {error.msg}")) from error
    except (RecursionError, OverflowError) as error:
        raise ConfigError(_problem(name, "is too large")) from error
    if not compiled.groupindex:
        raise ConfigError(_problem(name, "has no named group, such as (?P<message>.*)"))
    if (at_char := _repeated_repeat(pattern)) is not None:
        problem = f"repeats a repeat at character {at_char + 1} and may never end"
        raise ConfigError(_problem(name, f"{problem}; make one possessive, as in \\w++"))
    _check_time_format(name, time_format)
    return Format(name, compiled, time_format)


def _repeated_repeat(pattern: str) -> int | None:
    """Return where a group begins that repeats without bound and holds such a repeat itself.

    Possessive repeats and atomic groups never go back, so they may.
    """
    begins: list[int] = [0]
    repeats = [False]
    closed: tuple[int, bool] = (0, False)
    closed_end = -1
    for part in _PARTS.finditer(pattern):
        if part["open"]:
            begins.append(part.start())
            repeats.append(False)
        elif part["close"] and len(begins) > 1:
            begin, has_repeat = begins.pop(), repeats.pop()
            closed = begin, has_repeat and not pattern.startswith("(?>", begin)
            closed_end = part.end()
            repeats[-1] = repeats[-1] or closed[1]
        elif part["repeat"] and not part["possessive"]:
            if part.start() == closed_end and closed[1]:
                return closed[0]
            repeats[-1] = True
    return None


def _problem(name: str, problem: str) -> str:
    return f"log format {clean(name)}: the pattern {clean(problem)}"


def _check_time_format(name: str, time_format: str) -> None:
    if not time_format:
        return
    sample = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
    try:
        datetime.strptime(sample.strftime(time_format), time_format)  # noqa: DTZ007 — only a trial
    except (ValueError, re.error) as error:
        problem = f"log format {clean(name)}: the time format {clean(time_format)} cannot be read"
        raise ConfigError(f"{problem}; see strptime, as in %Y-%m-%d %H:%M:%S") from error
