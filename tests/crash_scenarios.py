"""Small worlds for `tests.crashes`, one per family of actions."""

import gzip
import hashlib
import os
import subprocess
import tarfile
from pathlib import Path

from core.model.action import ActionRequest
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


def _git(repo: Path, *words: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.invalid")
    done = subprocess.run(
        ("git", "-C", str(repo), *who, *words), check=True, capture_output=True, text=True
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


SCENARIOS = (
    Scenario("env.set", _env, _set_variable, _files),
    Scenario("config.edit", _config_file, _edit, _files),
    Scenario("logs.compress", _old_logs, _compress, _unpacked),
    Scenario("backup.create", _data, _back_up, _members),
    Scenario("git.rollback", _repository, _go_back, _checkout),
)
