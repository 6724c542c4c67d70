"""The list of logs, and the files that they are kept in, against their rules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cli import exits
from cli.log_choice import choose
from cli.log_lines import moment_of
from cli.output import aligned, print_json, print_lines
from core.clients.clock import Clock
from core.logs.keeping.claims import claims_of, rules_of
from core.logs.keeping.listing import folders_of, read_log_files
from core.logs.keeping.report import ClassTotal, KeepingReport, KeepingRow, list_report
from core.logs.keeping.rules import Rules, span_words
from core.logs.stream.followed import never
from core.model.text import clean
from core.model.topology import SystemSpec, Topology
from core.sources.log_places import LogPlace, log_places, saved_queries

FORMAT = 1


@dataclass(frozen=True, slots=True)
class SystemFiles:
    """The files of one system's logs."""

    system: SystemSpec
    rules: Rules
    report: KeepingReport


def show(
    topology: Topology, names: Sequence[str], clock: Clock, *, is_list: bool, is_json: bool
) -> int:
    """Print the list of logs, or the retention report; return the exit code.

    The retention report ends with 1 where a file is past its term.
    """
    places = log_places(topology)
    chosen = choose(names, topology)
    wanted = tuple(one.place for one in chosen if one.place is not None) or places
    now_s = clock.now().timestamp()
    systems = [_read(system, now_s) for system in _systems(wanted)]
    if is_list:
        queries = [one for one in saved_queries(topology) if one.place in wanted]
        if is_json:
            document = {"logs": [_log_json(place, systems) for place in wanted]}
            named = [
                {"name": one.name, "title": one.spec.title, "log": one.place.source}
                for one in queries
            ]
            print_json({"format": FORMAT, **document, "queries": named})
        else:
            print_lines(_list_lines(wanted, systems))
            rows = [(one.name, one.place.source, one.spec.title) for one in queries]
            print_lines(["", "saved queries (--query NAME)", *aligned(rows)] if rows else [])
        return exits.OK if wanted else exits.TROUBLE
    if is_json:
        print_json({"format": FORMAT, "systems": [_system_json(one) for one in systems]})
    else:
        print_lines(line for one in systems for line in _system_lines(one))
    is_kept = not any(total.overdue_files for one in systems for total in one.report.classes)
    return exits.OK if is_kept else exits.TROUBLE


def _systems(places: Iterable[LogPlace]) -> tuple[SystemSpec, ...]:
    return tuple({place.system.name: place.system for place in places}.values())


def _read(system: SystemSpec, now_s: float) -> SystemFiles:
    rules, claims = rules_of(system), claims_of(system)
    listing = read_log_files(folders_of(claims), claims, rules, cancelled=never)
    return SystemFiles(system, rules, list_report(listing, rules, now_s))


def _rows_of(place: LogPlace, systems: Iterable[SystemFiles]) -> list[KeepingRow]:
    return [
        row for one in systems for row in one.report.rows if row.file.log_class.log == place.source
    ]


def _rule_words(place: LogPlace, systems: Iterable[SystemFiles]) -> str:
    for one in systems:
        rule = one.rules.get(place.spec.retention)
        if one.system is place.system and rule is not None:
            return span_words(rule.keep_s)
    return "no rule"


def _list_lines(places: Sequence[LogPlace], systems: Sequence[SystemFiles]) -> list[str]:
    table = [("log", "files", "size", "newest", "oldest", "class", "kept", "")]
    for place in places:
        if place.kind != "file":
            table.append((place.source, "-", "-", "-", "-", "-", "-", _where(place)))
            continue
        rows = _rows_of(place, systems)
        ages = [row.age.age_s for row in rows]
        size = sum(row.file.size_bytes for row in rows)
        table.append(
            (
                place.source,
                str(len(rows)),
                size_words(size) if rows else "-",
                _age(min(ages, default=None)),
                _age(max(ages, default=None)),
                place.spec.retention,
                _rule_words(place, systems),
                _where(place) if rows else _absent(place),
            )
        )
    return aligned(table)


def _where(place: LogPlace) -> str:
    what = place.spec.path or (
        f"journal of {place.spec.unit}" if place.spec.journal else place.kind
    )
    return clean(what)


def _absent(place: LogPlace) -> str:
    note = f"; {place.spec.note}" if place.spec.note else ""
    return clean(f"{place.spec.path} does not exist{note}")


def _age(age_s: float | None) -> str:
    return "-" if age_s is None else span_words(max(0.0, age_s))


def size_words(size_bytes: int) -> str:
    """Return a size in binary units: `1.5 MiB`."""
    size = float(size_bytes)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:.4g} {unit}"
        size /= 1024
    return f"{size:.4g} TiB"


def _log_json(place: LogPlace, systems: Sequence[SystemFiles]) -> dict[str, object]:
    rows = _rows_of(place, systems)
    ages = [row.age.age_s for row in rows]
    is_file = place.kind == "file"
    return {
        "log": place.source,
        "kind": place.kind,
        "path": place.spec.path or None,
        "unit": place.spec.unit or None,
        "class": place.spec.retention if is_file else None,
        "files": len(rows) if is_file else None,
        "size_bytes": sum(row.file.size_bytes for row in rows) if is_file else None,
        "newest_age_s": min(ages, default=None),
        "oldest_age_s": max(ages, default=None),
        "note": place.spec.note or None,
    }


def _system_lines(one: SystemFiles) -> Iterable[str]:
    report = one.report
    yield one.system.name
    table = [("class", "kept", "packed after", "files", "size", "oldest", "overdue", "to pack", "")]
    table += [_class_row(total) for total in report.classes]
    yield from (f"  {line}" for line in aligned(table))
    for row in report.rows:
        if row.overdue_s or row.note:
            state = f"{span_words(row.overdue_s)} past its term" if row.overdue_s else row.state
            note = f" ({row.note})" if row.note else ""
            yield f"  {row.file.path}: {row.class_name}, {state}{note}"
    for entry in report.skipped:
        yield f"  {entry.path}: {entry.why}"
    if not report.is_complete:
        yield f"  not all of it was looked at: {report.note}"


def _class_row(total: ClassTotal) -> tuple[str, ...]:
    rule, overdue = total.rule, "-"
    if total.overdue_files:
        overdue = f"{total.overdue_files} ({size_words(total.overdue_bytes)})"
    packed_s = rule.compress_after_s if rule is not None else None
    return (
        total.class_name,
        span_words(rule.keep_s) if rule is not None else "no rule",
        "-" if packed_s is None else span_words(packed_s),
        str(total.files),
        size_words(total.size_bytes) if total.files else "-",
        _age(total.oldest_s),
        overdue,
        str(total.to_compress_files) if total.to_compress_files else "-",
        "; ".join(total.notes),
    )


def _system_json(one: SystemFiles) -> dict[str, object]:
    report = one.report
    return {
        "system": one.system.name,
        "is_complete": report.is_complete,
        "classes": [_class_json(total) for total in report.classes],
        "files": [_file_json(row) for row in report.rows],
        "skipped": [{"path": entry.path, "why": entry.why} for entry in report.skipped],
    }


def _class_json(total: ClassTotal) -> dict[str, object]:
    rule = total.rule
    return {
        "class": total.class_name,
        "keep_s": rule.keep_s if rule is not None else None,
        "compress_after_s": rule.compress_after_s if rule is not None else None,
        "files": total.files,
        "size_bytes": total.size_bytes,
        "oldest_age_s": total.oldest_s,
        "overdue_files": total.overdue_files,
        "overdue_bytes": total.overdue_bytes,
        "to_compress_files": total.to_compress_files,
        "to_compress_bytes": total.to_compress_bytes,
        "is_kept": total.is_kept,
        "notes": list(total.notes),
    }


def _file_json(row: KeepingRow) -> dict[str, object]:
    return {
        "path": row.file.path,
        "log": row.file.log_class.log or None,
        "class": row.class_name,
        "size_bytes": row.file.size_bytes,
        "age_s": row.age.age_s,
        "state": str(row.state),
        "due": moment_of(row.due_s),
        "note": row.note or None,
    }
