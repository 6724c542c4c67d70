"""Ours and the old tool on one store, in any order: every step leaves it as the model has it."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from core.clients.acting.key_store_writes import PLACES
from tests.key_worlds import Meddling, World

_PLACE = st.integers(0, len(PLACES) - 1)
_MEDDLING = st.none() | st.builds(Meddling, _PLACE, _PLACE, st.booleans(), st.booleans())
_NUMBER = st.integers(0, 50)


class StoreMachine(RuleBasedStateMachine):
    """Each rule is one command of somebody, with another one's in the middle of it."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = Path(tempfile.mkdtemp(prefix="qd-keys-"))
        self.world = World(self._folder)

    @rule(number=_NUMBER, is_active=st.booleans(), meddling=_MEDDLING)
    def we_switch(self, number: int, is_active: bool, meddling: Meddling | None) -> None:
        self.world.switch(number, is_active=is_active, meddling=meddling)

    @rule(meddling=_MEDDLING)
    def we_generate(self, meddling: Meddling | None) -> None:
        self.world.generate(meddling)

    @rule(number=_NUMBER, place=_PLACE, is_writer=st.booleans())
    def we_are_killed(self, number: int, place: int, is_writer: bool) -> None:
        self.world.kill(number, place, is_writer=is_writer)

    @rule()
    def the_tool_generates(self) -> None:
        self.world.tool_generates()

    @rule(number=_NUMBER)
    def the_tool_switches_off(self, number: int) -> None:
        self.world.tool_switches_off(number)

    @rule(number=_NUMBER)
    def the_tool_loses_keys(self, number: int) -> None:
        self.world.tool_loses(number)

    @rule(number=_NUMBER)
    def the_server_counts(self, number: int) -> None:
        self.world.uses(number)

    def teardown(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


StoreMachine.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=(HealthCheck.too_slow,),
)
TestStore = StoreMachine.TestCase
