"""Only patterns that `re` searches in time near the length of the text pass for tame."""

import re
import time

import pytest

from core.logs.scan.tame import is_tame

MADE_FOR_IT = (
    b'"duration_ms"' + b" " * 1_000_000,
    b'"duration_ms": ' * 60_000,
    b"4" * 1_000_000,
    b"ab" * 500_000,
)
GENEROUS_CPU_S = 5.0


@pytest.mark.parametrize(
    "pattern",
    [
        b"PaymentDeclined",
        rb"err\-[0-9]{4}",
        rb'"duration_ms": *(?:[5-9][0-9]{3}|[0-9]{5})',
        rb'"duration_ms" *: *[0-9]',
        rb"(?:^|[^0-9])(?:4[0-9][0-9])(?:[^0-9]|$)",
        rb"\x00",
        b"\xff\x00",
        rb"(?:ab)?c",
        rb"[^\]]x",
    ],
)
def test_these_are_tame(pattern: bytes) -> None:
    assert is_tame(pattern)
    begun = time.thread_time()
    for line in MADE_FOR_IT:
        for _ in re.finditer(pattern, line):
            pass
    assert time.thread_time() - begun < GENEROUS_CPU_S


@pytest.mark.parametrize(
    "pattern",
    [
        rb"(a+)+b",
        rb"(?:a|b)*",
        rb"(?:ab){2}",
        rb"a.*b",
        rb"[a-z]+x",
        rb"x[^y]*y",
        rb".{0,200}.{0,200}x",
        rb"(?=a)b",
        rb"(a)\1",
        rb"(?i)a",
        rb"a *  *b",
        rb"a *(?: |b)",
        rb"a{2}{3}",
        rb"a{2,}",
        rb"[[:alpha:]]",
        b"(",
        b"[",
    ],
)
def test_these_are_not(pattern: bytes) -> None:
    assert not is_tame(pattern)
