"""Further small worlds for `tests.crashes`: copies, folders, clones, commands."""

import os
import subprocess
from pathlib import Path

from core.model.action import ActionRequest
from tests.crashes import Scenario
from tests.real.repositories import commit, git, made


def _nothing(_folder: Path) -> str:
    return "    services: {}\n"


def _names(folder: Path) -> object:
    """Return every name, and what is in the files."""
    return {
        str(path.relative_to(folder)): path.read_text("utf-8") if path.is_file() else ""
        for path in sorted(folder.rglob("*"))
        if ".git" not in path.parts
    }


def _log(folder: Path) -> str:
    (folder / "logs").mkdir()
    (folder / "logs" / "app.log").write_text("one\ntwo\n", encoding="utf-8")
    return (
        "    services:\n      app:\n        logs:\n          files:\n"
        '            app: {path: "logs/app.log"}\n'
    )


def _snapshot(folder: Path) -> ActionRequest:
    return ActionRequest("logs.snapshot", "shop/app", (("to", f"{folder}/logs/copy.log"),))


def _old_copies(folder: Path) -> str:
    """Have three copies, of which the rules keep one."""
    (folder / "keys.json").write_text('{"a": 1}', encoding="utf-8")
    (folder / "backup").mkdir()
    for day in ("20200101", "20200102", "20200103"):
        path = folder / "backup" / f"keys_{day}.json"
        path.write_text('{"a": 1}', encoding="utf-8")
        os.utime(path, (1_577_900_000, 1_577_900_000))
    return (
        "    backups:\n      keys: {kind: json, sources: [keys.json], keep: 30d,\n"
        '        target: "backup/keys_%Y%m%d.json", restore_needs_stop: false}\n'
    )


def _upstream(folder: Path) -> Path:
    repo = made(folder.parent / "upstream")
    commit(repo, "first", {"app.py": "one\n", "lib/a.py": "a\n"})
    commit(repo, "second", {"app.py": "two\n", "lib/b.py": "b\n"})
    return repo


def _to_clone(folder: Path) -> str:
    return f"    repos:\n      repo: {{path: repo, url: {_upstream(folder)}}}\n"


def _behind(folder: Path) -> str:
    repo = _upstream(folder)
    subprocess.run(["git", "clone", "-q", str(repo), str(folder / "repo")], check=True)
    git(folder / "repo", "reset", "-q", "--hard", "HEAD~1")
    return f"    repos:\n      repo: {{path: repo, url: {repo}}}\n"


def _to_fetch(folder: Path) -> str:
    """Have a clone whose remote has gone on since."""
    text = _behind(folder)
    commit(folder.parent / "upstream", "third", {"app.py": "three\n"})
    return text


def _fetched(folder: Path) -> object:
    """Return the tree, and what is known of the remote."""
    return _cloned(folder), git(
        folder / "repo", "log", "-1", "--format=%s", "refs/remotes/origin/main"
    )


def _to_send(folder: Path) -> str:
    """Have a set whose copies go to another folder, which rsync takes for another place."""
    (folder / "keys.json").write_text('{"a": 1}', encoding="utf-8")
    (folder / "away").mkdir()
    return (
        "    backups:\n      keys: {kind: json, sources: [keys.json], restore_needs_stop: false,\n"
        f'        target: "backup/keys_%Y%m%d.json", offsite: {folder}/away}}\n'
    )


def _sent(folder: Path) -> object:
    return sorted(one.suffix for one in (folder / "away").iterdir())


def _cloned(folder: Path) -> object:
    """Return the tree, what git says of it, and whatever lies beside it."""
    repo = folder / "repo"
    if not repo.exists():
        return sorted(one.name for one in folder.iterdir())
    lock = (repo / ".git" / "index.lock").exists()
    subject = git(repo, "log", "-1", "--format=%s")
    return _names(folder), git(repo, "status", "--porcelain"), subject, lock


def _command(folder: Path) -> str:
    return (
        "    commands:\n      count:\n        argv: [/bin/sh, count.sh]\n        danger: M\n"
        "        judge: {says: [counted]}\n"
    ) + _counting(folder)


def _counting(folder: Path) -> str:
    """Write the command: each run of it leaves a line."""
    (folder / "count.sh").write_text("echo run >> runs\necho counted\n", encoding="utf-8")
    return ""


def _ran_once_at_most(folder: Path) -> object:
    """Return whether it ran more than once, which a recovery must never cause."""
    path = folder / "runs"
    return path.exists() and path.read_text("utf-8").count("run") > 1


MORE = (
    Scenario(
        "folder.create", _nothing,
        lambda _folder: ActionRequest("folder.create", "shop/a/b/c"), _names,
    ),
    Scenario("logs.snapshot", _log, _snapshot, _names),
    Scenario(
        "backup.expire", _old_copies, lambda _folder: ActionRequest("backup.expire", "shop/keys"),
        _names, may_need_human="a copy that is deleted does not come back",
    ),
    Scenario(
        "git.clone", _to_clone, lambda folder: ActionRequest("git.clone", "shop/repo"), _cloned
    ),
    Scenario("git.pull", _behind, lambda _folder: ActionRequest("git.pull", "shop/repo"), _cloned),
    Scenario(
        "git.fetch", _to_fetch, lambda _folder: ActionRequest("git.fetch", "shop/repo"), _fetched
    ),
    Scenario(
        "backup.send", _to_send, lambda _folder: ActionRequest("backup.send", "shop/keys"), _sent,
        first=lambda _folder: ActionRequest("backup.create", "shop/keys"), needs=("rsync",),
    ),
    Scenario(
        "command.run", _command, lambda _folder: ActionRequest("command.run", "shop/count"),
        _ran_once_at_most, may_need_human="whether it ran to its end is known to nobody",
    ),
)  # fmt: skip
