"""Hides secrets that people put into command lines, headers and URLs, before they reach a screen.

A best effort on shapes that are known to carry secrets; a value that looks like nothing stays.
"""

import re
from collections.abc import Iterable

from core.model.secret import MASK

Spans = tuple[tuple[int, int], ...]
"""Begin and end of stretches of a text, in order, none overlapping."""

_NAMES = (
    r"(?:pass(?:word|wd|phrase|code)?|pgpassword|pwd|secret|token|credentials?|bearer|jwt|sshpass"
    r"|(?:api|access|private|secret|signing|encryption|master|service[-_]?role|anon|auth|account"
    r"|shared|session)[-_]?key(?:[-_]base)?|session[-_]?(?:id|token)|sessionid"
    r"|auth|authorization|client[-_]?secret|requirepass|masterauth)"
)
_FLAG = re.compile(rf"^(-{{1,2}}(?:[\w-]*[-_])?{_NAMES})$", re.IGNORECASE)
_PAIR = re.compile(
    # A look behind, not the whole name before it: a row of dashes would cost its square.
    rf"(?P<name>(?:^|(?<=[\s\"'&?;,{{._-])){_NAMES}\\?[\"']?\s*[=:]\s*\\?[\"']?)"
    r"(?P<secret>(?<=[\"'])[^\"']+|[^\s\"'&;,]+)",
    re.IGNORECASE,
)
_ARGUMENT = re.compile(
    rf"(?<![\w-])--(?:[\w-]{{0,40}}[-_])?{_NAMES}\s+(?!-)(?P<secret>\S+)", re.IGNORECASE
)
_URL = re.compile(r"\b[a-z][a-z0-9+.-]{0,31}://[^\s/@:]*:(?P<secret>[^\s/?#\"'<>]+)@", re.I)
_BEARER = re.compile(r"\b(?:bearer|basic)\s+(?P<secret>[\w.~+/=-]{8,})", re.IGNORECASE)
_HEADER = re.compile(
    r"\b(?:proxy-)?authorization[\"']?\s*[:=]\s*[\"']?"
    r"(?P<secret>[^\s\"',;]+(?:\s+[^\s\"',;]{8,})?)",
    re.IGNORECASE,
)
_COOKIE = re.compile(
    r"\b(?:set-)?cookie2?[\"']?\s*[:=]\s*[\"']?(?P<secret>[^\s\"'=;]+=[^\r\n␊\"']+)", re.IGNORECASE
)
_JWT = re.compile(r"\beyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)*")
_PEM = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----(?P<secret>.+?)(?=-----END|\Z)", re.DOTALL
)
_KEYS = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{16}"
    r"|gh[opsur]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}"
    r"|xox[abeoprs]-[\w-]{10,}|xapp-[\w-]{10,}|(?<=hooks\.slack\.com/services/)[\w/]{16,}"
    r"|AIza[\w-]{30,}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,}"
    r"|[srp]k_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[\w+/=-]{16,}"
    r"|sb_(?:secret|publishable)_[\w-]{10,}|sbp_[0-9a-f]{20,}"
    r"|sk-[\w-]{16,}|SG\.[\w-]{16,}\.[\w-]{16,}|(?:npm|hf)_[A-Za-z0-9]{20,}"
    r"|do[opr]_v1_[0-9a-f]{32,}"
    # Names such as key_space_events begin so too; keys have digits.
    r"|(?:key|ak)_(?=(?:[A-Za-z_-]*\d){2})[\w-]{12,}"
    r")"
)
_SHAPES = (
    (
        _PAIR,
        ("pass", "pwd", "secret", "token", "key", "credential", "bearer", "jwt", "auth", "sess"),
    ),
    (_ARGUMENT, ("--",)),
    (_URL, ("://",)),
    (_BEARER, ("bearer", "basic")),
    (_HEADER, ("authorization",)),
    (_COOKIE, ("cookie",)),
    (_PEM, ("private key",)),
)
"""Shapes whose secret is a part, each with words of which a text has one, in small letters.

To look for those costs a tenth of what the expressions do, and most lines have none.
"""
_WHOLE = (
    (_JWT, ("eyj",)),
    (_KEYS, (
        "akia", "asia", "aroa", "aida", "abia", "acca", "gho_", "ghp_", "ghs_", "ghu_", "ghr_",
        "github_pat_", "glpat-", "xox", "xapp-", "hooks.slack.com", "aiza", "ya29.", "gocspx-",
        "k_live_", "k_test_", "whsec_", "sb_", "sbp_", "sk-", "sg.", "npm_", "hf_", "_v1_",
        "key_", "ak_",
    )),
)  # fmt: skip
SHAPE_HINT = "|".join(
    (
        rf"{_NAMES}\\?[\"']?[\s\v\x1c-\x1f]*[=:]",
        "--[a-z]",
        r"://[^\s/@:]*:",
        r"(?:bearer|basic)[\s\v\x1c-\x1f]",
        "authorization|cookie|private key|eyj",
        rf"(?:{'|'.join(map(re.escape, _WHOLE[1][1]))})[\w+/=.-]{{8}}",
    )
)
"""Every text in ASCII that has one of the shapes matches this, in any case, and few others do.

Without looking around, so that an engine can search for all of it in one pass.
"""
_SHORT_FLAGS = {"redis-cli": ("-a",), "mysql": ("-p",), "mysqldump": ("-p",), "sshpass": ("-p",)}
"""One-letter options that carry a secret, by program."""


def is_telling(name: str) -> bool:
    """Tell whether what goes by this name is secret."""
    return MASK in mask_text(f"{name}=value1234")


def mask_text(text: str) -> str:
    """Return `text` with the secrets in pairs, URLs, headers, cookies, tokens and keys masked."""
    return masked(text, secret_spans(text))


def masked(text: str, spans: Spans) -> str:
    """Return `text` with a mask, always as long, in the place of each span."""
    if not spans:
        return text
    parts: list[str] = []
    at = 0
    for begin, end in spans:
        parts += [text[at:begin], MASK]
        at = end
    return "".join((*parts, text[at:]))


def secret_spans(text: str) -> Spans:
    """Return begin and end of each stretch that `mask_text` hides, in order, none overlapping.

    `Bearer x` after a header's name is one secret, although two shapes find it.
    """
    small = text.lower()
    found: list[tuple[int, int]] = []
    for shape, words in _SHAPES:
        if any(word in small for word in words):
            found += [match.span("secret") for match in shape.finditer(text)]
    for shape, words in _WHOLE:
        if any(word in small for word in words):
            found += [match.span() for match in shape.finditer(text)]
    if not found:
        return ()
    return merged(found, text)


def merged(spans: Iterable[tuple[int, int]], text: str) -> Spans:
    """Return spans in order, those that touch, or have only blanks between, made one."""
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if joined and (begin <= joined[-1][1] or text[joined[-1][1] : begin].isspace()):
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return tuple(joined)


def mask_words(argv: tuple[str, ...]) -> tuple[str, ...]:
    """Return a command line with secrets masked: `--password x`, `--token=x`, `redis-cli -a x`."""
    hidden: list[str] = []
    is_secret_next = False
    short = _SHORT_FLAGS.get(argv[0].rpartition("/")[2], ()) if argv else ()
    for word in argv:
        if is_secret_next:
            hidden.append(MASK)
            is_secret_next = False
            continue
        attached = next((flag for flag in short if word.startswith(flag) and word != flag), None)
        hidden.append(f"{attached}{MASK}" if attached else mask_text(word))
        is_secret_next = word in short or _FLAG.match(word) is not None
    return tuple(hidden)
