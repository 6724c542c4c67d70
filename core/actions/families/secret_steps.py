"""Steps and proofs around secrets that are made here: where they are made nobody sees them.

A new value is made by the executor, kept in the action's folder and written to its file. Plans,
journals and records know its variable and its length.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, ClassVar

from core.actions.families.files_steps import Change, copy_name, facts_of, hash_of, put_back
from core.actions.part import Proven, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.results import forget, prepare_folder
from core.actions.work import Work, digest
from core.errors import ClientMissing, StepFailedError
from core.model.action import Proof
from core.model.env_text import parse_env, set_variable
from core.model.text import clean

_MODE = 0o600
_NEW = "secret.new"
"""The copy that holds the new value: every file of one action gets the same."""
KEPT_OLD = "secret.old"
"""The copy that holds the old value alone, as `secret.set` takes it."""
_LOOKS_AT_S = (0.0, 0.5, 1.5)


def hex_value(size_bytes: int) -> str:
    """Return a random value: two hexadecimal digits for each byte."""
    return token_hex(size_bytes)


def rotated(data: bytes, variable: str, previous: str, value: str) -> bytes:
    """Return an env file with a new value; the one before goes to `previous`, where that is named.

    Raises:
        ActionError: it cannot be written so that every reader gets it.
    """
    old = parse_env(data).values().get(variable, "")
    if previous and old:
        data = set_variable(data, previous, old)
    return set_variable(data, variable, value)


def old_value(work: Work, path: str, variable: str) -> str:
    """Return what a secret was before the action; empty: nothing."""
    return parse_env(work.kept(f"{copy_name(path)}.old")).values().get(variable, "")


def new_value(work: Work) -> str:
    """Return what a secret is after the action."""
    return work.kept(_NEW).decode("ascii")


@part
@dataclass(frozen=True, slots=True)
class RotateSecret:
    """Puts a new random value into one env file. Its bytes are known only once it is done."""

    kind: ClassVar[str] = "secret.rotate"
    can_undo: ClassVar[bool] = True
    path: str
    before: str
    """SHA-256."""
    variable: str
    previous: str
    """The variable that keeps the value before; empty: none does."""
    size_bytes: int
    result: str
    """Where the hash of the new bytes is written: a recovery has to know them again."""

    async def observe(self, ports: Ports) -> Seen:
        """Look at the bytes."""
        found = hash_of(await facts_of(ports, self.path))
        if found == self.before:
            return Seen(Sight.BEFORE, clean(f"{self.path} is as it was"))
        if found and found == await _written_hash(ports, self.result):
            return Seen(Sight.AFTER, clean(f"{self.path} has a new {self.variable}"))
        text = f"{self.path} is neither as it was nor as it was written: {found[:12] or 'absent'}"
        return Seen(Sight.NEITHER, clean(text))

    async def save(self, ports: Ports, work: Work) -> None:
        """Make the value, where no other file of this action has, and keep old and new bytes."""
        old = await ports.files.read(self.path)
        if digest(old) != self.before:
            raise StepFailedError(f"{clean(self.path)} has changed since the plan")
        if not work.has(_NEW):
            work.keep(_NEW, hex_value(self.size_bytes).encode("ascii"))
        before = parse_env(old).values().get(self.variable, "")
        if before and not work.has(KEPT_OLD):
            work.keep(KEPT_OLD, before.encode("utf-8", "surrogateescape"))
        new = rotated(old, self.variable, self.previous, new_value(work))
        work.keep(f"{copy_name(self.path)}.old", old)
        work.keep(f"{copy_name(self.path)}.new", new)

    async def apply(self, ports: Ports, work: Work) -> None:
        """Write it: what will be there first, then the file."""
        new = work.kept(f"{copy_name(self.path)}.new")
        await ports.files.clear_temporary(self.path, work.action_id)
        await self._tell(ports, work, digest(new))
        if hash_of(await facts_of(ports, self.path)) != digest(new):
            await ports.files.replace(self.path, new, self.before, work.action_id)

    async def _tell(self, ports: Ports, work: Work, sha256: str) -> None:
        if await _written_hash(ports, self.result) == sha256:
            return
        await prepare_folder(ports, self.result)
        await forget(ports, self.result, work)
        data = json.dumps({"sha256": sha256}).encode("ascii")
        await ports.files.create(self.result, data, _MODE, work.action_id)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Put the old bytes back."""
        after = digest(work.kept(f"{copy_name(self.path)}.new"))
        change: Change = (self.path, self.before, after, copy_name(self.path))
        await put_back(ports, work, change)
        await forget(ports, self.result, work)


async def _written_hash(ports: Ports, result: str) -> str:
    """Return the hash that was told before writing; empty: nothing was."""
    try:
        document: Any = json.loads(await ports.files.read(result))
        return str(document["sha256"])
    except (ClientMissing, ValueError, KeyError, TypeError):
        return ""


@part
@dataclass(frozen=True, slots=True)
class SecretStays:
    """A file holds the new value, its owner and mode are as before, nobody rewrites it at once."""

    kind: ClassVar[str] = "evidence.secret_stays"
    path: str
    looks: tuple[int, ...]
    """Mode, user, group."""

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Read it again and again for two seconds."""
        wanted = digest(work.kept(f"{copy_name(self.path)}.new"))
        for wait_s in _LOOKS_AT_S:
            await ports.clock.sleep(wait_s)
            facts = await facts_of(ports, self.path)
            if facts is None or facts.sha256 != wanted:
                gone = "is gone" if facts is None else "was rewritten by another program"
                return Proven(Proof.FAILED, clean(f"{self.path} {gone}"))
            looks = (facts.mode, facts.uid, facts.gid)
            if looks != self.looks:
                text = f"{self.path} is {looks[1]}:{looks[2]} {looks[0]:04o} now"
                return Proven(Proof.FAILED, clean(text))
        return Proven(Proof.VERIFIED, clean(f"{self.path} holds the new value"))


@part
@dataclass(frozen=True, slots=True)
class MakeSecretFile:
    """Makes a new private file with a random value in it, and nothing else."""

    kind: ClassVar[str] = "secret.make_file"
    can_undo: ClassVar[bool] = True
    path: str
    size_bytes: int

    async def observe(self, ports: Ports) -> Seen:
        """See whether it is there, private and of the right length."""
        facts = await facts_of(ports, self.path)
        if facts is None:
            return Seen(Sight.BEFORE, clean(f"there is no {self.path}"))
        is_made = facts.mode == _MODE and facts.size_bytes == 2 * self.size_bytes + 1
        sight = Sight.AFTER if is_made else Sight.NEITHER
        text = f"{self.path} is there, {facts.size_bytes} bytes, {facts.mode:04o}"
        return Seen(sight, clean(text))

    async def save(self, ports: Ports, work: Work) -> None:
        """Nothing is needed for a way back."""

    async def apply(self, ports: Ports, work: Work) -> None:
        """Make it; its value is in no other place."""
        if ports.results and self.path.startswith(f"{ports.results}/"):
            await prepare_folder(ports, self.path)
        await ports.files.clear_temporary(self.path, work.action_id)
        if await facts_of(ports, self.path) is None:
            data = f"{hex_value(self.size_bytes)}\n".encode("ascii")
            await ports.files.create(self.path, data, _MODE, work.action_id)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Remove it, if it is what was made."""
        with suppress(ClientMissing):  # its folder was never made
            await ports.files.clear_temporary(self.path, work.action_id)
        if (await self.observe(ports)).sight is Sight.AFTER:
            await ports.files.remove(self.path, digest(await ports.files.read(self.path)))


@part
@dataclass(frozen=True, slots=True)
class IsRandomHex:
    """A file holds so many random bytes, as hexadecimal digits."""

    kind: ClassVar[str] = "evidence.random_hex"
    path: str
    size_bytes: int

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Read it; its text is told to nobody."""
        text = (await ports.files.read(self.path, 64 * 1024)).decode("ascii", "replace").strip()
        is_hex = len(text) == 2 * self.size_bytes and not set(text) - set("0123456789abcdef")
        if not is_hex:
            return Proven(Proof.FAILED, clean(f"{self.path} does not hold what was made"))
        return Proven(Proof.VERIFIED, clean(f"{len(text)} hexadecimal digits"))
