"""Turns what the configuration says of key stores and tokens into core values."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.model.key_spec import KeyProbeSpec, KeyStoreSpec, TokenSpec

if TYPE_CHECKING:
    from config.addresses import Address
    from config.key_stores import KeyStore, Tokens

_Absolute = Callable[[str | None], str]
_Below = Callable[[str, "Address"], str]
"""Makes one address of a service, by name, and what stands below it."""


def key_store_spec(
    name: str, store: "KeyStore", absolute: _Absolute, below: _Below, system: str
) -> KeyStoreSpec:
    """Return a store of a system; `absolute` resolves a path against the system's root."""
    probe = store.probe
    live = None
    if probe is not None:
        url = below(probe.service, probe.url)
        live = KeyProbeSpec(probe.service, url, probe.header, probe.refused)
    return KeyStoreSpec(
        name=name,
        title=store.title or name,
        kind=store.kind,
        path=absolute(store.path),
        also=tuple(absolute(one) for one in store.also),
        variable=store.variable,
        usage=tuple(absolute(one) for one in store.usage),
        analytics=tuple(absolute(one) for one in store.analytics),
        tiers=tuple(store.tiers.items()),
        warning_percent=store.usage_warning_percent,
        never_live=store.never_live,
        probe=live,
        service=store.service or (probe.service if probe else ""),
        note=store.note,
        end_needs_use=store.end_needs_use,
        server=f"{system}/{store.redis}" if store.redis else "",
        keys=store.redis_keys,
        usage_keys=store.redis_usage,
    )


def token_spec(name: str, tokens: "Tokens", below: _Below) -> TokenSpec:
    """Return how tokens are made and tried."""
    return TokenSpec(
        name=name,
        title=tokens.title or name,
        algorithm=tokens.algorithm,
        secret_variable=tokens.secret_variable,
        env_file=tokens.env_file,
        secret_bytes=tokens.secret_bytes,
        mint=tokens.mint,
        service=tokens.service,
        identity=below(tokens.service, tokens.identity) if tokens.identity else "",
        scopes=tokens.scopes,
        revocation_keys=tokens.revocation_keys,
        previous_variable=tokens.previous_variable,
        note=tokens.note,
    )
