"""What a server's keys are when a plan is made: whose they are, whether they may be changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from core.actions.action import Site
from core.actions.families.redis_key_copies import keys_of
from core.actions.families.services_draft import passed, stop_flight
from core.actions.part import part
from core.actions.ports import Ports
from core.actions.work import digest
from core.clients.acting.redis_key_values import KeySight, Standing
from core.errors import ActionError, ClientError
from core.model.action import Preflight
from core.model.redis_key import KeyName
from core.model.redis_spec import RedisSpec
from core.model.text import SafeText, clean
from core.redis.globs import is_pattern, matches
from core.redis.trouble import trouble_of

VALUE, SHAPE, HIDDEN = "value", "shape", "hidden"
_SHOWN_FIELDS = 12
_SHOWN_CHARS = 60


@dataclass(frozen=True, slots=True)
class Ready:
    """Whether a server can be told something now; its checks say why not."""

    standing: Standing | None
    flights: tuple[Preflight, ...]


def redis_spec_of(site: Site, target: str) -> RedisSpec:
    """Return the server that holds what a system's profile names.

    Raises:
        ActionError: the system is unknown, or has none.
    """
    system = site.system(target.partition("/")[0])
    if not system.redis:
        raise ActionError(f"no Redis is configured for {system.name}; set its redis: {{url: …}}")
    return system.redis[0]


async def ready(site: Site, server: str, calls: Sequence[Sequence[str]]) -> Ready:
    """Look whether a server answers, is a master, and lets our user run these commands."""
    control = keys_of(site.ports)
    try:
        standing = await control.standing(server)
        against = await control.against(server, calls)
    except ClientError as error:
        trouble = trouble_of(error)
        return Ready(None, (stop_flight("server", trouble.text, trouble.remedy),))
    flights = [_against(text, calls) for text in against]
    if standing.role != "master":
        text = "READONLY: it is a replica, which takes no changes"
        flights.append(stop_flight("role", text, "change its master"))
    flights.append(passed("server", f"run {standing.run_id}, {standing.role}"))
    return Ready(standing, tuple(flights))


def _against(text: SafeText, calls: Sequence[Sequence[str]]) -> Preflight:
    if not text.startswith("NOPERM"):
        return stop_flight("command", text, "use the server's own name for it by hand")
    words = " ".join(f"+{'|'.join(call[:2] if call[0] == 'CONFIG' else call[:1])}".lower()
                     for call in calls)  # fmt: skip
    return stop_flight("user", text, f"allow it: ACL SETUSER … {words}")


def of_patterns(patterns: Sequence[str], key: KeyName) -> bool:
    """Tell whether a key is one of those that a profile names, by name or by pattern."""
    return any(
        matches(one, key.raw) if is_pattern(one) else KeyName.read(one) == key for one in patterns
    )


def names_of(text: str) -> tuple[KeyName, ...]:
    r"""Return the keys of an input, each once; a comma inside a name is `\x2c`."""
    words = (word.strip() for word in text.split(","))
    return tuple(dict.fromkeys(KeyName.read(word) for word in words if word))


def value_text(sight: KeySight) -> SafeText:
    """Return what a key holds, in a line; what is large is counted."""
    if not sight.is_there:
        return SafeText("not there")
    lasts = "never expires" if sight.ttl_ms is None else "expires"
    return clean(f"{sight.kind}, {_content(sight)}, {lasts}", 1000)


def timed_text(sight: KeySight) -> SafeText:
    """Return the same with how long it lasts: for a look, not for a comparison."""
    text = value_text(sight)
    return text if sight.ttl_ms is None else clean(f"{text} in {sight.ttl_ms // 1000} s")


def _content(sight: KeySight) -> str:
    if not sight.content:
        size = f", {sight.size_bytes} bytes" if sight.size_bytes else ""
        return f"{sight.length} {'bytes' if sight.kind == 'string' else 'members'}{size}"
    parts = [
        f"{_shown(name)} {_shown(value)}" if name else _shown(value)
        for name, value in sight.content[:_SHOWN_FIELDS]
    ]
    more = (sight.length or 0) - _SHOWN_FIELDS
    if more > 0 and sight.kind != "string":
        parts.append(f"{more} more")
    whole = sight.kind == "string" and (sight.length or 0) > _SHOWN_CHARS
    return ", ".join(parts) + (f" … {sight.length} bytes" if whole else "")


def _shown(raw: bytes) -> str:
    return clean(KeyName(raw).spelled or "''", _SHOWN_CHARS)


def shape_text(sight: KeySight) -> SafeText:
    """Return which kind of record a key is, whatever its numbers are by now."""
    if not sight.is_there:
        return SafeText("not there")
    names = ", ".join(_shown(name) for name in sight.names)
    return clean(f"{sight.kind}{f' of {names}' if names else ''}", 1000)


@part
@dataclass(frozen=True, slots=True)
class KeyTrait:
    """What one key holds.

    `how`: by its `value`; by its `shape`, where every request of a client changes the value; or
    `hidden`, where the value is nobody's business.
    """

    kind: ClassVar[str] = "trait.redis_key"
    server: str
    key: str
    how: str = VALUE

    async def read(self, ports: Ports) -> SafeText:
        """Return it, in words that differ when it differs."""
        key = KeyName.read(self.key)
        [sight] = await keys_of(ports).sights(self.server, (key,))
        if self.how == SHAPE:
            return shape_text(sight)
        if self.how == VALUE and sight.content and (sight.length or 0) <= _SHOWN_FIELDS:
            return value_text(sight)
        mark = digest(repr((sight.kind, sight.length, sight.content)).encode())[:12]
        if self.how == HIDDEN:
            return clean(f"{sight.kind}, content {mark}")
        return clean(f"{value_text(sight)}; content {mark}")
