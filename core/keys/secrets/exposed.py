"""Finds secrets that stand in files: makers' shapes, assignments, known values. Pure.

What is found is a place and a word for what it is; the text itself goes nowhere.
"""

import re
from collections.abc import Iterable

from core.clients.text_tree import TextFile
from core.keys.secrets.judging import judge_value
from core.keys.secrets.names import is_secret_variable
from core.model.secret import Secret
from core.model.text import SafeText, clean

_MAKERS: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("a private key", re.compile(rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----")),
    ("an AWS key", re.compile(rb"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("a GitHub token", re.compile(rb"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{40,})")),
    ("a Slack token", re.compile(rb"\bxox[abprs]-[A-Za-z0-9-]{10,}")),
    ("a Stripe key", re.compile(rb"\b[rs]k_live_[A-Za-z0-9]{16,}")),
    ("a Google key", re.compile(rb"\bAIza[\w-]{35}")),
    ("a provider's key", re.compile(rb"\bsk-(?:proj-|ant-|or-)?[A-Za-z0-9_-]{20,}")),
    ("a token", re.compile(rb"\beyJ[\w-]{10,4000}\.eyJ[\w-]{10,4000}\.[\w-]{20,}")),
    ("an address with a password", re.compile(
        rb"\b[a-z][a-z0-9+.-]{1,20}://[^\s/@:'\"<>{}$]*:[^\s/@:'\"<>{}$*]{4,}@[\w.-]+", re.I)),
)  # fmt: skip
_ASSIGNED = re.compile(
    rb"(?P<name>[A-Za-z_][A-Za-z0-9_.-]{2,60})[\"']?\s*(?::|=|:=)\s*"
    rb"(?P<quote>[\"'])(?P<value>[^\s\"'$<>{}()]{8,200})(?P=quote)"
)
_MOST_FOUND = 500
_LEAST_KNOWN_CHARS = 8
_LEAST_KINDS = 2

Known = tuple[str, Secret]
"""The name of a secret that the inventory has, and what it is."""


def exposed_in(file: TextFile, known: Iterable[Known], own: frozenset[str]) -> tuple[SafeText, ...]:
    """Return the places in a file, one line each; `own`: files in which secrets belong."""
    if not file.data or file.path in own:
        return ()
    found: dict[int, str] = {}
    for name, secret in known:
        value = secret.reveal().encode("utf-8", "surrogateescape")
        at = file.data.find(value) if len(value) >= _LEAST_KNOWN_CHARS else -1
        if at >= 0:
            found.setdefault(_line(file.data, at), f"the value of {name}")
    for what, shape in _MAKERS:
        for match in shape.finditer(file.data):
            if _is_sample(match.group()):
                continue
            found.setdefault(_line(file.data, match.start()), what)
    for match in _ASSIGNED.finditer(file.data):
        name = match["name"].decode("ascii")
        if _is_real(name, match["value"].decode("utf-8", "replace")):
            found.setdefault(_line(file.data, match.start()), f"a value for {name}")
    lines = sorted(found.items())[:_MOST_FOUND]
    return tuple(clean(f"{file.path}:{line}: {what}", 400) for line, what in lines)


def _is_sample(raw: bytes) -> bool:
    """Tell what documentation writes: `postgres://user:password@host`."""
    wrong, _ = judge_value("", Secret(raw.decode("utf-8", "replace")), 0.0)
    return any("placeholder" in one for one in wrong)


def _is_real(name: str, value: str) -> bool:
    """Tell a secret from a placeholder, a name, a path and a sentence."""
    if not is_secret_variable(name.replace("-", "_").replace(".", "_")):
        return False
    wrong, _ = judge_value(name, Secret(value), 0.0)
    if any("placeholder" in one for one in wrong):
        return False
    kinds = sum(
        any(test(char) for char in value) for test in (str.isdigit, str.islower, str.isupper)
    )
    return kinds >= _LEAST_KINDS and any(map(str.isdigit, value)) and "/" not in value


def _line(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1


_PRIVATE = re.compile(r"(?:^\.env(?:\..+)?|\.(?:pem|key|p12|pfx|jks)|^id_(?:rsa|ed25519|ecdsa))$")
_PUBLIC = re.compile(r"\.(?:example|sample|template|dist|pub)$|(?:^|[._-])(?:public|cert)\b")


def mode_problem(file: TextFile) -> SafeText | None:
    """Return what is wrong with who may read or write a file; None: nothing."""
    name = file.path.rpartition("/")[2]
    if file.mode & 0o002:
        return clean(f"{file.path}: everybody may write it ({file.mode:04o})", 400)
    is_private = _PRIVATE.search(name) is not None and _PUBLIC.search(name) is None
    if is_private and file.mode & 0o004:
        return clean(f"{file.path}: everybody may read it ({file.mode:04o})", 400)
    return None
