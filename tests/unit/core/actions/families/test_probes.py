"""Asking on purpose: caps, configured hosts only, and what the answers mean."""

from dataclasses import replace

import pytest

from core.actions.action import Draft, Site
from core.actions.families.probes import ACTIONS
from core.actions.part import Sight
from core.actions.ports import Ports
from core.clients.acting.prober import Timing
from core.errors import ActionError, ClientRefused
from core.model.check import CheckKind
from core.model.text import clean
from core.model.topology import Environment, ServiceSpec
from tests.fakes.acting_files import FakeFiles, FakeWork, Kill, Killed
from tests.fakes.acting_ground import Ground, carry_out, drafted, stored, warnings
from tests.fakes.acting_prober import FakeProber
from tests.fakes.world import check_spec, service, system, topology

HOST = "http://127.0.0.1:8000"
API = replace(
    service("api"), checks=(check_spec("api", url=f"{HOST}/health", kind=CheckKind.HEALTH),)
)
WEB = service("web", depends_on=("api",))
TIMING = Timing(clean("127.0.0.1"), 0.001, 0.002, None, 1.9, 2.0, 200, 120)


@pytest.fixture
def prober() -> FakeProber:
    return FakeProber()


def ports_of(prober: FakeProber, ground: Ground | None = None) -> Ports:
    return replace((ground or Ground()).ports, results="/state/results", prober=prober)


def site_of(
    prober: FakeProber,
    one: ServiceSpec = API,
    environment: Environment = Environment.DEVELOPMENT,
) -> Site:
    where = replace(topology(system("shop", one, WEB)), environment=environment)
    return Site(where, {}, ports_of(prober))


async def draft_of(prober: FakeProber, action: str, **inputs: str) -> Draft:
    given = {name.rstrip("_"): value for name, value in inputs.items()}
    return await drafted(ACTIONS, site_of(prober), action, "shop/api", **given)


async def outcome(prober: FakeProber, action: str, **inputs: str) -> tuple[str, str, FakeWork]:
    """Return how it ended, what its result says, and its place."""
    draft, work = await draft_of(prober, action, **inputs), FakeWork()
    end, why = await carry_out(draft, ports_of(prober), work)
    return end, why or str(work.said[-1]), work


# Where may be asked, and how much


@pytest.mark.parametrize(
    "path",
    ["//evil.example/x", "http://evil.example/", "@evil.example/", "/a b", "/\\evil", "x",
     "/a\r\nb", "/é", "/a#b", "?x"],
)  # fmt: skip
async def test_only_a_path_of_the_configured_host_is_asked(prober: FakeProber, path: str) -> None:
    with pytest.raises(ActionError, match="not a path of"):
        await draft_of(prober, "http.probe_limit", path=path)


async def test_the_address_is_that_of_the_services_own_checks(prober: FakeProber) -> None:
    prober.answers[f"{HOST}/health"] = [429]
    await outcome(prober, "http.probe_limit", requests="1")
    prober.answers[f"{HOST}/a?b=c"] = [429]
    await outcome(prober, "http.probe_limit", requests="1", path="/a?b=c")
    assert [one.url for one in prober.volleys] == [f"{HOST}/health", f"{HOST}/a?b=c"]


async def test_what_is_not_ours_or_speaks_no_http_is_never_asked(prober: FakeProber) -> None:
    outside = replace(API, is_outside=True)
    with pytest.raises(ActionError, match="not ours"):
        await drafted(ACTIONS, site_of(prober, outside), "http.probe_limit", "shop/api")
    deaf = replace(API, checks=(check_spec("api", url="tcp://127.0.0.1:1"),))
    site = site_of(prober, deaf)
    with pytest.raises(ActionError, match="speaks HTTP"):
        await drafted(ACTIONS, site, "load.run", "shop/api")
    assert all(one.reason_against or "web" in one.target for one in ACTIONS[0].offers(site))


@pytest.mark.parametrize(
    ("action", "inputs"),
    [
        ("http.probe_limit", {"requests": "501"}),
        ("http.probe_limit", {"per_s": "51"}),
        ("http.probe_limit", {"requests": "0"}),
        ("http.probe_limit", {"requests": "1e9"}),
        ("http.probe_limit", {"requests": "-5"}),
        ("http.probe_breaker", {"path": "/fail", "requests": "101"}),
        ("http.probe_breaker", {"path": "/fail", "within": "1h"}),
        ("load.run", {"per_s": "501"}),
        ("load.run", {"at_once": "51"}),
        ("load.run", {"for": "121s"}),
        ("load.run", {"errors": "101"}),
    ],
)
async def test_every_cap_is_kept(prober: FakeProber, action: str, inputs: dict[str, str]) -> None:
    with pytest.raises(ActionError):
        await draft_of(prober, action, **inputs)


async def test_production_is_loaded_less(prober: FakeProber) -> None:
    site = site_of(prober, environment=Environment.PRODUCTION)
    with pytest.raises(ActionError, match="per_s is a number up to 50"):
        await drafted(ACTIONS, site, "load.run", "shop/api", per_s="100")


async def test_the_plan_says_who_else_suffers(prober: FakeProber) -> None:
    draft = await draft_of(prober, "http.probe_limit", requests="110")
    assert draft.radius == (
        f"110 requests to {HOST}/health",
        "whoever shares this machine's address is refused too, until the limiter lets go",
        "1 service depends on it: shop/web",
    )


# Rate limits


async def test_the_first_429_is_told_with_its_retry_after(prober: FakeProber) -> None:
    prober.answers[f"{HOST}/health"] = [*[200] * 61, 429]
    prober.headers[429] = (("retry-after", "12"), ("x-ratelimit-limit", "60"))
    end, text, work = await outcome(prober, "http.probe_limit")
    assert end == "verified"
    assert text == "the 62nd of 100 was refused after 1.2 s (61 x 200, 39 x 429), Retry-After 12"
    assert b'"x-ratelimit-limit"' in work.kept("result.json")
    assert "1/100 after 0.0 s: 200, 10 ms" in work.said
    assert "62/100 after 1.2 s: 429, 10 ms" in work.said


async def test_no_429_is_a_finding(prober: FakeProber) -> None:
    prober.answers[f"{HOST}/health"] = [200]
    end, text, _ = await outcome(prober, "http.probe_limit")
    assert (end, text) == ("rolled_back", "no 429 within 100 requests: 100 x 200")


async def test_a_login_before_everything_is_told_and_proves_nothing(prober: FakeProber) -> None:
    prober.answers[f"{HOST}/health"] = [307]
    end, text, _ = await outcome(prober, "http.probe_limit", requests="110")
    assert end == "ran but unverified"
    assert "every answer is 307: a login or a redirect comes before the limiter" in text


async def test_no_answer_at_all_is_told_as_that(prober: FakeProber) -> None:
    prober.answers[f"{HOST}/health"] = [(0, "nothing listens on 127.0.0.1:8000")]
    end, text, _ = await outcome(prober, "http.probe_limit", requests="5")
    assert (end, text) == (
        "rolled_back", "no answer at all: nothing listens on 127.0.0.1:8000",
    )  # fmt: skip


# Circuit breakers


async def test_a_breaker_that_opens_is_seen_and_nothing_more_is_sent(prober: FakeProber) -> None:
    prober.answers[f"{HOST}/fail"] = [500, 500, 500, 500, 500, 503]
    end, text, _ = await outcome(prober, "http.probe_breaker", path="/fail")
    assert (end, text) == ("verified", "it opened at the 6th request (5 x 500, 1 x 503)")


async def test_a_breaker_that_says_so_itself_is_believed(prober: FakeProber) -> None:
    prober.answers[f"{HOST}/fail"] = [502, (502, '{"detail": "Circuit breaker is OPEN"}')]
    end, text, _ = await outcome(prober, "http.probe_breaker", path="/fail")
    assert (end, text.split(" (")[0]) == ("verified", "it opened at the 2nd request")


@pytest.mark.parametrize(
    ("answers", "end", "text"),
    [
        ([500], "rolled_back", "did not open within 20 failures"),
        ([200], "rolled_back", "the path does not fail"),
        ([503], "ran but unverified", "open before, or it always answers so"),
    ],
)
async def test_a_breaker_that_does_not_trip_is_told(
    prober: FakeProber, answers: list[int], end: str, text: str
) -> None:
    prober.answers[f"{HOST}/fail"] = list(answers)
    found, said, _ = await outcome(prober, "http.probe_breaker", path="/fail")
    assert found == end
    assert text in said


async def test_its_recovery_is_waited_for_with_its_trace(prober: FakeProber) -> None:
    prober.answers[f"{HOST}/fail"] = [500, 503]
    prober.answers[f"{HOST}/ok"] = [503, 503, 200]
    end, text, work = await outcome(prober, "http.probe_breaker", path="/fail", recovers="/ok")
    assert end == "verified"
    assert text.endswith("; it works again after 10 s")
    assert "0 s after it opened: 503" in work.said


async def test_a_breaker_that_stays_open_is_told(prober: FakeProber) -> None:
    prober.answers[f"{HOST}/fail"] = [500, 503]
    prober.answers[f"{HOST}/ok"] = [503]
    end, text, _ = await outcome(
        prober, "http.probe_breaker", path="/fail", recovers="/ok", within="20s"
    )
    assert end == "rolled_back"
    assert "not recovered within 20 s: 503" in text


async def test_that_redis_is_not_looked_at_is_said(prober: FakeProber) -> None:
    draft = await draft_of(prober, "http.probe_breaker", path="/fail")
    assert "state in Redis is not looked at" in warnings(draft)[0]


# Timing


async def test_one_request_is_told_part_by_part(prober: FakeProber) -> None:
    prober.timing = TIMING
    end, text, _ = await outcome(prober, "http.time", path="/slow")
    assert prober.calls == [("TIME", f"{HOST}/slow")]
    assert (end, text) == (
        "verified",
        "200, name 0.001 s, connect 0.002 s, first byte 1.900 s, total 2.000 s",
    )


async def test_a_request_over_its_time_or_without_an_answer_is_bad(prober: FakeProber) -> None:
    prober.timing = TIMING
    assert (await outcome(prober, "http.time", most="1s"))[1].endswith(": over 1 s")
    prober.timing = ClientRefused("nothing listens there")
    assert (await outcome(prober, "http.time"))[:2] == ("rolled_back", "nothing listens there")


# Load


async def test_load_is_measured_in_percentiles(prober: FakeProber) -> None:
    prober.answers[f"{HOST}/health"] = [200]
    prober.latencies_s = [0.01] * 94 + [0.5] * 6
    end, text, work = await outcome(prober, "load.run", requests="100")
    assert end == "verified"
    assert "p50 10 ms, p95 500 ms, p99 500 ms" in text
    assert len(work.said) < 20, "progress is told now and then"


async def test_load_is_bad_when_it_is_slow_or_fails(prober: FakeProber) -> None:
    prober.answers[f"{HOST}/health"] = [200]
    prober.latencies_s = [0.5]
    end, text, _ = await outcome(prober, "load.run", requests="100", p95="300ms")
    assert (end, text.endswith("p95 is over 300 ms")) == ("rolled_back", True)
    prober.answers[f"{HOST}/health"] = [500, 200]
    assert "1 failed (99 x 200, 1 x 500)" in (await outcome(prober, "load.run", requests="100"))[1]
    prober.answers[f"{HOST}/health"] = [500, 200]
    assert (await outcome(prober, "load.run", requests="100", errors="1"))[0] == "verified"


async def test_load_that_mostly_fails_ends_by_itself(prober: FakeProber) -> None:
    prober.answers[f"{HOST}/health"] = [500]
    end, text, _ = await outcome(prober, "load.run", requests="300")
    assert end == "rolled_back"
    assert "stopped after 50 of 300" in text


# Killed in the middle


@pytest.mark.parametrize(
    "action", ["http.probe_limit", "http.probe_breaker", "http.time", "load.run"]
)
@pytest.mark.parametrize("at", [1, 2, 3])
async def test_killed_anywhere_nothing_is_left_after_undo(action: str, at: int) -> None:
    prober, ground = FakeProber(timing=TIMING), Ground()
    fine = 429 if action == "http.probe_limit" else 200
    prober.answers = {f"{HOST}/health": [fine], f"{HOST}/fail": [500, 503]}
    path = "/fail" if action == "http.probe_breaker" else ""
    draft = await draft_of(prober, action, path=path)
    ports, work, step = ports_of(prober, ground), FakeWork(), stored(draft.steps[0].step)
    assert isinstance(ground.files, FakeFiles)
    ground.files.kill = Kill(at)
    with pytest.raises(Killed):
        await step.apply(ports, work)
    expected = {1: Sight.BEFORE, 2: Sight.NEITHER, 3: Sight.AFTER}[at]
    assert (await step.observe(ports)).sight is expected
    await step.undo(ports, work)
    assert (await step.observe(ports)).sight is Sight.BEFORE
    await step.apply(ports, work)
    assert (await step.observe(ports)).sight is Sight.AFTER
