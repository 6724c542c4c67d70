"""Secrets made anew under a real service that checks tokens: old refused, new accepted."""

import json
import os
import re
import stat
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.errors import ConsoleError
from core.keys.tokens.minting import mint_token
from core.model.action import ActionRequest, Phase, Proof
from core.model.secret import Secret
from tests.crash_secrets import (
    HURRY,
    OLD,
    end,
    pinned,
    port_of,
    rotation,
    service,
    text_and_running,
)
from tests.crashes import Scenario, World

NOW_S = 1_000_000.0


def scenario(
    config: Callable[[Path], str], request: Callable[[Path], ActionRequest] = rotation
) -> Scenario:
    return Scenario("secrets", config, request, text_and_running, end, hurry=HURRY)


@pytest.fixture
def world() -> Iterator[Callable[..., World]]:
    made: list[World] = []

    def make(
        config: Callable[[Path], str], request: Callable[[Path], ActionRequest] = rotation
    ) -> World:
        made.append(World(scenario(config, request)))
        return made[-1]

    yield make
    for one in made:
        one.close()


def ask(world: World, secret: str) -> int:
    token = mint_token(Secret(secret), "somebody", (), 60, NOW_S)
    request = urllib.request.Request(
        f"http://127.0.0.1:{port_of(world.place)}/auth/me",
        headers={"authorization": f"Bearer {token.reveal()}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def env(world: World) -> str:
    return (world.place / ".env").read_text("utf-8")


def new_of(world: World) -> str:
    found = re.search(r"JWT_SECRET=([0-9a-f]{64})", env(world))
    assert found is not None
    return found[1]


def places_with(world: World, value: str) -> set[str]:
    """Return every file of the console's state that holds a text."""
    return {
        str(path.relative_to(world.folder / "state"))
        for path in (world.folder / "state").rglob("*")
        if path.is_file() and value.encode() in path.read_bytes()
    }


def test_the_old_secret_ends_the_new_one_counts_and_no_other_byte_is_another(
    world: Callable[..., World],
) -> None:
    made = world(service)
    path = made.place / ".env"
    if os.geteuid() == 0:
        os.chown(path, 1000, 1001)
    before = (path.stat().st_uid, path.stat().st_gid, stat.S_IMODE(path.stat().st_mode))
    made.action_id = made.confirmed(rotation(made.place))
    assert (ask(made, OLD), ask(made, "0" * 64)) == (200, 401)
    made.in_process("execute")
    assert (made.state.phase, made.state.proof) == (Phase.COMMITTED, Proof.VERIFIED)
    new = new_of(made)
    assert (ask(made, OLD), ask(made, new)) == (401, 200)
    assert env(made) == f"# kept\nA='b c'\nJWT_SECRET={new}\n# end"
    after = path.stat()
    assert (after.st_uid, after.st_gid, stat.S_IMODE(after.st_mode)) == before
    for value in (OLD, new):
        found = places_with(made, value)
        assert found, "the way back needs it"
        assert all(place.startswith(f"actions/{made.action_id}/") for place in found)
        assert not [one for one in found if one.endswith((".json", ".jsonl", ".log"))]
    assert made.audited_ends() == {"committed"}


def test_a_service_that_keeps_the_old_secret_has_it_put_back(world: Callable[..., World]) -> None:
    made = world(pinned)
    made.in_process("execute")
    assert made.state.phase is Phase.ROLLED_BACK
    assert made.now == made.before
    assert ask(made, OLD) == 200
    assert "gets 401, of the old one 200" in made.state.text


def test_where_the_application_takes_two_the_old_one_stays_good(
    world: Callable[..., World],
) -> None:
    def with_two(folder: Path) -> str:
        return service(folder, tokens=", previous_variable: JWT_SECRET_PREVIOUS")

    made = world(with_two)
    made.in_process("execute")
    assert made.state.proof is Proof.VERIFIED
    assert f"JWT_SECRET_PREVIOUS={OLD}" in env(made)
    assert (ask(made, OLD), ask(made, new_of(made))) == (200, 200)


def test_the_old_secret_is_kept_so_that_it_can_be_put_back(world: Callable[..., World]) -> None:
    made = world(service)
    made.in_process("execute")
    new = new_of(made)
    kept = made.folder / "state" / "actions" / made.action_id / "backup" / "secret.old"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    words = (("name", "JWT_SECRET"), ("value", f"file:{kept}"))
    made.action_id = made.confirmed(ActionRequest("secret.set", "shop/env", words))
    made.in_process("execute")
    assert made.state.proof is Proof.VERIFIED
    assert (ask(made, OLD), ask(made, new)) == (200, 401)
    assert made.now == made.before


def test_a_file_that_somebody_changes_meanwhile_is_left_alone(world: Callable[..., World]) -> None:
    made = world(service)
    text = env(made) + "\nADDED=1\n"
    (made.place / ".env").write_text(text, encoding="utf-8")
    made.in_process("execute")
    assert made.state.phase is Phase.ABORTED
    assert env(made) == text
    assert ask(made, OLD) == 200


def test_a_service_that_reads_another_secret_is_said_beforehand(
    world: Callable[..., World],
) -> None:
    def odd(folder: Path) -> str:
        text = service(folder)
        (folder / ".env").write_text("JWT_SECRET=another-one-than-it-reads\n", encoding="utf-8")
        return text

    made = world(odd)
    texts = [str(one.text) for one in made.state.plan.preflight]
    assert any("gets 401 already: the service reads" in one for one in texts)
    made.in_process("execute")
    assert made.state.proof is Proof.VERIFIED
    assert ask(made, new_of(made)) == 200


def test_the_plan_says_what_ends_and_shows_no_value(world: Callable[..., World]) -> None:
    plan = world(service).state.plan
    said = json.dumps([*plan.radius, *plan.preview, *(one.text for one in plan.preflight)])
    assert "all sessions and tokens that JWT_SECRET signed end" in said
    assert "(new value)" in said
    assert OLD not in repr(plan)


def test_a_providers_key_is_entered_and_never_made(world: Callable[..., World]) -> None:
    value = "AIza-entered-by-hand-1234567"

    def with_key(folder: Path) -> str:
        (folder.parent / "value").write_text(f"{value}\n", encoding="ascii")
        (folder.parent / "value").chmod(0o600)
        return service(folder, env=f"JWT_SECRET={OLD}\nGOOGLE_API_KEY=AIza-old # mine\n")

    def enter(folder: Path) -> ActionRequest:
        given = f"file:{folder.parent / 'value'}"
        return ActionRequest(
            "secret.set", "shop/env", (("name", "GOOGLE_API_KEY"), ("value", given))
        )

    made = world(with_key, enter)
    assert any("end the old one: delete the old key there" in one for one in made.state.plan.radius)
    made.in_process("execute")
    assert made.state.proof is Proof.VERIFIED
    assert env(made) == f"JWT_SECRET={OLD}\nGOOGLE_API_KEY={value} # mine\n"
    assert value not in repr(made.state.plan)
    with pytest.raises(ConsoleError, match="comes from Google"):
        made.confirmed(ActionRequest("secret.rotate", "shop/env", (("name", "GOOGLE_API_KEY"),)))
    words = (("name", "GOOGLE_API_KEY"), ("value", "x"))
    with pytest.raises(ConsoleError, match="value=file:"):
        made.confirmed(ActionRequest("secret.set", "shop/env", words))


def test_a_random_value_goes_into_a_new_private_file_alone(world: Callable[..., World]) -> None:
    def generate(folder: Path) -> ActionRequest:
        words = (("to", f"file:{folder}/new"), ("bytes", "16"))
        return ActionRequest("secret.generate", "shop/env", words)

    made = world(service, generate)
    made.in_process("execute")
    assert made.state.proof is Proof.VERIFIED
    path = made.place / "new"
    value = path.read_text("ascii").strip()
    assert re.fullmatch("[0-9a-f]{32}", value)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert places_with(made, value) == set()
    with pytest.raises(ConsoleError, match="is there already"):
        made.confirmed(made.state.plan.request)
    ours = ActionRequest("secret.generate", "shop/env", (("variable", "JWT_SECRET"),))
    made.action_id = made.confirmed(ours)
    made.in_process("execute")
    assert made.state.proof is Proof.VERIFIED
    [kept] = (made.folder / "state" / "results").glob("*.secret")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
