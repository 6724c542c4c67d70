"""Lets what a plan has seen become another thing by hand, and holds that it is then refused.

Used by `tests/real/test_action_drift.py` and, on an engine, by `test_action_drift_beside.py`.
"""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil

from core.model.action import Phase
from tests.crash_redis import close_door, newest_for_keys, write_over
from tests.crash_redis_keys import other_redis_keys
from tests.crash_streams import client_of, newest, restart
from tests.crashes import Scenario, World
from tests.real.repositories import git
from tests.trees import Tree


def assert_refused(world: World, value: str) -> None:
    """Carry out what was confirmed; nothing may come of it but both values."""
    before = Tree(world.place)
    world.in_process("execute")
    state = world.state
    assert state.phase is Phase.ABORTED, state.text
    assert state.text.startswith("changed since the plan: ")
    assert f"was {value}, is " in state.text
    assert re.search(rf", is {re.escape(value)}(?!, )", state.text) is None, state.text
    assert Tree(world.place) == before
    assert world.audited_ends() == {"aborted"}


def _write(path: str) -> None:
    with Path(path).open("ab") as file:
        file.write(b"\n# by hand\n")


def _touch_place(path: str) -> None:
    one = Path(path)
    if one.is_dir():
        one.rename(f"{path}.before")
        one.mkdir()
    else:
        one.parent.mkdir(exist_ok=True)
        _write(path)


def relink(path: str) -> None:
    target = Path(path).readlink()
    Path(path).unlink()
    Path(path).symlink_to(f"./{target}/")


def _commit(path: str) -> None:
    git(Path(path), "commit", "--quiet", "--allow-empty", "-m", "by hand")


def _end_of(arguments: Mapping[str, Any]) -> None:
    for one in psutil.process_iter():
        if _is_it(one, arguments):
            one.kill()
            psutil.wait_procs([one], timeout=120)


def _is_it(process: psutil.Process, arguments: Mapping[str, Any]) -> bool:
    try:
        return process.cmdline() == list(arguments["command"])
    except psutil.Error:
        return False


def _other_step(arguments: Mapping[str, Any]) -> None:
    _write(json.loads(arguments["step_arguments"])["path"])


def _other_stream(arguments: Mapping[str, Any]) -> None:
    client = client_of(newest())
    if arguments["consumer"]:
        client.xgroup_delconsumer(arguments["key"], arguments["group"], arguments["consumer"])
    elif arguments["group"]:
        client.xgroup_destroy(arguments["key"], arguments["group"])
    else:
        client.delete(arguments["key"])


def _other_keys(arguments: Mapping[str, Any]) -> None:
    """Switch every key to the other state; where no key is meant, hold them in another way."""
    path = Path(arguments["path"])
    records = json.loads(path.read_bytes())
    for record in records.values():
        record["active"] = not record["active"]
    path.write_text(json.dumps(records if arguments["marks"] else {"keys": records}))


DRIFTS: dict[str, Callable[[Any], None]] = {
    "trait.file": lambda one: _write(one["path"]),
    "trait.files": lambda one: _write(one["paths"][-1]),
    "trait.folder": lambda one: _write(f"{one['path']}/new.txt"),
    "trait.place": lambda one: _touch_place(one["path"]),
    "trait.git_head": lambda one: _commit(one["path"]),
    "trait.link": lambda one: relink(one["link"]),
    "trait.process": _end_of,
    "trait.redis": lambda _one: restart(newest_for_keys() or newest()),
    "trait.stream": _other_stream,
    "engine.step": _other_step,
    "trait.redis_key": lambda one: write_over(one["key"]),
    "trait.check": lambda _one: close_door(),
    "key.trait": _other_keys,
    "key.redis_trait": other_redis_keys,
    "key.redis_policy_trait": other_redis_keys,
}
"""What somebody does by hand between the plan and its first step."""


WITHOUT = frozenset({"folder.create", "git.clone"})
"""They make what is not there, and their own step refuses when something is."""


def assert_each_refused(
    scenario: Scenario, drifts: Mapping[str, Callable[[Any], None]] = DRIFTS
) -> None:
    """Have each fingerprint of its plan change in a world of its own."""
    index, count = 0, int(scenario.name not in WITHOUT)
    while index < count:
        world = World(scenario)
        try:
            traits = world.state.plan.traits
            count = len(traits)
            assert traits
            drifts[traits[index].part.kind](json.loads(traits[index].part.arguments))
            assert_refused(world, f"{traits[index].value}")
        finally:
            world.close()
        index += 1
