"""A project as its decisions need it, and the fold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import assert_never

from contracts.values import DocumentId, OrganisationId, ProjectId, SchemeId, TenantId, UnitCode, WorkerId
from funding.domain.growing import Growing
from funding.domain.project import events as e
from funding.domain.terms import Level, Stage
from kit.errors import Refused


@dataclass(frozen=True)
class Report:
    """A phase's report: `steps` of the plan's chain are done for this revision."""

    revision: int
    steps: int = 0
    returned: bool = False


@dataclass(frozen=True)
class Member:
    """A worker whom the present organisation declared."""

    verified: e.VerifiedWorker | None = None
    """What the registry found, once it did: only then may the worker be paid (R-LZ-17)."""
    since: date | None = None
    """When the worker was verified; of one who left and came back, when that was."""
    left_on: date | None = None
    impersonator: bool = False


@dataclass(frozen=True)
class Project:
    project_id: ProjectId | None = None
    stage: Stage = Stage.NONE
    scheme_id: SchemeId | None = None
    district: TenantId | None = None
    street: UnitCode | None = None
    community: UnitCode | None = None
    signed: bool = False
    plans: Growing[OrganisationId, bool] = field(default_factory=Growing)
    """Whether the plan of an organisation passed."""
    organisation: OrganisationId | None = None
    former: Growing[OrganisationId, date] = field(default_factory=Growing)
    """The organisations that were disqualified, and when, in that order."""
    declaration: DocumentId | None = None
    team: Growing[WorkerId, Member] = field(default_factory=Growing)
    """Everyone whom the present organisation ever declared, whatever the verdict (R-LZ-08)."""
    posted: tuple[WorkerId, ...] = ()
    """The last verified staff, less those who left."""
    vacancies: int = 0
    """How many left since that verdict."""
    verified_on: date | None = None
    starters: tuple[WorkerId, ...] = ()
    bound: bool = False
    """The lock has begun: who is posted must not move."""
    started_on: date | None = None
    breaches: int = 0
    impersonated: bool = False
    """A finding stands against somebody of the team."""
    third_parties: dict[e.Task, str] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)
    evaluated: frozenset[str] = frozenset()
    audited: frozenset[str] = frozenset()
    phases_closed: frozenset[str] = frozenset()
    last_phase_closed: bool = False
    self_assessed: frozenset[Level] = frozenset()
    accepting_on: date | None = None
    """The last day of the steps from self-assessment to the acceptance report."""
    accepted: bool = False
    rectifying: bool = False
    report_filed: bool = False
    milestones: tuple[e.Milestone, ...] = ()
    counted: dict[str, e.ProjectCountsNoted] = field(default_factory=dict)
    """The newest totals of each service that counts."""

    @property
    def live(self) -> bool:
        """Running, or past it and not yet closed."""
        return not self.stage.before(Stage.RUNNING) and self.stage is not Stage.CLOSED

    @property
    def predecessor(self) -> OrganisationId | None:
        """Who was disqualified last."""
        return next(reversed(list(self.former)), None)

    @property
    def vacant_since(self) -> date | None:
        """The day of the last disqualification."""
        return next(reversed(list(self.former.values())), None)

    @property
    def id(self) -> ProjectId:
        """The project's id; refuses where no application was ever made."""
        if self.project_id is None:
            raise NoSuchProject
        return self.project_id

    @property
    def carried_out_by(self) -> OrganisationId:
        if self.organisation is None:
            raise NoOrganisation
        return self.organisation

    @property
    def under(self) -> SchemeId:
        if self.scheme_id is None:
            raise NoSuchProject
        return self.scheme_id


def evolve(project: Project, event: e.ProjectEvent) -> Project:
    """The project after one more event, dispatched to the part of the plan it belongs to."""
    if isinstance(event, e.ApplicationEvent):
        return _applied(project, event)
    if isinstance(event, e.ProcurementEvent):
        return _procured(project, event)
    if isinstance(event, e.DeliveryEvent):
        return _delivered(project, event)
    if isinstance(event, e.ReviewEvent):
        return _reviewed(project, event)
    if isinstance(event, e.MilestoneEvent):
        return _scheduled(project, event)
    return _accepted(project, event)


class NoSuchProject(Refused):
    code = "not-found"
    name = "没有找到"
    status = 404
    text = "没有找到该试点项目。请核对编号。"


class NoOrganisation(Refused):
    code = "no-organisation"
    name = "没有承接机构"
    text = "该试点目前没有承接机构。请先完成机构选定。"


class WrongStage(Refused):
    code = "wrong-stage"
    name = "试点阶段不符"
    text = "试点当前处于“{stage}”阶段，不能办理该事项（须处于“{needed}”阶段）。请先完成前面的环节，或核对试点。"


def require_known(project: Project) -> None:
    if project.stage is Stage.NONE:
        raise NoSuchProject


def require_stage(project: Project, *stages: Stage) -> None:
    if project.stage not in stages:
        require_known(project)
        raise WrongStage(stage=STAGE_NAMES[project.stage], needed="、".join(STAGE_NAMES[s] for s in stages))


def require_live(project: Project) -> None:
    if not project.live:
        require_known(project)
        raise WrongStage(stage=STAGE_NAMES[project.stage], needed=STAGE_NAMES[Stage.RUNNING])


STAGE_NAMES = {
    Stage.NONE: "未申报",
    Stage.REJECTED: "未批准",
    Stage.APPLIED: "已申请",
    Stage.STREET_ENDORSED: "街道已签批",
    Stage.RECOMMENDED: "区级已推荐",
    Stage.APPROVED: "已确定",
    Stage.PROCURING: "采购中",
    Stage.ORGANISATION_SELECTED: "机构已选定",
    Stage.CONTRACTED: "已签协议",
    Stage.STAFFED: "人员已核验",
    Stage.FUNDED: "已拨款",
    Stage.RUNNING: "实施中",
    Stage.MIDTERM_EVALUATED: "中期已评估",
    Stage.FINAL_EVALUATED: "末期已评估",
    Stage.SELF_ASSESSED: "已自评",
    Stage.DISTRICT_ACCEPTED: "区级已验收",
    Stage.RATED: "已综合评价",
    Stage.CLOSED: "已结项",
}


def _forward(project: Project, stage: Stage) -> Stage:
    """Steps 13 to 15 run beside each other (C-03): the stage shown is the furthest one reached."""
    return stage if project.stage.before(stage) else project.stage


def _applied(project: Project, event: e.ApplicationEvent) -> Project:
    match event:
        case e.ProjectApplicationSubmitted():
            return Project(
                project_id=event.project_id,
                stage=Stage.APPLIED,
                scheme_id=event.scheme_id,
                district=event.district,
                street=event.street,
                community=event.community,
            )
        case e.StreetSignOffGiven():
            return replace(project, stage=Stage.STREET_ENDORSED, signed=True)
        case e.ProjectRecommendedByDistrict():
            return replace(project, stage=Stage.RECOMMENDED)
        case e.ProjectApproved():
            return replace(project, stage=Stage.APPROVED)
        case e.ProjectRejected():
            return replace(project, stage=Stage.REJECTED)
        case _:
            assert_never(event)


def _procured(project: Project, event: e.ProcurementEvent) -> Project:
    match event:
        case e.ServicePurchasePublished():
            return replace(project, stage=Stage.PROCURING)
        case e.ServicePlanReviewed():
            return replace(project, plans=project.plans | {event.organisation_id: event.passed})
        case e.OrganisationSelected():
            return replace(project, stage=Stage.ORGANISATION_SELECTED, organisation=event.organisation_id)
        case e.PurchaseAgreementSigned():
            return replace(project, stage=Stage.CONTRACTED)
        case e.CredentialImpersonationFound():
            found = replace(project.team.get(event.worker_id, Member()), impersonator=True)
            return replace(project, team=project.team | {event.worker_id: found}, impersonated=True)
        case e.OrganisationDisqualified():
            return _without_organisation(project, event)
        case _:
            assert_never(event)


def _without_organisation(project: Project, event: e.OrganisationDisqualified) -> Project:
    """Back to procuring: what the organisation did alone ends with it; evaluated phases and breaches stay on record."""
    return replace(
        project,
        stage=Stage.PROCURING,
        plans=project.plans | {event.organisation_id: False},
        organisation=None,
        former=project.former | {event.organisation_id: event.disqualified_on},
        declaration=None,
        team=Growing(),
        posted=(),
        vacancies=0,
        verified_on=None,
        starters=(),
        bound=False,
        impersonated=False,
        reports={phase: r for phase, r in project.reports.items() if phase in project.phases_closed},
    )


def _delivered(project: Project, event: e.DeliveryEvent) -> Project:
    match event:
        case e.StaffingDeclared():
            new = {worker: Member() for worker in event.worker_ids if worker not in project.team}
            return replace(project, declaration=event.declaration_id, team=project.team | new)
        case e.StaffingVerified():
            return _verified(project, event)
        case e.StaffingRejected():
            return replace(project, declaration=None)
        case e.ProjectFunded():
            return replace(project, stage=Stage.FUNDED)
        case e.ImplementationStarted():
            return replace(
                project,
                stage=Stage.RUNNING,
                starters=event.worker_ids,
                started_on=project.started_on or event.started_on,
            )
        case e.PostingLockNoted():
            return replace(project, bound=True)
        case e.WorkerDepartureNoted():
            return replace(
                project,
                posted=tuple(w for w in project.posted if w != event.worker_id),
                team=project.team | _gone(project, (event.worker_id,), event.left_on),
                vacancies=project.vacancies + 1,
            )
        case e.StaffingBreachNoted():
            return replace(project, breaches=project.breaches + 1)
        case e.PostingEndNoted():
            return replace(project, posted=(), bound=False)
        case e.ProjectCountsNoted():
            return replace(project, counted={**project.counted, event.source: event})
        case _:
            assert_never(event)


def _verified(project: Project, event: e.StaffingVerified) -> Project:
    """Who had left and is verified again is paid from the new verdict on; whom it leaves out has left with it."""
    staff = {worker.worker_id: _joined(project, worker, event.verified_on) for worker in event.workers}
    out = [worker for worker in project.posted if worker not in staff]
    return replace(
        project,
        stage=_forward(project, Stage.STAFFED),
        declaration=None,
        team=project.team | _gone(project, out, event.verified_on) | staff,
        posted=tuple(staff),
        vacancies=0,
        verified_on=event.verified_on,
    )


def _joined(project: Project, worker: e.VerifiedWorker, on: date) -> Member:
    known = project.team.get(worker.worker_id, Member())
    stays = known.verified is not None and known.left_on is None
    return replace(known, verified=worker, since=known.since if stays else on, left_on=None)


def _gone(project: Project, workers: Iterable[WorkerId], on: date) -> dict[WorkerId, Member]:
    return {worker: replace(project.team.get(worker, Member()), left_on=on) for worker in workers}


def _reviewed(project: Project, event: e.ReviewEvent) -> Project:
    match event:
        case e.ThirdPartyNamed():
            return replace(project, third_parties={**project.third_parties, event.task: event.third_party})
        case e.ThirdPartySupervisionReported():
            return project
        case e.ReportSubmitted():
            return replace(project, reports={**project.reports, event.phase: Report(event.revision)})
        case e.ReportConfirmedByCommunity():
            return _step(project, event.phase, passed=True)
        case e.ReportReviewedByDistrict():
            return _step(project, event.phase, passed=event.passed)
        case e.EvaluationCompleted():
            return replace(project, evaluated=project.evaluated | {event.phase})
        case e.AuditCompleted():
            return replace(project, audited=project.audited | {event.phase})
        case e.PhaseEvaluated():
            reached = Stage.FINAL_EVALUATED if event.last else Stage.MIDTERM_EVALUATED
            closed = project.phases_closed | {event.phase}
            last = project.last_phase_closed or event.last
            return replace(project, stage=_forward(project, reached), phases_closed=closed, last_phase_closed=last)
        case _:
            assert_never(event)


def _step(project: Project, phase: str, *, passed: bool) -> Project:
    report = project.reports[phase]
    done = replace(report, steps=report.steps + 1) if passed else replace(report, returned=True)
    return replace(project, reports={**project.reports, phase: done})


def _accepted(project: Project, event: e.AcceptanceEvent) -> Project:
    match event:
        case e.SelfAssessmentFiled():
            on = max(project.accepting_on or event.filed_on, event.filed_on)
            return replace(project, self_assessed=project.self_assessed | {event.level}, accepting_on=on)
        case e.SelfAssessmentsCompleted():
            return replace(project, stage=_forward(project, Stage.SELF_ASSESSED))
        case e.DistrictAcceptanceCompleted():
            return replace(project, accepted=True, accepting_on=event.accepted_on)
        case e.DistrictAcceptanceFailed():
            return replace(project, rectifying=True, accepting_on=event.failed_on)
        case e.RectificationReported():
            return replace(project, rectifying=False, accepting_on=event.reported_on)
        case e.AcceptanceReportFiled():
            stage = _forward(project, Stage.DISTRICT_ACCEPTED)
            return replace(project, stage=stage, report_filed=True, accepting_on=event.filed_on)
        case e.CityOverallRatingGiven():
            return replace(project, stage=Stage.RATED)
        case e.ExperiencePublicised():
            return project
        case e.ProjectClosed():
            return replace(project, stage=Stage.CLOSED)
        case _:
            assert_never(event)


def _scheduled(project: Project, event: e.MilestoneEvent) -> Project:
    match event:
        case e.MilestonesPlanned():
            return replace(project, milestones=event.milestones)
        case e.MilestoneOverdue() | e.NodeNoticeIssued():
            return project
        case _:
            assert_never(event)
