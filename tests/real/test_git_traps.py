"""What a repository's own configuration would have git run is never run."""

import subprocess
from pathlib import Path

import pytest

from core.clients.acting.commands import LocalActing
from core.clients.acting.git import Move
from core.clients.acting.git_local import LocalGit
from core.clients.clock import SystemClock
from core.errors import ClientDenied, ClientError
from tests.real.repositories import SECOND, Deployment, commit, git

pytestmark = pytest.mark.real("git")


@pytest.fixture
def app(tmp_path: Path) -> Deployment:
    return Deployment(tmp_path)


@pytest.fixture
def client() -> LocalGit:
    return LocalGit(LocalActing(SystemClock()))


TRAPS = {
    "core.fsmonitor": "{run}",
    "core.hooksPath": "{hooks}",
    "core.sshCommand": "{run}",
    "core.askPass": "{run}",
    "core.editor": "{run}",
    "core.pager": "{run}",
    "core.gitProxy": "{run}",
    "core.alternateRefsCommand": "{run}",
    "pager.log": "{run}",
    "pager.diff-tree": "{run}",
    "alias.log": "!{run}",
    "alias.status": "!{run}",
    "alias.rev-parse": "!{run}",
    "alias.worktree": "!{run}",
    "filter.trap.clean": "{run}",
    "filter.trap.smudge": "{run}",
    "filter.trap.process": "{run}",
    "filter.trap.required": "true",
    "filter.Tr.Ap-2.smudge": "{run}",
    "diff.trap.command": "{run}",
    "diff.trap.textconv": "{run}",
    "diff.external": "{run}",
    "merge.trap.driver": "{run}",
    "credential.helper": "!{run}",
    "credential.https://127.0.0.1.helper": "!{run}",
    "remote.origin.uploadpack": "{run}",
    "remote.origin.vcs": "ext",
    "remote.origin.receivepack": "{run}",
    "uploadpack.packObjectsHook": "{run}",
    "gpg.program": "{run}",
    "log.showSignature": "true",
    "protocol.ext.allow": "always",
    "protocol.allow": "always",
    "submodule.x.update": "!{run}",
    "gc.auto": "1",
    "sequence.editor": "{run}",
    "trailer.x.command": "{run}",
    "interactive.diffFilter": "{run}",
    "gc.recentObjectsHook": "{run}",
    "core.untrackedCache": "true",
}
HOOKS = (
    "post-checkout", "pre-commit", "reference-transaction", "post-index-change", "post-merge",
    "post-rewrite", "fsmonitor-watchman", "pre-auto-gc", "proc-receive",
)  # fmt: skip


@pytest.fixture
def trapped(app: Deployment) -> Path:
    """Set every trap in the deployment; return the file that each of them would write."""
    sprung, run = app.folder / "sprung", app.folder / "trap.sh"
    run.write_text(f'#!/bin/sh\necho "$0 $*" >> {sprung}\ncat\n')
    run.chmod(0o755)
    hooks = app.top / ".git" / "hooks"
    for name in HOOKS:
        (hooks / name).write_text(f"#!/bin/sh\necho {name} >> {sprung}\n")
        (hooks / name).chmod(0o755)
    for key, value in TRAPS.items():
        git(app.top, "config", "--file", ".git/config", key, value.format(run=run, hooks=hooks))
    (app.top / ".git" / "info" / "attributes").write_text("* diff=trap merge=trap\n")
    return sprung


async def test_no_trap_of_a_repository_is_sprung(
    app: Deployment, client: LocalGit, trapped: Path
) -> None:
    top, beside = str(app.top), app.folder / "r1"

    seen = await client.look(top)
    await client.releases(top, "HEAD", 5)
    await client.previous(top)
    await client.between(top, app.first, app.second)
    await client.wants(top, app.second)
    await client.untracked(top)
    await client.orphans(top)
    await client.remote_head(await client.remote_url(top, "origin"), "main")
    await client.peek(top, str(app.upstream), "main", app.second)
    await client.bring(
        top, str(app.upstream), "main", app.third, "refs/remotes/origin/main", app.second
    )
    await client.add_tree(top, str(beside), app.third, "01TEST")
    await client.drop_tree(top, str(beside), "01TEST")
    wanted = Move(top, app.second, app.third, "main", False, "01TEST")
    await client.move(wanted)
    await client.unmove(wanted)

    assert not trapped.exists(), trapped.read_text()
    assert app.tree() == SECOND
    assert "core.fsmonitor" in seen.programs
    assert "alias.log" in seen.programs


def test_a_plain_git_springs_the_traps(app: Deployment, trapped: Path) -> None:
    git(app.top, "status")
    git(app.top, "worktree", "add", "--quiet", str(app.folder / "r1"), app.first)

    assert "trap.sh" in trapped.read_text()
    assert "post-checkout" in trapped.read_text()


async def test_a_filter_that_a_commit_asks_for_is_not_run(
    app: Deployment, client: LocalGit, trapped: Path
) -> None:
    there = commit_plainly(app, "* filter=trap\n")
    trapped.unlink(missing_ok=True)

    wants = await client.wants(str(app.top), there)
    await client.add_tree(str(app.top), str(app.folder / "r1"), there, "01TEST")
    await client.compare(str(app.folder / "r1"), there)

    assert any("trap" in text for text in wants)
    assert not trapped.exists()


def commit_plainly(app: Deployment, attributes: str) -> str:
    """Commit `.gitattributes` upstream, where no trap is, and take the objects over."""
    there = commit(app.upstream, "attributes", {".gitattributes": attributes})
    subprocess.run(
        ["git", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false",
         "-c", "core.alternateRefsCommand=", "fetch", "--quiet", "--upload-pack=git-upload-pack",
         str(app.upstream), "main"],
        cwd=app.top, check=True, capture_output=True,
    )  # fmt: skip
    return there


async def test_a_remote_that_is_a_command_is_refused(
    app: Deployment, client: LocalGit, trapped: Path
) -> None:
    git(app.top, "config", "remote.origin.url", f"ext::{app.folder}/trap.sh")

    url = await client.remote_url(str(app.top), "origin")
    with pytest.raises(ClientDenied):
        await client.peek(str(app.top), url, "main", app.second)
    git(app.top, "config", f"url.ext::{app.folder}/trap.sh .insteadOf", "file://")
    await client.peek(str(app.top), str(app.upstream), "main", app.second)
    with pytest.raises(ClientError):
        await client.bring(
            str(app.top), str(app.upstream), "main", app.third, "refs/remotes/origin/main",
            app.second,
        )  # fmt: skip

    assert not trapped.exists()


async def test_a_replaced_object_does_not_deceive(app: Deployment, client: LocalGit) -> None:
    git(app.top, "replace", app.second, app.first)

    seen = await client.compare(str(app.top), app.second)

    assert seen.strays == ()
