"""Finds personal data and secrets in a text, by shapes that prove themselves. Pure.

A number is a card only with an issuer's prefix and the right check digit, an account only with the
right length and remainder, a phone only in its international form with a country's code. Words such
as `address` or `email` are no personal data, and neither are times, ids, ports and versions.
Every pattern costs time in proportion to the text, whatever the text is.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_network
from types import MappingProxyType

from core.logs.keeping.check_digits import (
    CALLING_CODES,
    IBAN_LENGTHS,
    is_iban,
    is_luhn,
    is_tax_code,
)
from core.model.masking import secret_spans
from core.model.personal import DEFAULT_KINDS, PersonalKind
from core.model.secret import MASK


@dataclass(frozen=True, slots=True)
class PersonalHit:
    """One value in a text. `value` never leaves this package."""

    kind: PersonalKind
    begin: int
    end: int
    value: str


_EMAIL = re.compile(
    r"(?:(?<![\w.+%-])|(?<=%[0-9A-Fa-f]{2}))(?<!://)(?P<local>[\w.+-]{1,64})(?:@|%40)"
    r"(?P<domain>(?:[\w-]{1,63}\.){1,8}(?P<top>[^\W\d_]{2,24}))(?![\w-]|\.\w)"
)
_NOT_TOP_WORDS = (
    "service socket timer target mount slice scope device path swap automount "
    "png jpg jpeg gif svg webp ico css js mjs cjs ts tsx jsx json map html htm log txt py yml yaml "
    "toml xml md sh rc beta alpha local lock gz zip tar jar"
)
_NOT_TOP = frozenset(_NOT_TOP_WORDS.split())
"""What stands after the last dot of `name@…` where it is a unit, a picture or a package."""
_PHONE = re.compile(
    r"(?<![\w/+.])(?:\+|%2B|(?P<zeros>00))(?P<rest>[1-9](?:(?:\)? ?[ ./-]? ?\(?)\d){7,15})"
    r"(?![\w+]|[.:/-]\w)"
)
_CARD = re.compile(
    r"(?<![\w.+-])(?:\d{14,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{4}|\d{4}([ -])\d{6}\2\d{4,5})"
    r"(?![\w-]|\.\d)"
)
_ISSUER = re.compile(
    r"4(?:\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|3(?:0[0-5]|[689]\d)\d{11}|6(?:011|5\d\d|4[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17}"
)
_IBAN = re.compile(r"(?<![\w-])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?![\w-])")
_TAX_CODE = re.compile(r"(?<!\w)[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z](?!\w)")
_IPV4 = re.compile(r"(?<![\w.+-])(?<!\w/)(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\w|/\d)")
_IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{4}:[0-9A-Fa-f:]{2,35}(?![\w.])")
_TOKEN = re.compile(
    r"(?<!\w)(?:(?:AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_\w{30,255}|github_pat_\w{30,255}"
    r"|xox[abeprs]-[\w-]{10,255}|sk-[\w-]{20,255}|[sr]k_live_\w{16,255}|AIza[\w-]{35})(?!\w)"
)
_TOKEN_HINTS = ("AKIA", "ASIA", "gh", "xox", "sk-", "k_live_", "AIza")
_SECRET_HINTS = (
    "pass", "pwd", "secret", "token", "key", "auth", "credential", "bearer", "jwt", "basic", "eyj",
    "://",
)  # fmt: skip
"""One of these stands in every text with a secret; to look for them is ten times as fast."""
_NO_SECRET = re.compile(
    r"(?:none|null|nil|true|false|yes|no|ok|on|off|set|unset|missing|empty|invalid|valid|expired"
    r"|required|failed|failure|success|denied|granted|refused|rejected|revoked|unknown|present"
    r"|absent|enabled|disabled|not|is|was|has|bearer|basic|redacted|hidden|masked|removed|secret"
    r"|string|undefined|header|error|check|using|refresh|service|\d{1,5}|\W*|(?:\W*x{3,}\W*))",
    re.IGNORECASE,
)
"""What stands where a secret would, and is none."""
_PUNCTUATION = "[](){}<>\"'`,.;:!?…"
_INSIDE = tuple(
    ip_network(network)
    for network in ("0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
                    "192.168.0.0/16", "224.0.0.0/3")
)  # fmt: skip
"""Addresses of machines of ours, of nobody, and masks."""


def find_personal(text: str, kinds: frozenset[PersonalKind] = DEFAULT_KINDS) -> list[PersonalHit]:
    """Return the hits of `kinds` in `text`, in order; where two overlap, the surer kind is kept."""
    hits: list[PersonalHit] = []
    for kind, find in _FINDERS.items():
        if kind not in kinds and kind is not PersonalKind.SECRET:
            continue
        for begin, end in find(text):
            if all(end <= hit.begin or begin >= hit.end for hit in hits):
                hits.append(PersonalHit(kind, begin, end, text[begin:end]))
    # Secrets are looked for even when not asked for: a password in a URL is no email.
    return sorted((hit for hit in hits if hit.kind in kinds), key=lambda hit: hit.begin)


def is_secret_value(value: str) -> bool:
    """Say whether what stands behind `password=` can be one: not `None`, `***`, `expired`, `3`."""
    bare = value.strip(_PUNCTUATION)
    is_word = bare.isalpha() and len(bare) < 5
    is_name = value.endswith(":")  # `pwd= token: x`: the next name, not a value
    return not is_word and not is_name and MASK not in value and not _NO_SECRET.fullmatch(bare)


def _secrets(text: str) -> Iterator[tuple[int, int]]:
    lowered = text.lower()
    if any(hint in lowered for hint in _SECRET_HINTS):
        for begin, end in secret_spans(text):
            if is_secret_value(text[begin:end]):
                yield begin, end
    if any(hint in text for hint in _TOKEN_HINTS):
        for found in _TOKEN.finditer(text):
            yield found.span()


def _emails(text: str) -> Iterator[tuple[int, int]]:
    if "@" not in text and "%40" not in text:
        return
    for found in _EMAIL.finditer(text):
        is_version = re.match(r"v?\d+\.\d", found["domain"]) is not None
        if found["top"].lower() not in _NOT_TOP and not is_version:
            yield found.span()


def _phones(text: str) -> Iterator[tuple[int, int]]:
    for found in _PHONE.finditer(text):
        digits = re.sub(r"\D", "", found["rest"])
        groups = len(re.findall(r"\d+", found["rest"]))
        # 0012345678 is a number like any other, +4912345678.5 a measurement.
        is_number = groups < 3 if found["zeros"] else re.fullmatch(r"\d+\.\d+", found["rest"])
        if not is_number and _is_phone(digits):
            yield found.span()


def _is_phone(digits: str) -> bool:
    if digits[0] == "1":
        return re.fullmatch(r"1[2-9]\d\d[2-9]\d{6}", digits) is not None
    code = next((digits[:size] for size in (1, 2, 3) if digits[:size] in CALLING_CODES), "")
    return bool(code) and 9 <= len(digits) <= 15 and len(set(digits)) > 2


def _cards(text: str) -> Iterator[tuple[int, int]]:
    for found in _CARD.finditer(text):
        digits = re.sub(r"\D", "", found.group())
        if _ISSUER.fullmatch(digits) and is_luhn(digits):
            yield found.span()


def _ibans(text: str) -> Iterator[tuple[int, int]]:
    for found in _IBAN.finditer(text):
        size = IBAN_LENGTHS.get(found.group()[:2])
        if size is None:
            continue
        # A capital word behind it matches too: the country says where the number ends.
        taken, end = "", found.start()
        for char in found.group():
            if len(taken) == size:
                break
            end += 1
            taken += char.strip()
        is_whole = end == found.end() or text[end] == " "
        if len(taken) == size and is_whole and is_iban(taken):
            yield found.start(), end


def _tax_codes(text: str) -> Iterator[tuple[int, int]]:
    return (found.span() for found in _TAX_CODE.finditer(text) if is_tax_code(found.group()))


def _ipv4(text: str) -> Iterator[tuple[int, int]]:
    for found in _IPV4.finditer(text):
        before = text[max(0, found.start() - 9) : found.start()].rstrip(" =:\"'").lower()
        if before.endswith(("version", "release", " ver")):
            continue
        try:
            address = IPv4Address(found.group())
        except AddressValueError:
            continue
        if not any(address in network for network in _INSIDE):
            yield found.span()


def _ipv6(text: str) -> Iterator[tuple[int, int]]:
    for found in _IPV6.finditer(text):
        value = found.group().rstrip(":")
        try:
            address = IPv6Address(value)
        except AddressValueError:
            continue
        if address in _PUBLIC_V6:
            yield found.start(), found.start() + len(value)


_PUBLIC_V6 = ip_network("2000::/3")
_FINDERS: Mapping[PersonalKind, Callable[[str], Iterator[tuple[int, int]]]] = MappingProxyType(
    {
        PersonalKind.SECRET: _secrets,
        PersonalKind.EMAIL: _emails,
        PersonalKind.IBAN: _ibans,
        PersonalKind.TAX_CODE: _tax_codes,
        PersonalKind.CARD: _cards,
        PersonalKind.PHONE: _phones,
        PersonalKind.IPV4: _ipv4,
        PersonalKind.IPV6: _ipv6,
    }
)
"""The surest first."""
