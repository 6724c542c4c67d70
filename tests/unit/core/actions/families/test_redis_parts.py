"""Settings as they are written, copies as they are stored, stamps as records spell them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.actions.families.circuit_records import open_word, stamped
from core.actions.families.redis_key_copies import pack, unpack
from core.actions.families.redis_settings import SETTINGS, setting_text, shown_setting
from core.actions.families.token import masked
from core.clients.acting.redis_key_values import KeyCopy
from core.errors import ActionError, StepFailedError
from core.model.redis_key import KeyName

COPIES = st.builds(
    KeyCopy,
    st.builds(KeyName, st.binary(max_size=40)),
    st.binary(max_size=60),
    st.none() | st.integers(0, 2**62),
)


@given(st.lists(COPIES, max_size=5))
def test_copies_come_back_as_they_were(copies: list[KeyCopy]) -> None:
    assert list(unpack(b"".join(map(pack, copies)))) == copies


@given(COPIES, st.data())
def test_a_copy_that_is_cut_off_is_no_copy(copy: KeyCopy, data: st.DataObject) -> None:
    stored = pack(copy)
    cut = data.draw(st.integers(1, len(stored) - 1))
    with pytest.raises(StepFailedError, match="cut off"):
        list(unpack(stored[:cut]))


@pytest.mark.parametrize(
    ("name", "text", "written"),
    [
        ("maxmemory", "2gb", "2147483648"),
        ("maxmemory", "2g", "2000000000"),
        ("maxmemory", "512 MB", "536870912"),
        ("maxmemory", "0", "0"),
        ("save", '"900 1  300 10"', "900 1 300 10"),
        ("save", "''", ""),
        ("appendfsync", "Always", "always"),
        ("hz", "010", "10"),
        ("slowlog-log-slower-than", "-1", "-1"),
    ],
)
def test_a_setting_is_written_as_the_server_tells_it(name: str, text: str, written: str) -> None:
    assert setting_text(name, text) == written


@pytest.mark.parametrize(
    ("name", "text"),
    [("dir", "/"), ("requirepass", "x"), ("bind", "0.0.0.0"), ("maxmemory", "2xb"),
     ("maxmemory", ""), ("hz", "1.5"), ("hz", "501"), ("save", "900"), ("maxmemory-policy", "lru")],
)  # fmt: skip
def test_what_is_no_setting_or_no_value_is_refused(name: str, text: str) -> None:
    with pytest.raises(ActionError):
        setting_text(name, text)


def test_nothing_on_the_list_says_where_data_go_or_who_comes_in() -> None:
    words = ("dir", "file", "pass", "bind", "acl", "module", "port", "tls", "protected", "replica")
    assert not [name for name in SETTINGS if any(word in name for word in words)]


def test_no_limit_is_called_so() -> None:
    assert shown_setting("maxmemory", "0") == "0 (no limit)"
    assert shown_setting("maxmemory", "2147483648") == "2147483648 (2.0 GiB)"


@pytest.mark.parametrize(
    ("before", "word"),
    [(b"CLOSED", b"OPEN"), (b"closed", b"open"), (b"HalfOpen", b"Open"), (b"0", None), (b"", None)],
)
def test_open_is_spelled_as_the_record_spells(before: bytes, word: bytes | None) -> None:
    assert open_word(before) == word


def test_a_stamp_counts_as_the_record_counts() -> None:
    now_ms = 1_773_480_404_500
    assert [stamped(unit, now_ms) for unit in ("s", "float s", "ms", "us")] == [
        b"1773480404", b"1773480404.500", b"1773480404500", b"1773480404500000",
    ]  # fmt: skip


def test_a_token_is_masked() -> None:
    assert masked(KeyName(b"token:" + b"5f2b" * 16)) == "token:5f2b5f… (64 characters)"
    assert masked(KeyName(b"token:short")) == "token:sh…"
    assert "secret" not in masked(KeyName(b"mysecrettoken"))
