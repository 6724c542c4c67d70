"""Changes of many keys at once: the work grows as the keys do, not as their square."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from core.clients.keyspace.port import Collection
from core.keys.ids import KeyIds
from core.keys.store.edits import Edit, Insert, NewKey, PutBack, Remove, SetActive
from core.keys.store.making import prefix_of
from core.keys.store.redis_edits import Back, Marks, RedisEdit, Switch, said
from core.keys.store.redis_new import Add, TakeAway
from core.keys.store.redis_restoring import RedisRestore, TakeBack
from core.keys.store.redis_shapes import RedisStore, understood
from core.keys.store.restoring import Restore
from core.keys.store.shapes import Record
from core.model.redis_key import KeyName
from core.model.secret import Secret
from tests.fakes.line_count import assert_is_linear

IDS = KeyIds(b"a key that only this test has......")
NOW = datetime(2026, 3, 14, tzinfo=UTC)
FEW, MANY = 40, 400
RECORD = {"id": 7, "tier": "pro", "status": "active", "note": None, "created": 1_700_000_000}
FORMS = ("field", "text", "hash", "item", "inside")


def names(count: int) -> list[str]:
    return [f"key_{number:036d}" for number in range(count)]


def text(names_: list[str]) -> bytes:
    return json.dumps(dict.fromkeys(names_, RECORD), indent=2).encode()


def listed(names_: list[str]) -> bytes:
    return json.dumps([{"key": name, **RECORD} for name in names_]).encode()


def new_keys(like: list[str]) -> tuple[NewKey, ...]:
    return tuple(
        NewKey(Secret(f"key_new{place:033d}"), IDS.mark(one), "pro", 10_000, NOW)
        for place, one in enumerate(like)
    )


def marks_of(keys: list[str]) -> tuple[str, ...]:
    return tuple(map(IDS.mark, keys))


def file_edits(keys: list[str], data: bytes) -> dict[str, Callable[[], bytes]]:
    """Return every change of a file's bytes that takes many keys, each on what it is made for."""
    off: Edit = SetActive(ids=IDS, marks=marks_of(keys), is_active=False)
    grown: Edit = Insert(ids=IDS, keys=new_keys(keys))
    new = tuple(IDS.mark(one.key.reveal()) for one in new_keys(keys))
    switched, inserted = off.edited(data), grown.edited(data)
    back = PutBack(ids=IDS, marks=marks_of(keys), base=data, done=off)
    restore = Restore(ids=IDS, backup=data, reactivate=marks_of(keys))
    return {
        "off": lambda: off.edited(data),
        "insert": lambda: grown.edited(data),
        "remove": lambda: Remove(ids=IDS, marks=new).edited(inserted),
        "back": lambda: back.edited(switched),
        "restore": lambda: restore.edited(switched),
        "merge": lambda: off.merged(data, inserted, switched),
    }


@pytest.mark.parametrize("form", [text, listed])
@pytest.mark.parametrize("change", ["off", "insert", "remove", "back", "restore", "merge"])
def test_a_change_of_a_file(form: Callable[[list[str]], bytes], change: str) -> None:
    made: dict[int, Callable[[], bytes]] = {}
    for count in (FEW, MANY):
        keys = names(count)
        made[count] = file_edits(keys, form(keys))[change]
    assert_is_linear(made.__getitem__)


def store(form: str, keys: list[str], *, status: str = "active") -> RedisStore:
    """Return a store in Redis that holds these keys in one of its forms."""
    row = RECORD | {"status": status}
    plain = {name.encode(): str(value or "").encode() for name, value in row.items()}
    one, name = "api_keys", KeyName(b"api_keys")
    match form:
        case "field":
            pairs = tuple((key.encode(), json.dumps(row).encode()) for key in keys)
            held = [Collection(name, "hash", pairs)]
        case "item":
            items = [json.dumps({"key": key, **row}).encode() for key in keys]
            held = [Collection(name, "list", tuple((b"", item) for item in items))]
        case "inside":
            whole = json.dumps(dict.fromkeys(keys, row)).encode()
            held = [Collection(name, "string", ((b"", whole),))]
        case "hash":
            one = "api_key:*"
            held = [_own(key, "hash", tuple(plain.items())) for key in keys]
        case _:
            one = "api_key:*"
            held = [_own(key, "string", ((b"", json.dumps(row).encode()),)) for key in keys]
    found = understood(held, (one,) if one.endswith("*") else (), ("pro",))
    assert len(found.rows) == len(keys)
    return found


def _own(key: str, kind: str, pairs: tuple[tuple[bytes, bytes], ...]) -> Collection:
    return Collection(KeyName(f"api_key:{key}".encode()), kind, pairs)


def redis_changes(form: str, keys: list[str]) -> dict[str, Callable[[], object]]:
    """Return every change of a store in Redis that takes many keys."""
    on, off = store(form, keys), store(form, keys, status="revoked")
    marks, new = marks_of(keys), [one.key.reveal() for one in new_keys(keys)]
    switch: RedisEdit = Switch(ids=IDS, marks=marks, is_active=False)
    base = {mark: said(row) for mark, row in Marks(on, IDS).all.items()}
    back = Back(ids=IDS, marks=marks, done=switch, base=base)
    old = Marks(on, IDS).all
    half = len(keys) // 2
    restore = RedisRestore(
        ids=IDS, marks=marks[:half], old=old, ttl_s={}, added=marks[half:], reactivate=marks[:half]
    )
    whole = store(form, keys + new)
    return {
        "off": lambda: switch.swaps(on),
        "add": lambda: Add(ids=IDS, keys=new_keys(keys)).swaps(on),
        "take away": lambda: TakeAway(ids=IDS, marks=marks_of(new)).swaps(whole),
        "back": lambda: back.swaps(off),
        "restore": lambda: restore.swaps(store(form, keys[:half], status="revoked")),
        "take back": lambda: TakeBack(done=restore).swaps(on),
    }


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("change", ["off", "add", "take away", "back", "restore", "take back"])
def test_a_change_of_a_store_in_redis(form: str, change: str) -> None:
    made: dict[int, Callable[[], object]] = {}
    for count in (FEW, MANY):
        made[count] = redis_changes(form, names(count))[change]
    assert_is_linear(made.__getitem__)


def test_a_prefix_is_found_among_many() -> None:
    def work(count: int) -> Callable[[], object]:
        records = [Record(f"p{number}_{'x' * 32}", {}) for number in range(count)]
        return lambda: prefix_of(records, None)

    assert_is_linear(work)


def test_new_keys_are_numbered_after_the_highest_each_with_one_of_its_own() -> None:
    rows = {f"key_{number:036d}": RECORD | {"id": number} for number in (2, 3, 9)}
    data = json.dumps(rows).encode()
    made = json.loads(Insert(ids=IDS, keys=new_keys(list(rows))).edited(data))
    assert [one["id"] for one in made.values()] == [2, 3, 9, 10, 11, 12]


def test_new_keys_of_a_store_in_redis_are_numbered_too() -> None:
    keys = names(3)
    found = store("field", keys)
    swaps = Add(ids=IDS, keys=new_keys(keys)).swaps(found)
    assert [json.loads(one.new or b"")["id"] for one in swaps] == [8, 9, 10]


def id_after(*ids: str) -> str:
    """Return the id of a new key that is like the first of those with these ids."""
    keys = names(len(ids))
    rows = {key: RECORD | {"id": one} for key, one in zip(keys, ids, strict=True)}
    made = json.loads(Insert(ids=IDS, keys=new_keys(keys[:1])).edited(json.dumps(rows).encode()))
    return made[new_keys(keys[:1])[0].key.reveal()]["id"]


@pytest.mark.parametrize(
    ("ids", "after"),
    [
        (("client-007", "client-011"), "client-012"),
        (("client-7", "client-11"), "client-12"),
        (("client-7", "order-11"), "client-8"),
        (("9", "11"), "12"),
    ],
)
def test_a_number_in_a_text_is_counted_on_as_it_is_written(
    ids: tuple[str, ...], after: str
) -> None:
    assert id_after(*ids) == after


@pytest.mark.parametrize("before", ["9f86d081", "nameless"])
def test_an_id_that_is_no_number_becomes_a_random_one(before: str) -> None:
    made = [id_after(before) for _ in range(2)]
    assert all(len(one) == 8 and one != before for one in made)
    assert made[0] != made[1]
