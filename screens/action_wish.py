"""What all wishes about actions are; apart, so that nobody loads the others for it."""

from textual.message import Message


class ActionWish(Message):
    """Anything that a screen wants done with actions."""


class ProcedureWish(ActionWish):
    """Anything that a screen wants done with procedures."""
