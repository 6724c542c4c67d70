"""Secrets are hidden wherever they stand; ordinary lines stay as they are."""

import base64
import json
import time
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.keys.redaction import Redactor
from core.keys.shape_hints import may_hold_shape
from core.model.masking import secret_spans
from core.model.secret import MASK, Secret
from tests.planted import leaks, planted

VALUE = "S3cr3t/Pa+ss%w0rd"
PLANTS = tuple(planted(200))

SHAPE_PIECES = (
    "password", "Api-Key", "session", "_", "-", "--", "id", "token", "=", ":", " ", "\t", "\x1c",
    '"', "\\", "://", "@", "bearer", "Basic", "authorization", "set-cookie", "eyJ", ".", "ghp_",
    "key_", "9", "AKIA", "hooks.slack.com/services/", "xoxb-", "sk_live_", "sk-", "A1b2C3d4E5f6",
    "x", "/", "PRIVATE KEY-----", "-----BEGIN ", "\u017f",
)  # fmt: skip

ORDINARY = (
    '2026-11-21 10:00:00,123 INFO uvicorn.access 10.0.0.7:51234 - "GET /api/health HTTP/1.1" 200',
    "2026-11-21T10:00:00.123456Z ERROR src.trading.engine order 4711 rejected: no such symbol",
    "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b merged into main",
    "image sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 pulled",
    "request_id=0f8fad5b-d9cb-469f-a165-70867728950e took 12 ms",
    "trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7",
    "action 01ARZ3NDEKTSV4RRFFQ69G5FAV committed and verified",
    "pod quarterdeck-gateway-7d9f8b6c5d-x2x7k is running",
    "container /docker/4c01db0b339c7a5d9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c started",
    'http_request_duration_seconds_bucket{le="0.5",method="GET"} 12345',
    "/usr/lib/python3.11/site-packages/uvicorn/protocols/http/h11_impl.py line 408",
    "/home/deploy/services/api-gateway/releases/2026-11-21T10-00-00/current/src/main.py",
    "com.example.services.AuthenticationManagerFactoryBean initialised in 1234 ms",
    "getUserByIdAndTenantNameOrDefaultValue returned None",
    "stream orders:events:v2 group order-processors-primary lag 12345",
    "MISCONF Redis is configured to save RDB snapshots, but it cannot persist to disk",
    "grep password auth.log | sort | uniq -c",
    "token bucket capacity 1000 refill 100 per second",
    "authentication failed for user bob from 192.168.10.20 port 52222 ssh2",
    "key_space_notifications_enabled is off; key_rotation_interval_seconds: 3600",
    "1700000000000-0 1700000000001-12 1700000000002-3",
    "----------------------------------------------------------------------",
    "════════════════════════ Overview ════════════════════════",
    "postgresql://db.internal:5432/orders?sslmode=require",
    "systemd[1]: Started quarterdeck-demo-business-engine.service - Business Engine.",
    "kernel: [12345.678901] eth0: renamed from veth1a2b3c4",
    'Traceback (most recent call last): File "/srv/app/services/rate_limiter.py", line 88',
    "ConnectionRefusedError: [Errno 111] Connect call failed ('127.0.0.1', 6379)",
    "deploy@prod-eu-west-1-node-0003.internal.example.org: uptime 41 days",
    "OutOfMemoryError: Java heap space at org.springframework.context.support.AbstractApplication",
    "circuit breaker api-gateway:circuit-breaker:payment-service is OPEN for 00:00:30",
    "build 20261121.1000.12345678901234567890 finished",
    "GET /static/js/main.chunk-vendors.bundle.min.js?v=20261121 304",
    "X-Forwarded-For: 2001:0db8:85a3:0000:0000:8a2e:0370:7334",
)


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_line_stays_as_it_is(text: str) -> None:
    assert Redactor().redact(text) == text


def test_of_secrets_that_are_known_none_is_missed() -> None:
    redactor = Redactor(Secret(one.value) for one in PLANTS)
    assert [one for one in PLANTS if one.stays(redactor.redact_known(one.text))] == []


def test_of_secrets_that_nobody_knows_one_in_two_hundred_may_be_missed() -> None:
    redactor = Redactor()
    missed = [one for one in PLANTS if one.stays(redactor.redact(one.text))]
    assert len(missed) <= 1, missed


def test_a_long_digest_is_hidden_while_others_look() -> None:
    text = "image sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 pulled"
    assert Redactor().presenting(is_on=True).redact(text) == f"image sha256:{MASK} pulled"


def test_a_screen_shows_shapes_until_others_look() -> None:
    text = "password=hunter2-and-more"
    assert Redactor().shown_spans(text) == ()
    assert Redactor(is_presenting=True).shown_spans(text) == ((9, len(text)),)


@pytest.mark.parametrize(
    "text",
    [
        VALUE,
        quote(VALUE, safe=""),
        quote(VALUE, safe="").lower().replace("s3cr3t", "S3cr3t").replace("pa", "Pa"),
        json.dumps(VALUE),
        json.dumps(VALUE).replace("/", "\\/"),
        base64.b64encode(VALUE.encode()).decode(),
        base64.urlsafe_b64encode(VALUE.encode()).decode(),
        base64.b64encode(f"u:{VALUE}:x".encode()).decode(),
        base64.b64encode(f"us:{VALUE}".encode()).decode(),
    ],
)
def test_a_known_value_is_found_in_its_spellings(text: str) -> None:
    hidden = Redactor([Secret(VALUE)]).redact_known(f"<{text}>")
    assert MASK in hidden
    assert not leaks(text, hidden)


def test_values_that_overlap_are_hidden_whole() -> None:
    redactor = Redactor([Secret("abcdef123"), Secret("123xyzabc")])
    assert redactor.redact_known("-abcdef123xyzabc-") == f"-{MASK}-"


def test_pieces_at_a_cut_and_on_the_next_line_are_hidden() -> None:
    value = "key_9fQ2xVb7Lk0aTz8RmWc4"
    redactor = Redactor([Secret(value)])
    assert redactor.redact_known(f"new {value[:14]}") == f"new {MASK}"
    assert redactor.redact_known(f"new {value[:14]}… of bob") == f"new {MASK}… of bob"
    assert redactor.redact_known(f"  {value[14:]} was made") == f"  {MASK} was made"
    assert redactor.redact_known(f"…{value[8:]}") == f"…{MASK}"


def test_words_that_a_value_is_made_of_stay() -> None:
    redactor = Redactor([Secret("production-orders-password")])
    for text in ("production", "orders", "password is wrong", "the production system"):
        assert redactor.redact_known(text) == text


def test_a_short_value_is_not_searched_for() -> None:
    assert Redactor([Secret("redis")]).redact_known("redis is down") == "redis is down"


def test_a_value_is_found_without_the_separators_at_its_ends() -> None:
    redactor = Redactor([Secret("/bvsR3nF0vWCaO/+ii8My2qDEZ9CixHglIEPFifYaIA=")])
    hidden = redactor.redact_known("invalid  bvsR3nF0vWCaO/+ii8My2qDEZ9CixHglIEPFifYaIA not a time")
    assert hidden == f"invalid  {MASK} not a time"


def test_every_line_of_a_key_file_is_hidden() -> None:
    lines = [
        "-----BEGIN PRIVATE KEY-----",
        "MIIEvQIBADANBgkqhkiG9w0B",
        "AQEFAASCBKcwggSjAgEAAoIBAQ",
    ]
    redactor = Redactor([Secret("\n".join(lines))])
    for one in lines[1:]:
        assert redactor.redact_known(f" {one}") == f" {MASK}"


VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=0x24F), min_size=6, max_size=60)
AROUND = st.text(max_size=30)


@given(VALUES, AROUND, AROUND)
@settings(max_examples=300, deadline=None)
def test_a_known_value_is_hidden_whatever_stands_beside_it(
    value: str, before: str, after: str
) -> None:
    redactor = Redactor([Secret(value)])
    hidden = redactor.redact_known(f"{before}{value}{after}")
    if value not in before + after:
        assert value not in hidden.replace(MASK, "\0")


@given(st.lists(VALUES, min_size=1, max_size=30))
@settings(max_examples=100, deadline=None)
def test_of_many_known_values_none_stays(values: list[str]) -> None:
    redactor = Redactor(Secret(one) for one in values)
    hidden = redactor.redact_known(" ".join(values)).replace(MASK, "\0")
    assert [one for one in values if one in hidden] == []


@given(AROUND)
@settings(max_examples=200, deadline=None)
def test_nothing_is_hidden_twice(text: str) -> None:
    redactor = Redactor([Secret(VALUE)])
    once = redactor.redact(f"{text}{VALUE}{text}")
    assert redactor.redact_known(once) == once


@pytest.mark.parametrize("piece", ["S3cr3t", "a", "A1b2", "=", "S3cr3t/Pa+ss%w0r", "…S3cr3t"])
def test_no_text_takes_the_square_of_its_length(piece: str) -> None:
    redactor = Redactor([Secret(VALUE), Secret("S3cr3t/Pa+ss%w0rdS3cr3t/Pa+ss%w0rd")])
    begin_s = time.process_time()
    redactor.redact(piece * (65_536 // len(piece)))
    assert time.process_time() - begin_s < 3.0


def test_a_hundred_thousand_keys_can_be_known() -> None:
    keys = [f"key_{number:08x}{number * 7919 % 99991:012d}" for number in range(100_000)]
    redactor = Redactor(map(Secret, keys))
    assert redactor.redact_known(f"used {keys[77_777]} today") == f"used {MASK} today"
    assert redactor.redact_known("used key_none_of_them_at_all today").count(MASK) == 0


@pytest.mark.parametrize("text", [*(one.text for one in PLANTS), *ORDINARY])
def test_what_is_said_to_hold_no_shape_holds_none(text: str) -> None:
    for one in (text, text.upper(), f"x{text}", text.replace("=", " = "), text.replace(" ", "\v")):
        assert may_hold_shape(one) or not secret_spans(one)


@given(st.lists(st.sampled_from(SHAPE_PIECES), max_size=8))
@settings(max_examples=500, deadline=None)
def test_no_shape_is_overlooked_wherever_its_pieces_stand(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert may_hold_shape(text) or not secret_spans(text)
