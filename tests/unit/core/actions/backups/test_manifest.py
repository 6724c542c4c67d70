"""A manifest is read back as it was written, or refused with the reason."""

import json
from dataclasses import replace

import pytest

from core.actions.backups.manifest import (
    Manifest,
    ManifestError,
    Member,
    as_bytes,
    mismatch,
    parse_manifest,
)

SHA = "a" * 64
MANIFEST = Manifest(
    made_at_s=1_790_000_000.5,
    host="web-1",
    system="shop",
    set="keys",
    kind="json",
    plan="0123",
    file="keys_20260301.json",
    size_bytes=12,
    sha256=SHA,
    mtime_ns=17,
    sources=("/opt/shop/keys.json",),
    members=(Member("keys.json", 12, SHA, 0o640, 1000, 1000), Member("latin-\udce9", 0, SHA)),
    left_out=("link -> /etc",),
    tools=(("pg_dump", "15.2"),),
    keys=7,
)


def edited(**changes: object) -> bytes:
    return json.dumps(json.loads(as_bytes(MANIFEST)) | changes).encode()


def test_it_comes_back_as_it_was() -> None:
    assert parse_manifest(as_bytes(MANIFEST)) == MANIFEST


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        as_bytes(MANIFEST)[:-20],
        edited(format="1"),
        edited(format=True),
        edited(more=1),
        edited(sha256="../x"),
        edited(file="../../etc/passwd"),
        edited(size_bytes=-1),
        edited(size_bytes=True),
        edited(size_bytes="12"),
        edited(host=None),
        edited(made_at_s="now"),
        edited(keys=-1),
        edited(keys="7"),
        edited(keys=True),
        edited(members=[{"name": "a", "size_bytes": 1, "sha256": "short"}]),
        edited(members=[{"name": "", "size_bytes": 1, "sha256": SHA}]),
        edited(members=[{"name": "a", "size_bytes": 1, "sha256": SHA, "mode": "0o600"}]),
        edited(members=["a"]),
        edited(members=3),
        edited(sources=[1]),
        as_bytes(MANIFEST).replace(b'"host"', b'"kind": "x", "host"', 1),
    ],
    ids=lambda raw: f"{raw[:8]!r}-{len(raw)}",
)
def test_a_damaged_one_is_refused(raw: bytes) -> None:
    with pytest.raises(ManifestError, match="damaged"):
        parse_manifest(raw)


def test_a_newer_one_is_refused_as_such() -> None:
    with pytest.raises(ManifestError, match="newer version"):
        parse_manifest(edited(format=2, whatever="comes"))


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (replace(MANIFEST, host="web-2"), "made on web-2"),
        (replace(MANIFEST, system="bank"), "of bank/keys"),
        (replace(MANIFEST, set="env"), "of shop/env"),
    ],
)
def test_one_of_another_host_system_or_set_is_told(changed: Manifest, why: str) -> None:
    assert why in mismatch(changed, system="shop", name="keys", host="web-1")


def test_another_host_can_be_accepted_by_name() -> None:
    moved = replace(MANIFEST, host="web-2")
    assert not mismatch(moved, system="shop", name="keys", host="web-1", accepted_host="web-2")
