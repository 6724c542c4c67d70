"""Who acts: what the kernel says against what variables claim, over a made-up /proc."""

import base64
import hashlib
from collections.abc import Mapping

import pytest

from core.actions.audit.actor import Actor, Way, parse_actor, read_actor
from core.actions.audit.process_chain import parse_stat, terminal_name

PTS_1 = 136 << 8 | 1
TTY_1 = 4 << 8 | 1
KEY = base64.b64encode(b"a public key").decode()
FINGERPRINT = "SHA256:" + base64.b64encode(hashlib.sha256(b"a public key").digest()).decode()


class Proc:
    """A /proc of a chain of processes, and a few other files."""

    def __init__(self, names: list[str], terminal: int = PTS_1, **files: bytes) -> None:
        self.files: dict[str, bytes] = {}
        for above, name in enumerate(reversed(names)):
            parent = above
            stat = f"{above + 1} ({name}) S {parent} 1 1 {terminal} -1"
            self.files[f"/proc/{above + 1}/stat"] = stat.encode()
        self.pid = len(names)
        self.set("loginuid", str(0xFFFFFFFF))
        self.set("sessionid", str(0xFFFFFFFF))
        for name, data in files.items():
            self.files[name] = data

    def set(self, name: str, text: str, pid: int | None = None) -> None:
        self.files[f"/proc/{pid or self.pid}/{name}"] = text.encode()

    def read(self, path: str) -> bytes:
        if path not in self.files:
            raise FileNotFoundError(path)
        return self.files[path]

    def actor(self, environ: Mapping[str, str] | None = None, uid: int = 1000) -> Actor:
        return read_actor(self.pid, uid, environ or {}, self.read, lambda _uid: "ops")


CONSOLE = "quarterdeck"
WAYS = [
    ("ssh", [CONSOLE, "bash", "sshd", "sshd", "systemd"], PTS_1, Way.SSH),
    ("ssh, newer server", [CONSOLE, "bash", "sshd-session", "sshd", "systemd"], PTS_1, Way.SSH),
    ("ssh with a command", [CONSOLE, "sshd", "sshd", "systemd"], 0, Way.SSH),
    ("su", [CONSOLE, "bash", "su", "bash", "sshd", "systemd"], PTS_1, Way.SU),
    ("sudo", [CONSOLE, "sudo", "bash", "sshd", "systemd"], PTS_1, Way.SUDO),
    ("sudo -i", [CONSOLE, "bash", "sudo", "sudo", "bash", "sshd", "systemd"], PTS_1, Way.SUDO),
    ("tmux", [CONSOLE, "bash", "tmux: server", "systemd"], PTS_1, Way.TMUX),
    ("screen", [CONSOLE, "bash", "screen", "systemd"], PTS_1, Way.SCREEN),
    ("cron", [CONSOLE, "sh", "cron", "systemd"], 0, Way.CRON),
    ("console", [CONSOLE, "bash", "login", "systemd"], TTY_1, Way.CONSOLE),
    ("a service", [CONSOLE, "systemd"], 0, Way.SERVICE),
    ("a container", [CONSOLE, "sh"], PTS_1, Way.UNKNOWN),
]


@pytest.mark.parametrize(
    ("names", "terminal", "way"), [one[1:] for one in WAYS], ids=[one[0] for one in WAYS]
)
def test_the_way_in_is_told_from_the_processes_above(
    names: list[str], terminal: int, way: Way
) -> None:
    assert Proc(names, terminal).actor().via == way


def test_the_login_uid_survives_su_and_is_not_known_where_nobody_logged_in() -> None:
    proc = Proc([CONSOLE, "bash", "su"])
    assert (proc.actor().loginuid, proc.actor().audit_session) == (None, None)
    proc.set("loginuid", "1003\n")
    proc.set("sessionid", "17")
    actor = proc.actor(uid=0)
    assert (actor.uid, actor.loginuid, actor.audit_session) == (0, 1003, 17)


def test_the_fingerprint_counts_when_sshd_has_set_it() -> None:
    proc = Proc([CONSOLE, "bash", "sshd", "systemd"])
    proc.files["/tmp/sshauth.x"] = f"publickey ssh-ed25519 {KEY}\n".encode()
    proc.files["/proc/3/environ"] = b"HOME=/x\0SSH_USER_AUTH=/tmp/sshauth.x\0"
    actor = proc.actor()
    assert actor.ssh_fp == FINGERPRINT.rstrip("=")
    assert actor.claimed == ()


def test_a_fingerprint_from_the_own_environment_is_only_a_claim() -> None:
    proc = Proc([CONSOLE, "bash", "tmux: server"])
    proc.files["/tmp/sshauth.x"] = f"publickey ssh-ed25519 {KEY}\n".encode()
    actor = proc.actor({"SSH_USER_AUTH": "/tmp/sshauth.x"})
    assert actor.ssh_fp == ""
    assert dict(actor.claimed) == {"ssh_fp": FINGERPRINT.rstrip("=")}


@pytest.mark.parametrize("text", ["", "password\n", "publickey ssh-rsa !!!\n", "publickey x\n"])
def test_a_login_without_a_key_has_no_fingerprint(text: str) -> None:
    proc = Proc([CONSOLE, "bash", "sshd"])
    proc.files["/a"] = text.encode()
    proc.files["/proc/2/environ"] = b"SSH_USER_AUTH=/a"
    assert proc.actor().ssh_fp == ""


def test_what_variables_say_is_kept_apart() -> None:
    environ = {
        "SUDO_USER": "root",
        "SSH_CONNECTION": "192.0.2.1 5 192.0.2.2 22",
        "LOGNAME": "someone",
        "HOME": "/home/ops",
    }
    actor = Proc([CONSOLE, "bash"]).actor(environ)
    assert dict(actor.claimed) == {
        "sudo_user": "root",
        "ssh_client": "192.0.2.1 5 192.0.2.2 22",
        "logname": "someone",
    }
    assert (actor.user, actor.via) == ("ops", Way.UNKNOWN)


@pytest.mark.parametrize("name", ["TMUX", "STY"])
def test_a_terminal_that_several_may_share_is_marked(name: str) -> None:
    assert Proc([CONSOLE, "bash"]).actor({name: "x"}).is_shared
    assert not Proc([CONSOLE, "bash"]).actor().is_shared


def test_a_proc_that_hides_everything_still_gives_an_actor() -> None:
    actor = read_actor(7, 1000, {}, Proc([]).read, lambda _uid: "")
    assert actor == Actor(1000, pid=7)


def test_the_own_process_can_be_read() -> None:
    actor = read_actor()
    assert actor.pid > 0
    assert actor.chain != ""


@pytest.mark.parametrize(
    "environ", [{}, {"TMUX": "a,b"}, {"SUDO_USER": "x", "SSH_CONNECTION": "y"}]
)
def test_an_actor_comes_back_from_its_record(environ: dict[str, str]) -> None:
    actor = Proc([CONSOLE, "bash", "sshd"]).actor(environ)
    assert parse_actor(actor.document()) == actor


@pytest.mark.parametrize(
    "document", [{}, {"uid": "0"}, {"uid": True}, {"uid": 0, "claimed": []}, {"uid": 0, "via": "x"}]
)
def test_what_is_no_actor_is_refused(document: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_actor(document)


def test_a_process_name_with_brackets_and_line_feeds_is_read_whole() -> None:
    assert parse_stat(b"7 (a) S 1 (\n)) S 3 1 1 34817 -1").name == "a) S 1 (\n)"
    for raw in (b"", b"7 (a S 1", b"7 (a) S"):
        with pytest.raises(ValueError, match="not a /proc"):
            parse_stat(raw)


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (0, ""),
        (PTS_1, "pts/1"),
        (137 << 8 | 4, "pts/260"),
        (TTY_1, "tty1"),
        (4 << 8 | 64, "ttyS0"),
        (1 << 8 | 3, "1:3"),
    ],
)
def test_terminals_have_the_names_that_people_know(number: int, name: str) -> None:
    assert terminal_name(number) == name
