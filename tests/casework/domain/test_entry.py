from dataclasses import replace
from datetime import date, timedelta

import pytest

from casework.domain import catalogue as catalogues
from casework.domain import place as places
from casework.domain import worker as workers
from casework.domain.catalogue import Catalogue, CategoryNotDeclared, LedgerCategory, LedgerCategoryRegistered, Target
from casework.domain.entry import AlreadyInLedger, Entry, OtherCommunity, enrol, evolve, record_visit
from casework.domain.entry_events import HomeVisitRecorded
from casework.domain.place import Place, PlaceClosed, PlaceClosureNoted
from casework.domain.recording import NotYourRecord, Recorder, WorkerNotPlaced
from casework.domain.worker import Worker, WorkerDepartureNoted, WorkerPlacementNoted
from contracts.values import UnitCode
from kit.errors import NotFound, NotKnownYet, NotYourUnit, TooEarly
from kit.testing import Spec

from .histories import (
    BEGAN,
    CATALOGUE,
    COMMUNITY,
    DAY,
    ENTRY,
    ORGANISATION,
    OWN,
    PROJECT,
    STRANGER,
    UNIT,
    WORKER,
    declared,
    enrolled,
    of,
    placed,
    sealed,
    started,
)

entry = Spec(Entry(), evolve)
place = Spec(Place(), places.evolve)
catalogue = Spec(Catalogue(), catalogues.evolve)
HERE = place.state(started)
THERE = Spec(Worker(), workers.evolve).state(placed)
LISTS = catalogue.state(declared)
ENROL = {
    "entry_id": ENTRY,
    "place_id": PROJECT,
    "catalogue_id": CATALOGUE,
    "categories": ("disabled",),
    "worker_id": WORKER,
    "recorder": OWN,
    "occurred_on": DAY,
    "name": enrolled.name,
    "id_number": None,
    "address": None,
}
VISIT = {
    "visit_id": CATALOGUE,
    "entry_id": ENTRY,
    "place_id": PROJECT,
    "worker_id": WORKER,
    "recorder": OWN,
    "occurred_on": DAY,
    "findings": "走访情况",
}


def test_R_KL_05_a_declared_category_is_accepted() -> None:
    entry.given().when(enrol, HERE, THERE, LISTS, **ENROL).then(enrolled)


def test_R_KL_05_an_undeclared_category_is_refused() -> None:
    entry.given().when(enrol, HERE, THERE, LISTS, **(ENROL | {"categories": ("disabled", "neighbour")})).then_refused(
        CategoryNotDeclared, "R-KL-05"
    )
    entry.given().when(enrol, HERE, THERE, LISTS, **(ENROL | {"categories": ()})).then_refused(CategoryNotDeclared)


def test_R_LZ_20_a_registered_target_is_accepted() -> None:
    orphans = LedgerCategory("scattered_orphan", "社会散居孤儿", Target.CHILD)
    lists = catalogue.state(declared, LedgerCategoryRegistered(CATALOGUE, orphans))
    ask = ENROL | {"categories": ("scattered_orphan",)}
    orphan = replace(enrolled, categories=("scattered_orphan",))
    entry.given().when(enrol, HERE, THERE, lists, **ask).then(orphan)


def test_R_KL_06_an_entry_belongs_to_one_community() -> None:
    entry.given().when(enrol, HERE, THERE, LISTS, **ENROL).then(enrolled)
    elsewhere = replace(HERE, community=UnitCode("620102001002"))
    entry.given(enrolled).when(enrol, elsewhere, THERE, LISTS, **ENROL).then_refused(AlreadyInLedger, "R-KL-06")
    entry.given(enrolled).when(record_visit, elsewhere, THERE, **VISIT).then_refused(OtherCommunity, "R-KL-06")


def test_R_KL_07_a_repeated_visit_is_another_visit_to_the_same_person() -> None:
    visit = HomeVisitRecorded(CATALOGUE, ENTRY, PROJECT, PROJECT, COMMUNITY, WORKER, None, findings=sealed("走访情况"))
    entry.given(enrolled).when(record_visit, HERE, THERE, **VISIT).then(visit)
    entry.given(enrolled, visit).when(record_visit, HERE, THERE, **VISIT).then(visit)


def test_findings_are_sealed_under_the_person_of_the_entry() -> None:
    outcome = entry.given(enrolled).when(record_visit, HERE, THERE, **VISIT)
    assert outcome.events[0].findings.person == enrolled.name.person


def test_nobody_is_visited_who_is_not_in_the_ledger() -> None:
    entry.given().when(record_visit, HERE, THERE, **VISIT).then_refused(NotFound)


def test_only_a_placed_worker_records() -> None:
    stranger = {"worker_id": STRANGER}
    entry.given().when(enrol, HERE, Worker(), LISTS, **(ENROL | stranger)).then_refused(WorkerNotPlaced)
    entry.given(enrolled).when(record_visit, HERE, Worker(), **(VISIT | stranger)).then_refused(WorkerNotPlaced)


def test_a_token_that_names_a_worker_records_for_nobody_else() -> None:
    there = Spec(Worker(), workers.evolve).state(WorkerPlacementNoted(STRANGER, ORGANISATION, None, PROJECT, BEGAN))
    colleague = {"worker_id": STRANGER}
    entry.given(enrolled).when(record_visit, HERE, there, **(VISIT | colleague)).then_refused(NotYourRecord)


def test_who_records_without_a_worker_of_their_own_is_noted_beside() -> None:
    clerk = {"recorder": Recorder("sub-7", of(UNIT))}
    for decide, history, lists in ((enrol, (), (LISTS,)), (record_visit, (enrolled,), ())):
        facts = ENROL if decide is enrol else VISIT
        (event,) = entry.given(*history).when(decide, HERE, THERE, *lists, **(facts | clerk)).events
        assert (event.worker_id, event.recorder) == (WORKER, "sub-7")


@pytest.mark.parametrize(
    ("what", "earliest"),
    [("began_on", DAY), ("placed_on", DAY), ("enrolled_on", DAY)],
    ids=["the project began", "the worker was placed", "the person was registered"],
)
def test_no_visit_is_dated_before_what_it_rests_on(what: str, earliest: date) -> None:
    person = replace(enrolled, enrolled_on=earliest if what == "enrolled_on" else BEGAN)
    here = replace(HERE, began_on=earliest if what == "began_on" else BEGAN)
    there = Spec(Worker(), workers.evolve).state(replace(placed, placed_on=earliest if what == "placed_on" else BEGAN))
    before = earliest - timedelta(days=1)
    visit = HomeVisitRecorded(CATALOGUE, ENTRY, PROJECT, PROJECT, COMMUNITY, WORKER, None, findings=sealed("走访情况"))
    entry.given(person).when(record_visit, here, there, **(VISIT | {"occurred_on": earliest})).then(visit)
    early = entry.given(person).when(record_visit, here, there, **(VISIT | {"occurred_on": before}))
    early.then_refused(TooEarly)
    assert early.refused is not None
    assert (early.refused.facts["day"], early.refused.facts["earliest"]) == (before, earliest)


def test_nobody_is_registered_before_the_project_began() -> None:
    on_the_day = entry.given().when(enrol, HERE, THERE, LISTS, **(ENROL | {"occurred_on": BEGAN}))
    on_the_day.then(replace(enrolled, enrolled_on=BEGAN))
    before = BEGAN - timedelta(days=1)
    entry.given().when(enrol, HERE, THERE, LISTS, **(ENROL | {"occurred_on": before})).then_refused(TooEarly)


def test_a_worker_records_for_the_organisation_that_placed_them() -> None:
    entry.given(enrolled).when(
        record_visit, HERE, THERE, **(VISIT | {"recorder": Recorder("sub-1", of(str(STRANGER)), WORKER)})
    ).then_refused(NotYourUnit)


def test_a_project_that_has_not_started_is_not_known_yet() -> None:
    entry.given().when(enrol, Place(), THERE, LISTS, **ENROL).then_refused(NotKnownYet)


def test_a_visit_made_before_the_place_closed_is_recorded_afterwards() -> None:
    over = DAY + timedelta(days=1)
    closed = place.state(started, PlaceClosureNoted(over))
    gone = Spec(Worker(), workers.evolve).state(placed, WorkerDepartureNoted(WORKER, PROJECT, over))
    visit = HomeVisitRecorded(CATALOGUE, ENTRY, PROJECT, PROJECT, COMMUNITY, WORKER, None, findings=sealed("走访情况"))
    entry.given(enrolled).when(record_visit, closed, gone, **VISIT).then(visit)
    late = entry.given(enrolled).when(record_visit, closed, THERE, **(VISIT | {"occurred_on": over}))
    late.then_refused(PlaceClosed)
    assert late.refused is not None
    assert late.refused.detail == (
        "该试点或服务点已于 2022-10-11 结束，不能再新增台账、救助协助和个案，也不能登记当日及以后的走访。"
        "此前的走访可以补记，已开个案可继续办理至结案。"
    )
    entry.given(enrolled).when(record_visit, HERE, gone, **(VISIT | {"occurred_on": over})).then_refused(
        WorkerNotPlaced
    )
    entry.given().when(enrol, closed, THERE, LISTS, **ENROL).then_refused(PlaceClosed)


def test_a_closed_project_takes_on_nobody() -> None:
    closed = place.state(started, PlaceClosureNoted(DAY))
    entry.given().when(enrol, closed, THERE, LISTS, **ENROL).then_refused(PlaceClosed)
    entry.given(enrolled).when(record_visit, closed, THERE, **VISIT).then_refused(PlaceClosed)


def test_a_persons_number_and_address_are_kept_each_under_its_own_name() -> None:
    number, address = sealed("演示证件号"), sealed("演示地址")
    known = ENROL | {"id_number": number, "address": address}
    entry.given().when(enrol, HERE, THERE, LISTS, **known).then(replace(enrolled, id_number=number, address=address))
