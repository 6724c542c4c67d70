"""Actions on streams with a real server: what they did is seen there, and what they would not."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from core.actions.folder import FolderWork
from core.actions.part import thaw
from core.errors import ActionError, StepFailedError
from core.model.action import Danger, Phase, Rung
from tests.real.servers import OwnRedis, redis_binary, valkey_binary
from tests.real.stream_stage import (
    EVENTS,
    GROUP,
    HOUR_MS,
    StreamStage,
    aged,
    delivered,
    filled,
    is_verified,
    owners,
    stops,
    warnings,
    with_stuck,
)
from tests.unit.core.actions.stage import Places

pytestmark = pytest.mark.real("redis")


def test_claimed_entries_have_a_new_owner_and_the_same_count(stage: StreamStage) -> None:
    ids = with_stuck(stage)
    state = stage.done("stream.claim", EVENTS, group=GROUP, to="worker", min_idle="30m")
    assert is_verified(state), state.text
    assert owners(stage.redis) == dict.fromkeys(ids, ("worker", 2))
    assert "6 entries claimed" in stage.said()
    kept = json.loads((stage.action.path / "backup" / f"owners-{ids[0]}.json").read_text())
    assert [(one["consumer"], one["deliveries"]) for one in kept] == [("gone", 2)] * 6


def test_what_is_not_claimed_has_its_reason(stage: StreamStage) -> None:
    """F49: acknowledged, trimmed, of a live consumer: reported per id, never stolen."""
    ids = with_stuck(stage, 8)
    delivered(stage.redis, "alive", 1)
    plan = stage.planned("stream.claim", EVENTS, to="worker", ids=",".join(ids))
    assert not plan.is_stopped, stops(plan)
    client = stage.redis
    client.execute_command("XACK", EVENTS, GROUP, ids[0])
    client.execute_command("XDEL", EVENTS, ids[1])
    client.execute_command("XACK", EVENTS, GROUP, ids[1])
    aged(client, "alive", [ids[2]], idle_ms=10)
    aged(client, "gone", [ids[3]], idle_ms=5000, times=2)
    state = stage.execute()
    assert is_verified(state), state.text
    fates = json.loads((stage.action.path / "backup" / "result.json").read_text())
    assert fates[ids[0]] == "acknowledged meanwhile"
    assert fates[ids[1]] == "gone from the stream"
    assert fates[ids[2]] == "claimed by alive meanwhile"
    assert fates[ids[3]].startswith("younger than 1 min: idle ")
    assert [fates[one] for one in ids[4:]] == ["claimed"] * 4
    assert "4 entries claimed; not claimed: " in stage.said()
    assert owners(client)[ids[2]][0] == "alive"
    assert owners(client)[ids[3]][0] == "gone"


def test_nothing_under_the_floor_is_claimed(stage: StreamStage) -> None:
    ids = filled(stage.redis, 2)
    delivered(stage.redis, "alive", 2)
    stage.redis.execute_command("XGROUP", "CREATECONSUMER", EVENTS, GROUP, "worker")
    with pytest.raises(ActionError, match="below the floor of 1 min"):
        stage.planned("stream.claim", EVENTS, to="worker", min_idle="5s")
    plan = stage.planned("stream.claim", EVENTS, to="worker", ids=",".join(ids))
    assert "nothing to claim" in stops(plan)
    assert "2 younger than 60 s" in stops(plan)


def test_entries_that_are_gone_stay_out_of_a_claim(stage: StreamStage) -> None:
    """Claimed from 7 on, they would leave the list and nobody would know of them."""
    ids = with_stuck(stage)
    stage.redis.execute_command("XDEL", EVENTS, ids[2])
    plan = stage.planned("stream.claim", EVENTS, to="worker")
    assert any(f"not: {ids[2]}: gone from the stream" in one for one in plan.preview)
    stage.execute()
    assert owners(stage.redis)[ids[2]] == ("gone", 2)


def test_a_claim_goes_to_a_consumer_that_is_there(stage: StreamStage) -> None:
    ids = with_stuck(stage)
    with pytest.raises(ActionError, match="no consumer 'wrker'; there are: gone, worker"):
        stage.planned("stream.claim", EVENTS, to="wrker")
    state = stage.done("stream.claim", EVENTS, to="new:rescuer", consumer="gone")
    assert is_verified(state), state.text
    assert owners(stage.redis)[ids[0]] == ("rescuer", 2)


def test_only_what_the_filter_lets_through_is_claimed(stage: StreamStage) -> None:
    ids = with_stuck(stage)
    aged(stage.redis, "gone", ids[:2], times=7)
    plan = stage.planned("stream.claim", EVENTS, to="worker", min_deliveries="5", text='"n": 1')
    assert [one.title for one in plan.targets] == [ids[1]]
    assert "delivered more than 5 times" in warnings(plan)


def test_autoclaim_takes_the_oldest_pages_and_keeps_its_cursor(stage: StreamStage) -> None:
    ids = with_stuck(stage, 450)
    state = stage.done("stream.autoclaim", EVENTS, to="worker", limit="300")
    assert is_verified(state), state.text
    got = [one for one, (who, _) in owners(stage.redis).items() if who == "worker"]
    assert got == ids[:300]
    first = json.loads((stage.action.path / "backup" / f"claimed-{ids[0]}.json").read_text())
    assert first["cursor"] == ids[200]


def test_an_acknowledgement_says_of_each_whether_it_was_pending(stage: StreamStage) -> None:
    ids = with_stuck(stage)
    plan = stage.planned("stream.acknowledge", EVENTS, ids=",".join(ids[:3]))
    assert plan.rung is Rung.PHRASE
    assert "never delivered again" in plan.way_back
    stage.redis.execute_command("XACK", EVENTS, GROUP, ids[0])
    state = stage.execute()
    assert is_verified(state), state.text
    assert list(owners(stage.redis)) == ids[3:]
    kept = json.loads((stage.action.path / "backup" / f"acknowledged-{ids[0]}.json").read_text())
    assert list(kept.values()) == [0, 1, 1]


def test_a_consumer_with_pending_entries_stays_unless_the_loss_is_typed(stage: StreamStage) -> None:
    ids = with_stuck(stage)
    for loss in ("", "5"):
        plan = stage.planned("stream.remove_consumer", EVENTS, consumer="gone", loss=loss)
        assert "6 entries pending" in stops(plan)
        assert "claim them first (stream.claim), or type the loss: --set loss=6" in stops(plan)
    plan = stage.planned("stream.remove_consumer", EVENTS, consumer="gone", loss="6")
    assert (plan.rung, plan.danger) == (Rung.PHRASE, Danger.DESTROY)
    state = stage.execute()
    assert state.phase is Phase.COMMITTED, state.text
    assert owners(stage.redis) == {}
    kept = json.loads((stage.action.path / "backup" / "pending.json").read_text())
    assert [(row[0], row[2]) for row in kept] == [(one, 2) for one in ids]


def test_a_consumer_that_got_something_since_the_plan_stays(stage: StreamStage) -> None:
    filled(stage.redis, 4)
    delivered(stage.redis, "gone", 2)
    stage.planned("stream.remove_consumer", EVENTS, consumer="gone", loss="2")
    delivered(stage.redis, "gone", 1)
    state = stage.execute()
    assert state.phase is Phase.ABORTED
    assert "was group manager, gone: 2 pending, is group manager, gone: 3 pending" in state.text
    assert len(owners(stage.redis)) == 3


def test_a_group_that_starts_over_says_how_much_comes_again_and_goes_back(
    stage: StreamStage,
) -> None:
    filled(stage.redis, 7)
    delivered(stage.redis, "gone", 5)
    plan = stage.planned("stream.set_id", EVENTS, id="0")
    assert "5 entries would be delivered again; 7 in automation.events" in plan.radius
    assert plan.rung is Rung.PHRASE
    state = stage.execute()
    assert state.phase is Phase.COMMITTED, state.text
    [group] = stage.redis.xinfo_groups(EVENTS)
    assert group["last-delivered-id"] == b"0-0"
    step = state.plan.steps[0]

    asyncio.run(thaw(step.part).undo(stage.ports(), FolderWork(stage.action)))
    [group] = stage.redis.xinfo_groups(EVENTS)
    assert group["last-delivered-id"] == b"1004-0"
    assert group["entries-read"] == 5


def test_a_group_that_read_on_since_the_plan_is_left_alone(stage: StreamStage) -> None:
    filled(stage.redis, 7)
    delivered(stage.redis, "alive", 3)
    plan = stage.planned("stream.set_id", EVENTS, id="0")
    assert "at work: alive" in warnings(plan)
    delivered(stage.redis, "alive", 1)
    state = stage.execute()
    assert state.phase is Phase.ABORTED
    assert "is group manager at 1003-0" in state.text


def test_a_new_group_goes_again_only_while_nobody_has_used_it(stage: StreamStage) -> None:
    filled(stage.redis, 3)
    state = stage.done("stream.create_group", EVENTS, group="audit", id="0")
    assert state.phase is Phase.COMMITTED, state.text
    assert "it gets 3 entries that are there" in state.plan.radius[0]

    step, work = thaw(state.plan.steps[0].part), FolderWork(stage.action)
    delivered(stage.redis, "reader", 1, "audit")
    with pytest.raises(StepFailedError, match="audit is in use by now: it stays"):
        asyncio.run(step.undo(stage.ports(), work))
    stage.redis.execute_command("XGROUP", "DESTROY", EVENTS, "audit")
    asyncio.run(step.apply(stage.ports(), work))
    asyncio.run(step.undo(stage.ports(), work))
    assert [one["name"] for one in stage.redis.xinfo_groups(EVENTS)] == [b"manager"]


def test_a_trim_counts_what_groups_have_not_done_with(stage: StreamStage) -> None:
    ids = with_stuck(stage, 6)
    filled(stage.redis, 0, group="audit")
    plan = stage.planned("stream.trim", EVENTS, max_length="2")
    assert "manager: 0 unread, 4 pending" in stops(plan)
    assert "audit: 4 unread, 0 pending" in stops(plan)
    plan = stage.planned("stream.trim", EVENTS, max_length="2", loss="8")
    assert not plan.is_stopped, stops(plan)
    stage.redis.execute_command("XADD", EVENTS, "9000-0", "data", "new")
    state = stage.execute()
    assert state.phase is Phase.COMMITTED, state.text
    assert [one.decode() for one, _ in stage.redis.xrange(EVENTS)] == [*ids[4:], "9000-0"]
    kept = (stage.action.path / "backup" / "entries.jsonl").read_text().splitlines()
    assert [json.loads(one)["id"] for one in kept] == ids[:4]


def test_deleted_entries_are_kept_as_a_copy(stage: StreamStage) -> None:
    ids = with_stuck(stage, 3)
    plan = stage.planned("stream.delete_entries", EVENTS, ids=f"{ids[0]},{ids[2]},77-7")
    assert "manager has 2 of them pending, 0 unread" in plan.radius[1]
    assert any("77-7: no longer in the stream" in one for one in plan.preview)
    state = stage.execute()
    assert state.phase is Phase.COMMITTED, state.text
    assert [one.decode() for one, _ in stage.redis.xrange(EVENTS)] == [ids[1]]
    kept = (stage.action.path / "backup" / f"entries-{ids[0]}.jsonl").read_text().splitlines()
    assert json.loads(kept[1])["fields"] == [["data", '{"n": 2}']]


def test_another_run_of_the_server_refuses_the_plan(stage: StreamStage) -> None:
    """F44."""
    with_stuck(stage)
    stage.planned("stream.claim", EVENTS, to="worker")
    stage.server.stop()
    asyncio.run(stage.server.start())
    with_stuck(stage)
    state = stage.execute()
    assert state.phase is Phase.ABORTED
    assert "shop/redis was run " in state.text


def test_a_replica_takes_no_changes(stage: StreamStage) -> None:
    """F44: a role that changed since the plan, or before it."""
    with_stuck(stage)
    stage.planned("stream.claim", EVENTS, to="worker")
    stage.redis.execute_command("REPLICAOF", "127.0.0.1", "1")
    state = stage.execute()
    assert state.phase is Phase.ABORTED
    assert "is run " in state.text
    assert "slave" in state.text
    plan = stage.planned("stream.claim", EVENTS, to="worker")
    assert "READONLY: it is a replica" in stops(plan)


def test_a_user_without_the_right_is_told_before_anything_is_done(
    stage: StreamStage, tmp_path: Path
) -> None:
    """F55: an ACL user that lacks a command."""
    with_stuck(stage)
    allowed = ["+@all", "-xclaim", "-xautoclaim"]
    stage.redis.execute_command("ACL", "SETUSER", "ops", "on", ">secret", "~*", "&*", *allowed)
    url = f"redis://ops:secret@127.0.0.1:{stage.server.port}/0"
    plan = StreamStage(stage.server, tmp_path / "ops", url).planned(
        "stream.claim", EVENTS, to="worker"
    )
    assert "NOPERM" in stops(plan)
    assert "xclaim" in stops(plan)
    assert "ACL SETUSER … +xclaim" in stops(plan)


@pytest.mark.parametrize("binary", [redis_binary, valkey_binary])
def test_a_command_that_was_renamed_is_missing(binary: Callable[[], str], tmp_path: Path) -> None:
    """F55: rename-command."""
    own = OwnRedis(binary(), tmp_path)
    try:
        asyncio.run(own.start("--rename-command", "XCLAIM", "XKLAIM"))
        stage = StreamStage(own, tmp_path / "one")
        filled(stage.redis, 2)
        delivered(stage.redis, "gone", 2)
        stage.redis.execute_command("XKLAIM", EVENTS, GROUP, "gone", 0, "1000-0", "IDLE", HOUR_MS)
        plan = stage.planned("stream.claim", EVENTS, to="new:rescuer")
        assert "the server has no command XCLAIM: too old, or renamed" in stops(plan)
    finally:
        own.stop()


def test_a_stream_or_group_that_goes_in_the_middle_ends_it_clearly(stage: StreamStage) -> None:
    """F50: the first portion is claimed, then the group is destroyed; the rest is not done."""
    with_stuck(stage, 450)
    stage.planned("stream.claim", EVENTS, to="worker")

    class Destroying(Places):
        def __call__(self, name: str) -> None:
            super().__call__(name)
            if self.passed.count("done") == 1 and name == "done":
                stage.redis.execute_command("XGROUP", "DESTROY", EVENTS, GROUP)

    state = stage.execute(Destroying())
    assert state.phase is Phase.NEEDS_HUMAN
    assert "NOGROUP" in state.text
    assert [str(one.state) for one in state.steps] == ["done", "failed", "waiting"]
