"""One running demo for all tests that look at one; others may import the fixture `demo`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.supervisor import Demo
from tests.demo.looking import until

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep these tests in one worker, where they share one demo; all need a Redis server."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("demo"))
            item.add_marker(pytest.mark.real("redis"))


@pytest.fixture(scope="session")
def running_demo() -> Iterator[Demo]:
    demo = Demo()
    demo.start()
    yield demo
    demo.stop()


@pytest.fixture
def demo(running_demo: Demo) -> Iterator[Demo]:
    """The running demo, with every fault off before and after the test."""
    yield running_demo
    for name, is_on in running_demo.faults().items():
        if is_on:
            running_demo.set_fault(name, False)
    until(lambda: not any(running_demo.faults().values()))
