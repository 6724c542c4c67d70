"""A console whose world is full of secrets that it knows from an env file and a key store.

`python -m tests.oracle.canary_console FOLDER on|off`: presenting or not. All that it writes goes
below FOLDER/home; what it reads lies in FOLDER/world.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core.model.key_spec import KeyStoreSpec
from core.model.log import LogLevel
from core.model.operation import EnvFileSpec, OperationsSpec
from core.model.text import clean
from core.model.topology import LogSpec
from tests.fakes.clock import FakeClock
from tests.fakes.scripted import ScriptedConsole
from tests.oracle.hostile_console import hostile_world
from tests.planted import Plant, planted
from tui.bootstrap import desk_of
from tui.presenting import KnownFiles, KnownWatch

COUNT = 50
_STAMP = "2026-03-01 02:59:00,000"


def plants() -> tuple[Plant, ...]:
    """Return the secrets, each in one of twelve formats."""
    return tuple(planted(COUNT, seed=6))


def write_world(folder: Path) -> None:
    """Write the files that hold the secrets, and logs in which they turn up."""
    folder.mkdir(parents=True, exist_ok=True)
    own = plants()
    half = len(own) // 2
    lines = [f"SERVICE_{number}_SECRET='{one.value}'" for number, one in enumerate(own[:half])]
    (folder / "app.env").write_text("\n".join(lines) + "\n")
    keys = {
        one.value: {"name": f"client {at}", "active": True} for at, one in enumerate(own[half:])
    }
    (folder / "api_keys.json").write_text(json.dumps({"keys": keys}))
    texts = [f"{_STAMP} - app - ERROR - {one.text}" for one in own]
    (folder / "plain.log").write_text("\n".join(texts) + "\n")
    records = [
        {"timestamp": "2026-03-01T02:59:00Z", "level": LogLevel.ERROR.word, "message": one.text,
         "value": one.value, "request": {"headers": {"x": one.text}}}
        for one in own
    ]  # fmt: skip
    (folder / "fields.jsonl").write_text("\n".join(map(json.dumps, records)) + "\n")


def known_of(folder: Path) -> dict[str, OperationsSpec]:
    """Return where the secrets are, as a configuration says it."""
    env = EnvFileSpec("app", str(folder / "app.env"))
    store = KeyStoreSpec("keys", path=str(folder / "api_keys.json"))
    return {"shop": OperationsSpec("shop", env_files=(env,), keys=(store,))}


def logs_of(folder: Path) -> Sequence[LogSpec]:
    """Return the logs as they are configured."""
    names = ("plain.log", "fields.jsonl")
    return tuple(LogSpec(name.partition(".")[0], str(folder / name)) for name in names)


def main() -> None:
    world = Path(sys.argv[1]) / "world"
    watched, events = hostile_world([clean(one.text) for one in plants()])
    shop = replace(watched.systems[0], logs=tuple(logs_of(world)))
    watched = replace(watched, systems=(shop, *watched.systems[1:]))
    clock = FakeClock()
    app = ScriptedConsole(watched, events=events, clock=clock, make_desk=desk_of(watched, clock))
    KnownWatch(KnownFiles(known_of(world)), app.presenting).look()
    app.presenting.turn(is_on=sys.argv[2] == "on")
    app.run()
    sys.exit(app.exit_code)


if __name__ == "__main__":
    main()
