"""Files a reader holds in the head, functions that fit a screen."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("cli", "tui", "screens", "widgets", "config", "core", "demo", "bench", "tests")
FILE_LINES = 400
TEST_FILE_LINES = 600
FUNCTION_LINES = 60
CLASS_METHODS = 30
"""Textual widgets need many small handlers; the aim for everything else is 20."""

ALLOWED_FILES: dict[str, str] = {}
"""Path to the reason why it may be longer."""

ALLOWED_FUNCTIONS = {
    "bench/scene_topology.py": "one literal: the topology that all pictures show",
}

ALLOWED_CLASSES = {
    "ConsoleApp": "one short handler for each key that works everywhere",
    "LeanTable": "one short handler for each key and each attribute of a table",
    "LogPane": "one short handler for each key and each attribute of the rows",
    "LogsScreen": "one short handler for each key and each message of its panes",
}


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_and_its_functions_fit_in_the_head(path: Path) -> None:
    name = str(path.relative_to(ROOT))
    text = path.read_text(encoding="utf-8")
    limit = TEST_FILE_LINES if name.startswith("tests/") else FILE_LINES
    lines = text.count("\n")
    assert lines <= limit or name in ALLOWED_FILES, f"{lines} lines, limit {limit}: split it"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = (node.end_lineno or node.lineno) - node.lineno + 1
            is_fine = size <= FUNCTION_LINES or name in ALLOWED_FUNCTIONS
            assert is_fine, f"{node.name} has {size} lines"
        if isinstance(node, ast.ClassDef) and not name.startswith("tests/"):
            methods = [
                m for m in node.body if isinstance(m, ast.FunctionDef | ast.AsyncFunctionDef)
            ]
            is_fine = len(methods) <= CLASS_METHODS or node.name in ALLOWED_CLASSES
            assert is_fine, f"{node.name} has {len(methods)} methods"


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in sources()
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []
