"""Mutates log lines through detect, split and parse: `python -m bench.fuzz_logs MINUTES [SEED]`.

What must hold: nothing raises, the records' bytes are the input, text is clean, the cuts do not
depend on the direction, and no record costs more CPU time than its size excuses.
"""

import random
import sys
import time
import traceback
from collections import Counter
from itertools import pairwise
from pathlib import Path

from core.logs.parse.continuation import continues, split
from core.logs.parse.parser import RecordParser, detect
from core.model.log import FieldValue, LogPosition, LogRecord
from core.model.text import clean

CORPUS = Path(__file__).parents[1] / "tests" / "data" / "logs"
_SLOW_S = 0.05
_SLOW_S_PER_BYTE = 4e-6
_MAX_BYTES = 1 << 17
_PIECES = (
    *(bytes((byte,)) for byte in b"\"'\\{}[](),:=| \t\n\r\0\x9b-"),
    b"\x1b[31m", b"\x1b]0;", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xe2\x80\xae", b"\\u001b",
    b"\\ud800", b"\\x00", b"NaN", b"1e999", b"9" * 20, b"null", b"None", b"True", b"{'a': ",
    b'{"log":"', b'\\n","stream":', b'"level":', b'"timestamp":', b"a=1 ", b"  a='", b" - ", b" | ",
    b"Traceback (most recent call last):", b"  File", b"x.Error: ", b"ERROR", b"INFO:     ",
    b"api-1  | ", b"Mar 14 09:26:53 h a[1]: ", b"2026-03-14T09:26:53.123456789Z ",
    b"0000-00-00 00:00:00", b"\n    ^^^^^^^^\n", b'\n  File "x", line 1\n', b"\n    raise X\n",
    b"\n\t/x.go:1 +0x1d\n", b"UpstreamRefused: ", b"java.io.IOException: ", b"Caused by: ",
    b"goroutine 1 [running]:\n",
)  # fmt: skip


def corpus_lines() -> list[bytes]:
    """Return every line of the fixtures, whole files too where they are small."""
    found: set[bytes] = set()
    for path in sorted(CORPUS.rglob("*")):
        if path.is_file() and path.suffix != ".gz":
            data = path.read_bytes()
            found.update(data.splitlines(keepends=True))
            if len(data) < 1500:
                found.add(data)
    return sorted(found)


def mutated(data: bytes, lines: list[bytes], chance: random.Random) -> bytes:
    """Return the data after one change."""
    at = chance.randint(0, len(data))
    to = min(len(data), at + chance.choice((1, 1, 2, 8, 64)))
    match chance.randrange(9):
        case 0:
            return data[:at] + chance.randbytes(chance.choice((1, 1, 2, 7))) + data[to:]
        case 1:
            return data[:at] + data[to:]
        case 2 | 3:
            return data[:at] + chance.choice(_PIECES) + data[at:]
        case 4:
            return data[:at] + data[at:to] * chance.choice((2, 3, 50)) + data[to:]
        case 5:
            return data + chance.choice(lines)
        case 6:
            other = chance.choice(lines)
            return data[:at] + other[chance.randint(0, len(other)) :]
        case 7:
            return chance.choice(_PIECES) + data
        case _:
            piece = chance.choice((chance.choice(_PIECES), data[at:to] or b" "))
            return data[:at] + piece * chance.choice((10, 300, 3000)) + data[at:]


def check(data: bytes, is_cut: bool, slow: Counter[str]) -> str:
    """Return what does not hold for this input; empty when all does."""
    parser = detect(data.split(b"\n")[:50], reference_s=1_773_480_413.0)
    spans = split(data)
    if b"".join(data[begin:end] for begin, end in spans) != data:
        return "bytes were lost"
    lines = [line + b"\n" for line in data.split(b"\n")]
    begins = sum(not continues(line, before) for before, line in pairwise([None, *lines]) if line)
    if begins != len(split(b"".join(lines))):
        return "the direction matters"
    for begin, end in spans:
        started_s = time.process_time()
        record = parser.parse("fuzz", LogPosition(0, begin), data[begin:end], is_cut)
        parser.is_note(data[begin:end])
        if time.process_time() - started_s > _SLOW_S + (end - begin) * _SLOW_S_PER_BYTE:
            slow[record.format] += 1
            if fastest_s(parser, data[begin:end]) > _SLOW_S + (end - begin) * _SLOW_S_PER_BYTE:
                return "slow"
        if problem := unclean(record):
            return problem
    return ""


def fastest_s(parser: RecordParser, raw: bytes) -> float:
    """Return the CPU seconds of the fastest of three parses: a busy machine is not our fault."""
    best = float("inf")
    for _ in range(3):
        started_s = time.process_time()
        parser.parse("fuzz", LogPosition(0, 0), raw)
        best = min(best, time.process_time() - started_s)
    return best


def unclean(record: LogRecord) -> str:
    """Return which text of a record a terminal would act on; empty when none is."""
    texts = {
        "message": (record.message, record.logger, record.format),
        "details": record.details,
        "names": tuple(record.fields),
        "values": tuple(text for value in record.fields.values() for text in texts_in(value)),
    }
    for place, found in texts.items():
        if any(text != clean(text, len(text) + 1) for text in found):
            return f"not clean: {place} of {record.format}"
    return ""


def texts_in(value: FieldValue) -> list[str]:
    """Return the texts of a field, those of its lists too."""
    if isinstance(value, tuple):
        return [text for item in value for text in texts_in(item)]
    return [value] if isinstance(value, str) else []


def main() -> int:
    """Fuzz for the minutes given; print each finding once; return 1 when there is one."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 32)
    chance = random.Random(seed)
    lines = corpus_lines()
    found: Counter[str] = Counter()
    slow: Counter[str] = Counter()
    rounds = 0
    end_s = time.monotonic() + minutes * 60
    print(f"seed {seed}, {len(lines)} lines to begin with")
    while time.monotonic() < end_s:
        data = chance.choice(lines)
        for _ in range(chance.choice((1, 1, 2, 4, 8))):
            data = mutated(data, lines, chance)[:_MAX_BYTES]
        rounds += 1
        try:
            problem = check(data, chance.random() < 0.2, slow)
        except Exception:  # noqa: BLE001 — finding exceptions is what this is for
            problem = "".join(traceback.format_exc().splitlines(keepends=True)[-3:])
        if problem:
            found[problem] += 1
            if found[problem] == 1:
                print(f"round {rounds}: {problem}\n  {data[:300]!r}… ({len(data)} bytes)")
    print(f"{rounds} inputs, {sum(found.values())} findings, slow once: {dict(slow)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
