"""What one pass amounts to: exit code, JSON names, lines for a person."""

import json
from collections.abc import Iterable

import pytest

from cli.check_report import Report, as_document, as_lines, exit_code, has_something_to_check
from core.model.events import Event, SourceReported
from core.model.snapshot import EMPTY_SNAPSHOT
from core.model.text import clean
from core.model.topology import ComposeService, ServiceSpec, Topology
from core.model.verdict import Verdict
from core.store.reducer import reduce_all
from core.store.selectors import system_views
from tests.fakes.world import at, container, observed, service, service_id, system, topology

DOWN, DEGRADED, OK, UNKNOWN = Verdict.DOWN, Verdict.DEGRADED, Verdict.OK, Verdict.UNKNOWN


def report_of(watched: Topology, events: Iterable[Event] = ()) -> Report:
    snapshot = reduce_all(EMPTY_SNAPSHOT, events)
    failed = tuple(one for one in snapshot.sources.values() if not one.is_working)
    return Report(watched.environment, system_views(watched, snapshot, at(1)), failed, at(1))


TWO = topology(system("shop", service("api"), service("db")))


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ((OK, OK), 0),
        ((OK, DEGRADED), 1),
        ((OK, DOWN), 1),
        ((OK, UNKNOWN), 1),
        ((UNKNOWN, UNKNOWN), 1),
    ],
)
def test_the_exit_code_is_0_only_when_all_is_proven_ok(
    verdicts: tuple[Verdict, Verdict], code: int
) -> None:
    events = [observed("api", verdicts[0]), observed("db", verdicts[1])]
    assert exit_code(report_of(TWO, events)) == code


def test_the_exit_code_is_3_when_nothing_answered() -> None:
    silent = [
        observed(name, DOWN, "connection refused", latency_s=None, http_status=None)
        for name in ("api", "db")
    ]
    assert exit_code(report_of(TWO, silent)) == 3
    assert exit_code(report_of(TWO)) == 3


def test_a_process_manager_that_answers_is_something_reached() -> None:
    watched = topology(system("shop", service("api", runs_as=ComposeService("shop", "api"))))
    exited = container("api", "exited", DOWN, reason="exit code 1")
    assert exit_code(report_of(watched, [exited])) == 1
    cannot_be_asked = container("api", "unknown", UNKNOWN, reason="no right")
    assert exit_code(report_of(watched, [cannot_be_asked])) == 3


def test_an_outage_outside_does_not_fail_the_pass() -> None:
    watched = topology(system("shop", service("api"), service("openai", is_outside=True)))
    events = [observed("api"), observed("openai", DOWN, "major outage")]
    assert exit_code(report_of(watched, events)) == 0


def test_each_check_in_json_has_the_promised_names() -> None:
    events = [observed("api", DOWN, "HTTP 503", latency_s=0.0123), observed("db")]
    document = json.loads(json.dumps(as_document(report_of(TWO, events))))
    check = document["checks"][0]
    assert {
        "system": "shop",
        "service": "api",
        "check": "health",
        "verdict": "down",
        "state": "failing",
        "reason": "HTTP 503",
        "http_status": 200,
        "latency_ms": 12.3,
        "observed_at": "2026-03-01T03:00:00.000Z",
        "components": [],
    }.items() <= check.items()
    assert document["verdict"] == "down"
    assert document["exit_code"] == 1
    assert document["systems"] == [
        {"system": "shop", "title": "shop", "verdict": "down", "reason": "api: HTTP 503"}
    ]


def test_a_consequence_names_its_cause_in_json_and_on_the_line() -> None:
    watched = topology(system("shop", service("api", depends_on=("db",)), service("db")))
    events = [observed("api", DOWN, "HTTP 500"), observed("db", DOWN, "connection refused")]
    report = report_of(watched, events)
    assert as_document(report)["checks"][0]["because"] == "db"  # type: ignore[index]
    assert any("HTTP 500 (because db is down)" in line for line in as_lines(report, False))


def test_lines_have_glyph_word_and_aligned_columns_and_no_colour_unless_asked() -> None:
    events = [observed("api", DOWN, "HTTP 503"), observed("db")]
    lines = as_lines(report_of(TWO, events), is_colour=False)
    assert lines == [
        "✖ down  shop: api: HTTP 503",
        "  ✖ down  api  health  200  10 ms  HTTP 503",
        "  ● ok    db   health  200  10 ms  ok",
    ]
    coloured = as_lines(report_of(TWO, events), is_colour=True)
    assert coloured[2].startswith("  \x1b[32m● ok\x1b[0m    db")


def test_a_source_that_could_not_look_is_named() -> None:
    failed = SourceReported("containers", at(0), False, clean("no right"), None)
    report = report_of(TWO, [observed("api"), observed("db"), failed])
    assert as_lines(report, False)[-1] == "could not look: containers: no right"
    assert as_document(report)["cannot_look"] == [{"source": "containers", "reason": "no right"}]


def test_a_configuration_without_checks_and_places_has_nothing_to_check() -> None:
    bare = ServiceSpec(service_id("api"), "api", None, ())
    assert not has_something_to_check(topology(system("shop", bare)))
    assert has_something_to_check(TWO)
