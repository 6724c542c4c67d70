"""Writes configuration files for the tests, and loads them."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from config.loader import Loaded, load
from config.problems import ConfigProblems, Problem


def write(folder: Path, text: str, name: str = "quarterdeck.yaml", mode: int = 0o644) -> Path:
    """Write a file that only its owner may change, unless `mode` says otherwise."""
    path = folder / name
    path.write_text(dedent(text), encoding="utf-8")
    path.chmod(mode)
    return path


def loaded(folder: Path, text: str, env: Mapping[str, str] | None = None) -> Loaded:
    """Load a text that has to be right."""
    return load(write(folder, text), env or {})


def problems(folder: Path, text: str, env: Mapping[str, str] | None = None) -> tuple[Problem, ...]:
    """Return what is wrong with a text that has to be wrong."""
    with pytest.raises(ConfigProblems) as caught:
        load(write(folder, text), env or {})
    return caught.value.problems


def only_problem(folder: Path, text: str, env: Mapping[str, str] | None = None) -> Problem:
    """Return the one thing wrong with a text."""
    found = problems(folder, text, env)
    assert len(found) == 1, [str(one) for one in found]
    return found[0]
