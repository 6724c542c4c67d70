"""Log files full of hostile text: the corpus in every place a line has, and all nasty fixtures."""

import json
from collections.abc import Sequence
from pathlib import Path

from core.model.topology import LogSpec

NASTY = Path(__file__).parents[1] / "data" / "logs" / "nasty"
_STAMP = "2026-03-01 02:59:00,000"


def write_logs(folder: Path, payloads: Sequence[str]) -> tuple[LogSpec, ...]:
    """Write them and return how they are configured."""
    bodies = {
        "plain.log": b"".join(map(_plain, payloads)),
        "fields.jsonl": b"".join(map(_fields, payloads)),
        "bare.log": b"".join(_raw(one) + b"\n" for one in payloads),
        "long.log": f"{_STAMP} - app - INFO - ".encode() + _raw(payloads[0]) * 60_000 + b"\n",
        **{path.name: path.read_bytes() for path in sorted(NASTY.iterdir())},
    }
    for name, body in bodies.items():
        (folder / name).write_bytes(body[: 1 << 20])
    return tuple(LogSpec(name.partition(".")[0], str(folder / name)) for name in bodies)


def _raw(payload: str) -> bytes:
    return payload.encode("utf-8", "surrogatepass")


def _plain(payload: str) -> bytes:
    text = _raw(payload)
    return f"{_STAMP} - ".encode() + text[:40] + b" - ERROR - " + text + b"\n"


def _fields(payload: str) -> bytes:
    record = {
        "timestamp": "2026-03-01T02:59:00Z",
        "level": payload[:20],
        "logger": payload[:20],
        "message": payload,
        payload[:30]: payload,
        "nested": {payload[:10]: [payload, {"deep": payload}]},
    }
    return json.dumps(record).encode() + b"\n"
