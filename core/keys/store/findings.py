"""What is wrong with keys and their stores, in words a person can act on. Pure."""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.clients.key_files import Stamp, owner_words
from core.clients.key_server import ServerFile
from core.keys.store.usage import KeyUsage, latest
from core.model.key_store import StoreFile, StoreState
from core.model.text import SafeText, clean

UNUSED = timedelta(days=90)
_ALL_PERCENT = 100.0
SAMPLE_LIVE = "sample key is live: everybody knows it"
EXPIRED = "expired although active"


@dataclass(slots=True)
class KeyFacts:
    """What is known of one key when it is judged."""

    is_said_active: bool
    is_expired: bool
    is_sample: bool
    tier: str
    quota: int | None
    created: datetime | None
    last_used: datetime | None
    """Of its record."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What keys are judged by."""

    now: datetime
    tiers: frozenset[str]
    """Empty: every tier counts as known."""
    warning_percent: float
    is_usage_known: bool
    """Whether the records of usage could be read: without them nothing is unused."""


def key_findings(
    facts: KeyFacts, usage: KeyUsage, rules: Rules, percent: float | None
) -> tuple[SafeText, ...]:
    """Return what is wrong with one key, most urgent first; `percent` is of its quota."""
    found: list[str] = []
    if facts.is_said_active:
        found += [SAMPLE_LIVE] if facts.is_sample else ()
        found += [EXPIRED] if facts.is_expired else ()
    if percent is not None and percent >= rules.warning_percent:
        found.append(_quota_text(percent))
    if facts.is_said_active and _is_unused(facts, usage, rules):
        found.append("unused for 90 days")
    if rules.tiers and facts.tier not in rules.tiers:
        found.append("unknown tier")
    return tuple(map(clean, found)) if found else ()


def _quota_text(percent: float) -> str:
    """Return where a key stands; only what is all used up is at 100 %."""
    if percent > _ALL_PERCENT:
        return f"over quota ({max(round(percent), 101)} %)"
    if percent == _ALL_PERCENT:
        return "quota used up"
    return f"near quota ({math.floor(percent)} %)"


def percent_of(used: int | None, quota: int | None) -> float | None:
    """Return the used part of a quota; None: one of the two is not known."""
    return None if used is None or not quota else 100.0 * used / quota


def file_findings(
    name: str, file: StoreFile, stamp: Stamp | None, is_in_git: bool | None
) -> list[str]:
    """Return what is wrong with one file, most urgent first."""
    found: list[str] = []
    if stamp is not None:
        words = owner_words(stamp)
        if stamp.mode & 0o022:
            found.append(f"{name} may be written by others than its owner ({words})")
        if stamp.mode & 0o004:
            found.append(f"{name} may be read by everybody ({words})")
        elif stamp.mode & 0o040:
            found.append(f"{name} may be read by its group ({words})")
        if is_in_git is not False:
            ignored = "" if is_in_git else "; whether it is ignored is not known"
            found.append(f"{name} lies in a git tree{ignored}")
        if file.is_bind_mount:
            found.append(f"{name} is mounted alone: a rename over it is not seen inside")
    return found


def state_finding(file: StoreFile, name: str, copy: str) -> list[str]:
    """Return what it means that a file is not simply read."""
    offer = f"; newest copy that can be read: {copy}" if copy else "; there is no copy of it"
    match file.state:
        case StoreState.UNREADABLE:
            return [f"{name} is unreadable, so nothing is written to it: {file.why}{offer}"]
        case StoreState.MISSING:
            return [f"{name} is not there: its server makes it anew, with keys of its own{offer}"]
        case StoreState.READ_ONLY:
            return [f"{name} is not written to: {file.why}"]
        case _:
            return []


def split_findings(
    main: str, server: ServerFile, others: Sequence[tuple[str, int, int]]
) -> list[str]:
    """Return what it means that files of one store do not agree.

    Args:
        main: The file whose keys count.
        server: What is known of the file that the server reads.
        others: Another file, keys that are active only in the first, keys that differ at all.
    """
    found: list[str] = []
    for name, live, differing in others:
        if not differing:
            continue
        count = f"{differing} key{'s' if differing != 1 else ''}"
        only = f", {live} still active in {main}" if live else ""
        if server.path is None:
            how = f"which of them the server reads is not known: {server.why}"
        else:
            how = f"the server reads {main}: {server.why}"
        found.append(f"split store: {main} and {name} differ in {count}{only}; {how}")
    return found


def names_of(paths: Sequence[str]) -> dict[str, str]:
    """Return short names that tell paths apart: what follows the folder that all are below."""
    folders = [path.rpartition("/")[0] or "/" for path in paths]
    common = os.path.commonpath(folders) if folders else "/"
    return {path: os.path.relpath(path, common) for path in paths}


def _is_unused(facts: KeyFacts, usage: KeyUsage, rules: Rules) -> bool:
    last = facts.last_used
    if usage.used_since is not None or usage.last_used is not None:
        last = latest(last, usage.last_used, usage.used_since)
    if last is None:
        # Without records of usage nobody knows; with them, a key that has none was never used.
        last = facts.created if rules.is_usage_known else None
    elif facts.created is not None:
        last = max(last, facts.created)
    return last is not None and rules.now - last > UNUSED
