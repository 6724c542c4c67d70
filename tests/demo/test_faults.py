"""Each fault turns the right system to the right verdict for the right reason, and back."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from demo.control import Control
from demo.faults import ALL, Fault
from demo.supervisor import Demo
from tests.demo.looking import checked, until

PROBE_INTERVAL_S = 3.0
"""As the demo's configuration has it."""
ASKED_FOR = {
    "upstream-down",
    "breaker-open",
    "stuck-consumer",
    "poison-messages",
    "error-burst",
    "slow-responses",
    "memory-growth",
    "scheduler-stalled",
    "path-traversal",
    "redis-down",
    "disk-nearly-full",
}


def seen(demo: Demo, fault: Fault) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fault's check and its system, as `check --json` has them."""
    document = checked(demo.home.config, fault.system)
    named = (fault.service, fault.check)
    check = next(one for one in document["checks"] if (one["service"], one["check"]) == named)
    return check, document["systems"][0]


def within_two_intervals(
    demo: Demo, fault: Fault, is_so: Callable[[dict[str, Any], dict[str, Any]], bool]
) -> None:
    """Fail unless a check shows it, at the latest the first one begun after two probe intervals.

    One check may take longer than that where the machine is slow.
    """
    end = time.monotonic() + 2 * PROBE_INTERVAL_S
    while True:
        is_last = time.monotonic() > end
        check, system = seen(demo, fault)
        if is_so(check, system):
            return
        if is_last:
            pytest.fail(f"{fault.name}: {check['verdict']}: {check['reason']} / {system}")


@pytest.mark.parametrize("fault", ALL, ids=lambda fault: fault.name)
def test_a_fault_shows_with_its_reason_and_goes_away(demo: Demo, fault: Fault) -> None:
    control = Control(demo.home.folder)
    control.set(fault.name, True)
    within_two_intervals(
        demo,
        fault,
        lambda check, system: (
            check["verdict"] == fault.verdict
            and re.search(fault.reason, check["reason"]) is not None
            and system["verdict"] == (fault.system_verdict or fault.verdict)
        ),
    )
    control.set(fault.name, False)
    within_two_intervals(
        demo, fault, lambda check, system: check["verdict"] == system["verdict"] == "ok"
    )


def looked_at_quickly(demo: Demo) -> dict[str, Any]:
    """Return what a check of all systems finds; nothing where a busy machine made answers slow."""
    document = checked(demo.home.config)
    return {} if any(one["state"] == "slow" for one in document["checks"]) else document


def test_without_faults_everything_is_ok_and_the_exit_code_says_so(demo: Demo) -> None:
    document = until(lambda: looked_at_quickly(demo))
    assert {one["system"]: one["verdict"] for one in document["systems"]} == dict.fromkeys(
        ("decision-engine", "ai-diy", "business-engine", "api-gateway", "cost-dashboard"), "ok"
    )
    assert document["exit_code"] == 0
    wrong = [one for one in document["checks"] if one["verdict"] != "ok"]
    assert wrong == []


def test_every_fault_that_was_promised_is_there() -> None:
    assert {fault.name for fault in ALL} >= ASKED_FOR
    assert len({fault.name for fault in ALL}) == len(ALL)


def test_every_fault_is_in_the_guide_as_it_is() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "demo.md").read_text("utf-8")
    for fault in ALL:
        told = f"`{fault.service}` / `{fault.check}`: {fault.verdict} |"
        assert f"| `{fault.name}` | {fault.system} | {fault.how} | {told}" in guide


def test_what_hangs_on_redis_is_a_consequence_of_it(demo: Demo) -> None:
    demo.set_fault("redis-down", True)
    document = checked(demo.home.config)
    because = {
        (one["system"], one["check"]): one["because"]
        for one in document["checks"]
        if one["verdict"] == "down" and one["check"] != "redis"
    }
    assert because[("api-gateway", "proxy")] == "redis"
    assert because[("business-engine", "manager")] == "redis"
