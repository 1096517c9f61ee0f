"""What can happen to a project, in the order of the plan's 17 steps.

Texts in these events are about the project, never about a person: workers are ids, and a remark's form says so.
"""

from typing import TypeAlias

from funding.domain.project.events.acceptance import (
    AcceptanceEvent,
    AcceptanceReportFiled,
    AcceptanceWithdrawn,
    CityOverallRatingGiven,
    DistrictAcceptanceCompleted,
    DistrictAcceptanceFailed,
    ExperiencePublicised,
    Milestone,
    MilestoneEvent,
    MilestoneOverdue,
    MilestonesPlanned,
    NodeNoticeIssued,
    NodeStatus,
    ProjectClosed,
    RectificationReported,
    SelfAssessmentFiled,
    SelfAssessmentsCompleted,
)
from funding.domain.project.events.amend import AmendEvent, Ends, ProjectExtended, ProjectMoved
from funding.domain.project.events.application import (
    ApplicationEvent,
    ApplicationReturned,
    ApplicationWithdrawn,
    Attestation,
    ProjectApplicationSubmitted,
    ProjectApproved,
    ProjectRecommendedByDistrict,
    ProjectRejected,
    StreetSignOffGiven,
)
from funding.domain.project.events.delivery import (
    DeliveryEvent,
    ImplementationStarted,
    PostingEndNoted,
    PostingLockNoted,
    ProjectCountsNoted,
    ProjectFunded,
    Reason,
    StaffingBreachNoted,
    StaffingDeclared,
    StaffingRejected,
    StaffingVerified,
    VerifiedWorker,
    WorkerDepartureNoted,
)
from funding.domain.project.events.end import (
    EndEvent,
    ProjectReopened,
    ProjectResumed,
    ProjectSuspended,
    ProjectTerminated,
    ReopeningProposed,
)
from funding.domain.project.events.place import PlaceEvent, ProjectPlaceDivided, ProjectPlaceMoved
from funding.domain.project.events.procurement import (
    AssignmentEnded,
    CredentialImpersonationFound,
    EndCause,
    FindingDecided,
    OrganisationSelected,
    ProcurementEvent,
    PurchaseAgreementSigned,
    PurchaseFailed,
    PurchaseFailure,
    ScopeItem,
    ServicePlanReviewed,
    ServicePurchasePublished,
)
from funding.domain.project.events.review import (
    AuditCompleted,
    CriterionScore,
    EvaluationCompleted,
    Opinion,
    PhaseEvaluated,
    ReportConfirmedByCommunity,
    ReportReviewedByDistrict,
    ReportSubmitted,
    ReviewEvent,
    Task,
    ThirdPartyNamed,
    ThirdPartySupervisionReported,
)

__all__ = [
    "AcceptanceEvent",
    "AcceptanceReportFiled",
    "AcceptanceWithdrawn",
    "AmendEvent",
    "ApplicationEvent",
    "ApplicationReturned",
    "ApplicationWithdrawn",
    "AssignmentEnded",
    "Attestation",
    "AuditCompleted",
    "CityOverallRatingGiven",
    "CredentialImpersonationFound",
    "CriterionScore",
    "DeliveryEvent",
    "DistrictAcceptanceCompleted",
    "DistrictAcceptanceFailed",
    "EndCause",
    "EndEvent",
    "Ends",
    "EvaluationCompleted",
    "ExperiencePublicised",
    "FindingDecided",
    "ImplementationStarted",
    "Milestone",
    "MilestoneEvent",
    "MilestoneOverdue",
    "MilestonesPlanned",
    "NodeNoticeIssued",
    "NodeStatus",
    "Opinion",
    "OrganisationSelected",
    "PhaseEvaluated",
    "PlaceEvent",
    "PostingEndNoted",
    "PostingLockNoted",
    "ProcurementEvent",
    "ProjectApplicationSubmitted",
    "ProjectApproved",
    "ProjectClosed",
    "ProjectCountsNoted",
    "ProjectEvent",
    "ProjectExtended",
    "ProjectFunded",
    "ProjectMoved",
    "ProjectPlaceDivided",
    "ProjectPlaceMoved",
    "ProjectRecommendedByDistrict",
    "ProjectRejected",
    "ProjectReopened",
    "ProjectResumed",
    "ProjectSuspended",
    "ProjectTerminated",
    "PurchaseAgreementSigned",
    "PurchaseFailed",
    "PurchaseFailure",
    "Reason",
    "RectificationReported",
    "ReopeningProposed",
    "ReportConfirmedByCommunity",
    "ReportReviewedByDistrict",
    "ReportSubmitted",
    "ReviewEvent",
    "ScopeItem",
    "SelfAssessmentFiled",
    "SelfAssessmentsCompleted",
    "ServicePlanReviewed",
    "ServicePurchasePublished",
    "StaffingBreachNoted",
    "StaffingDeclared",
    "StaffingRejected",
    "StaffingVerified",
    "StreetSignOffGiven",
    "Task",
    "ThirdPartyNamed",
    "ThirdPartySupervisionReported",
    "VerifiedWorker",
    "WorkerDepartureNoted",
]

ProjectEvent: TypeAlias = (
    ApplicationEvent
    | ProcurementEvent
    | DeliveryEvent
    | ReviewEvent
    | AcceptanceEvent
    | MilestoneEvent
    | EndEvent
    | AmendEvent
    | PlaceEvent
)
