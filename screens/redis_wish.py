"""What a screen wants to see of Redis; apart, so that nobody loads the screens for it."""

from dataclasses import dataclass

from textual.message import Message

from core.model.redis_view import RedisWish


@dataclass
class RedisWished(Message):
    """A wish for whoever reads the servers."""

    wish: RedisWish
