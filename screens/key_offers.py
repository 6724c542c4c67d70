"""What can be done with what is under the cursor of the Keys screen, and with which inputs.

Pure. The families know what is possible at all; here is what the rows tell beyond that.
"""

from collections.abc import Sequence
from dataclasses import replace

from core.model.action import Input, Offer, prefilled
from core.model.key_store import KeyStoreView, StoreState
from core.model.secret_view import SecretRow
from core.model.text import clean
from widgets.present.keys import KeyEntry
from widgets.present.numbers import plural

_SECRET_FAMILIES = frozenset({"secret", "env"})
_ORDER = (
    "key.deactivate", "key.reactivate", "key.rotate", "key.set_tier", "key.generate",
    "key.backup", "key.restore", "key.rotate_all",
)  # fmt: skip
_OF_ONE = frozenset({"key.rotate", "key.set_tier"})
_OF_KEYS = frozenset({"key.deactivate", "key.reactivate"}) | _OF_ONE
_READING = frozenset({"key.backup"})


def key_offers(about: Sequence[Offer], chosen: Sequence[KeyEntry]) -> tuple[Offer, ...]:
    """Return what can be done with keys of one store: with these first, then with the store.

    Args:
        about: What the configuration offers for the store.
        chosen: The marked keys, or what is under the cursor; all of one store.
    """
    if not chosen:
        return ()
    store = chosen[0].store
    order = _ORDER if store.loss is None else ("key.restore", *_ORDER)
    order = ("key.end", *order) if store.overdue else (*order, "key.end")
    places = {action: place for place, action in reversed(list(enumerate(order)))}
    ranked = sorted(about, key=lambda one: places.get(one.action, len(order)))
    return tuple(_fit_key(one, chosen) for one in ranked)


def _fit_key(offer: Offer, chosen: Sequence[KeyEntry]) -> Offer:
    store = chosen[0].store
    keys = [one.key for one in chosen if one.key is not None]
    reason = offer.reason_against or _against(offer.action, chosen)
    given: list[tuple[str, str]] = []
    note = ""
    if offer.action in _OF_KEYS and keys:
        given.append(("keys", ",".join(one.short_id for one in keys)))
        note = keys[0].short_id if len(keys) == 1 else plural(len(keys), "marked key")
        if len(keys) == 1:
            given.append(("key", keys[0].short_id))
    if offer.action == "key.set_tier" and len(keys) == 1:
        given.append(("tier", keys[0].tier))
    if offer.action == "key.restore" and store.loss is not None and store.loss.backup:
        # Copies are called by their names there.
        given.append(("backup", store.loss.backup.rpartition("/")[2]))
        note = f"{plural(store.loss.count, 'vanished key')}"
    title = clean(f"{offer.title}: {note}" if note else offer.title)
    inputs = tuple(_with_tiers(one, store) for one in offer.inputs)
    fitted = replace(offer, title=title, inputs=inputs, reason_against=clean(reason))
    return prefilled(fitted, tuple(given))


def _with_tiers(one: Input, store: KeyStoreView) -> Input:
    """Return an input; one that asks for a tier names those there are, with their quotas."""
    if one.name != "tier" or one.choices or not store.tiers:
        return one
    named = ", ".join(f"{name} {quota:,}" for name, quota in store.tiers)
    default = one.default or store.tiers[0][0]
    choices = tuple(name for name, _ in store.tiers)
    return replace(one, title=f"tier, requests a month: {named}", default=default, choices=choices)


def _against(action: str, chosen: Sequence[KeyEntry]) -> str:
    """Return why the rows forbid an action; empty: they do not."""
    store, keys = chosen[0].store, [one.key for one in chosen if one.key is not None]
    if action in _OF_KEYS and not keys:
        return "no key is under the cursor"
    if action == "key.end" and not store.overdue:
        return "no key's grace is over"
    if action in _OF_ONE and len(keys) > 1:
        return f"one key at a time: {len(keys)} are marked"
    if action == "key.deactivate" and not any(one.is_active or one.differs for one in keys):
        return "not live already" if len(keys) == 1 else "none of them is live"
    if action == "key.reactivate" and all(one.is_active and not one.differs for one in keys):
        return "live already" if len(keys) == 1 else "all of them are live"
    if store.state is StoreState.READ_ONLY and action not in _READING:
        return f"the store is read-only: {store.why}"
    return ""


def secret_offers(about: Sequence[Offer], row: SecretRow, target: str) -> tuple[Offer, ...]:
    """Return what can be done with a secret.

    Args:
        about: What the configuration offers for the env file, or for its whole system.
        row: The secret.
        target: The env file as actions call it, or the system.
    """
    own = [one for one in about if one.target == target or _family(one) in _SECRET_FAMILIES]
    named = {one.action for one in own if _name_of(one) == row.name}
    # One offer for each variable that is configured: those of this one, else any as a pattern.
    kept: dict[tuple[str, str], Offer] = {}
    for one in own:
        if one.action not in named or _name_of(one) == row.name:
            kept.setdefault((one.action, one.target), one)
    return tuple(_fit_secret(one, row) for one in kept.values())


def _name_of(offer: Offer) -> str:
    return next((one.default for one in offer.inputs if one.name == "name"), "")


def _family(offer: Offer) -> str:
    return offer.action.partition(".")[0]


def _fit_secret(offer: Offer, row: SecretRow) -> Offer:
    if _family(offer) != "secret":
        return offer
    reason = offer.reason_against
    if offer.action == "secret.rotate" and not row.is_rotatable and not reason:
        who = row.provider or "whoever gave it"
        reason = clean(f"not random and ours: {who} makes a new one")
    title, other = str(offer.title), _name_of(offer)
    if other != row.name and "name" in {one.name for one in offer.inputs}:
        title = title.replace(other, row.name) if other else f"{title}: {row.name}"
    fitted = replace(offer, title=clean(title), reason_against=reason)
    return prefilled(fitted, (("name", row.name),))
