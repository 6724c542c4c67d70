"""Personal data is found by what proves itself; what merely looks like it is left."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.logs.keeping.check_digits import is_iban, is_luhn, is_tax_code
from core.logs.keeping.personal_kinds import find_personal
from core.logs.keeping.personal_samples import mask_sample
from core.model.personal import PersonalKind
from tests.hostile import CORPUS

ALL = frozenset(PersonalKind)
GITHUB = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
FOUND = [
    ("mail to bob+news@mail.example.org now", PersonalKind.EMAIL, "bob+news@mail.example.org"),
    ("<müller@exämple.de>", PersonalKind.EMAIL, "müller@exämple.de"),
    ("GET /reset?email=bob%40example.com HTTP/1.1", PersonalKind.EMAIL, "bob%40example.com"),
    ("q=%22bob%40example.com%22", PersonalKind.EMAIL, "bob%40example.com"),
    ("mailto:bob@example.com.", PersonalKind.EMAIL, "bob@example.com"),
    ("call +49 170 1234567.", PersonalKind.PHONE, "+49 170 1234567"),
    ("phone=+4917012345678", PersonalKind.PHONE, "+4917012345678"),
    ("to %2B4917012345678", PersonalKind.PHONE, "%2B4917012345678"),
    ("+1 (415) 555-2671", PersonalKind.PHONE, "+1 (415) 555-2671"),
    ("+33 1 42 68 53 00", PersonalKind.PHONE, "+33 1 42 68 53 00"),
    ("0049 170 1234567", PersonalKind.PHONE, "0049 170 1234567"),
    ('{"card":4111111111111111}', PersonalKind.CARD, "4111111111111111"),
    ("5500 0000 0000 0004 was refused", PersonalKind.CARD, "5500 0000 0000 0004"),
    ("3782-822463-10005", PersonalKind.CARD, "3782-822463-10005"),
    ("DE89370400440532013000", PersonalKind.IBAN, "DE89370400440532013000"),
    ("GB82 WEST 1234 5698 7654 32 IS WRONG", PersonalKind.IBAN, "GB82 WEST 1234 5698 7654 32"),
    ("cf RSSMRA85T10A562S ok", PersonalKind.TAX_CODE, "RSSMRA85T10A562S"),
    ('203.0.113.36 - - "GET /"', PersonalKind.IPV4, "203.0.113.36"),
    ("from 203.0.113.36:51234", PersonalKind.IPV4, "203.0.113.36"),
    ("http://203.0.113.36/x", PersonalKind.IPV4, "203.0.113.36"),
    ("[2001:db8::7]:443", PersonalKind.IPV6, "2001:db8::7"),
    ("password=hunter2", PersonalKind.SECRET, "hunter2"),
    ("redis://:hunter2@cache.example.com:6379/0", PersonalKind.SECRET, "hunter2"),
    ("Authorization: Bearer abc.def.ghi", PersonalKind.SECRET, "Bearer abc.def.ghi"),
    ("using sk-ant-api03-abcdefghijkl now", PersonalKind.SECRET, "sk-ant-api03-abcdefghijkl"),
    (f"push {GITHUB} ok", PersonalKind.SECRET, GITHUB),
]  # fmt: skip

INNOCENT = (
    "2026-03-14T09:26:53.123456+00:00 2026-03-14T09:26:53+10:30 14/Mar/2026:09:26:53 +0000",
    "1773480413 1773480413123 1773480413123456 1773480413123456789 1773480413123-0",
    "0f8fad5b-d9cb-469f-a165-70867728950e 4111a111-1111-4111-8111-411111111111",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "request_id=req_4111111111111111 id=a4111111111111111 4111111111111111-0",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 0x4111111111111111",
    "listening on 0.0.0.0:8000, 127.0.0.1:6379, [::1]:8000, [::]:80, ws://localhost:3000",
    "mask 255.255.255.0 net 10.0.0.0/8 172.17.0.2 192.168.1.10 fe80::1 fd00::1",
    "Chrome/120.0.0.0 Safari/537.36 version 1.2.3.4 v1.2.3.4 1.2.3.4-rc1 1.2.3.4.5",
    "pid 4242 port 51234 took 123456789.5 ms, 0.4111111111111111, +123456789 bytes, +11234567890",
    "the word address alone, email, phone, password and token are not personal data",
    "user@1000.service getty@tty1.service logo@2x.png react@18.2.0 pkg@1.2.3-beta.rc image@sha256",
    "git clone ssh://git@host.example/repo.git a@b @decorator name@localhost",
    "std::ffff::add 10:11:12 a:b:c 00:1a:2b:3c:4d:5e 2026:03:14",
    "DE00370400440532013000 AB12CDEFGHIJKLMNOP XX89370400440532013000 SKU GB12ABCD34",
    "4111111111111112 1234567890123456 0000000000000000 9999999999999999",
    "password=None token: expired api_key=*** secret=[REDACTED] auth: ok pwd= password: ••••••••",
    "tokens: 0.30000000000000004 max_tokens=4096 token_count=12 authenticated=true",
    "RSSMRA85T10A562T ABCDEF12G34H567I",
    "0012345678 00491701234567 01 02 03 04 05 06 07 08 (555) 0100",
    "cron[minute='5'] interval[0:15:00] 5/10 3*4 50% 12.5MiB/s +20260314",
    "File \"/app/main.py\", line 42, in handle; KeyError: 'email'; <Response [401]>",
)


@pytest.mark.parametrize(("text", "kind", "value"), FOUND, ids=[entry[0][:40] for entry in FOUND])
def test_what_is_personal_is_found_whole_and_once(
    text: str, kind: PersonalKind, value: str
) -> None:
    assert [(hit.kind, hit.value) for hit in find_personal(text, ALL)] == [(kind, value)]


@pytest.mark.parametrize("text", INNOCENT, ids=lambda text: text[:40])
def test_what_only_looks_like_it_is_left(text: str) -> None:
    assert find_personal(text, ALL) == []


def test_addresses_of_the_network_are_looked_for_on_demand_only() -> None:
    assert find_personal("203.0.113.36 2001:db8::7") == []


def test_a_password_in_a_url_is_no_email_even_where_secrets_are_not_asked_for() -> None:
    text = "https://user:pass1@host.example.com/"
    assert find_personal(text, frozenset({PersonalKind.EMAIL})) == []


@pytest.mark.parametrize(("text", "kind", "value"), FOUND, ids=[entry[0][:40] for entry in FOUND])
def test_a_sample_holds_no_long_part_of_the_value(
    text: str, kind: PersonalKind, value: str
) -> None:
    (hit,) = find_personal(text, ALL)
    sample = mask_sample(hit, text)
    assert value not in sample
    shown = sample.partition("=")[2] if kind is PersonalKind.SECRET else sample
    parts = {value[at : at + 5] for at in range(len(value) - 4)}
    assert not any(part in shown for part in parts if part.isalnum())


@pytest.mark.parametrize(
    "name",
    ["password", "passwd", "passphrase", "passcode", "pwd", "secret", "token", "api_key", "apikey",
     "access-key", "private_key", "auth", "authorization", "credential", "credentials",
     "client_secret", "bearer", "jwt", "requirepass", "masterauth", "DB_PASSWORD", "X-Api-Key"],
)  # fmt: skip
def test_every_name_that_is_masked_elsewhere_is_found_here(name: str) -> None:
    assert [hit.value for hit in find_personal(f"{name}=hunter2")] == ["hunter2"]


def test_samples_are_told_apart_by_what_they_show() -> None:
    shown = [mask_sample(find_personal(text, ALL)[0], text) for text, _, _ in FOUND]
    assert shown[0] == "b•••@m•••.org"
    assert "+49 ••• 67" in shown
    assert "•••• 1111" in shown
    assert "DE••••00" in shown
    assert "203.0.•.•" in shown
    assert "password=••••••••" in shown


PIECES = st.sampled_from(
    [value for _, _, value in FOUND]
    + ["password=", "token: ", " ", "=", "@", "+49", "abc", ".", ":", "é", "%40", '"', "-", "//"]
)


@given(st.lists(PIECES | st.text(max_size=6), max_size=12).map("".join))
def test_no_sample_holds_its_value_whatever_stands_around_it(text: str) -> None:
    hits = find_personal(text, ALL)
    assert all(hit.value.casefold() not in mask_sample(hit, text).casefold() for hit in hits)
    assert all(one.end <= two.begin for one, two in pairwise(hits))


@pytest.mark.parametrize("payload", CORPUS, ids=lambda payload: ascii(payload)[:40])
def test_hostile_text_is_scanned_like_any_other(payload: str) -> None:
    text = f"{payload} bob@example.com"
    assert [hit.kind for hit in find_personal(text, ALL)][-1:] == [PersonalKind.EMAIL]


@pytest.mark.parametrize(
    "piece",
    ["a", "a.", "a@", "@a.", "%40", "+1", "+49 ", "1", "4 ", "12 ", "A1", "DE89", "1.", "1:",
     "abcd:", "-", "sk-", "eyJaaaaaa.", "password", "password=", '"', " ", "\u00e9"],
)  # fmt: skip
def test_no_text_costs_more_than_its_length(piece: str) -> None:
    text = piece * (8192 // len(piece))
    begin_s = time.thread_time()
    find_personal(text, ALL)
    assert time.thread_time() - begin_s < 1.0


def test_check_digits() -> None:
    assert is_luhn("79927398713")
    assert not is_luhn("79927398710")
    assert is_iban("FR1420041010050500013M02606")
    assert not is_iban("FR1420041010050500013M02607")
    assert is_tax_code("RSSMRA85T10A562S")
    assert not is_tax_code("RSSMRA85T10A562A")
