"""Addresses: URLs read from the configuration, with credentials only by reference. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from config.references import ReferenceBroken, expand
from core.model.secret import Secret

_PARTS = re.compile(
    r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*)://(?:(?P<user>[^/?#@]*(?:@[^/?#@]*)*)@)?"
    r"(?P<host>\[[0-9a-fA-F:.%]+\]|[^/?#@:\[\],]*)(?::(?P<port>[^/?#@,]*))?"
    r"(?P<more>,[^/?#@]*)?(?P<rest>[/?#].*)?",
    re.ASCII | re.DOTALL,
)
_BAD = re.compile(r"[\x00-\x20\x7f-\x9f\\\"<>^`{|}]")
_HOST = re.compile(r"\[[0-9a-fA-F:.%]+\]|[^\s/?#@:\[\]%]{1,253}")
_PORT = re.compile(r"[0-9]{1,5}")
_LITERAL_PASSWORD = re.compile(r"://[^/?#@${}]*:(?!\$\{[^{}]*\}@)[^/?#@]+@")
_ONE_MORE = re.compile(r"(?P<host>\[[0-9a-fA-F:.%]+\]|[^:\[\]]*)(?::(?P<port>.*))?", re.DOTALL)
_SERVICE = re.compile(r"/[^/?#]+(?:/[0-9]{1,5})?(?:\?[^#]*)?")
HTTP = ("http", "https")
_BY_SENTINEL = ("redis+sentinel", "rediss+sentinel")
_OF_CLUSTER = ("redis+cluster", "rediss+cluster")
REDIS = ("redis", "rediss", "unix", *_BY_SENTINEL, *_OF_CLUSTER)


class AddressUnusable(ValueError):
    """A text that is not an address we can use; the message says how to write one."""


@dataclass(frozen=True, slots=True)
class Address:
    """A URL or a path below a service's `base_url`."""

    text: str
    """Without credentials: may be shown."""
    secret: Secret | None = None
    """The whole address where it has credentials."""

    @property
    def is_relative(self) -> bool:
        """Whether a `base_url` has to come before it."""
        return self.text.startswith("/")

    def below(self, base: "Address | None") -> "Address":
        """Return the absolute address; a relative one starts at `base`."""
        if not self.is_relative or base is None:
            return self
        secret = base.secret and Secret(base.secret.reveal().rstrip("/") + self.text)
        return Address(base.text.rstrip("/") + self.text, secret)


def parse_address(
    text: str,
    env: Mapping[str, str],
    schemes: tuple[str, ...] = HTTP,
    can_be_relative: bool = False,
) -> Address:
    """Return the address with its references expanded.

    Raises:
        ReferenceBroken: a variable is not set, or a password is written into the file.
        AddressUnusable: not an address of one of the schemes.
    """
    if _LITERAL_PASSWORD.search(text):
        raise ReferenceBroken(
            "a password stands in the address", "write it as ${NAME}, and change the password"
        )
    full = expand(text, env)
    found = _BAD.search(full)
    if found or not full.isprintable():
        shown = ascii(found.group()) if found else "that cannot be seen"
        raise AddressUnusable(f"an address cannot hold the character {shown}")
    if can_be_relative and full.startswith("/") and not full.startswith("//"):
        return Address(full)
    match = _PARTS.fullmatch(full)
    if match is None:
        raise AddressUnusable(f"not an address; write {schemes[0]}://host:port/path")
    _judge_parts(match, schemes)
    if match["user"] is None:
        return Address(full)
    shown = f"{full[: match.start('user')]}{full[match.end('user') + 1 :]}"
    return Address(shown, Secret(full))


def _judge_parts(match: re.Match[str], schemes: tuple[str, ...]) -> None:
    """Raise AddressUnusable for a scheme, host or port that cannot be used."""
    scheme, host, port = match["scheme"].lower(), match["host"], match["port"]
    if scheme not in schemes:
        raise AddressUnusable(f"{scheme}:// is not possible here; use {' or '.join(schemes)}")
    if scheme == "unix":
        if not (match["rest"] or "").startswith("/"):
            raise AddressUnusable("a socket needs its path; write unix:///run/redis/redis.sock")
        return
    _judge_place(host, port, schemes)
    if match["more"]:
        if scheme not in {*_BY_SENTINEL, *_OF_CLUSTER}:
            raise AddressUnusable(f"one host only; write {schemes[0]}://host:port")
        for one in match["more"][1:].split(","):
            another = _ONE_MORE.fullmatch(one)
            _judge_place(another and another["host"], another and another["port"], schemes)
    if scheme == "tcp" and port is None:
        raise AddressUnusable("tcp:// needs a port; write tcp://host:port")
    if scheme in _BY_SENTINEL and not _SERVICE.fullmatch(match["rest"] or ""):
        raise AddressUnusable(
            f"sentinels need the server's name; write {scheme}://host:26379,host:26379/NAME/0"
        )


def _judge_place(host: str | None, port: str | None, schemes: tuple[str, ...]) -> None:
    if not host or not _HOST.fullmatch(host):
        raise AddressUnusable(f"no usable host; write {schemes[0]}://host:port")
    if port is not None and not (_PORT.fullmatch(port) and 1 <= int(port) <= 65535):
        raise AddressUnusable("a port is a number from 1 to 65535")
