"""Dead letters sent back and discarded with a real server: nothing lost, nothing doubled."""

import asyncio
import json
import multiprocessing
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import redis

from core.actions.families.dlq_look import identity
from core.actions.folder import ActionFolder, FolderWork
from core.actions.part import thaw
from core.clients.acting.redis_answers import Moved
from core.clients.acting.redis_streams import RedisStreams
from core.errors import ActionError, ClientTimeout
from core.model.action import Phase, Proof, Rung
from core.model.redis_spec import StreamSpec
from tests.fakes.ports import free_port
from tests.real.servers import OwnRedis, valkey_binary
from tests.real.stream_stage import (
    DLQ,
    EVENTS,
    GROUP,
    PATIENT,
    SPEC,
    StreamStage,
    consume,
    stops,
    warnings,
)
from tests.unit.core.actions.families import backup_stage

pytestmark = pytest.mark.real("redis")
Fields = Mapping[bytes, bytes]


def buried(number: int, **more: object) -> str:
    return json.dumps(
        {"event_type": "run", "n": number}
        | {"dlq_error": "refused", "dlq_timestamp": 1.5, "original_stream": EVENTS}
        | more
    )


def with_letters(stage: StreamStage, count: int) -> list[str]:
    """Have a stream that a group reads, and dead letters of it."""
    stage.redis.xgroup_create(EVENTS, GROUP, "0", mkstream=True)
    pipeline = stage.redis.pipeline(transaction=False)
    for number in range(count):
        pipeline.xadd(DLQ, {"data": buried(number)}, id=f"{5000 + number}-0")
    pipeline.execute()
    return [f"{5000 + number}-0" for number in range(count)]


def numbers(stage: StreamStage, key: str) -> Counter[int]:
    return Counter(json.loads(fields[b"data"])["n"] for _, fields in stage.redis.xrange(key))


class Reader:
    """An application that reads the stream while an action runs."""

    def __init__(self, server: OwnRedis, fate: Callable[[Fields], Any]) -> None:
        self._until = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._work = consume(server, fate, self._until)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        self._loop.run_until_complete(self._work)
        self._loop.close()

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._until.set)
        self._thread.join(30)


def lives(_fields: Fields) -> None:
    return None


def dies(fields: Fields) -> dict[str, str]:
    message = json.loads(fields[b"data"])
    return {"data": json.dumps(message | {"dlq_error": "again", "original_stream": EVENTS})}


def is_verified(state: Any) -> bool:
    return state.phase is Phase.COMMITTED and state.proof is Proof.VERIFIED


def test_letters_go_back_as_they_were_after_a_canary(stage: StreamStage) -> None:
    with_letters(stage, 30)
    plan = stage.planned("dlq.requeue", DLQ, all="yes", canary=PATIENT)
    assert not plan.is_stopped, stops(plan)
    assert plan.rung is Rung.LIST
    assert "none: who reads them works on them" in plan.way_back
    with Reader(stage.server, lives):
        state = stage.execute()
    assert is_verified(state), state.text
    assert stage.redis.xlen(DLQ) == 0
    rows = stage.redis.xrange(EVENTS)
    assert [fields for _, fields in rows] == [
        {b"data": json.dumps({"event_type": "run", "n": n}).encode(),
         b"replay_id": f"{DLQ}/{5000 + n}-0".encode()}
        for n in range(30)
    ]  # fmt: skip
    assert "30 sent again" in stage.said()


def test_poison_ends_it_at_its_canary(stage: StreamStage) -> None:
    """H26, F51: of 500 that all come back, at most ten are sent."""
    with_letters(stage, 500)
    stage.planned("dlq.requeue", DLQ, all="yes", canary=PATIENT)
    with Reader(stage.server, dies):
        state = stage.execute()
    assert state.phase is Phase.COMMITTED
    assert state.proof is Proof.UNVERIFIED
    assert "1 of 1 message came back dead, more than 20 %" in state.text
    assert len(stage.redis.xrange(EVENTS)) <= 10
    assert stage.redis.xlen(DLQ) == 500


def test_poison_behind_a_good_canary_ends_it_within_ten(stage: StreamStage) -> None:
    with_letters(stage, 500)
    stage.planned("dlq.requeue", DLQ, all="yes", canary=PATIENT)

    def first_lives(fields: Fields) -> dict[str, str] | None:
        return None if json.loads(fields[b"data"])["n"] == 0 else dies(fields)

    with Reader(stage.server, first_lives):
        state = stage.execute()
    assert "came back dead" in state.text
    assert len(stage.redis.xrange(EVENTS)) <= 10
    assert set(numbers(stage, DLQ)) == set(range(1, 500))


def test_a_canary_that_nobody_acknowledges_holds_the_rest(stage: StreamStage) -> None:
    with_letters(stage, 5)
    state = stage.done("dlq.requeue", DLQ, all="yes", canary="2s")
    assert state.proof is Proof.UNVERIFIED
    assert "1 neither acknowledged nor back within 2 s" in state.text
    assert stage.redis.xlen(DLQ) == 4


def test_letters_are_chosen_by_id_error_and_type(stage: StreamStage) -> None:
    ids = with_letters(stage, 3)
    stage.redis.xadd(DLQ, {"data": buried(9, dlq_error="Timeout X", event_type="other")})
    with pytest.raises(ActionError, match="say which"):
        stage.planned("dlq.requeue", DLQ)
    by_error = stage.planned("dlq.requeue", DLQ, error="timeout")
    by_type = stage.planned("dlq.requeue", DLQ, type="run")
    by_id = stage.planned("dlq.requeue", DLQ, ids=f"{ids[1]},4-4")
    assert [len(one.targets) for one in (by_error, by_type, by_id)] == [1, 3, 1]
    assert "4-4: no longer there" in by_id.preview[-1]


def test_what_is_no_message_stays_with_its_reason(stage: StreamStage) -> None:
    with_letters(stage, 1)
    stage.redis.xadd(DLQ, {"data": "init"})
    stage.redis.xadd(DLQ, {"data": "{not json"})
    stage.redis.xadd(DLQ, {"data": '{"raw_message": {"x": "1"}, "dlq_error": "Parse error"}'})
    stage.redis.xadd(DLQ, {"data": buried(7, original_stream="payments")})
    plan = stage.planned("dlq.requeue", DLQ, all="yes", canary="no")
    assert "4 stay: they cannot be sent" in plan.radius
    said = "\n".join(plan.preview)
    assert "from payments, which is not configured" in said
    assert "no JSON object" in said
    state = stage.execute()
    assert is_verified(state), state.text
    assert stage.redis.xlen(DLQ) == 4
    assert not stage.redis.exists("payments")


def test_flat_letters_keep_their_shape(stage: StreamStage) -> None:
    stage.redis.xgroup_create(EVENTS, GROUP, "0", mkstream=True)
    fields = {"event_type": "run", "intent": "a b; rm -rf /", "dlq_error": "x", "k\x00": b"\xff\n"}
    stage.redis.xadd(DLQ, fields, id="1-0")
    assert is_verified(stage.done("dlq.requeue", DLQ, all="yes", canary="no"))
    [(_, sent)] = stage.redis.xrange(EVENTS)
    assert sent == {
        b"event_type": b"run", b"intent": b"a b; rm -rf /", b"k\x00": b"\xff\n",
        b"replay_id": f"{DLQ}/1-0".encode(),
    }  # fmt: skip


def test_all_may_go_to_a_sandbox_that_is_made(stage: StreamStage) -> None:
    with_letters(stage, 3)
    plan = stage.planned("dlq.requeue", DLQ, all="yes", to="sandbox")
    assert "sandbox is missing: this makes it" in warnings(plan)
    assert is_verified(stage.execute())
    assert sorted(numbers(stage, "sandbox")) == [0, 1, 2]
    assert stage.redis.xlen(EVENTS) == 0


def test_a_target_that_is_missing_or_of_another_type_forbids_it(stage: StreamStage) -> None:
    """F51."""
    with_letters(stage, 2)
    stage.redis.delete(EVENTS)
    assert f"{EVENTS} is missing: nobody would read it" in stops(
        stage.planned("dlq.requeue", DLQ, all="yes")
    )
    stage.redis.set(EVENTS, "x")
    assert "WRONGTYPE" in stops(stage.planned("dlq.requeue", DLQ, all="yes"))
    assert stage.redis.xlen(DLQ) == 2


def test_a_target_that_goes_in_the_middle_ends_it_with_the_rest_in_place(
    stage: StreamStage,
) -> None:
    """F50, F51."""
    with_letters(stage, 6)
    stage.planned("dlq.requeue", DLQ, all="yes", canary="no")
    real = RedisStreams.move

    async def then_gone(self: RedisStreams, *given: Any, **more: Any) -> Moved:
        moved = await real(self, *given, **more)
        stage.redis.delete(EVENTS)
        return moved

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RedisStreams, "move", then_gone)
        state = stage.execute()
    assert state.proof is not Proof.VERIFIED
    assert f"{EVENTS} is missing" in state.text
    assert stage.redis.xlen(DLQ) == 5


def test_a_trimmed_target_is_named(stage: StreamStage) -> None:
    with_letters(stage, 1)
    for number in range(50):
        stage.redis.xadd(EVENTS, {"data": f"{number}"}, maxlen=10, approximate=False)
    assert "is trimmed to about 10 by who writes to it (MAXLEN)" in warnings(
        stage.planned("dlq.requeue", DLQ, all="yes")
    )


@pytest.mark.parametrize("is_done", [True, False], ids=["done", "not done"])
def test_a_lost_answer_is_decided_by_a_look(stage: StreamStage, is_done: bool) -> None:
    """F43: the script ran, or did not, and nobody heard of it."""
    with_letters(stage, 3)
    stage.planned("dlq.requeue", DLQ, all="yes", canary="no")
    real, lost = RedisStreams.move, [True, True]

    async def deaf(self: RedisStreams, *given: Any, **more: Any) -> Moved:
        if not lost:
            return await real(self, *given, **more)
        lost.pop()
        if is_done:
            await real(self, *given, **more)
        raise ClientTimeout("no answer within 10 s")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RedisStreams, "move", deaf)
        state = stage.execute()
    assert is_verified(state), state.text
    assert numbers(stage, EVENTS) == Counter(range(3))
    assert stage.redis.xlen(DLQ) == 0


def test_told_to_stop_it_ends_between_two_letters(stage: StreamStage) -> None:
    with_letters(stage, 40)
    stage.planned("dlq.requeue", DLQ, all="yes", canary="no")
    real, count = RedisStreams.move, [0]

    async def counted(self: RedisStreams, *given: Any, **more: Any) -> Moved:
        count[0] += 1
        return await real(self, *given, **more)

    def hearing(folder: ActionFolder) -> FolderWork:
        return FolderWork(folder, lambda: count[0] >= 8)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RedisStreams, "move", counted)
        patch.setattr(backup_stage, "FolderWork", hearing)
        state = stage.execute()
    assert state.phase is Phase.COMMITTED
    assert "8 sent again, 32 left where they are; stopped: it was told to stop" in state.text
    assert numbers(stage, EVENTS) + numbers(stage, DLQ) == Counter(range(40))


def test_it_keeps_to_its_rate(stage: StreamStage) -> None:
    with_letters(stage, 60)
    stage.planned("dlq.requeue", DLQ, all="yes", canary="no", rate="20")
    began = stage.clock.monotonic()
    state = stage.execute()
    assert is_verified(state), state.text
    assert stage.clock.monotonic() - began >= 58 / 20


def _requeue(server: OwnRedis, folder: Path, done: Any) -> None:
    done.put(str(StreamStage(server, folder).done("dlq.requeue", DLQ, all="yes", canary="no").text))


def test_two_who_send_at_once_send_each_letter_once(stage: StreamStage, tmp_path: Path) -> None:
    with_letters(stage, 300)
    fork = multiprocessing.get_context("fork")
    said = fork.Queue()
    both = [
        fork.Process(target=_requeue, args=(stage.server, tmp_path / name, said))
        for name in ("ada", "ben")
    ]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
        assert one.exitcode == 0
    assert numbers(stage, EVENTS) == Counter(range(300))
    assert stage.redis.xlen(DLQ) == 0


def test_on_two_parts_of_a_cluster_nothing_is_moved(tmp_path: Path) -> None:
    own = OwnRedis(valkey_binary(), tmp_path)
    try:
        asyncio.run(own.start("--cluster-enabled", "yes", "--cluster-port", f"{free_port()}"))
        client: Any = redis.Redis(port=own.port)
        client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        while b"cluster_state:ok" not in client.execute_command("CLUSTER", "INFO", NEVER_DECODE=1):
            pass
        stage = StreamStage(own, tmp_path / "one")
        with_letters(stage, 2)
        plan = stage.planned("dlq.requeue", DLQ, all="yes", canary="no")
        assert "CROSSSLOT: they lie on different parts of the cluster" in stops(plan)
        tagged = replace(SPEC, keys=("{a}main",), dead_letters=("{a}dead",))
        stage.specced(tagged)
        client.xgroup_create("{a}main", GROUP, "0", mkstream=True)
        client.xadd("{a}dead", {"data": buried(1, original_stream="{a}main")})
        state = stage.done("dlq.requeue", "{a}dead", all="yes", canary="no")
        assert is_verified(state), state.text
    finally:
        own.stop()


def test_discarded_letters_are_in_a_file_and_can_be_put_back(stage: StreamStage) -> None:
    ids = with_letters(stage, 5)
    stage.redis.xadd(DLQ, {"bin\xff".encode("latin-1"): b"\x00\xfe", "error": "x"}, id="9000-0")
    path = stage.folder / "letters.jsonl"
    state = stage.done("dlq.discard", DLQ, all="yes", export=str(path))
    assert is_verified(state), state.text
    assert path.stat().st_mode & 0o777 == 0o600
    lines = [json.loads(one) for one in path.read_text("utf-8").splitlines()]
    assert [one["id"] for one in lines] == [*ids, "9000-0"]
    assert stage.redis.xlen(DLQ) == 0
    step, work = thaw(state.plan.steps[1].part), FolderWork(stage.action)
    for _ in range(2):  # once more is harmless
        asyncio.run(step.undo(stage.ports(), work))
    rows = stage.redis.xrange(DLQ)
    assert len(rows) == 6
    assert [fields.pop(b"dlq_put_back").decode() for _, fields in rows] == [*ids, "9000-0"]
    assert rows[5][1] == {b"bin\xff": b"\x00\xfe", b"error": b"x"}
    assert f"{ids[0]} is there again as " in stage.said()


def test_a_file_that_is_there_is_not_written_over(stage: StreamStage) -> None:
    with_letters(stage, 1)
    path = stage.folder / "letters.jsonl"
    path.write_text("mine")
    assert "is there already" in stops(
        stage.planned("dlq.discard", DLQ, all="yes", export=str(path))
    )


def test_without_a_file_letters_stay(stage: StreamStage, tmp_path: Path) -> None:
    """The file is spoilt between the export and the deletion: nothing goes."""
    with_letters(stage, 3)
    path = stage.folder / "letters.jsonl"
    state_plan = stage.planned("dlq.discard", DLQ, all="yes", export=str(path))
    step = thaw(state_plan.steps[1].part)
    path.write_text("")
    with pytest.raises(ActionError, match="does not have 5000-0; nothing goes"):
        asyncio.run(step.apply(stage.ports(), FolderWork(stage.action)))
    assert stage.redis.xlen(DLQ) == 3


def test_a_message_is_known_again_however_it_was_buried() -> None:
    spec = StreamSpec("", ())
    sent = ((b"data", b'{"a": 1, "b": "x"}'), (b"replay_id", b"d/1-0"))
    back = ((b"data", b'{"b":"x","dlq_error":"no","a":1}'),)
    flat = ((b"intent", b"i"), (b"error", b"one"), (b"failed_at", b"1"))
    later = ((b"intent", b"i"), (b"failed_at", b"2"), (b"retry_count", b"3"))
    assert identity(sent, spec) == identity(back, spec)
    assert identity(flat, spec) == identity(later, spec)
    assert identity(sent, spec) != identity(flat, spec)


def test_letters_are_chosen_by_how_long_they_are_dead(stage: StreamStage) -> None:
    stage.redis.xgroup_create(EVENTS, GROUP, "0", mkstream=True)
    now_s = int(stage.redis.time()[0])
    for number, age_s in enumerate((30, 7200, 200_000)):
        died = {"n": number, "dlq_error": "x", "dlq_timestamp": now_s - age_s}
        stage.redis.xadd(DLQ, {"data": json.dumps({**died, "original_stream": EVENTS})})
    state = stage.done("dlq.discard", DLQ, older="1d")
    assert state.phase is Phase.COMMITTED, state.text
    assert numbers(stage, DLQ) == Counter({0: 1, 1: 1})
    state = stage.done("dlq.requeue", DLQ, older="1h", newer="1d", canary="no")
    assert state.phase is Phase.COMMITTED, state.text
    assert (numbers(stage, DLQ), numbers(stage, EVENTS)) == (Counter([0]), Counter([1]))
    with pytest.raises(ActionError, match="older is a duration"):
        stage.planned("dlq.discard", DLQ, older="soon")
