"""Release actions on real repositories, carried out, cut off anywhere, and taken back."""

import shutil
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import ActionError
from core.model.action import Grade, Phase, Plan, Proof
from tests.real.release_stage import UNIT, ReleaseStage
from tests.real.repositories import FIRST, SECOND, THIRD, Deployment, commit, git
from tests.unit.core.actions.stage import Killed, Places

pytestmark = pytest.mark.real("git")


@pytest.fixture
def app(tmp_path: Path) -> Deployment:
    return Deployment(tmp_path)


@pytest.fixture
def beside(app: Deployment) -> Path:
    """Make the checkout a release below a link, with an untracked .env and a shared log folder."""
    releases = app.folder / "srv" / "releases"
    releases.mkdir(parents=True)
    app.top.rename(releases / "r0")
    app.top = releases / "r0"
    (app.top / ".env").write_text("KEY=1\n")
    (app.top / ".env").chmod(0o640)
    (app.folder / "logs").mkdir()
    (app.top / "logs").symlink_to(app.folder / "logs")
    (app.top / "cache").mkdir()
    (app.top / "cache" / "x").touch()
    link = app.folder / "srv" / "current"
    link.symlink_to("releases/r0")
    return link


def stage_of(app: Deployment, path: Path, **repo: str) -> ReleaseStage:
    return ReleaseStage(app.folder / "stage", path, **repo)


def stops(plan: Plan) -> list[str]:
    return [f"{one.name}: {one.text}" for one in plan.preflight if one.grade is Grade.STOP]


def test_a_pull_in_place_moves_branch_and_files_and_is_verified(app: Deployment) -> None:
    stage = stage_of(app, app.top)
    plan = stage.planned("git.pull")

    state = stage.execute()

    assert (state.phase, state.proof) == (Phase.COMMITTED, Proof.VERIFIED), state.text
    assert app.tree() == THIRD
    assert git(app.top, "status", "--porcelain", "--branch") == "## main...origin/main"
    assert [step.title.split()[0] for step in plan.steps] == ["fetch", "put"]
    assert "1 commits come, 0 go" in plan.radius
    assert "3 files: 1 added, 1 changed, 1 removed" in plan.radius
    assert any("renamed in one after the other" in line for line in plan.radius)
    assert {"third", "M app.py", "D lib/a.py", "A sub/new/c.py"} == set(plan.preview)


def test_a_rollback_in_place_goes_where_it_stood_before(app: Deployment) -> None:
    stage = stage_of(app, app.top)
    stage.planned("git.rollback")

    state = stage.execute()

    assert state.phase is Phase.COMMITTED, state.text
    assert app.tree() == FIRST
    assert git(app.top, "rev-parse", "HEAD", "main").split() == [app.first, app.second]


def test_a_deploy_stops_the_service_changes_the_code_and_starts_it(app: Deployment) -> None:
    stage = stage_of(app, app.top, service="api")
    plan = stage.planned("release.deploy")

    state = stage.execute()

    assert (state.phase, state.proof) == (Phase.COMMITTED, Proof.UNVERIFIED), state.text
    assert stage.units.asked == [("stop", UNIT), ("start", UNIT)]
    assert app.tree() == THIRD
    assert any(UNIT in line for line in plan.radius)


def test_a_service_that_does_not_start_brings_the_old_code_back_and_runs_it(
    app: Deployment,
) -> None:
    stage = stage_of(app, app.top, service="api")
    stage.planned("release.deploy")
    real_start, starts = stage.units.start, []

    async def start(unit: str, deadline_s: float) -> None:
        starts.append(app.tree() == THIRD)
        stage.units.broken = {UNIT} if starts[-1] else set()
        await real_start(unit, deadline_s)

    stage.units.start = start  # type: ignore[method-assign]
    state = stage.execute()

    assert state.phase is Phase.ROLLED_BACK, state.text
    assert starts == [True, False]
    assert app.tree() == SECOND
    assert stage.units.units[UNIT].active_state == "active"
    assert git(app.top, "rev-parse", "refs/remotes/origin/main") == app.second


def test_a_release_beside_is_laid_out_and_the_link_swapped(app: Deployment, beside: Path) -> None:
    stage = stage_of(app, beside, service="api")
    plan = stage.planned("release.deploy")

    state = stage.execute()

    assert state.phase is Phase.COMMITTED, state.text
    new = beside.resolve()
    assert new.parent == app.top.parent
    assert not str(beside.readlink()).startswith("/")
    assert app.tree(new) == {**THIRD, ".env": "KEY=1\n"}
    assert (new / ".env").stat().st_mode & 0o777 == 0o640
    assert (new / "logs").readlink() == app.folder / "logs"
    assert not (new / "cache").exists()
    assert app.tree(app.top) == {**SECOND, ".env": "KEY=1\n", "cache/x": ""}
    assert any("stay behind: cache" in line for line in plan.radius)


def test_a_rollback_beside_takes_the_release_that_was_kept(app: Deployment, beside: Path) -> None:
    stage_of(app, beside).planned("git.pull")
    stage = stage_of(app, beside)
    stage.planned("git.pull")
    assert stage.execute().phase is Phase.COMMITTED
    shutil.rmtree(stage.folder)

    plan = stage.planned("git.rollback", to=app.second)
    state = stage.execute()

    assert state.phase is Phase.COMMITTED, state.text
    assert [step.title for step in plan.steps] == [f"point {beside} to releases/r0"]
    assert beside.resolve() == app.top


@pytest.mark.parametrize("action", ["git.pull", "git.rollback"])
@pytest.mark.parametrize("is_beside", [False, True])
def test_killed_at_any_failpoint_it_ends_whole(
    action: str, is_beside: bool, app: Deployment, beside: Path
) -> None:
    path = beside if is_beside else app.top
    (app.top / "cache" / "x").unlink()
    (app.top / "logs").unlink()
    places = Places()
    tried = 0
    for kill_at in range(200):
        shutil.rmtree(app.folder / "stage", ignore_errors=True)
        stage = stage_of(app, path)
        stage.planned(action, to=app.first if action == "git.rollback" else "")
        places = Places(kill_at)
        try:
            stage.execute(places)
        except Killed:
            tried += 1
        else:
            break
        state = stage.recover()
        assert state.is_ended, places.passed[-1]
        assert state.phase is not Phase.NEEDS_HUMAN, (places.passed[-1], state.text)
        tree = {name: text for name, text in app.tree(path.resolve()).items() if name != ".env"}
        if state.phase is Phase.COMMITTED:
            put_back(app, path, is_beside)
        else:
            assert tree == SECOND, places.passed[-1]
            assert [one.name for one in app.top.parent.iterdir()] == ["r0"]
        assert not list((app.top / ".git").glob("index.lock"))
        assert not (app.top / ".git" / "quarterdeck").exists()
    assert tried > 10


def put_back(app: Deployment, path: Path, is_beside: bool) -> None:
    """Have the deployment stand at the second commit again."""
    if is_beside:
        new = path.resolve()
        path.unlink()
        path.symlink_to("releases/r0")
        git(app.top, "worktree", "remove", "--force", str(new))
    git(app.top, "checkout", "--quiet", "--force", "main")
    git(app.top, "reset", "--quiet", "--hard", app.second)
    git(app.top, "update-ref", "refs/remotes/origin/main", app.second)


def test_a_link_that_became_something_else_is_refused(app: Deployment, beside: Path) -> None:
    for trouble in ("folder", "dangling", "loop", "elsewhere"):
        shutil.rmtree(app.folder / "stage", ignore_errors=True)
        stage = stage_of(app, beside)
        stage.planned("git.pull")
        beside.unlink()
        match trouble:
            case "folder":
                beside.mkdir()
            case "dangling":
                beside.symlink_to("releases/none")
            case "loop":
                beside.symlink_to(beside.name)
            case _:
                beside.symlink_to(app.upstream)

        state = stage.execute()

        assert state.phase is Phase.ABORTED, trouble
        assert "changed since the plan" in state.text
        assert [one.name for one in app.top.parent.iterdir()] == ["r0"]
        if trouble in {"dangling", "loop"}:
            with pytest.raises(ActionError, match="cannot be looked at"):
                stage.planned("git.pull")
        beside.rmdir() if beside.is_dir() and not beside.is_symlink() else beside.unlink()
        beside.symlink_to("releases/r0")


def test_a_commit_made_meanwhile_is_drift(app: Deployment) -> None:
    stage = stage_of(app, app.top)
    stage.planned("git.pull")
    commit(app.top, "mine", {"mine": "m\n"})

    state = stage.execute()

    assert state.phase is Phase.ABORTED
    assert app.tree() == {**SECOND, "mine": "m\n"}


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ("dirty", "changes: 1 local changes: changed app.py"),
        ("staged", "changes: 1 local changes: staged: added new"),
        ("lock", "lock: index.lock is stale"),
        ("branch", "branch: the checkout is on other, not on main"),
        ("ahead", "fast-forward: 1 commits here are not in main there"),
        ("merge", "git: a merge is unfinished here"),
        ("blocked", "in the way: untracked, and in the new commit: sub"),
        ("filter", "the commit: it needs LFS"),
        ("same", "commit: it is at"),
        ("remote", "remote: "),
        ("ext", "remote: "),
    ],
)
def test_what_forbids_a_pull_in_place_is_said(trouble: str, said: str, app: Deployment) -> None:
    make_trouble(app, trouble)
    stage = stage_of(app, app.top)

    plan = stage.planned("git.pull")

    assert any(one.startswith(said) for one in stops(plan)), stops(plan)
    before = app.tree()
    assert stage.execute().phase is Phase.ABORTED
    assert app.tree() == before
    assert not list(app.folder.rglob("sprung"))


def make_trouble(app: Deployment, trouble: str) -> None:
    """Bring a checkout, or its upstream, into a state."""
    top = app.top
    makers: dict[str, Callable[[], object]] = {
        "dirty": lambda: (top / "app.py").write_text("changed\n"),
        "staged": lambda: ((top / "new").write_text("n"), git(top, "add", "new")),
        "lock": (top / ".git" / "index.lock").touch,
        "branch": lambda: git(top, "switch", "--quiet", "--create", "other"),
        "ahead": lambda: commit(top, "mine", {"mine": "m"}),
        "merge": lambda: (top / ".git" / "MERGE_HEAD").write_text(app.first),
        "blocked": lambda: (top / "sub").write_text("mine"),
        "filter": lambda: commit(app.upstream, "lfs", {".gitattributes": "*.bin filter=lfs\n"}),
        "same": lambda: git(top, "pull", "--quiet"),
        "remote": lambda: app.upstream.rename(app.folder / "moved"),
        "ext": lambda: git(top, "config", "remote.origin.url", "ext::sh -c 'touch sprung'"),
    }
    makers[trouble]()


def test_leaving_commits_that_nothing_holds_is_forbidden(app: Deployment) -> None:
    git(app.top, "checkout", "--quiet", "--detach")
    commit(app.top, "orphan", {"o": "o\n"})

    plan = stage_of(app, app.top).planned("git.rollback", to=app.first)

    assert any("1 commits are on no branch" in one for one in stops(plan))


def test_code_alone_is_not_swapped_under_an_environment_of_its_own(
    app: Deployment, beside: Path
) -> None:
    stage = stage_of(app, beside, venv=str(beside / "venv"), requirements=str(beside / "r.txt"))

    plan = stage.planned("git.pull")

    assert any("release.deploy" in one.remedy for one in plan.preflight)
    assert stops(plan)


def test_a_fetch_changes_no_file_and_a_clone_makes_it_anew(app: Deployment) -> None:
    stage = stage_of(app, app.top)
    stage.planned("git.fetch")
    assert stage.execute().phase is Phase.COMMITTED
    assert app.tree() == SECOND
    assert git(app.top, "rev-parse", "origin/main") == app.third

    shutil.rmtree(app.folder / "stage")
    shutil.rmtree(app.top)
    again = stage_of(app, app.top, url=str(app.upstream))
    again.planned("git.clone")
    state = again.execute()
    assert (state.phase, state.proof) == (Phase.COMMITTED, Proof.VERIFIED), state.text
    assert app.tree() == THIRD


def test_a_clone_is_never_put_over_something(app: Deployment) -> None:
    plan = stage_of(app, app.top, url=str(app.upstream)).planned("git.clone")

    assert any("not empty" in one for one in stops(plan))


def test_a_deploy_beside_makes_an_environment_of_its_own(app: Deployment, beside: Path) -> None:
    commit(app.upstream, "packages", {"requirements.txt": "--no-index\npip\n"})
    venv.create(app.top / "venv", with_pip=False)
    names = {"venv": str(beside / "venv"), "requirements": str(beside / "requirements.txt")}
    stage = stage_of(app, beside, service="api", **names)
    plan = stage.planned("release.deploy")

    state = stage.execute()

    assert state.phase is Phase.COMMITTED, state.text
    new = beside.resolve()
    assert (new / "venv" / "bin" / "pip").exists()
    assert [step.part.kind for step in plan.steps] == [
        "git.bring", "git.lay_out", "dependencies.make", "unit.stop", "release.point",
        "unit.start",
    ]  # fmt: skip
    assert (app.top / "venv" / "pyvenv.cfg").exists()


def test_packages_that_cannot_be_had_leave_the_old_release_running(
    app: Deployment, beside: Path
) -> None:
    commit(app.upstream, "packages", {"requirements.txt": "--no-index\nnowhere-to-be-had\n"})
    venv.create(app.top / "venv", with_pip=False)
    names = {"venv": str(beside / "venv"), "requirements": str(beside / "requirements.txt")}
    stage = stage_of(app, beside, service="api", **names)
    stage.planned("release.deploy")

    state = stage.execute()

    assert state.phase is Phase.ROLLED_BACK, state.text
    assert "nowhere-to-be-had" in state.text
    assert stage.units.asked == []
    assert str(beside.readlink()) == "releases/r0"
    assert [one.name for one in app.top.parent.iterdir()] == ["r0"]
