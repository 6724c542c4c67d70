"""Keys told to change on a real server: proven, refused, cut off anywhere, never sent twice."""

import asyncio
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.actions.action import Action
from core.actions.families import circuit, limit, probes, token
from core.clients.acting.prober import Shot, Volley
from core.errors import ActionError
from core.model.action import Phase
from core.model.redis_key import KeyName
from core.model.verdict import Verdict
from tests.real.redis_stage import THROUGH, UPSTREAM, RedisStage, ask, is_done
from tests.real.servers import OwnRedis, redis_binary, valkey_binary
from tests.unit.core.actions.stage import Places

RESET_LIMIT, CHANGE_LIMIT = limit.ACTIONS
RESET, OPEN = circuit.ACTIONS
[REVOKE] = token.ACTIONS
[TRIP] = (one for one in probes.ACTIONS if one.id == "http.probe_breaker")
BREAKER = "circuit_breaker:upstream_service"
CLIENT = "rate_limit:203.0.113.36"

pytestmark = pytest.mark.real("redis")


@pytest.fixture(params=[redis_binary, valkey_binary], ids=["redis", "valkey"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RedisStage]:
    folder = tmp_path / "redis"
    folder.mkdir()
    own = OwnRedis(request.param(), folder)
    try:
        asyncio.run(own.start())
        yield RedisStage(own, tmp_path)
    finally:
        own.stop()


def limited(stage: RedisStage) -> None:
    for client, tokens in (("203.0.113.36", "0.0"), ("2001:db8::12", "0.30000000000000004")):
        key = f"rate_limit:{client}"
        stage.tell("HSET", key, "tokens", tokens, "last_refill_time", "1773480412")
        stage.tell("EXPIRE", key, "3600")


def opened(stage: RedisStage, state: str = "OPEN") -> None:
    stage.tell(
        "HSET", BREAKER, "state", state, "failure_count", "0", "success_count", "0",
        "last_state_change_time", "1773480401",
    )  # fmt: skip


# limits


def test_one_client_is_reset_and_comes_back_with_its_time(stage: RedisStage) -> None:
    limited(stage)
    before = stage.value(CLIENT)
    state = stage.do(RESET_LIMIT, "shop/clients", keys="203.0.113.36")
    assert is_done(state), state.text
    assert stage.value(CLIENT) is None
    assert stage.tell("DBSIZE") == 1
    undone = stage.undo()
    assert is_done(undone) or undone.phase is Phase.COMMITTED, undone.text
    assert stage.value(CLIENT) == before
    assert 3500 < stage.tell("TTL", CLIENT) <= 3600


def test_several_and_all_are_reset_and_the_count_stands_in_the_plan(stage: RedisStage) -> None:
    limited(stage)
    stage.tell("SET", "unrelated", "1")
    plan = stage.plan(RESET_LIMIT, "shop/clients", pattern="rate_limit:*")
    assert "2 records" in plan.title
    assert len(plan.targets) == 2
    assert is_done(stage.execute())
    assert stage.tell("KEYS", "*") == [b"unrelated"]


def test_a_client_that_asks_again_at_once_is_reset_all_the_same(stage: RedisStage) -> None:
    limited(stage)
    stage.plan(RESET_LIMIT, "shop/clients", keys="203.0.113.36")
    stage.tell("HSET", CLIENT, "tokens", "0.2")  # a request between plan and step
    stage.after["unlink"] = lambda: ask(stage.server, "HSET", CLIENT, "tokens", "999")
    state = stage.execute(Places())
    assert is_done(state), state.text
    assert stage.tell("HGET", CLIENT, "tokens") == b"999"
    undone = stage.undo()
    assert undone.phase is not Phase.COMMITTED
    assert "written" in undone.text
    assert stage.tell("HGET", CLIENT, "tokens") == b"999"


def test_what_is_not_there_is_nothing_to_reset(stage: RedisStage) -> None:
    assert "nothing to reset" in stage.stops(RESET_LIMIT, "shop/clients", pattern="*")
    told = stage.stops(RESET_LIMIT, "shop/clients", keys="203.0.113.99")
    assert "nothing to reset: there is no rate_limit:203.0.113.99" in told


def test_what_vanishes_before_its_step_is_no_success(stage: RedisStage) -> None:
    limited(stage)
    stage.plan(RESET_LIMIT, "shop/clients", keys="203.0.113.36,2001:db8::12")
    stage.tell("DEL", CLIENT, "rate_limit:2001:db8::12")
    state = stage.execute()
    assert state.phase is Phase.ROLLED_BACK
    assert "nothing was removed" in state.text


def test_another_kind_of_key_and_a_strange_name(stage: RedisStage) -> None:
    stage.tell("XADD", "rate_limit:stream", "*", "a", "b")
    assert "WRONGTYPE" in stage.stops(RESET_LIMIT, "shop/clients", keys="rate_limit:stream")
    name = b"rate_limit:\x1b[31m\n\xff"
    stage.tell("HSET", name, "tokens", "1e400", "last_refill_time", "-1")
    spelled = KeyName(name).spelled
    state = stage.do(RESET_LIMIT, "shop/clients", keys=spelled)
    assert is_done(state), state.text
    assert "\x1b" not in str(state.plan)
    assert stage.tell("EXISTS", name) == 0
    stage.tell("SET", "events", "1")
    assert "there is no rate_limit:events" in stage.stops(
        RESET_LIMIT, "shop/clients", keys="events"
    )
    with pytest.raises(ActionError, match="is no limit of shop"):
        stage.plan(RESET_LIMIT, "shop/events")
    with pytest.raises(ActionError, match="say which records"):
        stage.plan(RESET_LIMIT, "shop/clients")


def test_a_reset_that_is_killed_anywhere_is_done_or_undone(stage: RedisStage) -> None:
    def plan() -> None:
        limited(stage)
        stage.plan(RESET_LIMIT, "shop/clients", keys="203.0.113.36")

    assert stage.killed_anywhere(plan, lambda: stage.value(CLIENT), None) > 15


def test_a_lost_answer_is_decided_by_the_keys_and_nothing_is_sent_twice(
    stage: RedisStage,
) -> None:
    """F43: applied, and the answer lost; then neither applied nor answered."""
    limited(stage)
    stage.plan(RESET_LIMIT, "shop/clients", keys="203.0.113.36")
    stage.lose("unlink")
    state = stage.execute(Places())
    assert is_done(state), state.text
    assert stage.sent["unlink"] == 1
    limited(stage)
    before = stage.value(CLIENT)
    stage.plan(RESET_LIMIT, "shop/clients", keys="203.0.113.36")
    stage.lose("unlink", is_heard=False)
    state = stage.execute(Places())
    assert state.phase is Phase.ROLLED_BACK
    assert "the command too" in state.text
    assert stage.sent["unlink"] == 1
    assert stage.value(CLIENT) == before


def test_another_run_of_the_server_is_refused(stage: RedisStage) -> None:
    """F44."""
    limited(stage)
    stage.plan(RESET_LIMIT, "shop/clients", keys="203.0.113.36")
    stage.server.stop()
    asyncio.run(stage.server.start())
    limited(stage)
    state = stage.execute()
    assert state.phase is Phase.ABORTED
    assert "changed since the plan" in state.text
    assert stage.tell("EXISTS", CLIENT) == 1


def test_a_replica_and_a_user_without_the_right_are_refused_with_the_rule(
    stage: RedisStage, tmp_path: Path
) -> None:
    """F52, F55."""
    limited(stage)
    stage.tell("ACL", "SETUSER", "low", "on", ">p", "~*", "+@read", "+info", "+time", "+command",
               "+acl|whoami", "+acl|dryrun", "+ping", "+select", "+watch")  # fmt: skip
    low = stage.as_user("low", "p", tmp_path / "low")
    told = low.stops(RESET_LIMIT, "shop/clients", keys="203.0.113.36")
    assert "NOPERM: our user may not run UNLINK" in told
    assert "ACL SETUSER … +unlink" in told
    stage.tell("REPLICAOF", "127.0.0.1", "1")
    assert "READONLY: it is a replica" in stage.stops(
        RESET_LIMIT, "shop/clients", keys="203.0.113.36"
    )


def test_a_server_that_is_gone_is_told_as_such(stage: RedisStage) -> None:
    stage.server.stop()
    assert "refused" in stage.stops(RESET_LIMIT, "shop/clients", keys="203.0.113.36")


# circuits


def test_an_open_circuit_is_reset_proven_by_one_request_and_put_back(stage: RedisStage) -> None:
    opened(stage)
    before = stage.value(BREAKER)
    asked: list[str] = []

    async def write_anew() -> None:
        await ask(stage.server, "HSET", BREAKER, "state", "CLOSED", "failure_count", "0")

    stage.on_look = asked.append
    plan = stage.plan(RESET, "shop/upstream")
    assert "OPEN" in str(plan.preview)
    stage.after["unlink_same"] = write_anew
    state = stage.execute(Places())
    assert is_done(state), state.text
    assert THROUGH in asked
    assert stage.tell("HGET", BREAKER, "state") == b"CLOSED"
    assert stage.undo().phase is Phase.COMMITTED
    assert stage.value(BREAKER) == before


def test_a_reset_waits_for_a_healthy_upstream(stage: RedisStage) -> None:
    opened(stage)
    stage.verdicts[UPSTREAM] = Verdict.DOWN
    assert "it is not healthy" in stage.stops(RESET, "shop/upstream")
    stage.verdicts[UPSTREAM] = Verdict.OK
    stage.plan(RESET, "shop/upstream")
    stage.verdicts[UPSTREAM] = Verdict.DOWN
    assert stage.execute().phase is Phase.ABORTED
    assert stage.tell("EXISTS", BREAKER) == 1


def test_the_documented_key_is_the_wrong_one(stage: RedisStage) -> None:
    """What `DEL api-gateway:circuit-breaker` of the runbook does: nothing."""
    opened(stage)
    told = stage.stops(RESET, "shop/upstream", key="api-gateway:circuit-breaker")
    assert "wrong key: nothing is there" in told
    assert f"the real key is {BREAKER}" in told
    warned = stage.warns(RESET, "shop/upstream")
    assert f"api-gateway:circuit-breaker is not there; the real key is {BREAKER}" in warned


def test_no_record_is_nothing_to_reset(stage: RedisStage) -> None:
    assert "nothing to reset: there is no record" in stage.stops(RESET, "shop/upstream")


def test_a_circuit_that_changed_since_the_plan_is_refused_with_both_values(
    stage: RedisStage,
) -> None:
    opened(stage)
    stage.plan(RESET, "shop/upstream")
    opened(stage, "HALF_OPEN")
    state = stage.execute()
    assert state.phase is Phase.ABORTED
    assert "state OPEN" in state.text
    assert "state HALF_OPEN" in state.text


def test_a_circuit_that_opens_again_at_once_is_no_success(stage: RedisStage) -> None:
    opened(stage)
    before = stage.value(BREAKER)

    async def open_again() -> None:
        await ask(stage.server, "HSET", BREAKER, "state", "OPEN", "failure_count", "0")

    stage.plan(RESET, "shop/upstream")
    stage.after["unlink_same"] = open_again
    state = stage.execute(Places())
    assert state.phase is Phase.ROLLED_BACK
    assert "it is not closed" in state.text
    assert stage.value(BREAKER) == before


def test_what_is_no_state_is_called_invalid_and_may_go(stage: RedisStage) -> None:
    """F53."""
    stage.tell("HSET", BREAKER, "state", b"OPEN\x1b]0;x\x07", "failure_count", "1e400")
    warned = stage.warns(RESET, "shop/upstream")
    assert "what is written there is no state: invalid (" in warned
    assert "OPEN" in warned
    assert "\x1b" not in warned
    assert is_done(stage.do(RESET, "shop/upstream"))


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ([("HSET", "cb:a", "state", "closed", "failures", "6", "opened_at", "1773480404.5")],
         [("HGET", "cb:a", "state"), b"open"]),
        ([("SET", "cb:up:state", "CLOSED"), ("SET", "cb:up:failures", "7"),
          ("SET", "cb:up:last_failure", "1773480410.25")],
         [("GET", "cb:up:state"), b"OPEN"]),
        ([("SET", "api-gateway:circuit-breaker", "CLOSED", "EX", "45")],
         [("GET", "api-gateway:circuit-breaker"), b"OPEN"]),
    ],
    ids=["hash", "split", "string"],
)  # fmt: skip
def test_a_circuit_is_forced_open_in_its_own_spelling(
    stage: RedisStage, words: list[tuple[str, ...]], shown: list[object]
) -> None:
    for one in words:
        stage.tell(*one)
    before = [stage.value(one[1]) for one in words]
    state = stage.do(OPEN, "shop/upstream")
    assert is_done(state), state.text
    call, wanted = shown
    assert stage.tell(*call) == wanted  # type: ignore[misc]
    if words[0][0] == "HSET":
        now = float(stage.tell("TIME")[0])
        assert abs(now - float(stage.tell("HGET", "cb:a", "opened_at"))) < 60
    done = stage.action
    assert "open already" in stage.stops(OPEN, "shop/upstream")
    assert stage.undo(done).phase is Phase.COMMITTED
    assert [stage.value(one[1]) for one in words] == before


def test_a_number_or_json_is_not_forced_open(stage: RedisStage) -> None:
    stage.tell("HSET", "cb:n", "state", "0")
    assert "its state is a number" in stage.stops(OPEN, "shop/upstream")
    stage.tell("DEL", "cb:n")
    stage.tell("SET", "cb:json", '{"state": "CLOSED"}')
    assert "cannot be opened" in stage.stops(OPEN, "shop/upstream")


def test_circuit_actions_that_are_killed_anywhere_are_done_or_undone(stage: RedisStage) -> None:
    def plan(action: Action, state: str) -> None:
        stage.tell("DEL", BREAKER)
        opened(stage, state)
        stage.plan(action, "shop/upstream")

    def told() -> object:
        return stage.tell("HGET", BREAKER, "state")

    assert stage.killed_anywhere(lambda: plan(RESET, "OPEN"), told, None) > 15
    assert stage.killed_anywhere(lambda: plan(OPEN, "CLOSED"), told, b"OPEN") > 15


# tokens


def test_tokens_are_revoked_masked_and_come_back(stage: RedisStage) -> None:
    secret = "5f2b" * 16
    stage.tell("SET", f"token:{secret}", "alice", "EX", "3600")
    stage.tell("SET", "token:0123456789abcdef", "bob")
    plan = stage.plan(REVOKE, "shop/tokens", keys=f"token:{secret},token:nobody")
    assert secret not in " ".join((*plan.preview, *plan.radius, plan.title, plan.steps[0].title))
    assert secret not in " ".join(one.title for one in (*plan.targets, *plan.traits))
    assert "does not consult them" in " ".join(one.text for one in plan.preflight)
    state = stage.execute()
    assert is_done(state), state.text
    assert stage.tell("EXISTS", f"token:{secret}", "token:0123456789abcdef") == 1
    assert secret not in state.text
    assert stage.undo().phase is Phase.COMMITTED
    assert 3500 < stage.tell("TTL", f"token:{secret}") <= 3600


def test_a_token_that_is_not_there_revokes_nothing(stage: RedisStage) -> None:
    assert "nothing to revoke" in stage.stops(REVOKE, "shop/tokens", keys="token:gone")
    with pytest.raises(ActionError, match="is no key of tokens"):
        stage.plan(REVOKE, "shop/tokens", keys="rate_limit:1.2.3.4")


class Tripping:
    """Answers as a service whose breaker opens, and recovers; its record follows."""

    def __init__(self, stage: RedisStage) -> None:
        self._stage = stage

    async def fire(self, volley: Volley, goes_on: Callable[[Shot], bool]) -> tuple[Shot, ...]:
        if volley.url.endswith("/ok"):
            await self._write("CLOSED")
            return (Shot(0.0, 0.01, 200),)
        shots = [Shot(0.1, 0.2, 500), Shot(0.2, 0.2, 500), Shot(0.3, 0.001, 503)]
        await self._seen("absent", 0)
        await self._write("CLOSED")
        for one in shots[:2]:
            assert goes_on(one)
        await self._write("OPEN")
        goes_on(shots[2])
        return tuple(shots)

    async def _write(self, state: str) -> None:
        """Write the state, and wait until it was seen."""
        before = self._stage.said.count(f"says {state.lower()}")
        await ask(self._stage.server, "HSET", BREAKER, "state", state, "failure_count", "0")
        await self._seen(state.lower(), before)

    async def _seen(self, word: str, before: int) -> None:
        async with asyncio.timeout(90):
            while self._stage.said.count(f"says {word}") == before:
                await asyncio.sleep(0.02)


def test_a_trip_on_purpose_has_the_trace_of_its_record(stage: RedisStage) -> None:
    stage.prober = Tripping(stage)
    plan = stage.plan(TRIP, "shop/api", path="/fail", recovers="/ok")
    assert "it has no record yet" in str(plan.preflight)
    state = stage.execute(Places())
    assert is_done(state), state.text
    told = stage.said
    trace = [told.index(f"says {word}") for word in ("absent", "closed", "open")]
    assert trace == sorted(trace)
    assert re.search(r"in Redis: [\d.]+ s absent, [\d.]+ s closed, [\d.]+ s open, ", told)
    assert "its record is followed" in str(stage.plan(TRIP, "shop/api", path="/fail").preflight)


def test_a_value_too_large_to_be_copied_is_refused_with_its_size(stage: RedisStage) -> None:
    """F46."""
    stage.tell("SETRANGE", "rate_limit:big", str(20_000_000), "x")
    stage.tell("SETRANGE", "token:0123456789abcdef", str(20_000_000), "x")
    told = stage.stops(RESET_LIMIT, "shop/clients", keys="rate_limit:big")
    assert re.search(r"rate_limit:big takes 2\d{7} bytes, and cannot be copied first", told)
    told = stage.stops(REVOKE, "shop/tokens", keys="token:0123456789abcdef")
    assert "token:012345… (16 characters) takes 2" in told
