"""Small worlds for `tests.crashes` with a store of keys: switched off, made, rotated."""

import json
from pathlib import Path
from typing import Any

from core.clients.acting.key_store_writes import PLACES
from core.clients.key_state import machine_key
from core.keys.ids import KeyIds
from core.model.action import ActionRequest
from tests.crashes import Scenario
from tests.fakes.old_key_tool import named, seed

_STORE = "api_keys.json"
STORE_PLACES = tuple(f"store_{one}" for one in PLACES)
"""What executors call the places that a write of a store passes; a matrix kills at each."""


def _store(folder: Path) -> str:
    seed(folder / _STORE)
    return "    keys:\n      api: {kind: json, path: api_keys.json, tiers: {pro: 10000}}\n"


def _keys(folder: Path) -> object:
    """Return what is in the store, new keys by their tier, and what lies beside it."""
    records: dict[str, Any] = json.loads((folder / _STORE).read_text("utf-8"))
    old = {name: one for name, one in records.items() if name in set(map(named, range(4)))}
    new = [one["tier"] for name, one in records.items() if name not in old]
    handed = folder.parent / "new.key"
    is_handed = handed.exists() and handed.read_text("utf-8") in records
    waiting = sorted(one.name for one in (folder.parent / "state/keys").glob("handover/*"))
    beside = sorted(one.name for one in folder.glob(".*"))
    return old, new, is_handed, waiting, beside


def _short_id(folder: Path, number: int) -> str:
    return KeyIds(machine_key(folder.parent / "state" / "keys")).short_id(named(number))


def _off(folder: Path) -> ActionRequest:
    return ActionRequest("key.deactivate", "shop/api", (("keys", _short_id(folder, 1)),))


def _made(folder: Path) -> ActionRequest:
    to = f"file:{folder.parent / 'new.key'}"
    return ActionRequest("key.generate", "shop/api", (("tier", "pro"), ("to", to)))


def _rotated(folder: Path) -> ActionRequest:
    to = f"file:{folder.parent / 'new.key'}"
    inputs = (("key", _short_id(folder, 2)), ("grace", "0"), ("to", to))
    return ActionRequest("key.rotate", "shop/api", inputs)


KEYS = (
    Scenario("key.deactivate", _store, _off, _keys),
    Scenario("key.generate", _store, _made, _keys),
    Scenario("key.rotate", _store, _rotated, _keys),
)
