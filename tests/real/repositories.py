"""Real repositories for tests: an upstream, a deployment of it, and traps that tell when sprung."""

import os
import subprocess
from pathlib import Path

CLEAN = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "T",
    "GIT_AUTHOR_EMAIL": "t@example.invalid",
    "GIT_COMMITTER_NAME": "T",
    "GIT_COMMITTER_EMAIL": "t@example.invalid",
}


def git(folder: Path, *words: str) -> str:
    """Run git as a developer would, and return what it prints."""
    done = subprocess.run(
        ["git", *words], cwd=folder, env={**os.environ, **CLEAN}, check=True, capture_output=True,
        timeout=300,
    )  # fmt: skip
    return done.stdout.decode("utf-8", "replace").strip()


def made(folder: Path) -> Path:
    """Make an empty repository on `main`."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    return folder


def commit(repo: Path, subject: str, files: dict[str, str | None]) -> str:
    """Write files (None: remove) and commit them; return the commit."""
    for name, text in files.items():
        path = repo / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            git(repo, "rm", "--quiet", "--", name)
        else:
            path.write_text(text, "utf-8")
            git(repo, "add", "--force", "--", name)
    git(repo, "commit", "--quiet", "--allow-empty", "-m", subject)
    return git(repo, "rev-parse", "HEAD")


class Deployment:
    """An upstream with three commits and a clone that stands at the second."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.upstream = made(folder / "upstream")
        self.first = commit(
            self.upstream, "first", {"app.py": "one\n", "lib/a.py": "a\n", "old.txt": "old\n"}
        )
        self.second = commit(
            self.upstream, "second", {"app.py": "two\n", "lib/b.py": "b\n", "old.txt": None}
        )
        self.top = folder / "app"
        git(folder, "clone", "--quiet", str(self.upstream), str(self.top))
        self.third = commit(
            self.upstream,
            "third",
            {"app.py": "three\n", "lib/a.py": None, "sub/new/c.py": "c\n"},
        )

    def tree(self, folder: Path | None = None) -> dict[str, str]:
        """Return every file beside git's own, with its text."""
        root = folder or self.top
        return {
            str(path.relative_to(root)): path.read_text("utf-8")
            for path in sorted(root.rglob("*"))
            if path.is_file() and ".git" not in path.relative_to(root).parts
        }


SECOND = {"app.py": "two\n", "lib/a.py": "a\n", "lib/b.py": "b\n"}
THIRD = {"app.py": "three\n", "lib/b.py": "b\n", "sub/new/c.py": "c\n"}
FIRST = {"app.py": "one\n", "lib/a.py": "a\n", "old.txt": "old\n"}
