"""Redis snapshots put back into a real server that appends its commands or not; killed anywhere."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.actions.families import backups, restore
from core.model.action import Grade, Phase, Proof
from core.model.action_state import ActionState
from tests.real.redis_restore_stage import ServedRedis, leftovers, stage_for, told
from tests.real.servers import redis_binary, valkey_binary
from tests.unit.core.actions.families.backup_stage import BackupStage
from tests.unit.core.actions.stage import Places

CREATE, _VERIFY, _EXPIRE, _SEND = backups.ACTIONS
[RESTORE] = restore.ACTIONS

pytestmark = pytest.mark.real("redis")

SAVES = ("--save", "3600", "1")
FORGETS = ("--save", "")
APPENDS = ("--save", "", "--appendonly", "yes")


def is_done(state: ActionState) -> bool:
    return state.phase is Phase.COMMITTED and state.proof is Proof.VERIFIED


@pytest.fixture(params=[redis_binary, valkey_binary], ids=["redis", "valkey"])
def binary(request: pytest.FixtureRequest) -> str:
    which: Callable[[], str] = request.param
    return which()


@pytest.fixture
def ended() -> Iterator[list[ServedRedis]]:
    """Servers that are ended after the test, whichever run of them it is by then."""
    servers: list[ServedRedis] = []
    yield servers
    for one in servers:
        one.end()


def served(
    binary: str, folder: Path, ended: list[ServedRedis], *options: str
) -> tuple[ServedRedis, BackupStage]:
    """Return a server that runs, and a stage whose service it is, with a copy of three keys."""
    server = ServedRedis(binary, folder / "redis", *options)
    ended.append(server)
    server.run_it()
    stage = stage_for(server.url, server.runs_as, folder)
    for words in (("SET", "a", "1"), ("SET", "b", "2"), ("SETEX", "c", "10000", "3")):
        told(server.port, *words)
    state = stage.do(CREATE, "shop/redis")
    assert is_done(state), state.text
    return server, stage


def spoil(server: ServedRedis) -> None:
    """Have it hold something else than the copy."""
    told(server.port, "DEL", "a", "b")
    told(server.port, "SET", "later", "4")


def keys(server: ServedRedis) -> list[bytes]:
    return sorted(told(server.port, "KEYS", "*").split(b"\r\n")[2::2])


BACKED_UP, SPOILT = [b"a", b"b", b"c"], [b"c", b"later"]


@pytest.mark.parametrize("options", [SAVES, FORGETS, APPENDS], ids=["saves", "forgets", "appends"])
def test_what_the_copy_holds_is_there_again_and_what_lived_is_kept(
    binary: str, tmp_path: Path, ended: list[ServedRedis], options: tuple[str, ...]
) -> None:
    server, stage = served(binary, tmp_path, ended, *options)
    [copy] = (stage.root / "copies").glob("*.rdb")
    assert json.loads(Path(f"{copy}.manifest.json").read_text())["keys"] == 3
    spoil(server)
    assert keys(server) == SPOILT
    live = server.folder / ("appendonlydir" if options is APPENDS else "dump.rdb")
    looks = live.stat()
    state = stage.do(RESTORE, "shop/redis")
    assert is_done(state), state.text
    assert keys(server) == BACKED_UP
    assert (live.stat().st_mode, live.stat().st_uid) == (looks.st_mode, looks.st_uid)
    assert leftovers(server.folder, stage.root / "copies") == []
    # And back again: what lived is a copy like the others.
    [kept] = [one for one in (stage.root / "copies").iterdir() if _is_kept(one.name)]
    state = stage.do(RESTORE, "shop/redis", copy=str(kept))
    assert state.phase is Phase.COMMITTED, state.text
    assert state.proof is Proof.UNVERIFIED
    assert "not counted" in state.text
    assert keys(server) == SPOILT


def _is_kept(name: str) -> bool:
    return "before-restore" in name and not name.endswith((".json", ".tar"))


def test_it_stays_restored_when_it_is_started_anew(
    binary: str, tmp_path: Path, ended: list[ServedRedis]
) -> None:
    server, stage = served(binary, tmp_path, ended, *APPENDS)
    spoil(server)
    assert is_done(stage.do(RESTORE, "shop/redis"))
    told(server.port, "SET", "after", "5")
    server.end()
    server.run_it()
    assert keys(server) == [b"a", b"after", b"b", b"c"]
    archives = [one.name for one in (stage.root / "copies").glob("*-log.tar")]
    assert len(archives) == 1


@pytest.mark.parametrize("options", [SAVES, APPENDS], ids=["saves", "appends"])
def test_a_server_that_does_not_come_up_with_it_gets_its_old_data_back(
    binary: str, tmp_path: Path, ended: list[ServedRedis], options: tuple[str, ...]
) -> None:
    server, stage = served(binary, tmp_path, ended, *options)
    manifest = next((stage.root / "copies").glob("*.manifest.json"))
    said = json.loads(manifest.read_text())
    # It loads what the copy holds, which is not what its manifest says.
    manifest.write_text(json.dumps(said | {"keys": 7}))
    spoil(server)
    state = stage.do(RESTORE, "shop/redis")
    assert state.phase is Phase.ROLLED_BACK, state.text
    assert "loaded 3 keys, the backup holds 7" in state.text
    assert keys(server) == SPOILT
    assert leftovers(server.folder, stage.root / "copies") == []
    assert not [one for one in (stage.root / "copies").iterdir() if _is_kept(one.name)]


def test_a_replica_and_a_damaged_copy_are_refused(tmp_path: Path, ended: list[ServedRedis]) -> None:
    server, stage = served(redis_binary(), tmp_path, ended, *SAVES)
    told(server.port, "REPLICAOF", "127.0.0.1", str(server.port))
    said = [one for one in stage.plan(RESTORE, "shop/redis").preflight if one.grade is Grade.STOP]
    assert any("replica" in one.text for one in said)
    told(server.port, "REPLICAOF", "NO", "ONE")
    [copy] = (stage.root / "copies").glob("*.rdb")
    whole, times = copy.read_bytes(), copy.stat()
    copy.write_bytes(whole[:-20] + bytes([whole[-20] ^ 1]) + whole[-19:])
    os.utime(copy, ns=(times.st_atime_ns, times.st_mtime_ns))
    said = [one for one in stage.plan(RESTORE, "shop/redis").preflight if one.grade is Grade.STOP]
    assert said


def test_appending_switched_on_since_is_seen_and_taken_back(
    tmp_path: Path, ended: list[ServedRedis]
) -> None:
    """Its words say `yes`, somebody said `no` while it ran: it will not read the snapshot."""
    server, stage = served(redis_binary(), tmp_path, ended, *APPENDS)
    told(server.port, "CONFIG", "SET", "appendonly", "no")
    spoil(server)
    state = stage.do(RESTORE, "shop/redis")
    assert state.phase is Phase.ROLLED_BACK, state.text
    assert "appendonly" in state.text


@pytest.mark.parametrize("options", [SAVES, APPENDS], ids=["saves", "appends"])
def test_a_kill_anywhere_ends_with_all_of_one_or_all_of_the_other(
    tmp_path: Path, ended: list[ServedRedis], options: tuple[str, ...]
) -> None:
    server, stage = served(redis_binary(), tmp_path, ended, *options)
    spoil(server)
    probe = Places()
    stage.plan(RESTORE, "shop/redis")
    stage.execute(probe)
    ends = {Phase.COMMITTED: BACKED_UP, Phase.ROLLED_BACK: SPOILT, Phase.ABORTED: SPOILT}
    for at in range(0, len(probe.passed), max(1, len(probe.passed) // 12)):
        if keys(server) != SPOILT:
            told(server.port, "FLUSHALL")
            told(server.port, "SET", "c", "3")
            spoil(server)
        stage.plan(RESTORE, "shop/redis")
        stage.execute(Places(at))
        state = stage.recover()
        where = f"{probe.passed[at]}: {state.phase} {state.text}"
        assert state.phase in ends, where
        assert keys(server) == ends[state.phase], where
        assert leftovers(server.folder, stage.root / "copies") == [], where
