"""Names of keys are any bytes; what is spelled can be typed, and means the same bytes again."""

from hypothesis import given
from hypothesis import strategies as st

from core.model.redis_key import KeyName
from core.model.stream import EntryId
from core.model.text import clean


@given(st.binary(max_size=64))
def test_what_is_spelled_is_read_back(raw: bytes) -> None:
    name = KeyName(raw)
    assert KeyName.read(name.spelled) == name
    assert clean(name.shown) == name.shown


@given(st.text(max_size=40))
def test_a_name_may_be_typed_as_it_is(text: str) -> None:
    raw = text.encode("utf-8", "surrogatepass")
    assert KeyName.read(KeyName(raw).spelled).raw == raw


def test_controls_and_backslashes_are_spelled_out() -> None:
    assert KeyName(b"a:\x1b[2J").spelled == r"a:\x1b[2J"
    assert KeyName(b"a\\b").spelled == r"a\\b"
    assert KeyName("größe".encode()).spelled == "größe"
    assert KeyName.read(r"C:\temp").raw == rb"C:\temp"


def test_a_name_that_hides_its_neighbours_is_spelled_out() -> None:
    assert KeyName("a\u202eb".encode()).spelled == r"a\xe2\x80\xaeb"


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_an_entry_id_is_read_back(ms: int, seq: int) -> None:
    assert EntryId.read(str(EntryId(ms, seq))) == EntryId(ms, seq)


def test_what_is_no_entry_id() -> None:
    for text in ("", "-", "1-", "-1", "1-2-3", "$", "a-0", str(2**64), "１-0"):
        assert EntryId.read(text) is None, text
