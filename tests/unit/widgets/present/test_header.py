"""The header at every width: what stays, what goes, what is never faked."""

from dataclasses import replace
from datetime import UTC, timedelta, timezone

import pytest

from core.model.events import SourceReported
from core.model.text import clean
from core.model.topology import Environment
from core.model.verdict import Verdict
from core.model.views import Picture
from tests.fakes.scripted import calm_events, picture_of, small_topology, troubled_events
from tests.fakes.world import at, observed
from tests.hostile import CORPUS
from widgets.present.fitting import width_of
from widgets.present.header import OFF, Mode, banner_line, data_age_s, header_line
from widgets.present.line import Line, Tone

SUMMER = timezone(timedelta(hours=2), "CEST")


def text_of(line: Line) -> str:
    return "".join(part.text for part in line)


def shown(picture: Picture, width: int = 120, *, mode: Mode = OFF) -> str:
    return text_of(header_line(picture, "Overview", width, mode=mode, zone=UTC))


def in_environment(environment: Environment, picture: Picture) -> Picture:
    return replace(picture, topology=replace(picture.topology, environment=environment))


def test_production_says_so_in_a_word_and_in_a_colour_of_its_own() -> None:
    picture = in_environment(Environment.PRODUCTION, picture_of(*calm_events()))
    badge = header_line(picture, "Overview", 80)[0]
    assert badge.text == " PROD "
    assert badge.tone is Tone.PRODUCTION
    assert badge.is_reversed


@pytest.mark.parametrize("width", range(30, 200, 7))
def test_that_others_look_is_said_at_every_width(width: int) -> None:
    mode = Mode(armed_left_s=100.0, running=2, blocking=1, is_presenting=True)
    assert " PRESENTING " in shown(picture_of(*troubled_events()), width, mode=mode)
    assert "PRESENTING" not in shown(picture_of(*troubled_events()), width)


def test_systems_are_counted_by_worst_verdict_with_shape_and_word() -> None:
    assert "✖ 1 down  ● 1 ok" in shown(picture_of(*troubled_events()))


@pytest.mark.parametrize("width", [24, 28, 30])
def test_where_words_do_not_fit_shapes_and_numbers_stay(width: int) -> None:
    text = shown(picture_of(*troubled_events()), width)
    assert "✖ 1" in text
    assert "● 1" in text


def test_systems_that_were_not_looked_at_yet_are_loading_not_in_trouble() -> None:
    text = shown(picture_of())
    assert "… 2 loading" in text
    assert "unknown" not in text


def test_nothing_that_is_not_known_is_shown_as_zero() -> None:
    text = shown(picture_of(*calm_events()), 200)
    assert "0 down" not in text
    assert "alert" not in text
    assert "action" not in text


def test_both_clocks_are_shown_where_they_differ() -> None:
    picture = picture_of(*calm_events())
    text = text_of(header_line(picture, "Overview", 120, zone=SUMMER))
    assert "03:00:00 UTC" in text
    assert "05:00 CEST" in text
    assert shown(picture).count("03:00") == 1


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120, 200])
@pytest.mark.parametrize("events", [(), calm_events(), troubled_events()])
def test_the_line_is_exactly_as_wide_as_the_screen(width: int, events: tuple[object, ...]) -> None:
    picture = picture_of(*events, now=at(300))
    assert width_of(header_line(picture, "Limits & circuits", width, zone=SUMMER)) == width


def test_what_matters_stays_when_room_is_short() -> None:
    picture = in_environment(Environment.PRODUCTION, picture_of(*troubled_events()))
    for width in (80, 60, 30):
        text = shown(picture, width)
        assert "PROD" in text
        assert "✖ 1 down" in text


def test_80_columns_hold_badge_mode_systems_and_the_clock() -> None:
    picture = in_environment(Environment.PRODUCTION, picture_of(*troubled_events()))
    text = shown(picture, 80)
    assert all(word in text for word in ("PROD", "read-only", "✖ 1 down", "UTC"))


def test_old_data_says_how_old_it_is() -> None:
    assert data_age_s(picture_of(*calm_events(), now=at(20))) is None
    old = picture_of(*calm_events(), now=at(125))
    assert data_age_s(old) == 125
    assert "data 2 m 05 s old" in shown(old)


def test_data_is_not_old_while_slow_checks_are_not_due() -> None:
    topology = small_topology()
    slow = tuple(
        replace(
            system,
            services=tuple(
                replace(one, checks=tuple(replace(check, every_s=60.0) for check in one.checks))
                for one in system.services
            ),
        )
        for system in topology.systems
    )
    watched = replace(topology, systems=slow)
    assert data_age_s(picture_of(*calm_events(), watched=watched, now=at(150))) is None
    assert data_age_s(picture_of(*calm_events(), watched=watched, now=at(200))) == 200


def test_a_pause_is_loud_and_says_how_it_ends() -> None:
    picture = replace(picture_of(*calm_events()), is_paused=True)
    banner = banner_line(picture, 80)
    assert "PAUSED at 03:00:00 UTC" in text_of(banner)
    assert " p " in text_of(banner)
    assert banner[0].is_reversed
    assert width_of(banner) == 80


def test_a_runtime_that_stopped_is_louder_than_old_data() -> None:
    report = SourceReported("runtime", at(0), is_working=False, reason=clean("boom"), retry_at=None)
    banner = banner_line(picture_of(*calm_events(), report), 80)
    assert "NOTHING IS WATCHED ANY MORE: boom" in text_of(banner)
    assert banner[0].tone is Tone.DOWN


def test_usually_there_is_no_banner() -> None:
    assert banner_line(picture_of(*calm_events()), 80) == ()


def test_armed_is_louder_than_read_only() -> None:
    picture = picture_of(*calm_events())
    assert "read-only" in shown(picture)
    assert " ARMED for 12 m" in shown(picture, mode=Mode(armed_left_s=720.0))


def test_no_systems_is_said_not_shown_as_all_well() -> None:
    picture = picture_of(watched=replace(small_topology(), systems=()))
    assert "no systems configured" in shown(picture)


def test_hostile_labels_are_shown_and_not_obeyed() -> None:
    for payload in CORPUS:
        picture = picture_of(observed("api", Verdict.OK))
        named = replace(picture, topology=replace(picture.topology, label=payload))
        line = header_line(named, payload, 120, zone=UTC)
        assert width_of(line) == 120
        assert all(one.isprintable() for one in text_of(line))
