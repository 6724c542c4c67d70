"""What the core is given to watch."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from config.topology import topology_of
from core.errors import ConfigError
from core.model.check import CheckKind, CheckSpec, Condition
from core.model.ids import CheckId, ServiceId
from core.model.secret import Secret
from core.model.topology import (
    ComposeService,
    DockerContainer,
    Environment,
    PlainProcess,
    ServiceSpec,
    SwarmService,
    SystemdUnit,
    Topology,
)
from core.model.verdict import Verdict
from tests.unit.config.writing import loaded


def watched(folder: Path, text: str, env: Mapping[str, str] | None = None) -> Topology:
    return topology_of(loaded(folder, text, env).settings, env or {})


def service_of(topology: Topology, name: str) -> ServiceSpec:
    return next(one for one in topology.systems[0].services if one.id.service == name)


WHOLE = """\
version: 1
environment: staging
label: east
read_only: true
docker: {url: "unix:///run/d.sock"}
host: {log_folders: [/var/log]}
systems:
  shop:
    title: Shop
    root: /srv/shop
    logs: {cron: {path: logs/cron.log, retention: audit}}
    services:
      api:
        base_url: http://127.0.0.1:8000/v1/
        runs_as: {process: {command: [python, app.py], cwd: ., pidfile: p, log: out.log}}
        checks:
          health:
            url: /health
            every: 30s
            timeout: 2s
            note: only this
            ca_file: tls/ca.pem
            expect:
              status: [fine]
              http: [200, 204]
              max_age: 5m
              slow: 500ms
              headers: [X-A]
              conditions: ["a.b < 90 else down", "c == true"]
          port: {url: "tcp://127.0.0.1:8000"}
        metrics: {url: /metrics, every: 1m, known_as: [up]}
        logs: {files: {app: {path: /var/log/shop/%Y.log}}}
        depends_on: [db, other/api]
      db: {}
  other: {services: {api: {}}}
"""


def test_the_whole_configuration_arrives(tmp_path: Path) -> None:
    topology = watched(tmp_path, WHOLE)
    assert topology.environment is Environment.STAGING
    assert (topology.label, topology.is_read_only) == ("east", True)
    assert topology.docker_url == "unix:///run/d.sock"
    assert topology.log_folders == ("/var/log", "/srv/shop/logs", "/var/log/shop", "/srv/shop")
    shop = topology.systems[0]
    assert (shop.title, shop.root) == ("Shop", "/srv/shop")
    assert [(log.name, log.path, log.retention) for log in shop.logs] == [
        ("cron", "/srv/shop/logs/cron.log", "audit")
    ]


def test_a_service_arrives_with_its_logs_metrics_and_needs(tmp_path: Path) -> None:
    api = service_of(watched(tmp_path, WHOLE), "api")
    assert api.runs_as == PlainProcess(
        ("python", "app.py"), "/srv/shop", "/srv/shop/p", "/srv/shop/out.log"
    )
    assert api.depends_on == (ServiceId("shop", "db"), ServiceId("other", "api"))
    assert [(log.name, log.path) for log in api.logs] == [
        ("app", "/var/log/shop/%Y.log"),
        ("api.output", "/srv/shop/out.log"),
    ]
    assert api.metrics is not None
    assert (api.metrics.url, api.metrics.every_s) == ("http://127.0.0.1:8000/v1/metrics", 60)
    assert api.metrics.known_as == ("up",)


def test_a_check_arrives_with_all_that_judges_it(tmp_path: Path) -> None:
    health, port = service_of(watched(tmp_path, WHOLE), "api").checks
    assert health.url == "http://127.0.0.1:8000/v1/health"
    assert (health.every_s, health.timeout_s, health.kind) == (30, 2, CheckKind.HEALTH)
    assert (health.note, health.ca_file) == ("only this", "/srv/shop/tls/ca.pem")
    assert (health.expect.ok_words, health.expect.http_statuses) == (("fine",), (200, 204))
    assert (health.expect.max_age_s, health.expect.slow_s) == (300, 0.5)
    assert health.expect.headers == ("X-A",)
    assert health.expect.conditions == (
        Condition("a.b", "<", 90.0, Verdict.DOWN),
        Condition("c", "==", True, Verdict.DEGRADED),
    )
    assert port.kind is CheckKind.TCP


@pytest.mark.parametrize(
    ("runs_as", "expected"),
    [
        ("{systemd: {unit: a.service}}", SystemdUnit("a.service")),
        ("{docker: {container: a}}", DockerContainer("a")),
        ("{swarm: {service: a}}", SwarmService("a")),
        ("{compose: {service: a, aliases: [b]}}", ComposeService("ours", "a", ("b",))),
        ("{compose: {service: a, project: theirs}}", ComposeService("theirs", "a")),
    ],
)
def test_a_service_runs_one_way(tmp_path: Path, runs_as: str, expected: object) -> None:
    text = f"""\
        version: 1
        systems:
          s: {{compose: {{project: ours}}, services: {{a: {{runs_as: {runs_as}}}}}}}
        """
    assert service_of(watched(tmp_path, text), "a").runs_as == expected


def test_the_redis_of_a_system_is_a_service_with_a_check(tmp_path: Path) -> None:
    topology = watched(tmp_path, "version: 1\nsystems: {s: {redis: {url: 'redis://h:1/2'}}}\n")
    service = service_of(topology, "redis")
    assert service.checks == (
        CheckSpec(CheckId(ServiceId("s", "redis"), "redis"), CheckKind.REDIS, "redis://h:1/2"),
    )


def test_the_redis_check_joins_the_service_that_runs_it(tmp_path: Path) -> None:
    text = """\
        version: 1
        systems:
          s:
            redis: {url: "redis://h:1"}
            services:
              redis: {runs_as: {systemd: {unit: redis.service}}, title: Store}
              api: {depends_on: [redis]}
        """
    topology = watched(tmp_path, text)
    service = service_of(topology, "redis")
    assert (service.title, service.runs_as) == ("Store", SystemdUnit("redis.service"))
    assert [check.kind for check in service.checks] == [CheckKind.REDIS]
    assert len(topology.systems[0].services) == 2


def test_a_redis_check_of_ones_own_is_the_only_one(tmp_path: Path) -> None:
    text = """\
        version: 1
        systems:
          s:
            redis: {url: "redis://h:1"}
            services: {cache: {checks: {ping: {url: "redis://h:1"}}}}
        """
    topology = watched(tmp_path, text)
    assert [one.id.service for one in topology.systems[0].services] == ["cache"]


def test_a_redis_password_is_in_the_secret_address_only(tmp_path: Path) -> None:
    text = """\
        version: 1
        systems: {s: {redis: {url: "redis://h:1/0", username: ops, password: "${PW}"}}}
        """
    topology = watched(tmp_path, text, {"PW": "p@ss/w"})
    check = service_of(topology, "redis").checks[0]
    assert check.url == "redis://h:1/0"
    assert check.secret == Secret("redis://ops:p%40ss%2Fw@h:1/0")
    assert "p@ss" not in repr(topology)


def test_headers_are_secrets_read_from_references(tmp_path: Path) -> None:
    text = """\
        version: 1
        systems:
          s:
            services:
              a:
                checks:
                  c:
                    url: http://h/
                    headers: {Authorization: "Bearer ${T}", Accept: application/json}
        """
    check = service_of(watched(tmp_path, text, {"T": "tok"}), "a").checks[0]
    assert check.headers == (
        ("Authorization", Secret("Bearer tok")),
        ("Accept", Secret("application/json")),
    )
    assert "tok" not in repr(check)


def test_metrics_behind_a_token_and_an_authority_of_their_own_can_be_read(tmp_path: Path) -> None:
    text = """\
        version: 1
        systems:
          s:
            root: /srv/s
            services:
              a:
                base_url: https://ops:${PW}@h
                metrics:
                  url: /metrics
                  headers: {Authorization: "Bearer ${T}"}
                  ca_file: tls/ca.pem
        """
    metrics = service_of(watched(tmp_path, text, {"T": "tok", "PW": "hunter2"}), "a").metrics
    assert metrics is not None
    assert metrics.headers == (("Authorization", Secret("Bearer tok")),)
    assert (metrics.url, metrics.ca_file) == ("https://h/metrics", "/srv/s/tls/ca.pem")
    assert metrics.secret == Secret("https://ops:hunter2@h/metrics")
    assert "tok" not in repr(metrics)
    assert "hunter2" not in repr(metrics)


def test_a_secret_that_went_away_is_a_configuration_error(tmp_path: Path) -> None:
    text = """\
        version: 1
        systems: {s: {redis: {url: "redis://h:1/0", password: "${PW}"}}}
        """
    settings = loaded(tmp_path, text, {"PW": "x"}).settings
    with pytest.raises(ConfigError, match="PW is not set"):
        topology_of(settings, {})


def test_a_status_page_is_an_outside_service(tmp_path: Path) -> None:
    text = """\
        version: 1
        systems: {s: {status_pages: {acme: {url: "https://status.example.org/x", title: Acme}}}}
        """
    service = service_of(watched(tmp_path, text), "acme")
    assert service.is_outside
    assert service.title == "Acme"
    assert service.checks[0] == replace(
        service.checks[0],
        kind=CheckKind.STATUS_PAGE,
        url="https://status.example.org/x",
        every_s=60.0,
    )


def test_logs_of_a_container_or_unit_need_one(tmp_path: Path) -> None:
    text = """\
        version: 1
        systems:
          s:
            services:
              boxed: {runs_as: {docker: {container: c}}, logs: {container: true, journal: true}}
              unit: {runs_as: {systemd: {unit: u.service}}, logs: {container: true, journal: true}}
              plain: {runs_as: {process: {pidfile: /p}}, logs: {container: true, journal: true}}
              beside: {logs: {unit: other.service}}
        """
    services = watched(tmp_path, text).systems[0].services
    assert [(log.name, log.container, log.unit) for one in services for log in one.logs] == [
        ("boxed.container", True, ""),
        ("unit.journal", False, "u.service"),
        ("beside.journal", False, "other.service"),
    ]
