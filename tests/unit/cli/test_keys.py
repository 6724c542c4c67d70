"""`quarterdeck keys` on real files, beside a real server: figures, and never a whole key."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.test_commands import ENTRY, configured

DATA = Path(__file__).parents[2] / "data" / "keys"
K1 = "key_FIXTUREhr7shzhChjIcFQNcAW-0hgWj5gBWVbWt"
WHOLE = (
    "dev_key_123", K1, "key_FIXTUREGMgFbcFoZviYmb5ntsMEVoOSetwKziKf",
    "prod_FIXTUREolXcu2-tErMBYN3lrsCt9y-er7-zyFc",
)  # fmt: skip
SERVER = "import sys\nprint('up', flush=True)\nsys.stdin.read()\n"


class Engine:
    """A system with a key store, and the command line on it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "engine"
        (self.root / "api").mkdir(parents=True)
        (self.root / "api" / "server.py").write_text(SERVER)
        self.script = self.root / "api" / "server.py"
        self.config = configured(
            folder,
            f"version: 1\nenvironment: development\nstate: {{folder: {folder / 'state'}}}\n"
            f"systems:\n  engine:\n    root: {self.root}\n"
            "    services:\n      api:\n        runs_as: "
            f"{{process: {{command: [python, {self.script}]}}}}\n"
            "    keys:\n      api-keys:\n        path: api/api_keys.json\n"
            "        also: [api_keys.json]\n        variable: API_KEYS_FILE\n"
            "        usage: [api/rate_limits.json]\n        analytics: [api/api_analytics.json]\n"
            "        tiers: {free: 100, dev: 1000, pro: 10000, enterprise: 1000000}\n"
            "        never_live: [dev_key_123, pro_key_456]\n        service: api\n",
        )

    def put(self, name: str, at: str = "api/api_keys.json") -> None:
        text = (DATA / name).read_text("utf-8")
        # The recorded month becomes this one, as for a server that runs today.
        (self.root / at).write_text(text.replace("2026-03", f"{datetime.now(UTC):%Y-%m}"))
        (self.root / at).chmod(0o600)

    def keys(self, *words: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            [*ENTRY, "keys", "--config", str(self.config), *words],
            capture_output=True, text=True, timeout=300, check=False, input=stdin,
        )  # fmt: skip
        for key in WHOLE:
            assert key not in done.stdout + done.stderr
        return done

    def store(self, *words: str) -> dict[str, Any]:
        done = self.keys(*words, "--json")
        assert done.stderr == ""
        document = json.loads(done.stdout)
        assert document["exit_code"] == done.returncode
        (store,) = document["stores"]
        return store


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(tmp_path)


def test_the_recorded_stores_are_concluded_as_they_are(engine: Engine) -> None:
    engine.put("api_keys_a_real.json")
    store = engine.store()
    assert (store["state"], store["key_count"], store["active_count"]) == ("read", 4, 3)
    assert any("everybody knows" in text for text in store["findings"])
    assert [key["tier"] for key in store["keys"] if not key["is_tier_known"]] == ["platinum"]
    engine.put("api_keys_b_hashed_list.json")
    (key,) = engine.store()["keys"]
    assert (key["is_active"], key["findings"][0]) == (False, "expired although active")
    engine.put("api_keys_corrupt.json")
    store = engine.store()
    assert (store["state"], store["key_count"]) == ("unreadable now", None)
    assert "nothing is written to it" in store["findings"][0]
    engine.put("api_keys_empty.json")
    store = engine.store()
    assert (store["state"], store["key_count"]) == ("empty", 0)


def test_usage_names_who_is_near_and_who_is_over(engine: Engine) -> None:
    engine.put("api_keys_a_real.json")
    engine.put("rate_limits.json", "api/rate_limits.json")
    keys = {key["tier"]: key for key in engine.store("usage")["keys"]}
    assert keys["pro"]["percent"] == 94.0
    assert "near quota (94 %)" in keys["pro"]["findings"]
    assert "over quota (130 %)" in keys["free"]["findings"]
    assert keys["dev"]["used_month"] is None
    lines = engine.keys("usage").stdout.splitlines()
    ranked = [line for line in lines if line.startswith("  k-")]
    assert "130.0 %" in ranked[0]
    assert "94.0 %" in ranked[1]


def test_analytics_have_the_recorded_figures(engine: Engine) -> None:
    engine.put("api_keys_a_real.json")
    engine.put("api_analytics.json", "api/api_analytics.json")
    seen = engine.store("engine/api-keys", "analytics")["analytics"]
    assert (seen["total"], seen["succeeded"], seen["success_percent"]) == (120, 96, 80.0)
    assert (seen["p50_ms"], seen["p95_ms"], seen["p99_ms"]) == (35.653, 131.912, 175.303)
    engine.put("api_analytics_empty.json", "api/api_analytics.json")
    assert engine.store("analytics")["analytics"]["p50_ms"] is None


@pytest.mark.parametrize("folder", ["api", "."])
def test_the_file_of_the_running_servers_folder_counts(engine: Engine, folder: str) -> None:
    engine.put("api_keys_a_real.json")
    engine.put("root_api_keys.json", "api_keys.json")
    server = subprocess.Popen(
        [sys.executable, str(engine.script)], cwd=engine.root / folder, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        assert server.stdout.readline() == "up\n"
        store = engine.store()
    finally:
        server.communicate(timeout=60)
    pro = next(key for key in store["keys"] if key["tier"] == "pro")
    assert pro["is_active"] is (folder == "api")
    served = {
        os.path.relpath(file["path"], engine.root): file["is_server_file"]
        for file in store["files"]
    }
    assert served == {"api/api_keys.json": folder == "api", "api_keys.json": folder == "."}
    assert store["findings"][0].startswith("split store:")
    assert f"pid {server.pid} runs in" in store["findings"][0]


def test_a_key_is_found_by_its_id_and_by_itself_on_stdin_only(engine: Engine) -> None:
    engine.put("api_keys_a_real.json")
    done = engine.keys("info", "-", "--json", stdin=f"{K1}\n")
    (key,) = json.loads(done.stdout)["stores"][0]["keys"]
    assert (done.returncode, key["masked"]) == (0, "key_…VbWt")
    (same,) = engine.store("engine", "info", key["id"])["keys"]
    assert same["id"] == key["id"]
    assert engine.keys("info", key["id"]).stdout.startswith("engine/api-keys:")
    assert engine.keys("info", "k-000000").returncode == 1
    assert engine.keys("info", "-", stdin="key_of_nobody\n").returncode == 1
    assert engine.keys("info", "-").returncode == 2
    refused = engine.keys("info", K1)
    assert refused.returncode == 2
    assert "on stdin" in refused.stderr


def test_wrong_words_are_refused_with_what_there_is(engine: Engine) -> None:
    assert "engine/api-keys" in engine.keys("engine/other").stderr
    assert "no system" in engine.keys("other").stderr
    assert engine.keys("list", "more").returncode == 2
    assert engine.keys("info").returncode == 2


def test_a_vanished_key_is_told_at_the_next_call(engine: Engine) -> None:
    engine.put("api_keys_a_real.json")
    engine.store()
    engine.put("api_keys_empty.json")
    store = engine.store()
    assert store["loss"]["count"] == 4
    assert "4 keys vanished" in engine.keys().stdout


def test_what_a_record_says_of_itself_brings_no_escape_sequence(engine: Engine) -> None:
    record = {
        "key": "key_\x1b]52;c;x\x07aaaaaaaaaaaaaaaaaaaa",
        "tier": "\x1b[2Jpro",
        "name": "\x9b1m",
    }
    (engine.root / "api" / "api_keys.json").write_text(json.dumps([record]))
    for words in ([], ["usage"], ["list", "--json"]):
        done = engine.keys(*words)
        assert not {"\x1b", "\x07", "\x9b"} & set(done.stdout)


def test_of_many_keys_the_first_are_listed_and_the_rest_counted(engine: Engine) -> None:
    held = {f"key_{number:032d}": {"tier": "pro", "active": True} for number in range(250)}
    (engine.root / "api" / "api_keys.json").write_text(json.dumps(held))
    assert "and 150 more" in engine.keys().stdout
    assert "and 245 more" in engine.keys("--limit", "5").stdout
    assert len(engine.store()["keys"]) == 250
