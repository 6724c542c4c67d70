"""What a look at Redis servers amounts to: exit code, JSON document, lines for a person. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from cli import exits
from cli.as_json import as_json, moment
from cli.output import aligned, verdict_word
from cli.redis_sections import census_lines, latency_lines, slow_lines, token_lines
from core.model.redis_figures import RedisFigures
from core.model.redis_server import ServerView, Tokens
from core.model.topology import Environment
from core.model.verdict import Verdict, worst
from core.redis.server import telling
from core.redis.server.rates import evicting_per_s, hit_percent, share_percent
from core.redis.server.tokens import masked_token
from core.redis.server.words import share_text, short_span

if TYPE_CHECKING:
    from cli.redis_reading import Reading

FORMAT = 1
"""Version of the JSON document: grows when a name changes its meaning or goes away."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What else than figures and findings is asked for."""

    is_slow: bool = False
    latency_s: float | None = None
    is_census: bool = False
    is_tokens: bool = False

    @property
    def windows(self) -> tuple[int, float]:
        """How many windows of pings, and how long each is: a second, longer for long samples."""
        whole_s = self.latency_s or 1.0
        count = min(60, max(1, math.ceil(whole_s)))
        return count, whole_s / count


@dataclass(frozen=True, slots=True)
class Report:
    """One look at each server, ready to be shown."""

    environment: Environment
    readings: "tuple[Reading, ...]"
    wanted: Wanted
    ended_at: datetime

    @property
    def views(self) -> tuple[ServerView, ...]:
        """What each server said, or why it said nothing."""
        return tuple(
            one.view
            if isinstance(one.view, ServerView)
            else ServerView(one.spec.server, trouble=one.trouble)
            for one in self.readings
        )


def verdict_of(view: ServerView) -> Verdict:
    """Return what a server's findings come to."""
    if view.trouble is not None:
        return Verdict.DOWN
    if view.figures is None:
        return Verdict.UNKNOWN
    if view.failing:
        return Verdict.DOWN
    return Verdict.DEGRADED if view.findings else Verdict.OK


def exit_code(report: Report) -> int:
    """Return 0 when nothing was found, 3 when no server was reached, else 1."""
    if all(view.trouble is not None for view in report.views):
        return exits.UNREACHED
    is_well = worst(verdict_of(view) for view in report.views) is Verdict.OK
    return exits.OK if is_well else exits.TROUBLE


def as_document(report: Report) -> dict[str, object]:
    """Return the JSON document of `redis --json`."""
    return {
        "format": FORMAT,
        "environment": str(report.environment),
        "verdict": str(worst(verdict_of(view) for view in report.views)),
        "exit_code": exit_code(report),
        "ended_at": moment(report.ended_at),
        "servers": [_server_json(view, report.wanted) for view in report.views],
    }


def _server_json(view: ServerView, wanted: Wanted) -> dict[str, object]:
    document: dict[str, object] = {
        "server": view.server,
        "verdict": str(verdict_of(view)),
        "trouble": as_json(view.trouble),
        "findings": [
            {"text": text, "is_failing": place < view.failing}
            for place, text in enumerate(view.findings)
        ],
        "notes": list(view.notes),
        "refused": view.refused,
        "identity": as_json(view.identity),
        "keys": view.keys,
        "load": as_json(view.load),
        **_figures_json(view),
    }
    if wanted.is_slow:
        document["slow"] = as_json(view.slow)
    if wanted.latency_s is not None:
        document["latency"] = as_json(view.latency)
    if wanted.is_census:
        document["census"] = as_json(view.census)
    if wanted.is_tokens:
        document["tokens"] = _tokens_json(view.tokens)
    return document


def _figures_json(view: ServerView) -> dict[str, object]:
    figures = view.figures
    if figures is None:
        names = ("memory", "traffic", "persistence", "replication")
        return {"product": None, "uptime_s": None, **dict.fromkeys(names), "databases": []}
    memory = figures.memory
    percent = memory.percent
    return {
        "product": figures.product,
        "uptime_s": figures.uptime_s,
        "memory": {
            **_fields(memory),
            "max_bytes": memory.max_bytes or None,
            "has_limit": None if memory.max_bytes is None else bool(memory.max_bytes),
            "used_percent": None if percent is None else round(percent, 2),
        },
        "traffic": {
            **_fields(figures.traffic),
            "hit_percent": hit_percent(view.history),
            "hit_percent_since_start": share_percent(figures.traffic.hits, figures.traffic.misses),
            "evicted_keys_per_s": evicting_per_s(view.history),
        },
        "persistence": {
            **_fields(figures.persistence),
            "save_age_s": _save_age_s(view, figures),
            "save_rule": view.settings.get("save"),
        },
        "replication": _fields(figures.replication),
        "databases": as_json(figures.databases),
    }


def _fields(value: object) -> dict[str, object]:
    document = as_json(value)
    return document if isinstance(document, dict) else {}  # pyright: ignore[reportUnknownVariableType] - of a frozen value


def _save_age_s(view: ServerView, figures: RedisFigures) -> float | None:
    saved_at_s = figures.persistence.saved_at_s
    if saved_at_s is None or view.identity is None:
        return None
    return round(view.identity.now_s - saved_at_s, 3)


def _tokens_json(tokens: Tokens | None) -> object:
    if tokens is None:
        return None
    rows = [
        {"key": masked_token(one.key), "owner": one.owner, "ttl_s": one.ttl_s, "kind": one.kind}
        for one in tokens.rows
    ]
    return {**_fields(tokens), "rows": rows}


def as_lines(report: Report, is_colour: bool) -> list[str]:
    """Return the report for a person, a block for each server."""
    lines: list[str] = []
    for view in report.views:
        lines += [*_server_lines(view, report.wanted, is_colour), ""]
    return lines[:-1]


def _server_lines(view: ServerView, wanted: Wanted, is_colour: bool) -> list[str]:
    head = f"{verdict_word(verdict_of(view), is_colour)}  {view.server}"
    if view.trouble is not None:
        remedy = f" ({view.trouble.remedy})" if view.trouble.remedy else ""
        return [f"{head}: {view.trouble.text}{remedy}"]
    lines = [f"{head}: {_who(view)}"]
    for place, text in enumerate(view.findings):
        verdict = Verdict.DOWN if place < view.failing else Verdict.DEGRADED
        lines.append(f"  {verdict_word(verdict, is_colour)}  {text}")
    lines += [f"  note: {text}" for text in view.notes]
    if view.refused:
        lines.append(f"  not allowed to us: {view.refused}")
    lines += [f"  {line}" for line in aligned(_rows(view))]
    sections: list[Sequence[str]] = []
    if wanted.is_slow:
        sections.append(slow_lines(view.slow))
    if wanted.latency_s is not None:
        sections.append(latency_lines(view.latency))
    if wanted.is_census:
        sections.append(census_lines(view.census))
    if wanted.is_tokens:
        sections.append(token_lines(view.tokens))
    for section in sections:
        lines += [f"  {line}" for line in section]
    return lines


def _who(view: ServerView) -> str:
    identity, figures = view.identity, view.figures
    product = figures.product if figures else ""
    uptime = figures.uptime_s if figures else None
    parts = [
        str(product) or (str(identity.version) if identity else ""),
        identity.role if identity else "",
        identity.mode if identity else "",
        f"up {short_span(uptime)}" if uptime is not None else "",
    ]
    return ", ".join(part for part in parts if part)


def _rows(view: ServerView) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    figures = view.figures
    if figures is not None:
        now_s = view.identity.now_s if view.identity else None
        percent = figures.memory.percent
        share = "" if percent is None else f" ({share_text(percent)})"
        note = telling.memory_note(figures.memory)
        rows = [
            (
                "memory",
                f"{telling.used_text(figures.memory)}{share}" + (f", {note}" if note else ""),
            ),
            ("hits", telling.hits_text(figures, view.history)),
            ("evicted", telling.evictions_text(figures, view.history)),
            ("clients", f"{telling.clients_text(figures)}; {telling.ops_text(figures)}"),
            ("disk", telling.disk_text(figures, now_s, view.settings.get("save"))),
            ("replication", telling.replication_text(figures)),
            ("keys", telling.databases_text(figures, view.keys)),
        ]
    if view.load is not None:
        cost = f"{view.load.commands_total} commands in all, {telling.load_text(view.load)}"
        rows.append(("our own cost", cost))
    return rows
