"""Outside text has one way in, and nothing from data is ever parsed as markup."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MARKUP_WIDGETS = {"Static", "Label", "Button", "RichLog", "OptionList", "Tree", "DataTable"}


def parsed(*packages: str) -> list[tuple[str, ast.Module]]:
    return [
        (str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8")))
        for package in packages
        for path in sorted((ROOT / package).rglob("*.py"))
    ]


def called(node: ast.Call) -> str:
    function = node.func
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else ""


def calls(*packages: str) -> list[tuple[str, ast.Call]]:
    return [
        (name, node)
        for name, tree in parsed(*packages)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    ]


def test_only_the_sanitiser_and_literals_make_safe_text() -> None:
    makers = {
        f"{name}:{node.lineno}"
        for name, node in calls("core", "config", "widgets", "screens", "tui", "cli")
        if called(node) == "SafeText"
        and name != "core/model/text.py"
        and not (node.args and isinstance(node.args[0], ast.Constant))
        and name not in {"widgets/present/line.py", "widgets/present/chart.py"}
    }
    assert makers == set(), "use clean(), or a literal"


@pytest.mark.parametrize("package", ["widgets", "screens", "tui"])
def test_a_textual_widget_is_given_a_literal_or_is_told_that_text_is_not_markup(
    package: str,
) -> None:
    guilty: list[str] = []
    for name, node in calls(package):
        if called(node) not in MARKUP_WIDGETS:
            continue
        has_data = any(not isinstance(argument, ast.Constant) for argument in node.args)
        is_told = any(
            keyword.arg == "markup"
            and isinstance(keyword.value, ast.Constant)
            and keyword.value.value is False
            for keyword in node.keywords
        )
        if has_data and not is_told:
            guilty.append(f"{name}:{node.lineno} {called(node)}")
    assert guilty == []


@pytest.mark.parametrize("package", ["widgets", "screens", "tui"])
def test_toasts_and_titles_from_data_are_not_markup(package: str) -> None:
    guilty = [
        f"{name}:{node.lineno}"
        for name, node in calls(package)
        if called(node) == "notify"
        and node.args
        and not isinstance(node.args[0], ast.Constant)
        and not any(
            keyword.arg == "markup" and getattr(keyword.value, "value", None) is False
            for keyword in node.keywords
        )
    ]
    assert guilty == []


def test_no_code_runs_a_shell() -> None:
    guilty = [
        f"{name}:{node.lineno}"
        for name, node in calls("core", "config", "widgets", "screens", "tui", "cli", "demo")
        if ast.unparse(node.func) in {"os.system", "os.popen", "subprocess.getoutput"}
        or called(node) == "create_subprocess_shell"
        or any(
            keyword.arg == "shell" and getattr(keyword.value, "value", None) is not False
            for keyword in node.keywords
        )
    ]
    assert guilty == []
