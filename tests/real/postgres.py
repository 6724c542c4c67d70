"""A PostgreSQL server of our own on a socket in a folder, as the tests need it."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path


def _binaries() -> Path:
    """Return the folder of the newest server there is."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda one: int(one.parent.name))
    return found[-1]


class OwnPostgres:
    """A server without TCP; as root it runs as `postgres`, who refuses to be root."""

    def __init__(self, password: str = "") -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="qd-pg-", dir="/tmp"))
        self.password = password
        self._bin = _binaries()
        self._user = "postgres" if os.geteuid() == 0 else ""

    def start(self) -> None:
        """Make and start it; returns when it answers."""
        if self._user:
            owner = pwd.getpwnam(self._user)
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        self.folder.chmod(0o711)
        secret = self.folder / "password"
        secret.write_text(self.password or "unused")
        secret.chmod(0o644)
        method = "scram-sha-256" if self.password else "trust"
        self._run(
            "initdb", "-D", self._data, "-U", "ops", "-A", method, f"--pwfile={secret}",
            "--no-sync", "-E", "UTF8", "--locale=C.UTF-8",
        )  # fmt: skip
        options = f"-c listen_addresses='' -k {self.folder} -c fsync=off"
        log = str(self.folder / "log")
        self._run(
            "pg_ctl", "-D", self._data, "-w", "-s", "-t", "180", "-l", log, "-o", options, "start"
        )
        secret.unlink()

    def stop(self) -> None:
        """End it and remove all of it."""
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "-w", "-s", "stop")
        shutil.rmtree(self.folder)

    def url(self, database: str, *, has_password: bool = True) -> str:
        """Return the URL of a database."""
        secret = f":{self.password}" if self.password and has_password else ""
        return f"postgresql://ops{secret}@/{database}?host={self.folder}"

    def ask(self, sql: str, database: str = "postgres") -> str:
        """Run a statement and return what it says."""
        done = subprocess.run(
            ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", str(self.folder),
             "-U", "ops", "-d", database, "-c", sql],
            check=True, capture_output=True, text=True,
            env={**os.environ, "PGPASSWORD": self.password},
        )  # fmt: skip
        return done.stdout.strip()

    def connect(self, database: str) -> "subprocess.Popen[bytes]":
        """Return a session that stays until its input is closed."""
        return subprocess.Popen(
            ["psql", "-X", "-q", "-h", str(self.folder), "-U", "ops", "-d", database],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "PGPASSWORD": self.password, "PGAPPNAME": "somebody"},
        )

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _run(self, tool: str, *words: str) -> None:
        argv = [str(self._bin / tool), *words]
        if self._user:
            argv = [
                "setpriv",
                f"--reuid={self._user}",
                f"--regid={self._user}",
                "--init-groups",
                *argv,
            ]
        env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        subprocess.run(argv, check=True, cwd="/", env=env, stdout=subprocess.DEVNULL)
