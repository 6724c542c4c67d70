"""What a store's JSON means: which of the known shapes it has, its records, and their changes.

A tree that fits no shape, or two, is not written to, and says why. Pure; edits stay in the tree.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field

from core.errors import ClientDenied
from core.keys.store import fields as known
from core.keys.store.fields import Fields, Present
from core.keys.store.fresh import Fresh, Numbers, made_like
from core.keys.store.tree import Number, Path, Tree, Value, differences, parse
from core.keys.store.writing import Style, style_of, write
from core.model.key_store import KeyShape

__all__ = [
    "Fresh", "Number", "Path", "Record", "Shape", "Style", "Tree", "Unrecognised", "Value",
    "differences", "parse", "recognise", "style_of", "write",
]  # fmt: skip

TIER_WORDS = frozenset(
    {
        "free", "dev", "developer", "basic", "starter", "standard", "pro", "professional", "plus",
        "premium", "business", "enterprise", "trial", "team", "partner", "internal", "unlimited",
        "production", "staging", "test",
    }
)  # fmt: skip
"""Names that are tiers when the store holds one object for each of them."""


@dataclass(slots=True)
class Record:
    """One key's record. `identity` is the key itself or its hash: it goes nowhere."""

    identity: str
    fields: Fields
    """Of the tree: what is changed here is changed there. Empty where the store has only keys."""
    is_hash: bool = False
    tier: str | None = None
    """Of a store that has its keys below their tiers."""
    path: Path = ()
    was_active: bool = True
    """What its fields said when it was read."""
    has: Present | None = None
    """What it had when it was read; None: nobody has looked."""

    def __repr__(self) -> str:
        return f"Record(at depth {len(self.path)})"

    @property
    def is_active(self) -> bool:
        """What its own fields say; a record without a word for it is active."""
        return known.flag(self.fields) is not False


@dataclass(slots=True)
class Shape:
    """How a tree holds its keys."""

    kind: KeyShape
    tree: Tree
    holder: Value
    """The object or the list that a new record goes into."""
    all_records: list[Record]
    """In the order of the file; new ones come by `add`."""
    skipped: int = 0
    """Members of the holder that are no records: they stay as they are."""
    key_name: str = ""
    """Of lists: the field that has the key."""
    _names: set[str] | None = field(default=None, repr=False, compare=False)
    """Every identity, once somebody has asked."""
    _numbers: Numbers | None = field(default=None, repr=False, compare=False)
    _own_words: dict[bool, str] | None = field(default=None, repr=False, compare=False)

    def records(self) -> Iterator[Record]:
        """Yield every record in the order of the file."""
        yield from self.all_records

    def find(self, is_it: Callable[[str], bool]) -> Record | None:
        """Return the first record whose key, or hash, is the one that is looked for."""
        return next((one for one in self.all_records if is_it(one.identity)), None)

    def holds(self, names: Iterable[str]) -> bool:
        """Tell whether any of these is the key, or the hash, of a record."""
        if self._names is None:
            self._names = {one.identity for one in self.all_records}
        return not self._names.isdisjoint(names)

    def add(self, record: Record) -> None:
        """Take in a record that was put into the tree."""
        self.all_records.append(record)
        if self._names is not None:
            self._names.add(record.identity)

    def set_active(self, record: Record, is_active: bool) -> None:
        """Make every field of a record that says whether it is active say so.

        Raises:
            ClientDenied: its record has no such field, so that the server asks none.
        """
        if known.flag(record.fields) is None:
            self._give_flag(record)
        known.set_flag(record.fields, is_active, self._words())

    def set_tier(self, record: Record, tier: str, quota: int | None) -> None:
        """Give a record another tier, and its quota where it has one.

        Raises:
            ClientDenied: its record has no field for its tier.
        """
        names = known.named(record.fields, known.TIER)
        if not names or record.tier is not None:
            raise ClientDenied("the record has no field for its tier")
        for name in names:
            record.fields[name] = tier
        for name in known.named(record.fields, known.QUOTA)[:1] if quota is not None else ():
            record.fields[name] = Number(str(quota))

    def insert(self, key: str, like: Record | None, fresh: Fresh) -> Record:
        """Add a key at the end, its record with the fields and formats of another one.

        Raises:
            ClientDenied: the key is there already, or the store holds hashes of which it does not
                say how they are made, or it holds keys in a way that takes no record.
        """
        self._numbers = self._numbers or Numbers([one.fields for one in self.all_records])
        identity, made = made_like(
            key, like.fields if like else None, fresh, is_hash=self.kind is KeyShape.HASHED,
            key_name=self.key_name, numbers=self._numbers,
        )  # fmt: skip
        if self.holds((identity,)):
            raise ClientDenied("the store has this key already")
        record = Record(identity, made, self.kind is KeyShape.HASHED, path=())
        if isinstance(self.holder, dict) and self.kind is not KeyShape.BY_TIER:
            self.holder[identity] = made
        elif isinstance(self.holder, list) and self.key_name:
            self.holder.append(made)
        else:
            raise ClientDenied(f"a new key cannot be added to this shape ({self.kind})")
        self.add(record)
        return record

    def newest(self) -> Record | None:
        """Return the record that was made last, by its date, else by its place."""
        dated = [
            (at, place)
            for place, one in enumerate(self.all_records)
            if (at := known.moment_of(one.fields, known.CREATED)) is not None
        ]
        if dated:
            return self.all_records[max(dated)[1]]
        return self.all_records[-1] if self.all_records else None

    def _words(self) -> dict[bool, str]:
        """Return the file's own words for active and not active, as it was read."""
        if self._own_words is None:
            self._own_words = {}
            for record in self.all_records:
                value = known.text_of(record.fields, ("status", "state"))
                if value is not None:
                    self._own_words.setdefault(record.is_active, value)
        return self._own_words

    def _give_flag(self, record: Record) -> None:
        """Give a record the field that the others of its file have."""
        for other in self.all_records:
            for name in (*known.ACTIVE, *known.REVOKED):
                if isinstance(other.fields.get(name), bool) and record.fields:
                    record.fields[name] = name in known.ACTIVE
                    return
        raise ClientDenied("no record of the store says whether its key is active")


@dataclass(frozen=True, slots=True)
class Unrecognised:
    """A tree that is not written to."""

    why: str
    """Holds nothing of the store."""
    shape: Shape | None = None
    """As it may be read, to be shown only."""


def recognise(tree: Tree, tiers: Collection[str] = ()) -> Shape | Unrecognised:
    """Return how a tree holds its keys; `tiers` are those that the configuration names."""
    root = tree.root
    if isinstance(root, list):
        return _judged(_list(tree, root, KeyShape.LIST, ()))
    if not isinstance(root, dict):
        return Unrecognised("it is neither an object nor a list")
    readings = [
        reading
        for reading in (
            _wrapped(tree, root),
            _by_key(tree, root, KeyShape.BY_KEY, ()),
            _by_tier(tree, root, frozenset(tiers) | TIER_WORDS),
        )
        if reading is not None
    ]
    if not root:
        return Shape(KeyShape.BY_KEY, tree, root, [])
    if len(readings) == 1:
        if isinstance(readings[0], Shape) and _is_table_of_tiers(readings[0], tiers):
            return Unrecognised("its members are named like tiers: limits, not keys")
        return _judged(readings[0])
    if not readings:
        return Unrecognised(_why_none(root))
    kinds = " or ".join(
        str(one.kind) if isinstance(one, Shape) else "names with records" for one in readings
    )
    return Unrecognised(f"it can be read in {len(readings)} ways: {kinds}")


def _wrapped(tree: Tree, root: Fields) -> "Shape | Unrecognised | None":
    for name in ("keys", "api_keys", "apiKeys"):
        inner = root.get(name)
        if isinstance(inner, list):
            return _list(tree, inner, KeyShape.KEYS_LIST, (name,))
        if isinstance(inner, dict) and (not inner or _has_record(inner)):
            return _by_key(tree, inner, KeyShape.KEYS_BY_KEY, (name,))
    return None


def _has_record(holder: Fields) -> bool:
    return any(isinstance(one, dict) and known.present(one).is_record for one in holder.values())


def _records_of(holder: Fields) -> list[tuple[str, Fields, Present]]:
    """Return the members of an object that are records of keys, with their names."""
    has_of = known.present_in
    return [
        (name, one, has)
        for name, one in holder.items()
        if isinstance(one, dict) and (has := has_of(tuple(one))).is_record
    ]


def _by_key(tree: Tree, holder: Fields, kind: KeyShape, at: Path) -> "Shape | Unrecognised | None":
    found = _records_of(holder)
    if not found and (holder or kind is KeyShape.BY_KEY):
        return None
    if (inner := _keyed_inside(tree, holder, kind, at, found)) is not None:
        return inner
    has_prefix = all(known.named(one, known.PREFIX) for _, one, _ in found)
    is_hash = bool(found) and has_prefix and all(_looks_hashed(name) for name, _, _ in found)
    records = [Record(name, one, is_hash, None, (*at, name), has=has) for name, one, has in found]
    skipped = len(holder) - len(found)
    return Shape(KeyShape.HASHED if is_hash else kind, tree, holder, records, skipped)


def _keyed_inside(
    tree: Tree, holder: Fields, kind: KeyShape, at: Path, found: list[tuple[str, Fields, Present]]
) -> "Unrecognised | None":
    """Return why a store is not written to whose records have their keys in a field."""
    records: list[Record] = []
    for name, one, has in found:
        if not has.own_key:
            continue
        key, hashed = known.text_of(one, known.OWN_KEY), known.text_of(one, known.HASH)
        if key not in {None, name} or hashed not in {None, name}:
            is_hash = key is None
            records.append(Record(key or hashed or "", one, is_hash, None, (*at, name), has=has))
    if not records:
        return None
    shape = Shape(kind, tree, holder, records, len(holder) - len(records))
    why = "the names of its records are not their keys: fields of them are"
    return Unrecognised(why, shape if len(records) == len(found) else None)


def _list(tree: Tree, holder: "list[Value]", kind: KeyShape, at: Path) -> "Shape | Unrecognised":
    if not holder:
        if kind is KeyShape.LIST:
            return Unrecognised("an empty list: what its records would be is not known")
        return Shape(kind, tree, holder, [], key_name="key")
    rows = [
        (place, one, known.present(one))
        for place, one in enumerate(holder)
        if isinstance(one, dict)
    ]
    keys = {name for _, one, has in rows for name in has.key if isinstance(one[name], str)}
    hashes = {name for _, one, has in rows for name in has.hash if isinstance(one[name], str)}
    if len(keys) + len(hashes) != 1:
        if not keys and not hashes:
            return Unrecognised("a list whose items have no field for a key or its hash")
        names = " or ".join(f"`{name}`" for name in sorted(keys | hashes))
        return Unrecognised(f"it can be read in several ways: the key is {names}")
    name = next(iter(keys or hashes))
    records = [
        Record(key, one, bool(hashes), None, (*at, place), has=has)
        for place, one, has in rows
        if isinstance(key := one.get(name), str)
    ]
    made = KeyShape.HASHED if hashes else kind
    return Shape(made, tree, holder, records, len(holder) - len(records), name)


def _by_tier(tree: Tree, root: Fields, tiers: frozenset[str]) -> "Shape | None":
    kinds = (dict, list)
    if not all(name.lower() in tiers for name, one in root.items() if isinstance(one, kinds)):
        return None
    inner = {name: one for name, one in root.items() if isinstance(one, kinds)}
    if not inner:
        return None
    records: list[Record] = []
    for tier, one in inner.items():
        found = _of_tier(tier, one)
        if found is None:
            return None
        records += found
    return Shape(KeyShape.BY_TIER, tree, root, records, len(root) - len(inner))


def _of_tier(tier: str, value: Value) -> list[Record] | None:
    """Return the records of one tier; None: what is below it is something else."""
    if isinstance(value, dict):
        if (key := known.text_of(value, known.KEY)) is not None:
            return [Record(key, value, tier=tier, path=(tier,))]
        found = _records_of(value)
        is_all = len(found) == len(value)
        return (
            [Record(name, one, tier=tier, path=(tier, name), has=has) for name, one, has in found]
            if is_all
            else None
        )
    if not isinstance(value, list):
        return None
    made: list[Record] = []
    for place, one in enumerate(value):
        key = known.text_of(one, known.KEY) if isinstance(one, dict) else one
        if not isinstance(key, str):
            return None
        made.append(
            Record(key, one if isinstance(one, dict) else {}, tier=tier, path=(tier, place))
        )
    return made


def _judged(reading: "Shape | Unrecognised") -> "Shape | Unrecognised":
    """Return a reading, or why it must not be written to though it can be read."""
    if isinstance(reading, Unrecognised):
        for record in reading.shape.all_records if reading.shape else ():
            _why_odd(record)
        return reading
    why = ""
    for record in reading.all_records:
        # As most records of most stores are: what is asked of each takes longer than to read it.
        if (has := record.has) and has.only_flag and record.fields[has.only_flag] is True:
            continue
        said = _why_odd(record)
        why = why or said
    if why:
        return Unrecognised(why, reading)
    if len({record.identity for record in reading.all_records}) < len(reading.all_records):
        why = "one key has two records: which of the two counts is not known"
        return Unrecognised(why, reading)
    if reading.kind is KeyShape.HASHED or not reading.all_records:
        return reading
    if all(_looks_hashed(record.identity) for record in reading.all_records):
        return Unrecognised(
            "hexadecimal digits: whether these are keys, or hashes of keys, is not known",
            reading,
        )
    return reading


def _why_odd(record: Record) -> str:
    """Note whether a record says that its key is active; return why nobody can tell."""
    fields = record.fields
    has = record.has = record.has or known.present(fields)
    try:
        record.was_active = not has.flags or known.flag_in(fields, has.flags) is not False
    except ValueError as error:
        record.was_active = False
        return f"`{error.args[0]}` has a word that is not known to mean active or not"
    if len(has.tier) > 1 and len(known.tiers_of(fields)) > 1:
        return "a record names two tiers: which of the two counts is not known"
    return ""


def _is_table_of_tiers(reading: Shape, tiers: Collection[str]) -> bool:
    if reading.kind is not KeyShape.BY_KEY or not reading.all_records:
        return False
    names = (one.identity.lower() for one in reading.all_records)
    return all(name in TIER_WORDS or name in tiers for name in names)


def _looks_hashed(text: str) -> bool:
    return len(text) in {64, 96, 128} and not text.strip("0123456789abcdefABCDEF")


def _why_none(root: Fields) -> str:
    if root and all(isinstance(one, str) for one in root.values()):
        return "names with texts: secrets by their names, not API keys with records"
    return "an object of no known shape: no member is the record of a key"
