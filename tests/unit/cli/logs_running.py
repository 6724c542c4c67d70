"""Runs `quarterdeck logs` in this process, over copies of the fixtures."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.main import run

DATA = Path(__file__).parents[2] / "data/logs"


@dataclass(frozen=True, slots=True)
class Done:
    """What a call gave."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """Its output, line by line."""
        return self.out.splitlines()

    @property
    def document(self) -> Any:  # JSON is JSON
        """Its output as one JSON document."""
        return json.loads(self.out)

    @property
    def records(self) -> list[dict[str, Any]]:
        """Its output as JSON lines."""
        return [json.loads(line) for line in self.lines]


class Caller:
    """Calls the command line in a folder of its own."""

    def __init__(self, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capfd = capfd

    def copied(self, name: str) -> Path:
        """Return a copy of a fixture: a file, or a folder with all in it."""
        source, target = DATA / name, self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copy(source, target)
        return target

    def __call__(self, *arguments: str | Path) -> Done:
        self._capfd.readouterr()
        code = run(["logs", *map(str, arguments)])
        out, err = self._capfd.readouterr()
        return Done(code, out, err)
