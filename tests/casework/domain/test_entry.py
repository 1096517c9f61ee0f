from casework.domain import catalogue as catalogues
from casework.domain import place as places
from casework.domain.catalogue import Catalogue, CategoryNotDeclared, LedgerCategory, LedgerCategoryRegistered, Target
from casework.domain.entry import (
    AlreadyInLedger,
    Entry,
    HomeVisitRecorded,
    OtherCommunity,
    enrol,
    evolve,
    record_visit,
)
from casework.domain.place import (
    NotYourUnit,
    Place,
    PlaceClosed,
    PlaceClosureNoted,
    WorkerNotPlaced,
)
from contracts.values import UnitCode
from kit.errors import NotFound, NotKnownYet
from kit.testing import Spec

from .histories import (
    CATALOGUE,
    COMMUNITY,
    ENTRY,
    PILOT,
    STRANGER,
    UNIT,
    WORKER,
    declared,
    enrolled,
    sealed,
    started,
)

entry = Spec(Entry(), evolve)
place = Spec(Place(), places.evolve)
catalogue = Spec(Catalogue(), catalogues.evolve)
HERE = place.state(started)
LISTS = catalogue.state(declared)
ENROL = {
    "entry_id": ENTRY,
    "place_id": PILOT,
    "catalogue_id": CATALOGUE,
    "categories": ("disabled",),
    "worker_id": WORKER,
    "unit": UNIT,
    "name": enrolled.name,
    "id_number": None,
    "address": None,
}
VISIT = {
    "visit_id": CATALOGUE,
    "entry_id": ENTRY,
    "place_id": PILOT,
    "worker_id": WORKER,
    "unit": UNIT,
    "findings": "走访情况",
}


def test_R_KL_05_a_declared_category_is_accepted() -> None:
    entry.given().when(enrol, HERE, LISTS, **ENROL).then((enrolled,), (), ())


def test_R_KL_05_an_undeclared_category_is_refused() -> None:
    entry.given().when(enrol, HERE, LISTS, **(ENROL | {"categories": ("disabled", "neighbour")})).then_refused(
        CategoryNotDeclared, "R-KL-05"
    )
    entry.given().when(enrol, HERE, LISTS, **(ENROL | {"categories": ()})).then_refused(CategoryNotDeclared)


def test_R_LZ_20_a_registered_target_is_accepted() -> None:
    orphans = LedgerCategory("scattered_orphan", "社会散居孤儿", Target.CHILD)
    lists = catalogue.state(declared, LedgerCategoryRegistered(CATALOGUE, orphans))
    outcome = entry.given().when(enrol, HERE, lists, **(ENROL | {"categories": ("scattered_orphan",)}))
    assert outcome.events[0][0].categories == ("scattered_orphan",)


def test_R_KL_06_an_entry_belongs_to_one_community() -> None:
    outcome = entry.given().when(enrol, HERE, LISTS, **ENROL)
    assert outcome.events[0][0].community == COMMUNITY
    elsewhere = Place(known=True, community=UnitCode("620102001002"), workers=HERE.workers)
    entry.given(enrolled).when(enrol, elsewhere, LISTS, **ENROL).then_refused(AlreadyInLedger, "R-KL-06")
    entry.given(enrolled).when(record_visit, elsewhere, **VISIT).then_refused(OtherCommunity, "R-KL-06")


def test_R_KL_07_a_repeated_visit_is_another_visit_to_the_same_person() -> None:
    visit = HomeVisitRecorded(CATALOGUE, ENTRY, PILOT, PILOT, COMMUNITY, WORKER, findings=sealed("走访情况"))
    entry.given(enrolled).when(record_visit, HERE, **VISIT).then((visit,), ())
    entry.given(enrolled, visit).when(record_visit, HERE, **VISIT).then((visit,), ())


def test_findings_are_sealed_under_the_person_of_the_entry() -> None:
    outcome = entry.given(enrolled).when(record_visit, HERE, **VISIT)
    assert outcome.events[0][0].findings.person == enrolled.name.person


def test_nobody_is_visited_who_is_not_in_the_ledger() -> None:
    entry.given().when(record_visit, HERE, **VISIT).then_refused(NotFound)


def test_only_a_placed_worker_records() -> None:
    stranger = {"worker_id": STRANGER}
    entry.given().when(enrol, HERE, LISTS, **(ENROL | stranger)).then_refused(WorkerNotPlaced)
    entry.given(enrolled).when(record_visit, HERE, **(VISIT | stranger)).then_refused(WorkerNotPlaced)


def test_a_worker_records_for_the_agency_that_placed_them() -> None:
    entry.given(enrolled).when(record_visit, HERE, **(VISIT | {"unit": str(STRANGER)})).then_refused(NotYourUnit)


def test_a_pilot_that_has_not_started_is_not_known_yet() -> None:
    entry.given().when(enrol, Place(), LISTS, **ENROL).then_refused(NotKnownYet)


def test_a_closed_pilot_takes_on_nobody() -> None:
    closed = place.state(started, PlaceClosureNoted())
    entry.given().when(enrol, closed, LISTS, **ENROL).then_refused(PlaceClosed)
    entry.given(enrolled).when(record_visit, closed, **VISIT).then_refused(PlaceClosed)
