"""What may be done reaches the core as values: absolute paths, seconds, addresses."""

from pathlib import Path

import pytest

from config.include import PROFILES, shipped_profiles
from config.loader import load
from config.operation_specs import operations_of
from core.model.operation import OperationsSpec
from tests.unit.config.writing import loaded, only_problem


def spec(folder: Path, system: str) -> OperationsSpec:
    return operations_of(loaded(folder, "version: 1\nsystems:\n  shop: " + system))["shop"]


@pytest.mark.parametrize("name", shipped_profiles())
def test_a_profile_becomes_values_with_absolute_paths(name: str) -> None:
    own = operations_of(load(PROFILES / f"{name}.yaml", {}))[name]
    assert own.root.startswith("/")
    assert own.procedures
    paths = [backup.target for backup in own.backups]
    paths += [path for one in own.backups if one.kind != "postgres" for path in one.sources]
    paths += [one.path for one in (*own.env_files, *own.config_files, *own.repos)]
    paths += [one.cwd for one in own.commands if not one.inside]
    assert paths
    assert [path for path in paths if not path.startswith("/")] == []


def test_relative_paths_start_at_the_root_and_absolute_ones_stay(tmp_path: Path) -> None:
    own = spec(
        tmp_path,
        """
            root: /srv/shop
            services: {api: {}}
            backups:
              all: {kind: archive, sources: [., data/], target: "/backup/%Y.tar", mode: "640"}
              dump: {kind: postgres, sources: [shop_db], target: dump.sql, keep: 30d}
            commands:
              check: {argv: [bin/check], judge: {report: out/report.json, fresh: 1h}}
              inner: {argv: [pytest], inside: api, cwd: app}
            config_files: {site: {path: conf.d/, format: nginx}}
        """,
    )
    everything, dump = own.backups
    assert (everything.sources, everything.target) == (
        ("/srv/shop", "/srv/shop/data"), "/backup/%Y.tar"
    )  # fmt: skip
    assert everything.mode == 0o640
    assert (dump.sources, dump.keep_s) == (("shop_db",), 30 * 86400)
    check, inner = own.commands
    assert (check.cwd, inner.cwd) == ("/srv/shop", "app")
    assert check.judge is not None
    assert (check.judge.report, check.judge.fresh_s) == ("/srv/shop/out/report.json", 3600)
    assert own.config_files[0].path == "/srv/shop/conf.d/"


def test_without_a_root_nothing_is_made_up(tmp_path: Path) -> None:
    own = spec(tmp_path, "{commands: {check: {argv: [check]}}, env_files: {env: {path: .env}}}")
    assert (own.root, own.commands[0].cwd, own.env_files[0].path) == ("", "", ".env")


def test_a_trigger_knows_the_address_of_its_service(tmp_path: Path) -> None:
    own = spec(
        tmp_path,
        """
            services: {api: {base_url: "http://127.0.0.1:8000"}}
            triggers: {jobs: {service: api, paths: ["/jobs/{job}"]}}
        """,
    )
    assert own.triggers[0].base_url == "http://127.0.0.1:8000"


def test_compose_is_called_in_the_root_unless_a_folder_is_named(tmp_path: Path) -> None:
    files = "project: shop, files: [a.yml], optional_files: [docker-compose.monitoring.yml]"
    own = spec(tmp_path, f"{{root: /srv/shop, compose: {{{files}, env_file: .env.prod}}}}")
    assert own.compose is not None
    assert own.compose.files == ("/srv/shop/a.yml",)
    assert own.compose.optional_files == ("/srv/shop/docker-compose.monitoring.yml",)
    assert (own.compose.folder, own.compose.env_file) == ("/srv/shop", "/srv/shop/.env.prod")


def test_what_follows_a_failed_step_is_said_or_follows_from_its_kind(tmp_path: Path) -> None:
    own = spec(
        tmp_path,
        """
            services: {api: {checks: {health: {url: "http://h/"}}}}
            procedures:
              p:
                title: P
                steps:
                  - {title: look, check: api/health}
                  - {title: wait for it, check: api/health, until: api/health, within: 5s}
                  - {title: gate, check: api/health, gate: true}
                  - {title: restart, action: service.restart, target: api}
                  - {title: back, action: service.restart, target: api, on_failure: roll_back}
                  - {title: pause, wait: 1m}
        """,
    )
    steps = own.procedures[0].steps
    assert [one.on_failure for one in steps] == [
        "go_on", "stop", "stop", "stop", "roll_back", "stop",
    ]  # fmt: skip
    assert [one.kind for one in steps] == ["check", "check", "check", "action", "action", "wait"]
    assert (steps[1].until, steps[1].within_s, steps[2].is_gate) == ("api/health", 5.0, True)
    assert steps[5].wait_s == 60


def test_a_gate_that_lets_everything_through_is_refused(tmp_path: Path) -> None:
    problem = only_problem(
        tmp_path,
        """\
        version: 1
        systems:
          shop:
            procedures:
              p: {title: P, steps: [{title: s, human: h, gate: true, on_failure: go_on}]}
        """,
    )
    assert problem.key == "systems.shop.procedures.p.steps[0]"
    assert problem.what == "a gate that is gone through when it fails"


@pytest.mark.parametrize(
    ("step", "what"),
    [
        ("{title: s, human: h, optional: true}", "`optional` at a single step"),
        ("{title: s, procedure: q, gate: true}", "`gate` beside `procedure`"),
        ("{title: s, procedure: q, within: 5s}", "`within` beside `procedure`"),
    ],
)
def test_what_a_step_would_silently_not_do_is_refused(tmp_path: Path, step: str, what: str) -> None:
    problem = only_problem(
        tmp_path,
        f"""\
        version: 1
        systems:
          shop:
            procedures:
              p: {{title: P, steps: [{step}]}}
              q: {{title: Q, steps: [{{title: s, human: h}}]}}
        """,
    )
    assert problem.key == "systems.shop.procedures.p.steps[0]"
    assert problem.what == what


def test_a_folder_that_is_acted_on_starts_at_the_root_too(tmp_path: Path) -> None:
    own = spec(
        tmp_path,
        """
            root: /srv/shop
            procedures:
              p: {title: P, steps: [{title: s, action: folder.move_aside, target: "."}]}
        """,
    )
    assert own.procedures[0].steps[0].target == "/srv/shop"


def test_a_whole_system_is_called_as_it_is_here_not_as_in_its_profile(tmp_path: Path) -> None:
    text = "version: 1\nsystems: {gw: {profile: api-gateway}}\n"
    procedures = {one.name: one for one in operations_of(loaded(tmp_path, text))["gw"].procedures}
    stop, _, start, _ = procedures["redis-restore"].steps
    assert (stop.target, start.target) == ("proxy-service,upstream-service", "gw")
