"""What can be done with keys and secrets is asked with their ids, never with a key."""

from dataclasses import replace

from bench.scene import NOW
from bench.scene_keys import keys_picture
from core.model.action import Danger, Input, Offer
from core.model.key_store import KeyStoreView
from core.model.text import clean
from screens.key_offers import key_offers, secret_offers
from widgets.present.keys import KeyEntry
from widgets.present.secrets import secrets_of

PICTURE = keys_picture(NOW)
API, GATEWAY, CORRUPT, MISSING, READ_ONLY, LISTED = PICTURE.stores
OVER, NEAR, SAMPLE, IDLE, MOVED, BIG, PLAIN, ODD, GONE, LATE = API.keys
_INPUTS = {
    "key.deactivate": ("keys",),
    "key.reactivate": ("keys",),
    "key.set_tier": ("key", "tier", "quota"),
    "key.rotate": ("key", "grace"),
    "key.generate": ("tier", "name", "to"),
    "key.restore": ("backup",),
}
ACTIONS = ("key.backup", "key.deactivate", "key.generate", "key.reactivate", "key.restore",
           "key.rotate", "key.rotate_all", "key.set_tier")  # fmt: skip


def offers(store: KeyStoreView, *actions: str) -> tuple[Offer, ...]:
    return tuple(
        Offer(
            one,
            store.target,
            clean(one),
            inputs=tuple(Input(name, name) for name in _INPUTS.get(one, ())),
            danger=Danger.CHANGE,
        )
        for one in actions or ACTIONS
    )


def given(offer: Offer) -> dict[str, str]:
    return {one.name: one.default for one in offer.inputs}


def chosen(store: KeyStoreView, *keys: object) -> tuple[KeyEntry, ...]:
    return tuple(KeyEntry(store, key) for key in keys)  # pyright: ignore[reportArgumentType]


def test_what_can_be_done_with_keys_comes_before_what_can_be_done_with_the_store() -> None:
    made = key_offers(offers(API), chosen(API, OVER))
    assert [one.action for one in made] == [
        "key.deactivate", "key.reactivate", "key.rotate", "key.set_tier", "key.generate",
        "key.backup", "key.restore", "key.rotate_all",
    ]  # fmt: skip


def test_one_key_is_given_by_its_short_id() -> None:
    made = {one.action: one for one in key_offers(offers(API), chosen(API, OVER))}
    assert given(made["key.deactivate"]) == {"keys": "k-3fa91c"}
    assert given(made["key.rotate"]) == {"key": "k-3fa91c", "grace": ""}
    assert given(made["key.set_tier"]) == {"key": "k-3fa91c", "tier": "pro", "quota": ""}
    assert given(made["key.generate"]) == {"tier": "free", "name": "", "to": ""}
    assert made["key.deactivate"].title == "key.deactivate: k-3fa91c"


def test_tiers_are_a_menu_with_their_quotas() -> None:
    made = {one.action: one for one in key_offers(offers(API), chosen(API, OVER))}
    tier = made["key.generate"].inputs[0]
    assert tier.choices == ("free", "dev", "pro", "enterprise")
    assert "pro 10,000, enterprise 1,000,000" in tier.title
    unknown = {one.action: one for one in key_offers(offers(GATEWAY), chosen(GATEWAY, None))}
    assert unknown["key.generate"].inputs[0].choices == ()


def test_marked_keys_are_given_together_where_several_can_be_meant() -> None:
    made = {one.action: one for one in key_offers(offers(API), chosen(API, OVER, GONE))}
    assert given(made["key.deactivate"]) == {"keys": "k-3fa91c,k-c6120e"}
    assert made["key.deactivate"].title == "key.deactivate: 2 marked keys"
    assert not made["key.deactivate"].reason_against
    assert made["key.rotate"].reason_against == "one key at a time: 2 are marked"
    assert given(made["key.rotate"]) == {"key": "", "grace": ""}


def test_what_is_so_already_is_not_offered_again() -> None:
    live = {one.action: one for one in key_offers(offers(API), chosen(API, PLAIN))}
    off = {one.action: one for one in key_offers(offers(API), chosen(API, GONE))}
    assert live["key.reactivate"].reason_against == "live already"
    assert off["key.deactivate"].reason_against == "not live already"
    split = {one.action: one for one in key_offers(offers(API), chosen(API, MOVED))}
    assert not split["key.reactivate"].reason_against
    assert not split["key.deactivate"].reason_against


def test_a_store_without_keys_is_asked_about_itself_only() -> None:
    made = {one.action: one for one in key_offers(offers(MISSING), chosen(MISSING, None))}
    assert made["key.rotate"].reason_against == "no key is under the cursor"
    assert not made["key.restore"].reason_against


def test_what_is_read_only_is_only_copied() -> None:
    made = {one.action: one for one in key_offers(offers(READ_ONLY), chosen(READ_ONLY, None))}
    assert made["key.generate"].reason_against.startswith("the store is read-only: two readings")
    assert not made["key.backup"].reason_against


def test_after_a_loss_restoring_is_offered_first_and_from_the_copy_that_has_them() -> None:
    made = key_offers(offers(GATEWAY), chosen(GATEWAY, GATEWAY.keys[0]))
    assert made[0].action == "key.restore"
    assert given(made[0]) == {"backup": "keys-20260228T030000Z.json"}
    assert made[0].title == "key.restore: 12 vanished keys"


def test_what_the_configuration_forbids_stays_forbidden() -> None:
    refused = replace(offers(API, "key.rotate")[0], reason_against=clean("no write access"))
    assert key_offers((refused,), chosen(API, OVER))[0].reason_against == "no write access"
    assert key_offers((), chosen(API, OVER)) == ()
    assert key_offers(offers(API), ()) == ()


def test_a_secret_is_given_by_its_name() -> None:
    jwt, *_ = secrets_of(PICTURE)
    target = "business-engine/env"
    about = (
        Offer("secret.rotate", target, clean("Rotate"), inputs=(Input("name", "name"),)),
        Offer("env.set", target, clean("Set a variable"), inputs=(Input("variable", "v"),)),
    )
    rotate, change = secret_offers(about, jwt, target)
    assert given(rotate) == {"name": "JWT_SECRET"}
    assert rotate.title == "Rotate: JWT_SECRET"
    assert not rotate.reason_against
    assert change == about[1]


def test_of_several_variables_only_the_one_under_the_cursor_is_offered() -> None:
    jwt, grafana, *_ = secrets_of(PICTURE)
    target = "business-engine/env"
    about = tuple(
        Offer("secret.rotate", target, clean(f"Rotate {name} in .env"),
              inputs=(Input("name", "variable", name),))
        for name in ("SESSION_SECRET", "JWT_SECRET")
    )  # fmt: skip
    (one,) = secret_offers(about, jwt, target)
    assert (one.title, given(one)) == ("Rotate JWT_SECRET in .env", {"name": "JWT_SECRET"})
    (other,) = secret_offers(about, grafana, target)
    assert given(other) == {"name": grafana.name}
    assert other.title == f"Rotate {grafana.name} in .env"


def test_what_a_provider_makes_is_not_rotated_here() -> None:
    google = next(one for one in secrets_of(PICTURE) if one.provider == "Google")
    about = (Offer("secret.rotate", "business-engine/env", clean("Rotate")),)
    made = secret_offers(about, google, "business-engine/env")
    assert made[0].reason_against == "not random and ours: Google makes a new one"


def test_of_a_whole_system_only_what_is_about_secrets_is_offered() -> None:
    jwt, *_ = secrets_of(PICTURE)
    about = tuple(
        Offer(action, "business-engine/x", clean(action))
        for action in ("service.restart", "secret.set", "env.edit")
    )
    made = secret_offers(about, jwt, "business-engine")
    assert [one.action for one in made] == ["secret.set", "env.edit"]
