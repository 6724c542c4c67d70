"""Rules for all tests: real components are used where they are, and named where they are not."""

import os
import sys
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

from core.model.veil import VEIL
from tests.components import why_absent

# How long an example takes says something of the machine, and nothing of what is proved.
settings.register_profile(
    "patient", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("patient")

REQUIRE_REAL = "QD_REQUIRE_REAL"
"""Set in CI: a real-component test that cannot run is a failure there."""


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip by name what needs an absent component; in CI fail instead."""
    missing = [
        reason
        for marker in item.iter_markers("real")
        for component in marker.args
        if (reason := why_absent(str(component)))
    ]
    if not missing:
        return
    reason = "; ".join(missing)
    if os.environ.get(REQUIRE_REAL):
        pytest.fail(f"real component required here: {reason}", pytrace=False)
    pytest.skip(f"not run: {reason}")


@pytest.hookimpl(hookwrapper=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter,
) -> Generator[None, None, None]:
    """List by name what was not run, and why, so that nobody takes it for passed."""
    yield
    skipped: list[pytest.TestReport] = terminalreporter.stats.get("skipped", [])
    names = sorted(
        (report.nodeid, str(report.longrepr[2]))
        for report in skipped
        if isinstance(report.longrepr, tuple) and "not run:" in str(report.longrepr[2])
    )
    if names:
        terminalreporter.section("not run here", sep="-")
        for name, reason in names:
            terminalreporter.write_line(f"{name}  {reason.removeprefix('Skipped: ')}")


@pytest.fixture(autouse=True)
def plain_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Keep the developer's own configuration, colours and state out of the tests."""
    state = tmp_path_factory.mktemp("state")
    for name in ("QUARTERDECK_CONFIG", "NO_COLOR", "TEXTUAL_THEME", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(state / "config"))


@pytest.fixture(autouse=True)
def nothing_hidden() -> Generator[None]:
    """Begin and end with nothing known to be secret: what hides is one for the whole process."""
    VEIL.redacting = None
    yield
    VEIL.redacting = None


@pytest.fixture(autouse=True)
def patient_pilots(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have pilots wait for applications as long as it takes; nothing where there is none."""
    if "textual.app" in sys.modules:
        from tests.fakes.patience import make_patient  # noqa: PLC0415 - only with Textual there

        make_patient(monkeypatch)
