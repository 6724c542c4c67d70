"""The commands as a person or cron runs them: real processes against real loopback servers."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.loopback import Loopback, loopback, refused_port

HEALTHY = (200, '{"status": "healthy", "checks": {"db": "ok"}}')
SICK = (503, '{"status": "unhealthy", "checks": {"db": "down"}}')
ENTRY = [sys.executable, "-c", "from cli.main import main; main()"]


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback({"/health": HEALTHY, "/ready": HEALTHY}) as running:
        yield running


def configured(folder: Path, text: str) -> Path:
    path = folder / "quarterdeck.yaml"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def one_system(folder: Path, *urls: str) -> Path:
    lines = ["version: 1", "environment: development", "systems:", "  shop:", "    services:"]
    for number, url in enumerate(urls):
        lines += [
            f"      s{number}:",
            f"        checks: {{health: {{url: '{url}', every: 1s, timeout: 30s}}}}",
        ]
    return configured(folder, "\n".join(lines) + "\n")


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*ENTRY, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
    )


def assert_one_line(text: str) -> None:
    assert text.startswith("quarterdeck: ")
    assert text.count("\n") == 1
    assert "Traceback" not in text


def test_all_well_exits_0_and_says_so_without_colour(server: Loopback, tmp_path: Path) -> None:
    done = run(
        "check",
        "--config",
        one_system(tmp_path, f"http://127.0.0.1:{server.port}/health"),
        TERM="xterm-256color",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("● ok  shop")
    assert "\x1b" not in done.stdout


def test_each_check_is_listed_in_json(server: Loopback, tmp_path: Path) -> None:
    server.answers["/ready"] = SICK
    base = f"http://127.0.0.1:{server.port}"
    done = run(
        "check", "--json", "--config", one_system(tmp_path, f"{base}/health", f"{base}/ready")
    )
    assert done.returncode == 1
    well, sick = json.loads(done.stdout)["checks"]
    assert (well["service"], well["verdict"], well["http_status"]) == ("s0", "ok", 200)
    assert (sick["service"], sick["verdict"], sick["http_status"]) == ("s1", "down", 503)
    assert well["latency_ms"] > 0
    assert [one["name"] for one in well["components"]] == ["db"]
    assert well["observed_at"].endswith("Z")


def test_one_that_answers_among_the_dead_exits_1(server: Loopback, tmp_path: Path) -> None:
    dead = f"http://127.0.0.1:{refused_port()}/health"
    path = one_system(tmp_path, f"http://127.0.0.1:{server.port}/health", dead)
    assert run("check", "--config", path).returncode == 1


def test_nothing_reached_exits_3(tmp_path: Path) -> None:
    path = one_system(tmp_path, f"http://127.0.0.1:{refused_port()}/health")
    done = run("check", "--config", path)
    assert done.returncode == 3
    assert done.stderr == "quarterdeck: nothing could be reached\n"


@pytest.mark.parametrize("verb", ["check", "status", "doctor", "validate"])
def test_a_wrong_configuration_exits_2_with_one_line(verb: str, tmp_path: Path) -> None:
    path = configured(tmp_path, "version: 1\nenvironment: productoin\n")
    done = run(verb, "--config", path)
    assert (done.returncode, done.stdout) == (2, "")
    assert_one_line(done.stderr)
    assert f"{path}:2: environment: " in done.stderr


def test_no_configuration_exits_2_and_says_where_it_looked(tmp_path: Path) -> None:
    done = subprocess.run(
        [*ENTRY, "check"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert done.returncode == 2
    assert_one_line(done.stderr)
    assert "--config" in done.stderr


def test_an_unknown_system_exits_2_and_names_the_nearest(tmp_path: Path) -> None:
    path = one_system(tmp_path, "http://127.0.0.1:9/health")
    done = run("check", "shopp", "--config", path)
    assert done.returncode == 2
    assert_one_line(done.stderr)
    assert "did you mean shop?" in done.stderr


def test_a_configuration_without_checks_exits_2(tmp_path: Path) -> None:
    path = configured(tmp_path, "version: 1\nenvironment: development\nsystems: {shop: {}}\n")
    done = run("check", "--config", path)
    assert done.returncode == 2
    assert_one_line(done.stderr)


def test_systems_may_be_named_in_both_ways(server: Loopback, tmp_path: Path) -> None:
    path = one_system(tmp_path, f"http://127.0.0.1:{server.port}/health")
    assert run("check", "shop", "--config", path).returncode == 0
    assert run("--config", path, "check", "--system", "shop").returncode == 0


def test_status_prints_one_document_and_exits_0_whatever_was_found(tmp_path: Path) -> None:
    path = one_system(tmp_path, f"http://127.0.0.1:{refused_port()}/health")
    done = run("status", "--json", "--config", path)
    document = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert document["systems"][0]["services"][0]["verdict"] == "down"
    assert document["host"]["sample"]["memory_total_bytes"] > 0
    assert document["host"]["processes"]


def test_validate_counts_what_a_good_file_has_and_lists_what_is_wrong_in_a_bad_one(
    tmp_path: Path,
) -> None:
    good = run("validate", one_system(tmp_path, "http://127.0.0.1:9/health"))
    assert good.returncode == 0
    assert good.stdout.rstrip().endswith("ok (1 systems, 1 services, 1 checks)")
    path = configured(tmp_path, "version: 1\nenvironment: nowhere\nsistems: {}\n")
    bad = run("validate", path)
    assert bad.returncode == 2
    assert len(bad.stderr.splitlines()) >= 2
    listed = json.loads(run("validate", path, "--json").stdout)
    assert not listed["is_valid"]
    assert {(one["line"], one["key"]) for one in listed["problems"]} >= {
        (2, "environment"),
        (3, "sistems"),
    }


def test_the_schema_is_json(tmp_path: Path) -> None:
    done = run("schema")
    assert done.returncode == 0
    assert "systems" in json.loads(done.stdout)["properties"]


def test_an_unknown_verb_or_option_exits_2_with_one_line() -> None:
    for arguments in (["chek"], ["check", "--jsno"], ["--nope"]):
        done = run(*arguments)
        assert done.returncode == 2
        assert_one_line(done.stderr)
    assert "did you mean 'check'?" in run("chek").stderr


def test_help_and_version_are_everywhere() -> None:
    assert "check" in run("-h").stdout
    assert "--json" in run("check", "-h").stdout
    assert run("--version").stdout.startswith("quarterdeck ")


def test_checking_never_loads_textual_nor_libraries_that_nothing_needs(
    server: Loopback, tmp_path: Path
) -> None:
    path = one_system(tmp_path, f"http://127.0.0.1:{server.port}/health")
    code = (
        "import sys; from cli.main import run\n"
        f"code = run(['check', '--config', {str(path)!r}])\n"
        "print(code, sorted({'textual', 'docker', 'redis', 'psutil', 'rich', 'prometheus_client'}"
        " & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=True
    )
    assert done.stdout.splitlines()[-1] == "0 []"


def test_a_reader_that_goes_away_is_no_error_of_ours(server: Loopback, tmp_path: Path) -> None:
    path = one_system(tmp_path, f"http://127.0.0.1:{server.port}/health")
    process = subprocess.Popen(
        [*ENTRY, "check", "--config", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    complaint = process.stderr.read()
    process.stderr.close()
    assert process.wait(120) == 141
    assert complaint == b""


def test_an_interrupt_while_looking_exits_130_at_once(server: Loopback, tmp_path: Path) -> None:
    path = one_system(tmp_path, f"http://127.0.0.1:{server.port}/hang")
    process = subprocess.Popen(
        [*ENTRY, "check", "--config", str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A job in the background of a script is started with the interrupt ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    assert server.asked.wait(120)
    process.send_signal(signal.SIGINT)
    _, complaint = process.communicate(timeout=120)
    assert (process.returncode, complaint.strip()) == (130, "quarterdeck: interrupted")
