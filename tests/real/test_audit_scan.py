"""A security audit on a real folder and a real service: it ticks, names places, tells no value."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.model.action import ActionRequest, Phase, Proof
from tests.crashes import Scenario, World
from tests.fakes.loopback import Loopback, loopback

PLANTED = "k9Xw-planted-in-a-file-44"
KEY = "sk_" + "live_" + "4eC39HqLyjWDarjtT1zdp7dc"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback({"/health": (200, '{"status": "ok"}'), "/v1": (401, "{}")}) as made:
        yield made


def world_of(server: Loopback, *, is_bad: bool) -> World:
    url = f"http://127.0.0.1:{server.port}"

    def config(folder: Path) -> str:
        (folder / ".env").write_text(f"JWT_SECRET={PLANTED}\n", encoding="utf-8")
        (folder / ".env").chmod(0o644 if is_bad else 0o600)
        (folder / "keys.json").write_text("{}", encoding="utf-8")
        (folder / "keys.json").chmod(0o600)
        (folder / "src").mkdir()
        (folder / "src" / "ok.py").write_text('PASSWORD = os.environ["PASSWORD"]\n')
        if is_bad:
            text = f'x = 1\nJWT = "{PLANTED}"\nkey = "{KEY}"\nAPI_TOKEN = "changeme-now"\n'
            (folder / "src" / "bad.py").write_text(text, encoding="utf-8")
            (folder / "node_modules").mkdir()
            (folder / "node_modules" / "x.js").write_text(f"'{KEY}'", encoding="utf-8")
            (folder / "src" / "image.bin").write_bytes(b"\0\1" + KEY.encode())
            (folder / "src" / "open.py").write_text("y = 2\n", encoding="utf-8")
            (folder / "src" / "open.py").chmod(0o666)
            (folder / "src" / "way").symlink_to("/etc")
        return (
            f"    services:\n      app:\n        base_url: {url}\n"
            "        checks:\n          headers:\n            {url: /health, kind: headers,"
            " expect: {headers: [x-ours]}}\n"
            "    env_files: {env: {path: .env, apply: none}}\n"
            "    keys: {api-keys: {path: keys.json, probe: {service: app, url: /v1}}}\n"
        )

    def wish(_folder: Path) -> ActionRequest:
        return ActionRequest("audit.scan", "shop/app")

    return World(Scenario("audit.scan", config, wish, lambda _folder: ""))


def report_of(world: World) -> tuple[dict[str, dict[str, object]], str]:
    [path] = (world.folder / "state" / "reports").glob("*.json")
    text = path.with_suffix(".txt")
    assert {stat.S_IMODE(one.stat().st_mode) for one in (path, text)} == {0o600}
    items = json.loads(path.read_text("ascii"))["items"]
    return {one["title"]: one for one in items}, text.read_text("utf-8")


def test_what_is_exposed_is_named_by_place_and_never_shown(server: Loopback) -> None:
    world = world_of(server, is_bad=True)
    try:
        world.in_process("execute")
        assert (world.state.phase, world.state.proof) == (Phase.COMMITTED, Proof.VERIFIED)
        items, text = report_of(world)
        exposed = items["exposed secrets"]
        assert exposed["result"] == "not"
        bad = world.place / "src" / "bad.py"
        assert exposed["places"] == [f"{bad}:2: the value of JWT_SECRET", f"{bad}:3: a Stripe key"]
        assert items["permissions"]["places"] == [
            f"{world.place}/.env: everybody may read it (0644)",
            f"{world.place}/src/open.py: everybody may write it (0666)",
        ]
        assert items["secrets"]["result"] == "not"
        assert items["api-keys without a key"]["result"] == "ticked"
        assert items["check shop/app/headers"]["result"] == "not"
        assert items["rate limiter"]["result"] == "could not"
        assert "[!] exposed secrets: 2 findings" in text
        state = world.folder / "state"
        told = b"".join(one.read_bytes() for one in state.rglob("*") if one.is_file())
        assert PLANTED.encode() not in told
        assert KEY.encode() not in told
    finally:
        world.close()


def test_a_tidy_system_is_ticked_and_a_gate_that_is_open_is_not(server: Loopback) -> None:
    server.answers["/v1"] = (200, "{}")
    world = world_of(server, is_bad=False)
    try:
        world.in_process("execute")
        items, _ = report_of(world)
        results = {title: one["result"] for title, one in items.items()}
        assert {results[one] for one in ("exposed secrets", "permissions", "secrets")} == {"ticked"}
        assert results["api-keys without a key"] == "not"
        assert world.audited_ends() == {"committed"}
    finally:
        world.close()
