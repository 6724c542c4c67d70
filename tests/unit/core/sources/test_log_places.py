"""Configured logs by name, and which of them a saved query asks."""

from dataclasses import replace

import pytest

from core.model.topology import LogQuerySpec, LogSpec
from core.sources.log_places import saved_queries
from tests.fakes.world import service, system, topology

ERRORS = LogQuerySpec("errors", "Errors", "api.container", "level>=error")


@pytest.mark.parametrize(
    ("logs", "asked"),
    [
        ((LogSpec("container", container=True), LogSpec("output", "/o.log")), "container"),
        ((LogSpec("app", "/a.log"), LogSpec("output", "/o.log")), "output"),
        ((LogSpec("journal", journal=True),), "journal"),
        ((LogSpec("app", "/a.log"),), None),
    ],
)
def test_what_a_service_prints_is_asked_wherever_it_goes_here(
    logs: tuple[LogSpec, ...], asked: str | None
) -> None:
    own = replace(service("api", system="shop"), logs=logs)
    world = topology(replace(system("shop", own), log_queries=(ERRORS,)))
    found = [one.place.source for one in saved_queries(world)]
    assert found == ([f"shop/api/{asked}"] if asked else [])
