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
    parse_summary,
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


def many(count: int) -> Manifest:
    own = '\n "members": [\n  {\n ],\n'  # a name may be anything
    names = (own, *(f"logs/{number:06d}" for number in range(1, count)))
    return replace(MANIFEST, members=tuple(Member(name, 12, SHA) for name in names))


@pytest.mark.parametrize("count", [1, 2, 4_000])
def test_a_summary_says_the_same_but_for_the_members_that_it_counts(count: int) -> None:
    manifest = many(count)
    assert parse_summary(as_bytes(manifest)) == (replace(manifest, members=()), count)
    assert parse_summary(as_bytes(replace(MANIFEST, members=()))) == (
        replace(MANIFEST, members=()), 0,
    )  # fmt: skip


def test_the_summary_of_very_many_makes_no_value_of_each(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = as_bytes(many(4_000))

    def refuse(_values: object) -> Member:
        raise AssertionError("a member was looked at")

    monkeypatch.setattr("core.actions.backups.manifest._member", refuse)
    assert parse_summary(raw)[1] == 4_000


def test_a_summary_of_another_form_or_damaged_is_read_or_refused_alike() -> None:
    raw = as_bytes(many(4_000))
    other = json.dumps(json.loads(raw)).encode()
    assert parse_summary(other) == parse_summary(raw)
    for damaged in (raw[:-20], raw[: len(raw) // 2], raw.replace(b'"host"', b'"kind"', 1)):
        with pytest.raises(ManifestError, match="damaged"):
            parse_summary(damaged)
