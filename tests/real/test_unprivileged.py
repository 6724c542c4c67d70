"""What doctor tells a user without rights: which one is missing, and the command that gives it."""

import grp
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.loopback import loopback
from tests.real.servers import own_redis, redis_binary
from tests.real.unprivileged import (
    WITH_A_JOURNAL,
    WITHOUT_A_JOURNAL,
    Doctor,
    acting_as,
    configured,
    open_folder,
)

SERVICE = ("systems:", "  shop:", "    services:", "      api:")


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as opened:
        yield opened


def with_log(folder: Path, pattern: Path) -> Path:
    log = f"        logs: {{files: {{app: {{path: '{pattern}'}}}}}}"
    return configured(folder, *SERVICE, log)


def closed_socket(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    path.chmod(0)
    return listener


def with_container(folder: Path, address: Path) -> Path:
    docker = f"docker: {{url: 'unix://{address}'}}"
    return configured(folder, docker, *SERVICE, "        runs_as: {docker: {container: api}}")


def test_a_docker_socket_that_nobody_may_use_is_named_with_a_grant(folder: Path) -> None:
    path = folder / "docker.sock"
    with closed_socket(path):
        doctor = Doctor(with_container(folder, path))
    verdict, text, remedy = doctor.told("docker engine")
    assert (verdict, doctor.exit_code) == ("degraded", 1)
    assert text == f"no right to use the Docker socket {path}"
    assert remedy == f"sudo setfacl -m u:{acting_as()}:rw {path}"


@pytest.mark.real("root")
def test_a_docker_socket_of_a_group_is_told_with_that_group(folder: Path) -> None:
    path, group = folder / "docker.sock", grp.getgrnam("adm")
    with closed_socket(path):
        os.chown(path, 0, group.gr_gid)
        path.chmod(0o660)
        _, _, remedy = Doctor(with_container(folder, path), USER="root", LOGNAME="root").told(
            "docker engine"
        )
    assert remedy == "sudo usermod -aG adm nobody, then log in again"


def test_no_docker_socket_is_not_a_missing_right(folder: Path) -> None:
    verdict, text, remedy = Doctor(with_container(folder, folder / "none.sock")).told(
        "docker engine"
    )
    assert (verdict, text) == ("down", f"no Docker socket at {folder}/none.sock")
    assert remedy


def test_a_log_that_may_not_be_read_is_named_with_its_owner_and_a_grant(folder: Path) -> None:
    log = folder / "app.log"
    log.write_text("secret\n")
    log.chmod(0)
    verdict, text, remedy = Doctor(with_log(folder, log)).told("log api/app")
    assert verdict == "degraded"
    assert f"{log} (" in text
    assert "----------)" in text
    assert remedy == f"sudo setfacl -m u:{acting_as()}:r {log}"


@pytest.mark.real("root")
def test_a_log_that_a_group_may_read_is_told_with_that_group(folder: Path) -> None:
    log = folder / "app.log"
    log.write_text("secret\n")
    os.chown(log, 0, grp.getgrnam("adm").gr_gid)
    log.chmod(0o640)
    verdict, text, remedy = Doctor(with_log(folder, log)).told("log api/app")
    assert (verdict, remedy) == ("degraded", "sudo usermod -aG adm nobody, then log in again")
    assert "(root:adm -rw-r-----)" in text


def test_a_folder_that_does_not_exist_is_named(folder: Path) -> None:
    verdict, text, remedy = Doctor(with_log(folder, folder / "logs" / "deep" / "app-*.log")).told(
        "log api/app"
    )
    assert (verdict, text) == ("down", f"folder {folder}/logs does not exist")
    assert "create it" in remedy


def test_a_log_that_is_not_there_yet_is_told_apart_from_its_folder(folder: Path) -> None:
    verdict, text, remedy = Doctor(with_log(folder, folder / "app.log")).told("log api/app")
    assert (verdict, text) == ("down", f"nothing at {folder}/app.log")
    assert "start the service" in remedy


@pytest.mark.parametrize(
    ("mode", "said", "granted"),
    [(0o700, "may not be entered", "x"), (0o711, "may not be listed", "rx")],
)
@pytest.mark.real("root")
def test_a_closed_folder_is_named(folder: Path, mode: int, said: str, granted: str) -> None:
    logs = folder / "logs"
    logs.mkdir()
    (logs / "app-1.log").write_text("x")
    logs.chmod(mode)
    verdict, text, remedy = Doctor(with_log(folder, logs / "app-*.log")).told("log api/app")
    assert (verdict, text) == ("degraded", f"folder {logs} {said}")
    assert remedy == f"sudo setfacl -m u:nobody:{granted} {logs}"


def test_processes_of_others_are_told_to_need_root(folder: Path) -> None:
    with loopback({"/health": (200, '{"status": "ok"}')}) as server:
        check = f"        checks: {{health: {{url: 'http://127.0.0.1:{server.port}/health'}}}}"
        doctor = Doctor(configured(folder, *SERVICE, check))
    assert doctor.told(f"127.0.0.1:{server.port}")[0] == "ok"
    verdict, text, remedy = doctor.told("processes")
    assert verdict == "degraded"
    assert "root" in text + remedy


def with_journal(folder: Path) -> Path:
    return configured(folder, *SERVICE, "        logs: {journal: true, unit: api.service}")


@pytest.mark.real("journald")
def test_a_journal_that_may_not_be_read_is_told_with_its_group(folder: Path) -> None:
    verdict, text, remedy = Doctor(with_journal(folder), WITH_A_JOURNAL).told("journal")
    assert (verdict, text) == ("degraded", "may not be read")
    assert remedy == "sudo usermod -aG systemd-journal nobody, then log in again"


@pytest.mark.real("journald")
def test_the_group_that_was_told_is_enough_for_the_journal(folder: Path) -> None:
    group = grp.getgrnam("systemd-journal").gr_gid
    doctor = Doctor(with_journal(folder), WITH_A_JOURNAL, (group,))
    assert doctor.told("journal") == ("ok", "readable", "")


@pytest.mark.real("journald")
def test_no_journal_at_all_is_not_taken_for_a_readable_one(folder: Path) -> None:
    verdict, text, remedy = Doctor(with_journal(folder), WITHOUT_A_JOURNAL).told("journal")
    assert (verdict, text) == ("down", "No journal files were found.")
    assert "journald" in remedy


@pytest.mark.real("redis")
async def test_a_redis_user_without_rights_is_told_what_it_may_not(folder: Path) -> None:
    async with own_redis(redis_binary(), folder) as server:
        await server.tell("ACL", "SETUSER", "mute", "on", ">pw", "~*", "-@all", "+ping")
        await server.tell(
            "ACL", "SETUSER", "poor", "on", ">pw", "~*", "-@all", "+ping", "+info", "+time",
            "+acl|whoami", "+acl|dryrun",
        )  # fmt: skip
        place, told = f"127.0.0.1:{server.port}", dict[str, tuple[str, str, str]]()
        for user in ("mute", "poor", "nosuch"):
            url = f"redis://{user}:${{QD_PASSWORD}}@{place}/0"
            redis = f"    redis: {{url: '{url}'}}"
            lines = ("systems:", "  shop:", redis, "    services: {redis: {title: Redis}}")
            doctor = Doctor(configured(folder, *lines), QD_PASSWORD="pw")
            told[user] = doctor.told(f"redis {place}")
            assert doctor.exit_code == 1
    assert told["mute"][0] == told["poor"][0] == told["nosuch"][0] == "degraded"
    assert "NOPERM" in told["mute"][1]
    assert told["mute"][2].startswith("ACL SETUSER qd-read")
    assert told["poor"][1].startswith("user poor may not: DBSIZE, ROLE, ")
    assert "SLOWLOG GET, SCAN" in told["poor"][1]
    assert told["poor"][2].startswith("ACL SETUSER poor +")
    assert "+dbsize" in told["poor"][2], "the very rights that it lacks"
    assert "WRONGPASS" in told["nosuch"][1]
    assert "user and password" in told["nosuch"][2]
