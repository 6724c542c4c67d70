"""Who acts, over real ways in: ssh with a key, su, tmux, and a process without a terminal."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.ports import free_port

ROOT = Path(__file__).parents[2]
CODE = (
    f"import sys; sys.path.insert(0, {str(ROOT)!r}); import json; "
    "from core.actions.audit.actor import read_actor; print(json.dumps(read_actor().document()))"
)
READ = shlex.join([sys.executable, "-c", CODE])


def _run(*argv: str | Path, **environment: str) -> str:
    done = subprocess.run(
        argv,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def server(tmp_path: Path) -> Iterator[list[str]]:
    """An sshd that tells how somebody logged in; returns the command that logs in."""
    for name in ("host", "user"):
        _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name)
    port = free_port()
    settings = [
        f"ListenAddress 127.0.0.1:{port}",
        f"HostKey {tmp_path}/host",
        f"AuthorizedKeysFile {tmp_path}/user.pub",
        f"PidFile {tmp_path}/pid",
        "ExposeAuthInfo yes",
        "StrictModes no",
        "UsePAM no",
        "PasswordAuthentication no",
    ]
    (tmp_path / "config").write_text("\n".join(settings) + "\n")
    argv = ["/usr/sbin/sshd", "-D", "-e", "-f", str(tmp_path / "config")]
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert "Server listening" in process.stderr.readline()
        options = ["IdentitiesOnly=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null"]
        login = [word for option in options for word in ("-o", option)]
        yield ["ssh", "-q", "-p", str(port), "-i", str(tmp_path / "user"), *login, "127.0.0.1"]
        process.terminate()
        process.stderr.close()


def _document(said: str) -> dict[str, Any]:
    return json.loads(said)


@pytest.mark.real("sshd", "root")
def test_a_key_that_logged_in_by_ssh_is_known_by_its_fingerprint(
    server: list[str], tmp_path: Path
) -> None:
    own = _run("ssh-keygen", "-lf", tmp_path / "user.pub").split()[1]
    # The shell stays above, as with a person: sshd's environment is that of its child.
    actor = _document(_run(*server, f"{READ}; true"))
    assert (actor["via"], actor["ssh_fp"]) == ("ssh", own)
    assert actor["claimed"]["ssh_client"].startswith("127.0.0.1 ")


@pytest.mark.real("sshd", "root")
def test_a_fingerprint_that_somebody_points_to_himself_stays_a_claim(
    server: list[str], tmp_path: Path
) -> None:
    forged = tmp_path / "forged"
    forged.write_text("publickey " + (tmp_path / "host.pub").read_text())
    own = _run("ssh-keygen", "-lf", tmp_path / "user.pub").split()[1]
    actor = _document(_run(*server, f"SSH_USER_AUTH={forged} {READ}; true"))
    assert actor["ssh_fp"] == own


@pytest.mark.real("sshd", "root")
def test_su_inside_ssh_is_su(server: list[str]) -> None:
    inner = shlex.quote(f"{READ}; true")
    actor = _document(_run(*server, f"su root -s /bin/sh -c {inner}; true"))
    assert actor["via"] == "su"
    assert "sshd" in actor["chain"]


@pytest.mark.real("tmux")
def test_tmux_is_shared(tmp_path: Path) -> None:
    own, out = shlex.quote(str(tmp_path / "tmux")), tmp_path / "out"
    # The server ends with its only session, and nobody could wait for it then.
    signals = f"tmux -S {own} wait-for -S done; tmux -S {own} wait-for seen"
    command = f"{READ} > {shlex.quote(str(out))}; {signals}"
    tmux = ["tmux", "-S", str(tmp_path / "tmux"), "-f", "/dev/null"]
    _run(*tmux, "new-session", "-d", "-s", "qd", "sh", "-c", command, SHELL="/bin/sh")
    _run(*tmux, "wait-for", "done")
    _run(*tmux, "wait-for", "-S", "seen")
    actor = _document(out.read_text())
    assert (actor["via"], actor["shared"]) == ("tmux", True)
    assert actor["tty"].startswith("pts/")
    assert "tmux" in actor["claimed"]


def test_a_process_without_a_terminal_has_none() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
        start_new_session=True,
    )
    assert "tty" not in _document(done.stdout)
