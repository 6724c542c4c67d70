"""Reads a query's text piece by piece: quotes, expressions, words, names, operators."""

import re
from dataclasses import dataclass

from core.errors import QueryError

_SPACE = re.compile(r"\s*")
_NAME = re.compile(r"[^\W\d][\w@-]*(?:\.[\w@-]+)*|@[\w@-]+(?:\.[\w@-]+)*")
_JQ_PATH = re.compile(r"\.(?:[^\W\d][\w@-]*(?:\.[\w@-]+)*|\[\"([^\"\\\]]+)\"\])")
_OPERATOR = re.compile(r"\s*(==|=~|!=|!~|>=|<=|=|~|>|<)")
_WORD_OPERATOR = re.compile(r"\s+(contains|starts|startswith|ends|endswith)\s+|\s+(in)\s*(?=\()")
_SEGMENT = re.compile(r"[^\s()]+")
_FLAGS = re.compile(r"[ims]*(?=[\s)]|$)")
_KEYWORD_END = re.compile(r"(?=[\s()!\"'/]|$)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A value with the character where it begins."""

    text: str
    at_char: int
    is_quoted: bool = False


class Reader:
    """A place in a query's text that only goes forward."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def error(self, at_char: int, problem: str, remedy: str = "") -> QueryError:
        """Return what to raise about a character of this text."""
        return QueryError(self.text, min(at_char, len(self.text)), problem, remedy)

    def skip_space(self) -> None:
        """Go to the next character that is not white space."""
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at

    @property
    def is_done(self) -> bool:
        """Whether nothing but white space is left."""
        self.skip_space()
        return self.at >= len(self.text)

    @property
    def next_char(self) -> str:
        """The character at this place, empty at the end."""
        return self.text[self.at : self.at + 1]

    def take(self, symbol: str) -> bool:
        """Go past a symbol if it stands here."""
        if not self.text.startswith(symbol, self.at):
            return False
        self.at += len(symbol)
        return True

    def take_keyword(self, *words: str) -> bool:
        """Go past one of some words, in small letters or capitals, if it stands here whole."""
        for word in words:
            for spelling in (word, word.upper()):
                end = self.at + len(spelling)
                if self.text.startswith(spelling, self.at) and _KEYWORD_END.match(self.text, end):
                    self.at = end
                    return True
        return False

    def take_quoted(self) -> Piece | None:
        """Read a text in double or single quotes; a backslash keeps a quote or a backslash."""
        quote, begin = self.next_char, self.at
        if quote not in {'"', "'"} or not quote:
            return None
        characters: list[str] = []
        at = begin + 1
        while at < len(self.text):
            character = self.text[at]
            if character == quote:
                self.at = at + 1
                return Piece("".join(characters), begin, True)
            if character == "\\" and self.text[at + 1 : at + 2] in {quote, "\\"}:
                at += 1
                character = self.text[at]
            characters.append(character)
            at += 1
        raise self.error(begin, "the quote is never closed", f"end the text with {quote}")

    def take_expression(self) -> tuple[Piece, str] | None:
        """Read `/expression/flags`, None when what begins with a slash is a path."""
        begin = at = self.at
        if self.next_char != "/":
            return None
        while True:
            at += 1
            if at >= len(self.text):
                return None
            if self.text[at] == "\\":
                at += 1
            elif self.text[at] == "/":
                break
        flags = _FLAGS.match(self.text, at + 1)
        source = self.text[begin + 1 : at]
        if flags is None or not source:
            return None
        self.at = flags.end()
        return Piece(source, begin + 1), flags.group()

    def take_name(self) -> Piece | None:
        """Read a field's name if an operator follows it; `.a.b` may stand alone."""
        begin = self.at
        match = _JQ_PATH.match(self.text, begin)
        if match is not None:
            self.at = match.end()
            return Piece(match.group(1) or match.group()[1:], begin)
        match = _NAME.match(self.text, begin)
        if match is None:
            return None
        end = match.end()
        is_asked = _OPERATOR.match(self.text, end) or _WORD_OPERATOR.match(self.text, end)
        if is_asked is None:
            return None
        self.at = end
        return Piece(match.group(), begin)

    def take_operator(self) -> Piece | None:
        """Read an operator, or a word that is one: contains, starts, ends, in."""
        match = _OPERATOR.match(self.text, self.at) or _WORD_OPERATOR.match(self.text, self.at)
        if match is None:
            return None
        self.at = match.end()
        return Piece(match.group(match.lastindex or 0), match.start(match.lastindex or 0))

    def take_word(self) -> Piece | None:
        """Read up to white space or a parenthesis."""
        match = _SEGMENT.match(self.text, self.at)
        if match is None:
            return None
        self.at = match.end()
        return Piece(match.group(), match.start())

    def take_value(self, stops: str = "") -> Piece | None:
        """Read a quoted text, or up to white space, one of `stops` or a parenthesis too many."""
        quoted = self.take_quoted()
        if quoted is not None:
            return quoted
        begin, depth = self.at, 0
        while self.at < len(self.text):
            character = self.text[self.at]
            if character.isspace() or character in stops or (character == ")" and not depth):
                break
            depth += (character == "(") - (character == ")")
            self.at += 1
        return Piece(self.text[begin : self.at], begin) if self.at > begin else None
