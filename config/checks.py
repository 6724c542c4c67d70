"""Checks and metrics of a service, as written in the configuration."""

from typing import Annotated

from config.fields import (
    BelowBase,
    ConditionText,
    Duration,
    Matches,
    OperationId,
    PathText,
    Reads,
    Target,
)
from config.section import Section
from core.model.check import CheckKind

Method = Annotated[str, Matches("^(GET|HEAD|POST|OPTIONS)$", "GET, HEAD, POST or OPTIONS")]


class Expect(Section):
    """What counts as good for one check."""

    status: tuple[str, ...] = ()
    """Status words that count as ok; none: the built-in list (healthy, ok, UP, pass, ready …)."""
    http: tuple[int, ...] = ()
    """HTTP codes that count as good; none: 200 to 299."""
    conditions: tuple[ConditionText, ...] = ()
    """Thresholds on values in the body: `checks.system.disk_percent < 95 else down`."""
    max_age: Duration | None = None
    """A stamp in the body older than this proves nothing."""
    slow: Duration | None = None
    """Slower than this is degraded."""
    headers: tuple[str, ...] = ()
    """Response headers that must be present."""


HeaderText = Annotated[str, Reads(lambda text, _: text, "${NAME}")]


class Check(Section):
    """One probe and how its answer is judged."""

    url: Target
    """http(s) address, `tcp://host:port`, `redis://…`, or a path below the service's `base_url`."""
    kind: CheckKind | None = None
    """How the answer is judged; none: by the address (health, tcp or redis)."""
    every: Duration = 10.0
    timeout: Duration = 5.0
    method: Method = "GET"
    headers: dict[str, HeaderText] = {}
    """Request headers; values are references: `Bearer ${TOKEN}`."""
    expect: Expect | None = None
    note: str = ""
    """What this check does and does not prove, such as "process up only"."""
    ca_file: PathText | None = None
    """Certificates to trust for this address instead of the system's."""
    operations: tuple[OperationId, ...] = ()
    """Rows of the runbook that this answers."""


class Metrics(Section):
    """A metrics endpoint."""

    url: BelowBase
    every: Duration = 15.0
    timeout: Duration = 5.0
    headers: dict[str, HeaderText] = {}
    """Request headers; values are references: `Bearer ${TOKEN}`."""
    known_as: tuple[str, ...] = ()
    """Series the runbook names; those missing are shown as "not exposed by this build"."""
    note: str = ""
    ca_file: PathText | None = None
    """Certificates to trust for this address instead of the system's."""
    operations: tuple[OperationId, ...] = ()
