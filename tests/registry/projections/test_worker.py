"""A worker's row and licences, as the events come."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from tests.registry.domain.staff import COMMUNITY, FROM, JOINED, ORGANISATION, OTHER_PROJECT, PROJECT, TO, A
from tests.told import NOBODY, meta, rows

from contracts.values import PersonId, Sealed, SiteId
from registry.domain.worker import (
    Degree,
    Employment,
    LockedWorkerMoved,
    QualificationRecorded,
    QualificationRejected,
    Qualified,
    SocialWorkerRegistered,
    WorkerAssigned,
    WorkerEmploymentEnded,
    WorkerEmploymentRecorded,
    WorkerEvent,
    WorkerImpersonationRecorded,
    WorkerLocked,
    WorkerPlaced,
    WorkerPlacementEnded,
    WorkerReleased,
    WorkerUnassigned,
)
from registry.projections.worker import WORKERS, QualificationRow, Worker, WorkerRow, evolve

PERSON, SITE, OTHER_SITE = PersonId(UUID(int=90)), SiteId(UUID(int=91)), SiteId(UUID(int=92))
FIRST, SECOND = UUID(int=93), UUID(int=94)
ISSUED = date(2020, 1, 1)
sealed = Sealed(person=PERSON, clear="演示")
registered = SocialWorkerRegistered(A, sealed, Degree("social_work", True))
employed = WorkerEmploymentRecorded(A, ORGANISATION, Employment.FULL_TIME, JOINED)
left = WorkerEmploymentEnded(A, ORGANISATION)
junior = QualificationRecorded(A, FIRST, Qualified.JUNIOR, sealed, ISSUED, "0" * 64)
senior = QualificationRecorded(A, SECOND, Qualified.SENIOR, sealed, ISSUED, "0" * 64)
lent = QualificationRejected(A, SECOND, "lent")
assigned, locked = WorkerAssigned(A, PROJECT, FROM, TO), WorkerLocked(A, PROJECT, FROM, TO)
placed = WorkerPlaced(A, ORGANISATION, SITE, PROJECT, COMMUNITY)
impersonated = WorkerImpersonationRecorded(A, PROJECT)
row = WorkerRow(A, PERSON, NOBODY, "social_work", graduated=True, sw_graduate=True)
of_project = replace(row, project_id=PROJECT, from_day=FROM, to_day=TO)


def day(n: int) -> date:
    return JOINED + timedelta(days=n)


def after(*history: WorkerEvent) -> Worker:
    state: Worker | None = None
    for event in history:
        state = evolve(state, event, meta(JOINED))
    assert state is not None
    return state


def licences(*history: WorkerEvent) -> tuple[bool, bool]:
    state = after(*history)
    return state.row.licensed, state.row.intermediate


def test_a_registered_worker_has_a_row_that_names_where_the_name_is() -> None:
    assert after(registered) == Worker(row)
    other = after(SocialWorkerRegistered(A, sealed, Degree("law", True))).row
    assert (other.graduated, other.sw_graduate, other.major) == (True, False, "law")
    assert after(SocialWorkerRegistered(A, sealed, None)).row.sw_graduate is False


@pytest.mark.parametrize(
    ("history", "changed"),
    [
        ((employed,), replace(row, organisation_id=ORGANISATION, employment=Employment.FULL_TIME)),
        ((employed, left), row),
        ((assigned,), of_project),
        ((assigned, locked), replace(of_project, locked=True)),
        ((locked, WorkerReleased(A, PROJECT, TO)), row),
        ((locked, LockedWorkerMoved(A, PROJECT, 1, "resigned")), row),
        ((assigned, WorkerUnassigned(A, PROJECT)), row),
        ((placed,), replace(row, community=COMMUNITY, site_id=SITE)),
        ((placed, WorkerPlacementEnded(A, SITE)), row),
    ],
)
def test_whose_worker_for_which_project_and_where(history: tuple[WorkerEvent, ...], changed: WorkerRow) -> None:
    assert after(registered, *history) == Worker(changed)


@pytest.mark.parametrize(
    ("history", "event"),
    [
        ((), registered),
        ((assigned,), WorkerUnassigned(A, OTHER_PROJECT)),
        ((placed,), WorkerPlacementEnded(A, OTHER_SITE)),
    ],
)
def test_what_changes_nothing_leaves_the_very_state(history: tuple[WorkerEvent, ...], event: WorkerEvent) -> None:
    state = after(registered, *history)
    assert evolve(state, event, meta(JOINED)) is state


def test_a_licence_is_a_row_and_a_rejected_one_stays_and_says_why() -> None:
    one, two = (
        QualificationRow(A, FIRST, Qualified.JUNIOR, ISSUED),
        QualificationRow(A, SECOND, Qualified.SENIOR, ISSUED),
    )
    assert after(registered, junior, senior).licences == (one, two)
    assert after(registered, junior, senior, lent).licences == (one, replace(two, rejected="lent"))


def test_R_LZ_10_what_the_licences_come_to() -> None:
    assert licences(registered) == (False, False)
    assert licences(registered, junior) == (True, False)
    assert licences(registered, junior, senior) == (True, True)
    assert licences(registered, junior, senior, lent) == (True, False)
    assert licences(registered, senior, lent) == (False, False)


def test_R_LZ_08_no_licence_of_an_impostor_counts_whenever_it_came() -> None:
    assert licences(registered, senior, impersonated) == (False, False)
    assert licences(registered, impersonated, senior) == (False, False)


@pytest.mark.parametrize("event", [employed, junior, lent, assigned, locked, placed, impersonated])
def test_what_was_never_registered_has_no_row(event: WorkerEvent) -> None:
    assert evolve(None, event, meta(JOINED)) is None


def test_an_impersonation_that_is_heard_late_counts_from_its_day_on() -> None:
    history = [(day(0), registered), (day(1), senior), (day(9), locked), (day(5), impersonated)]

    def found(n: int) -> list[tuple[bool, bool]]:
        return [(r.licensed, r.locked) for r in rows(WORKERS, history, day(n)) if isinstance(r, WorkerRow)]

    assert [found(n) for n in (-1, 0, 1, 4, 5, 9)] == [
        [],
        [(False, False)],
        [(True, False)],
        [(True, False)],
        [(False, False)],
        [(False, True)],
    ]
