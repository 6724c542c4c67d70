"""What it takes to list a store of very many keys: CPU and memory of the command itself.

`python -m bench.key_list [--keys 100000] [--turns 3]`
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

_TIERS = {"free": 100, "dev": 1_000, "pro": 10_000, "enterprise": 1_000_000}


def main() -> None:
    """Print the CPU seconds and the memory of each turn; the first one meets the keys anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--turns", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="qd-keys-") as folder:
        config = made_store(Path(folder), given.keys)
        for _ in range(given.turns):
            cpu_s, memory_mb = _listed(config)
            print(f"{given.keys} keys: {cpu_s:.2f} s CPU, {memory_mb:.0f} MB", flush=True)


def made_store(folder: Path, count: int) -> Path:
    """Write a store of so many keys; return the configuration that names it."""
    names = list(_TIERS)
    rows = {
        f"key_{number:043}": {
            "tier": names[number % 4],
            "requests_per_month": _TIERS[names[number % 4]],
            "created_at": "2026-01-02T03:04:05.678901",
            "active": number % 7 != 0,
        }
        for number in range(count)
    }
    store = folder / "api_keys.json"
    store.write_text(json.dumps(rows), "utf-8")
    store.chmod(0o600)
    config = folder / "quarterdeck.yaml"
    tiers = ", ".join(f"{name}: {quota}" for name, quota in _TIERS.items())
    config.write_text(
        f"version: 1\nenvironment: development\nstate: {{folder: {folder / 'state'}}}\n"
        f"systems:\n  shop:\n    root: {folder}\n    services: {{}}\n    keys:\n"
        f"      api: {{kind: json, path: api_keys.json, tiers: {{{tiers}}}}}\n",
        "utf-8",
    )
    config.chmod(0o600)
    return config


def _listed(config: Path) -> tuple[float, float]:
    """List the keys in a process of its own; return its CPU seconds and its most memory, MB."""
    words = [sys.executable, "-m", "cli.main", "keys", "--limit", "100", "--config", str(config)]
    child = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    _, _, used = os.wait4(child.pid, 0)
    child.returncode = 0
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


if __name__ == "__main__":
    main()
