"""From where on a Redis server's memory is a finding: what the profile says."""

from pathlib import Path

import pytest

from config.topology import topology_of
from tests.unit.config.writing import loaded


def percent_of(folder: Path, thresholds: str) -> float:
    text = 'version: 1\nsystems:\n  shop:\n    redis: {url: "redis://127.0.0.1:9/0"}\n'
    found = loaded(folder, text + thresholds)
    topology = topology_of(found.settings, operations=found.operations)
    return topology.systems[0].redis[0].memory_warn_percent


@pytest.mark.parametrize(
    ("thresholds", "percent"),
    [
        ("", 80.0),
        ("    thresholds: {redis_memory: {warning: 57%}}\n", 57.0),
        ("    thresholds: {redis_memory: {warning: 90}}\n", 90.0),
        ("    thresholds: {redis_memory: {critical: 95%}}\n", 80.0),
        ("    thresholds: {disk: {warning: 10%}}\n", 80.0),
    ],
)
def test_memory_is_a_finding_from_the_threshold_on(
    tmp_path: Path, thresholds: str, percent: float
) -> None:
    assert percent_of(tmp_path, thresholds) == percent
