"""A private name of ours that Textual owns overrides it silently; this notices."""

import importlib
import inspect
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SANCTIONED = {
    "_display": "the frame diff sits in the display path (ADR 0009)",
    "_fatal_error": "the crash output must show no locals (ADR 0011)",
    "_print_error_renderables": "the crash output must show no locals (ADR 0011)",
    "_handle_exception": "the crash output must show no locals (ADR 0011)",
}


def our_classes() -> list[type]:
    found: list[type] = []
    for package in ("tui", "screens", "widgets"):
        for path in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            module = importlib.import_module(name)
            found += [
                member
                for _, member in inspect.getmembers(module, inspect.isclass)
                if member.__module__ == name
            ]
    return found


@pytest.mark.parametrize("cls", our_classes(), ids=lambda cls: f"{cls.__module__}.{cls.__name__}")
def test_no_private_name_of_textual_is_overridden(cls: type) -> None:
    theirs = {
        name
        for base in cls.__mro__[1:]
        if base.__module__.split(".")[0] == "textual"
        for name in vars(base)
        if name.startswith("_") and not name.startswith("__")
    }
    # Textual's metaclass writes these on every widget class.
    generated = {
        "_css_bases", "_default_css", "_css_type_name", "_css_type_names", "_inherit_css",
        "_inherit_bindings", "_inherit_component_classes", "_merged_bindings", "_computes",
        "_decorated_handlers", "_reactives", "_abc_impl",
        "_classvar_pseudo_classes", "_merge_bindings",
    }  # fmt: skip
    ours = {name for name in vars(cls) if name.startswith("_") and not name.startswith("__")}
    assert (ours & theirs) - generated - set(SANCTIONED) == set()
