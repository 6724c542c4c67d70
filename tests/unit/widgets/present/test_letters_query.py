"""The line that says which dead letters are wanted."""

import pytest

from core.model.redis_key import KeyName
from core.model.redis_view import ShowLetters
from widgets.present.letters_query import letters_query_text, parse_letters_query
from widgets.present.pending_query import PendingQueryError

ALL = ShowLetters("shop/redis", KeyName(b"dead"))


@pytest.mark.parametrize(
    ("text", "words", "older_s", "newer_s"),
    [
        ("", "", None, None),
        ("age>1d", "", 86_400, None),
        ("age>=1h age<7d timeout", "timeout", 3600, 604_800),
        ("Connection refused age<90s", "Connection refused", None, 90),
        ("average>1d, page<3", "average>1d, page<3", None, None),
        ('"a"  b', '"a"  b', None, None),
    ],
)
def test_ages_are_taken_out_and_the_rest_is_text(
    text: str, words: str, older_s: float | None, newer_s: float | None
) -> None:
    wish = parse_letters_query(text, ALL)
    assert (wish.text, wish.older_s, wish.newer_s) == (words, older_s, newer_s)
    assert parse_letters_query(letters_query_text(wish), ALL) == wish


def test_what_is_no_age_is_told_with_its_place() -> None:
    with pytest.raises(PendingQueryError) as caught:
        parse_letters_query("timeout age>soon", ALL)
    assert caught.value.at_char == len("timeout age>")
    with pytest.raises(PendingQueryError):
        parse_letters_query("age=1d", ALL)
