"""Keys that are kept in a Redis list or hash: records in JSON, or bare keys. Pure; read only."""

from core.errors import ClientGarbled
from core.keys.store import fields as known
from core.keys.store.shapes import Record, Shape, Unrecognised
from core.keys.store.tree import Tree, Value, parse_text
from core.model.key_store import KeyShape


def redis_shape(value: "list[str] | dict[str, str]") -> Shape | Unrecognised:
    """Return how a Redis list or hash holds keys."""
    if isinstance(value, dict):
        return _of_hash(value)
    rows: list[Value] = [_read(one) for one in value]
    records: list[Record] = []
    for place, (raw, row) in enumerate(zip(value, rows, strict=True)):
        if isinstance(row, dict):
            key = known.text_of(row, known.KEY)
            hashed = known.text_of(row, known.HASH)
            if (key is None) == (hashed is None):
                return Unrecognised("an item has no field for a key, or one for its hash as well")
            records.append(Record(key or hashed or "", row, key is None, path=(place,)))
        else:
            records.append(Record(row if isinstance(row, str) else raw, {}, path=(place,)))
    return Shape(KeyShape.REDIS_LIST, Tree(rows), rows, tuple(records))


def _of_hash(value: dict[str, str]) -> Shape | Unrecognised:
    rows: dict[str, Value] = {name: _read(one) for name, one in value.items()}
    records = tuple(
        Record(name, row, path=(name,)) for name, row in rows.items() if isinstance(row, dict)
    )
    if rows and not records:
        return Unrecognised("names with texts: secrets by their names, not API keys with records")
    return Shape(KeyShape.REDIS_HASH, Tree(rows), rows, records, len(rows) - len(records))


def _read(raw: str) -> Value:
    try:
        return parse_text(raw)
    except ClientGarbled:
        return raw
