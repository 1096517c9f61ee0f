"""A project as its decisions need it: facts of the project, facts of who carries it out now, and the fold.

Nothing here is a rank.  What an assignment (承接任期) did lies in it and ends with it; what is the project's own stays.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, assert_never

from contracts.values import OrganisationId, ProjectId, SchemeId, TenantId, UnitCode, WorkerId
from funding.domain.growing import Growing
from funding.domain.project import events as e
from funding.domain.project import placed
from funding.domain.project.absent import NoOrganisation, NoSuchProject, UnknownAssignment
from funding.domain.project.assignment import Assignment, Former
from funding.domain.project.reports import Report, stepped, under_another_chain
from funding.domain.project.team import Member, gone, verified


@dataclass(frozen=True)
class Project:
    project_id: ProjectId | None = None
    scheme_id: SchemeId | None = None
    version: int | None = None
    """The version of the scheme that it took when it applied, or was moved to since."""
    extended: e.Ends | None = None
    """To which days it was extended: they are laid over those of the version."""
    district: TenantId | None = None
    street: UnitCode | None = None
    street_name: str = ""
    community: UnitCode | None = None
    community_name: str = ""
    heirs: tuple[UnitCode, ...] | None = None
    """What its community was split into, none where it was abolished; None while nobody need choose."""
    divided_on: date | None = None
    signed: bool = False
    recommended: bool = False
    approved: bool = False
    rejected: bool = False
    returned: bool = False
    withdrawn: bool = False
    purchase: bool = False
    """A purchase is published, and nobody was selected in it yet."""
    plans: Growing[OrganisationId, bool] = field(default_factory=Growing)
    """Whether the plan of an organisation passed."""
    assignment: Assignment | None = None
    former: Growing[int, Former] = field(default_factory=Growing)
    """The assignments that ended, by their numbers."""
    third_parties: dict[e.Task, str] = field(default_factory=dict)
    milestones: tuple[e.Milestone, ...] = ()
    counted: dict[str, e.ProjectCountsNoted] = field(default_factory=dict)
    """The newest totals of each service that counts."""
    began: bool = False
    suspended: bool = False
    terminated: bool = False
    closed: bool = False
    place_given_back: bool = False
    reopening: e.ReopeningProposed | None = None
    """The proposal to open it again that waits for another officer."""
    reopened: bool = False
    """It was over, and is open for its books alone: nobody carries it out."""

    @property
    def id(self) -> ProjectId:
        """The project's id; refuses where no application was ever made."""
        if self.project_id is None:
            raise NoSuchProject
        return self.project_id

    @property
    def under(self) -> SchemeId:
        if self.scheme_id is None:
            raise NoSuchProject
        return self.scheme_id

    @property
    def holds(self) -> int:
        """The number of the version that it is under."""
        if self.version is None:
            raise NoSuchProject
        return self.version

    @property
    def assigned(self) -> Assignment:
        """Who carries it out, and what they did; refuses where nobody does."""
        if self.assignment is None:
            raise NoOrganisation
        return self.assignment

    @property
    def predecessor(self) -> Former | None:
        """Whose assignment ended last."""
        return self.former.get(len(self.former))

    def declared_by(self, worker_id: WorkerId) -> Assignment | Former | None:
        """The latest assignment whose organisation declared the worker."""
        if self.assignment and worker_id in self.assignment.team:
            return self.assignment
        return next((one for one in reversed([*self.former.values()]) if worker_id in one.team), None)

    def whose(self, number: int | None) -> int | None:
        """The assignment that a payer names; where none is named the present one, or the last.

        None where nobody was ever assigned; refuses a number that no assignment has.
        """
        last = self.assignment.number if self.assignment else len(self.former)
        if number is not None and not 1 <= number <= last:
            raise UnknownAssignment(number=number)
        return number or last or None

    @property
    def organisation(self) -> OrganisationId | None:
        return self.assignment.organisation if self.assignment else None

    @property
    def carried_out_by(self) -> OrganisationId:
        return self.assigned.organisation

    @property
    def over(self) -> bool:
        """It has ended, one way or another."""
        return self.closed or self.terminated or self.rejected or self.withdrawn


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
    if isinstance(event, e.EndEvent):
        return _ended(project, event)
    if isinstance(event, e.AmendEvent):
        return _amended(project, event)
    if isinstance(event, e.PlaceEvent):
        return replace(project, **placed.after(event, was=project.community, heirs=project.heirs))
    return _accepted(project, event)


def _applied(project: Project, event: e.ApplicationEvent) -> Project:
    match event:
        case e.ProjectApplicationSubmitted():
            return Project(
                project_id=event.project_id,
                scheme_id=event.scheme_id,
                version=event.scheme_version,
                district=event.district,
                street=event.street,
                street_name=event.street_name,
                community=event.community,
                community_name=event.community_name,
                former=project.former,
            )
        case e.StreetSignOffGiven():
            return replace(project, signed=True)
        case e.ProjectRecommendedByDistrict():
            return replace(project, recommended=True)
        case e.ProjectApproved():
            return replace(project, approved=True)
        case e.ProjectRejected():
            return replace(project, rejected=True)
        case e.ApplicationReturned():
            return replace(project, returned=True, signed=False, recommended=False)
        case e.ApplicationWithdrawn():
            return replace(project, withdrawn=True)
        case _:
            assert_never(event)


def _procured(project: Project, event: e.ProcurementEvent) -> Project:
    match event:
        case e.ServicePurchasePublished():
            return replace(project, purchase=True)
        case e.ServicePlanReviewed():
            return replace(project, plans=project.plans | {event.organisation_id: event.passed})
        case e.OrganisationSelected():
            chosen = Assignment(len(project.former) + 1, event.organisation_id, event.selected_on)
            return replace(project, assignment=chosen, purchase=False)
        case e.PurchaseAgreementSigned():
            return _assigned(project, signed_on=event.signed_on)
        case e.CredentialImpersonationFound():
            return _found(project, event)
        case e.FindingDecided():
            return _assigned(project, impersonated=False)
        case e.AssignmentEnded():
            return _without_organisation(project, event)
        case e.PurchaseFailed():
            return replace(project, purchase=False, plans=Growing())
        case _:
            assert_never(event)


def _found(project: Project, event: e.CredentialImpersonationFound) -> Project:
    """Against whoever carries it out, or did: a finding against a former organisation binds no successor."""
    if before := project.former.get(event.assignment):
        known = before.team.get(event.worker_id, Member())
        return _remembered(project, before, event.worker_id, replace(known, impersonator=True))
    team = project.assigned.team
    member = replace(team.get(event.worker_id, Member()), impersonator=True)
    return _assigned(project, team=team | {event.worker_id: member}, impersonated=True)


def _remembered(project: Project, former: Former, worker_id: WorkerId, member: Member) -> Project:
    known = replace(former, team=former.team | {worker_id: member})
    return replace(project, former=project.former | {former.number: known})


def _assigned(project: Project, **facts: Any) -> Project:
    return replace(project, assignment=replace(project.assigned, **facts))


def _without_organisation(project: Project, event: e.AssignmentEnded) -> Project:
    """All that the organisation did and was judged by ends with its assignment; its plan is no plan any more."""
    number, now = len(project.former) + 1, project.assignment
    ended = Former(number, event.organisation_id, event.ended_on, now.team if now else Growing())
    return replace(
        project,
        assignment=None,
        purchase=True,
        plans=project.plans | {event.organisation_id: False},
        former=project.former | {number: ended},
    )


def _delivered(project: Project, event: e.DeliveryEvent) -> Project:
    if isinstance(event, e.ProjectCountsNoted):
        return replace(project, counted={**project.counted, event.source: event})
    now = project.assignment
    if isinstance(event, e.WorkerDepartureNoted) and isinstance(one := project.declared_by(event.worker_id), Former):
        # told after that one's end: no later day of theirs is paid
        return _remembered(project, one, event.worker_id, replace(one.team[event.worker_id], left_on=event.left_on))
    if now is None:  # what was told of an assignment that has ended: it stands in history, and binds nobody
        return project
    match event:
        case e.StaffingDeclared():
            new = {worker: Member() for worker in event.worker_ids if worker not in now.team}
            return _assigned(project, declaration=event.declaration_id, team=now.team | new)
        case e.StaffingVerified():
            return _verified(project, now, event)
        case e.StaffingRejected():
            return _assigned(project, declaration=None)
        case e.ProjectFunded():
            return _assigned(project, funded=True)
        case e.ImplementationStarted():
            started = _assigned(project, starters=event.worker_ids, started_on=event.started_on)
            return replace(started, began=True)
        case e.PostingLockNoted():
            return _assigned(project, bound=True)
        case e.WorkerDepartureNoted():
            return _assigned(
                project,
                posted=tuple(w for w in now.posted if w != event.worker_id),
                team=now.team | gone(now.team, (event.worker_id,), event.left_on),
                vacancies=now.vacancies + 1,
            )
        case e.StaffingBreachNoted():
            return _assigned(project, breaches=now.breaches + (event.worker_id in now.team))
        case e.PostingEndNoted():
            return _assigned(project, posted=(), bound=False)
        case _:
            assert_never(event)


def _verified(project: Project, now: Assignment, event: e.StaffingVerified) -> Project:
    team, posted = verified(now.team, now.posted, event)
    return _assigned(project, declaration=None, team=team, posted=posted, vacancies=0, verified_on=event.verified_on)


def _reviewed(project: Project, event: e.ReviewEvent) -> Project:
    match event:
        case e.ThirdPartyNamed():
            return replace(project, third_parties={**project.third_parties, event.task: event.third_party})
        case e.ThirdPartySupervisionReported():
            return project
        case e.ReportSubmitted():
            return _assigned(project, reports={**project.assigned.reports, event.phase: Report(event.revision)})
        case e.ReportConfirmedByCommunity():
            return _step(project, event.phase, passed=True)
        case e.ReportReviewedByDistrict():
            return _step(project, event.phase, passed=event.passed)
        case e.EvaluationCompleted():
            return _assigned(project, evaluated=project.assigned.evaluated | {event.phase})
        case e.AuditCompleted():
            return _assigned(project, opinions={**project.assigned.opinions, event.phase: event.opinion})
        case e.PhaseEvaluated():
            now = project.assigned
            last = now.last_phase_closed or event.last
            return _assigned(project, phases_closed=now.phases_closed | {event.phase}, last_phase_closed=last)
        case _:
            assert_never(event)


def _step(project: Project, phase: str, *, passed: bool) -> Project:
    return _assigned(project, reports=stepped(project.assigned.reports, phase, passed=passed))


def _accepted(project: Project, event: e.AcceptanceEvent) -> Project:
    match event:
        case e.SelfAssessmentFiled():
            now = project.assigned
            on = max(now.accepting_on or event.filed_on, event.filed_on)
            return _assigned(project, self_assessed=now.self_assessed | {event.level}, accepting_on=on)
        case e.SelfAssessmentsCompleted():
            return _assigned(project, all_assessed=True)
        case e.DistrictAcceptanceCompleted():
            return _assigned(project, accepted=True, accepting_on=event.accepted_on)
        case e.DistrictAcceptanceFailed():
            return _assigned(project, rectifying=True, accepting_on=event.failed_on)
        case e.AcceptanceWithdrawn():
            return _assigned(project, accepted=False, report_filed=False, accepting_on=event.withdrawn_on)
        case e.RectificationReported():
            return _assigned(project, rectifying=False, accepting_on=event.reported_on)
        case e.AcceptanceReportFiled():
            return _assigned(project, report_filed=True, accepting_on=event.filed_on)
        case e.CityOverallRatingGiven():
            return _assigned(project, rated=True)
        case e.ExperiencePublicised():
            return project
        case e.ProjectClosed():
            return replace(project, closed=True)
        case _:
            assert_never(event)


def _ended(project: Project, event: e.EndEvent) -> Project:
    match event:
        case e.ProjectSuspended():
            return replace(project, suspended=True)
        case e.ProjectResumed():
            return replace(project, suspended=False)
        case e.ProjectTerminated():
            back = event.place_given_back
            return replace(project, terminated=True, suspended=False, purchase=False, place_given_back=back)
        case e.ReopeningProposed():
            return replace(project, reopening=event)
        case e.ProjectReopened():
            still = project.place_given_back and not event.place_taken
            return replace(
                project, closed=False, terminated=False, reopened=True, reopening=None, place_given_back=still
            )
        case _:
            assert_never(event)


def _amended(project: Project, event: e.AmendEvent) -> Project:
    match event:
        case e.ProjectMoved():
            moved = replace(project, version=event.version, extended=event.extended, milestones=event.milestones)
            now = project.assignment
            return _assigned(moved, reports=under_another_chain(now.reports, event.passed)) if now else moved
        case e.ProjectExtended():
            return replace(project, extended=event.ends, milestones=event.milestones)
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
