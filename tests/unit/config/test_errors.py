"""Every error names file, line, key, what is wrong, and the remedy."""

import os
from pathlib import Path

import pytest

from config.loader import load
from config.problems import ConfigProblems, Problem
from tests.unit.config.writing import only_problem, problems, write


def shown(problem: Problem) -> tuple[str, int, str]:
    return Path(problem.place.file).name, problem.place.line, problem.key


def test_an_unknown_key_names_the_nearest(tmp_path: Path) -> None:
    problem = only_problem(
        tmp_path,
        """\
        version: 1
        systems:
          shop:
            services:
              api:
                checks:
                  health: {url: "http://h/", evry: 10s}
        """,
    )
    key = "systems.shop.services.api.checks.health.evry"
    assert shown(problem) == ("quarterdeck.yaml", 7, key)
    assert problem.what == "unknown key"
    assert problem.remedy == "did you mean 'every'?"
    assert (
        str(problem) == f"{tmp_path}/quarterdeck.yaml:7: {key}: unknown key; did you mean 'every'?"
    )


@pytest.mark.parametrize(
    ("section", "key", "nearest"),
    [
        ("alert: []", "systems.shop.alert", "alerts"),
        ("thresholds: {disk: {warnin: 5%}}", "systems.shop.thresholds.disk.warnin", "warning"),
        ("alerts: [{name: a, when: 'x > 1', fore: 5m}]", "systems.shop.alerts[0].fore", "for"),
        ("redis: {ulr: x}", "systems.shop.redis.ulr", "url"),
        (
            "procedures: {p: {title: t, steps: [{title: s, human: h, gaet: true}]}}",
            "systems.shop.procedures.p.steps[0].gaet",
            "gate",
        ),
    ],
)
def test_the_nearest_key_is_known_in_every_part(
    tmp_path: Path, section: str, key: str, nearest: str
) -> None:
    text = f"version: 1\nsystems:\n  shop:\n    {section}\n"
    problem = only_problem(tmp_path, text)
    assert shown(problem) == ("quarterdeck.yaml", 4, key)
    assert problem.remedy == f"did you mean '{nearest}'?"


def test_a_key_near_to_nothing_lists_what_is_known(tmp_path: Path) -> None:
    problem = only_problem(tmp_path, "version: 1\ndocker: {zzz: 1}\n")
    assert problem.remedy == "known here: url"


_SERVICE = "version: 1\nsystems:\n  shop:\n    services:\n      api:\n        "


@pytest.mark.parametrize(
    ("line", "key", "what", "remedy"),
    [
        ("title: [a]", "title", "should be a text, is a list", "write a text"),
        ("outside: maybe", "outside", "should be true or false, is the text 'maybe'", "or false"),
        ("checks: 5", "checks", "should be keys and values, is the number 5", "keys and values"),
        ("depends_on: redis", "depends_on", "should be a list, is the text 'redis'", "a list"),
        ("checks: {a: }", "checks.a", "should be keys and values, is empty", "keys and values"),
        ("checks: {a: {every: 1s}}", "checks.a.url", "is missing", "add `url:`"),
        ("metrics: {url: 'http://h/', every: 30}", "metrics.every", "needs its unit", "write 30s"),
        ("metrics: {url: 'http://h/', every: soon}", "metrics.every", "not a duration", "as 30s"),
        ("base_url: file:///etc/passwd", "base_url", "file:// is not possible", "http or https"),
        ("base_url: http://h:0/", "base_url", "a port is a number from 1 to 65535", "http://"),
        ("base_url: http:///x", "base_url", "no usable host", "write http://host:port"),
        ("base_url: http://${NOBODY}/", "base_url", "NOBODY is not set", "set NOBODY"),
        ("base_url: http://u:hunter2@h/", "base_url", "a password stands", "${NAME}"),
        ("base_url: 5", "base_url", "should be a text", "http://localhost:8000"),
        ("runs_as: {}", "runs_as", "names no way to run", "keep one of: compose, systemd"),
        ("runs_as: {compose: {service: a}}", "runs_as.compose", "is not named", "`project:`"),
        ("runs_as: {systemd: {unit: a}, swarm: {service: b}}", "runs_as", "2 ways", "keep one"),
        ("depends_on: [redsi]", "depends_on[0]", "no service 'redsi'", "did you mean 'redis'?"),
        ("depends_on: [api]", "depends_on[0]", "cannot depend on itself", "remove it"),
        ("depends_on: [shpo/redis]", "depends_on[0]", "no system 'shpo'", "did you mean 'shop'?"),
        ("checks: {a: {url: /health}}", "checks.a.url", "a path without a base_url", "`base_url:`"),
        ("metrics: {url: /metrics}", "metrics.url", "a path without a base_url", "`base_url:`"),
        ("checks: {a: {url: 'tcp://h'}}", "checks.a.url", "tcp:// needs a port", "tcp://host:port"),
        ("checks: {a: {url: 'http://h/', kind: helth}}", "checks.a.kind", "'helth'", "'health'"),
        ("checks: {a: {url: 'http://h/', method: DELETE}}", "checks.a.method", "'DELETE'", "GET"),
        ("checks: {a: {url: 'http://h/', every: 1ms}}", "checks.a.every", "ten times", "write 1s"),
        ("checks: {a: {url: 'http://h/', timeout: 0s}}", "checks.a.timeout", "more than 0", "5s"),
        (
            "checks: {a: {url: 'http://h/', headers: {X-Key: hunter2}}}",
            "checks.a.headers.X-Key",
            "a secret stands in the file",
            "${NAME} or file:/path",
        ),
        (
            "checks: {a: {url: 'http://h/', headers: {'X-Key\\n': '${A}'}}}",
            "checks.a.headers.X-Key\\n",
            "not the name of a header",
            "letters",
        ),
        (
            "metrics: {url: 'http://h/', headers: {Authorization: 'Bearer hunter2'}}",
            "metrics.headers.Authorization",
            "a secret stands in the file",
            "${NAME} or file:/path",
        ),
        (
            "metrics: {url: 'http://h/', headers: {Authorization: 'Bearer ${NOBODY}'}}",
            "metrics.headers.Authorization",
            "NOBODY is not set",
            "set NOBODY",
        ),
        (
            "checks: {a: {url: 'http://h/', headers: {X-Key: '${NOBODY}'}}}",
            "checks.a.headers.X-Key",
            "NOBODY is not set",
            "set NOBODY",
        ),
        (
            "checks: {a: {url: 'http://h/', expect: {conditions: [disk below 90]}}}",
            "checks.a.expect.conditions[0]",
            "not a condition",
            "checks.system.disk_percent < 95 else degraded",
        ),
        (
            "checks: {a: {url: 'http://h/', expect: {conditions: [state < good]}}}",
            "checks.a.expect.conditions[0]",
            "only numbers are less or more",
            "== or !=",
        ),
        ("checks: {'a b': {url: 'http://h/'}}", "checks.a b", "'a b' is not possible", "letters"),
    ],
)  # fmt: skip
def test_each_mistake_in_a_service_is_named(
    tmp_path: Path, line: str, key: str, what: str, remedy: str
) -> None:
    text = f"{_SERVICE}{line}\n      redis: {{}}\n"
    problem = only_problem(tmp_path, text)
    assert shown(problem) == ("quarterdeck.yaml", 6, f"systems.shop.services.api.{key}")
    assert what in problem.what
    assert remedy in problem.remedy
    assert "hunter2" not in str(problem)


def test_everything_wrong_is_named_at_once_in_order(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        """\
        version: 2
        enviroment: production
        systems:
          two: {profile: api-gatway}
          shop:
            redis: {url: "redis://h", password: hunter2}
            alerts: [{name: a, when: later}]
        """,
    )
    assert [(one.place.line, one.key) for one in found] == [
        (1, "version"),
        (2, "enviroment"),
        (4, "systems.two.profile"),
        (6, "systems.shop.redis.password"),
        (7, "systems.shop.alerts[0].when"),
    ]
    assert found[2].remedy == "did you mean 'api-gateway'?"
    assert "hunter2" not in " ".join(map(str, found))


def test_the_error_of_the_command_line_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigProblems) as caught:
        load(write(tmp_path, "version: 1\na: 1\nb: 2\n"), {})
    assert "\n" not in str(caught.value)
    assert "(and 1 more: see `quarterdeck validate`)" in str(caught.value)


def test_a_duplicate_key_names_both_lines(tmp_path: Path) -> None:
    problem = only_problem(tmp_path, "version: 1\nlabel: a\nlabel: b\n")
    assert shown(problem) == ("quarterdeck.yaml", 3, "label")
    assert "first on line 2" in problem.what


def test_a_yaml_bomb_is_refused(tmp_path: Path) -> None:
    lines = ["version: 1", "a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 30)]
    problem = only_problem(tmp_path, "\n".join(lines))
    assert problem.what.startswith("more than 200000 values")
    assert problem.remedy == "remove the aliases that multiply each other"


def test_a_file_that_others_can_write_is_refused(tmp_path: Path) -> None:
    for mode in (0o664, 0o646, 0o666):
        path = write(tmp_path, "version: 1\n", mode=mode)
        with pytest.raises(ConfigProblems) as caught:
            load(path, {})
        assert f"can be written by others (mode {mode:04o})" in str(caught.value)
        assert f"chmod go-w {path}" in str(caught.value)


def test_a_file_of_someone_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "version: 1\n")
    if os.geteuid() == 0:
        os.chown(path, 4711, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 4711)
    with pytest.raises(ConfigProblems, match=r"is owned by user \d+, who could change it"):
        load(path, {})


def test_an_unreadable_file_says_why(tmp_path: Path) -> None:
    with pytest.raises(ConfigProblems, match=r"none\.yaml: there is no such file; create it"):
        load(tmp_path / "none.yaml", {})
    with pytest.raises(ConfigProblems, match="is a folder; name a file"):
        load(tmp_path, {})


def test_a_file_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    path = write(tmp_path, "version: 1\n", mode=0o000)
    us = os.geteuid()
    os.seteuid(65534 if us == 0 else us)  # root may read everything
    try:
        with pytest.raises(ConfigProblems, match="may not be read by this user"):
            load(path, {})
    finally:
        os.seteuid(us)


def test_a_circular_include_is_named_where_it_closes(tmp_path: Path) -> None:
    write(tmp_path, "include: [quarterdeck.yaml]\n", "second.yaml")
    problem = only_problem(tmp_path, "version: 1\ninclude: [second.yaml]\n")
    assert shown(problem) == ("second.yaml", 1, "include")
    assert problem.what == "a circular include"


def test_a_circular_profile_is_named(tmp_path: Path) -> None:
    write(tmp_path, "systems: {a: {profile: ./b.yaml}}\n", "a.yaml")
    write(tmp_path, "systems: {b: {profile: ./a.yaml}}\n", "b.yaml")
    problem = only_problem(tmp_path, "version: 1\nsystems:\n  s: {profile: ./a.yaml}\n")
    assert problem.what == "a circular profile"
    assert shown(problem) == ("b.yaml", 1, "systems.s.profile")


def test_a_missing_include_names_the_line_that_asks_for_it(tmp_path: Path) -> None:
    problem = only_problem(tmp_path, "version: 1\ninclude:\n  - none.yaml\n")
    assert shown(problem) == ("quarterdeck.yaml", 3, "include")
    assert "none.yaml: there is no such file" in problem.what


def test_an_include_that_others_can_write_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "label: x\n", "open.yaml", mode=0o666)
    problem = only_problem(tmp_path, "version: 1\ninclude: [open.yaml]\n")
    assert "open.yaml: can be written by others" in problem.what


def test_a_mistake_in_an_include_names_that_file(tmp_path: Path) -> None:
    write(tmp_path, "host:\n  log_folder: []\n", "more.yaml")
    problem = only_problem(tmp_path, "version: 1\ninclude: [more.yaml]\n")
    assert shown(problem) == ("more.yaml", 2, "host.log_folder")


def test_a_mistake_laid_over_a_profile_names_the_line_of_the_user(tmp_path: Path) -> None:
    problem = only_problem(
        tmp_path,
        """\
        version: 1
        systems:
          gw:
            profile: api-gateway
            services:
              proxy-service:
                checks:
                  health: {every: often}
        """,
    )
    key = "systems.gw.services.proxy-service.checks.health.every"
    assert shown(problem) == ("quarterdeck.yaml", 8, key)


def test_too_many_targets_are_refused(tmp_path: Path) -> None:
    checks = "".join(f"          c{i}: {{url: 'tcp://h:1'}}\n" for i in range(10_001))
    text = f"version: 1\nsystems:\n  s:\n    services:\n      a:\n        checks:\n{checks}"
    problem = only_problem(tmp_path, text)
    assert problem.key == "systems"
    assert "10001 checks" in problem.what


def test_hostile_text_is_shown_visibly_in_an_error(tmp_path: Path) -> None:
    found = problems(tmp_path, 'version: 1\n"\\e]52;c;eA==\\a[/x]": 1\nenvironment: "\\e[2J"\n')
    text = " ".join(map(str, found))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "␛]52;c;eA==␇" in text


def test_something_other_than_keys_and_values_is_refused(tmp_path: Path) -> None:
    assert only_problem(tmp_path, "- a\n").remedy == "start with `version: 1`"
