"""Keys of a store in a real Redis, switched off and on by actions, and put back."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.actions.families.key import ACTIONS
from core.actions.part import Sight
from core.errors import ActionError
from core.model.action import Danger
from tests.fakes.acting_files import FakeWork
from tests.fakes.acting_ground import carry_out, drafted, stops, stored
from tests.real.redis_key_stage import FORMS, ONE, RECORD, TWO, Stage, fill, fresh_stage, kept
from tests.real.servers import OwnRedis, kept_redis


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnRedis]:
    with kept_redis(tmp_path_factory.mktemp("redis")) as one:
        yield one


@pytest.fixture
def stage(server: OwnRedis, tmp_path: Path) -> Stage:
    return fresh_stage(tmp_path, server)


@pytest.mark.real("redis")
@pytest.mark.parametrize("form", FORMS)
async def test_a_key_goes_off_and_on_and_every_other_byte_stays(stage: Stage, form: str) -> None:
    fill(stage, form)
    before = kept(stage)
    assert (await stage.act("key.deactivate", ONE))[0] == "verified"
    off = repr(kept(stage))
    assert (before != kept(stage), "inactive" in off or '"active": false' in off) == (True, True)
    assert stops(await stage.draft("key.deactivate", ONE)) == ["already deactivated, nothing to do"]
    if form in {"text", "inside"}:
        name = "api_keys" if form == "inside" else f"api_key:{ONE}"
        assert stage.redis.ttl(name) > 900, "it expires as it would have"
    assert (await stage.act("key.reactivate", ONE))[0] == "verified"
    assert kept(stage) == before


@pytest.mark.real("redis")
async def test_what_was_there_is_put_back_and_what_others_changed_stays(stage: Stage) -> None:
    odd = '{"active":true,  "tier":"pro"}'
    stage.redis.hset("api_keys", mapping={ONE: odd, TWO: json.dumps(RECORD)})
    step = stored((await stage.draft("key.deactivate", ONE, TWO)).steps[0].step)
    ports, work = stage.site.ports, FakeWork("01TEST")
    await step.save(ports, work)
    await step.apply(ports, work)
    assert (await step.observe(ports)).sight is Sight.AFTER
    theirs = json.dumps(RECORD | {"active": False, "tier": "free"})
    stage.redis.hset("api_keys", TWO, theirs)
    await step.undo(ports, work)
    assert (await step.observe(ports)).sight is Sight.BEFORE
    assert stage.redis.hget("api_keys", ONE) == odd, "to the byte"
    assert json.loads(stage.redis.hget("api_keys", TWO)) == RECORD | {"tier": "free"}


@pytest.mark.real("redis")
async def test_the_last_key_of_a_tier_is_typed_and_all_go_off_at_once(stage: Stage) -> None:
    fill(stage, "field")
    draft = await stage.draft("key.deactivate", ONE, TWO)
    assert draft.danger is Danger.DESTROY
    assert (await carry_out(draft, stage.site.ports, FakeWork("01TEST")))[0] == "verified"
    assert not any(json.loads(one)["active"] for one in stage.redis.hgetall("api_keys").values())


@pytest.mark.real("redis")
@pytest.mark.parametrize("kind", ["bare list", "set", "missing"])
async def test_what_cannot_be_written_says_why(stage: Stage, kind: str) -> None:
    if kind == "bare list":
        stage.redis.rpush("api_keys", ONE)
    if kind == "set":
        stage.redis.sadd("api_keys", ONE)
    (said,) = stops(await stage.draft("key.deactivate", ONE))
    bare = "a key that is there or not: nothing says whether it is active"
    assert said == ("the server has no key api_keys" if kind == "missing" else bare)


@pytest.mark.real("redis")
async def test_a_key_is_never_named_by_itself(stage: Stage) -> None:
    fill(stage, "field")
    with pytest.raises(ActionError, match="never itself"):
        await drafted(ACTIONS, stage.site, "key.deactivate", "shop/api", keys=ONE)
