"""JSON files as the key API keeps them: read whole, written whole, damaged read as empty."""

import json
from pathlib import Path
from typing import Any, cast


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a file; empty when absent or damaged, as the real system does."""
    try:
        value: Any = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def write_json(path: Path, value: object) -> None:
    """Write a file in place, as the real system does: a reader may meet half of it."""
    path.write_text(json.dumps(value, indent=2), "utf-8")
