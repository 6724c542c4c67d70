"""Reads and edits the bytes of an env file: what is not meant stays as it is. Pure.

Understood is what dotenv and compose both understand: `export`, quotes, values over several lines,
comments after values, CRLF, a byte-order mark, a last line without its end. Of several lines with
one name the last counts.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import unified_diff

from core.errors import ActionError
from core.model.masking import mask_text
from core.model.secret import MASK
from core.model.text import SafeText, clean, clean_lines

_BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"\r\n|\n|\r")
_BLANK = re.compile(rb"[ \t\f\v]*(?:#[^\r\n]*)?(?:\r\n|\n|\r|\Z)")
_HEAD = re.compile(
    rb"[ \t]*(?:export[ \t]+)?(?P<name>[^\s=#'\"]+)[ \t]*"
    rb"(?:(?P<equals>=)|(?=[ \t]*(?:#|[\r\n]|\Z)))"
)
_QUOTED = {
    b"'": re.compile(rb"[ \t]*(?P<value>'(?:\\'|[^'])*')"),
    b'"': re.compile(rb'[ \t]*(?P<value>"(?:\\.|[^"\\])*")', re.DOTALL),
}
_PLAIN = re.compile(rb"[^\r\n]*")
_COMMENT = re.compile(rb"(?:(?<=\s)|^)#.*")
_REST = re.compile(rb"[ \t]*(?:#[^\r\n]*)?(?:\r\n|\n|\r|\Z)")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_BARE = re.compile(r"[A-Za-z0-9_./:@%+,=^?~-]*")
"""Values that every reader, a shell too, takes as they are without quotes."""
_TELLING = re.compile(r"(?:^|_)(?:KEYS?|SALT|PEPPER|DSN|CREDENTIALS?|WEBHOOK_URL)$", re.IGNORECASE)

IsSecret = Callable[[str], bool]
"""Says of a variable's name whether its value is never shown."""


@dataclass(frozen=True, slots=True)
class EnvEntry:
    """One variable, where it stands."""

    name: str
    value: str | None
    """As the reader gets it. None: a bare name, handed through from the reader's environment."""
    line: int
    """From 1."""
    value_span: tuple[int, int]
    """Bytes of the value with its quotes."""
    lines_span: tuple[int, int]
    """Bytes of all its lines with their ends."""


@dataclass(frozen=True, slots=True)
class EnvFault:
    """A line that readers do not understand, or not in the same way."""

    line: int
    text: SafeText


@dataclass(frozen=True, slots=True)
class EnvText:
    """An env file, parsed."""

    entries: tuple[EnvEntry, ...]
    faults: tuple[EnvFault, ...] = ()

    def values(self) -> dict[str, str]:
        """Return what a reader gets: the last line of each name."""
        return {one.name: one.value for one in self.entries if one.value is not None}

    def last(self, name: str) -> EnvEntry | None:
        """Return the line that counts for a name."""
        return next((one for one in reversed(self.entries) if one.name == name), None)

    def repeated(self) -> tuple[str, ...]:
        """Return the names that stand there more than once, in the order of the file."""
        names = [one.name for one in self.entries]
        return tuple(dict.fromkeys(name for name in names if names.count(name) > 1))


def parse_env(data: bytes) -> EnvText:
    """Return the variables of an env file; what is none is a fault, and skipped with its line."""
    entries: list[EnvEntry] = []
    faults: list[EnvFault] = []
    at = len(_BOM) if data.startswith(_BOM) else 0
    while at < len(data):
        blank = _BLANK.match(data, at)
        if blank and blank.end() > at:
            at = blank.end()
            continue
        line = _line_at(data, at)
        found = _entry(data, at, line)
        if isinstance(found, EnvFault):
            faults.append(found)
            end = _LINE_END.search(data, at)
            at = end.end() if end else len(data)
        else:
            entries.append(found)
            at = found.lines_span[1]
    return EnvText(tuple(entries), tuple(faults))


def _line_at(data: bytes, at: int) -> int:
    return len(_LINE_END.findall(data[:at])) + 1


def _entry(data: bytes, at: int, line: int) -> EnvEntry | EnvFault:
    head = _HEAD.match(data, at)
    if head is None:
        return EnvFault(line, SafeText("is no NAME=value"))
    name = _text(head["name"])
    if head["equals"] is None:
        rest = _REST.match(data, head.end())
        end = rest.end() if rest else len(data)
        return EnvEntry(name, None, line, (head.end(), head.end()), (at, end))
    begin = head.end()
    quote = data[begin:].lstrip(b" \t")[:1]
    if quote in _QUOTED:
        return _quoted(data, at, line, name, (begin, quote))
    return _plain(data, at, line, name, begin)


def _quoted(
    data: bytes, at: int, line: int, name: str, opening: tuple[int, bytes]
) -> EnvEntry | EnvFault:
    begin, quote = opening
    match = _QUOTED[quote].match(data, begin)
    if match is None:
        return EnvFault(line, clean(f"{name}: its quote is never closed"))
    rest = _REST.match(data, match.end())
    if rest is None:
        return EnvFault(line, clean(f"{name}: something stands behind its closing quote"))
    inner = _text(match["value"][1:-1])
    return EnvEntry(name, _unescaped(inner, quote), line, match.span("value"), (at, rest.end()))


def _unescaped(inner: str, quote: bytes) -> str:
    if quote == b"'":
        return re.sub(r"\\([\\'])", r"\1", inner)
    return re.sub(r"\\(.)", lambda found: _plain_of(found[1]), inner, flags=re.DOTALL)


def _plain_of(char: str) -> str:
    return _ESCAPES.get(char) or (char if char in "\\\"'$`" else f"\\{char}")


def _plain(data: bytes, at: int, line: int, name: str, begin: int) -> EnvEntry:
    whole = _PLAIN.match(data, begin)
    raw = whole.group() if whole else b""
    comment = _COMMENT.search(raw)
    value = raw[: comment.start()] if comment else raw
    lead = len(value) - len(value.lstrip())
    text = value.strip()
    first = begin + (lead if text else 0)
    end = _LINE_END.match(data, begin + len(raw))
    return EnvEntry(
        name,
        _text(text),
        line,
        (first, first + len(text)),
        (at, end.end() if end else begin + len(raw)),
    )


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def set_variable(data: bytes, name: str, value: str) -> bytes:
    """Return the file with the line that counts for `name` changed, or a new last line.

    Raises:
        ActionError: the name or the value cannot be written so that every reader gets it.
    """
    if not _NAME.fullmatch(name):
        raise ActionError(f"{clean(name)!r} is no name of a variable")
    entry = parse_env(data).last(name)
    if entry is None:
        changed = _appended(data, name, written(value, ""))
    else:
        begin, end = entry.value_span
        quote = data[begin : begin + 1].decode("ascii", "replace") if end > begin else ""
        text = written(value, quote if quote in {"'", '"'} else "").encode(
            "utf-8", "surrogateescape"
        )
        text = b"=" + text if entry.value is None else text
        changed = data[:begin] + text + data[end:]
    _guard_only(data, changed, name, value)
    return changed


def remove_variable(data: bytes, name: str) -> bytes:
    """Return the file without any line of `name`; as it is where there is none."""
    for entry in reversed(parse_env(data).entries):
        if entry.name == name:
            begin, end = entry.lines_span
            data = data[:begin] + data[end:]
    return data


def _appended(data: bytes, name: str, text: str) -> bytes:
    first = _LINE_END.search(data)
    end = first.group() if first else b"\n"
    line = f"{name}={text}".encode("utf-8", "surrogateescape")
    if not data or data == _BOM or data.endswith((b"\n", b"\r")):
        return data + line + end
    return data + end + line


def written(value: str, quote: str) -> str:
    """Return a value as it stands in a file, in the quotes that are there if they will do.

    Raises:
        ActionError: there is no way that every reader understands alike.
    """
    if any(ord(char) < 0x20 and char not in "\n\t" for char in value) or "\x7f" in value:
        raise ActionError("a value with control characters is not written into an env file")
    if not quote and _BARE.fullmatch(value):
        return value
    fits_single = not set(value) & set("'\\\n")
    fits_double = not set(value) & set("$`")
    if fits_single and not (quote == '"' and fits_double):
        return f"'{value}'"
    if not fits_double:
        raise ActionError(
            "a value with $ or ` beside ', \\ or a line end is read differently by different"
            " programs; change the file with env.edit"
        )
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _guard_only(before: bytes, after: bytes, name: str, value: str) -> None:
    """Read our own writing back: the one value is new, and everything else is as it was."""
    was, now = parse_env(before), parse_env(after)
    others = [(one.name, one.value) for one in was.entries if one.name != name]
    kept = [(one.name, one.value) for one in now.entries if one.name != name]
    if now.values().get(name) != value or kept != others or len(was.faults) != len(now.faults):
        raise ActionError(f"{clean(name)} cannot be changed alone in this file; use env.edit")


def is_secret_name(name: str) -> bool:
    """Say whether a name alone tells that its value is not for the eyes."""
    return MASK in mask_text(f"{name}=value1234") or _TELLING.search(name) is not None


def masked_lines(data: bytes, is_secret: IsSecret, was: bytes | None = None) -> list[SafeText]:
    """Return the lines of an env file with its secrets hidden.

    `was`: the file as it was before; a secret that is another than there says so.
    """
    before = parse_env(was).values() if was is not None else None
    parts: list[bytes] = []
    at = 0
    for entry in parse_env(data).entries:
        begin, end = entry.value_span
        is_hidden = is_secret(entry.name) or is_secret_name(entry.name)
        plain = _text(data[begin:end])
        shown = MASK if is_hidden and plain else mask_text(plain)
        if shown == plain:
            continue
        is_new = before is not None and before.get(entry.name) != entry.value
        text = f"{shown} (new value)" if is_new else shown
        parts += [data[at:begin], text.encode("utf-8", "surrogateescape")]
        at = end
    whole = (b"".join(parts) + data[at:]).removeprefix(_BOM)
    lines = [clean(mask_text(line)) for line in clean_lines(whole)]
    return lines if lines[-1] else lines[:-1]


def masked_diff(old: bytes, new: bytes, path: str, is_secret: IsSecret) -> tuple[SafeText, ...]:
    """Return a unified diff of two env files with their secrets hidden."""
    return diff_lines(
        masked_lines(old, is_secret), masked_lines(new, is_secret, old), path, is_same=old == new
    )


def diff_lines(
    old: list[SafeText], new: list[SafeText], path: str, *, is_same: bool
) -> tuple[SafeText, ...]:
    """Return a unified diff; one that hides every difference says so."""
    name = clean(path)
    found = unified_diff(old, new, f"{name} now", f"{name} then", lineterm="", n=2)
    lines = tuple(clean(line) for line in found)
    if lines or is_same:
        return lines
    return (SafeText("they differ only in what is not shown: secrets, or the ends of lines"),)
