"""Validators, package managers and the other tools of the runbooks."""

import json

import pytest

from core.actions.judging import Judged, Report, judge
from core.actions.verdicts.calls import call_of
from core.actions.verdicts.outdated import parse_npm_outdated, parse_pip_outdated
from core.model.operation import JudgeSpec
from core.model.text import clean_lines
from tests.fakes.acting_commands import ran

PIP_TABLE = """Package    Version Latest Type
---------- ------- ------ -----
fastapi    0.100.0 0.115.0 wheel
uvicorn    0.20.0  0.30.0  wheel
"""
NPM_TABLE = """Package  Current  Wanted  Latest  Location  Depended by
next      14.0.0  14.2.3  15.0.1  node_modules/next  web
react    MISSING  18.3.1  19.0.0  -  web
"""
AUDIT = {"metadata": {"vulnerabilities": {"info": 0, "low": 1, "moderate": 2, "high": 3,
                                          "critical": 0, "total": 6}}}  # fmt: skip


def read(argv: str, output: str = "", errors: str = "", exit_code: int = 0) -> Judged:
    return judge(None, ran(exit_code, output, errors), tuple(argv.split()))


def test_a_validator_is_right_wrong_or_broken() -> None:
    argv = "python development/validate_config.py"
    assert read(argv, "Checking…\n✅ Configuration is valid").is_good is True
    wrong = read(argv, "❌ LOG_LEVEL: not one of INFO\n❌ DATA_ROOT missing", exit_code=1)
    assert (wrong.is_good, wrong.text.startswith("2 problems: LOG_LEVEL")) == (False, True)
    broken = read(argv, "", "Traceback (most recent call last):\n  x\nImportError: no yaml", 1)
    assert (
        broken.text
        == "the validator crashed, so nothing is known of what it checks: ImportError: no yaml"
    )
    assert read(argv, "✅ a\n❌ b").is_good is False, "exit 0 does not outweigh a problem"
    assert read(argv, "").is_good is None, "silence is no success"
    assert read(argv, "looked at 3 files").is_good is None


@pytest.mark.parametrize(
    ("argv", "output", "errors", "exit_code", "is_good", "text"),
    [
        ("pip check", "No broken requirements found.", "", 0, True, "no broken requirements"),
        ("pip check", "a 1.0 requires b, which is not installed.", "", 1, False, "1 broken"),
        ("pip check", "", "", 0, None, "not understood"),
        ("pip install -r r.txt", "Successfully installed a-1 b-2", "", 0, True, "a-1 b-2"),
        ("pip install -r r.txt", "Requirement already satisfied: a in /x", "", 0, True, "1 req"),
        ("pip install x", "Successfully installed x-1", "ERROR: pip's dependency resolver does",
         0, False, "pip's dependency resolver"),
        ("pip list --outdated", PIP_TABLE, "", 0, True, "2 packages outdated: fastapi 0.100.0"),
        ("pip list --outdated", "", "", 0, True, "0 packages"),
        ("npm outdated", NPM_TABLE, "", 1, True, "2 packages outdated"),
        ("npm audit --json", json.dumps(AUDIT), "", 1, False, "3 high, 2 moderate, 1 low"),
        ("npm audit", "found 0 vulnerabilities", "", 0, True, "no known"),
        ("npm audit", "4 vulnerabilities (3 moderate, 1 critical)", "", 1, False, "1 critical"),
        ("npm audit", "1 low severity vulnerability", "", 1, False, "1 some"),
        ("npm run build", "✓ built in 3.20s", "", 0, True, "built in"),
        ("npm run build", "", "npm ERR! code ELIFECYCLE\nnpm ERR! web@1 build: `next build`", 1,
         False, "web@1 build"),
        ("npm run build", "> next build", "", 0, None, "not understood"),
        ("alembic current", "ae1027a6acf4 (head)", "INFO  [alembic] x", 0, True, "at the head"),
        ("alembic current", "ae1027a6acf4", "", 0, False, "migrations are pending"),
        ("alembic current", "", "INFO  [alembic] Context", 0, False, "has no revision"),
        ("alembic upgrade head", "", "INFO  [alembic.runtime] Running upgrade a1 -> b2, m",
         0, True, "1 migration run"),
        ("alembic upgrade head", "", "FAILED: Can't locate revision identified by 'x'", 255, False,
         "Can't locate revision"),
        ("kubectl scale deploy/x --replicas=5", "deployment.apps/x scaled", "", 0, True, "scaled"),
        ("kubectl rollout status d/x", 'deployment "x" successfully rolled out', "", 0, True, "x"),
        ("kubectl get pods", "", "Error from server (NotFound): pods not found", 1, False, "NotF"),
        ("kubectl get pods", "", "The connection to the server localhost:8080 was refused - did", 1,
         False, "was refused"),
        ("kubectl get pods", "NAME READY", "", 0, None, "not understood"),
        ("vercel --prod", "https://x.vercel.app", "✅  Production: https://x.vercel.app", 0, True,
         "Production"),
        ("vercel --prod", "", "Error: No existing credentials found. Please run `vercel login`", 1,
         False, "nobody is logged in"),
        ("vercel rollback", "", "Error: Deployment not found", 1, False, "Deployment not found"),
        ("docker scout cves x", "  target │ x │   0C     2H     5M    20L", "", 0, False, "2 high"),
        ("docker scout cves x", "  x │   0C     0H     0M     3L", "", 0, True, "3 low"),
        ("docker scout cves x", "", "No vulnerable packages detected", 0, True, "no known"),
        ("docker scout cves x", "", "hello", 0, None, "not understood"),
        ("nginx -t", "", "nginx: configuration file x test is successful", 0, True, "sound"),
        ("nginx -t", "", 'nginx: [emerg] unknown directive "x" in a:1', 1, False, "unknown"),
        ("ping -c 4 x", "4 packets transmitted, 4 received, 0% packet loss", "", 0, True, "4 of"),
        ("ping -c 4 x", "4 packets transmitted, 0 packets received, 100% packet loss", "", 1, False,
         "0 of 4"),
        ("curl -sv http://x", "", "< HTTP/1.1 200 OK", 0, True, "answered 200"),
        ("curl -sv http://x", "", "< HTTP/1.1 503 Service Unavailable", 0, False, "answered 503"),
        ("curl -sv http://x", "", "curl: (7) Failed", 7, False, "nothing listens there"),
        ("grep -rn KEY app/", "", "", 1, True, "0 lines"),
        ("grep -rn KEY app/", "", "grep: app/: No such file", 2, False, "exit 2"),
    ],
)  # fmt: skip
def test_a_tool_is_read_by_its_words(
    argv: str, output: str, errors: str, exit_code: int, is_good: bool | None, text: str
) -> None:
    judged = read(argv, output, errors, exit_code)
    assert judged.is_good is is_good, judged.text
    assert text in judged.text


def test_a_part_that_is_not_there_is_absence() -> None:
    assert read("docker scout x", "", "docker: 'scout' is not a docker command.", 1).is_absent
    assert read("npm run build", "", 'npm ERR! Missing script: "build"', 1).is_absent
    assert read("ping x", "", "exec: ping: executable file not found in $PATH", 126).is_absent
    assert read("nothing", "", "", 127).text == "nothing is not there"
    shell = read("bash -c x", "", "bash: line 1: x: command not found", 127)
    assert (shell.is_absent, shell.text) == (True, "bash: line 1: x: command not found")


def test_a_script_that_marks_an_error_and_exits_with_0_is_bad() -> None:
    assert read("python api/manage_api_keys.py info", "[ERROR] unknown key").is_good is False


def test_a_tool_is_known_whatever_carries_it() -> None:
    def tool(text: str) -> str:
        return call_of(tuple(text.split())).tool

    assert tool("venv/bin/python -m pip list") == "pip"
    assert tool("/usr/bin/python3.11 -m pytest -q") == "pytest"
    assert tool("pip3.11 check") == "pip"
    assert tool("docker scout cves x") == "scout"
    assert tool("uv run alembic current") == "alembic"
    assert tool("bash ./validate.sh") == "validate.sh"
    assert tool("bash -c ab") == "bash"


# What the configuration says of a command


def test_the_configurations_words_outweigh_a_good_parser() -> None:
    spec = JudgeSpec(never_says=("deprecated",))
    assert (
        judge(spec, ran(0, "✅ Configuration is valid, deprecated"), ("x_valid",)).is_good is False
    )
    assert judge(JudgeSpec(exit=(3,)), ran(0, "anything"), ("x",)).is_good is False
    assert judge(JudgeSpec(exit=(3,), says=("any",)), ran(3, "anything"), ("x",)).is_good is True


def test_that_nothing_forbidden_was_said_is_no_success_by_itself() -> None:
    assert judge(JudgeSpec(never_says=("ERROR",)), ran(0, "fine?"), ("x",)).is_good is None
    assert judge(JudgeSpec(says=("fine",)), ran(0, "fine?"), ("x",)).is_good is True
    assert judge(JudgeSpec(says=("fine",)), ran(0, ""), ("x",)).is_good is False


@pytest.mark.parametrize(
    ("report", "is_good", "text"),
    [
        (Report(b'{"ready": true}', 10), True, "ready is true"),
        (Report(b'{"ready": false}', 10), False, "ready of its report is false"),
        (Report(b'{"ready": true}', 7200), False, "7200 s old"),
        (Report(b"{", 10), False, "no JSON"),
        (Report(b"{}", 10), False, "has no ready"),
        (Report(b"[1]", 10), False, "has no ready"),
        (None, False, "no report"),
    ],
)
def test_a_report_is_read_and_must_be_fresh(
    report: Report | None, is_good: bool, text: str
) -> None:
    spec = JudgeSpec(
        report="/srv/ready.json", report_path="ready", report_equals="true", fresh_s=3600
    )
    judged = judge(spec, ran(0, "done"), ("python", "prepare.py"), report)
    assert judged.is_good is is_good
    assert text in judged.text


def test_warnings_are_not_what_a_failure_is_told_by() -> None:
    judged = read("npm run x", "it broke here", "npm warn Unknown user config", 1)
    assert judged.text == "exit 1: it broke here"


def test_a_signal_is_named_and_text_from_outside_is_harmless() -> None:
    judged = judge(None, ran(-9, "\x1b[2Jbye"), ("x",))
    assert judged.is_good is False
    assert judged.text == "ended by SIGKILL: ␛[2Jbye"


# Rows for tables


def test_outdated_packages_are_rows_as_table_and_as_json() -> None:
    rows = parse_pip_outdated(clean_lines(PIP_TABLE))
    text = '[{"name": "fastapi", "version": "0.100.0", "latest_version": "0.115.0"}]'
    as_json = parse_pip_outdated(clean_lines(text))
    assert rows is not None
    assert as_json is not None
    assert [one.name for one in rows] == ["fastapi", "uvicorn"]
    assert as_json[0] == rows[0]
    npm = parse_npm_outdated(clean_lines(NPM_TABLE))
    assert npm is not None
    assert [(one.name, one.current, one.wanted, one.latest) for one in npm] == [
        ("next", "14.0.0", "14.2.3", "15.0.1"),
        ("react", "", "18.3.1", "19.0.0"),
    ]
    assert parse_pip_outdated(clean_lines("hello")) is None
    assert parse_npm_outdated(clean_lines('{"error": {"code": "X"}}')) is None
