"""What `quarterdeck audit` prints: records and the result of verifying."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from textwrap import indent

from cli.output import aligned, hidden
from core.actions.audit.record import AuditRecord
from core.actions.audit.verify import Break, VerifyResult
from core.model.text import SafeText, clean

_FORMAT = 1
_AT_ONCE = 1000
_HASH_CHARS = 8
_CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_CODE_CHARS = 4


def record_lines(records: Iterable[AuditRecord]) -> Iterator[list[str]]:
    """Yield one line per record: when, number, event, who, what, how it came out.

    A log may be larger than memory: so many at once are held, with their columns in line.
    """
    rest = iter(records)
    while some := [_row(one) for one in islice(rest, _AT_ONCE)]:
        yield aligned(some)


def records_json(records: Iterable[AuditRecord]) -> Iterator[str]:
    """Yield the records as one JSON document, without holding all of them."""
    yield f'{{\n  "format": {_FORMAT},\n  "records": ['
    separator = "\n"
    for one in records:
        text = json.dumps(hidden(json.loads(one.line)), indent=2)
        yield separator + indent(text, " " * 4)
        separator = ",\n"
    yield "]\n}\n" if separator == "\n" else "\n  ]\n}\n"


def _row(record: AuditRecord) -> tuple[str, ...]:
    step = f"step {record.step + 1}" if record.step is not None else ""
    said = (step, record.result, record.code, record.before, record.after, record.reason)
    return (
        clean(record.at[:19].replace("T", " ") + "Z"),
        str(record.seq),
        clean(record.ev, 40),
        clean(_who(record), 80),
        clean(" ".join(filter(None, (record.verb, record.target))) or record.action_id or "-", 120),
        clean("; ".join(filter(None, said)) or "-", 400),
    )


def _who(record: AuditRecord) -> str:
    """Return the user, and the login behind it where that is another."""
    actor = record.actor
    name = actor.user or f"uid {actor.uid}"
    is_other = actor.loginuid is not None and actor.loginuid != actor.uid
    login = f" (login uid {actor.loginuid})" if is_other else ""
    return f"{name}{login}{' shared' if actor.is_shared else ''}"


def result_lines(result: VerifyResult, notes: Sequence[SafeText]) -> list[str]:
    """Return the result for a person."""
    lines: list[str] = []
    if result.bad is None:
        lines.append(
            f"● whole  {_counted(result.records, 'record')} in {_counted(result.files, 'file')}, "
            f"the last {result.last.seq} {result.last.hash[:_HASH_CHARS]}"
        )
    for one in result.breaks:
        answered = " (answered for by name)" if one.is_overridden else ""
        lines.append(f"✖ broken  {break_line(one)}{answered}")
    anchored = f"  anchors that agree: {result.anchors}; unanchored {result.unanchored}"
    if result.unanchored:
        anchored += ": the loss of these alone would not be seen"
    return [*lines, anchored, *(f"  weaker: {note}" for note in notes)]


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def break_line(one: Break) -> str:
    """Return where the log is not as it was written, and why."""
    line = f" line {one.line}" if one.line else ""
    return f"at record {one.seq}, {clean(one.file)}{line}: {clean(one.why)}"


def result_document(result: VerifyResult, notes: Sequence[SafeText]) -> dict[str, object]:
    """Return the JSON document."""
    return {
        "format": 1,
        "is_whole": result.bad is None,
        "records": result.records,
        "first_seq": result.first_seq,
        "last_seq": result.last.seq,
        "last_hash": result.last.hash,
        "files": result.files,
        "anchors": result.anchors,
        "unanchored": result.unanchored,
        "breaks": [
            {
                "seq": one.seq,
                "file": clean(one.file),
                "line": one.line or None,
                "why": clean(one.why),
                "is_overridden": one.is_overridden,
            }
            for one in result.breaks
        ],
        "weaker": list(notes),
    }


def problem_code(problem: str) -> str:
    """Return four letters that stand for exactly this problem."""
    number = int(hashlib.sha256(problem.encode()).hexdigest(), 16)
    letters: list[str] = []
    for _ in range(_CODE_CHARS):
        number, index = divmod(number, len(_CODE_LETTERS))
        letters.append(_CODE_LETTERS[index])
    return "".join(letters)
