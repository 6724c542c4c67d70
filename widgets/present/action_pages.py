"""The audit trail and backups as rows and in full, with one line that sums each up. Pure."""

from datetime import datetime

from core.model.action_pages import AuditRow, AuditTrail, BackupRow
from core.model.text import SafeText, clean, join
from core.model.verdict import Verdict
from widgets.present.durations import ago_text, clock_text, duration_text
from widgets.present.fitting import cut, rule, wrap
from widgets.present.line import BLANK, Line, Span, Tone, glyph_of, line, span, tone_of
from widgets.present.numbers import bytes_text, count_text, plural

_LABEL_CELLS = 12
_VALIDITIES = {
    "good": ("●", Tone.OK),
    "unverified": ("?", Tone.UNKNOWN),
    "bad": ("✖", Tone.DOWN),
}


def audit_cells(row: AuditRow, now: datetime) -> tuple[Line, ...]:
    """Return a record's cells: when, event, who, what, how it came out, number."""
    tone = Tone.DEGRADED if row.is_trouble else Tone.PLAIN
    mark = "▲ " if row.is_trouble else "  "
    return (
        line(span(clock_text(row.at, now), Tone.DIM)),
        line(span(f"{mark}{row.event.replace('_', ' ')}", tone)),
        line(span(row.who, Tone.DIM)),
        line(span(row.what)),
        line(span(row.result, tone if row.is_trouble else Tone.DIM)),
        line(span(count_text(row.seq), Tone.DIM)),
    )


def audit_search(row: AuditRow) -> SafeText:
    """Return what a filter looks through."""
    return join(" ", [row.event, row.who, row.what, row.result, row.action_id])


def audit_summary(trail: AuditTrail | None, now: datetime, width: int) -> Line:
    """Return whether the log is whole, and how much of it is shown."""
    if trail is None:
        return line(span("audit log: loading…", Tone.DIM))
    if not trail.rows:
        return line(span("audit log: none so far", Tone.DIM))
    shown = f"  the newest {plural(len(trail.rows), 'record')}" if trail.is_cut else ""
    return cut((*_verdict(trail, now), *_weaker(trail), span(shown, Tone.DIM)), width)


def _weaker(trail: AuditTrail) -> Line:
    """Return why the log proves less than it could; it stands before what may be cut off."""
    first = next(iter(trail.weaker), None)
    if first is None:
        return BLANK
    more = f" and {len(trail.weaker) - 1} more" if len(trail.weaker) > 1 else ""
    return line(span(f"  ▲ weaker: {first}{more}", Tone.DEGRADED))


def _verdict(trail: AuditTrail, now: datetime) -> Line:
    verdict = trail.verdict
    if trail.problem:
        return line(span(f"? it cannot be verified: {trail.problem}", Tone.UNKNOWN))
    if verdict is None:
        return line(span("… the log is being verified", Tone.DIM))
    behind = f"{count_text(verdict.unanchored)} unanchored"
    first = next(iter(verdict.breaks), None)
    if first is None:
        return line(
            span(f"● whole, {behind}", Tone.OK, bold=True),
            span(f"  {plural(verdict.records, 'record')}, verified ", Tone.DIM),
            span(ago_text(verdict.at, now), Tone.DIM),
        )
    more = f" and {len(verdict.breaks) - 1} more" if len(verdict.breaks) > 1 else ""
    tone = Tone.DEGRADED if verdict.is_answered else Tone.DOWN
    glyph = "▲" if verdict.is_answered else "✖"
    return line(span(f"{glyph} broken {first}{more}", tone, bold=True))


def audit_lines(row: AuditRow, trail: AuditTrail | None, width: int) -> tuple[Line, ...]:
    """Return a record in full."""
    at = f"{row.at:%Y-%m-%d %H:%M:%S.%f} UTC" if row.at is not None else "no moment"
    pairs = [
        ("Record", count_text(row.seq)),
        ("When", at),
        ("Who", row.who),
        ("What", row.what),
        ("Result", row.result),
        *((name.replace("_", " ").capitalize(), value) for name, value in row.facts),
    ]
    lines = [line(span(row.event.replace("_", " "), Tone.TITLE, bold=True)), BLANK]
    lines += _pairs(pairs, width)
    if trail is not None and trail.weaker:
        lines += [BLANK, rule("Why the log proves less than it could", width)]
        for one in trail.weaker:
            lines += wrap(one, width, 4, Tone.DEGRADED)
    if trail is not None and trail.verdict is not None and trail.verdict.breaks:
        lines += [BLANK, rule("Where the log is not what was written", width)]
        for one in trail.verdict.breaks[:20]:
            lines += wrap(one, width, 4, Tone.DOWN)
    return tuple(lines)


def backup_cells(row: BackupRow, now: datetime) -> tuple[Line, ...]:
    """Return a backup's cells: set, worth, age, size, kind, path, why."""
    is_first = row.is_newest
    head = line(
        span(f"{glyph_of(row.verdict)} " if is_first else "  ", tone_of(row.verdict)),
        span(f"{row.system}/{row.name}", Tone.PLAIN if is_first else Tone.DIM),
    )
    if row.made_at is None:
        none = line(span("none", Tone.DEGRADED))
        return (head, none, BLANK, BLANK, line(span(row.kind, Tone.DIM)), BLANK, _why(row))
    glyph, tone = _VALIDITIES.get(row.validity, ("?", Tone.UNKNOWN))
    is_old = _is_old(row, now)
    age = duration_text((now - row.made_at).total_seconds())
    return (
        head,
        line(span(f"{glyph} {row.validity}", tone)),
        line(span(age, Tone.DEGRADED if is_old else Tone.PLAIN)),
        line(span(bytes_text(row.size_bytes))),
        line(span(row.kind, Tone.DIM)),
        line(span(row.path.rpartition("/")[2], Tone.DIM)),
        _why(row),
    )


def _why(row: BackupRow) -> Line:
    if row.is_newest and row.verdict is not Verdict.OK:
        return line(span(row.reason, tone_of(row.verdict)))
    return line(span(row.why, Tone.DIM))


def _is_old(row: BackupRow, now: datetime) -> bool:
    if row.max_age_s is None or row.made_at is None or not row.is_newest:
        return False
    return (now - row.made_at).total_seconds() > row.max_age_s


def backup_search(row: BackupRow) -> SafeText:
    """Return what a filter looks through."""
    return join(" ", [clean(f"{row.system}/{row.name}"), row.title, row.path, row.why])


def backups_summary(rows: tuple[BackupRow, ...] | None, width: int) -> Line:
    """Return how many sets have what they should have."""
    if rows is None:
        return line(span("backups: loading…", Tone.DIM))
    sets = [row for row in rows if row.is_newest]
    if not sets:
        return line(span("no backup sets are configured", Tone.DIM))
    good = sum(row.verdict is Verdict.OK for row in sets)
    tone = Tone.OK if good == len(sets) else Tone.DIM
    spans: list[Span] = [span(f"{good} of {plural(len(sets), 'set')} as they should be", tone)]
    for row in sets:
        if row.verdict is not Verdict.OK:
            said = f"   {glyph_of(row.verdict)} {row.system}/{row.name}: {row.reason}"
            spans.append(span(said, tone_of(row.verdict)))
    return cut(tuple(spans), width)


def backup_lines(row: BackupRow, width: int, now: datetime) -> tuple[Line, ...]:
    """Return a backup in full."""
    young = f"at most {duration_text(row.max_age_s)}" if row.max_age_s is not None else "not said"
    pairs = [
        ("Set", f"{row.system}/{row.name}, {row.kind}"),
        ("Its state", f"{row.verdict}: {row.reason}"),
        ("Newest", f"{young} old"),
        *_cron_pairs(row, now),
        ("Note", row.note),
    ]
    lines = [line(span(row.title, Tone.TITLE, bold=True)), BLANK]
    lines += _pairs(pairs, width)
    if row.made_at is not None:
        members = count_text(row.members) if row.members is not None else "not known"
        lines += [BLANK, rule("This backup", width)]
        lines += _pairs(
            [
                ("Worth", f"{row.validity}: {row.why}"),
                ("Made", f"{row.made_at:%Y-%m-%d %H:%M:%S} UTC, {ago_text(row.made_at, now)}"),
                ("Size", f"{bytes_text(row.size_bytes)}, files {members}"),
                ("Path", row.path),
            ],
            width,
        )
    hint = line(span("enter", Tone.KEY, bold=True), " what can be done with this set")
    return (*lines, BLANK, hint)


def _cron_pairs(row: BackupRow, now: datetime) -> tuple[tuple[str, str], ...]:
    """Return the line of cron that makes a set, whether it is there, and its last run."""
    if not row.cron:
        return ()
    last = "no backup shows that it ever ran"
    if row.cron_last is not None:
        late = ", later than it should be" if row.is_cron_late else ""
        last = f"{ago_text(row.cron_last, now)}, by its newest backup{late}"
    return (("Cron", row.cron), ("That line", row.cron_state), ("Its last run", last))


def _pairs(pairs: list[tuple[str, str]], width: int) -> list[Line]:
    lines: list[Line] = []
    for name, value in pairs:
        rows = wrap(value, max(1, width - _LABEL_CELLS), 6)
        for index, row in enumerate(rows):
            lines.append((span(f"{name if not index else '':<{_LABEL_CELLS}}", Tone.LABEL), *row))
    return lines
