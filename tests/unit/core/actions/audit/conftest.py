"""Closes what tests of the audit log leave open, so that a long run keeps its descriptors."""

from collections.abc import Iterator
from contextlib import suppress

import pytest

from core.errors import AuditError
from tests.unit.core.actions.audit.logs import OPENED


@pytest.fixture(autouse=True)
def close_logs() -> Iterator[None]:
    yield
    while OPENED:
        # A log that a test has broken on purpose may not be able to end well.
        with suppress(AuditError, OSError):
            OPENED.pop().close()
