from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest

from casework.domain import catalogue as catalogues
from casework.domain import entry as entries
from casework.domain import organisation as organisations
from casework.domain import place as places
from casework.domain import worker as workers
from casework.domain.case import Case, CaseStageOutOfOrder, StageDayTooEarly, advance, evolve, open_case
from casework.domain.case_events import CaseClosed
from casework.domain.catalogue import Catalogue, DomainNotDeclared
from casework.domain.entry import Entry, OtherCommunity
from casework.domain.organisation import (
    Organisation,
    OrganisationFreezeLiftNoted,
    OrganisationFreezeNoted,
    OrganisationFrozen,
)
from casework.domain.place import Place, PlaceClosed, PlaceClosureNoted
from casework.domain.recording import WorkerNotPlaced
from casework.domain.stage import STAGE_NAMES, Stage
from casework.domain.worker import Worker, WorkerDepartureNoted
from contracts.values import UnitCode
from kit.errors import NotFound, NotKnownYet, TooEarly
from kit.testing import Spec

from .histories import (
    CASE,
    COMMUNITY,
    DAY,
    DOMAINS,
    ENTRY,
    ORGANISATION,
    OWN,
    PROJECT,
    STRANGER,
    WORKER,
    assessed,
    declared,
    enrolled,
    evaluated,
    intervened,
    noted,
    opened,
    placed,
    planned,
    sealed,
    started,
    taken_on,
)

case = Spec(Case(), evolve)
LAST = date(2023, 10, 12)
organisation = Spec(Organisation(), organisations.evolve)
ENTRY_STATE = Spec(Entry(), entries.evolve).state(enrolled)
HERE = Spec(Place(), places.evolve).state(started)
CLOSED = Spec(Place(), places.evolve).state(started, PlaceClosureNoted(LAST))
THERE = Spec(Worker(), workers.evolve).state(placed)
LISTS = Spec(Catalogue(), catalogues.evolve).state(declared)
KNOWN = organisation.state(noted)
OPEN = {
    "case_id": CASE,
    "entry_id": ENTRY,
    "place_id": PROJECT,
    "domain": "elderly_care",
    "worker_id": WORKER,
    "recorder": OWN,
    "problem": "记录",
    "occurred_on": DAY,
}
DO = {"worker_id": WORKER, "recorder": OWN, "text": "记录", "occurred_on": DAY}
closed = CaseClosed(CASE, PROJECT, COMMUNITY, "elderly_care", WORKER, None, DAY, sealed("记录"))
STEPS = (opened, assessed, planned, intervened, evaluated, closed)


def test_R_LZ_19_a_case_names_one_of_the_five_declared_domains() -> None:
    for domain in DOMAINS:
        ask = OPEN | {"domain": domain.code}
        case.given().when(open_case, ENTRY_STATE, HERE, THERE, KNOWN, LISTS, **ask).then(
            [replace(opened, domain=domain.code)], [taken_on]
        )
    other = OPEN | {"domain": "tourism"}
    refused = case.given().when(open_case, ENTRY_STATE, HERE, THERE, KNOWN, LISTS, **other)
    refused.then_refused(DomainNotDeclared, "R-LZ-19")
    assert refused.refused is not None
    assert refused.refused.detail == (
        "所选的服务领域不在已公布的服务目录中。"
        "请从以下领域中选择：社会救助、儿童福利、养老服务、社区治理、其他民政社会工作。"
    )


def test_R_JX_03_six_stages_with_their_names() -> None:
    assert tuple(STAGE_NAMES.values()) == ("接案", "预估", "制定计划", "介入", "评估", "结案")


def test_R_JX_03_a_case_passes_the_six_stages_in_order() -> None:
    case.given().when(open_case, ENTRY_STATE, HERE, THERE, KNOWN, LISTS, **OPEN).then([opened], [taken_on])
    for done, (to, event) in enumerate(zip(list(Stage)[1:], STEPS[1:], strict=True), start=1):
        case.given(*STEPS[:done]).when(advance, HERE, THERE, to=to, **DO).then(event)


FOLLOWS = {(done, done + 1) for done in range(5)} | {(3, 3)}
NOT_NEXT = [(done, to) for done, to in product(range(6), range(6)) if (done, to) not in FOLLOWS]


@pytest.mark.parametrize(("done", "to"), NOT_NEXT, ids=lambda n: list(Stage)[n].value)
def test_R_JX_03_skipping_or_going_back_is_refused(done: int, to: int) -> None:
    case.given(*STEPS[: done + 1]).when(advance, HERE, THERE, to=list(Stage)[to], **DO).then_refused(
        CaseStageOutOfOrder, "R-JX-03"
    )


def test_R_JX_03_interventions_repeat_between_plan_and_evaluation() -> None:
    case.given(*STEPS[:4]).when(advance, HERE, THERE, to=Stage.INTERVENTION, **DO).then(intervened)


def test_R_JX_03_a_stage_is_not_dated_before_the_last() -> None:
    before = DO | {"occurred_on": DAY - timedelta(days=1)}
    after = DO | {"occurred_on": DAY + timedelta(days=5)}
    case.given(opened).when(advance, HERE, THERE, to=Stage.PRE_ASSESSMENT, **before).then_refused(StageDayTooEarly)
    case.given(*STEPS[:3]).when(advance, HERE, THERE, to=Stage.INTERVENTION, **before).then_refused(StageDayTooEarly)
    (late,) = case.given(*STEPS[:4]).when(advance, HERE, THERE, to=Stage.INTERVENTION, **after).events
    given = case.given(*STEPS[:4], late)
    given.when(advance, HERE, THERE, to=Stage.INTERVENTION, **DO).then(intervened)
    case.given(*STEPS[:4], late, intervened).when(advance, HERE, THERE, to=Stage.EVALUATION, **DO).then_refused(
        StageDayTooEarly
    )


def test_a_blacklisted_organisation_takes_on_no_case() -> None:
    freeze = OrganisationFreezeNoted(ORGANISATION, "credential_impersonation")
    frozen, lifted = (
        organisation.state(noted, freeze),
        organisation.state(noted, freeze, OrganisationFreezeLiftNoted(ORGANISATION)),
    )
    case.given().when(open_case, ENTRY_STATE, HERE, THERE, frozen, LISTS, **OPEN).then_refused(
        OrganisationFrozen, "R-LZ-08"
    )
    case.given().when(open_case, ENTRY_STATE, HERE, THERE, lifted, LISTS, **OPEN).then([opened], [taken_on])


def test_an_organisation_not_heard_of_is_not_known_yet() -> None:
    case.given().when(open_case, ENTRY_STATE, HERE, THERE, Organisation(), LISTS, **OPEN).then_refused(NotKnownYet)


def test_who_was_there_to_the_end_finishes_and_who_left_before_does_not() -> None:
    for left_on, ends in ((LAST, True), (LAST - timedelta(days=1), False)):
        gone = Spec(Worker(), workers.evolve).state(placed, WorkerDepartureNoted(WORKER, PROJECT, left_on))
        then = DO | {"occurred_on": LAST}
        after = case.given(*STEPS[:5]).when(advance, CLOSED, gone, to=Stage.CLOSURE, **then)
        if ends:
            after.then(replace(closed, done_on=LAST))
        else:
            after.then_refused(WorkerNotPlaced)
        case.given(*STEPS[:5]).when(advance, HERE, gone, to=Stage.CLOSURE, **then).then_refused(WorkerNotPlaced)
        case.given(*STEPS[:5]).when(advance, HERE, gone, to=Stage.CLOSURE, **DO).then(closed)
        case.given().when(open_case, ENTRY_STATE, CLOSED, gone, KNOWN, LISTS, **OPEN).then_refused(WorkerNotPlaced)


def test_a_case_is_not_opened_before_its_person_was_registered() -> None:
    on_the_day, before = case.given(), OPEN | {"occurred_on": DAY - timedelta(days=1)}
    on_the_day.when(open_case, ENTRY_STATE, HERE, THERE, KNOWN, LISTS, **OPEN).then([opened], [taken_on])
    refused = on_the_day.when(open_case, ENTRY_STATE, HERE, THERE, KNOWN, LISTS, **before)
    refused.then_refused(TooEarly)
    assert refused.refused is not None
    facts = refused.refused.facts
    assert (facts["day"], facts["earliest"]) == (before["occurred_on"], DAY)


def test_only_a_placed_worker_opens_and_advances() -> None:
    nowhere, stranger = Worker(), {"worker_id": STRANGER}
    case.given().when(open_case, ENTRY_STATE, HERE, nowhere, KNOWN, LISTS, **(OPEN | stranger)).then_refused(
        WorkerNotPlaced
    )
    case.given(opened).when(advance, HERE, nowhere, to=Stage.PRE_ASSESSMENT, **(DO | stranger)).then_refused(
        WorkerNotPlaced
    )


def test_a_case_is_taken_on_where_the_person_is_registered() -> None:
    elsewhere = replace(HERE, community=UnitCode("620102001002"))
    case.given().when(open_case, ENTRY_STATE, elsewhere, THERE, KNOWN, LISTS, **OPEN).then_refused(OtherCommunity)
    case.given().when(open_case, Entry(), HERE, THERE, KNOWN, LISTS, **OPEN).then_refused(NotFound)


def test_a_closed_project_takes_on_no_case_and_finishes_those_it_has() -> None:
    case.given().when(open_case, ENTRY_STATE, CLOSED, THERE, KNOWN, LISTS, **OPEN).then_refused(PlaceClosed)
    case.given(*STEPS[:5]).when(advance, CLOSED, THERE, to=Stage.CLOSURE, **DO).then(closed)


def test_a_case_opens_once() -> None:
    case.given(opened).when(open_case, ENTRY_STATE, HERE, THERE, KNOWN, LISTS, **OPEN).then_refused(CaseStageOutOfOrder)


def test_no_stage_of_a_case_that_is_not_there() -> None:
    case.given().when(advance, HERE, THERE, to=Stage.PLANNING, **DO).then_refused(NotFound)
