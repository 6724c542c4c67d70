"""Every action that a configuration may name exists."""

from core.actions.registry import all_actions
from core.model.action_ids import ACTION_IDS


def test_the_names_in_configurations_are_those_of_the_registry() -> None:
    assert set(all_actions()) == set(ACTION_IDS)


def test_every_action_has_words_and_a_verb_that_can_be_typed() -> None:
    for one in all_actions().values():
        assert one.title
        assert one.verb.isascii()
        assert one.verb.islower()
        assert " " not in one.verb
