"""Words that look drawn by lot: long, of several kinds of characters that change often. Pure."""

import re
from collections.abc import Iterator

LEAST_CHARS = 20
_WORD = re.compile(r"(?<![A-Za-z0-9_+/=.~-])[A-Za-z0-9_+/=.~-]{20,}")
_PASSWORD = re.compile(r"(?<![A-Za-z0-9_+/=.~!$%@#^*()&?-])[A-Za-z0-9_+/=.~!$%@#^*()&?-]{20,}")
_SIGNS = frozenset("!$#^*()@")
_OF_PASSWORD_ALONE = re.compile(r"[!$%@#^*()&?]")
_PLAIN = re.compile(r"(?:[a-f]{0,19}+[g-z_+/=.~-])*+[a-f]{0,19}")
"""Small letters alone, too few of hex in a row: most long words of a log. Never random."""
_SPLIT, _PIECE = re.compile(r"[./=~]"), re.compile(r"[^./=~]{20,}")
_NOT_BASE64, _DIGIT = re.compile(r"[.~=_-]"), re.compile(r"\d")
_HEX = re.compile(r"[0-9a-f]{20,}|[0-9A-F]{20,}")
_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_DIGEST_BEFORE = re.compile(
    r"(?:sha\d*|md5|crc|digest|checksum|hash|e-?tag|commit|rev(?:ision)?|tree|parent|merge|head"
    r"|blob|tag|branch|build|image|container|layer|overlay2?|docker|cid|version|release|trace"
    r"|span|request|req|correlation|x-amzn-trace|fingerprint|uuid|guid|boot|machine|invocation"
    r"|inode|cgroup|scope|id)[\w-]{0,12}[\"']?[\s:=@/\[(\"'#]*$",
    re.IGNORECASE,
)
_BEFORE_CHARS = 40
_RUNS = re.compile(r"[a-z]+|[A-Z]+|\d+|[^A-Za-z0-9]+")
_STRICT_OVER = 40
_MIXED_RUN, _PLAIN_RUN, _PASSWORD_RUN = 2.4, 3.0, 2.0
"""Mean length of runs of one kind up to which a word of three kinds, or of two, is random."""
_PLAIN_DIGITS = 3


def random_spans(text: str, *, is_strict: bool) -> Iterator[tuple[int, int]]:
    """Yield begin and end of words that look like secrets.

    Digests, commits and ids of containers and of traces stay where the words before them say that
    they are such.

    Args:
        text: One line.
        is_strict: Those over 40 characters do not stay even there.
    """
    for run in _PASSWORD.finditer(text):
        begin, end = run.span()
        word = run.group()
        if _OF_PASSWORD_ALONE.search(word) is None:
            yield from _random_pieces(text, begin, end, is_strict=is_strict)
            continue
        for match in _WORD.finditer(text, begin, end):
            yield from _random_pieces(text, *match.span(), is_strict=is_strict)
        if _is_password(word):
            yield begin, end


def _random_pieces(
    text: str, begin: int, end: int, *, is_strict: bool
) -> Iterator[tuple[int, int]]:
    if _PLAIN.fullmatch(text, begin, end) or _ULID.fullmatch(text[begin:end].strip("./")):
        return
    for start, stop in _pieces(text, begin, end):
        if _is_random(text, start, stop, is_strict=is_strict):
            yield start, stop


def _is_password(word: str) -> bool:
    """Tell a word of all kinds of characters, often changing, from an address or a call."""
    signs = sum(one in _SIGNS for one in word)
    has_all = word != word.upper() and word != word.lower() and any(map(str.isdigit, word))
    return signs > 0 and has_all and _mean_run(word) <= _PASSWORD_RUN


def _pieces(text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the word whole, or what a path, a name with dots or an assignment is made of."""
    word = text[begin:end]
    core = word.rstrip("=")
    if _SPLIT.search(core) is None or _is_base64(core):
        yield begin, end
        return
    yield from (piece.span() for piece in _PIECE.finditer(text, begin, end))


def _is_base64(core: str) -> bool:
    """Tell base64 with a slash in it from a path: no piece of it is a word."""
    if "/" not in core or _NOT_BASE64.search(core) is not None:
        return False
    if core == core.lower() or core == core.upper() or _DIGIT.search(core) is None:
        return False
    return all(_mean_run(piece) <= _MIXED_RUN for piece in core.split("/") if len(piece) >= 4)


def _is_random(text: str, begin: int, end: int, *, is_strict: bool) -> bool:
    word = text[begin:end].strip("-_+")
    if len(word) < LEAST_CHARS or _ULID.fullmatch(word) or _UUID.fullmatch(word):
        return False
    if word.isdigit():
        return False
    if _HEX.fullmatch(word):
        is_told = _DIGEST_BEFORE.search(text, max(0, begin - _BEFORE_CHARS), begin) is not None
        return not is_told or (is_strict and len(word) > _STRICT_OVER)
    has_lower, has_upper = word != word.upper(), word != word.lower()
    digits = sum(one.isdigit() for one in word)
    if has_lower and has_upper:
        return _mean_run(word) <= (_MIXED_RUN if digits else 1.9)
    longest = max(re.split(r"[^A-Za-z0-9]+", word), key=len)
    is_long = len(longest) >= LEAST_CHARS - 4
    return is_long and digits >= _PLAIN_DIGITS and _mean_run(longest) <= _PLAIN_RUN


def _mean_run(word: str) -> float:
    return len(word) / max(1, len(_RUNS.findall(word)))
