"""How it is seen that keys are as they should be: the file read again, and the server asked."""

from dataclasses import dataclass
from typing import ClassVar

from core.actions.families.key_look import ids_of, read_shape, short
from core.actions.families.key_making import new_key
from core.actions.part import Proven, part
from core.actions.ports import Ports
from core.actions.work import Work
from core.errors import ActionError, ClientError
from core.keys.store.edits import Marked
from core.model.action import Proof
from core.model.secret import Secret
from core.model.text import SafeText, clean

MOST_ASKED = 50
"""Keys that the server is asked about for one action."""
_TIMEOUT_S = 5.0
_ALWAYS_REFUSED = 403
_NO_SUCH_METHOD = 405
_NOT_UNDERSTOOD = 422
_TRIES, _TRY_AGAIN_S = 5, 1.0
"""A server may read its file a moment later."""


@part
@dataclass(frozen=True, slots=True)
class KeysShown:
    """A file, read again, says that keys are active, or not."""

    kind: ClassVar[str] = "evidence.keys_shown"
    path: str
    marks: tuple[str, ...]
    is_active: bool
    tiers: tuple[str, ...] = ()

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Read it."""
        try:
            marked = Marked(await ids_of(ports), await read_shape(ports, self.path, self.tiers))
            wrong = [
                mark
                for mark, one in zip(self.marks, marked.there(self.marks), strict=True)
                if one.is_active is not self.is_active
            ]
        except ClientError as error:
            return Proven(Proof.FAILED, clean(f"{self.path}: {error}"))
        word = "active" if self.is_active else "inactive"
        if wrong:
            return Proven(Proof.FAILED, clean(f"{short(wrong[0])} is not {word} in {self.path}"))
        return Proven(Proof.VERIFIED, clean(f"{len(self.marks)} {word} in {self.path}"))


@dataclass(frozen=True, slots=True)
class Asked:
    """What the server said of one key."""

    is_live: bool | None
    """None: nobody can tell from the answer."""
    text: SafeText


async def ask(ports: Ports, url: str, header: str, refused: int, key: Secret) -> Asked:
    """Ask the server with a key.

    A route that takes no GET is asked with a POST of nothing, which it refuses for its content
    once the key is accepted.
    """
    if ports.prober is None:
        return Asked(None, SafeText("the server cannot be asked from here"))
    status = 0
    for method in ("GET", "POST"):
        try:
            answer = await ports.prober.call(method, url, _TIMEOUT_S, headers=((header, key),))
        except (ClientError, ActionError) as error:
            return Asked(None, clean(f"the server could not be asked: {error}"))
        status = answer.status
        if status != _NO_SUCH_METHOD:
            break
    return Asked(judged(status, refused), clean(f"the server answers {status}"))


def judged(status: int, refused: int) -> bool | None:
    """Return whether an answer means that a key is live; None: it means neither. Pure."""
    if status in {refused, 401, _ALWAYS_REFUSED}:
        return False
    return True if status < 300 or status == _NOT_UNDERSTOOD else None


@part
@dataclass(frozen=True, slots=True)
class ServerSays:
    """The server takes keys, or refuses them."""

    kind: ClassVar[str] = "evidence.server_says"
    url: str
    header: str
    refused: int
    path: str
    """Where the keys are."""
    marks: tuple[str, ...]
    is_live: bool
    tiers: tuple[str, ...] = ()
    token: str = ""
    """Of new keys that wait; their marks are not known when it is planned."""
    count: int = 0
    """So many of those."""

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Ask, and ask again for a moment: what it answers decides, never what was written."""
        try:
            keys = await self._keys(ports)
        except ClientError as error:
            return Proven(Proof.UNVERIFIED, clean(f"{self.path}: {error}"))
        if not keys:
            text = "only hashes are kept: no key is known to ask the server with"
            return Proven(Proof.UNVERIFIED, clean(text))
        for key in keys[:MOST_ASKED]:
            asked = await self._asked(ports, key)
            if asked.is_live is not self.is_live:
                return Proven(Proof.UNVERIFIED, clean(f"{asked.text}: {self._doubt(asked)}"))
        word = "takes" if self.is_live else "refuses"
        if len(keys) > MOST_ASKED:
            text = f"the server {word} the {MOST_ASKED} that it was asked about, of {len(keys)}"
            return Proven(Proof.UNVERIFIED, clean(text))
        what = "it" if len(keys) == 1 else f"all {len(keys)}"
        return Proven(Proof.VERIFIED, clean(f"the server {word} {what}"))

    async def _asked(self, ports: Ports, key: Secret) -> Asked:
        for _ in range(_TRIES - 1):
            asked = await ask(ports, self.url, self.header, self.refused, key)
            if asked.is_live is self.is_live:
                return asked
            await ports.clock.sleep(_TRY_AGAIN_S)
        return await ask(ports, self.url, self.header, self.refused, key)

    def _doubt(self, asked: Asked) -> str:
        if asked.is_live is None:
            return "that says neither that it takes the key nor that it refuses it"
        if self.is_live:
            return "it does not take the new key: it reads another file, or has to be restarted"
        return (
            "the key is STILL LIVE, although the file says otherwise: the server reads another"
            " file, or keeps keys in memory and has to be restarted"
        )

    async def _keys(self, ports: Ports) -> list[Secret]:
        if self.token:
            found = [await new_key(ports, self.token, at) for at in range(self.count)]
            return [one for one in found if one is not None]
        shape = await read_shape(ports, self.path, self.tiers)
        records = Marked(await ids_of(ports), shape).there(self.marks)
        return [Secret(one.identity) for one in records if not one.is_hash]
