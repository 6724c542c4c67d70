"""Reading and writing a store's JSON: nothing is lost, nothing moves."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.clients.key_files import LIMIT_BYTES
from core.errors import ClientGarbled
from core.keys.store.shapes import Tree, differences, parse, style_of, write
from core.keys.store.tree import Number
from tests.unit.core.keys.store.odd_json import files, values

REAL = (
    b'{\r\n\t"key_a": {\r\n\t\t"tier": "pro",\r\n\t\t"n": 1e3,\r\n'
    b'\t\t"big": 123456789012345678901234567890,\r\n'
    b'\t\t"f": 1.0,\r\n\t\t"\\u00e9": "caf\xc3\xa9"\r\n\t}\r\n}'
)


@settings(max_examples=300, deadline=None)
@given(files())
def test_a_file_that_nobody_changed_is_written_byte_for_byte(data: bytes) -> None:
    assert write(parse(data), style_of(data)) == data


@settings(max_examples=200, deadline=None)
@given(files(), st.text(max_size=5), values, st.data())
def test_what_is_written_reads_as_what_was_meant(
    data: bytes, name: str, new: object, more: st.DataObject
) -> None:
    tree = parse(data)
    if isinstance(tree.root, dict):
        for gone in more.draw(st.sets(st.sampled_from([*tree.root, name]))):
            tree.root.pop(gone, None)
        tree.root[name] = new  # pyright: ignore[reportArgumentType]
    elif isinstance(tree.root, list):
        tree.root.append(new)  # pyright: ignore[reportArgumentType]
    else:
        tree.root = new  # pyright: ignore[reportAttributeAccessIssue]
    again = parse(write(tree, style_of(data)))
    assert differences(tree.root, again.root) == ()
    if isinstance(tree.root, dict) and isinstance(again.root, dict):
        assert list(again.root) == list(tree.root)


@pytest.mark.parametrize("indent", [None, 1, 2, 4, "\t"])
@pytest.mark.parametrize("is_ascii", [True, False])
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (",", ": ")])
def test_an_added_record_looks_as_if_the_files_own_writer_had_written_it(
    indent: int | str | None, is_ascii: bool, separators: tuple[str, str]
) -> None:
    if indent is not None and separators == (", ", ": "):
        separators = (",", ": ")

    def dumped(value: object) -> bytes:
        text = json.dumps(value, indent=indent, ensure_ascii=is_ascii, separators=separators)
        return (text + "\n").encode()

    before = {"key_é": {"tier": "pro", "n": 5}, "key_b": {"tier": "free", "tags": ["x"]}}
    tree = parse(dumped(before))
    assert isinstance(tree.root, dict)
    tree.root["key_c"] = {"tier": "dev", "name": "ü", "tags": ["a", "b"], "none": {}}
    after = {**before, "key_c": {"tier": "dev", "name": "ü", "tags": ["a", "b"], "none": {}}}
    if indent is None and is_ascii is False:
        assert "ü".encode() in write(tree, style_of(dumped(before)))
    assert write(tree, style_of(dumped(before))) == dumped(after)


def test_a_changed_field_changes_only_its_own_bytes() -> None:
    tree = parse(REAL)
    assert isinstance(tree.root, dict)
    record = tree.root["key_a"]
    assert isinstance(record, dict)
    record["tier"] = "free"
    assert write(tree, style_of(REAL)) == REAL.replace(b'"pro"', b'"free"')
    record["added"] = True
    expected = REAL.replace(b'"pro"', b'"free"').replace(
        b'caf\xc3\xa9"', b'caf\xc3\xa9",\r\n\t\t"added": true'
    )
    assert write(tree, style_of(REAL)) == expected


def test_taking_an_added_record_away_again_gives_the_old_bytes_back() -> None:
    first = b'{ "a": {"tier":"x"},\n\n   "b" : {"tier":"y"} }\n'
    tree = parse(first)
    assert isinstance(tree.root, dict)
    tree.root["c"] = {"tier": "z"}
    second = write(tree, style_of(first))
    tree = parse(second)
    assert isinstance(tree.root, dict)
    del tree.root["c"]
    assert write(tree, style_of(second)) == first


def test_a_tree_made_anew_is_written_in_the_style_it_is_given() -> None:
    style = style_of(b'\xef\xbb\xbf{\r\n    "a": 1\r\n}\r\n')
    assert write(Tree({"b": Number("1e3")}), style) == b'\xef\xbb\xbf{\r\n    "b": 1e3\r\n}\r\n'


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b" \n", "blanks"),
        (b"{", "torn"),
        (b'{"key_secret": {"tier": "dev", "requ', "torn"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b'{"k": {"x": 1, "x": 1}}', "twice"),
        (b'{"a\0": 1}', "NUL"),
        ('{"é": 1}'.encode("latin-1"), "not UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "NUL"),
        (b" " * (LIMIT_BYTES + 1), "at most"),
        (b"[" * 100_000, "nested"),
        (b'{"a": 1} x', "no JSON"),
        (b"{'a': 1}", "no JSON"),
        (b'{"a": 1,}', "no JSON"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why_and_nothing_of_what_it_holds(data: bytes, why: str) -> None:
    with pytest.raises(ClientGarbled, match=why) as caught:
        parse(data)
    assert "secret" not in str(caught.value)


def test_differences_name_every_path_and_no_other() -> None:
    old, new = (
        parse(b'{"a": {"x": 1, "y": [1, 2]}, "b": 1}').root,
        parse(b'{"a": {"x": 1.0, "y": [1]}, "c": 1}').root,
    )
    assert set(differences(old, new)) == {("a", "x"), ("a", "y", 1), ("b",), ("c",)}
    assert differences(True, Number("1")) == ((),)
