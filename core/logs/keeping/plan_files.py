"""Plans that work on finished files one by one: compress and delete. Pure."""

from core.logs.keeping.ages import judge_age
from core.logs.keeping.facts import LogFileFacts, LogListing
from core.logs.keeping.guards import (
    QUIET_S,
    absent,
    guard_links,
    guard_term,
    guard_use,
    leave_out,
    not_regular,
    warnings_of,
)
from core.logs.keeping.plan import (
    KeepingAction,
    KeepingPlan,
    LeftOut,
    LeftOutReason,
    PlannedFile,
)
from core.logs.keeping.rules import Rules, span_words
from core.model.text import clean

_PACKED_SHARE = 5
"""A packed log is taken to need one part in so many; real ones measured 1 in 7 to 1 in 20."""


def plan_compress(
    listing: LogListing,
    rules: Rules,
    now_s: float,
    *,
    chosen: frozenset[bytes] | None = None,
    quiet_s: float = QUIET_S,
) -> KeepingPlan:
    """Plan to pack each file to `NAME.gz` beside it and, once that is proven, to remove it.

    `chosen` (raw paths) asks for these files whatever their age; the guards hold for them as for
    all others. None: every file whose class says so and that is old enough.
    """
    taken = listing.paths()
    files: list[PlannedFile] = []
    left_out: list[LeftOut] = []
    for file in listing.files:
        if reason := _against_packing(file, rules, now_s, chosen, quiet_s, taken):
            left_out.append(reason)
            continue
        raw_target = file.raw_path + b".gz"
        files.append(
            PlannedFile(
                file,
                read_bytes=file.size_bytes,
                freed_bytes=file.disk_bytes - file.disk_bytes // _PACKED_SHARE,
                raw_target=raw_target,
                target=clean(raw_target),
                why=clean(f"{judge_age(file, now_s).days} d old"),
            )
        )
    return KeepingPlan(
        KeepingAction.COMPRESS,
        now_s,
        tuple(files),
        (*left_out, *not_regular(listing), *absent(chosen, listing)),
        # One after the other: an original goes before the next file is packed.
        needed_bytes=max((planned.read_bytes for planned in files), default=0),
        warnings=warnings_of(listing),
    )


def _against_packing(
    file: LogFileFacts,
    rules: Rules,
    now_s: float,
    chosen: frozenset[bytes] | None,
    quiet_s: float,
    taken: frozenset[bytes],
) -> LeftOut | None:
    if chosen is not None and file.raw_path not in chosen:
        return leave_out(file, LeftOutReason.NOT_CHOSEN)
    if file.is_compressed:
        return leave_out(file, LeftOutReason.PACKED, file.name.packing)
    if reason := guard_use(file, now_s, quiet_s) or guard_links(file):
        return reason
    if file.name.number is not None:
        return leave_out(file, LeftOutReason.NUMBERED)
    for packing in (b".gz", b".xz", b".zst", b".bz2"):
        if file.raw_path + packing in taken:
            return leave_out(file, LeftOutReason.TWIN, packing.decode())
    return _against_age(file, rules, now_s) if chosen is None else None


def _against_age(file: LogFileFacts, rules: Rules, now_s: float) -> LeftOut | None:
    if not file.log_class.name:
        return leave_out(file, LeftOutReason.NO_CLASS)
    rule = rules.get(file.log_class.name)
    if rule is None:
        return leave_out(file, LeftOutReason.NO_RULE, file.log_class.name)
    if rule.compress_after_s is None:
        return leave_out(file, LeftOutReason.NO_TERM, rule.name)
    age = judge_age(file, now_s)
    if age.age_s <= rule.compress_after_s:
        figures = f"{age.days} of {span_words(rule.compress_after_s)}"
        return leave_out(file, LeftOutReason.YOUNG, figures)
    return None


def plan_delete(
    listing: LogListing,
    rules: Rules,
    now_s: float,
    *,
    chosen: frozenset[bytes] | None = None,
    quiet_s: float = QUIET_S,
) -> KeepingPlan:
    """Plan to delete the files whose own class's term is over; `chosen` narrows, never widens."""
    files: list[PlannedFile] = []
    left_out: list[LeftOut] = []
    for file in listing.files:
        reason = None
        if chosen is not None and file.raw_path not in chosen:
            reason = leave_out(file, LeftOutReason.NOT_CHOSEN)
        reason = (
            reason
            or guard_use(file, now_s, quiet_s)
            or guard_term(file, rules, now_s)
            or guard_links(file)
        )
        if reason:
            left_out.append(reason)
            continue
        rule = rules[file.log_class.name]
        term = span_words(rule.term_s(is_compressed=file.is_compressed))
        why = clean(f"{judge_age(file, now_s).days} d old, {rule.name} is kept {term}")
        files.append(PlannedFile(file, read_bytes=0, freed_bytes=file.disk_bytes, why=why))
    return KeepingPlan(
        KeepingAction.DELETE,
        now_s,
        tuple(files),
        (*left_out, *not_regular(listing), *absent(chosen, listing)),
        warnings=warnings_of(listing),
    )
