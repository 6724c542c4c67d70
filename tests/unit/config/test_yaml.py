"""YAML to a tree: places, plain values, and what is refused before anything is built."""

from textwrap import dedent

import pytest

from config.problems import ConfigProblems, Problem
from config.yaml_reader import MAX_DEPTH, parse_tree
from config.yaml_tree import Mapping, plain_of


def read(text: str) -> object:
    return plain_of(parse_tree(dedent(text), "file.yaml"))


def refused(text: str) -> Problem:
    with pytest.raises(ConfigProblems) as caught:
        parse_tree(dedent(text), "file.yaml")
    return caught.value.problems[0]


def test_plain_values_follow_yaml_1_2() -> None:
    text = "[yes, on, 1:30, 012, 1e3, .5, true, ~, null, 'true', 2026-02-11, .inf, 0x1F]"
    numbers = [12, 1000.0, 0.5]
    words = [True, None, None, "true", "2026-02-11", ".inf", "0x1F"]
    assert read(text) == ["yes", "on", "1:30", *numbers, *words]


def test_a_number_too_long_to_be_meant_stays_text() -> None:
    assert read("9" * 5000) == "9" * 5000


def test_a_value_has_the_line_of_its_key() -> None:
    tree = parse_tree("a: 1\nb:\n\n  c:\n    - x\n", "file.yaml")
    assert isinstance(tree, Mapping)
    inner = tree.entries["b"]
    assert isinstance(inner, Mapping)
    assert (inner.place.line, inner.entries["c"].place.line) == (2, 4)


def test_an_alias_stands_for_its_anchor_at_its_own_line() -> None:
    tree = parse_tree("a: &x {b: 1}\nc: *x\n", "file.yaml")
    assert isinstance(tree, Mapping)
    assert plain_of(tree) == {"a": {"b": 1}, "c": {"b": 1}}
    assert tree.entries["c"].place.line == 2


def test_every_duplicate_key_is_named_with_both_lines() -> None:
    with pytest.raises(ConfigProblems) as caught:
        parse_tree("a: 1\nb: {c: 1, c: 2}\na: 3\n", "file.yaml")
    found = [(one.place.line, one.key, one.what) for one in caught.value.problems]
    assert found == [
        (2, "b.c", "the key is there twice (first on line 2)"),
        (3, "a", "the key is there twice (first on line 1)"),
    ]


def test_aliases_that_multiply_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
    problem = refused("\n".join(lines))
    assert "aliases" in problem.what
    assert problem.place.line == 6


def test_aliases_that_nest_deep_are_refused() -> None:
    lines = ["a0: &a0 [[[[[[[[[[x]]]]]]]]]]"]
    lines += [f"a{i}: &a{i} [[[[[[[[[[*a{i - 1}]]]]]]]]]]" for i in range(1, 200)]
    assert f"deeper than {MAX_DEPTH}" in refused("\n".join(lines)).what


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ("", "is empty", 0),
        ("# only a comment\n", "is empty", 0),
        ("a: 1\n---\nb: 2\n", "a second document", 2),
        ("a:\n  - &x [*x]\n", "stands for nothing finished before it", 2),
        ("a: *nobody\n", "nobody", 1),
        ("a: !!python/object/apply:os.system ['id']\n", "a tag", 1),
        ("a: !!int '3'\n", "a tag", 1),
        ("? [a, b]\n: 1\n", "a key that is not a text", 1),
        ("a: 1\n *x : 2\n", "", 2),
        ("a: [1, 2\nb: 3\n", "not YAML", 2),
        ("a: 'open\n", "not YAML", 2),
        ("a: \x00\n", "not YAML", 0),
        ("a: \ud800\n", "not YAML", 0),
    ],
)
def test_what_is_not_plain_yaml_is_refused_with_its_line(text: str, what: str, line: int) -> None:
    problem = refused(text)
    assert what in problem.what
    assert problem.remedy
    assert problem.place.line == line


def test_deep_nesting_is_refused_without_recursion() -> None:
    problem = refused("[" * 100_000)
    assert problem.what == f"nested deeper than {MAX_DEPTH} levels"


def test_a_merge_key_is_an_ordinary_key() -> None:
    assert read("a: &x {b: 1}\nc: {<<: *x}\n") == {"a": {"b": 1}, "c": {"<<": {"b": 1}}}
