"""A key is counted in whatever form a terminal gets it, and nothing else is."""

import base64

import pytest

from bench.reveal_forms import BASE64, HEX, PLAIN, Pieces

KEY = "key_bnFnHlCSUrBlQZOslR9myVPVuHSa9-rJIWQY8f4ycAY"
OTHER = "key_bnFq01CSVrBlQZPslR9mzVPWuHSb9-rJJWQZ8f4zcBY"


@pytest.fixture
def pieces() -> Pieces:
    made = Pieces("key_")
    made.add(KEY)
    made.add(OTHER)
    return made


def test_a_whole_key_is_counted_as_often_as_it_comes(pieces: Pieces) -> None:
    sent = f"\x1b[1m{KEY}\x1b[0m  {OTHER} │{KEY}│"
    assert pieces.counted(sent.encode()) == {(KEY, PLAIN): 2, (OTHER, PLAIN): 1}


@pytest.mark.parametrize("at", range(4, len(KEY) - 8))
def test_eight_characters_are_counted_between_control_sequences(pieces: Pieces, at: int) -> None:
    sent = f"\x1b[38;2;9;9;9m{KEY[at : at + 8]}\x1b[12;40H"
    assert pieces.counted(sent.encode()) == {(KEY, PLAIN): 1}


@pytest.mark.parametrize("around", ["", "u", "us", "use"])
def test_it_is_counted_inside_base64_wherever_it_begins(pieces: Pieces, around: str) -> None:
    text = base64.b64encode(f"{around}{KEY}{around}".encode())
    assert pieces.counted(b"\x1b]52;c;" + text + b"\x07") == {(KEY, BASE64): 1}


def test_it_is_counted_in_hex(pieces: Pieces) -> None:
    assert pieces.counted(KEY.encode().hex().encode()) == {(KEY, HEX): 1}


def test_a_mask_an_id_and_what_all_keys_begin_with_are_no_key(pieces: Pieces) -> None:
    sent = f"key_…{KEY[-4:]} k-1877e1 {KEY[:11]} make a new key (key_…) {'A1b2' * 20}"
    assert pieces.counted(sent.encode()) == {}
