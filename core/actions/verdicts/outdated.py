"""Outdated dependencies, as pip and npm list them: rows for a table."""

import json
import re
from dataclasses import dataclass
from typing import Any, cast

from core.model.text import SafeText, clean

_RULE = re.compile(r"^-+(?: +-+)+$")


@dataclass(frozen=True, slots=True)
class Outdated:
    """One package that a newer version exists of."""

    name: SafeText
    current: SafeText
    """Empty: it is wanted and not installed."""
    latest: SafeText
    wanted: SafeText
    """The newest that the project's own bounds allow; empty where the tool does not say."""


def parse_pip_outdated(lines: tuple[SafeText, ...]) -> tuple[Outdated, ...] | None:
    """Return what `pip list --outdated` lists, as table or JSON; None: it is no such list."""
    text = "\n".join(lines).strip()
    if text.startswith("["):
        return _pip_json(text)
    rows = [
        line.split() for line in lines if line.strip() and not line.startswith(("[", "WARNING"))
    ]
    if not rows:
        return ()
    if rows[0][:3] != ["Package", "Version", "Latest"]:
        return None
    return tuple(
        Outdated(clean(row[0]), clean(row[1]), clean(row[2]), SafeText(""))
        for row in rows[1:]
        if len(row) >= 3 and not _RULE.match(" ".join(row))
    )


def _pip_json(text: str) -> tuple[Outdated, ...] | None:
    found = _read(text)
    if not isinstance(found, list):
        return None
    rows = [cast("object", one) for one in cast("list[Any]", found) if isinstance(one, dict)]
    return tuple(
        Outdated(
            _word(row, "name"), _word(row, "version"), _word(row, "latest_version"), SafeText("")
        )
        for row in rows
    )


def parse_npm_outdated(lines: tuple[SafeText, ...]) -> tuple[Outdated, ...] | None:
    """Return what `npm outdated` lists, as table or JSON; None: it is no such list."""
    text = "\n".join(lines).strip()
    if not text:
        return ()
    if text.startswith("{"):
        return _npm_json(text)
    rows = [line.split() for line in lines if line.strip()]
    if rows[0][:4] != ["Package", "Current", "Wanted", "Latest"]:
        return None
    return tuple(
        Outdated(clean(row[0]), _present(row[1]), clean(row[3]), clean(row[2]))
        for row in rows[1:]
        if len(row) >= 4
    )


def _npm_json(text: str) -> tuple[Outdated, ...] | None:
    found = _read(text)
    if not isinstance(found, dict) or "error" in found:
        return None
    rows = cast("dict[str, object]", found)
    return tuple(
        Outdated(clean(name), _word(row, "current"), _word(row, "latest"), _word(row, "wanted"))
        for name, row in rows.items()
        if isinstance(row, dict)
    )


def _present(word: str) -> SafeText:
    return SafeText("") if word == "MISSING" else clean(word)


def _word(row: Any, name: str) -> SafeText:
    value = row.get(name, "")
    return clean(value) if isinstance(value, str) else SafeText("")


def _read(text: str) -> object:
    try:
        return cast("object", json.loads(text))
    except (ValueError, RecursionError):
        return None
