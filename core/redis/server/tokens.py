"""Finds the tokens that the profile names: whose they are and how long they live."""

import json
import re
from collections.abc import Mapping, Sequence

from core.clients.clock import Clock
from core.clients.keyspace.port import SCAN_START, KeyContent, Keyspace, ScanPlace
from core.model.masking import mask_text
from core.model.redis_key import KeyName
from core.model.redis_server import TokenRow, Tokens
from core.model.redis_spec import RedisSpec
from core.model.stream import Progress
from core.model.text import EMPTY, SafeText, clean
from core.redis.globs import is_pattern
from core.redis.server.counted import Counted
from core.redis.server.families import Tally, is_token_family, purpose_of

ROWS_KEPT = 500
SHOWN_CHARS = 8
"""Of a token's own part of its key: enough to tell two apart, too little to use one."""
_AT_ONCE = 50
_OWNER_CHARS = 64
_KEY_CHARS = 80
_OWNER_FIELDS = ("user", "username", "user_id", "userid", "sub", "subject", "owner", "email",
                 "client_id", "client", "uid")  # fmt: skip
_PARTS_OF_OWNER = ("username", "name", "id")
_NAMED_OWNER = re.compile(r"(?:user|sub|uid|client)[:=](?P<name>[\w.@+-]{1,64})", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")


def token_patterns(spec: RedisSpec) -> tuple[str, ...]:
    """Return the keys and patterns of the profile's tokens and revocations."""
    families = [one for one in spec.families if is_token_family(one)]
    return tuple(dict.fromkeys(key for one in families for key in one.keys))


def masked_token(key: KeyName) -> SafeText:
    """Return a token's key with only the beginning of its own part: it may be the token itself."""
    spelled = key.spelled
    # A token may hold dots and slashes; a colon is nobody's but the key's.
    begin = spelled.rfind(":") + 1 or min(_ends(spelled), default=0)
    own = spelled[begin:]
    return clean(spelled[:begin] + (f"{own[:SHOWN_CHARS]}…" if len(own) > SHOWN_CHARS else own))


def shown_key(key: KeyName, *, is_token: bool) -> SafeText:
    """Return a key for the screen: of a token its beginning, of others what is no secret."""
    return masked_token(key) if is_token else clean(mask_text(key.spelled), _KEY_CHARS)


def _ends(spelled: str) -> list[int]:
    return [at + 1 for sign in "/." if (at := spelled.find(sign)) >= 0]


def owner_of(content: KeyContent) -> SafeText:
    """Return whose a token is, as far as its value tells: never a part of the token itself."""
    if content.fields is not None:
        named = {name.decode("utf-8", "replace"): one.data for name, one in content.fields.items()}
        return _owner_among({name: data.decode("utf-8", "replace") for name, data in named.items()})
    if content.text is None:
        return EMPTY
    text = content.text.data.decode("utf-8", "replace").strip()
    if text.startswith("{"):
        try:
            value: object = json.loads(text)
        except (ValueError, RecursionError):
            return EMPTY
        return _owner_among(value) if isinstance(value, dict) else EMPTY  # pyright: ignore[reportUnknownArgumentType] - any JSON object
    found = _NAMED_OWNER.fullmatch(text)
    if found is not None:
        return _shown_owner(found["name"])
    return _shown_owner(text) if _EMAIL.fullmatch(text) else EMPTY


def _owner_among(fields: Mapping[str, object]) -> SafeText:
    by_name = {str(name).lower(): value for name, value in fields.items()}
    for name in _OWNER_FIELDS:
        value = by_name.get(name)
        if isinstance(value, str | int) and value != "":
            return _shown_owner(str(value))
        if isinstance(value, dict):
            return _part_of_owner(value)  # pyright: ignore[reportUnknownArgumentType] - any JSON object
    return EMPTY


def _part_of_owner(owner: Mapping[str, object]) -> SafeText:
    parts = [owner.get(name) for name in _PARTS_OF_OWNER]
    found = next((part for part in parts if isinstance(part, str | int)), None)
    return EMPTY if found is None else _shown_owner(str(found))


def _shown_owner(text: str) -> SafeText:
    return clean(mask_text(text), _OWNER_CHARS)


class TokenScan:
    """One search for tokens: `step` until `is_done`; `view` at any time.

    Args:
        spec: What the profile says.
        total: How many keys there are, as DBSIZE said.
        looks: How many tokens may be read; the others are only counted.
        clock: For the time it takes.
    """

    def __init__(self, spec: RedisSpec, total: int | None, looks: int, clock: Clock) -> None:
        self._patterns = token_patterns(spec)
        self._notes = tuple(clean(one.note) for one in spec.families if is_token_family(one))
        self._total, self._left, self._clock = total, looks, clock
        self._began_s = clock.monotonic()
        self._waiting = list(self._patterns)
        self._place: ScanPlace = SCAN_START
        # Matched here too: a match by the server may be wider than what the profile says.
        self._tally = Tally(tuple(purpose_of(one, "") for one in self._patterns))
        self._seen = Counted(total or 0)
        self._rows: list[TokenRow] = []
        self._counted = self._looked_at = self._without_ttl = 0
        self._at_s: float | None = None

    @property
    def is_done(self) -> bool:
        """Whether every pattern was looked for to the end."""
        return not self._waiting

    async def step(self, keyspace: Keyspace) -> None:
        """Take one slice.

        Raises:
            ClientError: the server cannot be asked.
        """
        if not self._waiting:
            return
        pattern = self._waiting[0]
        if not is_pattern(pattern):
            keys: tuple[KeyName, ...] = (KeyName.read(pattern),)
            self._place = ScanPlace(is_done=True)
        else:
            self._place, keys = await keyspace.scan(self._place, pattern)
        fresh = [key for key in keys if self._is_token(key)]
        read = fresh[: self._left]
        for start in range(0, len(read), _AT_ONCE):
            await self._read(keyspace, read[start : start + _AT_ONCE])
        self._left -= len(read)
        self._counted += len(fresh) - len(read)
        self._at_s = self._clock.monotonic()
        if self._place.is_done:
            self._waiting.pop(0)
            self._place = SCAN_START

    def _is_token(self, key: KeyName) -> bool:
        return self._tally.purpose_of(key.raw) is not None and self._seen.is_new(key.raw)

    async def _read(self, keyspace: Keyspace, keys: Sequence[KeyName]) -> None:
        for content in await keyspace.contents(keys):
            if content.look.kind == "none":
                continue
            self._counted += 1
            self._looked_at += 1
            self._without_ttl += content.look.ttl_s is None
            look = content.look
            self._rows.append(TokenRow(content.key, owner_of(content), look.ttl_s, look.kind))
        self._rows.sort(key=_urgency)
        del self._rows[ROWS_KEPT:]

    def view(self, stopped: SafeText = EMPTY) -> Tokens:
        """Return what was found; what lives for good comes first."""
        return Tokens(
            rows=tuple(self._rows),
            counted=self._counted,
            without_ttl=self._without_ttl,
            progress=Progress(
                examined=self._counted,
                total=None,
                is_complete=self.is_done,
                elapsed_s=self._clock.monotonic() - self._began_s,
                stopped=EMPTY if self.is_done else stopped,
            ),
            notes=tuple(note for note in self._notes if note),
            patterns=tuple(clean(one) for one in self._patterns),
            looked_at=self._looked_at,
            at_s=self._at_s,
        )


def _urgency(row: TokenRow) -> tuple[bool, float, bytes]:
    return row.ttl_s is not None, row.ttl_s or 0.0, row.key.raw
