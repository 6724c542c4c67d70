"""The reducer: identity of what is untouched, bounds, beginnings, and what it notes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.events import (
    Event,
    FoldersObserved,
    HostObserved,
    Noted,
    PortsObserved,
    ProcessesObserved,
    SourceReported,
)
from core.model.host import HostSample
from core.model.snapshot import EMPTY_SNAPSHOT, Snapshot
from core.model.text import EMPTY, clean
from core.model.verdict import Verdict
from core.store.history import HOST_WINDOW, PROBE_WINDOW, TIMELINE_WINDOW
from core.store.reducer import reduce, reduce_all
from tests.fakes.world import at, check_id, container, observed, service_id

SLICES = ("checks", "runtimes", "runtime_since", "metrics", "host", "sources", "timeline")


def sample(seconds: float) -> HostSample:
    return HostSample(at(seconds), 1.0, (1.0,), 0, 0, 0, 10, 5, 0, 0, (), (), 0, 0, at(-1000))


def report(source: str, is_working: bool, seconds: float = 0.0) -> SourceReported:
    return SourceReported(source, at(seconds), is_working, clean("no right"), None)


def touched(before: Snapshot, after: Snapshot) -> set[str]:
    return {name for name in SLICES if getattr(before, name) is not getattr(after, name)}


@pytest.mark.parametrize(
    ("event", "slices"),
    [
        (observed("api"), {"checks"}),
        (container("api"), {"runtimes", "runtime_since"}),
        (HostObserved(sample(0)), {"host"}),
        (ProcessesObserved(at(0), ()), {"host"}),
        (PortsObserved(at(0), ()), {"host"}),
        (FoldersObserved(at(0), ()), {"host"}),
        (Noted(at(0), None, None, EMPTY), {"timeline"}),
        (report("docker", is_working=True), {"sources"}),
        (report("docker", is_working=False), {"sources", "timeline"}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_event_touches_only_its_own_slices(event: Event, slices: set[str]) -> None:
    before = reduce_all(EMPTY_SNAPSHOT, [observed("db"), container("db"), HostObserved(sample(0))])
    assert touched(before, reduce(before, event)) == slices


def test_other_checks_keep_their_identity() -> None:
    before = reduce(EMPTY_SNAPSHOT, observed("db"))
    after = reduce(before, observed("api"))
    assert after.checks[check_id("db")] is before.checks[check_id("db")]
    assert check_id("api") not in before.checks, "the old snapshot did not change"


def test_no_events_give_the_same_snapshot() -> None:
    assert reduce_all(EMPTY_SNAPSHOT, ()) is EMPTY_SNAPSHOT


def test_a_first_observation_begins_when_it_was_observed() -> None:
    status = reduce(EMPTY_SNAPSHOT, observed("api", seconds=7)).checks[check_id("api")]
    assert status.since == at(7)
    assert status.next_at == at(17)


def test_a_verdict_that_holds_keeps_its_beginning() -> None:
    events = [observed("api", Verdict.DOWN, seconds=t) for t in (0, 10, 20)]
    status = reduce_all(EMPTY_SNAPSHOT, events).checks[check_id("api")]
    assert status.since == at(0)
    assert [probe.at for probe in status.history] == [at(0), at(10), at(20)]


def test_a_verdict_that_changes_begins_anew_and_is_noted_with_from_to_and_reason() -> None:
    events = [observed("api"), observed("api", Verdict.DOWN, "HTTP 503", seconds=10)]
    after = reduce_all(EMPTY_SNAPSHOT, events)
    assert after.checks[check_id("api")].since == at(10)
    assert after.timeline == (
        Noted(at(10), service_id("api"), Verdict.DOWN, clean("health: ok → down: HTTP 503")),
    )


def test_a_first_observation_is_not_news() -> None:
    assert reduce(EMPTY_SNAPSHOT, observed("api", Verdict.DOWN)).timeline == ()


def test_a_container_that_exits_is_noted() -> None:
    gone = container("api", "exited", Verdict.DOWN, reason="exit code 137", seconds=5)
    after = reduce_all(EMPTY_SNAPSHOT, [container("api"), gone])
    assert after.timeline[0].text == "container running → exited: exit code 137 (shop-api-1)"
    assert after.runtime_since[service_id("api")] == at(5)


def test_a_verdict_that_changes_in_the_same_state_is_noted_with_both_verdicts() -> None:
    sick = container("api", "running", Verdict.DOWN, reason="health check fails", seconds=5)
    after = reduce_all(EMPTY_SNAPSHOT, [container("api"), sick])
    assert "running (ok) → running (down): health check fails" in after.timeline[0].text


def test_another_run_of_the_same_container_is_noted_as_a_restart() -> None:
    again = container("api", fingerprint="facade", restarts=1, seconds=5)
    after = reduce_all(EMPTY_SNAPSHOT, [container("api"), again])
    assert after.timeline[0].text == "container restarted, restarts 0 → 1 (shop-api-1)"
    assert after.runtime_since[service_id("api")] == at(0), "the verdict did not change"


def test_fresh_figures_of_the_same_run_are_not_news() -> None:
    after = reduce_all(EMPTY_SNAPSHOT, [container("api"), container("api", seconds=5)])
    assert after.timeline == ()


def test_a_source_that_fails_and_recovers_is_noted_once_each() -> None:
    events = [report("docker", is_working=one) for one in (True, False, False, True, True)]
    texts = [note.text for note in reduce_all(EMPTY_SNAPSHOT, events).timeline]
    assert texts == ["docker: works again", "docker: cannot look: no right"]


def test_histories_are_bounded_and_drop_the_oldest() -> None:
    snapshot = EMPTY_SNAPSHOT
    for t in range(PROBE_WINDOW + 5):
        snapshot = reduce(snapshot, observed("api", seconds=t))
    history = snapshot.checks[check_id("api")].history
    assert len(history) == PROBE_WINDOW
    assert history[0].at == at(5)


def test_host_samples_and_timeline_are_bounded() -> None:
    events: list[Event] = [HostObserved(sample(t)) for t in range(HOST_WINDOW + 3)]
    events += [Noted(at(t), None, None, EMPTY) for t in range(TIMELINE_WINDOW + 3)]
    after = reduce_all(EMPTY_SNAPSHOT, events)
    assert len(after.host.past) == HOST_WINDOW
    assert len(after.timeline) == TIMELINE_WINDOW
    assert after.timeline[0].at == at(TIMELINE_WINDOW + 2), "newest first"


events_of_all_kinds = st.one_of(
    st.builds(
        observed,
        st.sampled_from(["api", "db"]),
        st.sampled_from(list(Verdict)),
        seconds=st.integers(0, 1000),
        latency_s=st.none() | st.floats(0, 5),
    ),
    st.builds(
        container,
        st.sampled_from(["api", "db"]),
        st.sampled_from(["running", "exited", "not found"]),
        st.sampled_from(list(Verdict)),
        fingerprint=st.sampled_from(["a", "b"]),
    ),
    st.builds(lambda t: HostObserved(sample(t)), st.integers(0, 100)),
    st.builds(report, st.sampled_from(["docker", "host"]), st.booleans()),
    st.builds(lambda text: Noted(at(0), None, None, clean(text)), st.text(max_size=5)),
)


@given(st.lists(events_of_all_kinds, max_size=20), st.integers(0, 20))
def test_a_batch_is_the_same_as_its_events_one_by_one_however_it_is_cut(
    events: list[Event], cut: int
) -> None:
    one_by_one = EMPTY_SNAPSHOT
    for event in events:
        one_by_one = reduce(one_by_one, event)
    in_two = reduce_all(reduce_all(EMPTY_SNAPSHOT, events[:cut]), events[cut:])
    assert in_two == one_by_one
    assert in_two.revision == len(events)


@given(st.lists(events_of_all_kinds, min_size=1, max_size=20))
def test_the_last_probe_is_the_present_result_and_since_is_never_after_it(
    events: list[Event],
) -> None:
    for status in reduce_all(EMPTY_SNAPSHOT, events).checks.values():
        assert status.history[-1].verdict is status.result.verdict
        assert any(probe.at == status.since for probe in status.history)
