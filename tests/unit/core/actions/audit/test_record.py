"""One record: its one form, what may not be in it, and how long it may be."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.actions.audit.actor import Actor
from core.actions.audit.record import (
    ALLOWED,
    MAX_LINE_BYTES,
    ZERO,
    Event,
    Origin,
    actor_document,
    canonical,
    cut,
    parse_record,
    said,
    sealed,
)
from core.model.secret import MASK, Secret

SALT = b"s" * 32
CANARY = "hunter2-very-secret"
TEXTS = (
    "action_id",
    "verb",
    "target",
    "target_kind",
    "plan_hash",
    "result",
    "code",
    "before",
    "after",
    "reason",
    "env",
    "session",
)


def head(**words: object) -> dict[str, object]:
    return {
        "v": 1,
        "seq": 1,
        "ts": "2026-03-01T03:00:00.000000Z",
        "mono": 1,
        "boot_id": "b",
        "host": "h",
        "machine_id": "m",
        "ev": "intent",
        "actor": {"uid": 0},
        **words,
    }


def test_the_hash_is_that_of_the_predecessor_and_the_line_without_its_hash() -> None:
    line, own = sealed(head(), ZERO, b"")
    row = json.loads(line)
    assert row.pop("hash") == own
    again = json.dumps(row, sort_keys=True, separators=(",", ":")).encode()
    assert own == hashlib.sha256(ZERO.encode() + again).hexdigest()


def test_a_key_gives_another_hash() -> None:
    assert sealed(head(), ZERO, b"k" * 32)[1] != sealed(head(), ZERO, b"")[1]


def test_a_line_holds_nothing_that_a_terminal_acts_on() -> None:
    text = "\x1b]52;c;aGk=\x07 \x7f \x9b \u202e \ud800 \n ü"
    line, _ = sealed(head(reason=text), ZERO, b"")
    assert all(0x20 <= byte < 0x7F for byte in line)
    assert parse_record(line).reason == text


def test_secrets_become_a_digest_that_tells_only_whether_they_are_equal() -> None:
    one = said(Event.STEP_END, {"before": Secret(CANARY), "after": Secret(CANARY)}, SALT)
    other = said(Event.STEP_END, {"before": Secret("other")}, SALT)
    elsewhere = said(Event.STEP_END, {"before": Secret(CANARY)}, b"t" * 32)
    assert one["before"] == one["after"]
    assert str(one["before"]).startswith("hmac:")
    assert len(str(one["before"])) == len("hmac:") + 12
    assert one["before"] not in {other["before"], elsewhere["before"]}


@pytest.mark.parametrize("event", list(Event))
def test_no_event_lets_a_canary_through(event: Event) -> None:
    fields: dict[str, object] = dict.fromkeys(TEXTS, f"password={CANARY}")
    fields |= {"before": Secret(CANARY), "action_id": "A", "session": "S", "plan_hash": "00"}
    line, _ = sealed(head(**said(event, fields, SALT)), ZERO, b"")
    assert CANARY.encode() not in line


def test_free_text_is_redacted() -> None:
    words = said(Event.CONFIRM, {"reason": "redis://ops:geheim@db/0 token=abc"}, SALT)
    assert words["reason"] == f"redis://ops:{MASK}@db/0 token={MASK}"


def test_a_field_that_an_event_may_not_have_is_left_out_and_named() -> None:
    words = said(Event.ARM, {"reason": "deploy", "before": "x", "plan_hash": "00"}, SALT)
    assert words == {"reason": "deploy", "dropped": ["before", "plan_hash"]}


def test_every_event_has_its_list_of_fields() -> None:
    assert set(ALLOWED) == set(Event)


def test_a_target_has_its_short_name() -> None:
    long = {"target": "a" * 64, "target_kind": "container"}
    assert said(Event.INTENT, long, SALT)["target"] == {
        "id": "a" * 64,
        "kind": "container",
        "short": "a" * 12,
    }
    assert said(Event.INTENT, {"target": "gateway/api"}, SALT)["target"] == {
        "id": "gateway/api",
        "short": "api",
    }


@given(st.text(max_size=400), st.integers(40, 300))
def test_a_cut_text_fits(text: str, limit: int) -> None:
    short = cut(text, limit)
    assert len(canonical(short)) - 2 <= limit
    assert short == text or short.endswith(f"...({len(text)} characters)")


@given(st.sampled_from(["x", "\\", "\x7f", "ü", "\U0001f600", "\x00", "\ud800"]))
def test_the_longest_record_fits_into_a_line(char: str) -> None:
    long = char * 9000
    words = said(Event.STEP_END, dict.fromkeys(TEXTS, long) | {"step": 9, "dur_ms": 10**9}, SALT)
    actor = Actor(
        uid=2**32 - 2,
        user=long,
        loginuid=2**32 - 2,
        audit_session=2**32 - 2,
        tty=long,
        is_shared=True,
        ssh_fp="SHA256:" + "A" * 43,
        pid=2**22,
        chain=long,
        claimed=tuple((f"claim{number}", long) for number in range(9)),
    )
    origin = Origin("h" * 64, "f" * 32, "f" * 36)
    whole = head(**words, actor=actor_document(actor), seq=10**9, mono=10**15, key="01234567")
    whole |= {"host": origin.host, "machine_id": origin.machine_id, "boot_id": origin.boot_id}
    line, _ = sealed(whole, ZERO, b"k" * 16)
    assert len(line) <= MAX_LINE_BYTES


@given(st.dictionaries(st.sampled_from(TEXTS), st.text(max_size=40)))
def test_a_record_reads_back_as_it_was_said(fields: dict[str, str]) -> None:
    words = said(Event.STEP_END, fields, SALT)
    record = parse_record(sealed(head(**words), ZERO, b"")[0])
    for name in TEXTS:
        if name not in {"target", "target_kind"}:
            assert getattr(record, name) == words.get(name, "")


@pytest.mark.parametrize(
    "line",
    [b"", b"{}", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"seq":"x"}', b'{"actor":1}'],
    ids=lambda line: repr(line[:12]),
)
def test_what_is_no_record_is_said_to_be_none(line: bytes) -> None:
    with pytest.raises(ValueError, match="not an audit record"):
        parse_record(line)
