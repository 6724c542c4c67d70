"""`status --json` has the names that docs/command-line.md promises, and so has `check --json`."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from cli.check_report import Report
from cli.check_report import as_document as check_document
from cli.status_report import as_document, status_lines
from core.model.check import Component
from core.model.detail import RedisDetail
from core.model.events import CheckObserved, Event, HostObserved, MetricsObserved
from core.model.host import Disk, HostSample
from core.model.metric import Family, MetricKind, Sample, Scrape, SeriesKey
from core.model.snapshot import EMPTY_SNAPSHOT, Snapshot
from core.model.text import clean
from core.model.verdict import Verdict
from core.store.reducer import reduce_all
from core.store.selectors import system_views
from tests.fakes.world import at, container, observed, service, service_id, system, topology

DOCUMENT = Path(__file__).parents[3] / "docs/command-line.md"
WATCHED = topology(system("shop", service("api", depends_on=("redis",)), service("redis")))


def documented(number: int) -> dict[str, Any]:
    blocks = re.findall(r"```json\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    return json.loads(blocks[number])


def events() -> list[Event]:
    redis = observed("redis", reason="PONG")
    detail = RedisDetail(clean("valkey 9.1.2"), clean("master"), clean("run"), 1, 0, None, 12, None)
    rich = replace(
        redis.result,
        detail=detail,
        components=(Component(clean("aof"), Verdict.OK, clean("on")),),
        facts=(("version", clean("9.1.2")),),
    )
    requests = SeriesKey(service_id("api"), clean("requests_total"), ((clean("m"), clean("GET")),))
    scrape = Scrape(
        at(0),
        "ok",
        clean(""),
        (Family(clean("requests"), MetricKind.COUNTER, clean("Requests"), 1),),
        (Sample(requests, MetricKind.COUNTER, 17.0),),
    )
    disk = Disk(clean("/"), clean("/dev/vda1"), 60, 40, 100)
    sample = HostSample(at(0), 12.0, (12.0,), 0.5, 0, 0, 100, 25, 0, 0, (disk,), (), 0, 0, at(-9))
    return [
        observed("api"),
        CheckObserved(redis.check, rich, None),
        container("api"),
        MetricsObserved(service_id("api"), scrape, ("up", "requests_total")),
        HostObserved(sample),
    ]


def report() -> tuple[Report, Snapshot]:
    snapshot = reduce_all(EMPTY_SNAPSHOT, events())
    return Report(WATCHED.environment, system_views(WATCHED, snapshot, at(1)), (), at(1)), snapshot


def status() -> dict[str, Any]:
    return json.loads(json.dumps(as_document(*report()), allow_nan=False))


def test_the_documents_have_exactly_the_documented_names() -> None:
    promised, is_there = documented(1), status()
    assert list(is_there) == list(promised)
    system_there, system_promised = is_there["systems"][0], promised["systems"][0]
    assert list(system_there) == list(system_promised)
    service_there, service_promised = system_there["services"][0], system_promised["services"][0]
    assert list(service_there) == list(service_promised)
    assert list(service_there["checks"][0]) == list(service_promised["checks"][0])
    assert list(service_there["metrics"]) == list(service_promised["metrics"])
    assert list(service_there["metrics"]["series"][0]) == list(
        service_promised["metrics"]["series"][0]
    )
    assert list(is_there["host"]) == list(promised["host"])


def test_the_check_document_has_exactly_the_documented_names() -> None:
    promised = documented(0)
    is_there = json.loads(json.dumps(check_document(report()[0])))
    assert list(is_there) == list(promised)
    for part in ("systems", "services", "checks"):
        assert list(is_there[part][0]) == list(promised[part][0])


def test_metrics_details_and_the_host_are_all_there() -> None:
    document = status()
    api, redis = document["systems"][0]["services"]
    assert api["metrics"]["series"][0]["value"] == 17.0
    assert api["metrics"]["missing"] == ["up"]
    assert api["runtime"]["state"] == "running"
    assert api["depends_on"] == ["local/shop/redis"]
    detail = redis["checks"][0]["detail"]
    assert (detail["kind"], detail["keys"], detail["clients"]) == ("redis", 12, None)
    assert redis["checks"][0]["facts"] == {"version": "9.1.2"}
    assert document["host"]["sample"]["memory_percent"] == 75.0


def test_people_get_metrics_and_the_machine_below_the_checks() -> None:
    lines = status_lines(*report(), is_colour=False)
    assert lines[0] == "● ok  shop"
    assert "metrics  shop/api: 1 series, not exposed: up" in lines
    assert "host     cpu 12 %, load 0.50, memory 75 % used" in lines
    assert "disk     /: 60 % used, 0.0 GB free" in lines


def test_nothing_known_yet_is_null_and_not_zero() -> None:
    snapshot = EMPTY_SNAPSHOT
    bare = Report(WATCHED.environment, system_views(WATCHED, snapshot, at(1)), (), at(1))
    document: dict[str, Any] = as_document(bare, snapshot)
    check = document["systems"][0]["services"][0]["checks"][0]
    assert check["latency_ms"] is check["uptime_percent"] is check["observed_at"] is None
    assert document["host"]["sample"] is None
