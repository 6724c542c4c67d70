"""The JSON document of very many keys: whole, though it is never held whole."""

import json

import pytest

from cli.keys_report import document_parts
from core.model.key_store import ApiKey, KeyStoreView, StoreState
from core.model.text import SafeText, clean


def _view(name: str, count: int) -> KeyStoreView:
    keys = tuple(
        ApiKey(f"k-{at:06}", clean(f"key_…{at:04}"), SafeText("pro"), True, 10, True)
        for at in range(count)
    )
    odd = clean('"keys": []')
    return KeyStoreView("shop", name, odd, StoreState.READ, SafeText(""), keys, (), ())


@pytest.mark.parametrize(
    ("counts", "most"), [((0,), None), ((1, 0, 3), None), ((501, 1200), None), ((7, 900), 600)]
)
def test_a_document_has_every_key_of_every_store_once(
    counts: tuple[int, ...], most: int | None
) -> None:
    views = [_view(f"store{at}", count) for at, count in enumerate(counts)]
    document = json.loads("".join(document_parts(views, "list", 0, most)))
    ids = [[key["id"] for key in store["keys"]] for store in document["stores"]]
    assert ids == [[f"k-{at:06}" for at in range(min(count, most or count))] for count in counts]
    assert {store["title"] for store in document["stores"]} == {'"keys": []'}


def test_no_part_of_a_document_is_large() -> None:
    parts = list(document_parts([_view("api", 5000)], "list", 0, None))
    assert max(map(len, parts)) * 4 < sum(map(len, parts))


def test_a_document_about_requests_names_no_keys() -> None:
    document = json.loads("".join(document_parts([_view("api", 3)], "breach", 0, None)))
    assert document["stores"][0]["keys"] == []
