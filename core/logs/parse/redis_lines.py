"""Lines of Redis and Valkey: `pid:role time mark message`, where the mark is the level."""

import re
from typing import Final

from core.logs.parse.decode import shown
from core.logs.parse.reading import Reading
from core.logs.parse.times import Clockwork
from core.model.log import FieldValue, LogLevel, TimeBasis

_REDIS = re.compile(
    r"(\d{1,9}):([A-Z]) (\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d\.\d{3}) ([.*#-]) (.*)",
    re.ASCII | re.DOTALL,
)
_REDIS_SIGNAL = re.compile(r"(\d{1,9}):signal-handler \((\d{10})\) (.*)", re.ASCII | re.DOTALL)
_REDIS_LEVELS: Final = {
    ".": LogLevel.DEBUG,
    "-": LogLevel.DEBUG,
    "*": LogLevel.INFO,
    "#": LogLevel.WARN,
}
# Before 7.2 Redis wrote its start banner as a warning, so that no log level would hide it.
_REDIS_BANNER: Final = ("oO0OoO0OoO0Oo ", "Redis version=", "Configuration loaded")


def read_redis(text: str, clockwork: Clockwork) -> Reading | None:
    """Read `1:M 14 Mar 2026 09:26:53.279 * message`, and the line of its signal handler."""
    if match := _REDIS.fullmatch(text):
        pid, role, time, mark, message = match.groups()
        when = clockwork.when(time)
        level = _REDIS_LEVELS[mark]
        if message.startswith(_REDIS_BANNER):
            level = LogLevel.INFO
        fields: dict[str, FieldValue] = {"pid": int(pid), "role": shown(role)}
        time_s, basis = when or (None, TimeBasis.NONE)
        return Reading("redis", message, time_s, basis, level, fields=fields)
    if match := _REDIS_SIGNAL.fullmatch(text):
        pid, time, message = match.groups()
        fields = {"pid": int(pid)}
        return Reading("redis", message, float(time), TimeBasis.ZONED, fields=fields)
    return None
