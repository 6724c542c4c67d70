"""The composition root: what is looked at for which configuration, and what that imports."""

import subprocess
import sys
from dataclasses import replace

import pytest

from core.model.check import CheckKind
from core.model.topology import (
    ComposeService,
    MetricsSpec,
    PlainProcess,
    ServiceSpec,
    SystemdUnit,
    Topology,
)
from core.runtime import ClosableSource
from core.sources.unbuilt import UnbuiltSource
from tests.fakes.clock import FakeClock
from tests.fakes.world import check_spec, service, service_id, system, topology
from tui.bootstrap import sources_of


def of_kind(kind: CheckKind, url: str) -> ServiceSpec:
    return ServiceSpec(service_id("x"), "x", None, (check_spec("x", kind=kind, url=url),))


def names(watched: Topology, *, only_checks: bool = True) -> list[str]:
    return [source.name for source in sources_of(watched, FakeClock(), only_checks=only_checks)]


def test_each_check_has_a_source_named_after_it() -> None:
    watched = topology(system("shop", service("api", "live", "ready")))
    assert names(watched) == ["check local/shop/api/live", "check local/shop/api/ready"]


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (ComposeService("p", "s"), "containers"),
        (SystemdUnit("a.service"), "systemd units"),
        (PlainProcess(("a",)), "service processes"),
    ],
)
def test_each_kind_of_place_has_one_source_for_all_services(
    place: ComposeService | SystemdUnit | PlainProcess, name: str
) -> None:
    services = [ServiceSpec(service_id(one), one, place, ()) for one in ("a", "b")]
    assert names(topology(system("shop", *services))) == [name]


def test_a_pass_of_checks_leaves_out_what_no_verdict_depends_on() -> None:
    watched = topology(
        system("shop", service("api", metrics=MetricsSpec("http://127.0.0.1:9/metrics")))
    )
    watched = replace(watched, log_folders=("/var/log",))
    everything = set(names(watched, only_checks=False))
    left_out = everything - set(names(watched))
    assert left_out >= {"host", "processes", "ports"}
    assert len(left_out) == 5, "metrics and folders too"


def test_http_sources_share_one_client_that_is_closed_once() -> None:
    watched = topology(system("shop", service("a"), service("b")))
    owners = [one for one in sources_of(watched, FakeClock()) if isinstance(one, ClosableSource)]
    assert len(owners) == 1


def test_a_check_that_cannot_be_built_says_so_in_its_place_and_spoils_nothing() -> None:
    bad = of_kind(CheckKind.REDIS, "redis://127.0.0.1:not-a-port/0")
    sources = sources_of(topology(system("shop", bad, service("api"))), FakeClock())
    assert [type(one) is UnbuiltSource for one in sources if "/x/" in one.name] == [True]
    assert any("/api/" in one.name for one in sources)


@pytest.mark.parametrize(
    ("build", "wanted"),
    [
        ("service('api')", {"httpx"}),
        ("ServiceSpec(service_id('x'), 'x', None, (check_spec('x', kind=CheckKind.TCP),))", set()),
        ("ServiceSpec(service_id('x'), 'x', SystemdUnit('a.service'), ())", set()),
        ("ServiceSpec(service_id('x'), 'x', PlainProcess(('a',)), ())", {"psutil"}),
        ("ServiceSpec(service_id('x'), 'x', ComposeService('p', 's'), ())", {"docker"}),
    ],
)
def test_a_client_library_is_imported_only_for_what_needs_it(build: str, wanted: set[str]) -> None:
    code = (
        "import sys\n"
        "from core.clients.clock import SystemClock\n"
        "from core.model.check import CheckKind\n"
        "from core.model.topology import *\n"
        "from tests.fakes.world import *\n"
        "from tui.bootstrap import sources_of\n"
        f"sources_of(topology(system('shop', {build})), SystemClock(), only_checks=True)\n"
        "print(*sorted({'httpx','redis','docker','psutil','prometheus_client','textual','rich'}"
        " & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=180, check=True
    )
    assert set(done.stdout.split()) == wanted
