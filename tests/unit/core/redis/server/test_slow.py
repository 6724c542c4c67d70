"""The slow log: what made a command slow, and nothing that it carried."""

import pytest

from core.clients.keyspace.port import SlowFacts
from core.model.redis_key import KeyName
from core.model.text import SafeText, clean
from core.redis.server.slow import command_text, slow_commands


def show(key: KeyName) -> SafeText:
    return clean(key.spelled)


def shown(*words: str) -> str:
    return command_text([word.encode() for word in words], show)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("LRANGE", "jobs", "0", "-1"), "LRANGE jobs 0 -1"),
        (("set", "session:7", "s3cret value", "EX", "60"), "SET session:7 (12 bytes) EX 60"),
        (("KEYS", "*"), "KEYS *"),
        (("SCAN", "0", "COUNT", "100000"), "SCAN 0 COUNT 100000"),
        (("XADD", "events", "*", "data", "{}"), "XADD events * (4 bytes) (2 bytes)"),
        (("XGROUP", "SETID", "events", "g", "0"), "XGROUP SETID events (1 bytes) 0"),
        (("DEL", "a", "... (3 more arguments)"), "DEL a ... (3 more arguments)"),
        ((), "(empty)"),
    ],
)
def test_a_command_is_shown_with_key_figures_and_options(words: tuple[str, ...], text: str) -> None:
    assert shown(*words) == text


@pytest.mark.parametrize(
    "words",
    [
        ("AUTH", "hunter2"),
        ("auth", "user", "hunter2"),
        ("HELLO", "3", "AUTH", "user", "hunter2"),
        ("CONFIG", "SET", "requirepass", "hunter2"),
        ("ACL", "SETUSER", "bob", ">hunter2"),
        ("MIGRATE", "host", "6379", "key", "0", "5000", "AUTH", "hunter2"),
        ("EVAL", "return 'hunter2'", "0"),
        ("SCRIPT", "LOAD", "return 'hunter2'"),
        ("FUNCTION", "LOAD", "#!lua hunter2"),
        ("SET", "k", "hunter2"),
        ("HSET", "k", "password", "hunter2"),
    ],
)
def test_no_secret_of_a_command_is_shown(words: tuple[str, ...]) -> None:
    assert "hunter2" not in shown(*words)


def test_what_a_secret_command_did_is_told() -> None:
    assert shown("CONFIG", "SET", "requirepass", "x") == "CONFIG SET …"
    assert shown("EVAL", "return 1", "1", "k") == "EVAL (script of 8 bytes) 1 (1 bytes)"


def test_a_command_of_hostile_bytes_is_short_and_safe() -> None:
    text = shown("GET", "\x1b]0;owned\x07" + "x" * 10_000)
    assert "\x1b" not in text
    assert len(text) < 200
    many = shown("DEL", *["k"] * 5_000)
    assert many.endswith("… 4989 more")


def test_ages_are_by_the_servers_clock() -> None:
    (line,) = slow_commands([SlowFacts(7, 1000, 12_000, (b"PING",), b"10.0.0.1:5")], 1090.5, show)
    assert line.age_s == 90.5
    assert line.took_us == 12_000
    assert line.client == "10.0.0.1:5"
