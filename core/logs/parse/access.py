"""Access lines: uvicorn's, and the common log format of nginx, Apache and werkzeug."""

import re
from typing import Final

from core.logs.parse.decode import shown
from core.logs.parse.reading import Reading
from core.logs.parse.times import Clockwork
from core.model.log import FieldValue, LogLevel

_UVICORN = re.compile(
    r'(\S+):(\d{1,5}) - "([A-Z]+) (\S+) (HTTP/[\d.]{1,3})" (\d{3})(?: [^"]*)?', re.ASCII
)
_QUOTED: Final = r'"((?:[^"\\]|\\.)*+)"'
_COMBINED = re.compile(
    rf"(\S+) (\S+) (\S+) \[([^\]]{{1,40}})\] {_QUOTED} (\d{{3}}|-) (\d+|-)"
    rf"(?: {_QUOTED} {_QUOTED})?(?: .*)?",
    re.ASCII | re.DOTALL,
)
_REQUEST = re.compile(r"([A-Z]+) (\S+) (HTTP/[\d.]{1,3})", re.ASCII)
_MAX_DIGITS: Final = 15


def read_uvicorn_access(text: str, level: LogLevel) -> Reading | None:
    """Read what follows the level in `INFO:     127.0.0.1:1 - "GET / HTTP/1.1" 200 OK`."""
    if not (match := _UVICORN.fullmatch(text)):
        return None
    ip, port, method, target, protocol, status = match.groups()
    fields: dict[str, FieldValue] = {"ip": shown(ip.strip("[]")), "port": int(port)}
    fields |= _request(method, target, protocol)
    fields["status"] = int(status)
    return Reading("uvicorn-access", text, level=level, fields=fields)


def read_access(text: str, clockwork: Clockwork) -> Reading | None:
    """Read `ip - user [time] "GET / HTTP/1.1" 200 12 "referrer" "agent"`; no level is in it."""
    if not (match := _COMBINED.fullmatch(text)):
        return None
    ip, _ident, user, time, request, status, size, referrer, agent = match.groups()
    when = clockwork.when(time)
    if when is None:
        return None
    fields: dict[str, FieldValue] = {"ip": shown(ip)}
    if user != "-":
        fields["user"] = shown(user)
    if parts := _REQUEST.fullmatch(request):
        fields |= _request(*parts.groups())
    else:
        fields["request"] = shown(request)
    if status != "-":
        fields["status"] = int(status)
    if size != "-" and len(size) <= _MAX_DIGITS:
        fields["size_bytes"] = int(size)
    for name, value in (("referrer", referrer), ("agent", agent)):
        if value not in {None, "-"}:
            fields[name] = shown(value)
    return Reading("access", text, when[0], when[1], fields=fields)


def _request(method: str, target: str, protocol: str) -> dict[str, FieldValue]:
    path, mark, query = target.partition("?")
    found: dict[str, FieldValue] = {"method": shown(method), "path": shown(path)}
    if mark:
        found["query"] = shown(query)
    found["protocol"] = shown(protocol)
    return found
