"""Who was refused, as the logs of a service tell: real files, followed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.logs.browse.opened_log import OpenedLog
from core.logs.files.log_file import LogFile
from core.sources.log_rejections import LogRejections

NOW_S = datetime(2026, 3, 14, 9, 30, tzinfo=UTC).timestamp()


class Ground:
    """A service with one log."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "access.log"
        self.now_s = NOW_S
        self.told = LogRejections(self._open, lambda: self.now_s)

    def _open(self, service: str) -> list[OpenedLog]:
        source = f"{service}/access"
        return [OpenedLog(LogFile(str(self.path), source), self.now_s)] if "api" in service else []

    def write(self, *lines: str) -> None:
        with self.path.open("a", encoding="utf-8") as log:
            log.writelines(f"{line}\n" for line in lines)


@pytest.fixture(name="ground")
def fixture_ground(tmp_path: Path) -> Iterator[Ground]:
    ground = Ground(tmp_path)
    yield ground
    ground.told.close()


def stamp(age_s: float) -> str:
    return datetime.fromtimestamp(NOW_S - age_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def answer(age_s: float, status: int, client: str) -> str:
    return f'{{"timestamp": "{stamp(age_s)}", "status": {status}, "client_ip": "{client}"}}'


def block(age_s: float, client: str) -> str:
    return (
        f'{{"timestamp": "{stamp(age_s)}", "event": "rate_limit_block", "client_ip": "{client}"}}'
    )


def test_refusals_of_the_last_minute_are_counted_by_client(ground: Ground) -> None:
    ground.write(answer(3000, 429, "10.0.0.1"), *[answer(50, 429, "10.0.0.1")] * 6)
    ground.write(answer(10, 200, "10.0.0.2"), *[answer(5, 429, "2001:db8::7:0")] * 3)
    found = ground.told.read("shop/api")
    assert found.of("10.0.0.1") == 6
    assert found.of("2001:db8::7") == 3, "a port behind an address without brackets"
    assert found.of("10.0.0.2") == 0
    assert found.source == "log shop/api/access, last 60 s"


def test_what_comes_is_counted_once_and_what_is_old_no_more(ground: Ground) -> None:
    ground.write(answer(3000, 200, "a"), answer(30, 429, "10.0.0.1"))
    assert ground.told.read("shop/api").of("10.0.0.1") == 1
    ground.write(answer(0, 429, "10.0.0.1"))
    assert ground.told.read("shop/api").of("10.0.0.1") == 2
    assert ground.told.read("shop/api").of("10.0.0.1") == 2
    ground.now_s += 45
    assert ground.told.read("shop/api").of("10.0.0.1") == 1
    ground.now_s += 45
    assert ground.told.read("shop/api").of("10.0.0.1") == 0


def test_a_block_and_the_answer_to_the_same_request_are_one(ground: Ground) -> None:
    ground.write(answer(3000, 200, "a"))
    for age_s in (20, 10):
        ground.write(block(age_s, "10.0.0.1"), answer(age_s, 429, "10.0.0.1:0"))
    assert ground.told.read("shop/api").of("10.0.0.1") == 2


def test_a_dict_of_python_tells_as_well(ground: Ground) -> None:
    text = "{'event': 'rate_limit_block', 'client_ip': '10.0.0.1', 'retry_after': 3}"
    ground.write(*[f"{stamp(30)[:19].replace('T', ' ')},123 - proxy - INFO - {text}"] * 4)
    per_min = ground.told.read("shop/api").per_client["10.0.0.1"]
    assert round(per_min) == 8, "four in the half minute that it has"


def test_why_nothing_is_told(ground: Ground) -> None:
    assert "no log in the configuration" in ground.told.read("shop/web").why
    assert "log shop/api/access: " in ground.told.read("shop/api").why
    ground.write(f"{stamp(10)} INFO started", f"{stamp(9)} INFO ready")
    found = ground.told.read("shop/api")
    assert found.why == "log shop/api/access: no record has a status or tells of a refusal"
    assert found.of("10.0.0.1") is None
    ground.write(answer(0, 429, "10.0.0.1"))
    assert ground.told.read("shop/api").of("10.0.0.1") == 6, "a minute's worth of ten seconds"
