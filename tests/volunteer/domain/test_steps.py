"""What actions allow the command accepts, and what they deny it refuses so: over histories, callers and days."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.values import CorrectionReason
from kit.errors import Refused
from kit.steps import next_actions
from kit.testing import Spec
from volunteer.domain import activity as a
from volunteer.domain import correction as c
from volunteer.domain.activity import STEPS, Situation
from volunteer.policy import POLICY

from .histories import of
from .test_activity import BEGAN, COMMUNITY, DAY, HERE, ID, MEMBER, activity, held, planned
from .test_correction import AWAY, CAME, COUNTED, GONE, RIGHT, WENT, times

WHY: dict[str, Any] = {"reason": CorrectionReason.TYPING_ERROR}
HISTORIES: dict[str, tuple[tuple[date, Any], ...]] = {
    "planned": ((DAY, planned),),
    "held": ((DAY, planned), (DAY, held)),
    "attended": ((DAY, planned), (DAY, held), (DAY, CAME)),
    "nobody after all": ((DAY, planned), (DAY, held), (DAY, CAME), (DAY, WENT)),
    "counted": ((DAY, planned), (DAY, held), (DAY, COUNTED)),
    "counted rightly": ((DAY, planned), (DAY, held), (DAY, CAME), (DAY, COUNTED), (DAY, RIGHT)),
    "not counted after all": ((DAY, planned), (DAY, held), (DAY, COUNTED), (DAY, GONE)),
    "annulled": ((DAY, planned), (DAY, held), (DAY, COUNTED), (DAY, AWAY)),
}
WHO = {"the community": of(COMMUNITY), "another": of("620102001009"), "the organisation": of(str(UUID(int=5)))}
DAYS = {"before it began": BEGAN - timedelta(days=1), "before the plan": DAY - timedelta(days=1), "its day": DAY}
PAYLOADS = {"not-the-day-of-the-record"}
"""What a command may be refused for by its own day, where the step as such may be taken."""


def tried(s: Situation, past: Any, act: str) -> None:
    on: dict[str, Any] = {"acts_for": s.acts_for, "occurred_on": s.day}
    match act:
        case "hold-activity":
            a.hold(s.activity, s.project, activity_id=ID, **on)
        case "record-attendance":
            a.record_attendance(s.activity, s.project, {}, frozenset(), **on)
        case "record-residents-served":
            a.record_served(s.activity, s.project, served=s.activity.served or times(40), **on)
        case "correct-activity":
            none: dict[str, Any] = {"title": "演示活动乙", "organiser": None, "planned_for": None}
            c.correct_activity(s.activity, s.project, **on, **WHY, **none)
        case "annul-activity":
            c.annul_activity(s.activity, s.project, s.listed, **on, **WHY)
        case "annul-attendance":
            c.annul_attendance(s.activity, s.project, past, volunteer_id=MEMBER, **on, **WHY)
        case "correct-residents-served":
            c.correct_served(s.activity, s.project, past, served=times(42), **on, **WHY)
        case "annul-residents-served":
            c.annul_served(s.activity, s.project, past, **on, **WHY)
        case _:
            raise AssertionError(act)


def test_every_step_is_an_action_of_the_policy_and_called_as_it_is() -> None:
    assert {step.act: step.name for step in STEPS} == {step.act: POLICY[step.act].name for step in STEPS}


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("history", HISTORIES)
def test_what_actions_allow_the_command_accepts_and_what_they_deny_it_refuses_so(
    history: str, who: str, day: str
) -> None:
    past = [(UUID(int=n), *one) for n, one in enumerate(HISTORIES[history])]
    state = Spec(a.Activity(), a.evolve).state(*(event for *_, event in past))
    listed = sum(event is CAME for *_, event in past) - sum(event is WENT for *_, event in past)
    s = Situation(state, HERE, WHO[who], DAYS[day], listed)
    told = next_actions(STEPS, s, {step.act for step in STEPS})
    assert told
    for one in told:
        try:
            tried(s, past, one.act)
            refused = None
        except Refused as error:
            refused = error
        if one.refusal is not None:
            assert refused is not None, f"{one.act}: denied with {one.refusal}, and done"
            assert refused.code == one.refusal.code, one.act
        elif refused is not None:
            assert refused.code in PAYLOADS, f"{one.act}: allowed, and refused with {refused.code}"


def test_an_activity_is_to_be_held_on_the_day_for_which_it_is_planned_and_then_no_more() -> None:
    s = Situation(activity.state(planned), HERE, of(COMMUNITY), DAY)
    first = next_actions(STEPS, s, {"hold-activity"})
    assert [(one.due, one.refusal) for one in first] == [(planned.planned_for, None)]
    over = Situation(activity.state(planned, held), HERE, of(COMMUNITY), DAY)
    assert not next_actions(STEPS, over, {"hold-activity"})
