"""What `quarterdeck secrets` prints: names, places, ages and findings, never a value. Pure."""

from collections.abc import Sequence

from cli import exits
from cli.as_json import as_json
from cli.backup_report import age_text
from cli.output import aligned
from core.model.secret_view import SecretRow, SecretsView

FORMAT = 1


def exit_code(views: Sequence[SecretsView]) -> int:
    """Return 0 where nothing was found and every file could be read."""
    is_bad = any(view.problems or any(row.findings for row in view.rows) for view in views)
    return exits.TROUBLE if is_bad else exits.OK


def secrets_document(views: Sequence[SecretsView]) -> dict[str, object]:
    """Return the JSON document of `secrets --json`."""
    return {"format": FORMAT, "systems": [as_json(view) for view in views]}


def secrets_lines(views: Sequence[SecretsView]) -> list[str]:
    """Return a line for each secret, and below it what is wrong with it."""
    lines: list[str] = []
    for view in views:
        count = len(view.rows)
        lines.append(f"{view.system}: {count} secret{'' if count == 1 else 's'}")
        heads = aligned([_row(row) for row in view.rows])
        for row, head in zip(view.rows, heads, strict=True):
            lines.append(f"  {head}")
            lines += [f"    ! {one}" for one in row.findings]
        lines += [f"  ? {one}" for one in view.problems]
    return lines or ["nothing is configured that holds secrets"]


def _row(row: SecretRow) -> tuple[str, ...]:
    state = "set" if row.is_set else "empty"
    age = "age not known" if row.age_s is None else f"{age_text(row.age_s)} old"
    maker = "made here" if row.is_rotatable else row.provider or "-"
    users = ", ".join(row.used_by) or "used by nobody that is known"
    places = ", ".join(
        f"{one.where.rpartition('/')[2]}{f':{one.line}' if one.line else ''}" for one in row.places
    )
    said = f" ({', '.join(row.notes)})" if row.notes else ""
    return (row.name, state, age, maker, users, f"{places}{said}")
