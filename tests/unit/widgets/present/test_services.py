"""Services told as rows, chips and blocks."""

import pytest

from bench.scene import calm, loading, trouble
from core.model.views import Picture, ServiceView
from widgets.present.around import around_lines
from widgets.present.fitting import width_of
from widgets.present.service_cells import (
    check_cells,
    check_sort,
    service_cells,
    service_search,
    service_sort,
)
from widgets.present.services import (
    dependency_lines,
    lead_check,
    roots_first,
    runtime_lines,
    trouble_lines,
    why,
)
from widgets.present.spot import spot_lines
from widgets.present.systems import Spot


def plain(lines) -> str:
    return "\n".join("".join(part.text for part in one) for one in lines)


def find(picture: Picture, system: str, service: str) -> ServiceView:
    return next(
        view
        for one in picture.systems
        for view in one.services
        if (view.spec.id.system, view.spec.id.service) == (system, service)
    )


def test_a_consequence_names_its_cause_before_its_own_words() -> None:
    assert plain([why(find(trouble(), "api-gateway", "proxy-service"))]).startswith(
        "because upstream-service is down"
    )


def test_causes_come_before_consequences() -> None:
    gateway = next(one for one in trouble().systems if one.spec.name == "api-gateway")
    names = [view.spec.id.service for view in roots_first(gateway.services)]
    assert names == ["upstream-service", "proxy-service"]


def test_a_row_has_a_cell_and_a_sort_value_for_each_column() -> None:
    for scene in (calm, trouble, loading):
        picture = scene()
        for system in picture.systems:
            for view in system.services:
                assert len(service_cells(view, picture.now)) == len(service_sort(view, 0)) == 11
                for check in view.checks:
                    assert len(check_cells(check, picture.now, ())) == len(check_sort(check)) == 13


def test_what_is_not_known_of_an_exited_container_is_a_dash() -> None:
    picture = trouble()
    cells = service_cells(find(picture, "api-gateway", "upstream-service"), picture.now)
    texts = [plain([cell]) for cell in cells]
    assert texts[2] == "exited 137"
    assert texts[4:7] == ["–", "–", "–"]
    assert texts[9] == "4"


def test_a_filter_finds_a_service_by_system_verdict_reason_and_container() -> None:
    text = service_search(find(trouble(), "api-gateway", "upstream-service"))
    for word in ("api-gateway", "down", "refused", "api-gateway-upstream-service-1"):
        assert word in text


def test_the_worst_check_speaks_for_a_service() -> None:
    lead = lead_check(find(trouble(), "api-gateway", "proxy-service"))
    assert lead is not None
    assert lead.spec.id.check == "proxy"


def test_dependencies_show_verdict_consequence_and_who_needs_it() -> None:
    picture = trouble()
    proxy = plain(
        dependency_lines(find(picture, "api-gateway", "proxy-service"), picture.systems, 90)
    )
    assert "needs ✖ upstream-service" in proxy
    assert "this is a consequence: upstream-service is down" in proxy
    redis = plain(dependency_lines(find(picture, "api-gateway", "redis"), picture.systems, 90))
    assert "needed by" in redis
    assert "proxy-service" in redis
    alone = dependency_lines(find(picture, "decision-engine", "api"), picture.systems, 90)
    assert plain(alone) == "none"


def test_where_it_runs_is_told_with_restarts_exit_code_and_memory_against_its_limit() -> None:
    picture = trouble()
    text = plain(runtime_lines(find(picture, "api-gateway", "upstream-service"), picture.now))
    assert "exited" in text
    assert "restarts 4  exit code 137" in text
    proxy = plain(runtime_lines(find(picture, "api-gateway", "proxy-service"), picture.now))
    assert "of 512 MiB (" in proxy


def test_a_place_that_was_not_looked_at_yet_is_loading_and_not_zero() -> None:
    picture = loading()
    text = plain(runtime_lines(find(picture, "api-gateway", "redis"), picture.now))
    assert "loading" in text


def test_a_long_reason_goes_on_in_the_next_lines() -> None:
    view = find(trouble(), "business-engine", "manager")
    lines = trouble_lines(view, 50, 8, trouble().now, rows=3)
    assert 1 < len(lines) <= 3
    assert "hard-coded" in plain(lines)


@pytest.mark.parametrize("scene", [calm, trouble, loading])
@pytest.mark.parametrize("width", [40, 78, 120, 198])
def test_blocks_around_a_service_fit_their_width(scene, width: int) -> None:
    picture = scene()
    for system in picture.systems:
        for view in system.services:
            spot = Spot(system.spec.name, view.spec.id.service)
            for lines in (
                around_lines(picture, view, width),
                spot_lines(picture, spot, width, 40),
                spot_lines(picture, Spot(system.spec.name), width, 40),
            ):
                assert max(width_of(one) for one in lines) <= width


def test_what_happened_around_a_service_is_only_its_own() -> None:
    picture = trouble()
    text = plain(around_lines(picture, find(picture, "cost-dashboard", "backend"), 80))
    assert "release 4f2c1a9 deployed" in text
    assert "upstream" not in text
