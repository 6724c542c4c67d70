"""From a query's text to its tree: or, and, not, parentheses, and what a term may be."""

from core.errors import QueryError
from core.logs.query import operands
from core.logs.query.folding import is_exact
from core.logs.query.reader import Piece, Reader
from core.logs.query.tree import ORDERINGS, And, Contains, Exists, Node, Not, Or

MAX_CHARS = 4096
MAX_DEPTH = 32

_OPERATOR_CHARS = "=<>~"
_JQ_FUNCTIONS = {
    "test": "~",
    "contains": "contains",
    "startswith": "starts",
    "endswith": "ends",
}
_NO_TERM = 'text, "text", /expression/ or field=value'


def parse_tree(text: str, now_s: float) -> Node | None:
    """Return the tree of a query; None for one that is empty, which every record matches.

    Raises:
        QueryError: the text is not a query; nothing else is ever raised.
    """
    if len(text) > MAX_CHARS:
        raise QueryError(text, MAX_CHARS, f"longer than {MAX_CHARS} characters", "say less")
    lone = next((at for at, one in enumerate(text) if "\ud800" <= one <= "\udfff"), None)
    if lone is not None:
        raise QueryError(text, lone, "a byte that is not text", "write UTF-8")
    return _Parser(Reader(text), now_s).whole()


class _Parser:
    """One pass over the text, a method for each rule of the grammar."""

    def __init__(self, reader: Reader, now_s: float) -> None:
        self._reader = reader
        self._now_s = now_s
        self._depth = 0

    def whole(self) -> Node | None:
        reader = self._reader
        if reader.is_done:
            return None
        node = self._alternatives()
        if not reader.is_done:
            raise reader.error(
                reader.at, "a parenthesis that was never opened", "take it away, or quote it"
            )
        return node

    def _alternatives(self) -> Node:
        parts = [self._conjunction()]
        while self._take_or():
            parts.append(self._conjunction())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _take_or(self) -> bool:
        self._reader.skip_space()
        return self._reader.take("||") or self._reader.take_keyword("or")

    def _conjunction(self) -> Node:
        reader = self._reader
        parts = [self._term()]
        while not reader.is_done and reader.next_char != ")":
            if reader.text.startswith("||", reader.at) or self._is_or_ahead():
                break
            if not (reader.take("&&") or reader.take_keyword("and")) and reader.next_char == "|":
                self._pipe()
            parts.append(self._term())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _is_or_ahead(self) -> bool:
        at = self._reader.at
        is_ahead = self._reader.take_keyword("or")
        self._reader.at = at
        return is_ahead

    def _pipe(self) -> None:
        """Take jq's `select(…) | select(…)`, which is "and"; refuse any other single bar."""
        reader, at = self._reader, self._reader.at
        reader.take("|")
        reader.skip_space()
        if not reader.text.startswith("select", reader.at):
            raise reader.error(at, "a single | means nothing here", "write or between alternatives")

    def _term(self) -> Node:
        reader = self._reader
        reader.skip_space()
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise reader.error(
                reader.at, f"nested deeper than {MAX_DEPTH}", "take parentheses away"
            )
        begin = reader.at
        if begin >= len(reader.text):
            raise reader.error(begin, "something is missing here", f"write {_NO_TERM}")
        if reader.take_keyword("not") or reader.next_char in {"!", "-"}:
            node = self._negation(begin)
        elif reader.take("("):
            node = self._group(begin)
        else:
            node = self._simple(begin)
        self._depth -= 1
        return node

    def _negation(self, begin: int) -> Node:
        reader = self._reader
        if reader.at > begin:
            return Not(self._term())
        sign = reader.next_char
        reader.at += 1
        if sign == "-" and (not reader.next_char or reader.next_char.isspace()):
            raise reader.error(begin, "nothing to exclude", 'write -word, or "-" for the character')
        if reader.take_keyword("not", "and", "or"):
            return Not(_contains(reader.text[begin + 1 : reader.at]))
        return Not(self._term())

    def _group(self, begin: int) -> Node:
        reader = self._reader
        if reader.is_done or reader.next_char == ")":
            raise reader.error(
                begin, "nothing inside the parentheses", "quote them to find them as text"
            )
        node = self._alternatives()
        reader.skip_space()
        if not reader.take(")"):
            raise reader.error(begin, "the parenthesis is never closed", "add )")
        return node

    def _simple(self, begin: int) -> Node:
        reader = self._reader
        if reader.take_keyword("select"):
            reader.skip_space()
            if reader.take("("):
                return self._group(reader.at - 1)
            reader.at = begin
        expression = reader.take_expression()
        if expression is not None:
            return operands.search(reader, None, *expression)
        quoted = reader.take_quoted()
        if quoted is not None:
            return _literal_of(reader, quoted)
        name = reader.take_name()
        if name is not None:
            return self._comparison(name)
        return self._word(begin)

    def _word(self, begin: int) -> Node:
        reader = self._reader
        for keyword in ("and", "or", "&&", "||"):
            if reader.take_keyword(keyword):
                raise reader.error(
                    begin, f"nothing before {keyword}", f"write {_NO_TERM} on both sides"
                )
        word = reader.take_word()
        if word is None:
            raise reader.error(begin, "something is missing here", f"write {_NO_TERM}")
        if reader.next_char == "(":
            what = f"{word.text}(…) is no function of the language"
            raise reader.error(begin, what, f'to find it as text write "{word.text}("')
        wrong = next((at for at, one in enumerate(word.text) if one in _OPERATOR_CHARS), None)
        if wrong is not None:
            what = (
                "no field stands before it" if wrong == 0 else "what stands before it is no field"
            )
            raise reader.error(begin + wrong, what, f'to find it as text write "{word.text}"')
        return _contains(word.text)

    def _comparison(self, name: Piece) -> Node:
        reader, field = self._reader, name.text
        operator = reader.take_operator()
        if operator is None:
            return self._jq_function(field)
        reader.skip_space()
        if operator.text in {"~", "=~", "!~"}:
            found = self._search(field, operator)
            return And((Exists(field), Not(found))) if operator.text == "!~" else found
        if operator.text in {"=", "==", "!=", "in"}:
            values = self._list() if operator.text == "in" else self._values(field, operator)
            build = operands.difference if operator.text == "!=" else operands.equality
            return build(reader, field, values, self._now_s)
        value = self._value(field, operator)
        if operator.text in ORDERINGS:
            return operands.ordering(reader, field, operator.text, value, self._now_s)
        return operands.literal(field, operator.text, value.text)

    def _jq_function(self, field: str) -> Node:
        """Read what may follow `.a.b` without an operator: `| test("…")`, or nothing: it exists."""
        reader, before = self._reader, self._reader.at
        reader.skip_space()
        if not reader.take("|") or reader.take("|"):
            reader.at = before
            return Exists(field)
        reader.skip_space()
        begin = reader.at
        word = reader.take_word()
        operator = _JQ_FUNCTIONS.get(word.text if word else "")
        if operator is None or not reader.take("("):
            known = ", ".join(_JQ_FUNCTIONS)
            raise reader.error(
                begin, "what follows | is not known here", f'one of {known}, each with ("…")'
            )
        reader.skip_space()
        value = self._value(field, Piece(operator, begin))
        reader.skip_space()
        if not reader.take(")"):
            raise reader.error(reader.at, "the parenthesis is never closed", "add )")
        if operator == "~":
            return operands.search(reader, field, value)
        return operands.literal(field, operator, value.text)

    def _search(self, field: str, operator: Piece) -> Node:
        expression = self._reader.take_expression()
        if expression is not None:
            return operands.search(self._reader, field, *expression)
        return operands.search(self._reader, field, self._value(field, operator))

    def _value(self, field: str, operator: Piece, stops: str = "") -> Piece:
        value = self._reader.take_value(stops)
        if value is None:
            raise self._reader.error(
                self._reader.at,
                f"no value after {operator.text}",
                f'write {field}{operator.text}500, or {field}="" for an empty one',
            )
        return value

    def _values(self, field: str, operator: Piece) -> tuple[Piece, ...]:
        found = [self._value(field, operator, ",")]
        while self._reader.take(","):
            found.append(self._value(field, Piece(",", self._reader.at), ","))
        return tuple(found)

    def _list(self) -> tuple[Piece, ...]:
        """Read `(a, "b", c)`."""
        reader, begin = self._reader, self._reader.at
        reader.take("(")
        found: list[Piece] = []
        while True:
            reader.skip_space()
            found.append(self._value("", Piece("in", begin), ","))
            reader.skip_space()
            if reader.take(")"):
                return tuple(found)
            if not reader.take(","):
                raise reader.error(begin, "the list is never closed", "write in (a, b)")


def _contains(text: str) -> Node:
    return Contains(text, is_exact(text))


def _literal_of(reader: Reader, quoted: Piece) -> Node:
    if not quoted.text:
        raise reader.error(quoted.at_char, "nothing inside the quotes", "write the text to find")
    return _contains(quoted.text)
