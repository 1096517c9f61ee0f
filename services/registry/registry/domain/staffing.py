"""The verdict on a declaration of staff, over the posting, the organisation and every worker named (SG-2).

It reads the workers' own histories and writes to each of them, so that two projects cannot count on one person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TypeAlias

from contracts.values import OrganisationId, ProjectId, UnitCode, WorkerId
from registry.domain.employment import AssignedElsewhere, placements
from registry.domain.organisation import Organisation, shortfalls
from registry.domain.posting import (
    Declaration,
    Departure,
    Ending,
    PostedWorker,
    Posting,
    PostingEvent,
    Reason,
    StaffingRejected,
    StaffingRule,
    StaffingVerified,
    end,
    leave,
    release_day,
    start,
)
from registry.domain.worker import (
    Employment,
    LockedWorkerMoved,
    Worker,
    WorkerAssigned,
    WorkerEvent,
    WorkerLocked,
    WorkerPlaced,
    WorkerReleased,
    WorkerUnassigned,
)

Workers: TypeAlias = Mapping[WorkerId, Worker]
PerWorker: TypeAlias = Mapping[WorkerId, Sequence[WorkerEvent]]


def verify(
    posting: Posting,
    organisation: Organisation,
    workers: Workers,
    *,
    project_id: ProjectId,
    declaration: Declaration,
    occurred_on: date,
) -> tuple[Sequence[PostingEvent], PerWorker]:
    """StaffingVerified with an assignment for each worker, or StaffingRejected with every reason, as of the day.

    `workers` are those declared and those present, by id.  A declaration judged before changes nothing.
    """
    if declaration.declaration_id in posting.judged:
        return (), {}
    team = {w: workers[w] for w in declaration.worker_ids}
    posted = tuple(
        PostedWorker(w, team[w].licensed(occurred_on), team[w].intermediate(occurred_on), team[w].sw_graduate)
        for w in declaration.worker_ids
    )
    reasons = (
        *_organisation_reasons(organisation, declaration, occurred_on),
        *_posting_reasons(posting, declaration),
        *(reason for w in team for reason in _worker_reasons(w, team[w], project_id, declaration, occurred_on)),
        *_team_reasons(posted, declaration),
    )
    if reasons:
        return (StaffingRejected(project_id, declaration, reasons),), {}
    verified = StaffingVerified(project_id, declaration, posted, occurred_on)
    return (verified,), dict(_assignments(posting, workers, project_id, declaration))


def _assignments(
    posting: Posting, workers: Workers, project_id: ProjectId, declaration: Declaration
) -> Iterator[tuple[WorkerId, Sequence[WorkerEvent]]]:
    rule, lock = declaration.rule, posting.lock
    for w in declaration.worker_ids:
        if w in posting.present:
            continue
        if lock is None:
            yield w, (WorkerAssigned(w, project_id, rule.lock_from, rule.lock_to),)
        else:  # a replacement is bound for what is left of the project, and works where the others do
            yield (
                w,
                (
                    WorkerAssigned(w, project_id, lock.from_day, lock.to_day),
                    WorkerLocked(w, project_id, lock.from_day, lock.to_day),
                    WorkerPlaced(w, declaration.organisation_id, None, project_id, lock.community),
                ),
            )
    for w in posting.present:
        if w not in declaration.worker_ids:
            yield w, (WorkerUnassigned(w, project_id), *placements(workers[w], project_id))


def _organisation_reasons(organisation: Organisation, declaration: Declaration, occurred_on: date) -> Iterator[Reason]:
    if organisation.organisation_id != declaration.organisation_id:
        yield Reason("organisation-unknown", "R-LZ-05")
        return
    if organisation.registered_on is not None and organisation.registered_on > occurred_on:
        yield Reason("organisation-registered-later", "R-LZ-05")
    for shortfall in shortfalls(organisation):
        yield Reason(f"organisation-{shortfall.code}", shortfall.rule)
    if declaration.scheme_id in organisation.revoked:
        yield Reason("organisation-qualification-revoked", "R-LZ-08")


def _posting_reasons(posting: Posting, declaration: Declaration) -> Iterator[Reason]:
    named = set(declaration.worker_ids)
    if len(declaration.worker_ids) != declaration.rule.headcount:
        yield Reason("headcount", "R-LZ-09")
    if len(named) != len(declaration.worker_ids):
        yield Reason("worker-named-twice", "R-LZ-09")
    if posting.lock is not None:
        for w in posting.present:
            if w not in named:
                yield Reason("locked-worker-omitted", "R-LZ-12", w)


def _worker_reasons(
    w: WorkerId, worker: Worker, project_id: ProjectId, declaration: Declaration, occurred_on: date
) -> Iterator[Reason]:
    rule = declaration.rule
    if worker.worker_id is None:
        yield Reason("worker-unknown", "R-LZ-09", w)
        return
    if worker.organisation_id != declaration.organisation_id:
        yield Reason("not-employed-by-organisation", "R-LZ-09", w)
    elif worker.employed_since is not None and worker.employed_since > occurred_on:
        yield Reason("employed-later", "R-LZ-09", w)
    if rule.full_time and worker.employment is not Employment.FULL_TIME:
        yield Reason("not-full-time", "R-LZ-12", w)
    if worker.elsewhere(project_id, max(rule.lock_from, occurred_on), rule.lock_to):
        yield Reason("assigned-elsewhere", "R-LZ-12", w)
    if worker.rejected or worker.impersonated:
        yield Reason("qualification-rejected", "R-LZ-08", w)


def _team_reasons(team: Sequence[PostedWorker], declaration: Declaration) -> Iterator[Reason]:
    rule = declaration.rule
    short = [
        ("licensed-too-few", "R-LZ-10", sum(w.licensed for w in team) < rule.licensed_min),
        ("intermediate-too-few", "R-LZ-10", sum(w.intermediate for w in team) < rule.intermediate_min),
        ("graduates-too-few", "R-LZ-11", sum(w.sw_graduate for w in team) < rule.sw_graduate_min),
    ]
    yield from (Reason(code, rule) for code, rule, lacking in short if lacking)
    if not any(lacking for _, _, lacking in short) and not divides(team, rule):
        yield Reason("no-graduate-beside-licensed", "R-LZ-11")


def divides(team: Sequence[PostedWorker], rule: StaffingRule) -> bool:
    """Whether the team splits into licensed workers enough, and graduates of social work beside them (C-15).

    A graduate may be licensed too, but counts on one side only: those who are missed least stand beside.
    """
    graduates = sorted((w for w in team if w.sw_graduate), key=lambda w: (w.licensed, w.intermediate))
    beside = graduates[: rule.sw_graduate_min]
    return (
        len(beside) == rule.sw_graduate_min
        and sum(w.licensed for w in team) - sum(w.licensed for w in beside) >= rule.licensed_min
        and sum(w.intermediate for w in team) - sum(w.intermediate for w in beside) >= rule.intermediate_min
    )


def lock_workers(
    posting: Posting,
    workers: Workers,
    *,
    organisation_id: OrganisationId,
    community: UnitCode,
    from_day: date,
    to_day: date,
    worker_ids: tuple[WorkerId, ...],
    occurred_on: date,
) -> tuple[Sequence[PostingEvent], PerWorker]:
    """The project begins: every verified worker is locked and placed at its community.

    Another project may have had them until today, on days that its term has in common with this one's.
    """
    begun = start(
        posting,
        organisation_id=organisation_id,
        community=community,
        from_day=from_day,
        to_day=to_day,
        worker_ids=worker_ids,
    )
    if not begun or posting.project_id is None:
        return (), {}
    project_id = posting.project_id
    for worker in workers.values():
        if worker.elsewhere(project_id, max(from_day, occurred_on), to_day):
            raise AssignedElsewhere
    return begun, {
        w: (
            WorkerLocked(w, project_id, from_day, to_day),
            WorkerPlaced(w, organisation_id, None, project_id, community),
        )
        for w in posting.present
    }


def remove_worker(
    posting: Posting, worker: Worker, *, worker_id: WorkerId, departure: Departure, reason: str, occurred_on: date
) -> tuple[Sequence[PostingEvent], Sequence[WorkerEvent]]:
    """The posting's half and the worker's: a breach is told on the worker's own history (SG-4)."""
    gone = leave(posting, worker_id=worker_id, departure=departure, occurred_on=occurred_on)
    (left,) = gone
    sites = placements(worker, left.project_id)
    if left.breach:
        return gone, (LockedWorkerMoved(worker_id, left.project_id, left.starters_left, reason), *sites)
    if left.locked:
        return gone, (WorkerReleased(worker_id, left.project_id, occurred_on), *sites)
    return gone, (WorkerUnassigned(worker_id, left.project_id), *sites)


def end_posting(
    posting: Posting, workers: Workers, *, cause: Ending, occurred_on: date
) -> tuple[Sequence[PostingEvent], PerWorker]:
    """Everybody still there is released, or unassigned where no lock had begun."""
    ended = end(posting, cause=cause)
    if not ended or posting.project_id is None:
        return (), {}
    project_id, free = posting.project_id, release_day(posting, cause=cause, occurred_on=occurred_on)
    return ended, {
        w: (
            WorkerUnassigned(w, project_id) if posting.lock is None else WorkerReleased(w, project_id, free),
            *placements(workers[w], project_id),
        )
        for w in posting.present
    }


def lose_project(
    posting: Posting,
    workers: Workers,
    *,
    organisation_id: OrganisationId,
    cause: Ending = Ending.ORGANISATION_REVOKED,
    occurred_on: date,
) -> tuple[Sequence[PostingEvent], PerWorker]:
    """The organisation lost the project; a posting that another organisation holds by now is not touched (R-LZ-08)."""
    if posting.declaration is None or posting.declaration.organisation_id != organisation_id:
        return (), {}
    return end_posting(posting, workers, cause=cause, occurred_on=occurred_on)
