"""The folder that the tests of housekeeping work on."""

from pathlib import Path

import pytest

from tests.unit.core.logs.keeping.shelf import Shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """Give an empty folder of logs."""
    folder = tmp_path / "logs"
    folder.mkdir()
    return Shelf(folder)
