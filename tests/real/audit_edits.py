"""Random edits of an audit log, as somebody with an editor would make them."""

import gzip
import hashlib
import json
import random
from collections.abc import Callable
from pathlib import Path

from core.actions.audit.record import parse_record

Files = dict[str, bytes]
"""A log's files by name."""


def read_files(folder: Path) -> Files:
    """Return the segments of a log."""
    return {path.name: path.read_bytes() for path in folder.glob("audit-*.jsonl*")}


def write_changes(folder: Path, old: Files, new: Files) -> None:
    """Make the folder hold `new` where it held `old`."""
    for name in old.keys() - new.keys():
        (folder / name).unlink()
    for name, data in new.items():
        if old.get(name) != data:
            path = folder / name
            if path.exists():
                path.unlink()
            path.write_bytes(data)


def _lines(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)


def flip(data: bytes, dice: random.Random) -> bytes:
    """Change one bit."""
    at = dice.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1 :]


def drop(data: bytes, dice: random.Random) -> bytes:
    """Take lines out."""
    lines = _lines(data)
    at = dice.randrange(len(lines))
    del lines[at : at + dice.choice([1, 1, 1, 2, 5])]
    return b"".join(lines)


def swap(data: bytes, dice: random.Random) -> bytes:
    """Exchange two lines."""
    lines = _lines(data)
    one, other = dice.sample(range(len(lines)), 2)
    lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


def insert(data: bytes, dice: random.Random) -> bytes:
    """Put in a line: one that is there already, an edited one, or nonsense."""
    lines = _lines(data)
    line = dice.choice(lines)
    what = dice.choice([line, line.replace(b"restart", b"destroy"), b"{}\n", b"\n", b"\xff\x00\n"])
    lines.insert(dice.randrange(len(lines) + 1), what)
    return b"".join(lines)


def truncate(data: bytes, dice: random.Random) -> bytes:
    """Cut the end, in a line or between two."""
    if dice.random() < 0.5:
        return data[: dice.randrange(len(data))]
    lines = _lines(data)
    return b"".join(lines[: dice.randrange(len(lines))])


EDITS: tuple[Callable[[bytes, random.Random], bytes], ...] = (flip, drop, swap, insert, truncate)


def edited(files: Files, foreign: Files, dice: random.Random) -> tuple[str, Files]:
    """Return what was done, and the files after one edit that changes at least a byte."""
    while True:
        name = dice.choice(sorted(files))
        if dice.random() < 0.02:
            return f"remove {name}", {one: data for one, data in files.items() if one != name}
        if name.endswith(".gz") and dice.random() < 0.8:
            kind, new = _repacked(name, files, foreign, dice)
        else:
            kind, data = _edit(name, files[name], foreign, dice)
            new = {**files, name: data}
        if new != files:
            return f"{kind} {name}", new


def _repacked(name: str, files: Files, foreign: Files, dice: random.Random) -> tuple[str, Files]:
    """Edit what is in a packed file, and make packing and seal fit what was done."""
    plain = gzip.decompress(files[name])
    kind, data = _edit("plain", plain, foreign, dice)
    if data == plain:
        return kind, files
    packed = gzip.compress(data)
    seal_name = name.replace(".gz", ".seal")
    row = json.loads(files[seal_name])
    row |= {"plain_bytes": len(data), "sha256": hashlib.sha256(packed).hexdigest()}
    try:
        first, last = (parse_record(_lines(data)[index]) for index in (0, -1))
        row |= {"first_seq": first.seq, "last_seq": last.seq}
        row |= {"last_hash": last.hash, "last_at": last.at}
    except (ValueError, IndexError):
        pass  # what is no record any more has no seal that fits
    seal = f"{json.dumps(row, sort_keys=True)}\n".encode()
    return kind, {**files, name: packed, seal_name: seal}


def _edit(name: str, data: bytes, foreign: Files, dice: random.Random) -> tuple[str, bytes]:
    if name.endswith((".gz", ".seal")):
        edit = dice.choice([flip, truncate])
        return edit.__name__, edit(data, dice)
    if dice.random() < 1 / 6:
        source = _lines(foreign[dice.choice([one for one in foreign if one.endswith(".jsonl")])])
        lines = _lines(data)
        at = dice.randrange(len(lines))
        return "splice", b"".join([*lines[:at], *source[dice.randrange(len(source)) :]])
    edit = dice.choice(EDITS)
    return edit.__name__, edit(data, dice)


def is_cut_of(new: Files, old: Files) -> bool:
    """Tell whether all that was done is to take whole lines from the very end."""
    newest = max(name for name in old if name.endswith(".jsonl"))
    same = all(new.get(name) == data for name, data in old.items() if name != newest)
    rest = new.get(newest, b"")
    return same and old[newest].startswith(rest) and (not rest or rest.endswith(b"\n"))


def forget_head(folder: Path) -> None:
    """Remove the note of the last acknowledged record: who edits the log can do that too."""
    (folder / "audit.head").unlink()
