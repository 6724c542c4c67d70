"""Secrets as rows, and one in full: names, places and ages. Pure. There is no value to show."""

from core.model.keys_view import KeysPicture
from core.model.secret_view import SecretPlace, SecretRow
from core.model.text import SafeText, clean
from widgets.present.absence import Absence, absence_line
from widgets.present.durations import duration_text, short_duration
from widgets.present.fitting import cut, cut_path, rule, wrap
from widgets.present.key_notes import ends
from widgets.present.keys import Sort
from widgets.present.line import BLANK, Line, Tone, line, span
from widgets.present.numbers import MISSING, plural
from widgets.present.services import label

_ROWS = 4
_KIND_CELLS = 14


def secrets_of(picture: KeysPicture) -> tuple[SecretRow, ...]:
    """Return all secrets: those with findings first, then as the systems have them."""
    rows = (row for view in picture.secrets for row in view.rows)
    return tuple(sorted(rows, key=lambda row: not row.findings))


def secret_key(row: SecretRow) -> str:
    """Return the identity of a secret's row."""
    return f"{row.system}/{row.name}"


def set_line(row: SecretRow) -> Line:
    """Return whether a secret has a value: a shape and a word."""
    return line(span("● set", Tone.OK) if row.is_set else span("○ not set", Tone.DEGRADED))


def secret_cells(row: SecretRow) -> tuple[Line, ...]:
    """Return the cells in the order of the pane's columns."""
    return (
        set_line(row),
        line(span(row.name, bold=bool(row.findings))),
        line(span(row.system, Tone.DIM)),
        line(span(short_duration(row.age_s), Tone.DIM if row.age_s is None else Tone.PLAIN)),
        _places(row),
        line(span(", ".join(row.used_by) or MISSING, Tone.PLAIN if row.used_by else Tone.DIM)),
        line(span(_maker(row), Tone.DIM)),
        _findings(row),
    )


def secret_sort(row: SecretRow) -> Sort:
    """Return what each cell sorts by."""
    return (
        float(row.is_set),
        row.name,
        row.system,
        row.age_s,
        float(len(row.places)),
        ", ".join(row.used_by) or None,
        _maker(row),
        -float(len(row.findings)),
    )


def secret_search(row: SecretRow) -> SafeText:
    """Return what a filter looks at."""
    places = " ".join(place.where for place in row.places)
    said = " ".join(row.findings)
    used = " ".join(row.used_by)
    return clean(f"{row.name} {row.system} {row.provider} {used} {places} {said}")


def _maker(row: SecretRow) -> str:
    if row.is_rotatable:
        return "random, ours"
    return row.provider or MISSING


def _places(row: SecretRow) -> Line:
    if not row.places:
        return line(span(MISSING, Tone.DIM))
    first, *others = row.places
    return line(span(_short(first)), span(f" +{len(others)}" if others else "", Tone.DIM))


def _short(place: SecretPlace) -> str:
    return place.where.rpartition("/")[2] or place.where


def _findings(row: SecretRow) -> Line:
    if not row.findings:
        return line()
    first, *others = row.findings
    more = span(f" +{len(others)}" if others else "", Tone.DIM)
    return line(span(f"▲ {first}", Tone.DEGRADED), more)


def secret_lines(row: SecretRow, width: int, *, is_focused: bool = False) -> tuple[Line, ...]:
    """Return everything known of a secret, for lines of `width` cells."""
    lines: list[Line] = [rule("Secret", width, row.system, is_focused=is_focused)]
    lines.append(cut((*set_line(row), span("  "), span(row.name, bold=True)), width))
    for text in row.findings:
        lines += wrap(f"▲ {text}", width, _ROWS, Tone.DEGRADED)
    lines += [BLANK, *(cut(one, width) for one in _figures(row)), BLANK]
    head = "Where it is" if row.places else "No file, unit or process that is known has it"
    lines.append(line(span(head, Tone.LABEL, bold=True)))
    lines += [cut(_place(one, width), width) for one in row.places]
    for text in row.notes:
        lines += [BLANK, *wrap(text, width, _ROWS)]
    note = "The value is shown nowhere: not here, not in a report, not in the audit log."
    lines += [BLANK, *wrap(note, width, 2, Tone.DIM)]
    return tuple(lines)


def _figures(row: SecretRow) -> tuple[Line, ...]:
    age = "nobody can know" if row.age_s is None else f"{duration_text(row.age_s)}, or more"
    if row.is_rotatable:
        maker = "random and ours: x makes a new one"
    elif row.provider:
        maker = f"{row.provider} makes it: x takes the new one without echo"
    else:
        maker = "whoever gave it: x takes a new one without echo"
    return (
        label("age", age),
        label("used by", ", ".join(row.used_by) or "no service that is known"),
        label("made by", maker),
    )


def _place(place: SecretPlace, width: int) -> Line:
    at = f":{place.line}" if place.line is not None else ""
    changed = f"  {place.changed:%Y-%m-%d}" if place.changed is not None else ""
    tail = span(f"{changed}  {place.mode}" if place.mode else changed, Tone.DIM)
    room = max(12, width - _KIND_CELLS - 2 - len(at) - len(tail.text))
    kind = span(f"  {place.kind:<{_KIND_CELLS}}", Tone.DIM)
    return (kind, span(f"{cut_path(place.where, room)}{at}"), tail)


def secrets_summary(picture: KeysPicture, width: int) -> Line:
    """Return one line over all secrets: how many, how many of them with findings or not set."""
    rows = secrets_of(picture)
    if not rows:
        return ()
    found, unset = sum(bool(row.findings) for row in rows), sum(not row.is_set for row in rows)
    systems = len({row.system for row in rows})
    of = span(f" in {plural(systems, 'system')}")
    groups: list[Line] = [line(span(plural(len(rows), "secret"), bold=True), of)]
    if found:
        groups.append(line(span(f"   ▲ {found} with findings", Tone.DEGRADED, bold=True)))
    if unset:
        groups.append(line(span(f"   ○ {unset} not set", Tone.DEGRADED)))
    right = line(span("names and places only, never a value", Tone.DIM))
    return ends(groups, right, width)


def secrets_notes(picture: KeysPicture, width: int) -> tuple[Line, ...]:
    """Return the files that could not be read."""
    said = (
        wrap(f"✖ {view.system}: {problem}", width, 2, Tone.DOWN)
        for view in picture.secrets
        for problem in view.problems
    )
    return tuple(one for lines in said for one in lines)


def secrets_absence(picture: KeysPicture | None) -> Line:
    """Return why there are no rows: not looked yet, no file could be read, or none."""
    if picture is not None and picture.is_broken:
        return absence_line(Absence.UNREACHABLE, "secrets", "nobody reads them any more")
    if picture is None or not picture.are_secrets_read:
        return absence_line(Absence.LOADING, "secrets")
    if any(view.problems for view in picture.secrets):
        return absence_line(Absence.UNREACHABLE, "secrets", "no file could be read")
    return absence_line(Absence.NONE, "secrets", "no file that may hold some is configured")
