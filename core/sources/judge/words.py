"""What the words of health bodies mean (facts 3.3). Compared without case. Pure."""

from core.clients.json_body import JsonValue
from core.model.verdict import Verdict

OK_WORDS = frozenset(
    {"healthy", "ok", "okay", "up", "pass", "passed", "passing", "ready", "alive", "operational",
     "running", "connected", "active", "success", "succeeded", "good", "green", "online", "serving",
     "available", "enabled", "normal", "none"}
)  # fmt: skip
DEGRADED_WORDS = frozenset(
    {"degraded", "warn", "warning", "partial", "yellow", "impaired", "slow", "minor", "limited",
     "partial_outage", "degraded_performance", "maintenance"}
)  # fmt: skip
DOWN_WORDS = frozenset(
    {"unhealthy", "down", "error", "fail", "failed", "failing", "failure", "not_ready", "not ready",
     "notready", "critical", "dead", "offline", "disconnected", "unavailable", "stopped", "crashed",
     "red", "out_of_service", "major_outage", "not_serving", "unreachable", "timeout", "refused"}
)  # fmt: skip
TOP_OK_WORDS = frozenset({"healthy", "ok", "okay", "up", "pass", "ready", "alive", "operational"})
"""Only these make a whole service ok: `running` or `active` say that it was started."""

UNKNOWN_WORDS = frozenset({"unknown", "n/a", "na", "null", "undefined", "pending", ""})


def verdict_of_word(word: str, extra_ok: tuple[str, ...] = ()) -> Verdict:
    """Return what a status word of a component means; unknown words are `unknown`."""
    folded = word.strip().casefold()
    if folded in OK_WORDS or folded in {one.casefold() for one in extra_ok}:
        return Verdict.OK
    if folded in DEGRADED_WORDS:
        return Verdict.DEGRADED
    return Verdict.DOWN if folded in DOWN_WORDS else Verdict.UNKNOWN


def verdict_of_top_word(word: str, ok_words: tuple[str, ...]) -> Verdict:
    """Return what a service's own status word means.

    Args:
        word: As sent.
        ok_words: The configured words; empty: `TOP_OK_WORDS`.
    """
    folded = word.strip().casefold()
    allowed = {one.casefold() for one in ok_words} or TOP_OK_WORDS
    if folded in allowed:
        return Verdict.OK
    verdict = verdict_of_word(folded)
    return Verdict.UNKNOWN if verdict is Verdict.OK else verdict


def verdict_of_value(value: JsonValue) -> Verdict | None:
    """Return what a flag or word means; None when the value is neither."""
    if isinstance(value, bool):
        return Verdict.OK if value else Verdict.DOWN
    if isinstance(value, str):
        return verdict_of_word(value)
    return None
