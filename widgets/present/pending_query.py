"""One line that says which pending entries are wanted: `idle>1h deliveries>3 consumer=c1`. Pure."""

import re

from core.logs.query.quantities import parse_duration_ms
from core.model.redis_key import KeyName
from core.model.stream import PendingFilter

HINT = "idle>1h deliveries>3 consumer=NAME, or text of the payload   (empty: all)"
"""What can be typed."""
_TOKEN = re.compile(r'(?:[^\s"]|"(?:[^"\\]|\\.)*")+')
_BLANKS = re.compile(r"\s*")
_TERM = re.compile(r"([A-Za-z_]+)(>=|<=|!=|>|<|=)(.*)", re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_MAX_DELIVERIES = 10**9
_MAX_DIGITS = 10


class PendingQueryError(Exception):
    """A line that is not understood."""

    def __init__(self, problem: str, at_char: int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.at_char = at_char
        """Where in the line."""


def parse_pending_query(text: str) -> PendingFilter:
    """Return what a line asks for; every term has to hold, words make one text.

    Raises:
        PendingQueryError: a quote that is not closed, an unknown name, a value that is none.
    """
    min_idle_s, min_deliveries, consumer = 0.0, 0, ""
    words: list[str] = []
    for at_char, token in _tokens(text):
        term = _TERM.fullmatch(token)
        if term is None:
            words.append(_unquoted(token))
            continue
        name, operator, value = term[1].lower(), term[2], _unquoted(term[3])
        value_at = at_char + term.start(3)
        match name:
            case "idle":
                min_idle_s = _idle_s(operator, value, at_char, value_at)
            case "deliveries":
                min_deliveries = _deliveries(operator, value, at_char, value_at)
            case "consumer":
                consumer = _consumer(operator, value, at_char, value_at)
            case _:
                known = "idle, deliveries and consumer can be asked for"
                problem = f"there is no {term[1]!r}: {known}; quote it to search the text"
                raise PendingQueryError(problem, at_char)
    return PendingFilter(min_idle_s, min_deliveries, consumer, " ".join(words))


def _tokens(text: str) -> list[tuple[int, str]]:
    """Return the words with their places; blanks within quotes part nothing."""
    found: list[tuple[int, str]] = []
    at = _end_of_blanks(text, 0)
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None or (token.end() < len(text) and text[token.end()] == '"'):
            raise PendingQueryError("this quote is not closed", text.index('"', at))
        found.append((at, token.group()))
        at = _end_of_blanks(text, token.end())
    return found


def _end_of_blanks(text: str, at: int) -> int:
    blanks = _BLANKS.match(text, at)
    return blanks.end() if blanks is not None else at


def _unquoted(token: str) -> str:
    return _QUOTED.sub(lambda found: re.sub(r"\\(.)", r"\1", found[1], flags=re.DOTALL), token)


def _idle_s(operator: str, value: str, at_char: int, value_at: int) -> float:
    if operator not in {">", ">="}:
        raise PendingQueryError("of idle only > and >= can be asked: idle>1h", at_char)
    idle_ms = parse_duration_ms(value)
    if idle_ms is None:
        raise PendingQueryError("not a duration: write 90s, 5m, 1h30m or 2d", value_at)
    return idle_ms / 1000


def _deliveries(operator: str, value: str, at_char: int, value_at: int) -> int:
    if operator not in {">", ">="}:
        problem = "of deliveries only > and >= can be asked: deliveries>3"
        raise PendingQueryError(problem, at_char)
    if not (value.isascii() and value.isdigit()) or len(value) > _MAX_DIGITS:
        raise PendingQueryError("not a number of deliveries: write 3", value_at)
    least = int(value) + (operator == ">")
    return min(least, _MAX_DELIVERIES)


def _consumer(operator: str, value: str, at_char: int, value_at: int) -> str:
    if operator != "=":
        raise PendingQueryError("of consumer only = can be asked: consumer=NAME", at_char)
    if not value:
        raise PendingQueryError("which consumer? consumer=NAME", value_at)
    return KeyName.read(value).spelled


def pending_query_text(wanted: PendingFilter) -> str:
    """Return the line that asks for this."""
    parts: list[str] = []
    if wanted.min_idle_s:
        parts.append(f"idle>={duration_words(wanted.min_idle_s)}")
    if wanted.min_deliveries:
        parts.append(f"deliveries>={wanted.min_deliveries}")
    if wanted.consumer:
        parts.append(f"consumer={_quoted(wanted.consumer)}")
    if wanted.text:
        parts.append(_quoted(wanted.text))
    return " ".join(parts)


def duration_words(seconds: float) -> str:
    """Return a span as the query takes it: `1h`, `1h30m`, `90s`."""
    if seconds != int(seconds):
        return f"{seconds:g}s"
    left, parts = int(seconds), ""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m"), (1, "s")):
        count, left = divmod(left, size)
        parts += f"{count}{unit}" if count else ""
    return parts


def _quoted(text: str) -> str:
    """Return a text as one word of the query."""
    is_plain = text and not re.search(r'[\s"\\]', text) and not _TERM.fullmatch(text)
    if is_plain:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
