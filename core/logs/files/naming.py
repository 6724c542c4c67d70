"""What the name of a rotated log tells about its place in time. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Packing(StrEnum):
    """How a log is packed, by its name's ending."""

    NONE = ""
    GZIP = ".gz"
    BZIP2 = ".bz2"
    XZ = ".xz"
    ZSTD = ".zst"


_DAY = r"\d{4}-?\d{2}-?\d{2}"
_CLOCK = r"(?:[-_.T ]?\d{2}(?:[-_.:]?\d{2}(?:[-_.:]?\d{2}(?:[.,_-]?\d{1,6})?)?)?)?"
_STAMP = rf"(?P<stamp>{_DAY}{_CLOCK}Z?|\d{{10}})(?:\.(?P<index>\d{{1,4}}))?"
_TAG = rf"[.\-_](?:{_STAMP}|(?P<number>\d{{1,4}})|(?P<old>old))"


@dataclass(frozen=True, slots=True)
class Rotation:
    """What stands on a rotated file's name beyond the live file's."""

    packing: Packing = Packing.NONE
    stamp: str = ""
    """The digits of its date and time; empty where it has none."""
    index: int = 0
    """Of several with one date: counts upwards in time."""
    number: int | None = None
    """`app.log.2`: counts backwards in time."""

    @property
    def is_rotated(self) -> bool:
        """Whether the name says that the file is not written any more."""
        return bool(self.stamp) or self.number is not None or self.packing is not Packing.NONE


def split_packing(name: str) -> tuple[str, Packing]:
    """Return a name without the ending that says how it is packed, and that."""
    for packing in (Packing.GZIP, Packing.BZIP2, Packing.XZ, Packing.ZSTD):
        if name.endswith(packing) and len(name) > len(packing):
            return name.removesuffix(packing), packing
    return name, Packing.NONE


def parse_rotation(live_name: str, name: str) -> Rotation | None:
    """Return what a sibling's name tells, or None when it is not a sibling of `live_name`.

    Knows `x.log.1`, `x.log.2.gz`, `x.log.2026-03-13`, `x.log-20260313`, and the mark before the
    ending: `x-20260313.log.xz`, `x.1.log`.
    """
    bare, packing = split_packing(name)
    if bare == live_name:
        return Rotation(packing)
    dot = live_name.rfind(".")
    root, ending = (live_name[:dot], live_name[dot:]) if dot > 0 else (live_name, "")
    for stem, tail in ((live_name, ""), (root, ending)):
        if bare.startswith(stem) and bare.endswith(tail) and len(bare) > len(stem) + len(tail):
            found = re.fullmatch(_TAG, bare[len(stem) : len(bare) - len(tail)])
            if found is not None:
                return _rotation(found, packing)
    return None


def split_rotation(name: str) -> tuple[str, Rotation]:
    """Return the live name that a name seems to be a rotation of, and the rotation.

    For globs, where the live name is not known: `x.log.2.gz` is of `x.log`; `x.log` of itself.
    """
    bare, packing = split_packing(name)
    found = re.fullmatch(rf"(?P<stem>.+?){_TAG}", bare)
    if found is not None:
        return found["stem"], _rotation(found, packing)
    return bare, Rotation(packing)


def _rotation(found: re.Match[str], packing: Packing) -> Rotation:
    groups = found.groupdict()
    if groups["stamp"]:
        stamp = re.sub(r"\D", "", groups["stamp"])
        return Rotation(packing, stamp, int(groups["index"] or 0))
    return Rotation(packing, number=int(groups["number"] or 1))


_CODES = {
    "%Y": r"\d{4}", "%y": r"\d{2}", "%m": r"\d{2}", "%d": r"\d{2}", "%H": r"\d{2}",
    "%M": r"\d{2}", "%S": r"\d{2}", "%j": r"\d{3}",
}  # fmt: skip
_ORDER = ("%Y", "%y", "%j", "%m", "%d", "%H", "%M", "%S")


def has_date(pattern: str) -> bool:
    """Return whether a path rolls with the calendar: `x_%Y%m%d.jsonl`."""
    return any(code in pattern for code in _CODES)


def date_glob(pattern: str) -> str:
    """Return a glob for the files of a pattern, of every day."""
    filled = re.sub(r"([*?\[])", r"[\1]", pattern)
    for code, digits in _CODES.items():
        filled = filled.replace(code, "[0-9]" * int(digits[-2]))
    return filled.replace("%%", "%")


@dataclass(frozen=True, slots=True)
class DatedPath:
    """A file of a pattern that rolls with the calendar."""

    stamp: tuple[int, ...]
    """Year, month, day …, as far as the pattern has them; comparable."""
    rotation: Rotation


def parse_dated(pattern: str, path: str) -> DatedPath | None:
    """Return which day's file a path is, packed or rotated within the day, or None."""
    bare, packing = split_packing(path)
    expression, codes = "", list[str]()
    for part in re.split(r"(%[A-Za-z%])", pattern):
        if part in _CODES:
            codes.append(part)
            expression += f"({_CODES[part]})"
        else:
            expression += re.escape("%" if part == "%%" else part)
    found = re.fullmatch(f"{expression}(?P<tag>{_TAG})?", bare)
    if found is None:
        return None
    named = dict(zip(codes, found.groups(), strict=False))
    stamp = tuple(int(named[code]) for code in _ORDER if code in named)
    rotation = _rotation(found, packing) if found["tag"] else Rotation(packing)
    return DatedPath(stamp, rotation)
