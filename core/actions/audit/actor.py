"""Who acts: what the kernel says, and apart from it what only the environment claims.

On a shared account the user's name says little. The login uid and the audit session survive `su`
and `sudo`, the chain of processes tells which way somebody came in, and the fingerprint of the
SSH key tells who, where sshd exposes it (`ExposeAuthInfo yes`).
"""

import base64
import binascii
import hashlib
import os
import pwd
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from core.actions.audit.process_chain import Ancestor, read_ancestors, read_terminal

ReadFile = Callable[[str], bytes]
"""Returns the first bytes of a regular file or of one in /proc; raises OSError."""

_UNSET = 0xFFFFFFFF
"""What the kernel says where nobody has logged in: cron before PAM, services, containers."""
_MAX_BYTES = 64 * 1024
_SHARED = ("TMUX", "STY")
_CLAIMS = {
    "sudo_user": "SUDO_USER",
    "ssh_client": "SSH_CONNECTION",
    "logname": "LOGNAME",
    "tmux": "TMUX",
    "screen": "STY",
}
"""Field to variable. Anybody may set these, so they stand apart from what the kernel says."""
_SERVERS = {
    "sshd": "ssh",
    "dropbear": "ssh",
    "tmux": "tmux",
    "screen": "screen",
    "cron": "cron",
    "crond": "cron",
    "atd": "cron",
    "anacron": "cron",
}


class Way(StrEnum):
    """How somebody came in, by the nearest ancestor that tells."""

    SSH = "ssh"
    SU = "su"
    SUDO = "sudo"
    TMUX = "tmux"
    SCREEN = "screen"
    CRON = "cron"
    CONSOLE = "console"
    SERVICE = "service"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, as it goes into every record."""

    uid: int
    user: str = ""
    loginuid: int | None = None
    """The uid that logged in, through all `su` and `sudo`; None where the kernel knows none."""
    audit_session: int | None = None
    tty: str = ""
    via: Way = Way.UNKNOWN
    is_shared: bool = False
    """Below tmux or screen: several people may be looking on and typing."""
    ssh_fp: str = ""
    """`SHA256:…` of the key that logged in, from the environment that sshd itself has set."""
    pid: int = 0
    chain: str = ""
    """Names and pids of the processes above, nearest first: `bash:812<sshd:790<systemd:1`."""
    claimed: tuple[tuple[str, str], ...] = ()
    """What variables say; whoever acts can set them."""

    def document(self) -> dict[str, object]:
        """Return it for a record: what is not known is left out."""
        known: dict[str, object] = {
            "user": self.user,
            "loginuid": self.loginuid,
            "session": self.audit_session,
            "tty": self.tty,
            "via": self.via.value,
            "shared": self.is_shared or None,
            "ssh_fp": self.ssh_fp,
            "pid": self.pid,
            "chain": self.chain,
            "claimed": dict(self.claimed),
        }
        wanted = {name: value for name, value in known.items() if value not in ("", None, {})}
        return {"uid": self.uid, **wanted}


def parse_actor(document: Mapping[str, object]) -> Actor:
    """Return an actor again.

    Raises:
        ValueError: it is none.
    """
    claimed = document.get("claimed", {})
    if not isinstance(claimed, Mapping):
        raise ValueError("claimed is not an object")  # noqa: TRY004 - one error for one caller
    pairs: Mapping[object, object] = claimed  # pyright: ignore[reportUnknownVariableType] - any JSON
    uid = _number(document, "uid")
    if uid is None:
        raise ValueError("an actor without uid")
    return Actor(
        uid,
        _word(document, "user"),
        _number(document, "loginuid"),
        _number(document, "session"),
        _word(document, "tty"),
        Way(_word(document, "via") or Way.UNKNOWN),
        document.get("shared") is True,
        _word(document, "ssh_fp"),
        _number(document, "pid") or 0,
        _word(document, "chain"),
        tuple((str(name), str(value)) for name, value in pairs.items()),
    )


def _word(document: Mapping[str, object], name: str) -> str:
    value = document.get(name, "")
    if not isinstance(value, str):
        raise ValueError(f"{name} is not text")  # noqa: TRY004 - one error for one caller
    return value


def _number(document: Mapping[str, object], name: str) -> int | None:
    value = document.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise ValueError(f"{name} is not a number")
    return value


def read_actor(
    pid: int | None = None,
    uid: int | None = None,
    environ: Mapping[str, str] = os.environ,
    read: ReadFile | None = None,
    user_of: Callable[[int], str] | None = None,
) -> Actor:
    """Return who runs this process (or another), as far as can be read; never fails."""
    pid = os.getpid() if pid is None else pid
    uid = os.getuid() if uid is None else uid
    read = read or read_small_file
    above = read_ancestors(pid, read)
    own_tty = read_terminal(pid, read)
    claims = {
        name: environ[variable] for name, variable in _CLAIMS.items() if environ.get(variable)
    }
    auth_path, is_from_sshd = _auth_path(above, environ, read)
    fingerprint = _fingerprint(auth_path, read)
    if fingerprint and not is_from_sshd:
        claims["ssh_fp"] = fingerprint
    way = judge_way(above, own_tty)
    return Actor(
        uid=uid,
        user=(user_of or _user_name)(uid),
        loginuid=_kernel_number(f"/proc/{pid}/loginuid", read),
        audit_session=_kernel_number(f"/proc/{pid}/sessionid", read),
        tty=own_tty,
        via=way,
        is_shared=way in {Way.TMUX, Way.SCREEN} or any(environ.get(name) for name in _SHARED),
        ssh_fp=fingerprint if is_from_sshd else "",
        pid=pid,
        chain="<".join(f"{one.name}:{one.pid}" for one in above),
        claimed=tuple(sorted(claims.items())),
    )


def judge_way(above: tuple[Ancestor, ...], tty: str) -> Way:
    """Return how somebody came in: the nearest process above that tells. Pure."""
    for one in above:
        # Servers name themselves by title: `tmux: server`, `sshd: ops@pts/1`.
        word = one.name.partition(":")[0].partition("-")[0].partition(" ")[0].casefold()
        if word in {"su", "sudo"}:
            return Way(word)
        if word in _SERVERS:
            return Way(_SERVERS[word])
        if word in {"login", "agetty"}:
            return Way.CONSOLE
    if above and above[-1].name.startswith("systemd") and not tty:
        return Way.SERVICE
    return Way.CONSOLE if tty.startswith("tty") else Way.UNKNOWN


def _auth_path(
    above: tuple[Ancestor, ...], environ: Mapping[str, str], read: ReadFile
) -> tuple[str, bool]:
    """Return where sshd wrote how somebody proved to be himself, and whether sshd itself says so.

    sshd sets the environment of the process below it, before any code of the user runs; what a
    later process has in its own is only a claim.
    """
    for below, server in pairwise(above):
        if server.name.startswith("sshd") and not below.name.startswith("sshd"):
            path = _variable(f"/proc/{below.pid}/environ", b"SSH_USER_AUTH", read)
            if path:
                return path, True
    return environ.get("SSH_USER_AUTH", ""), False


def _variable(path: str, name: bytes, read: ReadFile) -> str:
    try:
        words = read(path).split(b"\0")
    except OSError:
        return ""
    found = [word.partition(b"=")[2] for word in words if word.startswith(name + b"=")]
    return os.fsdecode(found[0]) if found else ""


def _fingerprint(path: str, read: ReadFile) -> str:
    """Return the fingerprint of the key in sshd's file; empty where there is none."""
    if not path.startswith("/"):
        return ""
    try:
        lines = read(path).decode("ascii", "replace").splitlines()
    except OSError:
        return ""
    for line in lines:
        words = line.split()
        if len(words) >= 3 and words[0] == "publickey":
            try:
                key = base64.b64decode(words[2], validate=True)
            except binascii.Error:
                continue
            digest = base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")
            return f"SHA256:{digest}"
    return ""


def _kernel_number(path: str, read: ReadFile) -> int | None:
    try:
        number = int(read(path))
    except (OSError, ValueError):
        return None
    return None if number == _UNSET else number


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return ""


def read_small_file(path: str) -> bytes:
    """Return the first 64 KiB of a regular file; a link, a pipe or a device is refused.

    Raises:
        OSError: it cannot be read, or is none.
    """
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise OSError(f"{path} is not a regular file")
        return os.read(file, _MAX_BYTES)
    finally:
        os.close(file)
