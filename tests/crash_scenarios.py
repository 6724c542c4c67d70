"""Small worlds for `tests.crashes`, one per family of actions."""

import gzip
import hashlib
import os
import subprocess
import tarfile
from pathlib import Path

from core.model.action import ActionRequest
from tests.crash_edits import EDITS
from tests.crash_keys import KEYS
from tests.crash_more import MORE
from tests.crash_processes import PROCESSES
from tests.crash_redis import REDIS
from tests.crash_redis_keys import REDIS_KEYS
from tests.crash_secrets import SECRETS
from tests.crash_streams import STREAMS
from tests.crashes import Scenario


def _files(folder: Path) -> object:
    """Return every file's content by its path; times and copies beside are left out."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            found[str(path.relative_to(folder))] = f"-> {path.readlink()}"
        elif path.is_file() and ".backup." not in path.name:
            found[str(path.relative_to(folder))] = hashlib.sha256(path.read_bytes()).hexdigest()[
                :12
            ]
    return found


def _env(folder: Path) -> str:
    (folder / ".env").write_text("# kept\nLOG_LEVEL=INFO\nNAME='a b'\n", encoding="utf-8")
    return "    env_files:\n      env: {path: .env, apply: none}\n"


def _set_variable(_folder: Path) -> ActionRequest:
    return ActionRequest("env.set", "shop/env", (("LOG_LEVEL", "DEBUG"),))


def _config_file(folder: Path) -> str:
    (folder / "models.json").write_text('{"default": "a"}\n', encoding="utf-8")
    (folder.parent / "wanted.json").write_text('{"default": "b"}\n', encoding="utf-8")
    (folder.parent / "wanted.json").chmod(0o600)
    return "    config_files:\n      models: {path: models.json, format: json, apply: none}\n"


def _edit(folder: Path) -> ActionRequest:
    text = f"file:{folder.parent / 'wanted.json'}"
    return ActionRequest("config.edit", "shop/models", (("text", text),))


def _old_logs(folder: Path) -> str:
    logs = folder / "logs"
    logs.mkdir()
    for day in ("20200101", "20200102"):
        path = logs / f"app_{day}.jsonl"
        path.write_text(f'{{"message": "{day}"}}\n' * 50, encoding="utf-8")
        os.utime(path, (1_577_900_000, 1_577_900_000))
    return (
        "    services:\n      app:\n        logs:\n          files:\n"
        '            app: {path: "logs/app_%Y%m%d.jsonl"}\n'
        "    retention:\n      application: {keep: 100y, compress_after: 7d}\n"
    )


def _compress(_folder: Path) -> ActionRequest:
    return ActionRequest("logs.compress", "shop/app")


def _unpacked(folder: Path) -> object:
    """Return the logs whichever way they are kept, by what is in them."""
    return {
        path.name: hashlib.sha256(
            gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        ).hexdigest()[:12]
        for path in sorted((folder / "logs").iterdir())
    }


def _data(folder: Path) -> str:
    data = folder / "data"
    data.mkdir()
    for name in ("one.txt", "two.txt"):
        (data / name).write_text(name * 20, encoding="utf-8")
    return (
        "    backups:\n      data: {kind: archive, sources: [data/], "
        'target: "backup/data-%Y%m%d-%H%M%S.tar.gz", restore_needs_stop: false}\n'
    )


def _back_up(_folder: Path) -> ActionRequest:
    return ActionRequest("backup.create", "shop/data")


def _members(folder: Path) -> object:
    """Return what is in the archives; their names hold the time."""
    archives = sorted((folder / "backup").glob("*.tar.gz")) if (folder / "backup").is_dir() else []
    members: list[list[str]] = []
    for path in archives:
        with tarfile.open(path) as archive:
            members.append(sorted(archive.getnames()))
    rest = [one.name for one in sorted((folder / "backup").glob(".*"))] if archives else []
    return members, rest, _files(folder / "data")


def _repository(folder: Path) -> str:
    repo = folder / "repo"
    repo.mkdir()
    (repo / "app.py").write_text("print(1)\n", encoding="utf-8")
    _git(repo, "init", "-q", "-b", "main")
    for number in (1, 2):
        (repo / "app.py").write_text(f"print({number})\n", encoding="utf-8")
        (repo / f"only{number}.txt").write_text("x", encoding="utf-8")
        _git(repo, "add", "-A")
        _git(repo, "commit", "-q", "-m", f"release {number}")
    return "    repos:\n      repo: {path: repo}\n"


_DAY = "2026-03-01T12:00:00Z"


def _git(repo: Path, *words: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.invalid")
    done = subprocess.run(
        ("git", "-C", str(repo), *who, *words),
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "GIT_AUTHOR_DATE": _DAY, "GIT_COMMITTER_DATE": _DAY},
    )
    return done.stdout.strip()


def _go_back(folder: Path) -> ActionRequest:
    commit = _git(folder / "repo", "rev-parse", "HEAD~1")
    return ActionRequest("git.rollback", "shop/repo", (("to", commit),))


def _checkout(folder: Path) -> object:
    """Return the tree and what git says of it."""
    repo = folder / "repo"
    files = {one.name: one.read_text("utf-8") for one in sorted(repo.iterdir()) if one.is_file()}
    lock = (repo / ".git" / "index.lock").exists()
    return files, _git(repo, "status", "--porcelain"), _git(repo, "rev-parse", "HEAD"), lock


def _expired_logs(folder: Path) -> str:
    text = _old_logs(folder)
    return text.replace("keep: 100y", "keep: 30d")


def _expire(_folder: Path) -> ActionRequest:
    return ActionRequest("logs.expire", "shop/app")


def _archive(folder: Path) -> ActionRequest:
    to = str(folder / "logs" / "old.tar.gz")
    return ActionRequest("logs.archive", "shop/app", (("to", to),))


def _archived(folder: Path) -> object:
    """Return the logs, and what is in the archive."""
    path = folder / "logs" / "old.tar.gz"
    members: list[str] = []
    if path.exists():
        with tarfile.open(path) as archive:
            members = sorted(archive.getnames())
    found = {name: one for name, one in _parts(folder).items() if not name.endswith("old.tar.gz")}
    return members, found


def _parts(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _spoilt(folder: Path) -> None:
    for path in sorted((folder / "data").iterdir()):
        path.write_text("spoilt", "utf-8")


def _restore(folder: Path) -> ActionRequest:
    _spoilt(folder)
    return ActionRequest("backup.restore", "shop/data")


def _live(folder: Path) -> object:
    """Return what lives, and whether anything of the restore was left beside it."""
    beside = sorted(one.name for one in folder.iterdir() if one.name not in {"data", "backup"})
    return beside, _files(folder / "data")


def _move_aside(_folder: Path) -> ActionRequest:
    return ActionRequest("folder.move_aside", "shop/data")


def _folders(folder: Path) -> object:
    """Return every folder by its name without the date, and what is in it."""
    return {one.name.partition(".aside")[0] + ("*" if ".aside" in one.name else ""): _files(one)
            for one in sorted(folder.iterdir()) if one.is_dir()}  # fmt: skip


def _tuning(folder: Path) -> str:
    (folder / ".env").write_text("RATE=10 # per s\nBURST=20\nNAME=x\n", encoding="utf-8")
    return (
        "    env_files:\n      env: {path: .env, apply: none}\n"
        "    tuning:\n      iot: {env_file: env, values: {RATE: '100', BURST: '500'}}\n"
    )


def _tune(_folder: Path) -> ActionRequest:
    return ActionRequest("tuning.apply", "shop/iot")


def _undo(folder: Path) -> ActionRequest:
    newest = max(one.name for one in (folder.parent / "state" / "actions").iterdir())
    return ActionRequest("action.undo", newest)


def _release(folder: Path) -> str:
    text = _repository(folder)
    (folder / "releases").mkdir()
    (folder / "repo").rename(folder / "releases" / "first")
    (folder / "repo").symlink_to("releases/first")
    return text


def _release_back(folder: Path) -> ActionRequest:
    commit = _git(folder / "repo", "rev-parse", "HEAD~1")
    return ActionRequest("release.rollback", "shop/repo", (("to", commit),))


def _current(folder: Path) -> object:
    """Return the tree that the link shows, and how many releases there are beside it."""
    repo = folder / "repo"
    files = {one.name: one.read_text("utf-8") for one in sorted(repo.iterdir()) if one.is_file()}
    return files.pop(".git", None) is None, files, _git(repo, "status", "--porcelain")


FILES = (
    Scenario("env.set", _env, _set_variable, _files),
    Scenario("config.edit", _config_file, _edit, _files),
    Scenario("tuning.apply", _tuning, _tune, _files),
    Scenario("action.undo", _env, _undo, _files, first=_set_variable),
    Scenario("folder.move_aside", _data, _move_aside, _folders),
    Scenario("logs.compress", _old_logs, _compress, _unpacked),
    Scenario("logs.archive", _old_logs, _archive, _archived),
    Scenario(
        "logs.expire", _expired_logs, _expire, _parts,
        may_need_human="a log that is deleted does not come back",
    ),
    Scenario("backup.create", _data, _back_up, _members),
    Scenario("backup.restore", _data, _restore, _live, first=_back_up),
    Scenario("git.rollback", _repository, _go_back, _checkout),
    Scenario("release.rollback", _release, _release_back, _current),
)  # fmt: skip
SCENARIOS: tuple[Scenario, ...] = (
    *FILES,
    *PROCESSES,
    *EDITS,
    *KEYS,
    *MORE,
    *REDIS,
    *REDIS_KEYS,
    *SECRETS,
    *STREAMS,
)
