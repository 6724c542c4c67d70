"""Tokens are taken apart as their servers read them, and made as the service's own tool does."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import TokenError
from core.keys.tokens.decoding import MOST_CHARS, decode_token
from core.keys.tokens.minting import mint_token
from core.keys.tokens.signing import encoded, signed
from core.model.secret import Secret
from core.model.text import SafeText
from core.model.token_view import Signature, TokenView

TOKENS = json.loads((Path(__file__).parents[4] / "data/jwt/tokens.json").read_text("utf-8"))
SECRET = Secret(TOKENS["_secret"])
KNOWN = (("JWT_SECRET", SECRET),)
DEEP, TWICE = encoded(b"[" * 5000), encoded(b'{"a":1,"a":2}')
NOW_S = 1_773_480_413.0


def view(name: str) -> TokenView:
    return decode_token(TOKENS[name]["token"], NOW_S, KNOWN, "HS256")


def made(claims: object, header: object = None, secret: Secret = SECRET) -> str:
    parts = [encoded(json.dumps(one).encode()) for one in (header or {"alg": "HS256"}, claims)]
    message = ".".join(parts)
    return f"{message}.{encoded(signed(message.encode(), secret, 'HS256'))}"


def told(one: TokenView) -> str:
    return "; ".join(one.findings)


def test_a_sound_token_says_who_what_and_how_long() -> None:
    one = view("ok_list")
    assert (one.subject, one.scopes) == ("alice", ("runs.read", "runs.write"))
    assert (one.issued_age_s, one.starts_in_s, one.expires_in_s) == (10.0, None, 3590.0)
    assert (one.signature, one.why) == (Signature.GOOD, "signed with JWT_SECRET")
    assert one.findings == ()
    assert dict(one.claims)[SafeText("scopes")] == '["runs.read", "runs.write"]'


def test_a_text_with_commas_is_one_scope_and_a_finding() -> None:
    one = view("comma_in_one_scope")
    assert one.scopes == ("runs.read,runs.write,departments.read",)
    assert one.signature is Signature.GOOD
    assert told(one).startswith("several scopes in one text: the 3 in")


@pytest.mark.parametrize(
    ("name", "scopes", "finding"),
    [
        ("oauth_scope_string", ("runs.read", "runs.write"), ""),
        ("no_scopes", (), "no scopes"),
        ("expired", ("runs.read",), "expired"),
        ("not_yet", (), "does not count yet"),
        ("no_exp", ("runs.read",), "never expires"),
        ("exp_float_ms", (), "exp is in milliseconds"),
        ("alg_none", (), "alg none"),
        ("wrong_secret", ("runs.read", "runs.write"), "signature is not of the secret"),
    ],
)
def test_every_odd_token_is_concluded(name: str, scopes: tuple[str, ...], finding: str) -> None:
    one = view(name)
    assert one.scopes == scopes
    assert finding in told(one)
    assert bool(one.findings) is bool(finding)


def test_an_expired_token_says_since_when_and_one_to_come_until_when() -> None:
    assert view("expired").expires_in_s == -1.0
    assert view("not_yet").starts_in_s == 600.0
    assert view("no_exp").expires_in_s is None


def test_signatures_are_told_apart() -> None:
    assert view("alg_none").signature is Signature.UNSIGNED
    assert view("wrong_secret").signature is Signature.BAD
    unknown = decode_token(TOKENS["ok_list"]["token"], NOW_S)
    assert unknown.signature is Signature.UNCHECKED
    rs = decode_token(made({"sub": "x"}, {"alg": "RS256"}), NOW_S, KNOWN, "HS256")
    assert rs.signature is Signature.UNCHECKED
    assert "its server uses HS256" in told(rs)
    empty = decode_token(made({"sub": "x"}), NOW_S, (("JWT_SECRET", Secret("")),))
    assert empty.signature is Signature.UNCHECKED


def test_a_secret_never_shows_in_what_is_said() -> None:
    for name, one in TOKENS.items():
        if name[0] != "_" and one["claims"]:
            assert SECRET.reveal() not in repr(view(name))


@pytest.mark.parametrize(
    "text",
    [
        TOKENS["two_parts"]["token"], TOKENS["garbage"]["token"], "", "Bearer ", "a.b.c.d.e",
        "a" * (MOST_CHARS + 1), "!!.e30.x", "e30.W10.x", "e30.e30x$.x", "\ud800.e30.e30", "é.e30.x",
        f"e30.{DEEP}.x", f"e30.{TWICE}.x",
    ],
)  # fmt: skip
def test_what_is_no_token_is_said_to_be_none(text: str) -> None:
    with pytest.raises(TokenError):
        decode_token(text, NOW_S, KNOWN)


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": 7, "exp": "soon"}, {"sub": "x", "exp": True, "scopes": [1, None, "a"]},
        {"sub": "\x1b]0;x\x07", "exp": 10**300, "scopes": {"a": 1}}, {"exp": -1e308, "scope": 5},
        {"sub": ["a"], "scopes": ["a" * 9] * 500}, {f"c{n}": n for n in range(500)},
    ],
)  # fmt: skip
def test_odd_claims_are_shown_and_harmless(claims: object) -> None:
    one = decode_token(f"Bearer {made(claims)}\n", NOW_S, KNOWN)
    assert one.signature is Signature.GOOD
    assert one.findings
    assert "\x1b" not in repr(one).replace("\\x1b", "")
    assert len(one.claims) <= 64


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=200), st.lists(st.binary(max_size=60), min_size=3, max_size=3)))
def test_no_text_makes_it_fail_in_another_way(text: str | list[bytes]) -> None:
    if isinstance(text, list):
        text = ".".join(base64.urlsafe_b64encode(one).decode().rstrip("=") for one in text)
    try:
        found = decode_token(text, NOW_S, KNOWN)
    except TokenError:
        return
    assert found.findings


def test_a_minted_token_is_byte_for_byte_what_the_service_makes() -> None:
    token = mint_token(SECRET, "alice", ("runs.read,runs.write",), 3600, 1_773_480_403.7)
    assert token.reveal() == TOKENS["ok_list"]["token"]
    assert token.reveal() not in f"{token} {token!r}"


def test_minting_splits_commas_and_blanks_and_says_nothing_twice() -> None:
    token = mint_token(SECRET, " bob ", ("a,b c", "b"), 60, NOW_S, "HS512")
    one = decode_token(token.reveal(), NOW_S, KNOWN, "HS512")
    assert (one.subject, one.scopes, one.signature) == ("bob", ("a", "b", "c"), Signature.GOOD)


@pytest.mark.parametrize(
    ("secret", "subject", "ttl_s", "algorithm"),
    [("s", " ", 60, "HS256"), ("s", "x", 0, "HS256"), ("s", "x", 1e9, "HS256"),
     ("s", "x", 60, "RS256"), ("", "x", 60, "HS256")],
)  # fmt: skip
def test_what_makes_no_token_is_refused(
    secret: str, subject: str, ttl_s: float, algorithm: str
) -> None:
    with pytest.raises(TokenError):
        mint_token(Secret(secret), subject, (), ttl_s, NOW_S, algorithm)
