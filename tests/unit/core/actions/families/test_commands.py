"""Commands of the configuration: words without a shell, judged by what they print."""

import json
from dataclasses import replace
from random import Random

import pytest

from core.actions.action import Draft, Site
from core.actions.families.commands import ACTIONS
from core.actions.families.commands_steps import RunCommand, TryCommand
from core.actions.families.commands_words import fill
from core.actions.part import Sight
from core.actions.ports import Ports
from core.clients.acting.commands import Order, Ran
from core.errors import ActionError, ClientMissing, ClientTimeout, StepFailedError
from core.model.action import Danger
from core.model.operation import CommandSpec, JudgeSpec, OperationsSpec
from core.model.secret import MASK
from core.model.text import clean
from core.model.topology import DockerContainer
from tests.fakes.acting_commands import ran
from tests.fakes.acting_files import FakeFile, FakeFiles, FakeWork, Kill, Killed
from tests.fakes.acting_ground import Ground, carry_out, drafted, stops, stored, warnings
from tests.fakes.world import service, system, topology

VALIDATE = CommandSpec(
    "validate", ("python", "dev/validate.py"), "Validate", cwd="/srv/shop", danger="R"
)
MIGRATE = CommandSpec(
    "migrate", ("alembic", "upgrade", "head"), cwd="/srv/shop", danger="D", timeout_s=600
)
GOOD = ran(0, "✅ Configuration is valid")


@pytest.fixture
def ground() -> Ground:
    made = Ground()
    assert isinstance(made.files, FakeFiles)
    made.files.files["/srv/shop/dev/validate.py"] = FakeFile(b"print()", inode=7)
    return made


def ports_of(ground: Ground) -> Ports:
    return replace(ground.ports, results="/state/results")


def site_of(ground: Ground, *specs: CommandSpec, inside: str = "") -> Site:
    services = (service("api", runs_as=DockerContainer("api-1")),) if inside else (service("api"),)
    operations = {"shop": OperationsSpec("shop", "/srv/shop", commands=specs)}
    return Site(topology(system("shop", *services)), operations, ports_of(ground))


async def draft_of(ground: Ground, spec: CommandSpec, **inputs: str) -> Draft:
    site = site_of(ground, spec, inside=spec.inside)
    return await drafted(ACTIONS, site, "command.run", f"shop/{spec.name}", **inputs)


def with_inputs(*argv: str, **inputs: str) -> CommandSpec:
    return CommandSpec("x", argv, inputs=tuple(inputs.items()), cwd="/srv/shop")


# The plan


async def test_the_plan_shows_the_absolute_program_its_folder_and_how_success_is_told(
    ground: Ground,
) -> None:
    spec = replace(VALIDATE, judge=JudgeSpec(never_says=("Traceback",)))
    draft = await draft_of(ground, spec)
    assert draft.title == "run Validate"
    assert draft.preview == (
        "$ /usr/bin/python dev/validate.py",
        "folder: /srv/shop",
        "success: exit 0; never says 'Traceback'",
    )
    assert draft.danger is Danger.READ
    assert stops(draft) == []


async def test_a_script_is_held_to_the_bytes_that_were_planned(ground: Ground) -> None:
    draft = await draft_of(ground, VALIDATE)
    before = await draft.traits[0].trait.read(ground.ports)
    assert isinstance(ground.files, FakeFiles)
    ground.files.put("/srv/shop/dev/validate.py", b"import os; os.remove('x')")
    assert await draft.traits[0].trait.read(ground.ports) != before


async def test_a_program_that_is_not_there_is_a_statement_with_a_remedy(ground: Ground) -> None:
    ground.commands.missing = {"alembic"}
    spec = replace(MIGRATE, absent="this install has no database", alternatives=("by-hand",))
    draft = await draft_of(ground, spec)
    assert stops(draft) == ["this install has no database: alembic is not installed here"]
    assert [one.remedy for one in draft.preflight if one.remedy] == ["use instead: by-hand"]


async def test_a_script_that_is_not_there_is_one_too(ground: Ground) -> None:
    spec = replace(VALIDATE, argv=("python", "dev/gone.py"), absent="not part of this build")
    draft = await draft_of(ground, spec)
    assert stops(draft) == ["not part of this build: there is no script /srv/shop/dev/gone.py"]


async def test_python_is_python3_where_there_is_no_other(ground: Ground) -> None:
    ground.commands.missing = {"python"}
    draft = await draft_of(ground, VALIDATE)
    assert draft.preview[0] == "$ /usr/bin/python3 dev/validate.py"
    assert "there is no python here; /usr/bin/python3 is used" in warnings(draft)


async def test_a_relative_program_is_looked_for_in_its_folder(ground: Ground) -> None:
    draft = await draft_of(ground, replace(VALIDATE, argv=("venv/bin/pip", "check")))
    assert draft.preview[0] == "$ /srv/shop/venv/bin/pip check"


async def test_a_command_nobody_configured_is_refused_with_those_that_are(ground: Ground) -> None:
    site = site_of(ground, VALIDATE)
    with pytest.raises(ActionError, match="no command 'rm'; it has: validate"):
        await drafted(ACTIONS, site, "command.run", "shop/rm")


async def test_a_load_test_says_so(ground: Ground) -> None:
    spec = replace(VALIDATE, argv=("ab", "-n", "10", "http://127.0.0.1/"), danger="H", note="loud")
    draft = await draft_of(ground, spec)
    assert draft.danger is Danger.INTERRUPT
    assert any("it makes load on purpose" in line for line in draft.radius)
    assert "loud" in draft.radius
    assert isinstance(draft.steps[0].step, TryCommand), "it changes nothing that stays"


# No text becomes an option or a shell word


@pytest.mark.parametrize(
    "value",
    ["-v/:/h", "--help", "--", "-", "-oProxyCommand=x", "a\nb", "a\x00b", "a\x1b[2J", "x" * 5000],
)
def test_a_value_that_would_be_an_option_or_is_no_word_is_refused(value: str) -> None:
    with pytest.raises(ActionError):
        fill(with_inputs("pip", "install", "{package}", package="what"), (("package", value),))


@pytest.mark.parametrize(
    "value", ["$(reboot)", "`x`", "; rm -rf /", "../../etc/shadow", "a b", "{package}", "é*?"]
)
def test_a_value_with_shell_characters_is_one_plain_word(value: str) -> None:
    filled = fill(with_inputs("pip", "{package}", package="what"), (("package", value),))
    assert filled.argv == ("pip", value)


def test_of_2000_hostile_names_none_becomes_an_option_or_a_second_word() -> None:
    pieces = [
        *("-v/:/h", "--help", "$(reboot)", "`x`", "\n", "../", "'", '"', ";", "|", "&&", " ", "a"),
        *("\x00", "\x1b[2J", "\x9b", "-", "--", "=", "{package}", "{other}", "\u202e", "é", "/"),
    ]
    random = Random(20)
    spec = with_inputs("pip", "install", "{package}", "--to={package}", package="what")
    for _ in range(2000):
        value = "".join(random.choices(pieces, k=random.randint(1, 5)))
        try:
            argv = fill(spec, (("package", value),)).argv
        except ActionError:
            continue
        assert argv == ("pip", "install", value, f"--to={value}")
        assert not value.startswith("-")
        assert value.isprintable()


def test_a_leading_dash_is_fine_inside_a_word_and_after_the_end_of_options() -> None:
    inside = fill(with_inputs("x", "--name={n}", n="what"), (("n", "-v"),))
    after = fill(with_inputs("x", "--", "{n}", n="what"), (("n", "-v"),))
    assert inside.argv == ("x", "--name=-v")
    assert after.argv == ("x", "--", "-v")


def test_a_value_is_not_filled_again() -> None:
    spec = with_inputs("x", "{a}", "{b}", a="1", b="2")
    assert fill(spec, (("a", "{b}"), ("b", "B"))).argv == ("x", "{b}", "B")


@pytest.mark.parametrize(
    "argv", [("python", "-c", "print({n})"), ("bash", "-c", "echo {n}"), ("{n}", "x")]
)
def test_an_input_is_never_code_nor_the_program(argv: tuple[str, ...]) -> None:
    with pytest.raises(ActionError):
        fill(with_inputs(*argv, n="what"), (("n", "1"),))


def test_inputs_are_asked_for_and_no_others_taken() -> None:
    with pytest.raises(ActionError, match="x needs --set n=…: what"):
        fill(with_inputs("x", "{n}", n="what"), ())
    with pytest.raises(ActionError, match="x takes no input 'm'"):
        fill(with_inputs("x", "{n}", n="what"), (("n", "1"), ("m", "1")))


# Secrets


async def test_a_program_that_takes_a_secret_as_a_word_is_never_run(ground: Ground) -> None:
    spec = with_inputs("python", "dev/validate.py", "{secret_key}", secret_key="the key")
    draft = await draft_of(ground, spec, secret_key="file:/run/key")
    assert "every user of this machine can read it" in stops(draft)[0]
    assert MASK in draft.preview[0]
    offers = ACTIONS[0].offers(site_of(ground, spec))
    assert "every user" in offers[0].reason_against


async def test_a_secret_goes_from_a_file_to_standard_input_and_nowhere_else(ground: Ground) -> None:
    assert isinstance(ground.files, FakeFiles)
    ground.files.files["/run/key"] = FakeFile(b"key_1234", mode=0o600)
    ground.commands.answers[("/usr/bin/python",)] = GOOD
    spec = with_inputs("python", "dev/validate.py", secret_key="the key")
    draft = await draft_of(ground, spec, secret_key="file:/run/key")
    assert await carry_out(draft, ports_of(ground)) == ("verified", "")
    (order,) = ground.commands.orders
    assert order.stdin is not None
    assert order.stdin.reveal() == "key_1234"
    assert "key_1234" not in repr((order, draft, ground.files.files.keys()))


async def test_a_secret_that_is_given_plainly_is_refused_without_repeating_it(
    ground: Ground,
) -> None:
    spec = with_inputs("python", "dev/validate.py", secret_key="the key")
    with pytest.raises(ActionError) as caught:
        await draft_of(ground, spec, secret_key="key_1234")
    assert "key_1234" not in str(caught.value)


# Running


async def test_a_good_run_is_verified_by_its_words(ground: Ground) -> None:
    ground.commands.answers[("/usr/bin/python",)] = GOOD
    draft, work = await draft_of(ground, VALIDATE), FakeWork()
    assert await carry_out(draft, ports_of(ground), work) == ("verified", "")
    (order,) = ground.commands.orders
    assert (order.argv, order.cwd) == (("/usr/bin/python", "dev/validate.py"), "/srv/shop")
    assert order.output == work.output
    assert "valid: ✅ Configuration is valid" in work.said
    assert json.loads(work.kept("result.json"))["is_good"] is True
    assert isinstance(ground.files, FakeFiles)
    assert not [path for path in ground.files.files if path.startswith("/state/")]


async def test_a_bad_run_of_what_changes_nothing_is_rolled_back_with_its_words(
    ground: Ground,
) -> None:
    ground.commands.answers[("/usr/bin/python",)] = ran(0, "❌ LOG_LEVEL is wrong")
    end, why = await carry_out(await draft_of(ground, VALIDATE), ports_of(ground))
    assert (end, why) == ("rolled_back", "1 problem: LOG_LEVEL is wrong")


async def test_a_bad_run_of_what_changes_something_needs_a_person(ground: Ground) -> None:
    ground.commands.answers[("/usr/bin/alembic",)] = ran(255, "", "FAILED: no such revision")
    draft = await draft_of(ground, MIGRATE)
    assert draft.steps[0].is_irreversible
    assert await carry_out(draft, ports_of(ground)) == ("needs_human", "no such revision")


async def test_what_is_not_understood_ran_but_is_not_verified(ground: Ground) -> None:
    ground.commands.answers[("/usr/bin/python",)] = ran(0, "looked at 3 files")
    end, why = await carry_out(await draft_of(ground, VALIDATE), ports_of(ground))
    assert end == "ran but unverified"
    assert "not understood" in why


async def test_migrations_are_proven_by_a_second_look(ground: Ground) -> None:
    ground.commands.answers[("/usr/bin/alembic", "upgrade")] = ran(
        0, "", "INFO  [alembic] Running upgrade a1 -> b2, more"
    )
    ground.commands.answers[("/usr/bin/alembic", "current")] = ran(0, "aaaa1111 (head)")
    draft = await draft_of(ground, MIGRATE)
    assert [one.title for one in draft.proofs] == ["what it printed", "alembic current"]
    assert await carry_out(draft, ports_of(ground)) == ("verified", "")
    ground.commands.answers[("/usr/bin/alembic", "current")] = ran(0, "aaaa1111")
    end, why = await carry_out(await draft_of(ground, MIGRATE), ports_of(ground))
    assert end == "needs_human"
    assert "migrations are pending" in why


async def test_a_program_that_hangs_says_how_far_it_came(ground: Ground) -> None:
    ground.commands.answers[("/usr/bin/python",)] = ClientTimeout("did not end within 120 s")
    end, why = await carry_out(await draft_of(ground, VALIDATE), ports_of(ground))
    assert end == "rolled_back"
    assert "did not end within 120 s" in why


async def test_a_program_that_vanished_since_the_plan_has_not_been_begun(ground: Ground) -> None:
    draft = await draft_of(ground, MIGRATE)
    ground.commands.answers[("/usr/bin/alembic",)] = ClientMissing("alembic is gone")
    assert await carry_out(draft, ports_of(ground)) == ("rolled_back", "alembic is gone")


async def test_a_report_tells_how_it_came_out(ground: Ground) -> None:
    assert isinstance(ground.files, FakeFiles)
    files = ground.files
    files.folders["/srv/shop"] = 5
    told = JudgeSpec(report="/srv/shop/r.json", report_path="ready", report_equals="true")
    spec = replace(VALIDATE, judge=told)

    def writes(_order: Order) -> Ran:
        files.put("/srv/shop/r.json", b'{"ready": false}')
        return ran(0, "done")

    ground.commands.answers[("/usr/bin/python",)] = writes
    end, why = await carry_out(await draft_of(ground, spec), ports_of(ground))
    assert end == "rolled_back"
    assert "ready of its report is false, not true" in why


# Inside a container


async def test_inside_a_container_it_is_run_by_exec_without_a_shell(ground: Ground) -> None:
    container = ground.engine.put("api-1")
    ground.commands.answers[("/usr/bin/docker",)] = ran(0, "== 3 passed in 0.1s ==")
    spec = CommandSpec(
        "tests", ("pytest", "tests", "-v"), inside="api", cwd="/app", danger="L",
        environment=(("MODE", "test"),),
    )  # fmt: skip
    draft = await draft_of(ground, spec)
    assert await carry_out(draft, ports_of(ground)) == ("verified", "")
    argv = ground.commands.orders[0].argv
    assert argv[0] == "/usr/bin/docker"
    assert argv[3:] == (
        "exec", "--workdir", "/app", "--env", "MODE=test", "--", container,
        "pytest", "tests", "-v",
    )  # fmt: skip
    assert [one.kind for one in draft.targets] == ["command", "container"]


async def test_a_container_that_does_not_run_stops_it(ground: Ground) -> None:
    ground.engine.put("api-1", status="exited")
    spec = CommandSpec("tests", ("pytest",), inside="api")
    draft = await draft_of(ground, spec)
    assert stops(draft) == ["container api-1 is exited"]


async def test_a_program_that_the_image_has_not_is_named(ground: Ground) -> None:
    ground.engine.put("api-1")
    ground.commands.answers[("/usr/bin/docker",)] = ran(
        126, "", 'OCI runtime exec failed: exec: "ping": executable file not found in $PATH'
    )
    spec = CommandSpec("ping", ("ping", "x"), inside="api")
    end, why = await carry_out(await draft_of(ground, spec), ports_of(ground))
    assert end == "rolled_back"
    assert why.startswith("ping is not in the container")


# Killed in the middle


@pytest.mark.parametrize(
    ("at", "moment"),
    [(1, "before"), (1, "after")]
    + [(at, moment) for at in (2, 3) for moment in ("before", "amid", "after")],
)
async def test_killed_anywhere_a_second_look_tells_the_truth_and_undo_repairs(
    ground: Ground, at: int, moment: str
) -> None:
    ground.commands.answers[("/usr/bin/python",)] = GOOD
    draft = await draft_of(ground, VALIDATE)
    ports, work, step = ports_of(ground), FakeWork(), stored(draft.steps[0].step)
    assert isinstance(step, TryCommand)
    assert isinstance(ground.files, FakeFiles)
    ground.files.kill = Kill(at, moment)
    with pytest.raises(Killed):
        await step.apply(ports, work)
    has_run = bool(ground.commands.orders)
    seen = await step.observe(ports)
    if (at, moment) == (3, "after"):
        assert seen.sight is Sight.AFTER
    elif has_run or (at, moment) == (2, "after"):
        assert seen.sight is Sight.NEITHER
    else:
        assert seen.sight is Sight.BEFORE
    await step.undo(ports, work)
    assert (await step.observe(ports)).sight is Sight.BEFORE
    assert not [path for path in ground.files.files if path.startswith("/state/")]
    await step.undo(ports, work)


async def test_what_changes_something_is_never_run_twice(ground: Ground) -> None:
    ground.commands.answers[("/usr/bin/alembic",)] = ran(0, "", "Running upgrade a -> b, x")
    draft = await draft_of(ground, MIGRATE)
    ports, step = ports_of(ground), stored(draft.steps[0].step)
    assert isinstance(step, RunCommand)
    assert isinstance(ground.files, FakeFiles)
    ground.files.kill = Kill(3, "before")
    with pytest.raises(Killed):
        await step.apply(ports, FakeWork())
    with pytest.raises(StepFailedError, match="begun before"):
        await step.apply(ports, FakeWork())
    assert len(ground.commands.orders) == 1


async def test_outside_text_in_a_result_is_harmless(ground: Ground) -> None:
    ground.commands.answers[("/usr/bin/python",)] = ran(0, "❌ \x1b]52;c;x\x07[/nope]")
    _, why = await carry_out(await draft_of(ground, VALIDATE), ports_of(ground))
    assert why == clean(why)
    assert "\x1b" not in why
