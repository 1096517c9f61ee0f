"""The registry's lists: bureaus and units, organisations, workers, projects' staffing, sites, the linkage mechanism."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from contracts.values import OrganisationId, ProjectId, UnitCode
from kit.auth import Actor
from kit.service import Flag, Listing, More, Opens, Wait
from kit.service.shapes import Shape
from kit.store import titled
from registry.domain.division import UnitKind
from registry.domain.site import Device
from registry.domain.worker import Qualified
from registry.policy import may_name
from registry.projections.coverage import COVERAGE as COVERED
from registry.projections.division import UnitRow
from registry.projections.document import DocumentRow, TargetRow
from registry.projections.finding import FindingRow
from registry.projections.linkage import ConferenceRow, GroupRow, PersonRow, StandardRow
from registry.projections.organisation import OrganisationRow
from registry.projections.site import EQUIPMENT, PLAQUES, SiteRow
from registry.projections.staffing import NUMBERED, AttemptRow, StaffingRow
from registry.projections.tenant import PopulationRow, TenantRow
from registry.projections.worker import LICENCES, QualificationRow, WorkerRow, employer
from registry.projections.workforce import WORKFORCE as EMPLOYED

READ = "read-registry"


@dataclass(frozen=True)
class Workforce:
    organisation_id: Annotated[OrganisationId, titled("机构编号")]
    workers: Annotated[int, titled("社工人数")]
    full_time: Annotated[int, titled("专职人数")]
    licensed: Annotated[int, titled("持证人数")]
    intermediate: Annotated[int, titled("中级及以上人数")]
    sw_graduates: Annotated[int, titled("社会工作专业毕业人数")]


@dataclass(frozen=True)
class Coverage:
    kind: Annotated[UnitKind, titled("单元类别")]
    declared: Annotated[int, titled("计入覆盖的单元数")]
    covered: Annotated[int, titled("有开放站点的单元数")]


class Equipped(Shape):
    device: Annotated[Device, titled("设备种类")]
    count: Annotated[int, titled("数量")]
    project_id: Annotated[ProjectId | None, titled("试点编号", "所属的试点")]


def _may_name_worker(actor: Actor, row: dict[str, Any]) -> bool:
    """Workers see their own, too."""
    return row["worker_id"] == actor.worker or may_name(actor, organisation=row["employer"], place=None)


def _may_name_person(actor: Actor, row: dict[str, Any]) -> bool:
    return may_name(actor, organisation=None, place=row["unit"])


TENANTS = Listing(
    "Tenant",
    TenantRow,
    action=READ,
    category="tenant",
    key=("tenant_id",),
    filters=("level", "parent", "region"),
    spans=("registered_on",),
    sorts=("tenant_id", "registered_on"),
)
POPULATIONS = Listing(
    "Population", PopulationRow, action=READ, category="tenant", filters=("basis", "year"), sorts=("-year",)
)
UNITS = Listing(
    "Unit",
    UnitRow,
    action=READ,
    category="division",
    more=(
        More(
            "parent_name",
            Annotated[str | None, titled("上级单元名称")],
            "(select u.name from unit_list u where u.tenant_id = t.tenant_id and u.unit = t.parent)",
        ),
        More(
            "tenant_name",
            Annotated[str | None, titled("租户名称")],
            "(select b.name from public.tenant b where b.tenant_id = t.tenant_id)",
        ),
    ),
    flags=(
        Flag(
            "uncovered",
            "计入覆盖，尚无开放站点",
            "t.counted and not exists (select from site_list s"
            " where s.tenant_id = t.tenant_id and s.host = t.unit and s.status = 'open')",
        ),
    ),
    filters=("unit", "kind", "parent", "counted"),
    sorts=("unit",),
)
ORGANISATION_FLAGS = (
    Flag("penalised", "受过处罚", "t.penalties > 0"),
    Flag("inspection_missed", "有年检不合格或不接受年检", "t.failed_inspections + t.refused_inspections > 0"),
    Flag("warned", "被其他市列入黑名单", "cardinality(t.listed_elsewhere) > 0"),
    Flag("without_party", "尚无党组织", "t.party_organisation is null"),
)
ORGANISATIONS = Listing(
    "Organisation",
    OrganisationRow,
    action=READ,
    category="organisation",
    flags=(Flag("blacklisted", "在黑名单内", "t.listed_by is not null"), *ORGANISATION_FLAGS),
    filters=("number", "authority", "civil_affairs", "attested", "revoked_schemes", "listed_by", "listed_elsewhere"),
    spans=("registered_on", "listed_on"),
    sorts=("registered_on",),
)
BLACKLIST = Listing(
    "BlacklistedOrganisation",
    OrganisationRow,
    action=READ,
    category="organisation",
    source="(select * from organisation_list where listed_by is not null)",
    flags=ORGANISATION_FLAGS,
    filters=("number", "listed_by", "listed_reason", "listed_project"),
    spans=("listed_on",),
    sorts=("registered_on",),
)
WORKERS = Listing(
    "Worker",
    WorkerRow,
    action=READ,
    category="worker",
    more=(
        More("licences", Annotated[tuple[Qualified, ...], titled("有效证书等级")], LICENCES),
        More("employer", Annotated[OrganisationId | None, titled("现用人单位")], employer("t")),
    ),
    flags=(
        Flag("unemployed", "无用人单位", "t.organisation_id is null"),
        Flag("unposted", "未派驻试点", "t.project_id is null"),
        Flag("overdue", "派驻已过截止日期", "t.to_day < {today}"),
    ),
    filters=(
        "organisation_id",
        "project_id",
        "site_id",
        "community",
        "employment",
        "licences",
        "licensed",
        "intermediate",
        "sw_graduate",
        "major",
        "impersonated",
        "locked",
    ),
    spans=("from_day", "to_day"),
    sorts=("worker_id",),
    without=("employer",),
    opens=Opens(_may_name_worker),
)
QUALIFICATIONS = Listing(
    "Qualification",
    QualificationRow,
    action="read-qualifications",
    category="worker",
    flags=(Flag("valid", "有效", "t.rejected is null"),),
    filters=("worker_id", "level", "rejected"),
    spans=("issued_on",),
    sorts=("-issued_on",),
)
WORKFORCE = Listing(
    "Workforce",
    Workforce,
    action=READ,
    category=None,
    source=EMPLOYED,
    key=("organisation_id",),
    filters=("organisation_id",),
)
STAFFING = Listing(
    "Staffing",
    StaffingRow,
    action=READ,
    category="staffing",
    flags=(
        Flag("verified", "已核验通过", "t.verified_on is not null"),
        Flag("locked", "在锁定期内", "t.ended_on is null and {today} between t.from_day and t.to_day"),
        Flag("short", "在岗少于规定人数", "t.ended_on is null and cardinality(t.present) < t.headcount"),
        Flag("breached", "有锁定人员流动", "t.breaches > 0"),
        Flag("ended", "已结束", "t.ended_on is not null"),
    ),
    filters=("organisation_id", "scheme_id", "present", "ending"),
    spans=("verified_on", "from_day", "to_day", "ended_on"),
    sorts=("project_id",),
)
ATTEMPTS = Listing(
    "StaffingAttempt",
    AttemptRow,
    action=READ,
    category="staffing",
    source=NUMBERED,
    more=(More("attempt", Annotated[int, titled("第几次核验")], "t.attempt"),),
    filters=("project_id", "verified", "codes", "rules"),
    spans=("judged_on",),
    sorts=("-judged_on",),
)
NO_EQUIPMENT = "not exists (select from site_equipment e where e.tenant_id = t.tenant_id and e.site_id = t.site_id)"
NO_PLAQUE = "not exists (select from site_plaque p where p.tenant_id = t.tenant_id and p.site_id = t.site_id)"
STAFFED = (
    "(t.staff > 0 or exists (select from staffing_list s where s.tenant_id = t.tenant_id"
    " and (s.project_id = t.project_id or s.project_id = any (t.projects)) and s.verified_on is not null"
    " and s.ended_on is null and cardinality(s.present) = s.headcount))"
)
OWN_PLACE = "{unit} is null or {unit} in (t.host, left(t.host, 9))"
"""A street or a community sees its neighbours' sites too: they wait for those."""
OWN_STREET = "{unit} is null or t.street = {unit}"


def _planned(action: str, so: str) -> Wait:
    return Wait(action, f"t.status = 'planned' and {so}", mine=OWN_PLACE)


SITES = Listing(
    "Site",
    SiteRow,
    action=READ,
    category="site",
    more=(
        More("street", Annotated[UnitCode | None, titled("街道（乡镇）代码")], "left(t.host, 9)"),
        More("equipment", Annotated[list[Equipped], titled("设备清单")], EQUIPMENT),
        More("plaques", Annotated[tuple[str, ...], titled("牌匾")], PLAQUES),
    ),
    flags=(
        Flag("without_premises", "尚未提供场地", "t.status <> 'closed' and t.square_metres is null"),
        Flag(
            "without_equipment",
            "尚未配置设备",
            f"t.status <> 'closed' and {NO_EQUIPMENT}",
        ),
        Flag(
            "without_plaque",
            "尚未挂牌",
            f"t.status <> 'closed' and {NO_PLAQUE}",
        ),
        Flag("without_operator", "尚无承接机构", "t.status <> 'closed' and t.operator is null"),
        Flag("without_staff", "尚无派驻社工", "t.status <> 'closed' and t.staff = 0"),
    ),
    waits=(
        _planned("provide-premises", "t.square_metres is null"),
        _planned("provide-equipment", NO_EQUIPMENT),
        _planned("hang-plaque", NO_PLAQUE),
        _planned(
            "open-site",
            f"t.square_metres is not null and not {NO_PLAQUE} and {STAFFED}"
            f" and (cardinality(t.projects) > 0 or not {NO_EQUIPMENT})",
        ),
    ),
    filters=("level", "host", "street", "status", "operator", "parent", "project_id", "projects"),
    spans=("opened_on", "closed_on"),
    sorts=("level",),
)
COVERAGE = Listing("Coverage", Coverage, action=READ, category=None, source=COVERED, key=("kind",), filters=("kind",))
STANDARDS = Listing(
    "LinkageStandard",
    StandardRow,
    action=READ,
    category="standard",
    key=("tenant_id",),
    filters=("scheme_id", "devices", "seats"),
    sorts=("tenant_id",),
)
GROUPS = Listing(
    "LeadingGroup",
    GroupRow,
    action=READ,
    category="leading-group",
    filters=("scheme_id", "districts", "divisions"),
    spans=("formed_on",),
    sorts=("scheme_id",),
)
WITHOUT = (
    "not exists (select from conference_person p where p.tenant_id = t.tenant_id and p.street = t.street"
    " and p.duty = '{duty}')"
)
CONFERENCES = Listing(
    "Conference",
    ConferenceRow,
    action=READ,
    category="conference",
    flags=(
        Flag("open", "已启动", "t.opened_on is not null"),
        Flag("without_liaison", "尚未配备联动人员", WITHOUT.format(duty="liaison")),
        Flag("without_officer", "尚未明确负责人员", WITHOUT.format(duty="officer")),
        Flag("without_meeting", "尚未召开会议", "t.meetings = 0"),
    ),
    waits=(
        Wait("open-conference", "t.opened_on is null", mine=OWN_STREET),
        Wait("appoint-liaison", WITHOUT.format(duty="liaison"), mine=OWN_STREET),
        Wait("name-officer", WITHOUT.format(duty="officer"), mine=OWN_STREET),
        Wait("hold-conference", "t.opened_on is not null and t.meetings = 0", mine=OWN_STREET),
    ),
    filters=("street",),
    spans=("established_on", "opened_on"),
    sorts=("street", "established_on"),
)
PEOPLE = Listing(
    "ConferencePerson",
    PersonRow,
    action=READ,
    category="conference",
    filters=("street", "duty", "unit"),
    spans=("since",),
    sorts=("street",),
    opens=Opens(_may_name_person),
)
FINDINGS = Listing(
    "Finding",
    FindingRow,
    action="read-findings",
    category="finding",
    waits=(Wait("settle-finding", "t.state = 'open'"),),
    filters=(
        "state",
        "outcome",
        "holder",
        "claimant",
        "holder_organisation",
        "claimant_organisation",
        "reported_tenant",
    ),
    spans=("opened_on", "settled_on"),
    sorts=("finding_id",),
)
DOCUMENTS = Listing(
    "Document",
    DocumentRow,
    action=READ,
    category="document",
    filters=("issuer", "number"),
    sorts=("-published_at", "title"),
)
TARGETS = Listing(
    "PolicyTarget",
    TargetRow,
    action=READ,
    category="document",
    filters=("document_id", "code", "year"),
    sorts=("year",),
)
