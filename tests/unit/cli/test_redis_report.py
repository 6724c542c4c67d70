"""`quarterdeck redis`: exit codes, JSON, lines; nothing unknown is a zero, no token is whole."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bench.scene_limits import GATEWAY
from bench.scene_redis import redis_picture
from bench.scene_streams import COSTS, DECISIONS, ENGINE
from cli import exits
from cli.main import run
from cli.redis import command, only_servers
from cli.redis_reading import Reading
from cli.redis_report import Report, Wanted, as_document, as_lines, exit_code
from core.errors import ConfigError
from core.model.redis_server import ServerView, Trouble
from core.model.redis_spec import RedisSpec
from core.model.text import clean
from core.model.topology import Environment, SystemSpec, Topology
from tests.fakes.clock import START

PICTURE = redis_picture(0.0)
ALL = Wanted(is_slow=True, latency_s=5.0, is_census=True, is_tokens=True)
REFUSED = Trouble(clean("refused"), clean("connection refused"), clean("start the server"))


def reading(server: str, **changed: object) -> Reading:
    view = PICTURE.server(server)
    assert view is not None
    if view.trouble is not None:
        return Reading(RedisSpec(server), None, view.trouble)
    return Reading(RedisSpec(server), replace(view, **changed), None)


def report(*readings: Reading, wanted: Wanted = ALL) -> Report:
    return Report(Environment.PRODUCTION, readings, wanted, START)


def text(of: Report) -> str:
    return "\n".join(as_lines(of, is_colour=False))


def test_the_exit_code_is_the_worst_server() -> None:
    refused = Reading(RedisSpec("shop/redis"), None, REFUSED)
    assert exit_code(report(reading(COSTS))) == exits.OK
    assert exit_code(report(reading(COSTS), reading(ENGINE))) == exits.TROUBLE
    assert exit_code(report(reading(COSTS), refused)) == exits.TROUBLE
    assert exit_code(report(refused)) == exits.UNREACHED


def test_a_server_whose_info_we_may_not_read_is_not_proven_ok() -> None:
    mute = reading(COSTS, figures=None, findings=(), failing=0)
    assert exit_code(report(mute)) == exits.TROUBLE
    (server,) = servers(report(mute))
    assert server["verdict"] == "unknown"
    assert server["memory"] is None


def servers(of: Report) -> list[dict[str, Any]]:
    document = json.loads(json.dumps(as_document(of), allow_nan=False))
    return document["servers"]


def test_without_a_limit_there_is_no_share() -> None:
    (server,) = servers(report(reading(COSTS)))
    memory = server["memory"]
    assert memory["has_limit"] is False
    assert memory["max_bytes"] is memory["used_percent"] is None
    line = next(one for one in text(report(reading(COSTS))).splitlines() if "memory" in one)
    assert "no limit" in line
    assert "%" not in line


def test_a_share_is_told_with_its_limit() -> None:
    (server,) = servers(report(reading(ENGINE)))
    memory = server["memory"]
    assert (memory["has_limit"], memory["used_percent"]) == (True, 82.03)
    assert "420.0 MiB of 512.0 MiB (82.0%)" in text(report(reading(ENGINE)))


def test_findings_lead_and_say_whether_something_fails() -> None:
    (server,) = servers(report(reading(ENGINE)))
    findings = server["findings"]
    assert [one["is_failing"] for one in findings] == [True, False, False]
    head, first, *_ = text(report(reading(ENGINE))).splitlines()
    assert head.startswith("✖ down  business-engine/redis")
    assert "MISCONF" in first


def test_a_server_that_cannot_be_read_says_why_and_what_to_do() -> None:
    (server,) = servers(report(reading(DECISIONS)))
    trouble = server["trouble"]
    assert trouble["word"] == "NOAUTH"
    assert "REDIS_PASSWORD" in text(report(reading(DECISIONS)))


def test_no_token_is_printed_whole() -> None:
    of = report(reading(ENGINE))
    assert "token:9f86d081…" in text(of)
    assert "token:9f86d081…" in json.dumps(as_document(of), ensure_ascii=False)
    for printed in (text(of), json.dumps(as_document(of))):
        assert "9f86d0810" not in printed


def test_what_was_not_asked_for_is_not_in_the_document() -> None:
    (server,) = servers(report(reading(ENGINE), wanted=Wanted()))
    assert not {"slow", "latency", "census", "tokens"} & set(server)
    assert "FAMILY" not in text(report(reading(ENGINE), wanted=Wanted()))


def test_none_and_not_allowed_are_two_texts() -> None:
    assert "slow log: none" in text(report(reading(GATEWAY)))
    refused = reading(GATEWAY, slow=None, census=None)
    assert "slow log: not allowed to us" in text(report(refused))
    assert "keys by family: not allowed to us" in text(report(refused))


def test_an_incomplete_census_is_marked() -> None:
    assert "≈ 473,500 of 1,894,203 keys" in text(report(reading(ENGINE)))


def test_long_samples_of_latency_are_bounded_in_windows() -> None:
    assert Wanted(latency_s=5.0).windows == (5, 1.0)
    assert Wanted(latency_s=0.5).windows == (1, 0.5)
    assert Wanted(latency_s=3600.0).windows == (60, 60.0)


def topology(*names: str) -> Topology:
    systems = tuple(
        SystemSpec(name, name, "", (), redis=(RedisSpec(f"{name}/redis"),)) for name in names
    )
    return Topology(Environment.PRODUCTION, is_read_only=False, systems=systems)


def test_servers_are_named_by_system_or_in_full() -> None:
    both = topology("shop", "bank")

    def named(*names: str) -> list[str]:
        chosen = only_servers(both, names)
        return [spec.server for system in chosen.systems for spec in system.redis]

    assert named() == ["shop/redis", "bank/redis"]
    assert named("bank") == named("bank/redis") == ["bank/redis"]
    with pytest.raises(ConfigError, match="known: shop/redis, bank/redis"):
        named("bank/cache")
    with pytest.raises(ConfigError, match="no Redis in the configuration"):
        only_servers(topology(), ())


def test_the_verb_says_that_no_server_was_reached(tmp_path: Path) -> None:
    path = tmp_path / "quarterdeck.yaml"
    path.write_text('version: 1\nsystems: {shop: {redis: {url: "redis://127.0.0.1:9/0"}}}\n')
    path.chmod(0o600)
    done = CliRunner().invoke(command, ["--config", str(path)])
    assert done.exit_code == exits.UNREACHED
    assert "refused" in done.stdout
    assert "no server was reached" in done.stderr


def test_an_unknown_server_is_a_mistake_of_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "quarterdeck.yaml"
    path.write_text('version: 1\nsystems: {shop: {redis: {url: "redis://127.0.0.1:9/0"}}}\n')
    path.chmod(0o600)
    assert run(["redis", "shop/nothing", "--config", str(path)]) == exits.CONFIG
    assert "known: shop/redis" in capsys.readouterr().err


def test_a_view_that_never_came_has_no_numbers() -> None:
    (server,) = servers(report(Reading(RedisSpec("s/r"), ServerView("s/r"), None)))
    assert server["keys"] is server["memory"] is server["uptime_s"] is None
