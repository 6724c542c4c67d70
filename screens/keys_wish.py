"""What a person wants of key stores beside actions, as the Keys screen posts it."""

from dataclasses import dataclass
from datetime import datetime

from textual.message import Message


@dataclass
class AlarmRead(Message):
    """The loss of a store has been read: no alarm about it, until more is lost."""

    target: str
    noticed: datetime
    """Of the loss."""
