"""What operations name has to be there; who takes a profile's service out need not clean up."""

from pathlib import Path

import pytest

from tests.unit.config.writing import loaded, only_problem, problems

SHOP = """\
version: 1
systems:
  shop:
    compose: {{project: shop, optional_files: [docker-compose.monitoring.yml]}}
    services:
      api: {{base_url: "http://h/", checks: {{health: {{url: /health}}}}}}
      db: {{}}
    commands: {{migrate: {{argv: [migrate]}}}}
    backups: {{data: {{sources: [data], target: /b}}}}
    log_views: {{errors: {{log: app}}}}
    {more}
"""


def shop(more: str) -> str:
    return SHOP.format(more=more)


def procedure(*steps: str) -> str:
    return shop(f"procedures: {{p: {{title: P, steps: [{', '.join(steps)}]}}}}")


def test_names_that_exist_are_fine(tmp_path: Path) -> None:
    loaded(
        tmp_path,
        procedure(
            "{title: a, action: service.restart, target: 'api,db', until: api/health}",
            "{title: b, action: compose.up, target: shop}",
            "{title: c, action: compose.up, target: monitoring}",
            "{title: d, action: backup.create, target: data}",
            "{title: e, command: migrate}",
            "{title: f, log: errors}",
            "{title: g, log: api.container}",
            "{title: h, action: docker.prune_images, target: docker}",
        ),
    )


@pytest.mark.parametrize(
    ("step", "key", "what", "remedy"),
    [
        ("action: service.restrat, target: api", "action", "no action 'service.restrat'",
         "did you mean 'service.restart'?"),
        ("action: service.restart, target: 'api,bd'", "target", "no service 'bd'",
         "did you mean 'db'?"),
        ("action: compose.up, target: monitorng", "target",
         "no service, system or add-on 'monitorng'", "did you mean 'monitoring'?"),
        ("action: backup.create, target: date", "target", "no backup 'date'",
         "did you mean 'data'?"),
        ("check: api/helth", "check", "no check 'api/helth'", "did you mean 'api/health'?"),
        ("wait: 1s, until: api/helth", "until", "no check 'api/helth'",
         "did you mean 'api/health'?"),
        ("command: migrat", "command", "no command 'migrat'", "did you mean 'migrate'?"),
        ("log: error", "log", "no log 'error'", "did you mean 'errors'?"),
        ("procedure: q", "procedure", "no procedure 'q'", "known here: p"),
    ],
)  # fmt: skip
def test_a_name_that_nothing_has_is_an_error_with_its_line_and_the_nearest(
    tmp_path: Path, step: str, key: str, what: str, remedy: str
) -> None:
    problem = only_problem(tmp_path, procedure(f"{{title: t, {step}}}"))
    assert problem.key == f"systems.shop.procedures.p.steps[0].{key}"
    assert (problem.what, problem.remedy) == (what, remedy)
    assert (Path(problem.place.file).name, problem.place.line) == ("quarterdeck.yaml", 11)


def test_an_action_needs_its_target(tmp_path: Path) -> None:
    problem = only_problem(tmp_path, procedure("{title: t, action: service.restart}"))
    assert problem.what == "service.restart without a target"


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ("env_files: {env: {path: .env, read_by: [web]}}", "env_files.env.read_by[0]"),
        ("config_files: {c: {path: c, validate_with: check}}", "config_files.c.validate_with"),
        ("repos: {main: {path: ., rollback: back}}", "repos.main.rollback"),
        ("tuning: {t: {env_file: env}}", "tuning.t.env_file"),
        ("scaling: {s: {kind: swarm, service: web}}", "scaling.s.service"),
        ("triggers: {t: {service: db, paths: [/t]}}", "triggers.t.service"),
        ("incidents: {i: {title: I, alerts: [Down]}}", "incidents.i.alerts[0]"),
        ("alerts: [{name: A, when: 'x > 1', procedure: p}]", "alerts[0].procedure"),
    ],
)
def test_every_part_is_looked_through(tmp_path: Path, more: str, key: str) -> None:
    assert only_problem(tmp_path, shop(more)).key == f"systems.shop.{key}"


def test_procedures_do_not_contain_themselves(tmp_path: Path) -> None:
    text = shop(
        "procedures: {a: {title: A, steps: [{title: t, procedure: b}]},"
        " b: {title: B, steps: [{title: t, procedure: a}]},"
        " c: {title: C, steps: [{title: t, procedure: a}]}}"
    )
    keys = {one.key for one in problems(tmp_path, text)}
    assert keys == {f"systems.shop.procedures.{one}.steps[0].procedure" for one in "ab"}


def test_what_is_taken_out_of_a_profile_needs_no_cleaning_up(tmp_path: Path) -> None:
    gone = "services: {worker: null, beat: null, web: null}"
    loaded(tmp_path, f"version: 1\nsystems: {{biz: {{profile: business-engine, {gone}}}}}\n")


def test_a_step_of_ones_own_is_judged_beside_a_profile(tmp_path: Path) -> None:
    own = "procedures: {p: {title: P, steps: [{title: t, check: api/nothing}]}}"
    problem = only_problem(
        tmp_path, f"version: 1\nsystems: {{biz: {{profile: business-engine, {own}}}}}\n"
    )
    assert problem.what == "no check 'api/nothing'"
