"""Answers that are lost, and two operators at once: each entry is claimed once or not at all."""

import json
import multiprocessing
from pathlib import Path
from typing import Any

import pytest

from core.clients.acting.redis_streams import RedisStreams
from core.errors import ClientTimeout
from core.model.action import Phase, Proof
from tests.real.deaf import deaf_way
from tests.real.servers import OwnRedis
from tests.real.stream_stage import (
    DLQ,
    EVENTS,
    GROUP,
    StreamStage,
    delivered,
    filled,
    is_verified,
    owners,
    with_stuck,
)

pytestmark = pytest.mark.real("redis")


@pytest.mark.parametrize("is_done", [True, False], ids=["done", "not done"])
def test_a_lost_answer_to_a_claim_is_decided_by_a_look(stage: StreamStage, is_done: bool) -> None:
    """F43: sent once, and what came of it is seen at the entries."""
    ids = with_stuck(stage)
    stage.planned("stream.claim", EVENTS, to="worker")
    real, sent = RedisStreams.claim, list[int]()

    async def deaf(self: RedisStreams, *given: Any) -> Any:
        sent.append(1)
        if is_done:
            await real(self, *given)
        raise ClientTimeout("no answer within 10 s")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RedisStreams, "claim", deaf)
        state = stage.execute()
    assert sent == [1]
    assert "the answer was lost" in stage.said()
    if is_done:
        assert is_verified(state), state.text
        assert owners(stage.redis) == dict.fromkeys(ids, ("worker", 2))
    else:
        assert state.phase is Phase.ROLLED_BACK
        assert owners(stage.redis) == dict.fromkeys(ids, ("gone", 2))


@pytest.mark.parametrize(
    ("command", "action", "inputs"),
    [
        (b"XCLAIM", "stream.claim", {"to": "worker"}),
        (b"XAUTOCLAIM", "stream.autoclaim", {"to": "worker"}),
        (b"EXEC", "stream.acknowledge", {"ids": "1000-0,1001-0"}),
        (b"XDEL", "stream.delete_entries", {"ids": "1000-0"}),
        (b"EVAL", "stream.remove_consumer", {"consumer": "gone", "loss": "6"}),
        (b"EVAL", "stream.set_id", {"id": "0"}),
        (b"XGROUP", "stream.create_group", {"group": "audit"}),
        (b"XTRIM", "stream.trim", {"max_length": "2", "loss": "4"}),
    ],
)
def test_a_reply_that_the_wire_loses_is_decided_by_a_look(
    stage: StreamStage, tmp_path: Path, command: bytes, action: str, inputs: dict[str, str]
) -> None:
    """F43, with real bytes: the server did it, the connection broke before its answer."""
    with_stuck(stage)
    word = b"MULTI" if command == b"EXEC" else command
    with deaf_way(stage.server.port, word) as way:
        url = f"redis://127.0.0.1:{way.port}/0"
        other = StreamStage(stage.server, tmp_path / "other", url)
        state = other.done(action, EVENTS, **inputs)
        assert way.lost == 1
    assert state.phase is Phase.COMMITTED, state.text
    assert state.proof is not Proof.FAILED


@pytest.mark.parametrize(
    ("command", "action", "inputs"),
    [(b"EVAL", "dlq.requeue", {"canary": "no"}), (b"XDEL", "dlq.discard", {})],
)
def test_a_letter_whose_reply_the_wire_loses_is_in_one_place(
    stage: StreamStage, tmp_path: Path, command: bytes, action: str, inputs: dict[str, str]
) -> None:
    stage.redis.xgroup_create(EVENTS, GROUP, "0", mkstream=True)
    for number in range(4):
        letter = {"n": number, "dlq_error": "x", "original_stream": EVENTS}
        stage.redis.xadd(DLQ, {"data": json.dumps(letter)})
    with deaf_way(stage.server.port, command) as way:
        url = f"redis://127.0.0.1:{way.port}/0"
        state = StreamStage(stage.server, tmp_path / "other", url).done(
            action, DLQ, all="yes", **inputs
        )
        assert way.lost == 1
    assert is_verified(state), state.text
    assert stage.redis.xlen(DLQ) == 0
    assert stage.redis.xlen(EVENTS) == (4 if action == "dlq.requeue" else 0)


def test_a_lost_answer_to_a_set_id_is_decided_by_a_look(stage: StreamStage) -> None:
    """F43."""
    filled(stage.redis, 4)
    delivered(stage.redis, "gone", 4)
    stage.planned("stream.set_id", EVENTS, id="1001-0")
    real = RedisStreams.set_id

    async def deaf(self: RedisStreams, *given: Any) -> Any:
        await real(self, *given)
        raise ClientTimeout("no answer within 10 s")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RedisStreams, "set_id", deaf)
        state = stage.execute()
    assert state.phase is Phase.COMMITTED, state.text
    assert "it reported: no answer within 10 s" in state.steps[0].text
    [group] = stage.redis.xinfo_groups(EVENTS)
    assert group["last-delivered-id"] == b"1001-0"


def _claim(server: OwnRedis, folder: Path, to: str, meet: Any, said: Any) -> None:
    """Be an operator: plan, wait for the other one, claim, and tell which entries were got."""
    stage = StreamStage(server, folder)
    stage.planned("stream.claim", EVENTS, to=to, limit="2000")
    meet.wait(300)
    stage.execute()
    fates: dict[str, str] = {}
    for path in (stage.action.path / "backup").glob("claimed-*.json"):
        fates |= json.loads(path.read_text("utf-8"))["entries"]
    said.put([one for one, fate in fates.items() if fate == "claimed"])


def test_two_operators_never_claim_the_same_entry(stage: StreamStage, tmp_path: Path) -> None:
    """2,000 entries, two processes that do not share locks, the server decides."""
    ids = with_stuck(stage, 2000)
    stage.redis.execute_command("XGROUP", "CREATECONSUMER", EVENTS, GROUP, "other")
    fork = multiprocessing.get_context("fork")
    meet, said = fork.Barrier(2), fork.Queue()
    both = [
        fork.Process(target=_claim, args=(stage.server, tmp_path / to, to, meet, said))
        for to in ("worker", "other")
    ]
    for one in both:
        one.start()
    got = [*said.get(timeout=300), *said.get(timeout=300)]
    for one in both:
        one.join(60)
    assert len(got) == len(set(got))
    assert sorted(got) == sorted(ids)
    now = owners(stage.redis)
    assert {who for who, _ in now.values()} <= {"worker", "other"}
    assert {times for _, times in now.values()} == {2}
