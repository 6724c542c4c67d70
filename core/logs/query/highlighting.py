"""Where a query's texts and expressions stand in a text that is shown."""

from collections.abc import Iterator

from core.logs.query import tree
from core.logs.query.fields import names_for
from core.logs.query.folding import fold

MAX_SPANS = 256
"""Per text; a line of one letter repeated would otherwise cost more to draw than to read."""

_SHOWN = frozenset(names_for("message"))


def spans_of(node: tree.Node | None, text: str) -> list[tuple[int, int]]:
    """Return begin and end of all that is looked for in the record's text, joined and in order."""
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(_spans(node, text)):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined


def _spans(node: tree.Node | None, text: str) -> Iterator[tuple[int, int]]:
    match node:
        case tree.And(parts) | tree.Or(parts):
            for part in parts:
                yield from _spans(part, text)
        case tree.Contains(literal, is_exact_case, field) | tree.Begins(
            literal, is_exact_case, field
        ) if field is None or field in _SHOWN:
            yield from _literal_spans(literal, is_exact_case, text)
        case tree.Search(pattern, field) if field is None or field in _SHOWN:
            yield from pattern.spans(text, MAX_SPANS)
        case _:
            return


def _literal_spans(literal: str, is_exact_case: bool, text: str) -> Iterator[tuple[int, int]]:
    if not is_exact_case:
        literal, text = fold(literal), fold(text)
    at = text.find(literal) if literal else -1
    for _ in range(MAX_SPANS):
        if at < 0:
            return
        yield at, at + len(literal)
        at = text.find(literal, at + len(literal))
