"""What all wishes of the Logs screen are; apart, so that nobody loads the others for it."""

from textual.message import Message


class LogWish(Message):
    """Anything that the screen wants done with logs."""
