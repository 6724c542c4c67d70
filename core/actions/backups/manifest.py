"""The manifest beside a backup: what was copied, where, by whom, and how to know it again. Pure."""

import json
import re
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

from core.errors import ActionError
from core.model.text import clean

FORMAT = 1
SUFFIX = ".manifest.json"
MAX_BYTES = 128 * 1024 * 1024
"""A manifest of half a million members is below that."""
_SMALL_BYTES = 256 * 1024
_MEMBERS, _MEMBER, _MEMBERS_END = b'\n "members": [\n', b"\n  {\n", b"\n ],\n"
"""As `as_bytes` writes them; a text in JSON has no line feed."""

_SHA = re.compile("[0-9a-f]{64}")


class ManifestError(ActionError):
    """A manifest cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file that was copied."""

    name: str
    """As in the archive; for a single file the last part of its path."""
    size_bytes: int
    sha256: str
    mode: int = 0o600
    uid: int = -1
    """-1: not known."""
    gid: int = -1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is known of one backup."""

    made_at_s: float
    """Seconds since 1970."""
    host: str
    system: str
    set: str
    kind: str
    plan: str
    """The token of the plan that made it."""
    file: str
    """The name of the backup, without its folder."""
    size_bytes: int
    sha256: str
    mtime_ns: int
    sources: tuple[str, ...]
    """Absolute paths, or the name of a database."""
    members: tuple[Member, ...]
    left_out: tuple[str, ...] = ()
    """Links, sockets and devices that were not copied."""
    tools: tuple[tuple[str, str], ...] = ()
    """Program and version."""
    keys: int | None = None
    """For a snapshot of Redis: keys in all databases; None: they were not counted."""
    format: int = FORMAT


def manifest_path(path: str) -> str:
    """Return where the manifest of a backup is."""
    return path + SUFFIX


def as_bytes(manifest: Manifest) -> bytes:
    """Return a manifest as it is stored: JSON in ASCII, the same for the same values."""
    return (json.dumps(asdict(manifest), sort_keys=True, indent=1) + "\n").encode("ascii")


def parse_manifest(raw: bytes) -> Manifest:
    """Return what a manifest says.

    Raises:
        ManifestError: it is damaged, or of a newer version.
    """
    try:
        values: Any = json.loads(raw.decode("utf-8"), object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError) as error:
        raise ManifestError("the manifest is damaged: it is no JSON") from error
    if not isinstance(values, dict):
        raise ManifestError("the manifest is damaged: it is no object")
    fields = cast("dict[str, Any]", values)
    version = fields.get("format")
    if isinstance(version, int) and version > FORMAT:
        raise ManifestError(
            f"the manifest is of a newer version (format {version}, this build reads {FORMAT})"
        )
    if type(version) is not int or version != FORMAT:
        raise ManifestError("the manifest is damaged: it says no format")
    try:
        return _checked(Manifest(**{name: _tupled(value) for name, value in fields.items()}))
    except (TypeError, AttributeError, ValueError) as error:
        raise ManifestError("the manifest is damaged: its fields are not those of one") from error


def parse_summary(raw: bytes) -> tuple[Manifest, int]:
    """Return what a manifest says but for its members, and how many it has.

    Sets are listed often, and may have many backups of very many files: where these are so many
    that it matters, they are counted and not looked at.

    Raises:
        ManifestError: it is damaged, or of a newer version.
    """
    begin = raw.find(_MEMBERS) if len(raw) > _SMALL_BYTES else -1
    end = raw.find(_MEMBERS_END, begin)
    if begin < 0 or end < 0:
        manifest = parse_manifest(raw)
        return replace(manifest, members=()), len(manifest.members)
    rest = raw[:begin] + _MEMBERS.rstrip() + raw[end:].lstrip()
    return parse_manifest(rest), raw.count(_MEMBER, begin, end)


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a name twice")
    return values


def _tupled(value: Any) -> Any:
    """Return lists as tuples, all the way down."""
    return tuple(map(_tupled, cast("list[Any]", value))) if isinstance(value, list) else value


def _checked(raw: Manifest) -> Manifest:
    """Return a manifest whose values are of the types they claim.

    Raises:
        ValueError, TypeError: one is not.
    """
    texts = (raw.host, raw.system, raw.set, raw.kind, raw.plan, raw.file, *raw.sources)
    texts = (*texts, *raw.left_out, *(word for pair in raw.tools for word in pair))
    if not all(isinstance(cast("object", one), str) for one in texts):
        raise TypeError("a text that is none")
    if type(raw.made_at_s) not in (int, float):
        raise TypeError("a moment that is none")
    if "/" in raw.file or not _SHA.fullmatch(raw.sha256):
        raise ValueError("a name or hash that is none")
    members = tuple(_member(cast("dict[str, Any]", one)) for one in cast("Any", raw.members))
    counts = () if raw.keys is None else (raw.keys,)
    numbers = (raw.size_bytes, raw.mtime_ns, *counts, *(one.size_bytes for one in members))
    if not all(type(one) is int and one >= 0 for one in numbers):
        raise ValueError("a number that is none")
    return replace(raw, members=members)


def _member(values: dict[str, Any]) -> Member:
    member = Member(**values)
    is_named = isinstance(cast("Any", member.name), str) and bool(member.name)
    rights = (member.mode, member.uid, member.gid)
    if (
        not is_named
        or not _SHA.fullmatch(member.sha256)
        or any(type(one) is not int for one in rights)
    ):
        raise ValueError("a member that is none")
    return member


def mismatch(
    manifest: Manifest, *, system: str, name: str, host: str, accepted_host: str = ""
) -> str:
    """Return why a manifest is not one of this set on this host; empty: it is."""
    if (manifest.system, manifest.set) != (system, name):
        return (
            f"it is of {clean(manifest.system, 80)}/{clean(manifest.set, 80)}, not {system}/{name}"
        )
    if manifest.host not in (host, accepted_host):
        return f"it was made on {clean(manifest.host, 80)}, this is {clean(host, 80)}"
    return ""
