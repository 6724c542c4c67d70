"""Hides secrets that people put into command lines and URLs, before they reach a screen.

A best effort on shapes that are known to carry secrets; a value that looks like nothing stays.
"""

import re

from core.model.secret import MASK

_NAMES = (
    r"(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key"
    r"|auth|authorization|credentials?|client[-_]?secret|bearer|jwt|requirepass|masterauth)"
)
_FLAG = re.compile(rf"^(-{{1,2}}(?:[\w-]*[-_])?{_NAMES})$", re.IGNORECASE)
_PAIR = re.compile(
    # A look behind, not the whole name before it: a row of dashes would cost its square.
    rf"(?P<name>(?:^|(?<=[\s\"'&?;,{{._-])){_NAMES}[\"']?\s*[=:]\s*[\"']?)"
    r"(?P<value>[^\s\"'&;,]+)",
    re.IGNORECASE,
)
_URL = re.compile(
    r"(?P<head>\b[a-z][a-z0-9+.-]{0,31}://)(?P<user>[^\s/@:]*):(?P<secret>[^\s/@]+)@", re.I
)
_BEARER = re.compile(r"(?P<head>\b(?:bearer|basic)\s+)(?P<secret>[\w.~+/=-]{8,})", re.IGNORECASE)
_JWT = re.compile(r"\beyJ[\w-]{6,}\.[\w-]{6,}\.[\w-]*")
_SHORT_FLAGS = {"redis-cli": ("-a",), "mysql": ("-p",), "mysqldump": ("-p",), "sshpass": ("-p",)}
"""One-letter options that carry a secret, by program."""


def mask_text(text: str) -> str:
    """Return `text` with the secrets in `name=value`, URLs, bearer headers and JWTs masked."""
    text = _URL.sub(rf"\g<head>\g<user>:{MASK}@", text)
    text = _BEARER.sub(rf"\g<head>{MASK}", text)
    text = _PAIR.sub(rf"\g<name>{MASK}", text)
    return _JWT.sub(MASK, text)


def secret_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Return begin and end of each stretch that `mask_text` hides, in order, none overlapping.

    `Bearer x` after a header's name is one secret, although two shapes find it.
    """
    found = [match.span("secret") for match in _URL.finditer(text)]
    found += [match.span("secret") for match in _BEARER.finditer(text)]
    found += [match.span("value") for match in _PAIR.finditer(text)]
    found += [match.span() for match in _JWT.finditer(text)]
    spans: list[tuple[int, int]] = []
    for begin, end in sorted(found):
        if spans and (begin <= spans[-1][1] or text[spans[-1][1] : begin].isspace()):
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((begin, end))
    return tuple(spans)


def mask_words(argv: tuple[str, ...]) -> tuple[str, ...]:
    """Return a command line with secrets masked: `--password x`, `--token=x`, `redis-cli -a x`."""
    masked: list[str] = []
    is_secret_next = False
    short = _SHORT_FLAGS.get(argv[0].rpartition("/")[2], ()) if argv else ()
    for word in argv:
        if is_secret_next:
            masked.append(MASK)
            is_secret_next = False
            continue
        attached = next((flag for flag in short if word.startswith(flag) and word != flag), None)
        masked.append(f"{attached}{MASK}" if attached else mask_text(word))
        is_secret_next = word in short or _FLAG.match(word) is not None
    return tuple(masked)
