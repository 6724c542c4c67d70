"""Small worlds for `tests.crashes` with a store of keys: switched off, made, rotated."""

import asyncio
import json
from pathlib import Path
from typing import Any

from core.actions.families.key_ends import due_name
from core.clients.acting.key_store import LocalKeyStores
from core.clients.acting.key_store_writes import PLACES
from core.clients.clock import SystemClock
from core.clients.key_state import machine_key
from core.keys.ids import KeyIds
from core.keys.store.ends import parse_ends
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


def _one_off(folder: Path) -> str:
    """Have one key that is switched off."""
    text = _store(folder)
    records: dict[str, Any] = json.loads((folder / _STORE).read_text("utf-8"))
    records[named(1)]["active"] = False
    (folder / _STORE).write_text(json.dumps(records, indent=2), "utf-8")
    return text.replace("{pro: 10000}", "{pro: 10000, free: 100}")


def _on(folder: Path) -> ActionRequest:
    return ActionRequest("key.reactivate", "shop/api", (("keys", _short_id(folder, 1)),))


def _other_tier(folder: Path) -> ActionRequest:
    inputs = (("key", _short_id(folder, 2)), ("tier", "free"))
    return ActionRequest("key.set_tier", "shop/api", inputs)


def _all_rotated(folder: Path) -> ActionRequest:
    to = f"file:{folder.parent / 'new.key'}"
    return ActionRequest("key.rotate_all", "shop/api", (("to", to),))


def _all_new(folder: Path) -> object:
    """Return which keys are on, the tiers of new ones, and how many were handed over and work."""
    records: dict[str, Any] = json.loads((folder / _STORE).read_text("utf-8"))
    old = {named(number) for number in range(4)}
    states = sorted((name in old, one["tier"], one["active"]) for name, one in records.items())
    path = folder.parent / "new.key"
    handed: list[dict[str, Any]] = []
    if path.exists():
        handed = json.loads(path.read_text("utf-8"))["keys"]
    waiting = sorted(one.name for one in (folder.parent / "state/keys").glob("handover/*"))
    return states, sum(one["key"] in records for one in handed), len(handed), waiting


def grace_over(folder: Path) -> ActionRequest:
    """Note an end that was to be in 2020."""
    state = folder.parent / "state" / "keys"
    mark = KeyIds(machine_key(state)).mark(named(1))
    stores = LocalKeyStores(state, SystemClock())
    asyncio.run(stores.note(due_name("shop", "api"), f"{mark} 2020-01-01T00:00:00Z"))
    return ActionRequest("key.end", "shop/api")


def ends_noted(folder: Path) -> list[object]:
    """Return which ends are still noted."""
    stores = LocalKeyStores(folder.parent / "state" / "keys", SystemClock())
    notes = asyncio.run(stores.notes(due_name("shop", "api")))
    return [one.at for one in parse_ends(notes)]


def _ends(folder: Path) -> object:
    """Return the store, and which ends are still noted."""
    return _keys(folder), ends_noted(folder)


def _copied(_folder: Path) -> ActionRequest:
    return ActionRequest("key.backup", "shop/api")


def _copies(folder: Path) -> object:
    """Return the store, and how many copies of it there are."""
    copies = [one for one in (folder.parent / "state/keys/copies").rglob("*") if one.is_file()]
    return _keys(folder), len(copies)


def _put_back(folder: Path) -> ActionRequest:
    records: dict[str, Any] = json.loads((folder / _STORE).read_text("utf-8"))
    del records[named(3)]
    (folder / _STORE).write_text(json.dumps(records, indent=2), "utf-8")
    return ActionRequest("key.restore", "shop/api")


KEYS = (
    Scenario("key.reactivate", _one_off, _on, _keys),
    Scenario("key.set_tier", _one_off, _other_tier, _keys),
    Scenario("key.rotate_all", _store, _all_rotated, _all_new),
    Scenario("key.end", _store, grace_over, _ends),
    Scenario("key.backup", _store, _copied, _copies),
    Scenario("key.restore", _store, _put_back, _keys, first=_copied),
    Scenario("key.deactivate", _store, _off, _keys),
    Scenario("key.generate", _store, _made, _keys),
    Scenario("key.rotate", _store, _rotated, _keys),
)
