"""Redis saved and copied, with servers and containers on a script: lost answers, wrong files."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from core.actions.action import Action
from core.actions.families import backups, redis_look, redis_save
from core.actions.families.redis_look import server_of
from core.actions.part import Sight, thaw
from core.clients.acting.commands import Order, Ran
from core.clients.acting.redis_control import parse_state
from core.clients.redis_errors import RedisSaid
from core.errors import ActionError, ClientGarbled, ClientTimeout
from core.model.action import Grade, Phase, Proof
from core.model.action_state import ActionState
from core.model.check import CheckId, CheckKind, CheckSpec
from core.model.ids import ServiceId
from core.model.operation import BackupSpec, OperationsSpec
from core.model.text import clean
from core.model.topology import DockerContainer, RunsAs, ServiceSpec, SwarmService
from core.redis.servers import redis_checks
from tests.fakes.acting_commands import FakeCommands, ran
from tests.fakes.acting_engine import FakeEngineControl
from tests.fakes.acting_redis import FakeRedis, rdb_of
from tests.unit.core.actions.families.backup_stage import BackupStage

CREATE, VERIFY, EXPIRE, SEND = backups.ACTIONS
[SAVE] = redis_save.ACTIONS


def is_done(state: ActionState) -> bool:
    return state.phase is Phase.COMMITTED and state.proof is Proof.VERIFIED


def staged(
    folder: Path,
    redis: FakeRedis,
    url: str = "redis://localhost:6379/0",
    runs_as: RunsAs | None = None,
    commands: FakeCommands | None = None,
    engine: FakeEngineControl | None = None,
) -> BackupStage:
    own = ServiceId("shop", "redis")
    check = CheckSpec(CheckId(own, "redis"), CheckKind.REDIS, url)
    root = folder / "shop"
    spec = BackupSpec(
        "redis", f"{root}/r-%Y%m%d.rdb", kind="redis", keep_s=0.0, offsite=f"{folder}/away"
    )
    return BackupStage(
        folder,
        OperationsSpec("shop", str(root), backups=(spec,)),
        (ServiceSpec(own, "Redis", runs_as, (check,)),),
        commands,
        redis=redis,
        engine=engine or FakeEngineControl(),
        results=str(folder / "results"),
    )


@pytest.fixture
def redis(tmp_path: Path) -> FakeRedis:
    (tmp_path / "data").mkdir()
    return FakeRedis(tmp_path / "data" / "dump.rdb")


def copies(stage: BackupStage) -> list[Path]:
    return sorted(stage.root.glob("*.rdb"))


def stops(stage: BackupStage, action: Action) -> list[str]:
    plan = stage.plan(action, "shop/redis")
    return [one.text for one in plan.preflight if one.grade is Grade.STOP]


def is_clean(stage: BackupStage) -> bool:
    """Whether nothing but whole copies and manifests is there."""
    return not list(stage.root.glob(".*"))


def test_it_is_saved_first_then_copied(tmp_path: Path, redis: FakeRedis) -> None:
    redis.path.write_bytes(rdb_of(900))
    stage = staged(tmp_path, redis)
    assert is_done(stage.do(CREATE, "shop/redis"))
    assert redis.begun == 1
    [copy] = copies(stage)
    assert copy.read_bytes() == redis.path.read_bytes() != rdb_of(900)


def test_it_is_sent_away_and_expires_as_others(tmp_path: Path, redis: FakeRedis) -> None:
    (tmp_path / "away").mkdir()
    stage = staged(tmp_path, redis)
    for _ in range(2):
        assert is_done(stage.do(CREATE, "shop/redis"))
    assert is_done(stage.do(VERIFY, "shop/redis"))
    assert stage.do(SEND, "shop/redis").phase is Phase.COMMITTED
    assert len(list((tmp_path / "away").glob("*.rdb"))) == 1
    stage.do(EXPIRE, "shop/redis")
    assert len(copies(stage)) == 1


def test_what_saves_already_is_waited_for_and_then_it_saves_anew(
    tmp_path: Path, redis: FakeRedis
) -> None:
    stage = staged(tmp_path, redis)
    stage.plan(CREATE, "shop/redis")
    redis.save(looks=4)
    assert is_done(stage.execute())
    assert redis.begun == 1
    assert copies(stage)[0].read_bytes() == redis.path.read_bytes()


def test_what_is_in_the_way_unseen_is_waited_for(tmp_path: Path, redis: FakeRedis) -> None:
    redis.refuses = 3
    assert is_done(staged(tmp_path, redis).do(CREATE, "shop/redis"))
    assert redis.begun == 1


def test_what_stays_in_the_way_ends_it(
    tmp_path: Path, redis: FakeRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_look, "SAVE_S", 0.5)
    redis.refuses = 10**9
    stage = staged(tmp_path, redis)
    assert "no save" in stage.do(CREATE, "shop/redis").text
    redis.refuses = 0
    redis.on_begin = lambda fake: setattr(fake, "looks_left", 10**9)
    assert "still saves" in stage.do(CREATE, "shop/redis").text
    assert copies(stage) == []


@pytest.mark.parametrize("is_lost_on_the_way", [False, True])
@pytest.mark.parametrize("action", [CREATE, SAVE], ids=["create", "save"])
def test_a_lost_answer_is_decided_by_lastsave_and_never_sent_again(
    tmp_path: Path, redis: FakeRedis, action: Action, is_lost_on_the_way: bool
) -> None:
    stage = staged(tmp_path, redis)
    redis.lost, redis.is_lost_on_the_way = ClientTimeout("no answer"), is_lost_on_the_way
    state = stage.do(action, "shop/redis")
    assert redis.begun == (0 if is_lost_on_the_way else 1)
    assert is_done(state) is not is_lost_on_the_way
    if is_lost_on_the_way:
        assert "LASTSAVE has not moved" in state.text
        assert copies(stage) == []


@pytest.mark.parametrize("action", [CREATE, SAVE], ids=["create", "save"])
def test_a_save_that_fails_is_misconf(tmp_path: Path, redis: FakeRedis, action: Action) -> None:
    redis.path.write_bytes(rdb_of(900))
    redis.saves_well = False
    stage = staged(tmp_path, redis)
    state = stage.do(action, "shop/redis")
    assert state.phase is not Phase.COMMITTED
    assert "MISCONF" in state.text
    assert copies(stage) == []
    assert is_clean(stage)


@pytest.mark.parametrize("code", ["NOAUTH", "NOPERM", "LOADING", "MISCONF", "READONLY"])
@pytest.mark.parametrize("action", [CREATE, SAVE], ids=["create", "save"])
def test_a_refusal_is_named_and_nothing_is_done(
    tmp_path: Path, redis: FakeRedis, action: Action, code: str
) -> None:
    redis.refusal = RedisSaid(code, "for a reason")
    stage = staged(tmp_path, redis)
    assert any(code in one for one in stops(stage, action))
    redis.refusal = None
    stage.plan(action, "shop/redis")
    redis.on_begin = lambda fake: setattr(fake, "refusal", RedisSaid(code, "by now"))
    state = stage.execute()
    assert state.phase is not Phase.COMMITTED
    assert code in state.text
    assert copies(stage) == []
    assert is_clean(stage)


def test_another_run_after_the_save_began_is_told(tmp_path: Path, redis: FakeRedis) -> None:
    def fail_over(fake: FakeRedis) -> None:
        fake.state_now = replace(fake.state_now, run_id=clean("b" * 40))

    stage = staged(tmp_path, redis)
    redis.on_begin = fail_over
    state = stage.do(CREATE, "shop/redis")
    assert state.phase is not Phase.COMMITTED
    assert "another run" in state.text
    assert copies(stage) == []


@pytest.mark.parametrize("changed", [{"run_id": clean("b" * 40)}, {"role": clean("slave")}])
@pytest.mark.parametrize("action", [CREATE, SAVE], ids=["create", "save"])
def test_a_failover_since_the_plan_is_a_drift(
    tmp_path: Path, redis: FakeRedis, action: Action, changed: dict[str, object]
) -> None:
    stage = staged(tmp_path, redis)
    stage.plan(action, "shop/redis")
    redis.state_now = replace(redis.state_now, **changed)  # pyright: ignore[reportArgumentType]
    state = stage.execute()
    assert state.phase is not Phase.COMMITTED
    assert redis.begun == 0


def test_a_file_older_than_the_save_is_another_servers(tmp_path: Path, redis: FakeRedis) -> None:
    redis.content = lambda now_s: rdb_of(now_s - 500)
    stage = staged(tmp_path, redis)
    state = stage.do(CREATE, "shop/redis")
    assert "another server's" in state.text
    assert copies(stage) == []
    assert is_clean(stage)


def test_a_snapshot_that_is_not_whole_gets_no_name(tmp_path: Path, redis: FakeRedis) -> None:
    redis.content = lambda now_s: rdb_of(now_s, content=b"abc")[:-9] + b"\xff" + b"\1" * 8
    stage = staged(tmp_path, redis)
    state = stage.do(CREATE, "shop/redis")
    assert "CRC64" in state.text
    assert copies(stage) == []
    assert is_clean(stage)


def test_without_a_checksum_it_ends_unverified(tmp_path: Path, redis: FakeRedis) -> None:
    redis.content = lambda now_s: rdb_of(now_s, is_checksummed=False)
    state = staged(tmp_path, redis).do(CREATE, "shop/redis")
    assert (state.phase, state.proof) == (Phase.COMMITTED, Proof.UNVERIFIED)


def of_container(folder: Path, redis: FakeRedis, exit_code: int = 0) -> BackupStage:
    """Return a stage whose server has its file inside a container: only `docker cp` gets it."""

    engine = FakeEngineControl()
    container = engine.put("redis")

    def copy(order: Order) -> Ran:
        assert dict(order.env)["DOCKER_HOST"]
        source, target = order.argv[2:]
        assert source == f"{container}:{redis.path}"
        folder = Path(target).parent
        assert folder.stat().st_mode & 0o077 == 0
        Path(target).write_bytes(redis.path.read_bytes()[: None if exit_code == 0 else 20])
        return ran(exit_code, "", "no space left")

    commands = FakeCommands({("docker", "cp"): copy})
    runs_as = DockerContainer("redis")
    return staged(folder, redis, "redis://elsewhere:6379", runs_as, commands, engine)


def test_a_container_gives_its_file_by_docker_cp(tmp_path: Path, redis: FakeRedis) -> None:
    stage = of_container(tmp_path, redis)
    state = stage.do(CREATE, "shop/redis")
    assert is_done(state), state.text
    [copy] = copies(stage)
    assert copy.read_bytes() == redis.path.read_bytes()
    assert is_clean(stage)


def test_a_copy_out_of_a_container_that_fails_leaves_nothing(
    tmp_path: Path, redis: FakeRedis
) -> None:
    stage = of_container(tmp_path, redis, exit_code=1)
    state = stage.do(CREATE, "shop/redis")
    assert "no space left" in state.text
    assert copies(stage) == []
    assert is_clean(stage)


def test_what_a_kill_left_of_a_container_is_seen_and_goes(tmp_path: Path, redis: FakeRedis) -> None:
    stage = of_container(tmp_path, redis)
    plan = stage.plan(CREATE, "shop/redis")
    step = thaw(plan.steps[0].part)
    left = Path(f"{step.part}.d")
    left.mkdir()
    (left / "snapshot.rdb").write_bytes(b"half")
    ports = stage.ports()
    assert asyncio.run(step.observe(ports)).sight is Sight.NEITHER
    asyncio.run(step.undo(ports, None))
    assert asyncio.run(step.observe(ports)).sight is Sight.BEFORE


@pytest.mark.parametrize(
    ("url", "runs_as", "word"),
    [
        ("redis://10.1.2.3:6379", None, "that machine's disk"),
        ("redis://cache.example:6379", None, "that machine's disk"),
        ("redis://localhost:6379", SwarmService("redis"), "Swarm"),
    ],
)
def test_what_cannot_be_got_at_is_refused_with_a_remedy(
    tmp_path: Path, redis: FakeRedis, url: str, runs_as: RunsAs | None, word: str
) -> None:
    assert any(word in one for one in stops(staged(tmp_path, redis, url, runs_as), CREATE))


def test_a_folder_that_is_not_here_is_a_containers(tmp_path: Path) -> None:
    redis = FakeRedis(tmp_path / "nowhere" / "dump.rdb")
    assert any("which container" in one for one in stops(staged(tmp_path, redis), CREATE))


def test_a_link_in_place_of_the_snapshot_is_refused(tmp_path: Path, redis: FakeRedis) -> None:
    redis.path.symlink_to("/etc/hostname")
    assert stops(staged(tmp_path, redis), CREATE)
    assert redis.begun == 0


def test_a_damaged_one_in_its_place_is_no_obstacle(tmp_path: Path, redis: FakeRedis) -> None:
    redis.path.write_bytes(b"half of")
    assert is_done(staged(tmp_path, redis).do(CREATE, "shop/redis"))


def test_the_user_that_may_not_save_is_told_before(tmp_path: Path, redis: FakeRedis) -> None:
    redis.may = False
    assert any("NOPERM" in one for one in stops(staged(tmp_path, redis), CREATE))


def test_a_path_that_moved_since_the_plan_is_not_copied(tmp_path: Path, redis: FakeRedis) -> None:
    def move(fake: FakeRedis) -> None:
        fake.path = tmp_path / "data" / "other.rdb"

    stage = staged(tmp_path, redis)
    redis.on_begin = move
    assert "plan again" in stage.do(CREATE, "shop/redis").text
    assert copies(stage) == []


def test_the_server_is_the_services_or_the_only_one(tmp_path: Path, redis: FakeRedis) -> None:
    site = staged(tmp_path, redis).site
    assert list(redis_checks(site.topology)) == ["shop/redis"]
    assert server_of(site, "shop", "") == server_of(site, "shop", "redis") == "shop/redis"
    with pytest.raises(ActionError):
        server_of(site, "shop", "api")


_INFO = {
    "run_id": "a", "rdb_last_bgsave_status": "ok", "rdb_last_save_time": "5", "role": "slave",
    "rdb_bgsave_in_progress": "0", "master_link_status": "down", "used_memory": "7",
}  # fmt: skip


def test_info_tells_the_state() -> None:
    info = {name: clean(value) for name, value in _INFO.items()}
    state = parse_state(info, 9)
    assert (state.is_cut_off, state.is_idle, state.used_bytes) == (True, True, 7)
    assert not parse_state(info, 5).is_idle, "a save within the same second could not be told"
    assert not parse_state(info | {"aof_rewrite_in_progress": clean("1")}, 9).is_idle
    with pytest.raises(RedisSaid, match="LOADING"):
        parse_state(info | {"loading": clean("1")}, 9)
    for name in ("run_id", "rdb_last_save_time", "rdb_last_bgsave_status"):
        with pytest.raises(ClientGarbled):
            parse_state({key: value for key, value in info.items() if key != name}, 9)
