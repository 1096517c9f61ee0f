"""A project's staff for tests of the verdict, the lock and leaving: three fit workers A, B and C, and a fourth."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from contracts.values import OrganisationId, PersonId, ProjectId, SchemeId, Sealed, UnitCode, WorkerId
from kit.testing import Spec
from registry.domain import organisation as organisations
from registry.domain import posting as postings
from registry.domain import worker as workers
from registry.domain.posting import (
    Declaration,
    Departure,
    PostedWorker,
    Posting,
    PostingLocked,
    StaffingRejected,
    StaffingRule,
    StaffingVerified,
    WorkerLeftPosting,
)
from registry.domain.staffing import verify
from registry.domain.worker import (
    Degree,
    Employment,
    QualificationRecorded,
    Qualified,
    SocialWorkerRegistered,
    Worker,
    WorkerEmploymentRecorded,
)

posting = Spec(Posting(), postings.evolve)
PROJECT, OTHER_PROJECT = ProjectId(UUID(int=1)), ProjectId(UUID(int=2))
ORGANISATION, SCHEME, COMMUNITY = OrganisationId(UUID(int=3)), SchemeId(UUID(int=4)), UnitCode("620102001001")
FROM, TO = date(2022, 9, 27), date(2023, 9, 27)
JOINED, DAY = date(2022, 6, 1), date(2022, 8, 20)
RULE = StaffingRule(3, 2, 1, 1, True, 2, FROM, TO)
A, B, C, D = (WorkerId(UUID(int=n)) for n in (10, 11, 12, 13))
BUREAU = organisations.Registration("兰州市民政局", True, date(2015, 3, 1), "DEMO0000000000001X")
ATTESTED = tuple(organisations.Attestation(c, "演示区民政局", "演示材料") for c in organisations.Condition)
REGISTERED = organisations.OrganisationRegistered(ORGANISATION, "演示社工服务中心甲", BUREAU, ATTESTED)
GOOD = organisations.evolve(organisations.Organisation(), REGISTERED)


def person(w: WorkerId, level: Qualified | None, graduate: bool, *more: Any) -> Worker:
    sealed = Sealed(person=PersonId(UUID(int=90)), clear="演示")
    history: list[Any] = [
        SocialWorkerRegistered(w, sealed, Degree("social_work", True) if graduate else None),
        WorkerEmploymentRecorded(w, ORGANISATION, Employment.FULL_TIME, JOINED),
    ]
    if level:
        history.append(QualificationRecorded(w, w, level, sealed, date(2020, 1, 1), "0" * 64))
    return Spec(Worker(), workers.evolve).state(*history, *more)


MID, JUNIOR, GRADUATE = Qualified.INTERMEDIATE, Qualified.JUNIOR, None
TEAM = {A: person(A, MID, False), B: person(B, JUNIOR, False), C: person(C, GRADUATE, True)}
DECLARED = Declaration(UUID(int=5), ORGANISATION, SCHEME, (A, B, C), RULE)
POSTED = (
    PostedWorker(A, True, True, False),
    PostedWorker(B, True, False, False),
    PostedWorker(C, False, False, True),
)
verified = StaffingVerified(PROJECT, DECLARED, POSTED, DAY)
locked = PostingLocked(PROJECT, ORGANISATION, COMMUNITY, FROM, TO, (A, B, C))
START = {
    "organisation_id": ORGANISATION,
    "community": COMMUNITY,
    "from_day": FROM,
    "to_day": TO,
    "worker_ids": (A, B, C),
}


def verdict(team: dict[WorkerId, Worker], declaration: Declaration = DECLARED, *history: Any) -> Sequence[Any]:
    events, _ = verify(
        posting.state(*history), GOOD, team, project_id=PROJECT, declaration=declaration, occurred_on=DAY
    )
    return events


def reasons(team: dict[WorkerId, Worker], declaration: Declaration = DECLARED) -> list[tuple[str, str]]:
    (event,) = verdict(team, declaration)
    return [(r.code, r.rule) for r in event.reasons] if isinstance(event, StaffingRejected) else []


def left(w: WorkerId, starters: int, breach: bool, how: Departure = Departure.REQUEST) -> WorkerLeftPosting:
    return WorkerLeftPosting(PROJECT, w, how, starters, True, breach)


def request(w: WorkerId, day: date, how: Departure = Departure.REQUEST) -> dict[str, Any]:
    return {"worker_id": w, "departure": how, "reason": "resigned", "occurred_on": day}


class Licensed:
    """A junior whose licence was issued on a day."""

    def __init__(self, issued_on: date) -> None:
        self.issued_on = issued_on

    def of(self, w: WorkerId) -> Worker:
        number = Sealed(person=PersonId(UUID(int=90)), clear="演示")
        return person(w, None, False, QualificationRecorded(w, w, JUNIOR, number, self.issued_on, "0" * 64))
