"""The Overview's cards: trouble cannot be missed, places stay, everything fits."""

import pytest

from bench.scene import calm, loading, trouble
from core.model.verdict import Verdict
from core.model.views import Picture
from widgets.present.fitting import width_of
from widgets.present.line import Line
from widgets.present.systems import (
    CARD_ROWS,
    Spot,
    card,
    headline,
    outside_services,
    rows_per_card,
    worst_over_time,
)

WIDTHS = (40, 60, 72, 80, 120, 200)


def plain(lines: list[Line]) -> str:
    return "\n".join("".join(part.text for part in one) for one in lines)


def shown(picture: Picture, name: str, width: int = 100, rows: int = 7, spot: Spot | None = None):
    view = next(one for one in picture.systems if one.spec.name == name)
    return card(view, width, rows, picture.now, spot)


@pytest.mark.parametrize("scene", [calm, trouble, loading])
@pytest.mark.parametrize("rows", CARD_ROWS)
@pytest.mark.parametrize("width", WIDTHS)
def test_a_card_has_its_height_and_never_exceeds_its_width(scene, rows: int, width: int) -> None:
    picture = scene()
    for view in picture.systems:
        for spot in (None, Spot(view.spec.name, view.services[-1].spec.id.service)):
            lines = card(view, width, rows, picture.now, spot)
            assert len(lines) == rows
            assert max(width_of(one) for one in lines) <= width


@pytest.mark.parametrize("rows", CARD_ROWS)
def test_a_card_of_any_height_says_what_is_wrong_and_since_when(rows: int) -> None:
    text = plain(shown(trouble(), "api-gateway", rows=rows))
    assert "✖ DOWN" in text
    assert "2 m 56 s" in text
    assert "upstream-service" in text
    assert "connection refused" in text


def test_a_cause_stands_before_its_consequence_and_the_consequence_says_so() -> None:
    text = plain(shown(trouble(), "api-gateway", rows=7))
    assert text.index("connection refused") < text.index("because upstream-service is down")


def test_trouble_without_a_line_of_its_own_is_counted() -> None:
    assert "+1 more" in plain(shown(trouble(), "api-gateway", rows=5))


def test_an_age_that_the_title_tells_leaves_its_room_to_a_long_reason() -> None:
    lines = shown(trouble(), "api-gateway", 73, 6)
    assert "connection refused: 127.0.0.1:5001" in plain(lines)
    assert plain(lines).count("2 m 56 s") == 1


def test_trouble_is_a_field_of_colour_and_health_has_none() -> None:
    picture = trouble()
    down = shown(picture, "api-gateway", rows=6)
    assert all(any(part.is_reversed for part in one) for one in down[:-1])
    well = shown(picture, "decision-engine", rows=6)
    assert not any(part.is_reversed for one in well for part in one)


def test_before_the_first_answers_nothing_is_called_trouble() -> None:
    picture = loading()
    text = plain([one for view in picture.systems for one in card(view, 80, 4, picture.now, None)])
    assert "loading" in text
    assert "UNKNOWN" not in text
    assert "loading" in plain(headline(picture.systems, 80, 1, picture.now))


def test_the_service_under_the_cursor_is_always_in_sight() -> None:
    for service in ("backend", "postgres", "vercel"):
        lines = shown(trouble(), "cost-dashboard", 64, 5, Spot("cost-dashboard", service))
        marked = [part.text for one in lines for part in one if part.is_reversed]
        assert service in marked


def test_the_headline_names_the_systems_in_trouble_worst_first_and_since_when() -> None:
    picture = trouble()
    text = plain(headline(picture.systems, 200, 1, picture.now))
    assert text.index("DOWN  api-gateway 2 m 56 s") < text.index("DEGRADED  cost-dashboard")


@pytest.mark.parametrize(
    ("width", "told"),
    [
        (118, "✖ DOWN  api-gateway 2 m 56 s   ▲ DEGRADED  cost-dashboard 14 m 56 s"),
        (80, "✖ DOWN  api-gateway 2 m 56 s   ▲ DEGRADED  cost-dashboard   ? 2 UNKNOWN"),
        (62, "✖ DOWN  api-gateway 2 m 56 s   ▲ 1 DEGRADED   ? 2 UNKNOWN"),
    ],
)
def test_a_narrow_headline_gives_up_the_least_bad_first(width: int, told: str) -> None:
    picture = trouble()
    assert told in plain(headline(picture.systems, width, 1, picture.now))


@pytest.mark.parametrize("scene", [calm, trouble, loading])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_headline_fits_and_is_a_bar_only_in_trouble(scene, width: int) -> None:
    picture = scene()
    lines = headline(picture.systems, width, 4, picture.now)
    assert len(lines) <= 4
    assert max(width_of(one) for one in lines) <= width
    is_bar = any(part.is_reversed for one in lines for part in one)
    assert is_bar == (scene is trouble)


def test_when_all_is_well_the_headline_says_so_and_for_how_long() -> None:
    picture = calm()
    text = plain(headline(picture.systems, 120, 1, picture.now))
    assert "all 5 systems ok" in text
    assert "quiet for" in text


@pytest.mark.parametrize(("height", "rows"), [(10, 2), (24, 4), (25, 5), (200, 8), (3, 2)])
def test_cards_are_as_tall_as_all_fit(height: int, rows: int) -> None:
    assert rows_per_card(5, height) == rows


def test_a_history_strip_shows_the_outage_where_it_was() -> None:
    picture = trouble()
    gateway = next(one for one in picture.systems if one.spec.name == "api-gateway")
    strip = worst_over_time(gateway, 20, picture.now)
    assert strip[-6:] == (Verdict.DOWN,) * 6
    assert set(strip[:13]) == {Verdict.OK}


def test_an_outside_provider_is_listed_once_and_apart() -> None:
    names = [view.spec.id.service for view in outside_services(trouble().systems)]
    assert names == ["openai", "anthropic", "vercel"]
