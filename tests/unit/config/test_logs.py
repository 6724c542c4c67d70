"""What the configuration says of logs: formats, zones, saved queries, retention."""

from pathlib import Path

import pytest

from config.include import PROFILES, shipped_profiles
from config.loader import load
from config.topology import topology_of
from core.logs.query.query import parse_query
from core.logs.saved import parameters_of, sampled
from core.model.topology import LogFormatSpec, LogQuerySpec, SystemSpec
from core.sources.log_places import log_places, named
from tests.unit.config.writing import loaded, only_problem, write

LOGS = """\
version: 1
log_formats:
  billing: {{pattern: '{pattern}', time_format: '{time_format}'}}
systems:
  shop:
    root: /srv/shop
    logs: {{cron: {{path: cron.log, zone: {zone}}}}}
    services:
      api:
        runs_as: {{systemd: {{unit: shop.service}}}}
        logs:
          journal: true
          zone: Europe/Rome
          files: {{bill: {{path: bill.log, format: {format}, note: written by the till}}}}
    retention: {{application: {{keep: 30d, compress_after: 7d, paths: [old/*.log]}}}}
    log_views:
      errors: {{title: Errors, log: bill, filter: '{filter}', window: 1h, count_by: path}}
      people: {{log: bill, personal_data: true}}
"""
PATTERN = r"(?P<time>\S+ \S+) (?P<message>.*)"


def logs(**changed: str) -> str:
    usual = {
        "pattern": PATTERN,
        "time_format": "%d.%m.%Y %H:%M:%S",
        "zone": "Asia/Tokyo",
        "format": "billing",
        "filter": "level>=error",
    }
    return LOGS.format(**(usual | changed))


def shop(folder: Path) -> SystemSpec:
    done = loaded(folder, logs())
    return topology_of(done.settings, {}, done.operations).systems[0]


def test_a_log_arrives_with_its_format_zone_and_note(tmp_path: Path) -> None:
    done = loaded(tmp_path, logs())
    topology = topology_of(done.settings, {}, done.operations)
    assert topology.log_formats == (LogFormatSpec("billing", PATTERN, "%d.%m.%Y %H:%M:%S"),)
    journal, bill = topology.systems[0].services[0].logs
    assert (bill.format, bill.zone, bill.note) == ("billing", "", "written by the till")
    assert (journal.unit, journal.zone, journal.format) == ("shop.service", "Europe/Rome", "auto")
    assert topology.systems[0].logs[0].zone == "Asia/Tokyo"


def test_saved_queries_and_retention_arrive(tmp_path: Path) -> None:
    system = shop(tmp_path)
    assert system.log_queries == (
        LogQuerySpec("errors", "Errors", "bill", "level>=error", "path", window_s=3600.0),
        LogQuerySpec("people", "people", "bill", is_personal_data=True),
    )
    (rule,) = system.retention
    assert (rule.keep_s, rule.compress_after_s) == (30 * 86_400, 7 * 86_400)
    assert rule.paths == ("/srv/shop/old/*.log",)


def test_a_filter_that_is_no_query_names_file_line_key_and_character(tmp_path: Path) -> None:
    found = only_problem(tmp_path, logs(filter="status=500 level>=erorr"))
    assert (found.place.file, found.place.line) == (str(tmp_path / "quarterdeck.yaml"), 17)
    assert found.key == "systems.shop.log_views.errors.filter"
    assert found.what.endswith("(at character 19)")
    assert "error" in found.remedy


def test_a_wrong_filter_does_not_keep_the_rest_from_starting(tmp_path: Path) -> None:
    path = write(tmp_path, logs(filter="("))
    assert load(path, {}, checks_filters=False).settings.systems


def test_a_placeholder_is_no_error_and_is_told(tmp_path: Path) -> None:
    assert loaded(tmp_path, logs(filter="user_id={user} level>=warn"))
    assert parameters_of("user_id={user} or by={user} at={place}") == ("user", "place")


def test_a_format_is_checked_where_it_stands(tmp_path: Path) -> None:
    found = only_problem(tmp_path, logs(pattern="(?P<a>x"))
    assert found.key == "log_formats.billing.pattern"
    assert "at character" in found.what
    found = only_problem(tmp_path, logs(pattern=r"(?P<a>(\w+ ?)+)"))
    assert "possessive" in found.remedy
    found = only_problem(tmp_path, logs(time_format="%d.%Q"))
    assert found.key == "log_formats.billing.time_format"


def test_a_log_of_an_unknown_format_or_zone_is_refused(tmp_path: Path) -> None:
    found = only_problem(tmp_path, logs(format="biling"))
    assert found.key == "systems.shop.services.api.logs.files.bill.format"
    assert found.remedy == "did you mean 'billing'?"
    found = only_problem(tmp_path, logs(zone="Europe/Rom"))
    assert found.what == "not a zone"


def test_logs_are_named_by_system_service_and_log(tmp_path: Path) -> None:
    done = loaded(tmp_path, logs())
    places = log_places(topology_of(done.settings, {}, done.operations))
    assert [place.source for place in places] == [
        "shop/api/journal", "shop/api/bill", "shop/cron",
    ]  # fmt: skip
    for name in ("shop/api/journal", "api/journal", "journal", "api.journal"):
        assert [place.source for place in named(places, name)] == ["shop/api/journal"]


@pytest.mark.parametrize("name", shipped_profiles())
def test_every_saved_query_of_the_profiles_asks_a_log_that_is_configured(name: str) -> None:
    done = load(PROFILES / f"{name}.yaml", {})
    topology = topology_of(done.settings, {}, done.operations)
    places = log_places(topology)
    for query in topology.systems[0].log_queries:
        assert len(named(places, query.log)) == 1, query
        assert parse_query(sampled(query.filter), 0.0) is not None
