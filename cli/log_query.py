"""Puts the query of a call together, and shows where one is wrong."""

from dataclasses import dataclass
from unicodedata import east_asian_width

from core.errors import QueryError
from core.logs.query.query import Query, parse_query
from core.model.text import clean


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """What is asked of records."""

    filter: str = ""
    since: str = ""
    until: str = ""
    level: str = ""
    saved: str = ""
    """The filter of a saved query."""
    window_s: float | None = None
    """Of a saved query: its window, which ends now, where no `since` is given."""


class OptionError(QueryError):
    """An option of the command line, or a saved query, cannot be understood."""

    def __init__(self, where: str, error: QueryError) -> None:
        super().__init__(error.text, error.at_char, error.problem, error.remedy)
        self.where = where
        """Where the text stands: `--filter`."""

    def lines(self) -> list[str]:
        """Return the problem, the text, and a mark under the character."""
        before = clean(self.text[: self.at_char])
        columns = sum(2 if east_asian_width(char) in "WF" else 1 for char in before)
        return [
            f"quarterdeck: {self.where}: {clean(str(self), 600)}",
            f"  {clean(self.text)}",
            f"  {' ' * columns}^",
        ]


def query_of(request: QueryRequest, now_s: float) -> Query:
    """Return the query that all options together ask.

    Raises:
        OptionError: one of them cannot be understood; says which and where.
    """
    _checked("--filter", request.filter, "", now_s)
    _checked("--query", request.saved, "", now_s)
    since = request.since
    if not since and request.window_s is not None:
        since = f"{now_s - request.window_s:.6f}"
    terms = [
        _term("--since", "since=", since, now_s),
        _term("--until", "until=", request.until, now_s),
        _term("--level", "level>=", request.level, now_s),
        *(f"({text})" for text in (request.saved, request.filter) if text.strip()),
    ]
    return parse_query(" ".join(filter(None, terms)), now_s)


def _term(option: str, front: str, text: str, now_s: float) -> str:
    if not text:
        return ""
    # In quotes it cannot be more than the one value.
    quoted = text if _is_word(text) else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    _checked(option, f"{front}{quoted}", front, now_s)
    return f"{front}{quoted}"


def _is_word(text: str) -> bool:
    return all(char.isalnum() or char in "-+:._" for char in text)


def _checked(option: str, text: str, front: str, now_s: float) -> None:
    try:
        parse_query(text, now_s)
    except QueryError as error:
        own = QueryError(
            text.removeprefix(front),
            max(0, error.at_char - len(front)),
            error.problem,
            error.remedy,
        )
        raise OptionError(option, own) from error
