"""The demo's JWT secret is made anew while its load runs: old refused, new accepted."""

import json
import stat
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.clients.clock import SystemClock
from core.keys.tokens.minting import mint_token
from core.model.secret import Secret
from demo.supervisor import Demo
from tests.demo.looking import ENTRY

TARGET = "business-engine/env"


@pytest.fixture
def own_demo() -> Iterator[Demo]:
    """A demo of this test alone: its load goes on with the old secret afterwards."""
    made = Demo()
    made.start()
    yield made
    made.stop()


def console(config: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*ENTRY, *words, "--config", str(config)],
        capture_output=True, text=True, timeout=180, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def ask(port: int, secret: str) -> int:
    token = mint_token(Secret(secret), "alice", ("runs.read",), 60, SystemClock().now().timestamp())
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/auth/me", headers={"authorization": f"Bearer {token.reveal()}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_the_secret_is_made_anew_under_load(own_demo: Demo, tmp_path: Path) -> None:
    home = own_demo.home
    assert home is not None
    config, port = home.folder / "quarterdeck.yaml", home.ports()["business-api"]
    env = home.system("business-engine") / ".env"
    before, looks = env.read_text("utf-8"), env.stat()
    old = before.partition("JWT_SECRET=")[2].partition("\n")[0]
    assert ask(port, old) == 200

    planned = console(config, "run", "secret.rotate", TARGET, "--json")
    plan = json.loads(planned.stdout)["plan"]
    done = console(config, "run", "secret.rotate", TARGET, "--confirm", plan["confirm"])
    assert done.returncode == 0, done.stdout + done.stderr
    after, now = env.read_text("utf-8"), env.stat()
    new = after.partition("JWT_SECRET=")[2].partition("\n")[0]
    assert (ask(port, old), ask(port, new)) == (401, 200)
    assert after == before.replace(old, new)
    assert (now.st_uid, now.st_gid, stat.S_IMODE(now.st_mode)) == (
        looks.st_uid, looks.st_gid, stat.S_IMODE(looks.st_mode),
    )  # fmt: skip
    said = planned.stdout + done.stdout + done.stderr
    assert old not in said
    assert new not in said

    token = tmp_path / "token"
    made = ("mint", "business-engine", "--subject", "alice", "--scopes", "runs.read,runs.write")
    assert console(config, "tokens", *made, "--to", f"file:{token}").returncode == 0
    tried = console(config, "tokens", "try", "business-engine", f"file:{token}", "--json")
    document = json.loads(tried.stdout)
    assert document["tried"]["status"] == 200
    assert document["tried"]["who"] == "alice"
    assert document["token"]["scopes"] == ["runs.read", "runs.write"]
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
