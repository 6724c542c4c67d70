"""Why a file is left alone: the rules that every plan obeys. Pure."""

from core.logs.keeping.ages import FileAge, is_live, is_todays, is_written_after_its_day, judge_age
from core.logs.keeping.facts import LogFileFacts, LogListing
from core.logs.keeping.plan import LeftOut, LeftOutReason
from core.logs.keeping.rules import RetentionRule, Rules, span_words
from core.model.text import SafeText, clean

QUIET_S = 600.0
"""A file that was written to within this time is in use, whatever its name says."""


def leave_out(file: LogFileFacts, reason: LeftOutReason, figures: str = "") -> LeftOut:
    """Return why `file` is not touched; `figures` say how much is missing."""
    note = f"{reason.value} ({figures})" if figures else reason.value
    return LeftOut(file.raw_path, file.path, reason, clean(note))


def guard_use(file: LogFileFacts, now_s: float, quiet_s: float) -> LeftOut | None:
    """Return why a file must not change under its writer; None: nobody writes to it."""
    if is_todays(file, now_s):
        return leave_out(file, LeftOutReason.TODAY)
    if is_live(file, now_s):
        return leave_out(file, LeftOutReason.LIVE)
    if file.is_open_by_writer:
        return leave_out(file, LeftOutReason.OPEN)
    since_s = now_s - file.modified_s
    if since_s < quiet_s:
        figures = f"{span_words(since_s)} ago" if since_s >= 0 else "in the future"
        return leave_out(file, LeftOutReason.FRESH, figures)
    return None


def guard_links(file: LogFileFacts) -> LeftOut | None:
    """Return why a file with several names is not touched."""
    if file.links > 1:
        return leave_out(file, LeftOutReason.LINKED, f"{file.links} names")
    return None


def guard_term(file: LogFileFacts, rules: Rules, now_s: float) -> LeftOut | None:
    """Return why a file may not be deleted by its own class's rule; None: its term is over."""
    if not file.log_class.name:
        return leave_out(file, LeftOutReason.NO_CLASS)
    rule = rules.get(file.log_class.name)
    if rule is None:
        return leave_out(file, LeftOutReason.NO_RULE, file.log_class.name)
    age = judge_age(file, now_s)
    term_s = rule.term_s(is_compressed=file.is_compressed)
    if age.age_s <= term_s:
        return _too_young(file, rule, rules, age)
    if is_written_after_its_day(file) and now_s - file.modified_s <= term_s:
        return leave_out(file, LeftOutReason.CONFLICT, age.conflict)
    return None


def _too_young(file: LogFileFacts, rule: RetentionRule, rules: Rules, age: FileAge) -> LeftOut:
    figures = f"{age.days} of {span_words(rule.term_s(is_compressed=file.is_compressed))}"
    for name in file.log_class.others:
        other = rules.get(name)
        if other and age.age_s > other.term_s(is_compressed=file.is_compressed):
            figures = f"{name} would delete it; {rule.name} has kept it {figures}"
            return leave_out(file, LeftOutReason.AUDIT_TRAP, figures)
    return leave_out(file, LeftOutReason.YOUNG, figures)


def not_regular(listing: LogListing) -> tuple[LeftOut, ...]:
    """Return the entries of the folders that no plan touches."""
    return tuple(
        LeftOut(entry.raw_path, entry.path, LeftOutReason.NOT_REGULAR, entry.why)
        for entry in listing.skipped
    )


def absent(chosen: frozenset[bytes] | None, listing: LogListing) -> tuple[LeftOut, ...]:
    """Return what was asked for by name and is not there."""
    missing = sorted((chosen or frozenset()) - listing.paths())
    reason = LeftOutReason.ABSENT
    return tuple(LeftOut(path, clean(path), reason, clean(reason.value)) for path in missing)


def warnings_of(listing: LogListing) -> tuple[SafeText, ...]:
    """Return what makes a plan over this listing less than sure."""
    if listing.is_complete:
        return ()
    return (clean(f"the list of files is not complete: {listing.note}"),)
