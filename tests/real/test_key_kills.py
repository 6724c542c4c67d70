"""Real executors that die amid a write of a key store: it ends whole, and nothing is lost."""

import json

from core.clients.acting.key_store_writes import PLACES
from core.model.action import Phase
from tests.crash_keys import KEYS, STORE_PLACES
from tests.crashes import World, matrix
from tests.fakes.old_key_tool import SlowWriter, named, new_record

DEACTIVATE = next(one for one in KEYS if one.name == "key.deactivate")
AMID = ("store_copied:1", "store_reread:1", "store_compared:1", "store_renamed:1")


def test_an_executor_passes_every_place_of_a_write() -> None:
    world = World(DEACTIVATE)
    try:
        world.in_process("execute")
        passed = [one for one in world.passed("execute") if one.startswith("store_")]
    finally:
        world.close()
    assert len(PLACES) >= 12
    assert passed[: len(PLACES)] == [f"{one}:1" for one in STORE_PLACES]


def test_killed_amid_a_write_it_ends_whole_and_is_audited_once() -> None:
    tally = matrix(DEACTIVATE, only=lambda place: place in AMID)
    assert not tally.wrong, "\n".join(tally.wrong)
    assert tally.kills == len(AMID)


def test_what_another_tool_wrote_after_the_kill_is_merged_by_the_recovery() -> None:
    world = World(DEACTIVATE)
    try:
        path = world.place / "api_keys.json"
        writer = SlowWriter(path, lambda records: records.update({named(77): new_record()}))
        assert world.in_process("execute", "store_renamed:1:kill")
        writer.finish()
        world.in_process("recover")
        records = json.loads(path.read_text("utf-8"))
        assert world.state.phase is Phase.COMMITTED
        assert records[named(77)] == new_record()
        assert not records[named(1)]["active"]
    finally:
        world.close()
