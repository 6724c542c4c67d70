"""Puts beside each client how often it was refused, as logs and metrics tell. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.model.limit import LimitRow, Limits, Rejections
from core.model.redis_spec import LimitSpec
from core.model.text import SafeText, clean


def with_rejections(
    limits: Limits, specs: Sequence[LimitSpec], told: Mapping[str, Rejections]
) -> Limits:
    """Return limits with what is told of each client: rejections per minute, or why not.

    Args:
        limits: The records of a server.
        specs: What is configured: the service that refuses.
        told: By `system/service`. What was put there before stays where this has nothing better.
    """
    services = {one.name: one.service for one in specs}
    return replace(limits, rows=tuple(_with_told(row, services, told) for row in limits.rows))


def _with_told(
    row: LimitRow, services: Mapping[str, str], told: Mapping[str, Rejections]
) -> LimitRow:
    service = services.get(row.spec_name, "")
    if not service:
        why = "the configuration names no service that refuses"
        return row if row.rejections_told else replace(row, rejections_told=clean(why))
    found = told.get(service)
    if found is None:
        return row
    per_min = found.of(row.client)
    if per_min is None:
        is_worse = row.rejections_by or not found.why
        why = row.rejections_told if is_worse else _both(row, found)
        return replace(row, rejections_told=why)
    return replace(
        row, rejections_per_min=per_min, rejections_by=found.told_by, rejections_told=found.source
    )


def _both(row: LimitRow, found: Rejections) -> SafeText:
    """Return both reasons, where two were asked in vain."""
    if not row.rejections_told or found.why in row.rejections_told:
        return row.rejections_told or found.why
    return clean(f"{row.rejections_told}; {found.why}")
