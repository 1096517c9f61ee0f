"""A pilot as its decisions need it, and the fold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import assert_never

from contracts.values import AgencyId, DocumentId, PilotId, SchemeId, TenantId, UnitCode, WorkerId
from funding.domain.growing import Growing
from funding.domain.pilot import events as e
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
    """A worker whom the present agency declared."""

    verified: e.VerifiedWorker | None = None
    """What the registry found, once it did: only then may the worker be paid (R-LZ-17)."""
    since: date | None = None
    """When the worker was verified; of one who left and came back, when that was."""
    left_on: date | None = None
    impersonator: bool = False


@dataclass(frozen=True)
class Pilot:
    pilot_id: PilotId | None = None
    stage: Stage = Stage.NONE
    scheme_id: SchemeId | None = None
    district: TenantId | None = None
    street: UnitCode | None = None
    community: UnitCode | None = None
    signed: bool = False
    plans: Growing[AgencyId, bool] = field(default_factory=Growing)
    """Whether the plan of an agency passed."""
    agency: AgencyId | None = None
    former: Growing[AgencyId, date] = field(default_factory=Growing)
    """The agencies that were disqualified, and when, in that order."""
    declaration: DocumentId | None = None
    team: Growing[WorkerId, Member] = field(default_factory=Growing)
    """Everyone whom the present agency ever declared, whatever the verdict (R-LZ-08)."""
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
    def predecessor(self) -> AgencyId | None:
        """Who was disqualified last."""
        return next(reversed(list(self.former)), None)

    @property
    def vacant_since(self) -> date | None:
        """The day of the last disqualification."""
        return next(reversed(list(self.former.values())), None)

    @property
    def id(self) -> PilotId:
        """The pilot's id; refuses where no application was ever made."""
        if self.pilot_id is None:
            raise NoSuchPilot
        return self.pilot_id

    @property
    def carried_out_by(self) -> AgencyId:
        if self.agency is None:
            raise NoAgency
        return self.agency

    @property
    def under(self) -> SchemeId:
        if self.scheme_id is None:
            raise NoSuchPilot
        return self.scheme_id


def evolve(pilot: Pilot, event: e.PilotEvent) -> Pilot:
    """The pilot after one more event, dispatched to the part of the plan it belongs to."""
    if isinstance(event, e.ApplicationEvent):
        return _applied(pilot, event)
    if isinstance(event, e.ProcurementEvent):
        return _procured(pilot, event)
    if isinstance(event, e.DeliveryEvent):
        return _delivered(pilot, event)
    if isinstance(event, e.ReviewEvent):
        return _reviewed(pilot, event)
    if isinstance(event, e.MilestoneEvent):
        return _scheduled(pilot, event)
    return _accepted(pilot, event)


class NoSuchPilot(Refused):
    code = "not-found"
    name = "没有找到"
    status = 404
    text = "没有找到该试点项目。请核对编号。"


class NoAgency(Refused):
    code = "no-agency"
    name = "没有承接机构"
    text = "该试点目前没有承接机构。请先完成机构选定。"


class WrongStage(Refused):
    code = "wrong-stage"
    name = "试点阶段不符"
    text = "试点当前处于“{stage}”阶段，不能办理该事项（须处于“{needed}”阶段）。请先完成前面的环节，或核对试点。"


def require_known(pilot: Pilot) -> None:
    if pilot.stage is Stage.NONE:
        raise NoSuchPilot


def require_stage(pilot: Pilot, *stages: Stage) -> None:
    if pilot.stage not in stages:
        require_known(pilot)
        raise WrongStage(stage=STAGE_NAMES[pilot.stage], needed="、".join(STAGE_NAMES[s] for s in stages))


def require_live(pilot: Pilot) -> None:
    if not pilot.live:
        require_known(pilot)
        raise WrongStage(stage=STAGE_NAMES[pilot.stage], needed=STAGE_NAMES[Stage.RUNNING])


STAGE_NAMES = {
    Stage.NONE: "未申报",
    Stage.REJECTED: "未批准",
    Stage.APPLIED: "已申请",
    Stage.STREET_ENDORSED: "街道已签批",
    Stage.RECOMMENDED: "区级已推荐",
    Stage.APPROVED: "已确定",
    Stage.PROCURING: "采购中",
    Stage.AGENCY_SELECTED: "机构已选定",
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


def _forward(pilot: Pilot, stage: Stage) -> Stage:
    """Steps 13 to 15 run beside each other (C-03): the stage shown is the furthest one reached."""
    return stage if pilot.stage.before(stage) else pilot.stage


def _applied(pilot: Pilot, event: e.ApplicationEvent) -> Pilot:
    match event:
        case e.PilotApplicationSubmitted():
            return Pilot(
                pilot_id=event.pilot_id,
                stage=Stage.APPLIED,
                scheme_id=event.scheme_id,
                district=event.district,
                street=event.street,
                community=event.community,
            )
        case e.StreetSignOffGiven():
            return replace(pilot, stage=Stage.STREET_ENDORSED, signed=True)
        case e.PilotRecommendedByDistrict():
            return replace(pilot, stage=Stage.RECOMMENDED)
        case e.PilotApproved():
            return replace(pilot, stage=Stage.APPROVED)
        case e.PilotRejected():
            return replace(pilot, stage=Stage.REJECTED)
        case _:
            assert_never(event)


def _procured(pilot: Pilot, event: e.ProcurementEvent) -> Pilot:
    match event:
        case e.ServicePurchasePublished():
            return replace(pilot, stage=Stage.PROCURING)
        case e.ServicePlanReviewed():
            return replace(pilot, plans=pilot.plans | {event.agency_id: event.passed})
        case e.AgencySelected():
            return replace(pilot, stage=Stage.AGENCY_SELECTED, agency=event.agency_id)
        case e.PurchaseAgreementSigned():
            return replace(pilot, stage=Stage.CONTRACTED)
        case e.CredentialImpersonationFound():
            found = replace(pilot.team.get(event.worker_id, Member()), impersonator=True)
            return replace(pilot, team=pilot.team | {event.worker_id: found}, impersonated=True)
        case e.AgencyDisqualified():
            return _without_agency(pilot, event)
        case _:
            assert_never(event)


def _without_agency(pilot: Pilot, event: e.AgencyDisqualified) -> Pilot:
    """Back to procuring: what the agency did alone ends with it; evaluated phases and breaches stay on record."""
    return replace(
        pilot,
        stage=Stage.PROCURING,
        plans=pilot.plans | {event.agency_id: False},
        agency=None,
        former=pilot.former | {event.agency_id: event.disqualified_on},
        declaration=None,
        team=Growing(),
        posted=(),
        vacancies=0,
        verified_on=None,
        starters=(),
        bound=False,
        impersonated=False,
        reports={phase: r for phase, r in pilot.reports.items() if phase in pilot.phases_closed},
    )


def _delivered(pilot: Pilot, event: e.DeliveryEvent) -> Pilot:
    match event:
        case e.StaffingDeclared():
            new = {worker: Member() for worker in event.worker_ids if worker not in pilot.team}
            return replace(pilot, declaration=event.declaration_id, team=pilot.team | new)
        case e.StaffingVerified():
            return _verified(pilot, event)
        case e.StaffingRejected():
            return replace(pilot, declaration=None)
        case e.PilotFunded():
            return replace(pilot, stage=Stage.FUNDED)
        case e.ImplementationStarted():
            return replace(
                pilot, stage=Stage.RUNNING, starters=event.worker_ids, started_on=pilot.started_on or event.started_on
            )
        case e.PostingLockNoted():
            return replace(pilot, bound=True)
        case e.WorkerDepartureNoted():
            return replace(
                pilot,
                posted=tuple(w for w in pilot.posted if w != event.worker_id),
                team=pilot.team | _gone(pilot, (event.worker_id,), event.left_on),
                vacancies=pilot.vacancies + 1,
            )
        case e.StaffingBreachNoted():
            return replace(pilot, breaches=pilot.breaches + 1)
        case e.PostingEndNoted():
            return replace(pilot, posted=(), bound=False)
        case e.ProjectCountsNoted():
            return replace(pilot, counted={**pilot.counted, event.source: event})
        case _:
            assert_never(event)


def _verified(pilot: Pilot, event: e.StaffingVerified) -> Pilot:
    """Who had left and is verified again is paid from the new verdict on; whom it leaves out has left with it."""
    staff = {worker.worker_id: _joined(pilot, worker, event.verified_on) for worker in event.workers}
    out = [worker for worker in pilot.posted if worker not in staff]
    return replace(
        pilot,
        stage=_forward(pilot, Stage.STAFFED),
        declaration=None,
        team=pilot.team | _gone(pilot, out, event.verified_on) | staff,
        posted=tuple(staff),
        vacancies=0,
        verified_on=event.verified_on,
    )


def _joined(pilot: Pilot, worker: e.VerifiedWorker, on: date) -> Member:
    known = pilot.team.get(worker.worker_id, Member())
    stays = known.verified is not None and known.left_on is None
    return replace(known, verified=worker, since=known.since if stays else on, left_on=None)


def _gone(pilot: Pilot, workers: Iterable[WorkerId], on: date) -> dict[WorkerId, Member]:
    return {worker: replace(pilot.team.get(worker, Member()), left_on=on) for worker in workers}


def _reviewed(pilot: Pilot, event: e.ReviewEvent) -> Pilot:
    match event:
        case e.ThirdPartyNamed():
            return replace(pilot, third_parties={**pilot.third_parties, event.task: event.third_party})
        case e.ThirdPartySupervisionReported():
            return pilot
        case e.ReportSubmitted():
            return replace(pilot, reports={**pilot.reports, event.phase: Report(event.revision)})
        case e.ReportConfirmedByCommunity():
            return _step(pilot, event.phase, passed=True)
        case e.ReportReviewedByDistrict():
            return _step(pilot, event.phase, passed=event.passed)
        case e.EvaluationCompleted():
            return replace(pilot, evaluated=pilot.evaluated | {event.phase})
        case e.AuditCompleted():
            return replace(pilot, audited=pilot.audited | {event.phase})
        case e.PhaseEvaluated():
            reached = Stage.FINAL_EVALUATED if event.last else Stage.MIDTERM_EVALUATED
            closed = pilot.phases_closed | {event.phase}
            last = pilot.last_phase_closed or event.last
            return replace(pilot, stage=_forward(pilot, reached), phases_closed=closed, last_phase_closed=last)
        case _:
            assert_never(event)


def _step(pilot: Pilot, phase: str, *, passed: bool) -> Pilot:
    report = pilot.reports[phase]
    done = replace(report, steps=report.steps + 1) if passed else replace(report, returned=True)
    return replace(pilot, reports={**pilot.reports, phase: done})


def _accepted(pilot: Pilot, event: e.AcceptanceEvent) -> Pilot:
    match event:
        case e.SelfAssessmentFiled():
            on = max(pilot.accepting_on or event.filed_on, event.filed_on)
            return replace(pilot, self_assessed=pilot.self_assessed | {event.level}, accepting_on=on)
        case e.SelfAssessmentsCompleted():
            return replace(pilot, stage=_forward(pilot, Stage.SELF_ASSESSED))
        case e.DistrictAcceptanceCompleted():
            return replace(pilot, accepted=True, accepting_on=event.accepted_on)
        case e.DistrictAcceptanceFailed():
            return replace(pilot, rectifying=True, accepting_on=event.failed_on)
        case e.RectificationReported():
            return replace(pilot, rectifying=False, accepting_on=event.reported_on)
        case e.AcceptanceReportFiled():
            stage = _forward(pilot, Stage.DISTRICT_ACCEPTED)
            return replace(pilot, stage=stage, report_filed=True, accepting_on=event.filed_on)
        case e.CityOverallRatingGiven():
            return replace(pilot, stage=Stage.RATED)
        case e.ExperiencePublicised():
            return pilot
        case e.PilotClosed():
            return replace(pilot, stage=Stage.CLOSED)
        case _:
            assert_never(event)


def _scheduled(pilot: Pilot, event: e.MilestoneEvent) -> Pilot:
    match event:
        case e.MilestonesPlanned():
            return replace(pilot, milestones=event.milestones)
        case e.MilestoneOverdue() | e.NodeNoticeIssued():
            return pilot
        case _:
            assert_never(event)
