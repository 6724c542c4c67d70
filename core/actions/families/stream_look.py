"""Which stream and group a request means, what they are at its planning, who may change them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from core.actions.action import Draft, DraftTrait, Site
from core.actions.families.redis_look import RedisTrait, redis_of, state_text
from core.actions.families.services_draft import passed, stop_flight
from core.actions.part import part
from core.actions.ports import Ports
from core.clients.acting.redis_answers import Place
from core.clients.acting.redis_call import Word
from core.clients.acting.redis_control import RedisState
from core.clients.acting.redis_streams import StreamControl
from core.clients.keyspace.port import GroupFacts, StreamFacts
from core.errors import ActionError
from core.logs.query.quantities import parse_duration_ms
from core.model.action import Preflight, Target
from core.model.redis_key import KeyName
from core.model.redis_spec import RedisSpec, StreamSpec
from core.model.stream import EntryId
from core.model.text import SafeText, clean
from core.redis.streams.letters import spec_of

MOST = 2000
"""Entries in one plan; more is nothing that a person can look through."""
PART = 200
"""Entries in one step: what the server does in one stroke, and nobody else feels."""
_SHOWN = 60
_T = TypeVar("_T")


def streams_of(ports: Ports) -> StreamControl:
    """Return the port for streams.

    Raises:
        ActionError: there is none.
    """
    if ports.redis_streams is None:
        raise ActionError("streams cannot be told anything from here")
    return ports.redis_streams


def redis_of_system(site: Site, target: str) -> RedisSpec:
    """Return the server that holds a system's streams.

    Raises:
        ActionError: the system is unknown, or has none.
    """
    system = site.system(target.partition("/")[0])
    if not system.redis:
        raise ActionError(f"no Redis is configured for {system.name}; set its redis: {{url: …}}")
    return system.redis[0]


@dataclass(frozen=True, slots=True)
class Ground:
    """A stream as it is when a plan is made."""

    ports: Ports
    server: str
    spec: StreamSpec
    """What is configured of it; of dead letters, of the stream that they died in."""
    key: KeyName
    facts: StreamFacts
    groups: tuple[GroupFacts, ...]
    state: RedisState

    @property
    def control(self) -> StreamControl:
        """The port."""
        return streams_of(self.ports)

    @property
    def target(self) -> Target:
        """The stream."""
        return Target("stream", f"{self.server}/{self.key.spelled}", self.key.shown)

    @property
    def lock(self) -> str:
        """What every plan on this stream holds, so that no two of ours meet in it."""
        return f"stream:{self.server}/{self.key.spelled}"

    def place(self, group: GroupFacts) -> Place:
        """Return where a group is."""
        return Place(self.server, self.key, group.name)

    def group(self, wanted: str) -> GroupFacts:
        """Return the group of this name, or the only one.

        Raises:
            ActionError: there is none, or more than one.
        """
        name = KeyName.read(wanted)
        for one in self.groups:
            if one.name == name or (not wanted and len(self.groups) == 1):
                return one
        known = ", ".join(one.name.shown for one in self.groups) or "none"
        what = f"no group {name.shown!r}" if wanted else "not one group alone"
        raise ActionError(f"{self.key.shown} has {what}; --set group= one of: {known}")

    def group_target(self, group: GroupFacts) -> Target:
        """Return a group as a target."""
        words = f"{self.server}/{self.key.spelled}/{group.name.spelled}"
        return Target("group", words, clean(f"{group.name.shown} of {self.key.shown}"))

    def entries(self, ids: Sequence[EntryId]) -> tuple[Target, ...]:
        """Return entries as targets: their number is what is typed."""
        where = f"{self.server}/{self.key.spelled}"
        return tuple(Target("entry", f"{where}/{one}", clean(str(one))) for one in ids)

    async def flights(self, *commands: Sequence[Word]) -> tuple[Preflight, ...]:
        """Look whether these commands would be taken: by a master, from our user."""
        found: list[Preflight] = []
        if self.state.role != "master":
            text = "READONLY: it is a replica, which takes no changes"
            found.append(stop_flight("role", text, "name its master in the configuration"))
        for one in await self.control.refusals(self.server, commands):
            is_ours = one.startswith("NOPERM")
            words = " ".join(f"+{str(command[0]).lower()}" for command in commands)
            remedy = f"allow it: ACL SETUSER … {words} ~{self.key.shown}" if is_ours else ""
            found.append(stop_flight("user" if is_ours else "command", one, remedy))
        return (*found, passed("server", state_text(self.state)))

    def traits(
        self,
        group: GroupFacts | None = None,
        consumer: KeyName | None = None,
        *,
        is_at: bool = False,
    ) -> tuple[DraftTrait, ...]:
        """Return what must not change: the server's run, the stream, and what is named of it."""
        one = StreamTrait(
            self.server,
            self.key.spelled,
            group.name.spelled if group else "",
            consumer.spelled if consumer else "",
            is_at,
        )
        return (
            DraftTrait(clean(self.server), RedisTrait(self.server)),
            DraftTrait(clean(self.key.shown), one),
        )

    def nothing(self, title: SafeText, why: Sequence[Preflight]) -> Draft:
        """Return the draft of what cannot be done; its checks say why."""
        return Draft(title=title, targets=(self.target,), steps=(), preflight=tuple(why))


async def ground_of(site: Site, target: str, group: str = "") -> Ground:
    """Look at the stream that `system/NAME` means: a key, or what the configuration calls one.

    Args:
        site: What is configured, and ports.
        target: As asked for.
        group: Where several keys are in use for one name, only those that have it are meant.

    Raises:
        ActionError: there is no such stream, or more than one.
        ClientError: the server cannot be looked at.
    """
    server = redis_of_system(site, target)
    control, name = streams_of(site.ports), target.partition("/")[2]
    state = await redis_of(site.ports).state(server.server)
    grounds: list[Ground] = []
    for key in _keys_of(server, name):
        facts = await control.stream(server.server, key)
        if facts is not None:
            groups = await control.groups(server.server, key)
            spec = spec_of(server, key)
            grounds.append(Ground(site.ports, server.server, spec, key, facts, groups, state))
    wanted = KeyName.read(group)
    fitting = [one for one in grounds if any(row.name == wanted for row in one.groups)]
    named = [one for one in (fitting or grounds) if one.key == KeyName.read(name)]
    found = named or fitting or grounds
    if len(found) == 1:
        return found[0]
    if not found:
        keys = ", ".join(one.shown for one in _keys_of(server, name))
        raise ActionError(f"{server.server} has no stream {keys}")
    keys = ", ".join(one.key.shown for one in found)
    raise ActionError(f"{clean(name)} is several streams; name the one: {keys}")


def _keys_of(server: RedisSpec, name: str) -> tuple[KeyName, ...]:
    """Return the keys that a name may mean, as it is written first."""
    keys = [KeyName.read(name)]
    for one in server.streams:
        keys += [KeyName.read(key) for key in one.keys if one.name == name]
    return tuple(dict.fromkeys(keys))


@part
@dataclass(frozen=True, slots=True)
class StreamTrait:
    """That a stream is there, a group of it, a consumer with as many pending entries as it had."""

    kind: ClassVar[str] = "trait.stream"

    server: str
    key: str
    group: str = ""
    consumer: str = ""
    is_at: bool = False
    """Whether the group must stand where it stood."""

    async def read(self, ports: Ports) -> SafeText:
        """Return what is there of it."""
        control, key = streams_of(ports), KeyName.read(self.key)
        if await control.stream(self.server, key) is None:
            return SafeText("no such key")
        if not self.group:
            return SafeText("a stream")
        groups = {one.name: one for one in await control.groups(self.server, key)}
        group = groups.get(KeyName.read(self.group))
        if group is None:
            return clean(f"a stream without group {self.group}")
        words = f"group {self.group}{f' at {group.last_delivered}' if self.is_at else ''}"
        if not self.consumer:
            return clean(words)
        rows = await control.consumers(Place(self.server, key, group.name))
        counts = {one.name: one.pending for one in rows}
        pending = counts.get(KeyName.read(self.consumer))
        said = "not there" if pending is None else f"{pending} pending"
        return clean(f"{words}, {self.consumer}: {said}")


def ids_of(text: str) -> tuple[EntryId, ...]:
    """Return the ids of an input, each once, the oldest first.

    Raises:
        ActionError: one of them is none, or they are too many.
    """
    found: set[EntryId] = set()
    for word in filter(None, (one.strip() for one in text.split(","))):
        one = EntryId.read(word)
        if one is None:
            raise ActionError(f"{clean(word)!r} is no entry id; one looks like 1773479613000-0")
        found.add(one)
    if len(found) > MOST:
        raise ActionError(f"{len(found)} entries are too many for one plan; at most {MOST}")
    return tuple(sorted(found))


def id_input(text: str, last: EntryId) -> EntryId:
    """Return an id, `0` for the start of a stream or `$` for its end.

    Raises:
        ActionError: it is none of these.
    """
    found = last if text == "$" else EntryId.read(text)
    if found is None:
        raise ActionError(f"{clean(text)!r} is no entry id; 0 is the start, $ the end")
    return found


def duration_s(name: str, text: str, default_s: float) -> float:
    """Return an input that is a duration.

    Raises:
        ActionError: it is none.
    """
    found = parse_duration_ms(text) if text else default_s * 1000
    if found is None:
        raise ActionError(f"{name} is a duration such as 60s or 1h, not {clean(text)!r}")
    return found / 1000


def count_input(name: str, text: str, default: int, most: int = MOST) -> int:
    """Return an input that is a number of entries, from 1 on.

    Raises:
        ActionError: it is none, or too large.
    """
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= most):
        raise ActionError(f"{name} is a number from 1 to {most}, not {clean(text)!r}")
    return int(text)


def parts_of(rows: Sequence[_T]) -> Iterator[tuple[_T, ...]]:
    """Yield rows in the portions of one step."""
    for at in range(0, len(rows), PART):
        yield tuple(rows[at : at + PART])


def cut(lines: Sequence[SafeText], what: str) -> tuple[SafeText, ...]:
    """Return the first lines, and how many more there are."""
    if len(lines) <= _SHOWN:
        return tuple(lines)
    return (*lines[:_SHOWN], clean(f"and {len(lines) - _SHOWN} more {what}"))


def counted(number: int, noun: str, nouns: str = "") -> str:
    """Return `1 entry`, `2 entries`."""
    return f"{number} {noun if number == 1 else nouns or f'{noun}s'}"


def entries_text(number: int) -> str:
    """Return `1 entry`, `2 entries`."""
    return counted(number, "entry", "entries")


def span(seconds: float) -> str:
    """Return a duration in its largest whole unit: `45 s`, `2 h`."""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds:.3g} s"
