"""Settings of a server that may be changed while it runs, and how their values are written. Pure.

Nothing that says where data go, who may come in, or what runs: no dir, dbfilename, requirepass,
bind, loadmodule and the like.
"""

import re
from collections.abc import Callable

from core.errors import ActionError
from core.model.text import clean

MAXMEMORY, POLICY, SAVE = "maxmemory", "maxmemory-policy", "save"
POLICIES = (
    "noeviction", "allkeys-lru", "allkeys-lfu", "allkeys-random",
    "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl",
)  # fmt: skip
_SIZE = re.compile(r"^(\d+(?:\.\d+)?)\s*([kmgt]?i?b?)$", re.IGNORECASE)
_UNITS = {
    "": 1, "b": 1, "k": 10**3, "kb": 2**10, "kib": 2**10, "m": 10**6, "mb": 2**20, "mib": 2**20,
    "g": 10**9, "gb": 2**30, "gib": 2**30, "t": 10**12, "tb": 2**40, "tib": 2**40,
}  # fmt: skip
"""As Redis itself reads them: `2gb` is 2 x 1024³, `2g` is 2 x 1000³."""
_SAVE = re.compile(r"^(?:\d+ \d+)(?: \d+ \d+)*$")


def size_text(text: str) -> str:
    """Return a size in bytes.

    Raises:
        ActionError: it is none.
    """
    match = _SIZE.match(text.strip())
    unit = _UNITS.get(match.group(2).lower()) if match else None
    if match is None or unit is None:
        raise ActionError(f"a size is written 2gb, 512mb or in bytes, not {clean(text, 40)}")
    return str(round(float(match.group(1)) * unit))


def _between(least: int, most: int) -> Callable[[str], str]:
    def text_of(text: str) -> str:
        word = text.strip()
        if not re.fullmatch(r"-?\d{1,18}", word) or not least <= int(word) <= most:
            raise ActionError(f"a whole number from {least} to {most}, not {clean(text, 40)}")
        return str(int(word))

    return text_of


def _one_of(*words: str) -> Callable[[str], str]:
    def text_of(text: str) -> str:
        word = text.strip().lower()
        if word not in words:
            raise ActionError(f"one of {', '.join(words)}; not {clean(text, 40)}")
        return word

    return text_of


def _save_text(text: str) -> str:
    word = " ".join(text.strip().strip("\"'").split())
    if word and not _SAVE.match(word):
        raise ActionError(
            f"pairs of seconds and changes, such as 900 1 300 10, or '' for none; not"
            f" {clean(text, 40)}"
        )
    return word


_MANY = 2**31 - 1
_YES_NO = _one_of("yes", "no")
SETTINGS: dict[str, Callable[[str], str]] = {
    "activedefrag": _YES_NO,
    "appendfsync": _one_of("always", "everysec", "no"),
    "hz": _between(1, 500),
    "latency-monitor-threshold": _between(0, _MANY),
    "lazyfree-lazy-eviction": _YES_NO,
    "lazyfree-lazy-expire": _YES_NO,
    MAXMEMORY: size_text,
    POLICY: _one_of(*POLICIES),
    "maxmemory-samples": _between(1, 64),
    SAVE: _save_text,
    "slowlog-log-slower-than": _between(-1, _MANY),
    "slowlog-max-len": _between(0, 1_000_000),
    "stop-writes-on-bgsave-error": _YES_NO,
    "tcp-keepalive": _between(0, 86_400),
    "timeout": _between(0, 31_536_000),
}
"""By name: how a value is written as CONFIG GET tells it."""


def setting_text(name: str, text: str) -> str:
    """Return a setting's value as CONFIG GET would tell it.

    Raises:
        ActionError: the setting is none that is changed here, or this is no value of it.
    """
    reader = SETTINGS.get(name)
    if reader is None:
        raise ActionError(
            f"{clean(name, 60)} is not changed from here; what is: {', '.join(SETTINGS)}"
        )
    try:
        return reader(text)
    except ActionError as error:
        raise ActionError(f"{name}: {error}") from error


def shown_setting(name: str, text: str) -> str:
    """Return a value for a person."""
    if name == MAXMEMORY:
        return "0 (no limit)" if text == "0" else f"{text} ({size_shown(int(text))})"
    return text if text else "''"


def size_shown(size_bytes: int) -> str:
    """Return `2.0 GiB`."""
    size, unit = float(size_bytes), "B"
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if size < 1024 or unit == "TiB":
            break
        size /= 1024
    return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
