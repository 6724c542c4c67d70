"""The table of secrets of all systems: names, places, ages. There is no value to show."""

from functools import partial
from typing import ClassVar

from textual.reactive import var

from core.model.keys_view import KeysPicture
from core.model.secret_view import SecretRow
from widgets.lean_table import Column, LeanTable, Row
from widgets.present.secrets import (
    secret_cells,
    secret_key,
    secret_search,
    secret_sort,
    secrets_absence,
    secrets_of,
)

_COLUMNS = (
    Column("set", "STATE", 9, is_frozen=True),
    Column("name", "NAME", 24, weight=1, is_frozen=True),
    Column("system", "SYSTEM", 16, priority=2),
    Column("age", "AGE", 5, justify="right"),
    Column("places", "PLACES", 14, priority=4),
    Column("used", "USED BY", 16, priority=3, weight=1),
    Column("maker", "MADE BY", 12, priority=5),
    Column("findings", "FINDINGS", 20, weight=3),
)


class SecretsTablePane(LeanTable):
    """One row per secret, those with findings first."""

    CALM_TEXT: ClassVar[str] = "no secret has a finding"

    keys: var[KeysPicture | None] = var(None, init=False)

    def on_mount(self) -> None:
        self.columns = _COLUMNS
        self.empty_text = secrets_absence(None)

    def watch_keys(self) -> None:
        if self.keys is None:
            return
        self.empty_text = secrets_absence(self.keys)
        self.rows = tuple(_row(one) for one in secrets_of(self.keys))

    @property
    def selected(self) -> SecretRow | None:
        """The secret under the cursor."""
        rows = secrets_of(self.keys) if self.keys is not None else ()
        return next((one for one in rows if secret_key(one) == self.cursor_key), None)

    @property
    def offers_target(self) -> str:
        """Return what actions know the env file that holds the secret by, else its system."""
        one = self.selected
        if one is None:
            return ""
        return next((place.target for place in one.places if place.target), one.system)

    @property
    def offers_inputs(self) -> tuple[tuple[str, str], ...]:
        """Return the name of the secret."""
        return (("name", self.selected.name),) if self.selected is not None else ()


def _row(row: SecretRow) -> Row:
    return Row(
        secret_key(row),
        sort=secret_sort(row),
        search=secret_search(row),
        is_fault=bool(row.findings),
        draw=partial(secret_cells, row),
    )
