"""What the console shows of keys and secrets: one frozen picture."""

from dataclasses import dataclass

from core.model.key_store import KeyStoreView
from core.model.secret_view import SecretsView


@dataclass(frozen=True, slots=True)
class KeysPicture:
    """All stores and inventories of the configuration at one moment."""

    stores: tuple[KeyStoreView, ...] = ()
    secrets: tuple[SecretsView, ...] = ()
    is_read: bool = False
    """Whether all stores have been looked at once."""
    are_secrets_read: bool = False
    """Whether secrets have been: they are looked at only while somebody watches."""
    is_broken: bool = False
    """Nobody reads any more: a bug that has been written down."""
