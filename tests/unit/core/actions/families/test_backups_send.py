"""Sending away: words that cannot be options, and nothing believed but the other side's list."""

import pytest

from core.actions.families.backups_send import (
    ArrivedWhole,
    SendBackup,
    list_there,
    reason_against_send,
)
from core.actions.part import Sight
from core.actions.ports import Ports
from core.errors import StepFailedError
from core.model.action import Proof
from core.model.operation import BackupSpec
from tests.fakes.acting_commands import FakeCommands, ran

PATH = "/b/keys_20260301.json"


def ports(commands: FakeCommands) -> Ports:
    none = dict.fromkeys(("clock", "files", "units", "engine", "processes", "look", "git"))
    return Ports(commands=commands, **none)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    "place",
    [
        "s3://my-backup-bucket/",
        "s3://b-1/shop",
        "backup-server:/archives/",
        "me@host:b/",
        "/mnt/nas",
    ],
)
def test_a_place_is_a_bucket_a_host_or_a_folder(place: str) -> None:
    assert reason_against_send(BackupSpec("keys", "/b/k", offsite=place)) == ""


@pytest.mark.parametrize(
    "place",
    [
        "", "-oProxyCommand=id:/x", "--rsh=id", "host:/a;id", "host:$(id)", "host:/a b\n", "s3://",
        "s3://UPPER/", "s3://b/../c?x", "ftp://host/", "relative/folder", "user@-host:/a",
        "host::module", "rsync://host/module",
    ],
)  # fmt: skip
def test_anything_else_is_refused_before_a_tool_sees_it(place: str) -> None:
    assert reason_against_send(BackupSpec("keys", "/b/k", offsite=place))


async def test_a_bucket_is_asked_for_the_size_of_exactly_this_name() -> None:
    listed = "2026-03-01 03:00:00         99 keys_20260301.json.manifest.json\n"
    listed += "2026-03-01 03:00:00         12 keys_20260301.json\n"
    commands = FakeCommands({("aws", "s3", "ls"): ran(0, listed)})
    assert await list_there(ports(commands), "s3://b/shop/", PATH) == 12
    assert commands.orders[0].argv[-2:] == ("--", "s3://b/shop/keys_20260301.json")


async def test_what_a_bucket_does_not_have_is_not_there_and_a_denial_is_no_answer() -> None:
    absent = FakeCommands({("aws", "s3", "ls"): ran(1)})
    assert await list_there(ports(absent), "s3://b/", PATH) is None
    denied = FakeCommands({("aws", "s3", "ls"): ran(1, "", "Unable to locate credentials")})
    with pytest.raises(StepFailedError, match="credentials"):
        await list_there(ports(denied), "s3://b/", PATH)


async def test_a_tool_that_reports_success_is_not_believed() -> None:
    short = "-rw-------              5 2026/03/01 03:00:00 keys_20260301.json\n"
    commands = FakeCommands({("rsync", "--list-only"): ran(0, short), ("rsync",): ran(0)})
    step = SendBackup(PATH, "host:/b/", 12)
    assert (await step.observe(ports(commands))).sight is Sight.NEITHER
    proven = await ArrivedWhole(PATH, "host:/b/", 12).prove(ports(commands), None)  # pyright: ignore[reportArgumentType]
    assert proven.proof is Proof.FAILED


async def test_an_unreachable_host_is_neither_there_nor_absent() -> None:
    lost = ran(255, "", "ssh: connect to host host port 22: Connection refused")
    commands = FakeCommands({("rsync",): lost})
    with pytest.raises(StepFailedError, match="refused"):
        await list_there(ports(commands), "host:/b/", PATH)
