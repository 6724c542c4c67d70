"""Redis saved and copied with a real server: proven, refused, cut off anywhere, never half."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.actions.action import Action
from core.actions.families import backups, redis_save
from core.clients.acting.redis_control import RedisServers
from core.clients.redis_address import RedisAddress
from core.clients.redis_errors import RedisSaid
from core.errors import ClientError, ClientGarbled, ClientMissing, ClientRefused
from core.model.action import Grade, Phase, Proof
from core.model.action_state import ActionState
from core.model.check import CheckId, CheckKind, CheckSpec
from core.model.ids import ServiceId
from core.model.operation import BackupSpec, OperationsSpec
from core.model.secret import Secret
from core.model.topology import ServiceSpec
from tests.fakes.certificates import authority
from tests.real.servers import OwnRedis, redis_binary, valkey_binary
from tests.unit.core.actions.families.backup_stage import BackupStage
from tests.unit.core.actions.stage import Places

CREATE, VERIFY, _EXPIRE, _SEND = backups.ACTIONS
[SAVE] = redis_save.ACTIONS
CANARY = "canary-51c0de"

pytestmark = pytest.mark.real("redis")


def is_done(state: ActionState) -> bool:
    return state.phase is Phase.COMMITTED and state.proof is Proof.VERIFIED


def run(server: OwnRedis, *options: str) -> None:
    server.folder.mkdir(exist_ok=True)
    asyncio.run(server.start(*options))


def tell(server: OwnRedis, *words: str) -> bytes:
    return asyncio.run(server.tell(*words))


@pytest.fixture(params=[redis_binary, valkey_binary], ids=["redis", "valkey"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OwnRedis]:
    binary: Callable[[], str] = request.param
    own = OwnRedis(binary(), tmp_path / "redis")
    try:
        run(own)
        yield own
    finally:
        own.stop()


def stage_with(server: OwnRedis, folder: Path, url: str = "") -> BackupStage:
    """Return a system whose Redis is reached by a URL, the password of which is a secret."""
    own = ServiceId("shop", "redis")
    check = CheckSpec(
        CheckId(own, "redis"), CheckKind.REDIS, server.url, secret=Secret(url or server.url)
    )
    root = folder / "shop"
    operations = OperationsSpec(
        "shop",
        str(root),
        backups=(
            BackupSpec("redis", f"{root}/copies/r-%Y%m%d.rdb", kind="redis", service="redis"),
        ),
    )
    return BackupStage(
        folder,
        operations,
        (ServiceSpec(own, "Redis", None, (check,)),),
        redis=RedisServers({"shop/redis": RedisAddress(Secret(url or server.url))}),
        results=str(folder / "results"),
    )


def copies(stage: BackupStage) -> list[Path]:
    return sorted(stage.root.glob("copies/*.rdb"))


def leftovers(stage: BackupStage) -> list[str]:
    return [one.name for one in (stage.root / "copies").glob(".*")]


def stops(stage: BackupStage, action: Action) -> list[str]:
    """Return what forbids a plan."""
    plan = stage.plan(action, "shop/redis")
    return [one.text for one in plan.preflight if one.grade is Grade.STOP]


def count(server: OwnRedis) -> bytes:
    return tell(server, "DBSIZE").strip()


def test_a_copy_has_what_was_written_and_starts_another_server(
    server: OwnRedis, tmp_path: Path
) -> None:
    stage = stage_with(server, tmp_path)
    tell(server, "DEBUG", "POPULATE", "5000")
    for number in range(50):
        tell(server, "SET", f"k{number}", "v" * number)
    state = stage.do(CREATE, "shop/redis")
    assert is_done(state), state.text
    [copy] = copies(stage)
    assert copy.stat().st_mode & 0o777 == 0o600
    manifest = json.loads(Path(f"{copy}.manifest.json").read_text())
    assert (manifest["kind"], manifest["size_bytes"]) == ("redis", copy.stat().st_size)
    assert dict(manifest["tools"])["redis"]
    wanted = count(server)
    assert is_done(stage.do(VERIFY, "shop/redis"))
    assert leftovers(stage) == []
    server.stop()
    (server.folder / "dump.rdb").unlink()
    shutil.copy(copy, server.folder / "dump.rdb")
    run(server)
    assert count(server) == wanted


@pytest.mark.real("debian-redis")
def test_the_servers_own_tool_finds_the_copy_whole(tmp_path: Path) -> None:
    checker = shutil.which("redis-check-rdb")
    if checker is None:
        pytest.skip("redis-check-rdb is not installed")
    own = OwnRedis(redis_binary(), tmp_path / "redis")
    try:
        run(own)
        stage = stage_with(own, tmp_path)
        assert is_done(stage.do(CREATE, "shop/redis"))
    finally:
        own.stop()
    said = subprocess.run([checker, str(copies(stage)[0])], capture_output=True, check=False)
    assert said.returncode == 0, said.stdout


def test_a_bit_that_flips_or_an_end_that_is_missing_is_found(
    server: OwnRedis, tmp_path: Path
) -> None:
    stage = stage_with(server, tmp_path)
    tell(server, "SET", "k", "v" * 1000)
    assert is_done(stage.do(CREATE, "shop/redis"))
    [copy] = copies(stage)
    whole = copy.read_bytes()
    control = stage.site.ports.backups
    assert control is not None
    for at in (0, 5, 40, len(whole) // 2, len(whole) - 9, len(whole) - 1):
        copy.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(ClientGarbled):
            asyncio.run(control.check_rdb(str(copy)))
    for size in (0, 8, 17, len(whole) // 2, len(whole) - 8, len(whole) - 1):
        copy.write_bytes(whole[:size])
        with pytest.raises(ClientGarbled):
            asyncio.run(control.check_rdb(str(copy)))
    assert not is_done(stage.do(VERIFY, "shop/redis", copy=str(copy)))
    copy.write_bytes(whole)
    assert asyncio.run(control.check_rdb(str(copy))).is_checksummed


def test_a_server_that_was_started_anew_since_the_plan_is_a_drift(
    server: OwnRedis, tmp_path: Path
) -> None:
    stage = stage_with(server, tmp_path)
    plan = stage.plan(CREATE, "shop/redis")
    assert any("run " in one.value for one in plan.traits)
    server.stop()
    run(server)
    state = stage.execute()
    assert state.phase is not Phase.COMMITTED
    assert "run " in state.text
    assert copies(stage) == []


def test_saving_by_itself_is_seen_to_end(server: OwnRedis, tmp_path: Path) -> None:
    stage = stage_with(server, tmp_path)
    tell(server, "SET", "k", "v")
    before = tell(server, "LASTSAVE")
    state = stage.do(SAVE, "shop/redis")
    assert is_done(state), state.text
    assert tell(server, "LASTSAVE") != before
    assert (server.folder / "dump.rdb").exists()
    assert list((tmp_path / "results").iterdir()) == []


def test_a_save_that_runs_already_is_waited_for(server: OwnRedis, tmp_path: Path) -> None:
    stage = stage_with(server, tmp_path)
    tell(server, "CONFIG", "SET", "rdb-key-save-delay", "20000")
    tell(server, "DEBUG", "POPULATE", "40")
    stage.plan(CREATE, "shop/redis")
    tell(server, "BGSAVE")
    tell(server, "SET", "written-after-it-began", "v")
    tell(server, "CONFIG", "SET", "rdb-key-save-delay", "0")
    assert is_done(stage.execute())
    [copy] = copies(stage)
    assert b"written-after-it-began" in copy.read_bytes()


def test_a_save_that_cannot_be_written_is_misconf_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    own = OwnRedis(redis_binary(), tmp_path / "redis")
    try:
        run(own, "--enable-protected-configs", "yes")
        folder = tmp_path / "gone"
        folder.mkdir()
        tell(own, "CONFIG", "SET", "dir", str(folder))
        stage = stage_with(own, tmp_path)
        stage.plan(CREATE, "shop/redis")
        folder.rmdir()
        state = stage.execute()
    finally:
        own.stop()
    assert state.phase is not Phase.COMMITTED
    assert "MISCONF" in state.text
    assert copies(stage) == []
    assert leftovers(stage) == []


def test_passwords_and_rights_are_named_before_anything_is_done(
    server: OwnRedis, tmp_path: Path
) -> None:
    tell(server, "ACL", "SETUSER", "looker", "on", f">{CANARY}", "~*", "+info", "+config|get",
         "+time", "+acl|whoami", "+acl|dryrun")  # fmt: skip
    at = f"127.0.0.1:{server.port}/0"
    looker = stage_with(server, tmp_path, f"redis://looker:{CANARY}@{at}")
    for action in (CREATE, SAVE):
        assert any("NOPERM" in one for one in stops(looker, action))
    tell(server, "CONFIG", "SET", "requirepass", CANARY)
    for url, word in ((f"redis://{at}", "NOAUTH"), (f"redis://:wrong@{at}", "WRONGPASS")):
        stage = stage_with(server, tmp_path, url)
        for action in (CREATE, SAVE):
            assert any(word in one for one in stops(stage, action)), word


def test_with_the_password_it_is_done_and_nobody_reads_the_password(
    server: OwnRedis, tmp_path: Path
) -> None:
    tell(server, "CONFIG", "SET", "requirepass", CANARY)
    stage = stage_with(server, tmp_path, f"redis://:{CANARY}@127.0.0.1:{server.port}/0")
    state = stage.do(CREATE, "shop/redis")
    assert is_done(state), state.text
    assert is_done(stage.do(SAVE, "shop/redis"))
    kept = [one for one in tmp_path.rglob("*") if one.is_file()]
    assert not [one for one in kept if CANARY.encode() in one.read_bytes()]


def test_a_unix_socket_does_as_well(server: OwnRedis, tmp_path: Path) -> None:
    server.stop()
    run(server, "--unixsocket", str(tmp_path / "s"))
    stage = stage_with(server, tmp_path, f"unix://{tmp_path}/s?db=0")
    assert is_done(stage.do(CREATE, "shop/redis"))


@pytest.mark.real("openssl")
@pytest.mark.real("debian-redis")
def test_tls_needs_the_authority(tmp_path: Path) -> None:
    signing = authority(tmp_path / "tls")
    signing.signed()
    own = OwnRedis(redis_binary(), tmp_path / "redis")
    tls = {"port": own.port, "cert-file": f"{signing.folder}/server.pem",
           "key-file": f"{signing.folder}/server.key", "ca-cert-file": signing.ca_file,
           "auth-clients": "no"}  # fmt: skip
    url = Secret(f"rediss://127.0.0.1:{own.port}/0")
    try:
        options = [word for name, value in tls.items() for word in (f"--tls-{name}", str(value))]
        run(own, "--port", "0", *options)
        trusting = RedisServers({"s/r": RedisAddress(url, signing.ca_file)})
        assert asyncio.run(trusting.begin_save("s/r"))
        with pytest.raises(ClientError, match="TLS"):
            asyncio.run(RedisServers({"s/r": RedisAddress(url)}).state("s/r"))
    finally:
        own.stop()


def test_a_replica_without_its_master_is_refused_by_name(server: OwnRedis, tmp_path: Path) -> None:
    tell(server, "REPLICAOF", "127.0.0.1", "1")
    said = stops(stage_with(server, tmp_path), CREATE)
    assert any("MASTERDOWN" in one for one in said)


def test_without_a_checksum_it_says_what_is_not_proven(server: OwnRedis, tmp_path: Path) -> None:
    server.stop()
    run(server, "--rdbchecksum", "no")
    stage = stage_with(server, tmp_path)
    plan = stage.plan(CREATE, "shop/redis")
    assert any("rdbchecksum" in one.text for one in plan.preflight)
    state = stage.execute()
    assert state.phase is Phase.COMMITTED
    assert state.proof is Proof.UNVERIFIED


def test_a_kill_anywhere_leaves_a_whole_copy_or_none(tmp_path: Path) -> None:
    own = OwnRedis(redis_binary(), tmp_path / "redis")
    try:
        run(own)
        stage = stage_with(own, tmp_path)
        seen = Places()
        stage.plan(CREATE, "shop/redis")
        stage.execute(seen)
        for number, name in enumerate(seen.passed):
            shutil.rmtree(stage.root / "copies", ignore_errors=True)
            stage.plan(CREATE, "shop/redis")
            stage.execute(Places(number))
            stage.recover()
            for copy in copies(stage):
                assert Path(f"{copy}.manifest.json").exists(), name
            assert leftovers(stage) == [], name
    finally:
        own.stop()


def test_states_of_a_server_are_named(tmp_path: Path) -> None:
    own = OwnRedis(redis_binary(), tmp_path / "redis")
    servers = RedisServers({"s/r": RedisAddress(Secret(own.url))})
    with pytest.raises(ClientRefused):
        asyncio.run(servers.state("s/r"))
    with pytest.raises(ClientMissing):
        asyncio.run(servers.state("s/other"))
    try:
        run(own)
        assert asyncio.run(servers.state("s/r")).is_last_save_ok
        own.stop()
        own.folder.joinpath("dump.rdb").unlink(missing_ok=True)
        run(own, "--rename-command", "CONFIG", "")
        with pytest.raises(RedisSaid):
            asyncio.run(servers.snapshot_path("s/r"))
    finally:
        own.stop()
    with pytest.raises(ClientError):
        asyncio.run(RedisServers({"s": RedisAddress(Secret("http://x"))}).state("s"))
