"""Steps that make keys and hand them over. A key is in a private file until somebody has it."""

import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

from core.actions.families.files_steps import facts_of
from core.actions.families.key_look import ids_of, keys_of, named_marks, read_shape, short
from core.actions.families.key_steps import removed_lines, removed_name, told
from core.actions.part import BareStep, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.work import Work, digest
from core.errors import ClientError, ClientGarbled, ClientMissing, StepFailedError
from core.keys.ids import masked
from core.keys.store.edits import Insert, Marked, NewKey, Remove, shape_of
from core.keys.store.making import make_key, packed, unpacked
from core.model.secret import Secret
from core.model.text import SafeText, clean

_PLAIN, _MARKS = "plain", "marks"
_MODE = 0o600

Wish = tuple[str, str, int | None, str]
"""Mark of the key whose record it is like (empty: the newest one's), tier, quota, name."""


@part
@dataclass(frozen=True, slots=True)
class AddKeys:
    """Makes keys and writes them into one file of a store."""

    kind: ClassVar[str] = "key.add"
    can_undo: ClassVar[bool] = True
    path: str
    system: str
    store: str
    token: str
    """Where they wait for whoever they are for; known to this plan alone."""
    prefix: str
    wishes: tuple[Wish, ...]
    """Of all files together: the first step makes all keys."""
    mine: tuple[int, ...]
    """Which of them this file gets."""
    is_first: bool = True
    """Undone last: only then is what waits forgotten."""
    tiers: tuple[str, ...] = ()

    @property
    def _marks_name(self) -> str:
        return marks_name(self.token, self.path)

    async def observe(self, ports: Ports) -> Seen:
        """See whether what was made is in the file."""
        marks = await self._marks(ports)
        if not marks:
            return Seen(Sight.BEFORE, SafeText("no key has been made"))
        try:
            shape = await read_shape(ports, self.path, self.tiers)
        except ClientError as error:
            return Seen(Sight.NEITHER, clean(f"{self.path}: {error}"))
        marked = Marked(await ids_of(ports), shape)
        there = sum(marked.find(mark) is not None for mark in marks)
        text = clean(f"{there} of {len(marks)} new keys in {self.path}: {named_marks(marks)}")
        if there == len(marks):
            return Seen(Sight.AFTER, text)
        return Seen(Sight.NEITHER if there else Sight.BEFORE, text)

    async def save(self, ports: Ports, work: Work) -> None:
        """The copy is kept beside the others, before the write."""

    async def apply(self, ports: Ports, work: Work) -> None:
        """Make them where that is not done, and write them."""
        keys = await self._made(ports)
        edit = Insert(
            ids=await ids_of(ports), tiers=self.tiers, keys=tuple(keys[one] for one in self.mine)
        )
        marks = await self._marks(ports) or await self._mark(ports, edit)
        work.say(told(await keys_of(ports).change(self.path, edit, work.action_id)))
        shown = ", ".join(
            f"{short(mark)} {masked(one.key.reveal())}"
            for mark, one in zip(marks[:20], edit.keys, strict=False)
        )
        work.say(clean(f"new: {shown}"))

    async def undo(self, ports: Ports, work: Work) -> None:
        """Take them away again; nobody has them yet, or what they have is dead."""
        marks = await self._marks(ports)
        if marks:
            control, ids = keys_of(ports), await ids_of(ports)
            name = removed_name(self.system, self.store)
            await control.note(name, removed_lines(marks, ports.clock.now()))
            edit = Remove(ids=ids, tiers=self.tiers, marks=marks)
            work.say(told(await control.change(self.path, edit, work.action_id)))
        await keys_of(ports).forget(self.token if self.is_first else self._marks_name)

    async def _made(self, ports: Ports) -> tuple[NewKey, ...]:
        async def taken() -> set[str]:
            shape = await read_shape(ports, self.path, self.tiers)
            return {one.identity for one in shape.all_records}

        return await made_keys(ports, self.token, self.prefix, self.wishes, taken)

    async def _marks(self, ports: Ports) -> tuple[str, ...]:
        data = await keys_of(ports).handed(self._marks_name)
        return tuple((data or b"").decode("ascii", "replace").split())

    async def _mark(self, ports: Ports, edit: Insert) -> tuple[str, ...]:
        """Write down what the new keys are called, by trying the edit: a hash has another mark."""
        data, tries = await keys_of(ports).read(self.path), 10
        while True:
            try:
                tried = shape_of(edit.edited(data), self.tiers)
                break
            except ClientGarbled:
                tries -= 1
                if not tries:
                    raise
                await ports.clock.sleep(0.02)
                data = await keys_of(ports).read(self.path)
        before = {one.identity for one in shape_of(data, self.tiers).all_records}
        marks = tuple(
            edit.ids.mark(one.identity) for one in tried.all_records if one.identity not in before
        )
        await keys_of(ports).hand_in(self._marks_name, " ".join(marks).encode())
        return marks


async def made_keys(
    ports: Ports,
    token: str,
    prefix: str,
    wishes: tuple[Wish, ...],
    read_taken: Callable[[], Awaitable[set[str]]],
) -> tuple[NewKey, ...]:
    """Return the keys that wait under a token, made where none do: a step may be done again.

    Args:
        ports: Keep them.
        token: Known to this plan alone.
        prefix: What they begin with.
        wishes: What is wanted, in the order of the keys.
        read_taken: Reads the keys, or hashes, that the store has; asked where keys are made.

    Raises:
        StepFailedError: they could not be kept.
        ClientError: the store cannot be read.
    """
    control = keys_of(ports)
    waiting = await control.handed(token)
    if waiting is None:
        taken, now, made = await read_taken(), ports.clock.now(), list[NewKey]()
        for like, tier, quota, name in wishes:
            key = make_key(prefix, taken)
            taken.add(key.reveal())
            made.append(NewKey(key, like, tier, quota, now, name))
        await control.hand_in(token, packed(tuple(made)))
        waiting = await control.handed(token)
    if waiting is None:
        raise StepFailedError("the new keys could not be kept")
    keys = unpacked(waiting)
    await control.hand_in(plain_name(token), export_of(keys))
    return keys


def export_of(keys: tuple[NewKey, ...]) -> bytes:
    """Return what is handed over: one key alone, or several with whom each is for."""
    if len(keys) == 1:
        return keys[0].key.reveal().encode()
    rows = [
        {
            "instead_of": short(one.like) if one.like else "",
            "name": one.name,
            "tier": one.tier,
            "key": one.key.reveal(),
        }
        for one in keys
    ]
    return f"{json.dumps({'keys': rows}, indent=2)}\n".encode()


@part
@dataclass(frozen=True, slots=True)
class HandToFile:
    """Writes new keys to a new file that only its owner reads."""

    kind: ClassVar[str] = "key.to_file"
    can_undo: ClassVar[bool] = True
    token: str
    path: str

    async def observe(self, ports: Ports) -> Seen:
        """See whether it is there, and is ours."""
        facts = await facts_of(ports, self.path)
        if facts is None:
            return Seen(Sight.BEFORE, clean(f"there is no {self.path}"))
        waiting = await keys_of(ports).handed(f"{self.token}{_PLAIN}")
        if waiting is not None and facts.sha256 != digest(waiting):
            # To us nothing has been done: it is left alone, and never written over.
            return Seen(Sight.BEFORE, clean(f"{self.path} is another one's file"))
        return Seen(Sight.AFTER, clean(f"{self.path} is there, {facts.mode:04o}"))

    async def save(self, ports: Ports, work: Work) -> None:
        """Nothing is there before."""

    async def apply(self, ports: Ports, work: Work) -> None:
        """Write it, once."""
        if self.path.rpartition("/")[0] == await keys_of(ports).exports():
            await keys_of(ports).exports(is_made=True)
        await ports.files.clear_temporary(self.path, work.action_id)
        if (await self.observe(ports)).sight is Sight.AFTER:
            return
        data = await _waiting(ports, self.token)
        await ports.files.create(self.path, data, _MODE, work.action_id)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Remove it: what is in it is dead. Another one's file stays."""
        with suppress(ClientMissing):  # our folder for them was not made yet
            await ports.files.clear_temporary(self.path, work.action_id)
        waiting = await keys_of(ports).handed(f"{self.token}{_PLAIN}")
        facts = await facts_of(ports, self.path)
        if waiting is not None and facts is not None and facts.sha256 == digest(waiting):
            await ports.files.remove(self.path, facts.sha256)


async def _waiting(ports: Ports, token: str) -> bytes:
    data = await keys_of(ports).handed(f"{token}{_PLAIN}")
    if data is None:
        raise StepFailedError("the new key is gone: it has been handed over, or was never made")
    return data


def marks_name(token: str, path: str) -> str:
    """Return the name under which the marks of a file's new keys wait."""
    return f"{token}{_MARKS}{digest(path.encode())[:8]}"


def plain_name(token: str) -> str:
    """Return the name under which what is handed over waits."""
    return f"{token}{_PLAIN}"


@part
@dataclass(frozen=True, slots=True)
class HandToConsole(BareStep):
    """Leaves a new key in the action's folder, where the console takes it once."""

    kind: ClassVar[str] = "key.to_console"
    token: str

    async def observe(self, ports: Ports) -> Seen:
        """See whether it still waits."""
        waits = await keys_of(ports).handed(f"{self.token}{_PLAIN}") is not None
        text = "it waits" if waits else "it lies in the action's folder, until it is shown once"
        return Seen(Sight.BEFORE if waits else Sight.AFTER, clean(text))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Move it."""
        await keys_of(ports).reveal(f"{self.token}{_PLAIN}", work.folder)


@part
@dataclass(frozen=True, slots=True)
class ForgetKeys(BareStep):
    """Removes what waited, once everything was proven."""

    kind: ClassVar[str] = "key.forget"
    token: str

    async def observe(self, ports: Ports) -> Seen:
        """See whether anything waits."""
        names = (self.token, f"{self.token}{_PLAIN}")
        waits = [one for one in names if await keys_of(ports).handed(one) is not None]
        text = "what waited is still there" if waits else "nothing of it waits any more"
        return Seen(Sight.BEFORE if waits else Sight.AFTER, clean(text))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Remove it."""
        await keys_of(ports).forget(self.token)


async def new_key(ports: Ports, token: str, at: int) -> Secret | None:
    """Return a new key while it waits; None: it is gone."""
    waiting = await keys_of(ports).handed(token)
    keys = unpacked(waiting) if waiting is not None else ()
    return keys[at].key if at < len(keys) else None
