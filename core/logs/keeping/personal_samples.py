"""Masked samples: enough to know what was found, never the value. Pure."""

import re

from core.logs.keeping.check_digits import CALLING_CODES
from core.logs.keeping.personal_kinds import PersonalHit
from core.model.personal import PersonalKind
from core.model.secret import MASK
from core.model.text import SafeText, clean

_DOTS = "•••"
_NAME = re.compile(r"([A-Za-z_]{2,24})[\"']?\s*[=:]\s*[\"']?$")


def mask_sample(hit: PersonalHit, text: str) -> SafeText:
    """Return a sample of `hit`, which stands in `text`, with the value masked.

    `a•••@e•••.org`, `+49 ••• 67`, `•••• 1111`, `DE••••00`, `203.0.•.•`, `password=••••••••`.
    """
    sample = _shape(hit, text)
    # A part that is shown may by chance hold the whole value: `abc_token=abc`.
    return clean(MASK if hit.value.casefold() in sample.casefold() else sample)


def _shape(hit: PersonalHit, text: str) -> str:
    value = hit.value
    match hit.kind:
        case PersonalKind.EMAIL:
            local, _, domain = value.replace("%40", "@").partition("@")
            top = domain.rpartition(".")[2]
            return f"{local[0]}{_DOTS}@{domain[0]}{_DOTS}.{top if len(top) <= 4 else _DOTS}"
        case PersonalKind.PHONE:
            digits = re.sub(r"\D", "", value.replace("%2B", "+")).removeprefix("00")
            code = next(digits[:size] for size in (1, 2, 3) if digits[:size] in CALLING_CODES)
            return f"+{code} {_DOTS} {digits[-2:]}"
        case PersonalKind.CARD:
            return f"{_DOTS}• {value[-4:]}"
        case PersonalKind.IBAN:
            return f"{value[:2]}{_DOTS}•{value[-2:]}"
        case PersonalKind.TAX_CODE:
            return MASK
        case PersonalKind.IPV4:
            first, second, *_ = value.split(".")
            return f"{first}.{second}.•.•"
        case PersonalKind.IPV6:
            return f"{value.partition(':')[0]}:{_DOTS}"
        case PersonalKind.SECRET:
            name = _NAME.search(text, max(0, hit.begin - 32), hit.begin)
            return f"{name[1]}={MASK}" if name else MASK
