"""What the registry tells: tenants, organisations and their standing, staffing verdicts, locks, sites, placements."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from contracts.fields import Code, Count, Day, Division, Name, Place, RuleId, Tenant, Tier, Year
from contracts.messages.message import DeclarationId, Message, Part
from contracts.values import OrganisationId, ProjectId, SchemeId, SiteId, WorkerId


class TenantLevel(StrEnum):
    PROVINCE = "province"
    CITY = "city"
    DISTRICT = "district"


TENANT_LEVEL_NAMES = {
    TenantLevel.PROVINCE: "省级",
    TenantLevel.CITY: "市级",
    TenantLevel.DISTRICT: "区（县）级",
}


class InspectionResult(StrEnum):
    """Outcome of an organisation's annual inspection (R-LZ-05)."""

    PASSED = "passed"
    FAILED = "failed"
    REFUSED = "refused"


class TenantRegisteredV1(Message):
    """A bureau joined, below `parent`; a province has none here."""

    TYPE: ClassVar[str] = "registry.tenant-registered"
    NAME: ClassVar[str] = "登记租户"
    AGGREGATE: ClassVar[str] = "tenant"

    tenant_id: Tenant
    name: Name
    level: TenantLevel
    parent: Tenant | None


class UnitToldV1(Message):
    """A unit of the message's district as it stands now: a street, a township, a village or a community.

    `parent` is a street or the district.  `since` is the day on which it was founded by a merger or a split, None of
    one that was there before; `until` the first day on which it is no more.  `successors` are what it became: the one
    that it was merged into; those that it was split into, itself among them if one kept its code; none of one that was
    abolished.  Of two messages of one unit the one with the higher `version` is true, in whatever order they come.
    """

    TYPE: ClassVar[str] = "registry.unit-told"
    NAME: ClassVar[str] = "行政单元变动"
    AGGREGATE: ClassVar[str] = "division"

    unit: Place
    name: Name
    parent: Division
    since: Day | None
    until: Day | None
    successors: Annotated[tuple[Place, ...], Field(max_length=20)]
    version: Count


class OrganisationRegisteredV1(Message):
    """An organisation and the facts its eligibility rests on (R-LZ-05, R-LZ-06, R-LZ-37), as of its registration."""

    TYPE: ClassVar[str] = "registry.organisation-registered"
    NAME: ClassVar[str] = "登记机构"
    AGGREGATE: ClassVar[str] = "organisation"

    organisation_id: OrganisationId
    name: Name
    registered_with_civil_affairs: bool
    penalised: bool
    failed_inspection: bool
    refused_inspection: bool
    sound_governance: bool
    own_bank_account: bool
    professional_team: bool


class OrganisationConditionAttestedV1(Message):
    """Another of the organisation's conditions was attested; these are all that one must have, as they stand now."""

    TYPE: ClassVar[str] = "registry.organisation-condition-attested"
    NAME: ClassVar[str] = "证明机构条件"
    AGGREGATE: ClassVar[str] = "organisation"

    organisation_id: OrganisationId
    sound_governance: bool
    own_bank_account: bool
    professional_team: bool


class OrganisationPenalisedV1(Message):
    """The registration authority penalised the organisation (R-LZ-05)."""

    TYPE: ClassVar[str] = "registry.organisation-penalised"
    NAME: ClassVar[str] = "登记机构处罚"
    AGGREGATE: ClassVar[str] = "organisation"

    organisation_id: OrganisationId


class AnnualInspectionRecordedV1(Message):
    """The organisation's annual inspection for `year` (R-LZ-05)."""

    TYPE: ClassVar[str] = "registry.annual-inspection-recorded"
    NAME: ClassVar[str] = "登记年检结果"
    AGGREGATE: ClassVar[str] = "organisation"

    organisation_id: OrganisationId
    year: Year
    result: InspectionResult


class OrganisationQualificationRevokedV1(Message):
    """The organisation lost its qualification for the scheme (R-LZ-08); `project_id` is where it was found."""

    TYPE: ClassVar[str] = "registry.organisation-qualification-revoked"
    NAME: ClassVar[str] = "取消机构试点资格"
    AGGREGATE: ClassVar[str] = "organisation"

    organisation_id: OrganisationId
    scheme_id: SchemeId
    project_id: ProjectId


class OrganisationBlacklistedV1(Message):
    """The organisation stands on the blacklist until lifted (R-LZ-08)."""

    TYPE: ClassVar[str] = "registry.organisation-blacklisted"
    NAME: ClassVar[str] = "机构列入黑名单"
    AGGREGATE: ClassVar[str] = "organisation"

    organisation_id: OrganisationId
    reason: Code
    project_id: ProjectId | None


class BlacklistLiftedV1(Message):
    """The listing authority took the organisation off the blacklist."""

    TYPE: ClassVar[str] = "registry.blacklist-lifted"
    NAME: ClassVar[str] = "机构移出黑名单"
    AGGREGATE: ClassVar[str] = "organisation"

    organisation_id: OrganisationId


class OrganisationListedElsewhereV1(Message):
    """Whether `listed_by`, another city's bureau, has the organisation on its blacklist: a warning here, not a bar.

    `organisation_id` is the organisation as the message's own city registered it (R-LZ-08, C-37).
    """

    TYPE: ClassVar[str] = "registry.organisation-listed-elsewhere"
    NAME: ClassVar[str] = "其他城市黑名单提示"
    AGGREGATE: ClassVar[str] = "organisation"

    organisation_id: OrganisationId
    listed_by: Tenant
    listed: bool


class VerifiedWorker(Part):
    worker_id: WorkerId
    licensed: bool
    intermediate: bool
    sw_graduate: bool


class StaffingVerifiedV1(Message):
    """A declaration of staff meets the scheme's rule (R-LZ-09..12).  The counts are those of `workers`."""

    TYPE: ClassVar[str] = "registry.staffing-verified"
    NAME: ClassVar[str] = "人员核验通过"
    AGGREGATE: ClassVar[str] = "staffing"

    project_id: ProjectId
    declaration_id: DeclarationId
    workers: Annotated[tuple[VerifiedWorker, ...], Field(min_length=1, max_length=100)]
    licensed: Count
    intermediate: Count
    sw_graduate: Count


class RejectionReason(Part):
    code: Code
    rule: RuleId | None


class StaffingRejectedV1(Message):
    """A declaration of staff breaks the scheme's rule; every reason found is named."""

    TYPE: ClassVar[str] = "registry.staffing-rejected"
    NAME: ClassVar[str] = "人员核验未通过"
    AGGREGATE: ClassVar[str] = "staffing"

    project_id: ProjectId
    declaration_id: DeclarationId
    reasons: Annotated[tuple[RejectionReason, ...], Field(min_length=1, max_length=100)]


class PostingLockedV1(Message):
    """The project's workers must not move away from `lock_from` to `lock_to`, both days included (R-LZ-12).

    Who is verified for the project later, in another's place, is locked with the verdict.
    """

    TYPE: ClassVar[str] = "registry.posting-locked"
    NAME: ClassVar[str] = "试点派驻锁定"
    AGGREGATE: ClassVar[str] = "staffing"

    project_id: ProjectId
    organisation_id: OrganisationId
    worker_ids: Annotated[tuple[WorkerId, ...], Field(min_length=1, max_length=100)]
    lock_from: Day
    lock_to: Day


class WorkerLeftPostingV1(Message):
    """A worker left the project.

    `locked` says whether a lock had begun, `remaining` how many of the workers whom it found there still are (none
    without a lock), `breach` whether they are fewer than the scheme asks (R-LZ-12).
    """

    TYPE: ClassVar[str] = "registry.worker-left-posting"
    NAME: ClassVar[str] = "社工退出试点"
    AGGREGATE: ClassVar[str] = "staffing"

    project_id: ProjectId
    worker_id: WorkerId
    breach: bool
    remaining: Count
    locked: bool


class PostingEndedV1(Message):
    """Nobody is posted to the project any more: it closed, or the organisation lost it."""

    TYPE: ClassVar[str] = "registry.posting-ended"
    NAME: ClassVar[str] = "试点派驻结束"
    AGGREGATE: ClassVar[str] = "staffing"

    project_id: ProjectId


class WorkerEmploymentRecordedV1(Message):
    """The worker is with this organisation now; an earlier employment, and what that employer posted to sites, ends."""

    TYPE: ClassVar[str] = "registry.worker-employment-recorded"
    NAME: ClassVar[str] = "登记用人单位"
    AGGREGATE: ClassVar[str] = "worker"

    worker_id: WorkerId
    organisation_id: OrganisationId


class WorkerEmploymentEndedV1(Message):
    """The worker is with no organisation any more; what the employer posted to sites ends."""

    TYPE: ClassVar[str] = "registry.worker-employment-ended"
    NAME: ClassVar[str] = "用人关系终止"
    AGGREGATE: ClassVar[str] = "worker"

    worker_id: WorkerId


class WorkerPlacementEndedV1(Message):
    """The worker no longer works at the site: the employer who posted there, or the project, is theirs no more."""

    TYPE: ClassVar[str] = "registry.worker-placement-ended"
    NAME: ClassVar[str] = "派驻站点终止"
    AGGREGATE: ClassVar[str] = "worker"

    worker_id: WorkerId
    site_id: SiteId


class WorkerUnassignedV1(Message):
    """The worker is no longer staff of the project; no lock had begun."""

    TYPE: ClassVar[str] = "registry.worker-unassigned"
    NAME: ClassVar[str] = "社工移出试点"
    AGGREGATE: ClassVar[str] = "worker"

    worker_id: WorkerId
    project_id: ProjectId


class WorkerReleasedV1(Message):
    """The worker's lock ended, and with it the work for the project."""

    TYPE: ClassVar[str] = "registry.worker-released"
    NAME: ClassVar[str] = "解除社工锁定"
    AGGREGATE: ClassVar[str] = "worker"

    worker_id: WorkerId
    project_id: ProjectId


class LockedWorkerMovedV1(Message):
    """A locked worker left in fact (R-LZ-12); `remaining` of the project's locked workers are still there."""

    TYPE: ClassVar[str] = "registry.locked-worker-moved"
    NAME: ClassVar[str] = "锁定社工流动"
    AGGREGATE: ClassVar[str] = "worker"

    worker_id: WorkerId
    project_id: ProjectId
    remaining: Count


class SiteOpenedV1(Message):
    """A service site opened.  Level 1 is a district's centre, 2 a district station, 3 a street's, 4 a community room.

    `community` is the place that the site belongs to, a street for a level 3 site; a centre has none.
    """

    TYPE: ClassVar[str] = "registry.site-opened"
    NAME: ClassVar[str] = "开放站点"
    AGGREGATE: ClassVar[str] = "site"

    site_id: SiteId
    community: Place | None
    project_id: ProjectId | None
    level: Tier


class SiteClosedV1(Message):
    """A service site closed for good."""

    TYPE: ClassVar[str] = "registry.site-closed"
    NAME: ClassVar[str] = "撤销站点"
    AGGREGATE: ClassVar[str] = "site"

    site_id: SiteId


class SitePassedOnV1(Message):
    """The site is in this street or community from `passed_on` on: its former one was merged or split."""

    TYPE: ClassVar[str] = "registry.site-passed-on"
    NAME: ClassVar[str] = "站点随行政区划调整"
    AGGREGATE: ClassVar[str] = "site"

    site_id: SiteId
    community: Place
    passed_on: Day


class SiteGivenUpV1(Message):
    """A project was terminated, and the site that was planned for it alone is given up."""

    TYPE: ClassVar[str] = "registry.site-given-up"
    NAME: ClassVar[str] = "试点终止撤销站点"
    AGGREGATE: ClassVar[str] = "site"

    site_id: SiteId


class WorkerPlacedV1(Message):
    """A worker was posted to a site, a project, or a project's site; only placed workers record services there."""

    TYPE: ClassVar[str] = "registry.worker-placed"
    NAME: ClassVar[str] = "派驻社工"
    AGGREGATE: ClassVar[str] = "worker"

    worker_id: WorkerId
    organisation_id: OrganisationId
    site_id: SiteId | None
    project_id: ProjectId | None
    community: Place
