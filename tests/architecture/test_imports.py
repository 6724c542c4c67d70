"""What may be loaded with what. The static graph misses what libraries pull in; this does not."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def modules_of(*packages: str) -> list[str]:
    return [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for package in packages
        for path in sorted((ROOT / package).rglob("*.py"))
        if path.name != "__main__.py"
    ]


def loaded_after(imports: list[str]) -> set[str]:
    code = "import importlib, sys\n"
    code += "".join(f"importlib.import_module({name!r})\n" for name in imports)
    code += "print('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_core_and_config_never_load_textual() -> None:
    assert "textual" not in loaded_after(modules_of("core", "config"))


def test_the_command_line_and_the_composition_root_never_load_textual() -> None:
    verbs = [name for name in modules_of("cli") if name != "cli.console"]
    assert "textual" not in loaded_after([*verbs, "tui.bootstrap"])


@pytest.mark.parametrize("library", ["httpx", "redis", "docker", "psutil", "prometheus_client"])
def test_the_command_line_loads_a_client_library_only_when_a_configuration_needs_it(
    library: str,
) -> None:
    assert library not in loaded_after(["cli.main", "tui.bootstrap", "core.runtime"])


def test_our_package_names_resolve_inside_our_tree() -> None:
    code = (
        "import cli, tui, screens, widgets, config, core, demo\n"
        "for module in (cli, tui, screens, widgets, config, core, demo): print(module.__file__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd="/", capture_output=True, text=True, check=True
    )
    assert all(line.startswith(str(ROOT)) for line in done.stdout.split())
