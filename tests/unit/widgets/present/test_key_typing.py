"""A whole key is never drawn where it is typed."""

from hypothesis import given
from hypothesis import strategies as st

from widgets.present.key_typing import looks_like_key, veiled

KEY = "key_Zr81xkQ9fAhR31c-w_Xe0aBcDeFgHiJkLmNoPqRsTuV"


def test_most_of_a_key_is_dots() -> None:
    shown = veiled(KEY)
    assert shown.startswith("key_Zr81•")
    assert set(shown[8:]) == {"•"}
    assert len(shown) == len(KEY)


def test_names_and_short_ids_stay() -> None:
    for text in ("k-3fa91c", "north-shop", "application-frontend", "over quota", ""):
        assert veiled(text) == text


def test_only_the_long_word_is_veiled() -> None:
    assert veiled(f"dev {KEY} pro").startswith("dev key_Zr81•")
    assert veiled(f"dev {KEY} pro").endswith("• pro")


def test_one_long_word_may_be_a_key() -> None:
    assert looks_like_key(KEY)
    assert not looks_like_key("k-3fa91c")
    assert not looks_like_key(f"dev {KEY}")


@given(st.text(alphabet=st.characters(codec="ascii", exclude_categories=("Cc",)), max_size=60))
def test_as_many_characters_are_shown_as_are_typed(text: str) -> None:
    assert len(veiled(text)) == len(text)


@given(st.text(alphabet="abcdefXYZ0123456789_-", min_size=20, max_size=60))
def test_no_more_than_a_dozen_characters_of_a_key_are_ever_seen(text: str) -> None:
    if any(one.isdigit() or one.isupper() for one in text):
        assert len(veiled(text).rstrip("•")) <= 12
