"""Secrets in command lines and URLs are hidden; what merely looks alike is not."""

import time

import pytest

from core.model.masking import mask_text, mask_words, secret_spans
from core.model.secret import MASK


@pytest.mark.parametrize(
    ("argv", "secret"),
    [
        (("pg_dump", "--password=hunter2"), "hunter2"),
        (("tool", "--password", "hunter2"), "hunter2"),
        (("tool", "--db-password", "hunter2"), "hunter2"),
        (("tool", "--api-key", "hunter2"), "hunter2"),
        (("/usr/bin/redis-cli", "-a", "hunter2", "ping"), "hunter2"),
        (("mysql", "-phunter2"), "hunter2"),
        (("worker", "redis://:hunter2@localhost:6379/0"), "hunter2"),
        (("worker", "postgresql://app:hunter2@db/app"), "hunter2"),
        (("curl", "-H", "Authorization: Bearer hunter2hunter2"), "hunter2hunter2"),
        (("env", "API_TOKEN=hunter2", "run"), "hunter2"),
        (("app", '{"password": "hunter2"}'), "hunter2"),
        (("app", "eyJhbGciOi.eyJzdWIiOiJ4.c2lnbmF0dXJl"), "c2lnbmF0dXJl"),
        (("redis-server", "*:6379", "--requirepass", "hunter2"), "hunter2"),
    ],
)
def test_a_secret_in_a_command_line_is_masked(argv: tuple[str, ...], secret: str) -> None:
    masked = " ".join(mask_words(argv))
    assert secret not in masked
    assert MASK in masked


@pytest.mark.parametrize(
    "argv",
    [
        ("uvicorn", "src.main:app", "--port", "5000"),
        ("python", "-m", "http.server", "-a", "x"),
        ("grep", "password", "auth.log"),
        ("git", "clone", "ssh://git@host/repo.git"),
        ("nginx:", "master", "process"),
        ("tokenizer", "--vocabulary", "words.txt"),
    ],
)
def test_an_innocent_command_line_stays_as_it_is(argv: tuple[str, ...]) -> None:
    assert mask_words(argv) == argv


def test_only_the_password_of_a_url_is_masked() -> None:
    assert mask_text("redis://app:pw@cache:6379/0") == f"redis://app:{MASK}@cache:6379/0"


def test_no_command_line_at_all_is_none() -> None:
    assert mask_words(()) == ()


@pytest.mark.parametrize(
    ("text", "secrets"),
    [
        ("password=hunter2 user=bob token=abc", ["hunter2", "abc"]),
        ("Authorization: Bearer abcdefgh12", ["Bearer abcdefgh12"]),
        ("redis://:hunter2@cache/0?token=x", ["hunter2", "x"]),
        ("nothing here", []),
    ],
)
def test_where_the_secrets_stand_is_told(text: str, secrets: list[str]) -> None:
    assert [text[begin:end] for begin, end in secret_spans(text)] == secrets


@pytest.mark.parametrize("piece", ["-", "a-", "a.b+c", "eyJaaaaaa.", "x://", "token ", "'"])
def test_no_text_of_the_longest_kind_is_slow_to_mask(piece: str) -> None:
    begin_s = time.thread_time()
    mask_text(piece * (8192 // len(piece)))
    assert time.thread_time() - begin_s < 1.0, "it took the square of the length"
