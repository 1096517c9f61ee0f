"""REG-R3: social workers and their licences.  Names stay in their events; a row says which one.

Full-time and licensed are independent attributes; neither implies the other (R-TC-03).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, assert_never
from uuid import UUID

from contracts.values import OrganisationId, PersonId, ProjectId, SiteId, UnitCode, WorkerId
from kit.store import Meta, Row, View, titled
from registry.domain import worker
from registry.domain.worker import SOCIAL_WORK, Employment, Qualified, SocialWorkerRegistered, WorkerEvent


@dataclass(frozen=True)
class WorkerRow(
    Row,
    table="worker_list",
    key=("worker_id",),
    indexes=(("tenant_id", "organisation_id"), ("tenant_id", "project_id"), ("tenant_id", "site_id")),
):
    worker_id: Annotated[WorkerId, titled("社工编号")]
    person: Annotated[PersonId, titled("人员编号")]
    name_event: Annotated[UUID, titled("姓名所在记录")]
    major: Annotated[str | None, titled("所学专业")]
    graduated: Annotated[bool, titled("是否毕业")]
    sw_graduate: Annotated[bool, titled("是否社会工作专业毕业")]
    organisation_id: Annotated[OrganisationId | None, titled("机构编号", "用人单位")] = None
    employment: Annotated[Employment | None, titled("用工方式")] = None
    licensed: Annotated[bool, titled("是否持证")] = False
    intermediate: Annotated[bool, titled("是否中级及以上")] = False
    impersonated: Annotated[bool, titled("是否冒用资质")] = False
    project_id: Annotated[ProjectId | None, titled("试点编号")] = None
    from_day: Annotated[date | None, titled("派驻起始日期")] = None
    to_day: Annotated[date | None, titled("派驻截止日期")] = None
    locked: Annotated[bool, titled("是否不得流动")] = False
    community: Annotated[UnitCode | None, titled("社区（村）代码", "派驻的社区（村）")] = None
    site_id: Annotated[SiteId | None, titled("站点编号", "派驻的站点")] = None


@dataclass(frozen=True)
class QualificationRow(
    Row,
    table="qualification",
    key=("worker_id", "qualification_id"),
    indexes=(("tenant_id", "issued_on", "worker_id", "qualification_id"),),
):
    worker_id: Annotated[WorkerId, titled("社工编号")]
    qualification_id: Annotated[UUID, titled("资格记录编号")]
    level: Annotated[Qualified, titled("证书等级")]
    issued_on: Annotated[date, titled("证书签发日期")]
    rejected: Annotated[str | None, titled("不予认可的原因")] = None


LICENCES = (
    "(select coalesce(array_agg(q.level order by q.issued_on, q.level), '{}') from qualification q where"
    " q.tenant_id = t.tenant_id and q.worker_id = t.worker_id and q.rejected is null)::text[]"
)
"""The levels that the worker `t` may be credited with."""


def employer(of: str) -> str:
    """Whose the worker of that row is now, whatever moment is looked at: a name is for who works with the person."""
    return (
        "(select w.organisation_id from public.worker_list w"
        f" where w.tenant_id = {of}.tenant_id and w.worker_id = {of}.worker_id)"
    )


@dataclass(frozen=True)
class Worker:
    row: WorkerRow
    licences: tuple[QualificationRow, ...] = ()

    def rows(self) -> Iterable[Row]:
        return (self.row, *self.licences)

    def judged(self) -> Worker:
        """With what the licences come to: those that were rejected count for nothing, nor do an impostor's."""
        levels = [one.level for one in self.licences if one.rejected is None and not self.row.impersonated]
        licensed, intermediate = bool(levels), any(level is not Qualified.JUNIOR for level in levels)
        return replace(self, row=replace(self.row, licensed=licensed, intermediate=intermediate))


def evolve(state: Worker | None, event: WorkerEvent, meta: Meta) -> Worker | None:
    if state is None:
        return _registered(event, meta) if isinstance(event, SocialWorkerRegistered) else None
    row = state.row
    match event:
        case SocialWorkerRegistered():
            return state
        case worker.QualificationRecorded():
            held = QualificationRow(event.worker_id, event.qualification_id, event.level, event.issued_on)
            return replace(state, licences=(*state.licences, held)).judged()
        case worker.QualificationRejected():
            return replace(state, licences=tuple(_rejected(state, event))).judged()
        case worker.WorkerImpersonationRecorded():
            return replace(state, row=replace(row, impersonated=True)).judged()
        case worker.WorkerEmploymentRecorded():
            row = replace(row, organisation_id=event.organisation_id, employment=event.employment)
        case worker.WorkerEmploymentEnded():
            row = replace(row, organisation_id=None, employment=None)
        case worker.WorkerAssigned() | worker.WorkerLocked():
            locked = isinstance(event, worker.WorkerLocked)
            row = replace(row, project_id=event.project_id, from_day=event.from_day, to_day=event.to_day, locked=locked)
        case worker.WorkerUnassigned() | worker.WorkerReleased() | worker.LockedWorkerMoved():
            if row.project_id == event.project_id:
                row = replace(row, project_id=None, from_day=None, to_day=None, locked=False)
        case worker.WorkerPlaced():
            row = replace(row, community=event.community, site_id=event.site_id)
        case worker.WorkerPlacementEnded():
            if row.site_id == event.site_id:
                row = replace(row, community=None, site_id=None)
        case _:
            assert_never(event)
    return state if row is state.row else replace(state, row=row)


def _rejected(state: Worker, event: worker.QualificationRejected) -> Iterable[QualificationRow]:
    """All licences, of which one does not hold."""
    for one in state.licences:
        yield replace(one, rejected=event.reason) if one.qualification_id == event.qualification_id else one


def _registered(event: SocialWorkerRegistered, meta: Meta) -> Worker:
    degree = event.degree
    graduated = degree is not None and degree.graduated
    return Worker(
        WorkerRow(
            worker_id=event.worker_id,
            person=event.name.person,
            name_event=meta.event_id,
            major=degree.major if degree else None,
            graduated=graduated,
            sw_graduate=graduated and degree is not None and degree.major == SOCIAL_WORK,
        )
    )


WORKERS = View("worker_list", 2, "worker", (WorkerRow, QualificationRow), evolve)
