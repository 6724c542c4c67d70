"""Runs the command line as a user without rights, and makes places that such a user can reach."""

import json
import os
import pwd
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = pwd.getpwnam("nobody")
_ROOT = Path(__file__).parents[2]
_CHILD = """
import codecs, importlib, os, pkgutil, sys
import click.shell_completion
import cli.main, cli.doctor, config, core.clients, core.sources
for package in (config, core.clients, core.sources):
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(found.name)
for name in ("ascii", "idna", "latin-1", "utf-8", "utf-8-sig"):
    codecs.lookup(name)
uid, gid, *groups = map(int, sys.argv.pop(1).split(","))
if uid:
    os.setgroups(groups), os.setgid(gid), os.setuid(uid)
cli.main.main()
"""
"""Everything is imported before the change of user: who runs the tests may have a Python of their
own that nobody else can reach."""


_NAMESPACE = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec")
_EMPTY = """
mount --make-rprivate /
mount -t tmpfs none /run
mkdir -p /run/systemd/journal /run/log/journal
[ ! -d /var/log/journal ] || mount -t tmpfs none /var/log/journal
"""
_JOURNALD = """
chgrp systemd-journal /run/log/journal
chmod 2750 /run/log/journal
/usr/lib/systemd/systemd-journald 2> /dev/null &
until ls /run/log/journal/*/system.journal; do sleep 0.05; done > /dev/null 2>&1
"""
WITHOUT_A_JOURNAL = (*_NAMESPACE, _EMPTY + '"$@"', "sh")
WITH_A_JOURNAL = (*_NAMESPACE, _EMPTY + _JOURNALD + '"$@"', "sh")
"""Run a command where the journal is one of our own; all that was started ends with it."""


_OWN_TOOLS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Not what the tests' own systemd puts before them: its tools are for root."""


def acting_as() -> str:
    """Return the user that `doctor` acts as."""
    return "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


@contextmanager
def open_folder() -> Iterator[Path]:
    """Yield a folder that everybody can enter; pytest's own belong to who runs the tests."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


class Doctor:
    """What `doctor --json` told an unprivileged user of a configuration."""

    def __init__(
        self,
        configuration: Path,
        inside: tuple[str, ...] = (),
        groups: tuple[int, ...] = (),
        **environment: str,
    ) -> None:
        user = (NOBODY.pw_uid, NOBODY.pw_gid) if os.geteuid() == 0 else (0, 0)
        done = subprocess.run(
            [*inside, sys.executable, "-c", _CHILD, ",".join(map(str, (*user, *groups))),
             "doctor", "--json", "--config", str(configuration)],
            capture_output=True, text=True, timeout=300, check=False, cwd=_ROOT,
            env={**os.environ, "PATH": _OWN_TOOLS, **environment}, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode in {0, 1}, done.stderr
        assert done.stderr == ""
        self.exit_code = done.returncode
        found = json.loads(done.stdout)["findings"]
        # The first of a subject is its state; what may follow are offers.
        self.findings = {one["subject"]: one for one in reversed(found)}

    def told(self, subject: str) -> tuple[str, str, str]:
        """Return verdict, text and remedy of a finding."""
        one = self.findings[subject]
        return one["verdict"], one["text"], one["remedy"] or ""


def configured(folder: Path, *lines: str) -> Path:
    """Write a configuration that everybody may read and return its path."""
    path = folder / "quarterdeck.yaml"
    head = ("version: 1", "environment: development")
    path.write_text("\n".join([*head, *lines, ""]), encoding="utf-8")
    path.chmod(0o644)
    return path
