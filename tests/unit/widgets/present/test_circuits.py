"""A breaker's state is a shape and a word; absent is not closed; junk is never a number."""

from dataclasses import replace

from bench.scene import trouble
from bench.scene_limits import circuits_of
from core.model.circuit import Circuit, CircuitState
from core.model.redis_key import KeyName
from core.model.text import clean
from core.model.views import Picture
from widgets.present.circuits import (
    circuit_cells,
    circuit_lines,
    circuit_search,
    circuit_sort,
    history_strip,
    is_trouble,
    service_of,
    why_text,
)
from widgets.present.fitting import width_of
from widgets.present.line import Line

OPEN, HALF, INVALID, ABSENT = circuits_of(trouble().now.timestamp())[0].rows


def text_of(drawn: Line) -> str:
    return "".join(one.text for one in drawn)


def cells_of(circuit: Circuit) -> list[str]:
    return [text_of(cell) for cell in circuit_cells(circuit, None)]


def full(circuit: Circuit, width: int = 90, picture: Picture | None = None) -> str:
    lines = circuit_lines(circuit, picture or trouble(), width)
    assert all(width_of(one) <= width for one in lines)
    return "\n".join(text_of(one) for one in lines)


def test_each_state_has_a_word_and_a_shape_of_its_own() -> None:
    words = [text_of(circuit_cells(replace(OPEN, state=one), None)[0]) for one in CircuitState]
    assert len({word.partition(" ")[0] for word in words}) == len(words)
    assert "no record" in cells_of(ABSENT)[0]
    assert "closed" not in cells_of(ABSENT)[0]


def test_what_is_not_known_is_no_zero() -> None:
    assert cells_of(INVALID)[3:6] == ["–", "–", "–"]
    assert cells_of(ABSENT)[4] == "–/5"
    assert cells_of(OPEN)[4] == "0/10"


def test_a_probe_counts_down_and_then_waits_for_a_request() -> None:
    assert cells_of(OPEN)[5] == "in 48s"
    assert cells_of(replace(OPEN, next_probe_s=0.0))[5] == "next req."
    over = replace(OPEN, next_probe_s=0.0, documented=())
    assert "until the next request" in why_text(over)


def test_the_metric_is_shown_raw_with_what_it_means() -> None:
    assert cells_of(OPEN)[7] == "2 open"
    assert cells_of(replace(OPEN, metric_means=clean("")))[7] == "2 no legend"
    assert cells_of(replace(OPEN, metric_raw=clean("")))[7] == "not exposed"
    assert cells_of(HALF)[7] == "–"


def test_the_documented_key_that_is_not_there_is_said() -> None:
    assert "api-gateway:circuit-breaker does not exist" in why_text(OPEN)
    assert "documented, and not there" in full(OPEN)


def test_all_of_it_names_upstream_changes_and_what_is_written() -> None:
    text = full(OPEN)
    assert "api-gateway/upstream-service  ✖ DOWN" in text
    assert text.index("HTTP 502") < text.index("connect timeout")
    assert "last_state_change_time  17" in text
    assert "none since the console looks" in full(HALF)
    assert "looked for" in full(ABSENT)


def test_an_upstream_that_is_not_watched_says_so() -> None:
    odd = replace(OPEN, upstream="api-gateway/nobody")
    assert service_of(trouble(), odd.upstream) is None
    assert "not watched" in full(odd)


def test_hostile_text_stays_inert_and_lines_stay_within_their_room() -> None:
    key = KeyName(b"cb:\x1b[2J[bold]" + b"x" * 400)
    odd = replace(INVALID, keys=(key,), name=key.shown)
    for width in (20, 40, 200):
        text = full(odd, width)
        assert "\x1b" not in text
    assert "[bold]" in full(odd, 200)


def test_the_worst_sorts_first_and_a_search_finds_keys() -> None:
    ranks = [circuit_sort(one)[0] for one in (OPEN, INVALID, HALF, ABSENT)]
    assert ranks == sorted(ranks, key=lambda rank: -float(rank or 0))
    assert "circuit_breaker:upstream_service" in circuit_search(OPEN)
    assert [is_trouble(one) for one in (OPEN, HALF, INVALID, ABSENT)] == [True, True, True, False]


def test_the_strip_has_its_width_whatever_was_seen() -> None:
    for circuit in (OPEN, HALF, replace(OPEN, history=OPEN.history * 9)):
        assert width_of(history_strip(circuit, 12)) == 12
