"""Licences, degrees and employment of social workers."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from contracts.values import OrganisationId, PersonId, ProjectId, Sealed, SiteId, UnitCode, WorkerId
from kit.errors import TooEarly
from kit.testing import Spec
from registry.domain import employment
from registry.domain import worker as domain
from registry.domain.employment import (
    AssignedElsewhere,
    EmployedElsewhere,
    NotEmployedByOrganisation,
    WorkerEmployedAndAssigned,
)
from registry.domain.worker import (
    Degree,
    Employment,
    LicenceFromFuture,
    LockedWorkerMoved,
    QualificationRecorded,
    QualificationRejected,
    QualificationUnknown,
    Qualified,
    SocialWorkerRegistered,
    Worker,
    WorkerAssigned,
    WorkerEmploymentEnded,
    WorkerEmploymentRecorded,
    WorkerEvent,
    WorkerExists,
    WorkerImpersonationRecorded,
    WorkerLocked,
    WorkerPlaced,
    WorkerPlacementEnded,
    WorkerReleased,
    WorkerUnassigned,
    WorkerUnknown,
    evolve,
)

worker = Spec(Worker(), evolve)
WORKER, ORGANISATION, OTHER = WorkerId(UUID(int=11)), OrganisationId(UUID(int=1)), OrganisationId(UUID(int=2))
PROJECT, LICENCE = ProjectId(UUID(int=3)), UUID(int=12)
COMMUNITY = UnitCode("620102001001")
NAME = Sealed(person=PersonId(UUID(int=13)), clear="演示社工甲01")
NUMBER = Sealed(person=PersonId(UUID(int=13)), clear="DEMO-0001")
JOINED, DAY, FROM, TO = date(2022, 6, 1), date(2022, 8, 1), date(2022, 9, 27), date(2023, 9, 27)
registered = SocialWorkerRegistered(WORKER, NAME, Degree("social_work", True))
employed = WorkerEmploymentRecorded(WORKER, ORGANISATION, Employment.FULL_TIME, JOINED)
assigned = WorkerAssigned(WORKER, PROJECT, FROM, TO)


def licence(level: Qualified) -> QualificationRecorded:
    return QualificationRecorded(WORKER, LICENCE, level, NUMBER, date(2020, 1, 1), "0" * 64)


RECORD = {"qualification_id": LICENCE, "licence": "DEMO-0001", "issued_on": date(2020, 1, 1), "evidence": "0" * 64}


def test_a_worker_is_registered_once() -> None:
    one = {"worker_id": WORKER, "name": NAME, "degree": Degree("social_work", True)}
    worker.given().when(domain.register_worker, **one).then(registered)
    worker.given(registered).when(domain.register_worker, **one).then_refused(WorkerExists)
    worker.given().when(domain.reject_qualification, qualification_id=LICENCE, reason="lent").then_refused(
        WorkerUnknown
    )


@pytest.mark.parametrize(
    ("level", "intermediate"), [(Qualified.JUNIOR, False), (Qualified.INTERMEDIATE, True), (Qualified.SENIOR, True)]
)
def test_R_LZ_10_senior_counts_as_intermediate_and_junior_only_as_licensed(
    level: Qualified, intermediate: bool
) -> None:
    state = worker.state(registered, licence(level))
    assert (state.licensed(DAY), state.intermediate(DAY)) == (True, intermediate)


def test_R_LZ_10_a_licence_is_recorded_on_or_after_its_day_of_issue() -> None:
    given = worker.given(registered)
    given.when(domain.record_qualification, **RECORD, level=Qualified.JUNIOR, occurred_on=date(2020, 1, 1)).then(
        licence(Qualified.JUNIOR)
    )
    given.when(
        domain.record_qualification, **RECORD, level=Qualified.JUNIOR, occurred_on=date(2019, 12, 31)
    ).then_refused(LicenceFromFuture)
    worker.given().when(
        domain.record_qualification, **RECORD, level=Qualified.JUNIOR, occurred_on=date(2020, 1, 1)
    ).then_refused(WorkerUnknown)


@pytest.mark.parametrize(
    ("degree", "graduate"),
    [
        (Degree("social_work", True), True),
        (Degree("social_work", False), False),
        (Degree("sociology", True), False),
        (None, False),
    ],
)
def test_R_LZ_11_only_who_graduated_in_social_work_is_such_a_graduate(degree: Degree | None, graduate: bool) -> None:
    assert worker.state(SocialWorkerRegistered(WORKER, NAME, degree)).sw_graduate is graduate


def test_R_LZ_08_a_rejected_licence_no_longer_counts() -> None:
    rejected = QualificationRejected(WORKER, LICENCE, "lent")
    reject = {"qualification_id": LICENCE, "reason": "lent"}
    worker.given(registered, licence(Qualified.SENIOR)).when(domain.reject_qualification, **reject).then(rejected)
    assert not worker.state(registered, licence(Qualified.SENIOR), rejected).licensed(DAY)
    worker.given(registered, licence(Qualified.SENIOR), rejected).when(
        domain.reject_qualification, **reject
    ).then_nothing()
    worker.given(registered).when(domain.reject_qualification, **reject).then_refused(QualificationUnknown)


def test_R_LZ_08_an_impersonator_has_no_licence_that_counts() -> None:
    worker.given(registered, licence(Qualified.SENIOR)).when(domain.record_impersonation, project_id=PROJECT).then(
        WorkerImpersonationRecorded(WORKER, PROJECT)
    )
    found = WorkerImpersonationRecorded(WORKER, PROJECT)
    assert not worker.state(registered, licence(Qualified.SENIOR), found).licensed(DAY)


def test_R_LZ_12_whom_a_project_counts_on_cannot_change_employer() -> None:
    change = {"organisation_id": OTHER, "employment": Employment.FULL_TIME, "asking": None}
    counted_on = worker.given(registered, employed, assigned)
    counted_on.when(employment.record_employment, **change, occurred_on=TO).then_refused(
        WorkerEmployedAndAssigned, "R-LZ-12"
    )
    after = date(2023, 9, 28)
    released = worker.given(registered, employed, assigned, WorkerReleased(WORKER, PROJECT, after))
    released.when(employment.record_employment, **change, occurred_on=after).then(
        WorkerEmploymentRecorded(WORKER, OTHER, Employment.FULL_TIME, after)
    )


def test_R_LZ_12_days_that_touch_are_days_that_overlap() -> None:
    state = worker.state(registered, employed, assigned)
    other = ProjectId(UUID(int=99))
    assert state.elsewhere(other, TO, date(2024, 9, 27))
    assert not state.elsewhere(other, date(2023, 9, 28), date(2024, 9, 27))
    assert not state.elsewhere(PROJECT, FROM, TO)


def test_only_the_employer_places_a_worker_and_only_at_a_project_that_counts_on_them() -> None:
    place = {
        "organisation_id": ORGANISATION,
        "site_id": None,
        "project_id": PROJECT,
        "community": COMMUNITY,
        "occurred_on": DAY,
    }
    worker.given(registered, employed, assigned).when(employment.place_worker, **place).then(
        WorkerPlaced(WORKER, ORGANISATION, None, PROJECT, COMMUNITY)
    )
    worker.given(registered, employed).when(employment.place_worker, **place).then_refused(NotEmployedByOrganisation)
    elsewhere = WorkerAssigned(WORKER, ProjectId(UUID(int=99)), FROM, TO)
    worker.given(registered, employed, elsewhere).when(employment.place_worker, **place).then_refused(AssignedElsewhere)
    worker.given(registered, employed).when(
        employment.place_worker, **{**place, "project_id": None, "organisation_id": OTHER}
    ).then_refused(NotEmployedByOrganisation)


def test_R_LZ_09_only_who_has_an_employer_is_sent_by_one() -> None:
    assert employment.employer(worker.state(registered, employed)) == ORGANISATION
    worker.given(registered).when(employment.employer).then_refused(NotEmployedByOrganisation, "R-LZ-09")
    worker.given().when(employment.employer).then_refused(WorkerUnknown)


def test_an_organisation_takes_on_who_is_with_none_and_disposes_of_its_own() -> None:
    take = {"employment": Employment.FULL_TIME, "occurred_on": DAY}
    free, bound = worker.given(registered), worker.given(registered, employed)
    new = WorkerEmploymentRecorded(WORKER, OTHER, Employment.FULL_TIME, DAY)
    free.when(employment.record_employment, **take, organisation_id=OTHER, asking=OTHER).then(new)
    free.when(employment.record_employment, **take, organisation_id=OTHER, asking=ORGANISATION).then_refused(
        EmployedElsewhere
    )
    bound.when(employment.record_employment, **take, organisation_id=OTHER, asking=OTHER).then_refused(
        EmployedElsewhere
    )
    bound.when(employment.record_employment, **take, organisation_id=OTHER, asking=ORGANISATION).then(new)
    bound.when(employment.record_employment, **take, organisation_id=OTHER, asking=None).then(new)
    bound.when(employment.record_employment, **take, organisation_id=ORGANISATION, asking=ORGANISATION).then_nothing()
    part_time = {**take, "employment": Employment.PART_TIME}
    bound.when(employment.record_employment, **part_time, organisation_id=ORGANISATION, asking=ORGANISATION).then(
        WorkerEmploymentRecorded(WORKER, ORGANISATION, Employment.PART_TIME, DAY)
    )


def test_only_the_employer_or_a_bureau_ends_an_employment() -> None:
    ended = WorkerEmploymentEnded(WORKER, ORGANISATION)
    bound = worker.given(registered, employed)
    bound.when(employment.end_employment, asking=OTHER, occurred_on=DAY).then_refused(EmployedElsewhere)
    for asking in (ORGANISATION, None):
        bound.when(employment.end_employment, asking=asking, occurred_on=DAY).then(ended)
    worker.given(registered, employed, ended).when(
        employment.end_employment, asking=ORGANISATION, occurred_on=DAY
    ).then_nothing()
    assert worker.state(registered, employed, ended).organisation_id is None
    worker.given(registered, employed, assigned).when(
        employment.end_employment, asking=ORGANISATION, occurred_on=FROM
    ).then_refused(WorkerEmployedAndAssigned, "R-LZ-12")


def test_what_an_employer_placed_ends_with_the_employment() -> None:
    site = SiteId(UUID(int=20))
    placed = WorkerPlaced(WORKER, ORGANISATION, site, None, COMMUNITY)
    ended = WorkerPlacementEnded(WORKER, site)
    there = worker.given(registered, employed, placed)
    move = {"organisation_id": OTHER, "employment": Employment.FULL_TIME, "asking": None, "occurred_on": DAY}
    new = WorkerEmploymentRecorded(WORKER, OTHER, Employment.FULL_TIME, DAY)
    there.when(employment.record_employment, **move).then(new, ended)
    there.when(employment.end_employment, asking=None, occurred_on=DAY).then(
        WorkerEmploymentEnded(WORKER, ORGANISATION), ended
    )
    worker.given(registered, employed, placed, new, ended).when(
        employment.end_employment, asking=None, occurred_on=DAY
    ).then(WorkerEmploymentEnded(WORKER, OTHER))
    same = {**move, "organisation_id": ORGANISATION, "employment": Employment.PART_TIME}
    there.when(employment.record_employment, **same).then(
        WorkerEmploymentRecorded(WORKER, ORGANISATION, Employment.PART_TIME, DAY)
    )


def test_nobody_is_placed_before_being_employed() -> None:
    place = {"organisation_id": ORGANISATION, "site_id": None, "project_id": None, "community": COMMUNITY}
    early, first = date(2022, 5, 31), JOINED
    worker.given(registered, employed).when(employment.place_worker, **place, occurred_on=early).then_refused(TooEarly)
    worker.given(registered, employed).when(employment.place_worker, **place, occurred_on=first).then(
        WorkerPlaced(WORKER, ORGANISATION, None, None, COMMUNITY)
    )
    part_time = WorkerEmploymentRecorded(WORKER, ORGANISATION, Employment.PART_TIME, DAY)
    assert worker.state(registered, employed, part_time).employed_since == JOINED


OTHER_PROJECT = ProjectId(UUID(int=99))
second = WorkerAssigned(WORKER, OTHER_PROJECT, date(2023, 10, 1), date(2024, 9, 30))


def test_R_LZ_12_one_release_ends_one_assignment() -> None:
    released = WorkerReleased(WORKER, PROJECT, date(2023, 3, 1))
    state = worker.state(registered, employed, assigned, second, released)
    assert state.elsewhere(PROJECT, date(2024, 1, 1), date(2024, 1, 1))
    assert state.elsewhere(OTHER_PROJECT, date(2023, 2, 28), date(2023, 2, 28))
    assert not state.elsewhere(OTHER_PROJECT, date(2023, 3, 1), date(2023, 3, 1))


@pytest.mark.parametrize("gone", [WorkerUnassigned(WORKER, PROJECT), LockedWorkerMoved(WORKER, PROJECT, 1, "resigned")])
def test_R_LZ_12_who_left_one_project_is_free_for_another_and_still_the_thirds(gone: WorkerEvent) -> None:
    state = worker.state(registered, employed, assigned, second, gone)
    assert state.elsewhere(PROJECT, TO, date(2024, 1, 1))
    assert not state.elsewhere(OTHER_PROJECT, FROM, TO)


def test_R_LZ_12_the_lock_says_the_days_from_then_on() -> None:
    longer = WorkerLocked(WORKER, PROJECT, FROM, date(2023, 12, 31))
    state = worker.state(registered, employed, assigned, longer)
    assert state.elsewhere(OTHER_PROJECT, date(2023, 12, 31), date(2024, 1, 1))
    assert not state.elsewhere(OTHER_PROJECT, date(2024, 1, 1), date(2024, 1, 1))


def test_a_name_is_never_in_a_repr() -> None:
    assert "演示" not in repr(registered)
