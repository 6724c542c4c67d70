"""How a person has to say yes: from the effect and the environment, never from the key."""

from core.model.action import Danger, Rung
from core.model.topology import Environment

BULK = 50
"""More targets than these are typed, whatever is done to them."""


def rung_of(danger: Danger, environment: Environment, targets: int, bulk: int = BULK) -> Rung:
    """Return the rung of confirmation."""
    if danger is Danger.READ:
        return Rung.NONE
    is_typed = (
        danger is Danger.DESTROY
        or (danger is Danger.INTERRUPT and environment is Environment.PRODUCTION)
        or targets > bulk
    )
    if is_typed:
        return Rung.PHRASE
    return Rung.LIST if targets > 1 else Rung.ENTER
