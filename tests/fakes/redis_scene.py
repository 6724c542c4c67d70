"""The Streams screen on scripted servers, with what a test wants to know of it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from textual.pilot import Pilot

from bench.scene import trouble
from bench.scene_redis import StillRedisDesk, redis_picture
from bench.scene_streams import ENGINE
from bench.still import StillConsole
from core.model.redis_key import KeyName
from core.model.redis_view import RedisPicture, RedisWish, Streams
from core.model.stream import EntryField, Stream, StreamEntry
from core.model.text import clean
from screens.streams import StreamsScreen
from tests.fakes.scripted import screen_text

_NAMES = {" ": "space", ">": "greater_than_sign", "=": "equals_sign", "<": "less_than_sign",
          "-": "minus", ":": "colon", ".": "full_stop", '"': "quotation_mark", "_": "underscore",
          "[": "left_square_bracket", "]": "right_square_bracket", "/": "slash"}  # fmt: skip


@dataclass
class StreamsConsole:
    """A console that shows streams."""

    app: StillConsole
    pilot: Pilot[None]

    @property
    def screen(self) -> StreamsScreen:
        front = self.app.front
        assert isinstance(front, StreamsScreen)
        return front

    @property
    def desk(self) -> StillRedisDesk:
        link = self.app._redis_link  # pyright: ignore[reportPrivateUsage]
        assert link is not None
        desk = link._desk  # pyright: ignore[reportPrivateUsage]
        assert isinstance(desk, StillRedisDesk)
        return desk

    @property
    def wishes(self) -> list[RedisWish]:
        return self.desk.wishes

    @property
    def text(self) -> str:
        return screen_text(self.app)

    @property
    def footer(self) -> str:
        return self.text.rstrip().splitlines()[-1]

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        await self.press(*(_NAMES.get(char, char) for char in text))

    async def show(self, picture: RedisPicture) -> None:
        """Have the servers answer so."""
        self.desk.picture = picture
        self.screen.redis = picture
        await self.pilot.pause()

    async def change(self, **changes: object) -> None:
        """Have the engine's server answer otherwise."""
        await self.show(changed(self.desk.picture, **changes))


def changed(picture: RedisPicture, **changes: object) -> RedisPicture:
    """Return a picture with other streams of the engine's server."""
    return replace(
        picture,
        streams=tuple(
            replace(one, **changes) if one.server == ENGINE else one  # pyright: ignore[reportArgumentType]
            for one in picture.streams
        ),
    )


def engine_of(picture: RedisPicture) -> Streams:
    """Return what is known of the streams of the engine's server."""
    found = picture.streams_of(ENGINE)
    assert found is not None
    return found


def renamed(stream: Stream, name: str) -> Stream:
    """Return a stream with another name and a reason that says it."""
    return replace(stream, key=KeyName(name.encode("utf-8", "replace")), reason=clean(name))


def holding(entry: StreamEntry, payload: str) -> StreamEntry:
    """Return an entry with this payload."""
    field = EntryField(clean(payload, 64), clean(payload), len(payload.encode("utf-8", "replace")))
    return replace(entry, fields=(field,), preview=clean(payload), is_json=False)


@asynccontextmanager
async def streams_console(
    size: tuple[int, int] = (120, 40), *keys: str
) -> AsyncGenerator[StreamsConsole]:
    """Open the console on the Streams screen."""
    app = StillConsole(trouble())
    async with app.run_test(size=size) as pilot:
        console = StreamsConsole(app, pilot)
        await console.press("4", *keys)
        yield console


def known() -> RedisPicture:
    """Return the scripted night."""
    return redis_picture(0.0)
