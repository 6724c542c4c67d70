"""What can be done with kept files, and why not: the actions of logs, told what is meant. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from core.model.action import Offer, prefilled
from core.model.log_keeping import KeepingNeed, KeptFile
from core.model.text import EMPTY, SafeText, clean
from widgets.present.numbers import plural

_ALL = "all"
_OF_FILES = ("logs.expire", "logs.compress")
_ORDER = (*_OF_FILES, "logs.archive")


def class_offers(every: Sequence[Offer], target: str) -> tuple[Offer, ...]:
    """Return what can be done with a class of a system, then with all of the system's logs."""
    system = target.partition("/")[0]
    own = [one for one in every if one.target == target and one.action in _ORDER]
    whole = [one for one in every if one.target == f"{system}/{_ALL}" and one.action in _ORDER]
    return (*_ranked(own), *_ranked(whole))


def file_offers(every: Sequence[Offer], chosen: Sequence[KeptFile]) -> tuple[Offer, ...]:
    """Return what can be done with files of one class, then with the class and the system.

    Args:
        every: What the configuration offers.
        chosen: The marked files, or what is under the cursor; all of one class.
    """
    if not chosen:
        return ()
    system = chosen[0].system
    if chosen[0].need is KeepingNeed.UNREAD:
        return class_offers(every, f"{system}/")
    target = f"{system}/{chosen[0].class_name}"
    own = [one for one in every if one.target == target and one.action in _OF_FILES]
    own = own or [one for one in every if one.target == f"{system}/{_ALL}"]
    of_files = [_fit(one, chosen) for one in own if one.action in _OF_FILES]
    return (*_ranked(of_files), *_snapshots(every, chosen), *class_offers(every, target))


def _ranked(offers: Sequence[Offer]) -> list[Offer]:
    return sorted(offers, key=lambda one: _ORDER.index(one.action))


def _fit(offer: Offer, chosen: Sequence[KeptFile]) -> Offer:
    """Return an offer for these files alone."""
    verb = "Delete" if offer.action == "logs.expire" else "Compress"
    what = clean(chosen[0].path.rpartition("/")[2])
    if len(chosen) > 1:
        what = clean(f"{plural(len(chosen), 'marked file')}")
    paths = ",".join(one.name for one in chosen)
    reason = offer.reason_against or _against(offer.action, chosen)
    fitted = replace(offer, title=clean(f"{verb} {what}"), reason_against=reason)
    return prefilled(fitted, (("file", paths),))


def _against(action: str, chosen: Sequence[KeptFile]) -> SafeText:
    """Return why none of the files can be taken, or why they cannot be named."""
    if any(not one.name for one in chosen):
        return SafeText("its name cannot be given to an action: it holds a comma or no text")
    reasons = [
        one.against_delete if action == "logs.expire" else one.against_pack for one in chosen
    ]
    return EMPTY if not all(reasons) else reasons[0]


def _snapshots(every: Sequence[Offer], chosen: Sequence[KeptFile]) -> list[Offer]:
    logs = {one.log for one in chosen if one.is_live}
    return [one for one in every if one.action == "logs.snapshot" and one.target in logs]
