"""A configuration that refers to variables can act, and leaves none of their values behind."""

import json
import os
import subprocess
import sys
from pathlib import Path

SECRET = "tok-3f9a1c77"


def quarterdeck(config: Path, *words: str) -> str:
    """Run a verb with the variable set; return what it prints."""
    argv = [sys.executable, "-m", "cli.main", "--config", str(config), *words]
    env = {**os.environ, "MY_TOKEN": SECRET}
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_executor_knows_the_variables_and_keeps_none(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LEVEL=INFO\n", "utf-8")
    config = tmp_path / "quarterdeck.yaml"
    config.write_text(
        f"""
version: 1
environment: development
state: {{folder: {tmp_path}/state}}
systems:
  shop:
    root: {tmp_path}
    services:
      api:
        base_url: http://127.0.0.1:9
        metrics: {{url: /metrics, headers: {{Authorization: "${{MY_TOKEN}}"}}}}
    env_files:
      env: {{path: .env, apply: none}}
""",
        "utf-8",
    )
    config.chmod(0o600)
    asked = ("run", "env.set", "shop/env", "--set", "LEVEL=DEBUG")
    code = json.loads(quarterdeck(config, *asked, "--json"))["plan"]["confirm"]
    assert "verified" in quarterdeck(config, *asked, "--confirm", code)
    assert (tmp_path / ".env").read_text("utf-8") == "LEVEL=DEBUG\n"
    kept = [one for one in (tmp_path / "state").rglob("*") if one.is_file()]
    assert kept
    assert [one for one in kept if SECRET.encode() in one.read_bytes()] == []
