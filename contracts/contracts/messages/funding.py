"""What funding tells: schemes, and a project's way from approval to rating."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from contracts.fields import Code, Count, Day, Place, Positive, Tenant, Year
from contracts.messages.message import DeclarationId, Message, Part
from contracts.values import OrganisationId, ProjectId, SchemeId, WorkerId

Workers = Annotated[tuple[WorkerId, ...], Field(min_length=1, max_length=100)]


class StaffingRule(Part):
    """What a scheme asks of a project's staff (R-LZ-09..12).

    `intermediate_min` counts within `licensed_min`; `sw_graduate_min` counts graduates outside a valid licensed pair.
    At least `locked_min` of them must not move from `lock_from` to `lock_to`, both days included.
    """

    headcount: Count
    licensed_min: Count
    intermediate_min: Count
    sw_graduate_min: Count
    full_time: bool
    locked_min: Count
    lock_from: Day
    lock_to: Day


class Calendar(Part):
    """A scheme's days, all inclusive."""

    prep_due: Day
    impl_from: Day
    impl_to: Day
    accept_from: Day
    accept_to: Day


class SchemePublishedV1(Message):
    """A version of a scheme is in force in `districts`; `tenant_id` owns it."""

    TYPE: ClassVar[str] = "funding.scheme-published"
    NAME: ClassVar[str] = "发布实施方案"
    AGGREGATE: ClassVar[str] = "scheme"

    scheme_id: SchemeId
    version: Positive
    tenant_id: Tenant
    year: Year
    staffing: StaffingRule
    calendar: Calendar
    districts: Annotated[tuple[Tenant, ...], Field(min_length=1, max_length=1000)]


class ProjectApprovedV1(Message):
    """The city approved a community as a project (R-LZ-01)."""

    TYPE: ClassVar[str] = "funding.project-approved"
    NAME: ClassVar[str] = "确定为试点社区"
    AGGREGATE: ClassVar[str] = "project"

    project_id: ProjectId
    scheme_id: SchemeId
    community: Place
    street: Place
    district: Tenant


class PurchaseAgreementSignedV1(Message):
    """City and organisation signed the purchase agreement for a project (R-LZ-27)."""

    TYPE: ClassVar[str] = "funding.purchase-agreement-signed"
    NAME: ClassVar[str] = "签订购买协议"
    AGGREGATE: ClassVar[str] = "project"
    FOR_OTHERS: ClassVar[bool] = True

    project_id: ProjectId
    organisation_id: OrganisationId
    signed_on: Day


class StaffingDeclaredV1(Message):
    """The organisation named a project's staff; the registry answers with a verdict on `declaration_id` (SG-2)."""

    TYPE: ClassVar[str] = "funding.staffing-declared"
    NAME: ClassVar[str] = "申报专业社工"
    AGGREGATE: ClassVar[str] = "project"

    project_id: ProjectId
    declaration_id: DeclarationId
    organisation_id: OrganisationId
    scheme_id: SchemeId
    worker_ids: Workers
    rule: StaffingRule


class ImplementationStartedV1(Message):
    """A project runs from `impl_from` to `impl_to`, both days included, with these workers."""

    TYPE: ClassVar[str] = "funding.implementation-started"
    NAME: ClassVar[str] = "启动实施"
    AGGREGATE: ClassVar[str] = "project"

    project_id: ProjectId
    organisation_id: OrganisationId
    community: Place
    impl_from: Day
    impl_to: Day
    worker_ids: Workers


class ProjectExtendedV1(Message):
    """The project runs to a later day now; who is posted there is bound until then."""

    TYPE: ClassVar[str] = "funding.project-extended"
    NAME: ClassVar[str] = "延长试点期限"
    AGGREGATE: ClassVar[str] = "project"

    project_id: ProjectId
    impl_from: Day
    impl_to: Day


class ProjectMovedV1(Message):
    """The project goes by a later version of its scheme now, whose term may be another."""

    TYPE: ClassVar[str] = "funding.project-moved"
    NAME: ClassVar[str] = "改按方案新版本办理"
    AGGREGATE: ClassVar[str] = "project"

    project_id: ProjectId
    version: Positive
    impl_from: Day
    impl_to: Day


class CredentialImpersonationFoundV1(Message):
    """An organisation used another person's credentials (R-LZ-08); the registry revokes and blacklists (SG-3)."""

    TYPE: ClassVar[str] = "funding.credential-impersonation-found"
    NAME: ClassVar[str] = "发现借用资质冒名顶替"
    AGGREGATE: ClassVar[str] = "project"

    project_id: ProjectId
    organisation_id: OrganisationId
    scheme_id: SchemeId
    worker_id: WorkerId


class AssignmentEndedV1(Message):
    """The payer ended an organisation's time with the project, which goes on; its posting and locks end with it."""

    TYPE: ClassVar[str] = "funding.assignment-ended"
    NAME: ClassVar[str] = "承接任期结束"
    AGGREGATE: ClassVar[str] = "project"

    project_id: ProjectId
    organisation_id: OrganisationId


class ProjectTerminatedV1(Message):
    """The payer ended the project before its time, after whoever carried it out: nothing is recorded of it any more."""

    TYPE: ClassVar[str] = "funding.project-terminated"
    NAME: ClassVar[str] = "终止试点"
    AGGREGATE: ClassVar[str] = "project"

    project_id: ProjectId


class ProjectPlaceMovedV1(Message):
    """The project is in this community from `moved_on` on: its former one was merged, split or renamed."""

    TYPE: ClassVar[str] = "funding.project-place-moved"
    NAME: ClassVar[str] = "试点所在社区变更"
    AGGREGATE: ClassVar[str] = "project"

    project_id: ProjectId
    community: Place
    street: Place
    moved_on: Day


class ProjectRatedV1(Message):
    """The city gave its overall rating (R-LZ-26)."""

    TYPE: ClassVar[str] = "funding.project-rated"
    NAME: ClassVar[str] = "市级综合评价"
    AGGREGATE: ClassVar[str] = "project"
    FOR_OTHERS: ClassVar[bool] = True

    project_id: ProjectId
    rating: Code


class ProjectClosedV1(Message):
    """The project is over; its workers' locks end."""

    TYPE: ClassVar[str] = "funding.project-closed"
    NAME: ClassVar[str] = "试点结项"
    AGGREGATE: ClassVar[str] = "project"

    project_id: ProjectId
    organisation_id: OrganisationId
    community: Place
