"""Usage of keys: figures, charts, endpoints, and whose requests are refused."""

from dataclasses import replace

from bench.scene import NOW
from bench.scene_keys import keys_picture
from core.model.key_store import KeyAnalytics
from core.model.text import clean
from tests.hostile import CORPUS
from widgets.present.fitting import width_of
from widgets.present.key_usage import (
    refused_of,
    success_percent,
    success_span,
    usage_cells,
    usage_lines,
    usage_stores,
)
from widgets.present.line import Line, Tone

PICTURE = keys_picture(NOW)
API, GATEWAY, *_ = PICTURE.stores
NOTHING = KeyAnalytics(0, 0, None, None, None, (), (), (), ())


def found() -> KeyAnalytics:
    assert API.analytics is not None
    return API.analytics


def text_of(lines: tuple[Line, ...]) -> str:
    return "\n".join("".join(span.text for span in one) for one in lines)


def test_figures_are_told_with_their_names() -> None:
    names, figures = text_of(usage_lines(API, PICTURE, 120)).splitlines()[1:3]
    assert names.split() == ["requests", "succeeded", "failed", "401/403", "p50", "p95", "p99"]
    assert figures.split()[:4] == ["103,846", "97.83%", "2,244", "1,693"]


def test_a_share_is_never_rounded_up_to_all() -> None:
    almost = replace(found(), total=1_000_000, succeeded=999_999)
    assert success_span(almost).text == "99.99%"
    assert success_span(replace(almost, succeeded=1_000_000)).text == "100%"
    assert success_percent(NOTHING) is None
    assert success_span(NOTHING).text == "–"


def test_keys_are_ranked_by_refusals() -> None:
    lines = text_of(usage_lines(API, PICTURE, 80)).splitlines()
    at = next(i for i, one in enumerate(lines) if one.startswith("Keys by refusals"))
    keys = [one.split()[0] for one in lines[at + 2 :]]
    assert keys == ["key_Zr81xk", "key_3kQw0n", "key_b7Tn2p", "key_Xe9fLm", "key_0hR31c",
                    "dev_key_12"]  # fmt: skip
    assert "82.4%" in lines[at + 2]
    assert refused_of(found()) == 1_693


def test_days_and_hours_are_drawn_with_their_ends_named() -> None:
    said = text_of(usage_lines(API, PICTURE, 200))
    for word in ("Requests by day", "2026-01-31", "2026-03-01", "Requests by hour", "24 h ago",
                 "now", "peak 6,296"):  # fmt: skip
        assert word in said


def test_what_is_not_there_is_not_zero() -> None:
    said = text_of(usage_lines(replace(API, analytics=NOTHING), PICTURE, 120))
    assert said.count("not exposed by this build") == 3
    assert "no analytics file" in text_of(usage_lines(GATEWAY, PICTURE, 120))
    assert "loading" in text_of(usage_lines(None, None, 120))
    assert "none" in text_of(usage_lines(None, PICTURE, 120))


def test_one_day_and_many_days_are_drawn() -> None:
    for days in ((("2026-03-01", 0),), tuple((f"day {at}", at) for at in range(900))):
        store = replace(API, analytics=replace(found(), by_day=days))
        for width in (40, 80, 200):
            lines = usage_lines(store, PICTURE, width)
            assert all(width_of(one) <= width for one in lines)


def test_the_ends_of_a_short_chart_are_named_whole() -> None:
    one, two = ("2026-02-28", 4), ("2026-03-01", 2)
    for days, said in (((two,), "2026-03-01"), ((one, two), "2026-02-28 to 2026-03-01")):
        store = replace(API, analytics=replace(found(), by_day=days))
        assert said in text_of(usage_lines(store, PICTURE, 80))


def test_stores_with_analytics_come_first() -> None:
    assert usage_stores(PICTURE)[0].target == "api-service/keys"
    assert text_of((usage_cells(GATEWAY)[-1],)) == "no analytics known"
    assert usage_cells(API)[2][0].tone is Tone.DEGRADED


def test_hostile_names_stay_text() -> None:
    for text in CORPUS:
        one = replace(found().endpoints[0], endpoint=clean(text))
        analytics = replace(found(), endpoints=(one,), by_key=((clean(text), 3, 1),))
        for width in (40, 120):
            for line in usage_lines(replace(API, analytics=analytics), PICTURE, width):
                assert width_of(line) <= width
                assert all(part.text == clean(part.text, 99_999) for part in line)
