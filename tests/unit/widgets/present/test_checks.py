"""A check in full."""

import pytest

from bench.scene import SCENES, calm, loading, trouble
from core.model.views import CheckView, Picture
from widgets.present.checks import check_lines
from widgets.present.fitting import width_of
from widgets.present.service_cells import next_line


def plain(lines) -> str:
    return "\n".join("".join(part.text for part in one) for one in lines)


def find(picture: Picture, path: str) -> CheckView:
    return next(
        check
        for system in picture.systems
        for view in system.services
        for check in view.checks
        if str(check.spec.id).endswith(path)
    )


def test_a_failed_condition_is_shown_with_its_value() -> None:
    picture = trouble()
    text = plain(check_lines(find(picture, "backend/detailed"), 100, picture.now))
    assert "checks.system.disk_percent < 90   is 93.4   FAILED" in text
    assert "HTTP 200" in text
    assert "expects" in text


def test_components_facts_and_history_are_shown() -> None:
    picture = trouble()
    text = plain(check_lines(find(picture, "backend/detailed"), 100, picture.now))
    for word in ("database", "version", "p95", "next", "probes over"):
        assert word in text


def test_scheduler_jobs_show_streak_next_run_and_last_good_one() -> None:
    picture = trouble()
    text = plain(check_lines(find(picture, "backend/scheduler"), 140, picture.now))
    assert "sync_openai_costs" in text
    assert "failed 3 in a row" in text
    assert "●●●●●●●✖✖✖" in text


def test_a_run_without_a_stamp_is_unconfirmed_and_has_no_age() -> None:
    picture = calm()
    lines = plain(check_lines(find(picture, "api/runs"), 100, picture.now)).splitlines()
    assert any("–  unconfirmed" in one for one in lines)


def test_a_redis_without_a_limit_has_no_share_of_it() -> None:
    picture = calm()
    text = plain(check_lines(find(picture, "api-gateway/redis/ping"), 100, picture.now))
    assert "no limit" in text
    assert "(0%)" not in text


def test_a_provider_in_trouble_names_its_incident() -> None:
    picture = trouble()
    text = plain(check_lines(find(picture, "openai/status"), 100, picture.now))
    assert "Elevated error rates" in text
    assert "degraded_performance" in text


def test_a_check_that_never_answered_says_so_and_shows_no_figures() -> None:
    picture = loading()
    text = plain(check_lines(find(picture, "backend/detailed"), 100, picture.now))
    assert "No answer yet." in text
    assert "p95" not in text
    assert plain([next_line(find(picture, "backend/detailed"), picture.now)]) == "–"


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("width", [30, 78, 198])
def test_every_check_fits_its_width(name: str, width: int) -> None:
    picture = SCENES[name]()
    for system in picture.systems:
        for view in system.services:
            for check in view.checks:
                lines = check_lines(check, width, picture.now)
                assert max(width_of(one) for one in lines) <= width
