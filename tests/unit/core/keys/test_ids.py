"""Short ids and masks: a key is known by them and cannot be made from them."""

import hmac
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.clients.key_state import machine_key, read_private
from core.errors import ClientDenied, ClientGarbled
from core.keys.ids import KeyIds, masked, masked_hash

IDS = KeyIds(b"x" * 32)


def test_a_short_id_is_the_same_again_and_another_on_another_machine() -> None:
    assert IDS.short_id("key_a") == KeyIds(b"x" * 32).short_id("key_a")
    assert IDS.short_id("key_a") != KeyIds(b"y" * 32).short_id("key_a")
    assert len(IDS.short_id("key_a")) == len("k-3fa91c")


@pytest.mark.parametrize("key", ["", "key_a", "é😀", "k" * 1000])
@pytest.mark.parametrize("secret", [b"x" * 32, b"y", b"z" * 64])
def test_a_mark_is_an_hmac_sha256(secret: bytes, key: str) -> None:
    assert KeyIds(secret).mark(key) == hmac.digest(secret, key.encode(), "sha256").hex()[:32]


def test_ids_that_would_be_alike_are_longer_and_the_short_form_means_both() -> None:
    keys = [f"key_{number}" for number in range(20_000)]
    ids = IDS.short_ids(keys)
    assert len(set(ids.values())) == len(keys)
    longer = {key: one for key, one in ids.items() if len(one) > len("k-3fa91c")}
    assert longer
    key, one = next(iter(longer.items()))
    assert IDS.matches(one, keys) == (key,)
    assert len(IDS.matches(one[:8], keys)) > 1
    assert IDS.matches("k-12", keys) == ()


@pytest.mark.parametrize(
    ("key", "mask"),
    [
        ("key_FIXTUREhr7shzhChjIcFQNcAW-0hgWj5gBWVbWt", "key_…VbWt"),
        ("dev_key_123", "de··…··23"),
        ("short", "····…····"),
        ("", "····…····"),
        ("\x1b[31mkey_with_escape_sequence", "␛[31…ence"),
    ],
)
def test_a_mask_has_one_width_and_shows_at_most_eight_characters(key: str, mask: str) -> None:
    assert masked(key) == mask
    assert len(masked(key)) == 9


def test_of_a_hash_only_the_kept_beginning_is_shown() -> None:
    assert masked_hash("ak_fixture") == "ak_f…····"
    assert masked_hash("") == "····…····"


def test_the_machines_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "keys"
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: machine_key(folder), range(32)))
    assert len(made) == 1
    path = folder / "machine.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [one.name for one in folder.iterdir()] == ["machine.key"]


def test_a_machines_key_that_others_may_read_or_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "machine.key"
    path.write_bytes(b"x" * 32)
    path.chmod(0o640)
    with pytest.raises(ClientDenied):
        machine_key(tmp_path)
    path.chmod(0o600)
    path.write_bytes(b"short")
    with pytest.raises(ClientGarbled):
        machine_key(tmp_path)
    path.unlink()
    path.symlink_to("/etc/hostname")
    with pytest.raises(ClientDenied):
        read_private(path)
