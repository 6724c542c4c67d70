"""What rows of the Streams screen give for actions, and what stands against them."""

from dataclasses import replace

from bench.scene_streams import ENGINE, engine_streams
from core.model.action import Danger, Input, Offer
from core.model.redis_spec import StreamSpec
from core.model.stream import PendingFilter
from core.model.text import clean
from screens.stream_offers import (
    Fit,
    entry_fits,
    fitted,
    group_fits,
    letter_fits,
    letter_group_fits,
    pending_fits,
    stream_fits,
    target_of,
)

SCENE = engine_streams()
EVENTS, DEAD, MISSING, WRONG, UNNAMED = SCENE.rows
MANAGER, AUDIT = EVENTS.groups
SPEC = StreamSpec("automation", ("automation.events",), min_idle_s=120.0, max_depth=10000)


def by_action(fits: tuple[Fit, ...]) -> dict[str, Fit]:
    return {one.action: one for one in reversed(fits)}


def test_a_stream_is_called_by_its_name_only_where_that_means_this_key() -> None:
    assert target_of(EVENTS, SPEC) == "business-engine/automation"
    several = replace(SPEC, keys=("automation.events", "events"))
    assert target_of(EVENTS, several) == "business-engine/automation.events"
    assert target_of(DEAD, SPEC) == "business-engine/automation.dlq"
    assert target_of(UNNAMED, None) == "business-engine/events"


def test_a_claim_goes_to_who_works_and_never_below_the_floor() -> None:
    claim = by_action(group_fits(EVENTS, SPEC, MANAGER, MANAGER.consumers[0]))["stream.claim"]
    given = dict(claim.given)
    assert given == {
        "group": "manager", "to": "consumer2", "min_idle": "120s", "consumer": "consumer1"
    }  # fmt: skip
    assert claim.choices["to"] == ("consumer2", "idle-never")
    assert claim.note == "all 4 pending of consumer1"


def test_what_a_group_has_not_stands_against_claims() -> None:
    fits = by_action(group_fits(EVENTS, SPEC, AUDIT, None))
    assert fits["stream.claim"].reason_against == "nothing is pending"
    assert fits["stream.set_id"].given[1] == ("id", str(AUDIT.last_delivered))
    held = replace(AUDIT, pending=3)
    claim = by_action(group_fits(EVENTS, SPEC, held, None))["stream.claim"]
    assert claim.reason_against == "the group has no consumer"


def test_all_that_match_is_an_offer_of_its_own_beside_the_chosen() -> None:
    page = SCENE.pending
    assert page is not None
    wanted = PendingFilter(30.0, 2, "consumer1", "lead")
    fits = pending_fits(SPEC, MANAGER, page.rows[:2], wanted, is_marked=True)
    claims = [one for one in fits if one.action == "stream.claim"]
    assert [one.note for one in claims] == ["2 marked entries", "all that match"]
    assert dict(claims[1].given) == {
        "group": "manager", "to": "consumer2", "min_idle": "120s", "min_deliveries": "2",
        "consumer": "consumer1", "text": "lead",
    }  # fmt: skip
    assert "ids" not in dict(claims[1].given)


def test_young_and_gone_entries_say_what_stands_against_them() -> None:
    page = SCENE.pending
    assert page is not None
    fits = by_action(pending_fits(SPEC, MANAGER, (page.rows[3],), PendingFilter(), is_marked=False))
    claim = fits["stream.claim"].reason_against
    assert claim == "idle for 3 s; nothing idle for less than 2 m 00 s is claimed"
    assert "in the stream any more" in fits["stream.delete_entries"].reason_against
    assert not fits["stream.acknowledge"].reason_against


def test_nothing_is_done_to_what_is_no_stream() -> None:
    assert all(one.reason_against == "the key is no stream" for one in stream_fits(WRONG, None))
    missing = by_action(stream_fits(MISSING, None))
    assert not missing["stream.create_group"].reason_against
    assert missing["stream.trim"].reason_against == "there is no such key"


def test_letters_that_stay_are_left_out_and_told() -> None:
    letters = SCENE.letters
    assert letters is not None
    requeue = by_action(letter_fits(letters.rows[:3], is_marked=True))["dlq.requeue"]
    assert dict(requeue.given)["ids"].count(",") == 1
    assert requeue.note == "2 marked letters; 1 stay"
    stays = by_action(letter_fits(letters.rows[:1], is_marked=False))["dlq.requeue"]
    assert stays.reason_against.startswith("it stays: the first entry")
    alike = by_action(letter_group_fits(letters.groups[0]))["dlq.requeue"]
    assert alike.given == (("error", "Connection refused"),)
    assert by_action(letter_group_fits(letters.groups[1]))["dlq.requeue"].reason_against
    aged = by_action(letter_group_fits(letters.groups[-1]))["dlq.discard"]
    assert (aged.given, aged.reason_against) == ((("older", "3600s"), ("newer", "86400s")), "")


def test_entries_give_their_ids() -> None:
    entries = SCENE.entries
    assert entries is not None
    ids = tuple(one.id for one in entries.rows[:2])
    fits = by_action(entry_fits(ids, is_marked=True))
    assert dict(fits["stream.delete_entries"].given)["ids"] == f"{ids[0]},{ids[1]}"
    assert dict(fits["stream.trim"].given)["min_id"] == str(min(ids))
    assert all(one.reason_against for one in entry_fits((), is_marked=False))


def test_an_action_on_a_key_without_a_name_is_asked_like_that_on_another() -> None:
    other = Offer(
        "stream.claim", "business-engine/automation", clean("claim entries of automation"),
        clean("automation is paused"), (Input("group", "Group"), Input("to", "To whom")),
        Danger.INTERRUPT,
    )  # fmt: skip
    fit = Fit("stream.claim", (("group", "g"), ("ids", "1-0")), "this entry")
    (offer,) = fitted((), (other,), "business-engine/events", (fit,))
    assert offer.target == "business-engine/events"
    assert offer.title == "claim entries of: this entry"
    assert offer.reason_against == ""
    assert {one.name: one.default for one in offer.inputs} == {"group": "g", "to": "", "ids": "1-0"}
    (own,) = fitted((other,), (other,), other.target, (fit,))
    assert own.title == "claim entries of automation: this entry"
    assert own.reason_against == "automation is paused"
    (none,) = fitted((), (), other.target, (fit,))
    assert none.reason_against == "this version cannot do it"
    assert ENGINE.startswith("business-engine")
