"""The sanitiser: nothing that a terminal acts on gets through, and nothing vanishes."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.text import clean, clean_lines
from tests.hostile import CORPUS


def is_harmless(text: str) -> bool:
    return all(unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in text)


@pytest.mark.parametrize("payload", CORPUS, ids=lambda payload: ascii(payload)[:40])
def test_a_hostile_payload_becomes_harmless_text(payload: str) -> None:
    assert is_harmless(clean(payload))


@given(st.text(alphabet=st.characters(), max_size=400))
def test_any_text_becomes_harmless_and_encodable(raw: str) -> None:
    cleaned = clean(raw)
    assert is_harmless(cleaned)
    cleaned.encode("utf-8")


@given(st.binary(max_size=400))
def test_any_bytes_become_harmless(raw: bytes) -> None:
    assert is_harmless(clean(raw))


@given(st.text(max_size=200))
def test_cleaning_twice_changes_nothing(raw: str) -> None:
    assert clean(clean(raw)) == clean(raw)


def test_controls_are_shown_not_dropped() -> None:
    assert clean("a\x1b[2Jb") == "a␛[2Jb"
    assert clean("\x9b") == "\\x9b"
    assert clean("\u202e") == "\\u202e"
    assert clean("a\tb") == "a    b"


def test_ordinary_text_in_any_script_is_untouched() -> None:
    for text in ("plain", "grüße", "日本語", "naïve café", "Ωμέγα", "مرحبا", "e\u0301"):
        assert clean(text) == text


def test_a_long_text_is_cut_and_says_its_length() -> None:
    cleaned = clean("x" * 10_000, max_chars=100)
    assert cleaned == "x" * 100 + "… (10000 characters)"


def test_lines_are_split_before_they_are_cleaned() -> None:
    assert clean_lines(b"one\r\ntwo\x1b[2J\nthree") == ("one", "two␛[2J", "three")
