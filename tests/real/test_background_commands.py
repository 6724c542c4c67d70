"""Commands that are servers: started on their own with a log, seen by pid, ended by it alone."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from core.actions.action import Site
from core.actions.families.commands import ACTIONS
from core.clients.acting.files import LocalFiles
from core.errors import ActionError
from core.model.operation import CommandSpec, OperationsSpec
from tests.fakes.acting_ground import carry_out, drafted, stops
from tests.real.acting import hasty, machine

SERVER = """
exec 3<>never
echo "level $LEVEL"
read -r text <&3
"""
"""It waits by itself, on a pipe that nobody writes to."""


@asynccontextmanager
async def site_with(folder: Path, text: str) -> AsyncGenerator[Site]:
    """Yield a site whose system has one server for a command; it is gone afterwards."""
    (folder / "serve.sh").write_text(text, encoding="utf-8")
    os.mkfifo(folder / "never")
    spec = CommandSpec(
        "debug", ("/bin/sh", str(folder / "serve.sh")), "Debug", cwd=str(folder), danger="M",
        environment=(("LEVEL", "DEBUG"),), background=str(folder / "out.log"),
    )  # fmt: skip
    once = CommandSpec("once", ("true",), cwd=str(folder))
    operations = {"shop": OperationsSpec("shop", str(folder), commands=(spec, once))}
    async with machine() as bare:
        ports = replace(bare.ports, files=LocalFiles(bare.ports.clock))
        site = Site(bare.topology, operations, ports)
        try:
            yield site
        finally:
            left = await site.ports.processes.find(spec.argv, str(folder), "")
            await site.ports.processes.end(tuple(one.id for one in left), 1.0)


async def done(site: Site, action: str) -> str:
    draft = hasty(await drafted(ACTIONS, site, action, "shop/debug"))
    assert stops(draft) == []
    end, why = await carry_out(draft, site.ports)
    return f"{end}: {why}"


async def test_it_is_started_apart_shown_by_its_pid_and_ended(tmp_path: Path) -> None:
    async with site_with(tmp_path, SERVER) as site:
        assert (await done(site, "command.run")).startswith(("verified", "ran but"))
        [process] = await site.ports.processes.find(
            ("/bin/sh", str(tmp_path / "serve.sh")), str(tmp_path), ""
        )
        async with asyncio.timeout(60):
            while (tmp_path / "out.log").read_text() != "level DEBUG\n":
                await asyncio.sleep(0.02)
        again = await drafted(ACTIONS, site, "command.run", "shop/debug")
        assert any("runs already" in one.text for one in again.preflight)
        ending = await drafted(ACTIONS, site, "command.stop", "shop/debug")
        assert f"pid {process.id.pid}" in ending.title
        assert (await done(site, "command.stop")).startswith("verified")
        assert not await site.ports.processes.is_running(process.id)


async def test_one_that_ends_at_once_is_not_called_started(tmp_path: Path) -> None:
    async with site_with(tmp_path, "echo no port >&2\nexit 1\n") as site:
        said = await done(site, "command.run")
        assert "ended at once" in said
        assert "no port" in (tmp_path / "out.log").read_text()


async def test_only_servers_can_be_ended(tmp_path: Path) -> None:
    async with site_with(tmp_path, SERVER) as site:
        [stop] = [one for one in ACTIONS if one.id == "command.stop"]
        assert [one.target for one in stop.offers(site)] == ["shop/debug"]
        with pytest.raises(ActionError, match="no server"):
            await drafted(ACTIONS, site, "command.stop", "shop/once")
