"""Keys told to change on a real server: proven, refused, cut off anywhere, never sent twice."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.actions.families import circuit, limit, token
from core.errors import ActionError
from core.model.action import Phase
from core.model.redis_key import KeyName
from tests.real.redis_stage import RedisStage, ask, is_done
from tests.real.servers import OwnRedis, redis_binary, valkey_binary
from tests.unit.core.actions.stage import Places

RESET_LIMIT, CHANGE_LIMIT = limit.ACTIONS
RESET, OPEN = circuit.ACTIONS
[REVOKE] = token.ACTIONS
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


def killed_anywhere(
    stage: RedisStage, plan: Callable[[], object], look: Callable[[], object], after: object
) -> int:
    """Kill it at every place in turn; whatever recovery says has to be so. Return the places."""
    at = 0
    while True:
        plan()
        before, places = look(), Places(at)
        stage.execute(places)
        if len(places.passed) <= at:
            return at
        state = stage.recover()
        if state.phase is Phase.COMMITTED:
            assert look() == after, places.passed[-1]
        else:
            assert state.phase is not Phase.NEEDS_HUMAN, f"{places.passed[-1]}: {state.text}"
            assert look() == before, places.passed[-1]
        at += 1


def test_a_reset_that_is_killed_anywhere_is_done_or_undone(stage: RedisStage) -> None:
    def plan() -> None:
        limited(stage)
        stage.plan(RESET_LIMIT, "shop/clients", keys="203.0.113.36")

    assert killed_anywhere(stage, plan, lambda: stage.value(CLIENT), None) > 15
