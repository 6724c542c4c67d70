"""A sample of docs/operations.md, done on the running demo as a person does it."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from demo.supervisor import Demo
from tests.demo.looking import ENTRY

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
ANSWERS = {
    "quarterdeck logs --query api-gateway/upstream-tail": "GET /",
    "quarterdeck logs --query ai-diy/response-time": "p95",
    "quarterdeck logs --query decision-engine/refused": "by client",
    "quarterdeck logs --retention": "audit",
    "quarterdeck keys decision-engine/api-keys": "keys",
    "quarterdeck dlq": "automation.dlq",
    "command.run decision-engine/outdated": "Outdated packages",
    "quarterdeck check cost-dashboard": "",
}
"""What the page names, and something of the answer."""


@pytest.mark.parametrize("name", ANSWERS)
def test_what_the_page_names_answers(demo: Demo, name: str) -> None:
    assert name in re.findall(r"`([^`]+)`", PAGE.read_text())
    words = name.split()
    words = words[1:] if words[0] == "quarterdeck" else ["run", *words]
    done = subprocess.run(
        [*ENTRY, *words, "--config", str(demo.home.config)],
        capture_output=True,
        text=True,
        timeout=600,  # `pip list --outdated` asks an index, which may not answer
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "COLUMNS": "200"},
    )
    assert done.returncode in {0, 1}, done.stderr
    assert ANSWERS[name] in done.stdout, done.stderr
