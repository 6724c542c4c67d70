"""A look of a procedure has a place where it is looked at."""

import pytest

from config.include import PROFILES, shipped_profiles
from config.loader import load
from config.operation_specs import operations_of
from core.model.operation import ProcedureStep
from screens.step_places import StepFile, StepPlace, StepReleases, StepSight, sight_of
from tui.places import PLACES_BY_NAME


def view(what: str, kind: str = "view") -> ProcedureStep:
    return ProcedureStep("Look", kind, what)


@pytest.mark.parametrize(
    ("step", "sight"),
    [
        (view("host"), StepPlace("host")),
        (view("services"), StepPlace("services", "shop")),
        (view("services/api"), StepPlace("services", "shop/api")),
        (view("errors", "log"), StepPlace("logs", "shop/errors")),
        (view("api/health", "check"), StepPlace("services", "shop/api")),
        (view("streams/mail/pending"), StepPlace("streams", "mail/pending")),
        (view("circuits/upstream"), StepPlace("limits", "shop/circuits/upstream")),
        (view("redis/memory"), StepPlace("host", "redis")),
        (view("keys/api-keys"), StepPlace("keys", "shop/api-keys")),
        (view("env/prod"), StepFile("env.edit", "shop/prod")),
        (view("repos/main"), StepReleases("shop/main")),
        (view("moon"), None),
        (view("Tell the team", "human"), None),
    ],
)
def test_a_step_is_looked_at_where_it_says(step: ProcedureStep, sight: StepSight | None) -> None:
    assert sight_of("shop", step) == sight


@pytest.mark.parametrize("profile", shipped_profiles())
def test_every_look_of_a_shipped_procedure_has_its_place(profile: str) -> None:
    own = operations_of(load(PROFILES / f"{profile}.yaml", {}))[profile]
    # What the machine is asked once, from the command line, has no screen.
    without = {"doctor/api"}
    for procedure in own.procedures:
        for step in procedure.steps:
            if step.kind not in {"check", "log", "view"} or step.what in without:
                continue
            sight = sight_of(profile, step)
            assert sight is not None, step.what
            if isinstance(sight, StepPlace):
                assert sight.place in PLACES_BY_NAME
            elif isinstance(sight, StepReleases):
                assert sight.target.partition("/")[2] in {one.name for one in own.repos}
            else:
                files = (*own.env_files, *own.config_files)
                assert sight.target.partition("/")[2] in {one.name for one in files}
