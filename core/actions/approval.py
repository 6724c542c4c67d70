"""A second person's yes to exactly one plan."""

import json
from dataclasses import asdict, dataclass
from typing import Any, cast

from core.actions.folder import ActionFolder
from core.actions.plan_codec import plan_hash
from core.errors import ActionError
from core.model.action import Plan
from core.model.policy import SecondPerson, Who

_NAME = "approved.json"


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved what, and when by the clock that never goes back."""

    plan_hash: str
    user: str
    uid: int
    boot_s: float


def write_approval(folder: ActionFolder, plan: Plan, who: Who, boot_s: float) -> None:
    """Keep an approval; there is one at most.

    Raises:
        ActionError: there is one already, or it cannot be kept.
    """
    approval = Approval(plan_hash(plan), who.user, who.uid, round(boot_s, 3))
    folder.write(_NAME, json.dumps(asdict(approval), sort_keys=True).encode())


def reason_against_start(
    folder: ActionFolder, plan: Plan, rule: SecondPerson, boot_s: float
) -> str:
    """Return why a plan that needs a second person may not start; empty: it may."""
    words = folder.read_json(_NAME)
    if words is None:
        return "a second person has to approve it first: `quarterdeck approve CODE`, another login"
    try:
        approval = Approval(**cast("dict[str, Any]", words))
    except TypeError as error:
        raise ActionError(f"the approval of {folder.action_id} is damaged") from error
    if approval.plan_hash != plan_hash(plan):
        return "another plan was approved"
    if approval.uid == plan.actor_uid or approval.user == plan.actor:
        return "nobody approves their own plan: it takes another login"
    if not 0 <= boot_s - approval.boot_s <= rule.within_s:
        return "the approval is too old"
    return ""
