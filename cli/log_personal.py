"""Looks for personal data in logs: counts by log, field and kind, with masked samples."""

import sys
from collections.abc import Sequence

from cli import exits
from cli.log_reading import Reading
from cli.output import aligned, print_json, print_lines
from core.logs.keeping.personal_data import PersonalReport, PersonalScan
from core.logs.query.query import Query

FORMAT = 1


def scan(reading: Reading, query: Query, *, is_json: bool) -> int:
    """Scan what matches, print what was found, and return the exit code: 0 something was."""
    scanning = PersonalScan()
    for record in reading.records(query, None, lambda: None):
        scanning.add(record)
    reading.look_back()
    report = scanning.result()
    if is_json:
        print_json(as_document(report, reading.problems))
    else:
        print_lines(as_lines(report))
        for text in reading.problems:
            print(f"quarterdeck: {text}", file=sys.stderr)
    return exits.OK if report.findings else exits.TROUBLE


def as_document(report: PersonalReport, problems: Sequence[str]) -> dict[str, object]:
    """Return the JSON document. No value that was found is in it, masked samples only."""
    return {
        "format": FORMAT,
        "records": report.records,
        "records_with_hits": report.records_with_hits,
        "cut_records": report.cut_records,
        "is_complete": report.is_complete and not problems,
        "problems": list(problems),
        "findings": [
            {
                "source": one.source,
                "field": one.field,
                "kind": str(one.kind),
                "count": one.count,
                "samples": list(one.samples),
            }
            for one in report.findings
        ],
    }


def as_lines(report: PersonalReport) -> list[str]:
    """Return the report for a person."""
    lines = [f"{report.records_with_hits} of {report.records} records hold what looks personal"]
    if report.cut_records:
        lines.append(f"of {report.cut_records} long records only the beginning was looked at")
    if report.findings:
        rows = [("count", "kind", "field", "log", "samples (masked)")]
        rows += [
            (str(one.count), str(one.kind), one.field, one.source, ", ".join(one.samples))
            for one in report.findings
        ]
        lines += aligned(rows)
    lines.append("names of people and national phone numbers are not looked for")
    return lines
