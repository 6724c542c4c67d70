"""The git client on real repositories: what it says, what it does, and what it never runs."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.clients.acting.commands import LocalActing
from core.clients.acting.git import Move
from core.clients.acting.git_call import checked_name, checked_url
from core.clients.acting.git_local import LocalGit
from core.clients.acting.git_reads import plain_path
from core.clients.clock import SystemClock
from core.errors import ClientDenied, ClientGarbled, ClientMissing
from tests.real.repositories import FIRST, SECOND, THIRD, Deployment, commit, git

pytestmark = pytest.mark.real("git")


@pytest.fixture
def app(tmp_path: Path) -> Deployment:
    return Deployment(tmp_path)


@pytest.fixture
def client() -> LocalGit:
    return LocalGit(LocalActing(SystemClock()))


def move_of(app: Deployment, old: str, new: str, *, pulls: bool = False) -> Move:
    return Move(str(app.top), old, new, "main", pulls, "01TEST")


async def test_a_checkout_is_described(app: Deployment, client: LocalGit) -> None:
    (app.top / "app.py").write_text("changed\n")
    hook = app.top / ".git" / "hooks" / "post-checkout"
    hook.write_text("#!/bin/sh\n")
    hook.chmod(0o755)

    seen = await client.look(str(app.top / "lib"))

    assert (seen.top, seen.head, seen.branch) == (str(app.top), app.second, "main")
    assert seen.link == ""
    assert seen.changed == ("changed app.py",)
    assert "post-checkout" in seen.hooks
    assert not seen.is_shallow
    assert seen.is_one_disk
    assert seen.lock is None


async def test_what_lies_between_is_counted_and_named(app: Deployment, client: LocalGit) -> None:
    git(app.top, "fetch", "--quiet")

    seen = await client.between(str(app.top), app.second, app.third)

    assert (seen.gained, seen.lost) == (1, 0)
    assert seen.files == (("M", "app.py"), ("D", "lib/a.py"), ("A", "sub/new/c.py"))
    assert seen.subjects == ("third",)


async def test_releases_have_date_subject_and_tag_and_no_name(
    app: Deployment, client: LocalGit
) -> None:
    git(app.top, "tag", "v1", app.first)
    git(app.top, "tag", "-a", "-m", "x", "v2", app.second)

    seen = await client.releases(str(app.top), "HEAD", 10)

    assert [(one.commit, one.subject, one.tags, one.is_now) for one in seen] == [
        (app.second, "second", ("v2",), True),
        (app.first, "first", ("v1",), False),
    ]


async def test_a_hostile_subject_is_shown_and_not_obeyed(app: Deployment, client: LocalGit) -> None:
    commit(app.top, "\x1b]52;c;QQ==\x07 \u202egnp [@click=app.pwn]x[/]", {"x": "x"})

    (newest, *_) = await client.releases(str(app.top), "HEAD", 10)

    assert "\x1b" not in newest.subject
    assert "\u202e" not in newest.subject
    assert newest.subject.startswith("␛]52;c;QQ==␇")


async def test_paths_of_any_bytes_come_through(app: Deployment, client: LocalGit) -> None:
    names = ["späce y.txt", 'q"uote\\.txt', "new\nline.txt", "tab\there", "-rf", "esc\x1b[2J"]
    there = commit(app.top, "names", dict.fromkeys(names, "x\n"))

    seen = await client.between(str(app.top), app.second, there)
    await client.move(move_of(app, there, app.second))

    assert {path for _, path in seen.files} == set(names)
    assert app.tree() == SECOND


@pytest.mark.parametrize(
    "name", ["-v", "--help", "a..b", "x^{tree}", "a b", "$(x)", "a\nb", "@{-1}", ""]
)
async def test_no_name_becomes_an_option_or_an_expression(
    name: str, app: Deployment, client: LocalGit
) -> None:
    with pytest.raises(ClientDenied):
        checked_name(name)
    with pytest.raises(ClientDenied):
        await client.resolve(str(app.top), name)


@pytest.mark.parametrize(
    "url",
    ["ext::sh -c x", "-oProxyCommand=x", "--upload-pack=x", "git://h/x", "https://u:p@h/x",
     "https://token@h/x", "ssh://-oProxyCommand=x/y", "-x@h:p", "fd::1", "http://h/x", "a\n/b"],
)  # fmt: skip
def test_addresses_that_run_things_or_hold_secrets_are_refused(url: str) -> None:
    with pytest.raises(ClientDenied):
        checked_url(url)


@pytest.mark.parametrize(
    "url", ["https://h/x.git", "ssh://git@h/x", "git@h:o/x.git", "/srv/x", "file:///srv/x"]
)
def test_plain_addresses_are_taken(url: str) -> None:
    assert checked_url(url) == url


def test_a_quoted_path_is_read_back() -> None:
    assert plain_path('"sp\\303\\244ce\\t\\"x\\\\"') == 'späce\t"x\\'


async def test_a_move_in_place_leaves_exactly_the_commit(app: Deployment, client: LocalGit) -> None:
    git(app.top, "fetch", "--quiet")

    await client.move(move_of(app, app.second, app.third, pulls=True))

    assert app.tree() == THIRD
    assert git(app.top, "status", "--porcelain") == ""
    assert git(app.top, "rev-parse", "HEAD") == app.third
    assert git(app.top, "symbolic-ref", "HEAD") == "refs/heads/main"
    assert not (app.top / "lib" / "a.py").exists()
    assert not (app.top / ".git" / "quarterdeck").exists()


async def test_going_back_detaches_and_undo_attaches_again(
    app: Deployment, client: LocalGit
) -> None:
    wanted = move_of(app, app.second, app.first)

    await client.move(wanted)
    assert app.tree() == FIRST
    assert git(app.top, "rev-parse", "HEAD", "main").split() == [app.first, app.second]

    await client.unmove(wanted)
    assert app.tree() == SECOND
    assert git(app.top, "symbolic-ref", "HEAD") == "refs/heads/main"
    assert git(app.top, "status", "--porcelain") == ""


async def test_undo_of_what_was_not_done_changes_nothing(app: Deployment, client: LocalGit) -> None:
    (app.top / "untracked").write_text("mine\n")

    await client.unmove(move_of(app, app.second, app.first))

    assert app.tree() == {**SECOND, "untracked": "mine\n"}


async def test_local_changes_and_files_in_the_way_are_never_lost(
    app: Deployment, client: LocalGit
) -> None:
    git(app.top, "fetch", "--quiet")
    (app.top / "sub").write_text("mine\n")
    with pytest.raises(ClientDenied, match="in the way"):
        await client.move(move_of(app, app.second, app.third))
    (app.top / "sub").unlink()
    (app.top / "lib" / "b.py").write_text("edited\n")
    with pytest.raises(ClientDenied, match=r"lib/b\.py"):
        await client.move(move_of(app, app.second, app.third))

    assert app.tree() == {**SECOND, "lib/b.py": "edited\n"}
    assert not (app.top / ".git" / "index.lock").exists()


async def test_the_lock_of_another_git_is_respected(app: Deployment, client: LocalGit) -> None:
    lock = app.top / ".git" / "index.lock"
    lock.touch()

    with pytest.raises(ClientDenied, match=r"index\.lock"):
        await client.move(move_of(app, app.second, app.first))

    assert lock.exists()
    assert app.tree() == SECOND
    seen = await client.look(str(app.top))
    assert seen.lock is not None
    assert (seen.lock.holder_pid, seen.lock.is_ours) == (None, False)


async def test_a_live_git_is_named_by_its_pid(app: Deployment, client: LocalGit) -> None:
    (app.top / ".git" / "index.lock").touch()
    worker = subprocess.Popen(
        ["git", "cat-file", "--batch"], cwd=app.top, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        seen = await client.look(str(app.top))
    finally:
        worker.communicate()

    assert seen.lock is not None
    assert seen.lock.holder_pid == worker.pid


KILLED = """
import asyncio, os, pathlib, signal, sys
from core.clients.acting.commands import LocalActing
from core.clients.acting.git import Move
from core.clients.acting.git_local import LocalGit
from core.clients.clock import SystemClock
verb, count, *words = sys.argv[1:]
left = int(count)
def deadly(call):
    def wrapped(*args, **more):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*args, **more)
    return wrapped
for name in ("rename", "unlink", "rmdir", "hardlink_to"):
    setattr(pathlib.Path, name, deadly(getattr(pathlib.Path, name)))
client = LocalGit(LocalActing(SystemClock()))
LocalActing.run = deadly(LocalActing.run)
if verb in ("move", "unmove"):
    top, old, new = words
    asyncio.run(getattr(client, verb)(Move(top, old, new, "main", False, "01TEST")))
else:
    asyncio.run(client.add_tree(words[0], words[1], words[2], "01TEST"))
"""


def killed(*words: str) -> bool:
    """Run a call that is killed at its n-th effect; tell whether it came that far."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED, *words], cwd=Path(__file__).parents[2], timeout=300,
        env={**os.environ, "TMPDIR": str(Path(words[2]).parent)},
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr.decode()
    return done.returncode != 0


async def test_a_move_killed_anywhere_is_whole_or_known_and_undone(
    app: Deployment, client: LocalGit
) -> None:
    wanted = move_of(app, app.second, app.first)
    sights: set[str] = set()
    for count in range(1, 200):
        if not killed("move", str(count), str(app.top), app.second, app.first):
            break
        seen = await client.compare(str(app.top), app.second, wanted.token)
        sights.add("before" if seen.is_exactly(app.second) else "between")
        is_after = (await client.compare(str(app.top), app.first, wanted.token)).is_exactly(
            app.first
        )
        assert not is_after or not seen.is_exactly(app.second)
        texts = app.tree()
        assert all(texts[name] in {SECOND.get(name), FIRST.get(name)} for name in texts)

        await client.unmove(wanted)

        assert app.tree() == SECOND, count
        assert git(app.top, "status", "--porcelain") == ""
        assert git(app.top, "symbolic-ref", "HEAD") == "refs/heads/main"
        assert not (app.top / ".git" / "index.lock").exists()
        assert not (app.top / ".git" / "quarterdeck").exists()
    else:
        pytest.fail("it never came to its end")
    assert app.tree() == FIRST
    assert sights == {"before", "between"}


async def test_an_undo_killed_anywhere_is_finished_by_the_next(
    app: Deployment, client: LocalGit
) -> None:
    wanted = move_of(app, app.second, app.first)
    for count in range(1, 200):
        await client.move(wanted)
        was_killed = killed("unmove", str(count), str(app.top), app.second, app.first)
        await client.unmove(wanted)
        assert app.tree() == SECOND, count
        assert git(app.top, "symbolic-ref", "HEAD") == "refs/heads/main"
        assert not (app.top / ".git" / "quarterdeck").exists()
        if not was_killed:
            return
    pytest.fail("it never came to its end")


async def test_a_tree_beside_killed_anywhere_is_known_as_half_and_removed(
    app: Deployment, client: LocalGit
) -> None:
    folder = app.folder / "releases" / "r1"
    folder.parent.mkdir()
    for count in range(1, 200):
        if not killed("add", str(count), str(app.top), str(folder), app.first):
            break
        seen = await client.see_tree(str(app.top), str(folder), app.first, "01TEST")
        assert seen.unfinished or not folder.exists() or seen.is_exactly(app.first)

        await client.drop_tree(str(app.top), str(folder), "01TEST")

        assert not folder.exists()
        assert git(app.top, "worktree", "list").count("\n") == 0
        after = await client.see_tree(str(app.top), str(folder), app.first, "01TEST")
        assert (after.head, after.unfinished) == ("", "")
    else:
        pytest.fail("it never came to its end")
    seen = await client.see_tree(str(app.top), str(folder), app.first, "01TEST")
    assert seen.is_exactly(app.first)
    assert app.tree(folder) == FIRST
    assert app.tree() == SECOND


async def test_a_git_killed_while_it_lays_a_tree_out_leaves_a_tree_known_as_half(
    app: Deployment, client: LocalGit
) -> None:
    folder = app.folder / "r1"
    git(app.top, "worktree", "add", "--quiet", "--no-checkout", "--detach", "--lock", "--reason",
        "quarterdeck 01TEST", str(folder), app.first)  # fmt: skip
    (folder / "app.py").write_text("on")

    seen = await client.see_tree(str(app.top), str(folder), app.first, "01TEST")
    assert "half" in seen.unfinished

    await client.add_tree(str(app.top), str(folder), app.first, "01TEST")
    assert app.tree(folder) == FIRST


async def test_a_folder_of_somebody_else_is_left_alone(app: Deployment, client: LocalGit) -> None:
    folder = app.folder / "r1"
    folder.mkdir()
    (folder / "mine").touch()

    with pytest.raises(ClientDenied, match="there already"):
        await client.add_tree(str(app.top), str(folder), app.first, "01TEST")

    with pytest.raises(ClientDenied, match="no tree of ours"):
        await client.drop_tree(str(app.top), str(folder), "01TEST")
    assert (folder / "mine").exists()


async def test_a_remote_is_peeked_at_without_a_trace(app: Deployment, client: LocalGit) -> None:
    before = sorted(path for path in (app.top / ".git").rglob("*"))

    seen = await client.peek(str(app.top), str(app.upstream), "main", app.second)

    assert seen.commit == app.third
    assert (seen.difference.gained, seen.wants) == (1, ())
    assert seen.releases[0].subject == "third"
    assert sorted(path for path in (app.top / ".git").rglob("*")) == before
    with pytest.raises(ClientMissing):
        await client.resolve(str(app.top), app.third)


async def test_a_commit_is_brought_and_its_ref_taken_back(
    app: Deployment, client: LocalGit
) -> None:
    ref, top = "refs/remotes/origin/main", str(app.top)

    await client.bring(top, str(app.upstream), "main", app.third, ref, app.second)
    assert await client.ref(top, ref) == app.third
    assert await client.resolve(top, app.third) == app.third
    assert await client.wants(top, app.third) == ()

    await client.set_ref(top, ref, app.second, app.third)
    assert await client.ref(top, ref) == app.second


async def test_a_rewritten_branch_is_not_brought(app: Deployment, client: LocalGit) -> None:
    git(app.upstream, "reset", "--quiet", "--hard", app.first)

    with pytest.raises(ClientGarbled, match="rewritten"):
        await client.bring(
            str(app.top), str(app.upstream), "main", app.second, "refs/remotes/origin/main",
            app.second,
        )  # fmt: skip


async def test_lost_objects_submodules_and_filters_are_named(
    app: Deployment, client: LocalGit
) -> None:
    lfs = commit(app.top, "lfs", {".gitattributes": "# filter=no\n*.bin filter=lfs diff=lfs\n"})
    crypt = commit(app.top, "crypt", {"keys/.gitattributes": "* filter=git-crypt\n"})
    git(app.top, "update-index", "--add", "--cacheinfo", f"160000,{app.first},vendored")
    git(app.top, "commit", "--quiet", "-m", "submodule")
    last = git(app.top, "rev-parse", "HEAD")
    blob = git(app.top, "rev-parse", f"{app.second}:app.py")

    assert [text.split(":")[0] for text in await client.wants(str(app.top), lfs)] == ["LFS"]
    assert any("git-crypt" in text for text in await client.wants(str(app.top), crypt))
    assert any("1 submodules" in text for text in await client.wants(str(app.top), last))
    for pack in (app.top / ".git" / "objects").rglob(f"{blob[2:]}"):
        pack.unlink()
    assert any("objects" in text for text in await client.wants(str(app.top), app.second))


async def test_shallow_detached_and_partial_are_seen(app: Deployment, client: LocalGit) -> None:
    shallow = app.folder / "shallow"
    git(app.folder, "clone", "--quiet", "--depth=1", f"file://{app.upstream}", str(shallow))
    assert (await client.look(str(shallow))).is_shallow
    git(app.top, "checkout", "--quiet", "--detach")
    assert (await client.look(str(app.top))).branch == ""
    commit(app.top, "orphan", {"o": "o"})
    assert await client.orphans(str(app.top)) == 1
    git(app.top, "config", "remote.origin.promisor", "true")
    with pytest.raises(ClientDenied, match="partial"):
        await client.look(str(app.top))


async def test_links_are_followed_once_and_circles_told(app: Deployment, client: LocalGit) -> None:
    (app.folder / "current").symlink_to("app")
    (app.folder / "gone").symlink_to("nowhere")
    (app.folder / "loop").symlink_to("loop")
    (app.folder / "plain").mkdir()

    seen = await client.look(str(app.folder / "current" / "lib"))

    assert (seen.link, seen.link_target) == (str(app.folder / "current"), "app")
    with pytest.raises(ClientMissing, match="link to nothing"):
        await client.look(str(app.folder / "gone"))
    with pytest.raises(ClientGarbled, match="circle"):
        await client.look(str(app.folder / "loop"))
    with pytest.raises(ClientMissing):
        await client.look(str(app.folder / "plain"))


async def test_a_change_that_the_index_hides_is_found(app: Deployment, client: LocalGit) -> None:
    git(app.top, "update-index", "--assume-unchanged", "app.py")
    (app.top / "app.py").write_text("hid\n")
    assert git(app.top, "status", "--porcelain") == ""

    assert (await client.compare(str(app.top), app.second)).strays == ("changed app.py",)


async def test_a_clone_appears_whole_or_not_at_all(app: Deployment, client: LocalGit) -> None:
    folder = app.folder / "again"
    folder.mkdir()

    await client.clone(str(app.upstream), "main", app.third, str(folder), "01TEST")
    assert app.tree(folder) == THIRD
    assert git(folder, "status", "--porcelain", "--branch") == "## main...origin/main"

    (folder / "data").write_text("mine\n")
    with pytest.raises(ClientDenied, match="worked in"):
        await client.unclone(str(folder), app.third, "01TEST")
    (folder / "data").unlink()
    await client.unclone(str(folder), app.third, "01TEST")
    assert not folder.exists()
    with pytest.raises(ClientGarbled):
        await client.clone(str(app.upstream), "main", app.second, str(folder), "01TEST")
    assert not folder.exists()
    assert not list(app.folder.glob(".again*"))


@pytest.mark.skipif(os.geteuid() != 0, reason="not run: not root")
async def test_what_root_puts_in_place_belongs_to_whom_it_belonged(
    app: Deployment, client: LocalGit
) -> None:
    for path in (app.top, *app.top.rglob("*")):
        os.chown(path, 1234, 1234, follow_symlinks=False)
    (app.top).chmod(0o750)
    old = os.umask(0o077)
    try:
        await client.move(move_of(app, app.second, app.first))
    finally:
        os.umask(old)

    seen = (app.top / "app.py").stat()
    assert (seen.st_uid, seen.st_gid, seen.st_mode & 0o777) == (1234, 1234, 0o640)
    assert (app.top / ".git" / "index").stat().st_uid == 1234
