"""A file as a person edits it in the console: its secrets hidden, every other byte as it is. Pure.

A line that holds the mask stands for the line it was made from; whoever wants another value there
writes the whole of it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from core.errors import ActionError
from core.model.env_text import is_secret_name, parse_env
from core.model.masking import mask_text
from core.model.secret import MASK

MAX_BYTES = 256 * 1024
_BOM = b"\xef\xbb\xbf"
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class EditText:
    """What is put before a person."""

    path: str
    text: str
    """With `\\n` between lines, secrets masked."""
    hidden: int
    """Lines that hold a mask."""


def shown_text(data: bytes, path: str, is_secret: Callable[[str], bool] | None) -> EditText:
    """Return a file's text for editing.

    Args:
        data: The file.
        path: Absolute.
        is_secret: Of an env file, which variables are; None: it is no env file.

    Raises:
        ActionError: it is not text that can be edited here.
    """
    raw = _lines(data, path)
    shown = _masked(data, raw, is_secret)
    return EditText(path, "\n".join(shown), sum(MASK in line for line in shown))


def edited_bytes(
    data: bytes, path: str, is_secret: Callable[[str], bool] | None, text: str
) -> bytes:
    """Return the file's bytes for an edited text: masks become what they hide again.

    Raises:
        ActionError: a line holds a mask that stands for nothing; the text names it.
    """
    raw = _lines(data, path)
    hidden: dict[str, list[str]] = {}
    for line, shown in zip(raw, _masked(data, raw, is_secret), strict=True):
        if MASK in shown:
            hidden.setdefault(shown, []).append(line)
    lines: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if MASK not in line:
            lines.append(line)
        elif hidden.get(line):
            lines.append(hidden[line].pop(0))
        else:
            raise ActionError(f"line {number} holds a mask in a new place; write the whole value")
    end = "\r\n" if b"\r\n" in data else "\n"
    bom = _BOM if data.startswith(_BOM) else b""
    return bom + end.join(lines).encode("utf-8")


def _lines(data: bytes, path: str) -> list[str]:
    if len(data) > MAX_BYTES:
        raise ActionError(
            f"{path} is larger than {MAX_BYTES // 1024} KiB; edit a copy and hand it over"
        )
    try:
        text = data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise ActionError(
            f"{path} is not UTF-8 at byte {error.start}; it is not edited here"
        ) from error
    if "\r\n" in text and text.count("\n") != text.count("\r\n"):
        raise ActionError(f"{path} mixes the ends of its lines; it is not edited here")
    text = text.replace("\r\n", "\n")
    found = _CONTROLS.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise ActionError(f"line {line} of {path} holds a control character; it is not edited here")
    return text.split("\n")


def _masked(data: bytes, raw: list[str], is_secret: Callable[[str], bool] | None) -> list[str]:
    """Return the lines with their secrets hidden."""
    if is_secret is None:
        return [mask_text(line) for line in raw]
    lines = list(raw)
    plain = data.removeprefix(_BOM)
    for entry in parse_env(plain).entries:
        if not (is_secret(entry.name) or is_secret_name(entry.name)) or not entry.value:
            continue
        begin, end = entry.value_span
        if b"\n" in plain[begin:end]:
            raise ActionError(f"{entry.name} is a secret of several lines; use env.set for it")
        number = plain.count(b"\n", 0, begin)
        start = plain.rfind(b"\n", 0, begin) + 1
        head = plain[start:begin].decode("utf-8")
        tail = lines[number][len(head) + len(plain[begin:end].decode("utf-8")) :]
        lines[number] = f"{head}{MASK}{tail}"
    return [mask_text(line) if MASK not in line else line for line in lines]
