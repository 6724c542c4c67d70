"""Editing in the console: what is not touched stays byte for byte, and no secret is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.actions.editing import edited_bytes, shown_text
from core.errors import ActionError
from core.model.secret import MASK

ENV = b"# kept\r\nexport JWT_SECRET='s3cret-value'  # why\r\nLEVEL=INFO\r\n"


def is_secret(name: str) -> bool:
    return name == "JWT_SECRET"


def test_a_secret_is_masked_and_comes_back_as_it_was() -> None:
    shown = shown_text(ENV, "/x/.env", is_secret)
    assert "s3cret" not in shown.text
    assert shown.hidden == 1
    edited = shown.text.replace("INFO", "DEBUG")
    assert edited_bytes(ENV, "/x/.env", is_secret, edited) == ENV.replace(b"INFO", b"DEBUG")


def test_a_new_value_may_be_written_over_the_mask() -> None:
    edited = "JWT_SECRET=new-one\nLEVEL=INFO\n"
    after = edited_bytes(ENV, "/x/.env", is_secret, edited)
    assert after == b"JWT_SECRET=new-one\r\nLEVEL=INFO\r\n"


def test_a_mask_that_stands_for_nothing_is_refused_with_its_line() -> None:
    with pytest.raises(ActionError, match="line 2 holds a mask"):
        edited_bytes(ENV, "/x/.env", is_secret, f"LEVEL=INFO\nOTHER={MASK}\n")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"a\xff", "not UTF-8 at byte 1"),
        (b"a\nb\r\n", "mixes the ends"),
        (b"a\n\x1b[2J", "line 2 of /x holds a control"),
        (b"x" * (257 * 1024), "larger than 256 KiB"),
    ],
)
def test_what_cannot_be_edited_here_is_said(data: bytes, why: str) -> None:
    with pytest.raises(ActionError, match=why):
        shown_text(data, "/x", None)


_NAMES = st.sampled_from(["A", "JWT_SECRET", "API_KEY", "DB_PASSWORD", "PORT"])
_VALUES = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FF, exclude_characters="\\'\"#$`\x7f\xad"),
    max_size=12,
).filter(lambda text: all(char.isprintable() for char in text))


@given(
    st.lists(st.tuples(_NAMES, _VALUES), max_size=8), st.sampled_from(["\n", "\r\n"]), st.booleans()
)
def test_an_unchanged_text_gives_the_same_bytes(
    pairs: list[tuple[str, str]], end: str, has_last_end: bool
) -> None:
    text = end.join(f"{name}={value}" for name, value in pairs) + (end if has_last_end else "")
    data = text.encode("utf-8")
    shown = shown_text(data, "/x/.env", is_secret)
    assert edited_bytes(data, "/x/.env", is_secret, shown.text) == data
