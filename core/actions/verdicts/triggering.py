"""What a scheduler says when a job is started by hand. HTTP 200 says nothing: the body does."""

import json
from typing import Any, cast

from core.actions.verdicts.judged import Judged, bad, good, unclear
from core.clients.acting.prober import Called
from core.model.text import SafeText, clean

_NOT_THERE = frozenset({404, 405, 501})
_ERROR = 400
_SAID = ("message", "error", "detail", "reason")


def is_elsewhere(called: Called) -> bool:
    """Tell whether this path is not that of the trigger."""
    return called.status in _NOT_THERE


def judge_trigger(called: Called, success: str) -> Judged:
    """Say whether a job was run.

    Args:
        called: The answer.
        success: The word of the body's `status` that means that it worked.
    """
    facts = ("http_status", called.status), ("took_s", round(called.latency_s, 3))
    body = _object(called.body)
    if body is None:
        if called.status >= _ERROR:
            return bad(f"answered {called.status}: {_said_of(called.body)}", *facts)
        text = (
            f"answered {called.status}, and the body is no JSON object: whether it ran is not told"
        )
        return unclear(text, *facts)
    said = next((clean(str(body[name]), 200) for name in _SAID if body.get(name)), SafeText(""))
    status = body.get("status")
    words = f"{clean(str(status), 80)}{f': {said}' if said else ''}"
    if called.status >= _ERROR:
        return bad(f"answered {called.status}: {words if status else said}", *facts)
    if not isinstance(status, str):
        return unclear(f"answered {called.status} without a status: {said or 'nothing'}", *facts)
    return (good if status == success else bad)(f"the scheduler says {words}", *facts)


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        found: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else None


def _said_of(body: bytes) -> str:
    return clean(body, 200) or "an empty body"
