"""What counts as secret in a configuration, in files of variables and in key stores."""

import base64
import json

import pytest

from core.keys.known_secrets import env_secrets, parts_of, secrets_of, store_secrets
from core.model.check import CheckSpec
from core.model.secret import Secret
from tests.fakes.world import check_spec
from tests.planted import planted


def revealed(found: object) -> set[str]:
    return {one.reveal() for one in found}  # type: ignore[attr-defined]


def test_of_an_address_only_the_password_is_secret_as_it_is_and_decoded() -> None:
    assert revealed(parts_of("redis://ops:p%40ss-word@cache:6379/0")) == {
        "p%40ss-word",
        "p@ss-word",
    }


def test_of_a_header_what_it_carries_is_secret() -> None:
    pair = base64.b64encode(b"ops:hunter2-long").decode()
    assert revealed(parts_of("Bearer abc.def")) == {"abc.def"}
    assert revealed(parts_of(f"Basic {pair}")) == {pair, "hunter2-long"}


def test_of_headers_only_those_with_telling_names_are_secret() -> None:
    headers = (("Accept", Secret("application/json")), ("X-Api-Key", Secret("k-1234567")))
    check: CheckSpec = check_spec("api")
    assert revealed(secrets_of((check, {"headers": headers}))) == {"k-1234567"}


def test_variables_with_telling_names_and_passwords_in_addresses_are_secret() -> None:
    data = (
        b"JWT_SECRET='s3cret value'\nexport API_KEY=key_abcdef\nDATABASE_URL=postgres://a:pw-pw-pw@db/x\n"
        b"LOG_LEVEL=debug\nAUTH_TOKEN_FILE=/run/secrets/token\nOWN=mine-only\nJWT_KEY=/run/keys/jwt.pem\n"
    )
    found = revealed(env_secrets(data, ("OWN",)))
    assert found == {"s3cret value", "key_abcdef", "pw-pw-pw", "mine-only"}


KEYS = [one.value for one in planted(40, seed=3) if " " not in one.value]


@pytest.mark.parametrize(
    "tree",
    [
        {key: {"name": "client", "active": True} for key in KEYS},
        {"keys": [{"key": key, "created": "2026-01-01T00:00:00Z"} for key in KEYS]},
        [{"api_key": key, "owner": "someone@example.org"} for key in KEYS],
        {"tiers": {"free": KEYS[:20], "pro": KEYS[20:]}},
    ],
)
def test_keys_are_found_in_stores_of_any_shape(tree: object) -> None:
    found = revealed(store_secrets(json.dumps(tree).encode()))
    assert set(KEYS) - found == set()
    assert found - set(KEYS) == set()


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"null", b"3"])
def test_what_is_no_store_has_no_keys(data: bytes) -> None:
    assert list(store_secrets(data)) == []
