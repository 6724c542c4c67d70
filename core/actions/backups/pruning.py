"""Which backups have outlived their term. Pure."""

from collections.abc import Sequence

from core.actions.backups.validity import Judged, Validity


def newest_first(copies: Sequence[Judged]) -> tuple[Judged, ...]:
    """Return backups in the order in which a person looks for one."""
    return tuple(sorted(copies, key=lambda one: (-one.copy.made_at_s, one.copy.path)))


def expired(
    copies: Sequence[Judged], keep_s: float | None, keep_at_least: int, now_s: float
) -> tuple[Judged, ...]:
    """Return what may go, the oldest first.

    The newest `keep_at_least` good ones stay, at least one, whatever their age; while there are
    fewer, as many of the unverified stay in their place: one of them may be all there is. Copies
    of what lived before a restore count for neither: what they hold may be what was wrong.
    """
    if keep_s is None:
        return ()
    least = max(1, keep_at_least)
    ordered = newest_first(copies)
    usual = [one for one in ordered if not one.copy.is_before_restore]
    kept = [one for one in usual if one.validity is Validity.GOOD][:least]
    if len(kept) < least:
        others = [one for one in usual if one.validity is Validity.UNVERIFIED]
        kept += others[: least - len(kept)]
    saved = {one.copy.path for one in kept}
    return tuple(
        one
        for one in reversed(ordered)
        if one.copy.path not in saved and now_s - one.copy.made_at_s > keep_s
    )
