"""What a failed look means to a person: a word, what was said, and what to do. Pure."""

import re

from core.clients.redis_errors import ConnectionDropped, NotRedis, RedisSaid
from core.errors import (
    ClientDenied,
    ClientError,
    ClientGarbled,
    ClientMissing,
    ClientRefused,
    ClientTimeout,
    ClientUnresolved,
)
from core.model.redis_server import Trouble
from core.model.text import EMPTY, SafeText, clean

_GIVE_IT = "put user and password into the address as ${NAME}, and set the variable"
_REMEDIES = {
    "NOAUTH": f"it wants a password: {_GIVE_IT}",
    "WRONGPASS": f"user or password is wrong, or the user is off: {_GIVE_IT}",
    "LOADING": "it reads its data from disk after a start; wait: it is looked at again by itself",
    "MASTERDOWN": (
        "the replica has lost its master and serves no stale data: look at the master, "
        "or name the master in the configuration"
    ),
    "READONLY": "it is a replica, or its disk failed: write to the master that INFO names",
    "OOM": "memory is full: free some, raise maxmemory, or change maxmemory-policy",
    "BUSY": "a script holds it up: SCRIPT KILL ends one that has not written yet",
    "MISCONF": "it cannot save to disk: look at free space and rights of its folder, and its log",
    "MOVED": "it is a node of a cluster: write redis+cluster:// in the configuration",
    "ASK": "the key is being moved to another node; look again",
    "TRYAGAIN": "keys are being moved between nodes; look again",
    "CLUSTERDOWN": "slots are not served: look at CLUSTER NODES for nodes that failed",
    "CROSSSLOT": "these keys lie on different nodes of the cluster",
    "WRONGTYPE": "the key holds another type than this view reads",
    "NOGROUP": "the stream or its group is gone; look again",
    "MAXCLIENTS": "no connection is free: close some, or raise maxclients",
    "TLS": "compare scheme (rediss://), port and `ca_file` of the check with the server's own",
    "FAILOVER": "a failover is under way; it is looked at again by itself",
    "ERR": "",
}
_NOTHING_LISTENS = "start the server, or correct its address in the configuration"
_BY_ERROR: tuple[tuple[type[ClientError], str, str], ...] = (
    (
        NotRedis,
        "not redis",
        "another service listens there, or it wants TLS: correct address and scheme",
    ),
    (
        ConnectionDropped,
        "dropped",
        "it stopped, closed us, or wants TLS (rediss://); it is dialled again by itself",
    ),
    (
        ClientTimeout,
        "timeout",
        "it hangs, or something drops the packets: look at the server's load and the firewall",
    ),
    (ClientUnresolved, "DNS", "no name server answers: look at the network of this machine"),
    (ClientRefused, "refused", _NOTHING_LISTENS),
    (ClientMissing, "missing", _NOTHING_LISTENS),
    (
        ClientDenied,
        "denied",
        "our user lacks the right to open the socket: add it to the socket's group",
    ),
    (ClientGarbled, "unreadable", ""),
)
_COMMAND = re.compile(r"run the '(?P<command>[^']{1,64})' command")
_USER = re.compile(r"^User (?P<user>\S{1,64}) has no permissions")


def trouble_of(error: ClientError) -> Trouble:
    """Return the word, text and remedy of an error."""
    text = clean(str(error))
    if isinstance(error, RedisSaid):
        remedy = _rule_for(error.text) if error.code == "NOPERM" else _REMEDIES.get(error.code, "")
        return Trouble(clean(error.code), text, clean(remedy))
    if str(error).endswith("DNS: no such host"):
        return Trouble(SafeText("DNS"), text, clean("correct the host's name in the configuration"))
    if isinstance(error, ClientTimeout) and "TLS" in str(error):
        return Trouble(SafeText("timeout"), text, clean(_REMEDIES["TLS"]))
    for kind, word, remedy in _BY_ERROR:
        if isinstance(error, kind):
            return Trouble(clean(word), text, clean(remedy))
    return Trouble(SafeText("unreadable"), text, EMPTY)


def _rule_for(text: str) -> str:
    """Return the rule that would allow what was refused."""
    user = found["user"] if (found := _USER.search(text)) else "USER"
    command = _COMMAND.search(text)
    if command is not None:
        return f"an administrator may allow it: ACL SETUSER {user} +{command['command']}"
    if "channel" in text:
        return f"an administrator may allow it: ACL SETUSER {user} &*"
    return f"an administrator may allow reading keys: ACL SETUSER {user} %R~*"
