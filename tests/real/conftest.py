"""Servers that several modules of tests begin with; a module's own of the same name goes before."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.real.servers import OwnRedis, redis_binary, valkey_binary
from tests.real.stream_stage import StreamStage


@pytest.fixture(params=[redis_binary, valkey_binary], ids=["redis", "valkey"], name="server")
def fixture_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OwnRedis]:
    """Run an empty server, of each kind in turn."""
    binary: Callable[[], str] = request.param
    own = OwnRedis(binary(), tmp_path)
    try:
        asyncio.run(own.start())
        yield own
    finally:
        own.stop()


@pytest.fixture(name="stage")
def fixture_stage(server: OwnRedis, tmp_path: Path) -> StreamStage:
    """Return an operator who acts on its streams."""
    return StreamStage(server, tmp_path / "one")
