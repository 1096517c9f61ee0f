from datetime import timedelta
from itertools import product

import pytest

from casework.domain import agency as agencies
from casework.domain import catalogue as catalogues
from casework.domain import entry as entries
from casework.domain import place as places
from casework.domain.agency import Agency, AgencyFreezeLiftNoted, AgencyFreezeNoted, AgencyFrozen
from casework.domain.case import (
    STAGE_NAMES,
    Case,
    CaseClosed,
    CaseStageOutOfOrder,
    Stage,
    StageDayTooEarly,
    advance,
    evolve,
    open_case,
)
from casework.domain.catalogue import Catalogue, DomainNotDeclared
from casework.domain.entry import Entry, OtherCommunity
from casework.domain.place import Place, PlaceClosed, PlaceClosureNoted, WorkerNotPlaced
from contracts.values import UnitCode
from kit.errors import NotFound, NotKnownYet
from kit.testing import Spec

from .histories import (
    AGENCY,
    CASE,
    COMMUNITY,
    DAY,
    DOMAINS,
    ENTRY,
    PILOT,
    STRANGER,
    UNIT,
    WORKER,
    assessed,
    declared,
    enrolled,
    evaluated,
    intervened,
    noted,
    opened,
    planned,
    sealed,
    started,
)

case = Spec(Case(), evolve)
agency = Spec(Agency(), agencies.evolve)
ENTRY_STATE = Spec(Entry(), entries.evolve).state(enrolled)
HERE = Spec(Place(), places.evolve).state(started)
CLOSED = Spec(Place(), places.evolve).state(started, PlaceClosureNoted())
LISTS = Spec(Catalogue(), catalogues.evolve).state(declared)
KNOWN = agency.state(noted)
OPEN = {
    "case_id": CASE,
    "entry_id": ENTRY,
    "place_id": PILOT,
    "domain": "elderly_care",
    "worker_id": WORKER,
    "unit": UNIT,
    "problem": "记录",
    "occurred_on": DAY,
}
DO = {"worker_id": WORKER, "unit": UNIT, "text": "记录", "occurred_on": DAY}
closed = CaseClosed(CASE, PILOT, COMMUNITY, "elderly_care", WORKER, DAY, sealed("记录"))
STEPS = (opened, assessed, planned, intervened, evaluated, closed)


def test_R_LZ_19_a_case_names_one_of_the_five_declared_domains() -> None:
    for domain in DOMAINS:
        outcome = case.given().when(open_case, ENTRY_STATE, HERE, KNOWN, LISTS, **(OPEN | {"domain": domain.code}))
        assert outcome.events[0][0].domain == domain.code
    other = OPEN | {"domain": "tourism"}
    case.given().when(open_case, ENTRY_STATE, HERE, KNOWN, LISTS, **other).then_refused(DomainNotDeclared, "R-LZ-19")


def test_R_JX_03_six_stages_with_their_names() -> None:
    assert tuple(STAGE_NAMES.values()) == ("接案", "预估", "制定计划", "介入", "评估", "结案")


def test_R_JX_03_a_case_passes_the_six_stages_in_order() -> None:
    case.given().when(open_case, ENTRY_STATE, HERE, KNOWN, LISTS, **OPEN).then((opened,), (), (), (), ())
    for done, (to, event) in enumerate(zip(list(Stage)[1:], STEPS[1:], strict=True), start=1):
        case.given(*STEPS[:done]).when(advance, HERE, to=to, **DO).then((event,), ())


FOLLOWS = {(done, done + 1) for done in range(5)} | {(3, 3)}
NOT_NEXT = [(done, to) for done, to in product(range(6), range(6)) if (done, to) not in FOLLOWS]


@pytest.mark.parametrize(("done", "to"), NOT_NEXT, ids=lambda n: list(Stage)[n].value)
def test_R_JX_03_skipping_or_going_back_is_refused(done: int, to: int) -> None:
    case.given(*STEPS[: done + 1]).when(advance, HERE, to=list(Stage)[to], **DO).then_refused(
        CaseStageOutOfOrder, "R-JX-03"
    )


def test_R_JX_03_interventions_repeat_between_plan_and_evaluation() -> None:
    case.given(*STEPS[:4]).when(advance, HERE, to=Stage.INTERVENTION, **DO).then((intervened,), ())


def test_R_JX_03_a_stage_is_not_dated_before_the_last() -> None:
    before = DO | {"occurred_on": DAY - timedelta(days=1)}
    after = DO | {"occurred_on": DAY + timedelta(days=5)}
    case.given(opened).when(advance, HERE, to=Stage.PRE_ASSESSMENT, **before).then_refused(StageDayTooEarly)
    case.given(*STEPS[:3]).when(advance, HERE, to=Stage.INTERVENTION, **before).then_refused(StageDayTooEarly)
    (late,), _ = case.given(*STEPS[:4]).when(advance, HERE, to=Stage.INTERVENTION, **after).events
    given = case.given(*STEPS[:4], late)
    given.when(advance, HERE, to=Stage.INTERVENTION, **DO).then((intervened,), ())
    case.given(*STEPS[:4], late, intervened).when(advance, HERE, to=Stage.EVALUATION, **DO).then_refused(
        StageDayTooEarly
    )


def test_a_blacklisted_agency_takes_on_no_case() -> None:
    freeze = AgencyFreezeNoted(AGENCY, "credential_impersonation")
    frozen, lifted = agency.state(noted, freeze), agency.state(noted, freeze, AgencyFreezeLiftNoted(AGENCY))
    case.given().when(open_case, ENTRY_STATE, HERE, frozen, LISTS, **OPEN).then_refused(AgencyFrozen, "R-LZ-08")
    case.given().when(open_case, ENTRY_STATE, HERE, lifted, LISTS, **OPEN).then((opened,), (), (), (), ())


def test_an_agency_not_heard_of_is_not_known_yet() -> None:
    case.given().when(open_case, ENTRY_STATE, HERE, Agency(), LISTS, **OPEN).then_refused(NotKnownYet)


def test_only_a_placed_worker_opens_and_advances() -> None:
    stranger = {"worker_id": STRANGER}
    case.given().when(open_case, ENTRY_STATE, HERE, KNOWN, LISTS, **(OPEN | stranger)).then_refused(WorkerNotPlaced)
    case.given(opened).when(advance, HERE, to=Stage.PRE_ASSESSMENT, **(DO | stranger)).then_refused(WorkerNotPlaced)


def test_a_case_is_taken_on_where_the_person_is_registered() -> None:
    elsewhere = Place(known=True, community=UnitCode("620102001002"), workers=HERE.workers)
    case.given().when(open_case, ENTRY_STATE, elsewhere, KNOWN, LISTS, **OPEN).then_refused(OtherCommunity)
    case.given().when(open_case, Entry(), HERE, KNOWN, LISTS, **OPEN).then_refused(NotFound)


def test_a_closed_pilot_takes_on_no_case_and_finishes_those_it_has() -> None:
    case.given().when(open_case, ENTRY_STATE, CLOSED, KNOWN, LISTS, **OPEN).then_refused(PlaceClosed)
    case.given(*STEPS[:5]).when(advance, CLOSED, to=Stage.CLOSURE, **DO).then((closed,), ())


def test_a_case_opens_once() -> None:
    case.given(opened).when(open_case, ENTRY_STATE, HERE, KNOWN, LISTS, **OPEN).then_refused(CaseStageOutOfOrder)


def test_no_stage_of_a_case_that_is_not_there() -> None:
    case.given().when(advance, HERE, to=Stage.PLANNING, **DO).then_refused(NotFound)
