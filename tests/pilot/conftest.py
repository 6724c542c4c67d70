"""A configuration of systems that nothing answers for, and children to open it in."""

from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from tests.pilot.pty_child import PtyChild

CONFIGURATION = """\
version: 1
environment: production
systems:
  shop:
    services:
      api:
        checks:
          health: {url: "http://127.0.0.1:9/health", every: 1s}
      web:
        checks:
          health: {url: "http://127.0.0.1:9/health", every: 1s}
  bank:
    services:
      ledger:
        checks:
          health: {url: "http://127.0.0.1:9/health", every: 1s}
"""
OPEN = "from cli.main import main; main()"

Open = Callable[..., PtyChild]


@pytest.fixture(name="config")
def fixture_config(tmp_path: Path) -> Path:
    path = tmp_path / "quarterdeck.yaml"
    path.write_text(f"{CONFIGURATION}state: {{folder: {tmp_path}/state}}\n")
    path.chmod(0o600)
    return path


@pytest.fixture(name="open_console")
def fixture_open_console(config: Path) -> Generator[Open]:
    """Open the console in a child; `before` is code that runs there first."""
    children: list[PtyChild] = []

    def open_console(before: str = "", **how: object) -> PtyChild:
        code = f"{before}\n{OPEN}"
        child = PtyChild(code, arguments=("--config", str(config)), **how)
        children.append(child)
        return child

    yield open_console
    for child in children:
        child.close()
