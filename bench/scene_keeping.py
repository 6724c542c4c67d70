"""The log files of the scripted night: what is overdue, a trap, and what must stay."""

from collections.abc import Callable
from datetime import UTC, datetime

from core.logs.keeping.classes import classify
from core.logs.keeping.facts import FileFingerprint, LogFileFacts, LogListing, SkippedEntry
from core.logs.keeping.names import parse_log_name
from core.logs.keeping.overview import SystemFiles, overview
from core.logs.keeping.rules import DAY_S, DEFAULT_RULES, LogClaim
from core.model.log_keeping import LogKeeping
from core.model.text import clean

_MIB = 1024 * 1024
_DAYS = 45


class ScriptedHouse:
    """Says of two systems what would be found."""

    def read(self, now_s: float, cancelled: Callable[[], bool]) -> LogKeeping:
        """Return the same files at every look."""
        del cancelled
        return overview([_ai_diy(now_s), _gateway(now_s)], now_s)


def _ai_diy(now_s: float) -> SystemFiles:
    folder = "/opt/ai-diy/logs"
    claims = (
        LogClaim("ai-diy/api/calls", f"{folder}/ai_diy_api_%Y%m%d.jsonl"),
        LogClaim("ai-diy/api/security", f"{folder}/security_%Y%m%d.jsonl", "security"),
        LogClaim("ai-diy/api/app", f"{folder}/*.log*"),
        LogClaim("ai-diy/api/audit", f"{folder}/audit.log", "audit"),
    )
    files: list[tuple[str, float, int]] = [("app.log", 0.0, 3 * _MIB), ("audit.log", 0.1, _MIB)]
    for ago in range(_DAYS):
        day = f"{datetime.fromtimestamp(now_s - ago * DAY_S, UTC):%Y%m%d}"
        size = (20 + ago * 7 % 13) * _MIB
        packed = 11 <= ago < 28
        files.append((f"ai_diy_api_{day}.jsonl{'.gz' if packed else ''}", ago,
                      size // 9 if packed else size))  # fmt: skip
        if ago % 4 == 0:
            files.append((f"security_{day}.jsonl", ago, 300_000))
    files += [("app.log.2025-11-02", 132.0, 40 * _MIB), ("audit.log.2025-11-02", 132.0, 5 * _MIB),
              ("core.7731", 61.0, 64 * _MIB)]  # fmt: skip
    return SystemFiles("ai-diy", _listing(folder, files, claims, now_s), DEFAULT_RULES)


def _gateway(now_s: float) -> SystemFiles:
    folder = "/opt/gateway/logs"
    claims = (LogClaim("api-gateway/proxy-service/app", f"{folder}/proxy.log"),)
    skipped = (_skipped("/opt/gateway/logs/old", "Permission denied"),)
    files = [("proxy.log", 0.0, 9 * _MIB), ("proxy.log.1", 1.0, 20 * _MIB)]
    listing = _listing(folder, files, claims, now_s, skipped)
    return SystemFiles("api-gateway", listing, DEFAULT_RULES)


def _skipped(path: str, why: str) -> SkippedEntry:
    return SkippedEntry(path.encode(), clean(path), clean(why), is_failure=True)


def _listing(
    folder: str,
    files: list[tuple[str, float, int]],
    claims: tuple[LogClaim, ...],
    now_s: float,
    skipped: tuple[SkippedEntry, ...] = (),
) -> LogListing:
    found = tuple(
        LogFileFacts(
            f"{folder}/{name}".encode(),
            clean(f"{folder}/{name}"),
            FileFingerprint(1, number, size_bytes, int((now_s - days * DAY_S) * 1e9)),
            size_bytes,
            1,
            parse_log_name(name),
            classify(f"{folder}/{name}", claims, DEFAULT_RULES),
        )
        for number, (name, days, size_bytes) in enumerate(files)
    )
    note = "a folder inside cannot be read" if skipped else ""
    return LogListing(found, skipped, not skipped, clean(note))
