"""Errors that redis-cli prints with exit code 0: each is told by its text, with what to do."""

from pathlib import Path

import pytest
from redis.exceptions import ResponseError

from core.clients.redis_errors import RedisSaid, translate
from core.redis.trouble import trouble_of

LINES = (Path(__file__).parents[4] / "data/system/redis_errors.txt").read_text().splitlines()
WORDS = [
    "WRONGTYPE", "NOAUTH", "ERR", "NOGROUP", "ERR", "OOM", "MISCONF", "READONLY", "LOADING", "ERR",
]  # fmt: skip


@pytest.mark.parametrize(("line", "word"), zip(LINES, WORDS, strict=True))
def test_an_error_is_named_by_its_text(line: str, word: str) -> None:
    error = translate(ResponseError(line))
    assert isinstance(error, RedisSaid)
    trouble = trouble_of(error)
    assert trouble.word == word
    assert line.removeprefix(word).strip()[:20] in trouble.text
    assert trouble.remedy or word == "ERR"
