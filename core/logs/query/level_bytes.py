"""How a record of a level may be told in its bytes. Wide: words of every logger, numbers, signs."""

from core.model.log import LogLevel

_ERROR_WORDS = rb"err|severe|exception|fail|crit|fatal|alert|emerg|panic|ftl|traceback|high"
_WARN_WORDS = rb"wa?rn|medium|moderate"
_NUMBERS = (
    rb"(?:level|levelno|lvl|severity|text|number|priority|[\"']no)"
    rb"\\*[\"']?[ \t]*[:=][ \t]*\[?\\*[\"']?[0-9]"
)
_SIGNS = (rb"[0-9] # ", rb"<[0-9]{1,3}>")
"""Redis marks warnings with `#`; syslog writes its priority in angle brackets."""


def level_patterns(sign: str, levels: tuple[LogLevel, ...]) -> tuple[bytes, ...] | None:
    """Return patterns found in every record of these levels; None where most records are."""
    lowest = min(levels)
    if sign in {"<", "<="} or lowest < LogLevel.WARN:
        return None
    words = _ERROR_WORDS
    if lowest == LogLevel.WARN and sign != ">":
        words = _WARN_WORDS if sign == "=" and len(levels) == 1 else words + b"|" + _WARN_WORDS
    return (words, _NUMBERS, *_SIGNS)
