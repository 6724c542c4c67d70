"""What is shown: worst wins, old is not now, consequences are told from causes."""

from collections.abc import Iterable

from core.model.events import Event, SourceReported
from core.model.snapshot import EMPTY_SNAPSHOT, Snapshot
from core.model.text import clean
from core.model.topology import ComposeService, Topology
from core.model.verdict import Verdict
from core.model.views import ServiceView, SystemView
from core.store.reducer import reduce_all
from core.store.selectors import picture, system_views
from tests.fakes.world import at, check_id, container, observed, service, system, topology

IN_COMPOSE = ComposeService("shop", "api")
DOWN, DEGRADED, OK, UNKNOWN = Verdict.DOWN, Verdict.DEGRADED, Verdict.OK, Verdict.UNKNOWN


def known(*events: Event) -> Snapshot:
    return reduce_all(EMPTY_SNAPSHOT, events)


def shown(
    watched: Topology, events: Iterable[Event], seconds: float = 5.0
) -> tuple[SystemView, dict[str, ServiceView]]:
    view = system_views(watched, known(*events), at(seconds))[0]
    return view, {one.spec.id.service: one for one in view.services}


def test_the_worst_check_makes_the_service_and_the_worst_service_the_system() -> None:
    watched = topology(system("shop", service("api", "live", "ready"), service("db")))
    events = [
        observed("api", check="live"),
        observed("api", DEGRADED, "slow", check="ready"),
        observed("db"),
    ]
    view, services = shown(watched, events)
    assert services["api"].verdict is DEGRADED
    assert services["api"].reason == "ready: slow", "which of several checks is named"
    assert view.verdict is DEGRADED
    assert view.reason == "api: ready: slow"
    assert view.counts == ((DEGRADED, 1), (OK, 1))


def test_before_the_first_probe_a_check_is_loading_and_blamed_on_nobody() -> None:
    watched = topology(system("shop", service("api", depends_on=("db",)), service("db")))
    view, services = shown(watched, [observed("db", DOWN)])
    assert services["api"].state == "loading"
    assert services["api"].because == ""
    assert view.reason == "db: down"


def test_a_source_that_cannot_look_says_why() -> None:
    watched = topology(system("shop", service("api")))
    name = f"check {check_id('api')}"
    report = SourceReported(name, at(0), False, clean("the CA file is not readable"), None)
    _, services = shown(watched, [report])
    assert services["api"].checks[0].state == "cannot look"
    assert services["api"].reason == "the CA file is not readable"


def test_an_answer_speaks_for_three_intervals_and_one_timeout_and_then_is_stale() -> None:
    watched = topology(system("shop", service("api")))
    events = [observed("api", latency_s=0.2)]
    _, before = shown(watched, events, seconds=35)
    assert (before["api"].verdict, before["api"].checks[0].is_stale) == (OK, False)
    _, after = shown(watched, events, seconds=41)
    check = after["api"].checks[0]
    assert (after["api"].verdict, check.state, check.is_stale) == (UNKNOWN, "stale", True)
    assert check.reason == "no answer for 41 s, last: ok"
    assert check.latency_s is None, "old is not now"
    assert check.p50_s == 0.2, "the past stays"


def test_percentiles_are_over_answers_and_uptime_over_all_probes() -> None:
    watched = topology(system("shop", service("api")))
    events = [observed("api", seconds=n, latency_s=(n + 1) / 100) for n in range(98)]
    events += [observed("api", DOWN, seconds=98 + n, latency_s=None) for n in range(2)]
    _, services = shown(watched, events, seconds=100)
    check = services["api"].checks[0]
    assert (check.p50_s, check.p95_s, check.p99_s) == (0.49, 0.94, 0.98)
    assert check.uptime_percent == 98.0


def test_a_running_container_whose_check_fails_is_down() -> None:
    watched = topology(system("shop", service("api", runs_as=IN_COMPOSE)))
    _, services = shown(watched, [container("api"), observed("api", DOWN, "HTTP 503")])
    assert (services["api"].verdict, services["api"].reason) == (DOWN, "HTTP 503")


def test_a_container_that_exited_is_down_although_something_answers() -> None:
    watched = topology(system("shop", service("api", runs_as=IN_COMPOSE)))
    exited = container("api", "exited", DOWN, reason="exit code 1")
    _, services = shown(watched, [exited, observed("api")])
    assert services["api"].verdict is DOWN
    assert services["api"].reason == "exit code 1, yet a check is answered"


def test_what_answers_without_its_container_is_unknown_and_says_so() -> None:
    watched = topology(system("shop", service("api", runs_as=IN_COMPOSE)))
    missing = container("api", "not found", DOWN, reason="no such compose service")
    _, services = shown(watched, [missing, observed("api")])
    assert services["api"].verdict is UNKNOWN
    assert services["api"].reason == "answers, but no container found: no such compose service"


def test_a_place_nobody_could_look_at_leaves_the_word_to_the_checks() -> None:
    watched = topology(system("shop", service("api", runs_as=IN_COMPOSE)))
    _, services = shown(watched, [observed("api")])
    assert (services["api"].verdict, services["api"].runtime) == (OK, None)


def test_a_place_not_seen_for_long_is_no_longer_known() -> None:
    watched = topology(system("shop", service("api", runs_as=IN_COMPOSE)))
    _, services = shown(watched, [container("api"), observed("api", seconds=170)], seconds=175)
    assert services["api"].verdict is UNKNOWN
    assert "container not seen for 175 s, last: running" in services["api"].reason


def test_trouble_below_a_service_that_is_down_is_its_consequence_and_the_root_leads() -> None:
    watched = topology(
        system(
            "shop",
            service("web", depends_on=("api",)),
            service("api", depends_on=("redis",)),
            service("redis"),
        )
    )
    events = [
        observed("web", DEGRADED, "slow"),
        observed("api", DOWN, "HTTP 500"),
        observed("redis", DOWN, "connection refused"),
    ]
    view, services = shown(watched, events)
    assert services["api"].because == "redis"
    assert services["web"].because == "redis", "the root, not the next in the chain"
    assert services["redis"].because == ""
    assert view.reason == "redis: connection refused (and 2 because of it)"


def test_a_healthy_service_between_stops_the_blame() -> None:
    watched = topology(
        system(
            "shop",
            service("web", depends_on=("api",)),
            service("api", depends_on=("redis",)),
            service("redis"),
        )
    )
    events = [observed("web", DOWN), observed("api", OK), observed("redis", DOWN)]
    _, services = shown(watched, events)
    assert services["web"].because == ""


def test_in_a_cycle_nobody_is_blamed_but_from_outside_the_cycle_is() -> None:
    watched = topology(
        system(
            "shop",
            service("a", depends_on=("b",)),
            service("b", depends_on=("a",)),
            service("web", depends_on=("b",)),
        )
    )
    events = [observed(name, DOWN) for name in ("a", "b", "web")]
    view, services = shown(watched, events)
    assert services["a"].because == services["b"].because == ""
    assert services["web"].because == "b"
    assert view.verdict is DOWN


def test_a_cycle_over_a_service_that_is_down_is_its_consequence() -> None:
    watched = topology(
        system(
            "shop",
            service("a", depends_on=("b",)),
            service("b", depends_on=("a", "redis")),
            service("redis"),
        )
    )
    events = [observed(name, DOWN) for name in ("a", "b", "redis")]
    _, services = shown(watched, events)
    assert services["a"].because == services["b"].because == "redis"


def test_a_service_does_not_depend_on_itself() -> None:
    watched = topology(system("shop", service("a", depends_on=("a",))))
    _, services = shown(watched, [observed("a", DOWN)])
    assert services["a"].because == ""


def test_an_outage_outside_is_shown_beside_a_system_that_is_well() -> None:
    watched = topology(system("shop", service("api"), service("openai", is_outside=True)))
    events = [observed("api"), observed("openai", DOWN, "major outage")]
    view, services = shown(watched, events)
    assert services["openai"].verdict is DOWN
    assert view.verdict is OK
    assert view.reason == "openai: major outage"


def test_our_own_trouble_leads_over_an_outage_outside_which_may_be_its_cause() -> None:
    watched = topology(
        system("shop", service("api", depends_on=("openai",)), service("openai", is_outside=True))
    )
    events = [observed("api", DEGRADED, "no answers"), observed("openai", DOWN, "major outage")]
    view, services = shown(watched, events)
    assert services["api"].because == "openai"
    assert (view.verdict, view.reason) == (DEGRADED, "api: because openai is down")


def test_a_system_of_providers_alone_is_at_most_degraded() -> None:
    watched = topology(system("shop", service("openai", is_outside=True)))
    view, _ = shown(watched, [observed("openai", DOWN)])
    assert view.verdict is DEGRADED


def test_a_system_without_services_says_so() -> None:
    view, _ = shown(topology(system("shop")), [])
    assert (view.verdict, view.reason) == (UNKNOWN, "no services are configured")


def test_trouble_began_with_its_first_service_and_health_with_its_last() -> None:
    watched = topology(system("shop", service("api"), service("db")))
    trouble, _ = shown(watched, [observed("api", DOWN, seconds=3), observed("db", DOWN, seconds=1)])
    assert trouble.since == at(1)
    health, _ = shown(watched, [observed("api", seconds=3), observed("db", seconds=1)])
    assert health.since == at(3)


def test_the_last_note_of_a_system_is_its_own() -> None:
    watched = topology(system("shop", service("api")), system("bank", service("b", system="bank")))
    events = [
        observed("api"),
        observed("api", DOWN, "HTTP 500", seconds=1),
        observed("b", system="bank", seconds=2),
        observed("b", DEGRADED, "slow", system="bank", seconds=3),
    ]
    shop, bank = system_views(watched, known(*events), at(5))
    assert (shop.last_note, shop.last_note_at) == ("health: ok → down: HTTP 500", at(1))
    assert bank.last_note == "health: ok → degraded: slow"


def test_within_a_second_only_what_changed_is_another_object() -> None:
    watched = topology(
        system("shop", service("api"), service("db")),
        system("bank", service("b", system="bank")),
    )
    first = known(observed("api"), observed("db"), observed("b", system="bank"))
    before = picture(watched, first, at(5.1), clean("host"))
    second = reduce_all(first, [observed("api", DOWN, seconds=5)])
    after = picture(watched, second, at(5.9), clean("host"))
    assert after.systems[1] is before.systems[1]
    assert after.systems[0].services[1] is before.systems[0].services[1]
    assert after.systems[0].services[0].verdict is DOWN
    assert picture(watched, second, at(5.95), clean("host")).systems is after.systems


def test_what_is_remembered_never_shows_in_the_answer() -> None:
    def build() -> Topology:
        return topology(system("shop", service("api", depends_on=("db",)), service("db")))

    moments = [
        (at(5), known(observed("api", DOWN), observed("db", DOWN))),
        (at(6), known(observed("api", DOWN), observed("db"))),
        (at(6), known(observed("api", DOWN), observed("db", DOWN, seconds=4))),
        (at(7), known(observed("db", DOWN))),
        (at(70), known(observed("db", DOWN))),
        (at(5), known(observed("api"), observed("db"))),
    ]
    fresh = [system_views(build(), snapshot, now) for now, snapshot in moments]
    watched = build()
    assert [system_views(watched, snapshot, now) for now, snapshot in moments] == fresh
