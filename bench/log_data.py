"""Log files to measure on: `python -m bench.log_data FOLDER [--size-mib N] [--sparse-mib N]`.

Deterministic by seed. A tile of lines is made once and written over and over with new timestamps,
a hundred lines to the second, so that a gigabyte takes seconds. One line in a thousand matches:
`MARK` in the plain file, a `duration_ms` above 5,000 in the JSON lines.
"""

import argparse
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

MIB = 1 << 20
MARK = b"PaymentDeclined"
"""What the rare lines of the plain file contain; a code of the form `err-1234` stands there too."""
LINES_PER_SECOND = 100
MATCH_EVERY = 1000
_SECONDS_PER_TILE = 200
_BEGIN_S = 1_773_446_400
"""2026-03-14 00:00:00 UTC."""
_STAMP = b"\x00stamp\x00"
_REAL_BYTES, _SPARSE_STEP_BYTES = MIB, 16 * MIB
_PATHS = (
    "/decisions/evaluate",
    "/analytics/stats?days=30",
    "/risk/assess",
    "/api/forecast/generate",
    "/proxy/models/list",
    "/runs?limit=50",
)
_STATUSES = ((200, "OK"), (200, "OK"), (200, "OK"), (201, "Created"), (401, "Unauthorized"))


@dataclass(frozen=True, slots=True)
class LogFiles:
    """Where the files are; the sparse one only where it was asked for."""

    plain: Path
    json_lines: Path
    sparse: Path | None = None


def _plain_line(choose: random.Random, number: int) -> bytes:
    if number % MATCH_EVERY == MATCH_EVERY // 2:
        text = (
            f"%s,{choose.randrange(1000):03} - app.payments - ERROR - {MARK.decode()}: gateway "
            f"refused the card of customer {choose.randrange(10**6):06} after "
            f"{choose.randrange(5001, 9999)} ms, code err-{choose.randrange(10**4):04}, giving up "
            f"after attempt {choose.randrange(1, 4)}"
        )
    elif number % 4 == 0:
        status, reason = choose.choice(_STATUSES)
        return (
            f"INFO:     203.0.113.{choose.randrange(256)}:{choose.randrange(32768, 60999)} - "
            f'"GET {choose.choice(_PATHS)}&page={choose.randrange(999)} HTTP/1.1" {status} {reason}'
        ).encode()
    else:
        level = choose.choice(("DEBUG", "INFO", "INFO", "INFO", "INFO", "WARNING"))
        text = (
            f"%s,{choose.randrange(1000):03} - app.{choose.choice(('main', 'worker', 'cache'))} - "
            f"{level} - Evaluated decision {choose.getrandbits(64):016x} for request "
            f"{choose.getrandbits(64):016x}: score {choose.random():.6f}, rule "
            f"{choose.randrange(400)} of set {choose.randrange(40)}, took "
            f"{choose.randrange(1, 900)} ms in region north-{choose.randrange(1, 9)}, tenant "
            f"{choose.randrange(10**6):06}, model cost-forecast-v{choose.randrange(9)}"
        )
    return text.encode().replace(b"%s", _STAMP)


def _json_line(choose: random.Random, number: int) -> bytes:
    is_match = number % MATCH_EVERY == MATCH_EVERY // 2
    status = choose.choice(_STATUSES)[0]
    method, path = choose.choice(("GET", "POST")), choose.choice(_PATHS)
    took_ms = choose.uniform(5000.01, 9999) if is_match else choose.uniform(0.5, 4999.99)
    fields: dict[str, str | int | float] = {
        "timestamp": "%s",
        "level": "WARNING" if is_match else "INFO",
        "name": "api",
        "message": f"Request: {method} {path}",
        "method": method,
        "path": path,
        "status_code": status,
        "duration_ms": round(took_ms, 2),
    }
    if number % 3 == 0:
        fields["user_id"] = f"{choose.getrandbits(128):032x}"
    fields |= {
        "service": "ai-cost-dashboard-backend",
        "environment": "production",
        "module": "logging_config",
        "function": "log_request",
        "line": 204,
    }
    return json.dumps(fields).encode().replace(b"%s", _STAMP)


def _tile(make_line: Callable[[random.Random, int], bytes], seed: int) -> tuple[bytes, ...]:
    choose = random.Random(seed)
    return tuple(
        b"".join(
            make_line(choose, second * LINES_PER_SECOND + number) + b"\n"
            for number in range(LINES_PER_SECOND)
        )
        for second in range(_SECONDS_PER_TILE)
    )


def _seconds(tile: Sequence[bytes], stamp_form: str) -> Iterator[bytes]:
    second = 0
    while True:
        stamp = datetime.fromtimestamp(_BEGIN_S + second, UTC).strftime(stamp_form).encode()
        yield tile[second % len(tile)].replace(_STAMP, stamp)
        second += 1


def _write(path: Path, seconds: Iterator[bytes], size_bytes: int) -> None:
    written = 0
    with path.open("wb", buffering=4 * MIB) as file:
        while written < size_bytes:
            written += file.write(next(seconds))


def _write_sparse(path: Path, seconds: Iterator[bytes], size_bytes: int) -> None:
    with path.open("wb", buffering=4 * MIB) as file:
        for offset in range(0, size_bytes, _SPARSE_STEP_BYTES):
            file.seek(offset)
            end = offset + _REAL_BYTES
            while file.tell() < end:
                file.write(next(seconds))
        file.seek(size_bytes)
        file.write(b"\n")
        for _ in range(LINES_PER_SECOND):
            file.write(next(seconds))


def make(folder: Path, size_mib: int, sparse_mib: int = 0, seed: int = 3) -> LogFiles:
    """Write the files, or keep those that are there in this size and seed.

    The sparse file has a mebibyte of lines at every sixteenth, holes between, lines at its end.
    """
    folder.mkdir(parents=True, exist_ok=True)
    plain = folder / f"plain-{size_mib}-{seed}.log"
    json_lines = folder / f"json-{size_mib}-{seed}.jsonl"
    sparse = folder / f"sparse-{sparse_mib}-{seed}.log" if sparse_mib else None
    if not plain.exists():
        seconds = _seconds(_tile(_plain_line, seed), "%Y-%m-%d %H:%M:%S")
        _write(plain, seconds, size_mib * MIB)
    if not json_lines.exists():
        seconds = _seconds(_tile(_json_line, seed), "%Y-%m-%dT%H:%M:%S+0000")
        _write(json_lines, seconds, size_mib * MIB)
    if sparse and not sparse.exists():
        seconds = _seconds(_tile(_plain_line, seed), "%Y-%m-%d %H:%M:%S")
        _write_sparse(sparse, seconds, sparse_mib * MIB)
    return LogFiles(plain, json_lines, sparse)


def main() -> None:
    """Parse the arguments, write, and say where."""
    parser = argparse.ArgumentParser(prog="python -m bench.log_data", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size-mib", type=int, default=1024)
    parser.add_argument("--sparse-mib", type=int, default=0)
    parser.add_argument("--seed", type=int, default=3)
    given = parser.parse_args()
    files = make(given.folder, given.size_mib, given.sparse_mib, given.seed)
    for path in (files.plain, files.json_lines, files.sparse):
        if path:
            print(path)


if __name__ == "__main__":
    main()
