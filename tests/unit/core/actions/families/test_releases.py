"""What release actions say before anything happens, and steps that need no repository."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import Any, cast

import pytest

from core.actions.action import Draft, Site
from core.actions.families import releases, releases_look
from core.actions.families.releases_steps import HeadTrait, LinkTrait, PointLink
from core.actions.part import Sight, freeze, thaw
from core.actions.ports import Ports
from core.clients.acting.git import Difference, GitControl, IndexLock, Release
from core.errors import ActionError, ClientTimeout
from core.model.action import ActionRequest, Grade
from core.model.action_view import ReleaseRow
from core.model.operation import CommandSpec, EnvFileSpec, OperationsSpec, RepoSpec
from core.model.text import clean
from core.model.topology import Environment, SystemdUnit, Topology
from tests.fakes.acting_files import FakeFiles, Kill, Killed
from tests.fakes.acting_git import EARLIER, HEAD, NEXT, FakeGit, checkout
from tests.fakes.acting_units import FakeUnits, unit_facts
from tests.fakes.clock import FakeClock
from tests.fakes.world import service, system

ACTIONS = {one.id: one for one in releases.ACTIONS}
UNIT = "shop-api.service"
NEWS = Difference(
    2, 0,
    (("A", "api/migrations/0002_x.py"), ("M", "requirements.txt"), ("D", ".env"), ("M", "app.py")),
    (clean("add \x1b]0;x\x07"),),
)  # fmt: skip


class World:
    """A shop whose code lies in one repository."""

    def __init__(self, **repo: str) -> None:
        self.git = FakeGit(difference=NEWS)
        self.files = FakeFiles()
        self.units = FakeUnits()
        self.units.put(unit_facts(UNIT))
        self.ports = Ports(
            clock=FakeClock(), files=cast(Any, self.files), commands=cast(Any, None),
            units=self.units, engine=cast(Any, None), processes=cast(Any, None),
            look=cast(Any, None), git=cast(GitControl, self.git),
        )  # fmt: skip
        api = replace(service("api", runs_as=SystemdUnit(UNIT)), checks=())
        spec = RepoSpec("app", "/srv/app", "The shop", **repo)  # pyright: ignore[reportArgumentType]
        operations = OperationsSpec(
            "shop",
            repos=(spec,),
            env_files=(EnvFileSpec("env", "/srv/app/.env"),),
            commands=(CommandSpec("migrations", ("alembic", "upgrade", "head"), danger="D"),),
        )
        topology = Topology(Environment.PRODUCTION, False, (system("shop", api),))
        self.site = Site(topology, {"shop": operations}, self.ports)

    def draft(self, action: str, **inputs: str) -> Draft:
        request = ActionRequest(action, "shop/app", tuple(inputs.items()))
        return asyncio.run(ACTIONS[action].draft(self.site, request))


def said(draft: Draft, grade: Grade) -> list[str]:
    return [f"{one.name}: {one.text}" for one in draft.preflight if one.grade is grade]


def test_every_repository_is_offered_and_a_clone_asks_for_an_address_that_it_lacks() -> None:
    world = World()
    for action in releases.ACTIONS:
        (offer,) = action.offers(world.site)
        assert offer.target == "shop/app"
        assert offer.reason_against == ""
        assert any(one.is_required for one in offer.inputs) == (action.id == "git.clone")


def test_a_repository_that_is_not_configured_is_refused_with_those_that_are() -> None:
    request = ActionRequest("git.pull", "shop/other")
    with pytest.raises(ActionError, match="it has: app"):
        asyncio.run(ACTIONS["git.pull"].draft(World().site, request))


def test_the_radius_counts_commits_files_migrations_and_what_is_removed() -> None:
    draft = World().draft("git.pull")

    text = "\n".join(draft.radius)
    assert "2 commits come, 0 go" in text
    assert "4 files: 1 added, 2 changed, 1 removed" in text
    assert "1 migrations differ, none is run here: run shop/migrations" in text
    assert "requirements differ: requirements.txt" in text
    assert "removed though the configuration names it: .env" in text
    assert "␛]0;x␇" in "".join(draft.preview)
    assert "\x1b" not in "".join(draft.preview)


def test_a_pull_fetches_first_and_a_commit_that_is_here_is_not_fetched() -> None:
    world = World()
    assert [one.step.kind for one in world.draft("git.pull").steps] == ["git.bring", "git.move"]
    world.git.refs["refs/remotes/origin/main"] = NEXT
    assert [one.step.kind for one in world.draft("git.pull").steps] == ["git.move"]
    assert [one.step.kind for one in world.draft("git.pull", to="v1").steps] == ["git.move"]


def test_every_part_of_every_draft_survives_being_stored() -> None:
    for action in ACTIONS:
        world = World(service="api", url="git@forge.example.invalid:shop/app.git")
        draft = world.draft(action)
        parts: list[Any] = [
            *(one.step for one in draft.steps),
            *(one.trait for one in draft.traits),
            *(one.evidence for one in draft.proofs),
        ]
        assert parts
        assert [thaw(freeze(one)) for one in parts] == parts


def test_the_service_is_stopped_around_the_change() -> None:
    draft = World(service="api").draft("release.rollback", to="v1")

    assert [one.step.kind for one in draft.steps] == ["unit.stop", "git.move", "unit.start"]
    assert all(one.step.can_undo for one in draft.steps)


def test_code_alone_says_that_the_service_goes_on_with_the_old() -> None:
    draft = World(service="api").draft("git.pull")

    assert "api goes on with the old code until it is restarted" in draft.radius


def test_a_release_below_a_link_is_laid_out_beside_with_what_is_configured() -> None:
    world = World()
    world.git.checkout = checkout("/srv/releases/r0", link="/srv/app", link_target="releases/r0")
    world.git.loose = (("file", ".env"), ("link", "logs"), ("folder", "cache"))

    draft = world.draft("git.pull")

    kinds = [one.step.kind for one in draft.steps]
    assert kinds == ["git.bring", "git.lay_out", "release.point"]
    lay_out: Any = draft.steps[1].step
    assert lay_out.carried == (".env", "logs")
    assert lay_out.folder == f"/srv/releases/20260301-030000-{NEXT[:12]}"
    assert "1 untracked stay behind: cache" in draft.radius


def test_a_release_that_was_kept_is_pointed_to() -> None:
    world = World()
    world.git.checkout = checkout(
        "/srv/releases/r0", link="/srv/app", link_target="/srv/releases/r0"
    )
    world.git.beside = (("/srv/releases/old", EARLIER), ("/elsewhere/x", EARLIER))
    world.git.stands_at = EARLIER

    draft = world.draft("git.rollback", to="v1")

    assert [one.title for one in draft.steps] == ["point /srv/app to /srv/releases/old"]


@pytest.mark.parametrize(
    ("lock", "text"),
    [
        (IndexLock(2.0, 77, False), "git works here now, pid 77"),
        (IndexLock(4000.0, None, False), "stale: 4000 s old, and no git works here"),
        (IndexLock(9.0, None, True), "of a checkout of ours that was cut off"),
    ],
)
def test_a_live_a_stale_and_an_own_lock_are_told_apart(lock: IndexLock, text: str) -> None:
    world = World()
    world.git.checkout = checkout(lock=lock)

    (stop,) = said(world.draft("git.pull"), Grade.STOP)

    assert text in stop


def test_what_is_odd_is_warned_of_and_not_run() -> None:
    world = World()
    world.git.checkout = checkout(
        is_shallow=True, is_own=False, uid=1000, hooks=(clean("post-checkout"),),
        programs=(clean("core.fsmonitor"),), branch="",
    )  # fmt: skip

    warnings = " ".join(said(world.draft("git.pull"), Grade.WARN))

    for word in ("shallow", "uid 1000", "post-checkout", "core.fsmonitor", "detached"):
        assert word in warnings


def test_a_remote_that_does_not_answer_forbids_and_names_it() -> None:
    world = World()
    world.git.remote = ClientTimeout("git did not end within 7 s")

    draft = world.draft("release.deploy")

    assert said(draft, Grade.STOP) == ["remote: git did not end within 7 s"]
    assert draft.steps == ()


def test_a_full_disk_forbids() -> None:
    world = World()
    world.files.free = 1024

    assert any("disk" in one for one in said(world.draft("git.pull"), Grade.STOP))


def test_releases_are_listed_with_date_tag_and_mark() -> None:
    world = World()
    world.git.names["origin/main"] = NEXT
    world.git.history = (
        Release(NEXT, 1_772_334_000.0, clean("new\x1b[2J")),
        Release(HEAD, 1_772_330_400.0, clean("now"), (clean("v2"),), True),
    )

    rows = asyncio.run(releases_look.release_rows(world.site, "shop/app"))

    assert rows == (
        ReleaseRow(NEXT, 1_772_334_000.0, clean("new␛[2J")),
        ReleaseRow(HEAD, 1_772_330_400.0, clean("now"), (clean("v2"),), True),
    )


@pytest.mark.parametrize(
    ("moment", "sight"),
    [("before", Sight.BEFORE), ("amid", Sight.NEITHER), ("after", Sight.AFTER)],
)
def test_a_link_is_swapped_wholly_or_not(moment: str, sight: Sight) -> None:
    world = World()
    world.files.links["/srv/app"] = "releases/r0"
    step = PointLink("/srv/app", "releases/r1", "releases/r0", "01TEST")
    world.files.kill = Kill(1, moment)

    async def run() -> tuple[Sight, Sight]:
        assert (await step.observe(world.ports)).sight is Sight.BEFORE
        with suppress(Killed):
            await step.apply(world.ports, cast(Any, None))
        cut = (await step.observe(world.ports)).sight
        await step.undo(world.ports, cast(Any, None))
        return cut, (await step.observe(world.ports)).sight

    cut, undone = asyncio.run(run())

    assert cut is sight
    assert undone is Sight.BEFORE
    assert world.files.links == {"/srv/app": "releases/r0"}


def test_a_link_that_is_no_link_is_neither_and_its_trait_says_so() -> None:
    world = World()
    step = PointLink("/srv/app", "releases/r1", "releases/r0", "01TEST")

    assert asyncio.run(step.observe(world.ports)).sight is Sight.NEITHER
    assert asyncio.run(LinkTrait("/srv/app").read(world.ports))


def test_a_stopped_service_stays_stopped() -> None:
    world = World(service="api")
    world.units.put(unit_facts(UNIT, "inactive", "dead"))

    draft = world.draft("release.deploy")

    assert [one.step.kind for one in draft.steps] == ["git.bring", "git.move"]
    assert any("stays so" in one for one in said(draft, Grade.WARN))


def test_a_head_trait_differs_for_commit_branch_place_and_changes() -> None:
    world = World()
    texts: set[str] = set()
    for one in (
        checkout(), checkout(head=NEXT), checkout(branch=""), checkout("/srv/other"),
        checkout(changed=(clean("changed app.py"),)),
    ):  # fmt: skip
        world.git.checkout = one
        texts.add(asyncio.run(HeadTrait("/srv/app").read(world.ports)))

    assert len(texts) == 5
