"""One line that says which dead letters are wanted: `age>1d age<7d timeout`. Pure."""

import re
from dataclasses import replace

from core.logs.query.quantities import parse_duration_ms
from core.model.redis_view import ShowLetters
from widgets.present.pending_query import PendingQueryError, duration_words

LETTERS_HINT = "age>1d age<7d, or text somewhere in the letter, in any case   (empty: all)"
"""What can be typed."""
_AGE = re.compile(r"(?<!\S)age(?P<operator>>=|<=|!=|>|<|=)(?P<value>\S*)", re.IGNORECASE)


def parse_letters_query(text: str, wish: ShowLetters) -> ShowLetters:
    """Return a wish for what a line asks for; what is no age is one text.

    Raises:
        PendingQueryError: an age that is none.
    """
    older_s = newer_s = None
    for term in _AGE.finditer(text):
        if term["operator"] in {"=", "!="}:
            raise PendingQueryError("of age < and > can be asked: age>1d", term.start())
        age_ms = parse_duration_ms(term["value"])
        if age_ms is None:
            problem = "not a duration: write 90s, 5m, 1h30m or 2d"
            raise PendingQueryError(problem, term.start("value"))
        if term["operator"].startswith(">"):
            older_s = age_ms / 1000
        else:
            newer_s = age_ms / 1000
    rest = " ".join(_AGE.sub(" ", text).split()) if older_s or newer_s else text
    return replace(wish, text=rest, older_s=older_s, newer_s=newer_s)


def letters_query_text(wish: ShowLetters) -> str:
    """Return the line that asks for this."""
    bounds = ((">", wish.older_s), ("<", wish.newer_s))
    ages = [f"age{sign}{duration_words(age_s)}" for sign, age_s in bounds if age_s is not None]
    return " ".join([*ages, wish.text] if wish.text else ages)
