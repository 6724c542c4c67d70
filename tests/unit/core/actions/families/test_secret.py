"""Secrets made anew on fakes: at every place of a kill, in compose services; what is refused."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from core.actions.action import Site
from core.actions.families import audit_scan, secret
from core.actions.families.audit_scan_steps import ScanSecurity
from core.actions.families.secret_steps import MakeSecretFile, RotateSecret
from core.actions.part import Sight, Step
from core.actions.ports import Ports
from core.actions.work import digest
from core.clients.acting.prober import Called
from core.errors import ActionError, ClientMissing
from core.model.action import Danger
from core.model.env_text import parse_env
from core.model.key_spec import TokenSpec
from core.model.operation import CommandSpec, EnvFileSpec, OperationsSpec
from core.model.security import SecurityItem, Tick
from core.model.text import SafeText
from tests.fakes.acting_files import FakeFiles, FakeWork, Kill, Killed
from tests.fakes.acting_ground import Ground, carry_out, drafted, stops, warnings
from tests.fakes.acting_prober import FakeProber
from tests.unit.core.actions.families import test_files
from tests.unit.core.actions.families.test_files import AS_COMPOSE, COMPOSE

files, ground = test_files.files, test_files.ground
ENV, ALSO, RESULT = "/opt/shop/.env", "/opt/shop/.env.prod", "/state/results/a.json"
TEXT = b"\xef\xbb\xbf# kept\r\nexport JWT_SECRET='old-and-long-enough' # by hand\r\nA=1"
ME = "http://127.0.0.1:8000/me"
TOKENS = TokenSpec("jwt", secret_variable="JWT_SECRET", env_file="prod", identity=ME)
STEPS: tuple[tuple[str, Callable[[], Step]], ...] = (
    ("rotate", lambda: RotateSecret(ENV, digest(TEXT), "JWT_SECRET", "", 32, RESULT)),
    ("make", lambda: MakeSecretFile("/opt/shop/new", 32)),
    ("scan", lambda: ScanSecurity("shop", (), (), (), "/state/reports/r", RESULT)),
)


def ports_of(ground: Ground, prober: FakeProber | None = None) -> Ports:
    return replace(ground.ports, results="/state/results", prober=prober, security=None)


def put_all(files: FakeFiles) -> None:
    files.put(ENV, TEXT, mode=0o640, uid=1000, gid=1000)
    files.folders |= {"/state": 9, "/state/results": 10, "/state/reports": 11}


def site_of(ground: Ground, prober: FakeProber | None = None, **more: object) -> Site:
    spec = EnvFileSpec("prod", ENV, read_by=("api",), apply="recreate")
    tokens = (replace(TOKENS, **more),)  # type: ignore[arg-type] - fields of the spec
    operations = OperationsSpec(
        "shop", "/opt/shop", COMPOSE, env_files=(spec,), tokens=tokens,
        commands=(CommandSpec("rate-probe", ("probe",)),),
    )  # fmt: skip
    site = ground.site(AS_COMPOSE, operations={"shop": operations})
    return replace(site, ports=ports_of(ground, prober))


@pytest.mark.parametrize("moment", ["before", "amid", "after"])
@pytest.mark.parametrize("at", range(1, 7))
@pytest.mark.parametrize(("name", "make"), STEPS, ids=[name for name, _ in STEPS])
async def test_a_kill_anywhere_is_seen_for_what_it_is_and_undone(
    ground: Ground, files: FakeFiles, name: str, make: Callable[[], Step], at: int, moment: str
) -> None:
    put_all(files)
    step, ports, work = make(), ports_of(ground), FakeWork()
    before = dict(files.files)
    await step.save(ports, work)
    files.kill = Kill(at, moment)
    with suppress(Killed):
        await step.apply(ports, work)
    files.kill = Kill()
    seen = await step.observe(ports)
    if seen.sight is Sight.AFTER and name == "rotate":
        assert files.files[ENV].data != TEXT
    if seen.sight is Sight.BEFORE and name == "rotate":
        assert files.files[ENV].data == TEXT
    await step.undo(ports, work)
    assert (await step.observe(ports)).sight is Sight.BEFORE
    assert {path: one.data for path, one in files.files.items()} == {
        path: one.data for path, one in before.items()
    }
    await step.apply(ports, work)
    assert (await step.observe(ports)).sight is Sight.AFTER


async def test_a_compose_service_is_made_anew_and_old_and_new_are_tried(
    ground: Ground, files: FakeFiles
) -> None:
    put_all(files)
    answers = [Called(code, b"{}", 0.01) for code in (200, 401, 401, 200, 200, 401)]
    prober = FakeProber(called={ME: [*answers]})
    draft = await drafted(secret.ACTIONS, site_of(ground, prober), "secret.rotate", "shop/prod")
    assert stops(draft) == []
    assert draft.danger is Danger.INTERRUPT
    assert any("made anew, not restarted" in one for one in draft.radius)
    assert await carry_out(draft, ports_of(ground, prober)) == ("verified", "")
    entry = parse_env(files.files[ENV].data).last("JWT_SECRET")
    assert entry is not None
    assert entry.value is not None
    assert files.files[ENV].data == TEXT.replace(b"old-and-long-enough", entry.value.encode())
    looks = files.files[ENV]
    assert (looks.mode, looks.uid, looks.gid) == (0o640, 1000, 1000)
    sent = [one["authorization"] for one in prober.sent]
    assert len(sent) == 6
    assert "Bearer" not in f"{sent}"


async def test_an_endpoint_that_takes_any_token_proves_nothing(
    ground: Ground, files: FakeFiles
) -> None:
    put_all(files)
    prober = FakeProber(called={ME: [Called(200, b"{}", 0.01)]})
    draft = await drafted(secret.ACTIONS, site_of(ground, prober), "secret.rotate", "shop/prod")
    assert any("a forged token gets 200" in one for one in warnings(draft))
    proof, text = await carry_out(draft, ports_of(ground, prober))
    assert proof == "ran but unverified"
    assert "of the old one 200" in text


async def test_without_an_address_to_try_it_says_so(ground: Ground, files: FakeFiles) -> None:
    put_all(files)
    site = site_of(ground, identity="")
    draft = await drafted(secret.ACTIONS, site, "secret.rotate", "shop/prod")
    assert any("no identity address" in one for one in warnings(draft))


async def test_a_missing_file_is_no_reason_to_make_one(ground: Ground, files: FakeFiles) -> None:
    put_all(files)
    del files.files[ENV]
    draft = await drafted(secret.ACTIONS, site_of(ground), "secret.rotate", "shop/prod")
    assert any("there is no /opt/shop/.env" in one for one in stops(draft))


@pytest.mark.parametrize(
    ("action", "inputs", "says"),
    [
        ("secret.rotate", {"name": "STRIPE_API_KEY"}, "comes from Stripe"),
        ("secret.rotate", {"name": "REDIS_PASSWORD"}, "known to another side"),
        ("secret.set", {"value": "file:/x"}, "name the secret"),
        ("secret.set", {"name": "A_KEY", "value": "plain"}, "value=file:/path"),
        ("secret.generate", {"bytes": "4"}, "a number from 16"),
        ("secret.generate", {"bytes": "9" * 5000}, "a number from 16"),
        ("secret.generate", {"to": "x"}, "named from / on"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    ground: Ground, files: FakeFiles, action: str, inputs: dict[str, str], says: str
) -> None:
    put_all(files)
    with pytest.raises(ActionError, match=says):
        await drafted(secret.ACTIONS, site_of(ground), action, "shop/prod", **inputs)


async def test_a_random_number_is_no_providers_key(ground: Ground, files: FakeFiles) -> None:
    put_all(files)
    words = {"to": "/opt/shop/new", "variable": "GOOGLE_API_KEY"}
    draft = await drafted(secret.ACTIONS, site_of(ground), "secret.generate", "shop/prod", **words)
    assert any("comes from Google" in one for one in stops(draft))


@pytest.mark.parametrize(
    ("text", "says"),
    [(b"", "the file is empty"), (b"a b\nc\n", "blanks or several lines"), (b" x\n", "blanks")],
)
async def test_a_value_that_is_no_key_is_refused(
    ground: Ground, files: FakeFiles, text: bytes, says: str
) -> None:
    put_all(files)
    files.put("/root/value", text, mode=0o600)
    words = {"name": "GOOGLE_API_KEY", "value": "file:/root/value", "apply": "no"}
    draft = await drafted(secret.ACTIONS, site_of(ground), "secret.set", "shop/prod", **words)
    assert any(says in one for one in stops(draft))


def test_offers_tell_ours_from_a_providers(ground: Ground) -> None:
    site = site_of(ground)
    named = {one.id: one.offers(site) for one in (*secret.ACTIONS, *audit_scan.ACTIONS)}
    assert [one.inputs[0].default for one in named["secret.rotate"]] == ["JWT_SECRET"]
    assert named["secret.set"] == ()
    assert [one.target for one in named["audit.scan"]] == ["shop"]


async def test_a_scan_without_eyes_for_files_says_what_it_could_not(
    ground: Ground, files: FakeFiles
) -> None:
    put_all(files)
    site = site_of(ground)
    draft = await drafted(audit_scan.ACTIONS, site, "audit.scan", "shop/api")
    assert await carry_out(draft, site.ports) == ("verified", "")
    report = next(one.data for path, one in files.files.items() if path.endswith(".txt"))
    assert b"[?] files: nothing here looks at files" in report
    assert b"run rate-probe, or http.probe_limit" in report


async def test_a_scan_takes_over_what_files_say(ground: Ground, files: FakeFiles) -> None:
    put_all(files)

    async def look(system: str) -> tuple[SecurityItem, ...]:
        if system != "shop":
            raise ClientMissing("no such system")
        item = SecurityItem(SafeText("modes"), Tick.NOT, SafeText("1 finding"), (SafeText("/x"),))
        return (item,)

    site = site_of(ground)
    ports = replace(site.ports, security=look)
    draft = await drafted(audit_scan.ACTIONS, replace(site, ports=ports), "audit.scan", "shop")
    assert await carry_out(draft, ports) == ("verified", "")
    report = next(one.data for path, one in files.files.items() if path.endswith(".txt"))
    assert b"[!] modes: 1 finding\n      /x\n" in report
