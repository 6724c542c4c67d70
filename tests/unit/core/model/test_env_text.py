"""The bytes of an env file: only what is meant changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ActionError
from core.model.env_text import (
    is_secret_name,
    masked_diff,
    masked_lines,
    parse_env,
    remove_variable,
    set_variable,
)
from core.model.secret import MASK

BOM = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("data", "name", "value", "wanted"),
    [
        (b"A=1\nB=2\n", "A", "9", b"A=9\nB=2\n"),
        (b"A=1\r\nB=2\r\n", "B", "9", b"A=1\r\nB=9\r\n"),
        (BOM + b"A=1\nB=2\n", "A", "9", BOM + b"A=9\nB=2\n"),
        (b"export A=1\nB=2", "A", "9", b"export A=9\nB=2"),
        (b"  export  A = 1  \n", "A", "9", b"  export  A = 9  \n"),
        (b"A='x y'\n", "A", "9", b"A='9'\n"),
        (b'A="x y"  # why\n', "A", "a b", b'A="a b"  # why\n'),
        (b"A=1  # why\nB=2\n", "A", "9", b"A=9  # why\nB=2\n"),
        (b"A=1#not a comment\n", "A", "9", b"A=9\n"),
        (b"A= # why\n", "A", "9", b"A=9 # why\n"),
        (b"A=\n", "A", "9", b"A=9\n"),
        (b"A=", "A", "9", b"A=9"),
        (b"A\nB=2\n", "A", "9", b"A=9\nB=2\n"),
        (b"A=1\nB=2", "B", "9", b"A=1\nB=9"),
        (b"A=1\nB=2", "C", "9", b"A=1\nB=2\nC=9"),
        (b"A=1\r\n", "C", "9", b"A=1\r\nC=9\r\n"),
        (b"", "C", "9", b"C=9\n"),
        (BOM, "C", "9", BOM + b"C=9\n"),
        (b"A=1\nB=x\nA=2\n", "A", "9", b"A=1\nB=x\nA=9\n"),
        (b'K="one\ntwo\nA=5"\nA=1\n', "A", "9", b'K="one\ntwo\nA=5"\nA=9\n'),
        (b"K='one\ntwo'\n# A=7\nA=1\n", "A", "9", b"K='one\ntwo'\n# A=7\nA=9\n"),
        (b'A="one\ntwo"\nB=2\n', "A", "9", b'A="9"\nB=2\n'),
        (b"A=1\n", "A", "a b", b"A='a b'\n"),
        (b"A=1\n", "A", "it's", b'A="it\'s"\n'),
        (b"A=1\n", "A", "a$b#c", b"A='a$b#c'\n"),
        (b'A="1"\n', "A", "a$b", b"A='a$b'\n"),
        (b"A=1\n", "A", "one\ntwo", b'A="one\\ntwo"\n'),
        (b"A=1\n", "A", "", b"A=\n"),
        (b"\xff\xfe=1\nA=1\n", "A", "9", b"\xff\xfe=1\nA=9\n"),
        (b"A=\xe9\nB=1\n", "B", "9", b"A=\xe9\nB=9\n"),
        (b"not a pair at all\nA=1\n", "A", "9", b"not a pair at all\nA=9\n"),
        (b"A=1\rB=2\r", "B", "9", b"A=1\rB=9\r"),
    ],
)
def test_one_value_changes_and_every_other_byte_stays(
    data: bytes, name: str, value: str, wanted: bytes
) -> None:
    assert set_variable(data, name, value) == wanted
    assert parse_env(wanted).values()[name] == value


@pytest.mark.parametrize("name", ["", "1A", "A B", "A=B", "A\n", "é", "-x"])
def test_a_name_that_readers_refuse_is_refused(name: str) -> None:
    with pytest.raises(ActionError, match="no name"):
        set_variable(b"A=1\n", name, "x")


@pytest.mark.parametrize("value", ["a\x00b", "a\x1b[2Jb", "a\rb", "it's $5", "`it's`"])
def test_a_value_that_readers_take_differently_is_refused(value: str) -> None:
    with pytest.raises(ActionError):
        set_variable(b"A=1\n", "A", value)


@given(
    before=st.lists(st.sampled_from([b"A=1", b"# c", b"B='x y' # z", b'M="1\n2"', b"", b"??? x"])),
    value=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20),
    end=st.sampled_from([b"\n", b"\r\n"]),
)
def test_what_was_set_is_read_back_and_the_rest_stays(
    before: list[bytes], value: str, end: bytes
) -> None:
    data = end.join(before)
    try:
        changed = set_variable(data, "NEW", value)
    except ActionError:
        assert set(value) & set("$`")
        return
    assert parse_env(changed).values()["NEW"] == value
    assert changed.startswith(data)
    assert {**parse_env(changed).values(), "NEW": ""} == {**parse_env(data).values(), "NEW": ""}


@given(st.binary(max_size=200))
def test_no_bytes_make_the_parser_fail_or_lose_its_place(data: bytes) -> None:
    parsed = parse_env(data)
    ends = [0]
    for entry in parsed.entries:
        assert ends[-1] <= entry.lines_span[0] <= entry.value_span[0]
        assert entry.value_span[1] <= entry.lines_span[1] <= len(data)
        ends.append(entry.lines_span[1])


def test_values_are_read_as_the_programs_read_them() -> None:
    text = parse_env(
        b'A=1\nB = two words \nC=\'a\\\'b # c\'\nD="x\\ny \\"z\\""\nE\nF=a#b\nexport G=h # i\nA=2\n'
    )
    assert text.values() == {
        "A": "2", "B": "two words", "C": "a'b # c", "D": 'x\ny "z"', "F": "a#b", "G": "h",
    }  # fmt: skip
    assert text.repeated() == ("A",)
    assert [(one.name, one.line) for one in text.entries][-2:] == [("G", 7), ("A", 8)]


def test_what_no_program_reads_alike_is_told_with_its_line() -> None:
    text = parse_env(b'A=1\nwhat is this\nB=\'never closed\nC="x" y\nD=4\n')
    assert [(one.line, one.text) for one in text.faults] == [
        (2, "is no NAME=value"),
        (3, "B: its quote is never closed"),
        (4, "C: something stands behind its closing quote"),
    ]
    assert text.values() == {"A": "1", "D": "4"}


def test_removing_takes_all_lines_of_the_name() -> None:
    data = b'A=1\r\nM="a\r\nb" # c\r\nB=2\r\nM=3'
    assert remove_variable(data, "M") == b"A=1\r\nB=2\r\n"
    assert remove_variable(data, "NONE") == data


@pytest.mark.parametrize(
    "name", ["JWT_SECRET", "REDIS_PASSWORD", "SUPABASE_SERVICE_KEY", "API_KEYS", "x_token", "DSN"]
)
def test_a_name_that_tells_of_a_secret_is_known(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["PORT", "LOG_LEVEL", "KEYBOARD", "RATE_LIMIT", "MONKEY_COUNT"])
def test_an_ordinary_name_is_not_a_secret(name: str) -> None:
    assert not is_secret_name(name)


def test_a_diff_says_that_a_secret_changed_and_never_what_it_is() -> None:
    old = b'PORT=1\nSALT_A="hunter1\nhunter2"\nURL=redis://:hunter3@h/0\nOWN=hunter4\n'
    new = old.replace(b"hunter", b"HUNTER").replace(b"PORT=1", b"PORT=2")
    text = "\n".join(masked_diff(old, new, "/x/.env", lambda name: name in {"SALT_A", "OWN"}))
    assert "hunter" not in text.lower()
    assert f"-PORT=1\n-SALT_A={MASK}\n-URL=redis://:{MASK}@h/0\n-OWN={MASK}\n" in text
    assert f"+PORT=2\n+SALT_A={MASK} (new value)\n" in text
    assert f"+URL=redis://:{MASK}@h/0 (new value)\n" in text
    assert f"+OWN={MASK} (new value)" in text


def test_a_diff_that_hides_all_there_is_says_so() -> None:
    old, new = b"# PASSWORD=aaaa\n", b"# PASSWORD=bbbb\n"
    assert "only in what is not shown" in masked_diff(old, new, "/x", lambda _: False)[0]
    assert masked_diff(old, old, "/x", lambda _: False) == ()


def test_escape_sequences_in_an_env_file_stay_on_paper() -> None:
    (line,) = masked_lines(b"A=\x1b]0;x\x07", lambda _: False)
    assert line == "A=␛]0;x␇"
