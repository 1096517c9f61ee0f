"""The figures of the registry (口径), each from the rows that it counts.

What a scheme asks of a project is a minimum (不少于) of a rule that every verified one met; what was found is exact.
A figure of nought stands where there are rows and none of them counts: those have the value 0.
"""

from __future__ import annotations

from contracts.messages.registry import TenantLevel
from contracts.values import Qualifier, Unit
from kit.service import Counted, Indicator, Kind, Total

CITY = frozenset({TenantLevel.CITY})
"""Keeps organisations, workers and its leading group for the districts below it."""
STAFFED = "verified_on is not null and coalesce(ending, 'project_closed') = 'project_closed'"
EVENT = "row_stream, row_version"
AT_LEAST = Qualifier.AT_LEAST


def _counted(
    table: str,
    shown: str,
    which: str = "true",
    *,
    value: str = "1",
    item: str = "''",
    dimensions: tuple[str, ...] = (),
    total: Total = Total.SUM,
    qualifier: Qualifier = Qualifier.EXACT,
) -> Counted:
    """Rows of one table; `shown` are the columns that tell a reader what each is."""
    columns = ", ".join(("tenant_id", f"{value} as value", *dimensions, shown, EVENT, f"{item} as item"))
    return Counted(f"select {columns} from {table} where {{scope}} and {which}", dimensions, total, qualifier)


def _verified(
    value: str,
    total: Total = Total.SUM,
    qualifier: Qualifier = Qualifier.EXACT,
    *,
    which: str = STAFFED,
) -> Counted:
    """Over the projects whose staffing was verified, unless the organisation has lost the project since."""
    shown = "project_id, organisation_id, scheme_id, verified_on, from_day, to_day"
    return _counted("staffing_list", shown, which, value=value, total=total, qualifier=qualifier)


STAFFING = (
    Indicator(
        "registry.verified_projects",
        "人员配置核验通过的试点数",
        Unit.THINGS,
        "人员配置已核验通过的试点个数（R-LZ-09 至 R-LZ-12）。",
        1,
        _verified("1"),
    ),
    Indicator(
        "registry.workers_per_project",
        "每个试点配备专业社工",
        Unit.PERSONS,
        "核验所依据方案规定的每个试点社工人数（R-LZ-09）。",
        1,
        _verified("headcount", Total.MOST),
        kind=Kind.PLAN,
        adds=False,
    ),
    Indicator(
        "registry.licensed_per_project",
        "每个试点持证社工",
        Unit.PERSONS,
        "每个核验通过的试点不少于该人数的持证社工（R-LZ-10）。",
        1,
        _verified("licensed_min", Total.LEAST, AT_LEAST),
        kind=Kind.TARGET,
        adds=False,
    ),
    Indicator(
        "registry.intermediate_per_project",
        "每个试点中级以上社工",
        Unit.PERSONS,
        "每个核验通过的试点不少于该人数的中级（含）以上社工（R-LZ-10）。",
        1,
        _verified("intermediate_min", Total.LEAST, AT_LEAST),
        kind=Kind.TARGET,
        adds=False,
    ),
    Indicator(
        "registry.sw_graduates_per_project",
        "每个试点社会工作专业毕业人员",
        Unit.PERSONS,
        "持证人员之外，每个试点须有的社会工作专业毕业人数（R-LZ-11）。",
        1,
        _verified("sw_graduate_min", Total.MOST),
        kind=Kind.TARGET,
        adds=False,
    ),
    Indicator(
        "registry.locked_per_project",
        "每个试点期间不得流动的专职社工",
        Unit.PERSONS,
        "已启动试点中，每个试点不少于该人数的专职社工在试点期间不得流动（R-LZ-12）。",
        1,
        _verified("locked_min", Total.LEAST, AT_LEAST, which=f"from_day is not null and {STAFFED}"),
        kind=Kind.TARGET,
        adds=False,
    ),
    Indicator(
        "registry.posted_workers",
        "试点专业社工总数",
        Unit.PERSONS,
        "各核验通过试点的社工人数之和。",
        1,
        _verified("headcount"),
    ),
    Indicator(
        "registry.licensed_workers_required",
        "试点持证社工总数下限",
        Unit.PERSONS,
        "各核验通过试点须有持证人数之和，印作“不少于”。",
        1,
        _verified("licensed_min", qualifier=AT_LEAST),
        kind=Kind.TARGET,
    ),
    Indicator(
        "registry.intermediate_workers_required",
        "试点中级社工总数下限",
        Unit.PERSONS,
        "各核验通过试点须有中级（含）以上人数之和，印作“不少于”。",
        1,
        _verified("intermediate_min", qualifier=AT_LEAST),
        kind=Kind.TARGET,
    ),
    Indicator(
        "registry.licensed_workers_posted",
        "试点持证社工实有数",
        Unit.PERSONS,
        "核验时各试点实有持证人数之和。",
        1,
        _verified("licensed"),
    ),
    Indicator(
        "registry.intermediate_workers_posted",
        "试点中级社工实有数",
        Unit.PERSONS,
        "核验时各试点实有中级（含）以上人数之和。",
        1,
        _verified("intermediate"),
    ),
    Indicator(
        "registry.locked_worker_breaches",
        "锁定人员流动次数",
        Unit.PERSON_TIMES,
        "试点期间锁定社工实际流动、低于规定人数的次数（R-LZ-12）。",
        1,
        _counted("staffing_list", "project_id, organisation_id, from_day, to_day", value="breaches"),
    ),
    Indicator(
        "registry.workers_locked",
        "锁定社工数",
        Unit.PERSONS,
        "目前锁定在试点的社工人数。",
        1,
        _counted("worker_list", "worker_id, project_id, from_day, to_day", "locked"),
        levels=CITY,
    ),
)
PLACES = (
    Indicator(
        "registry.equipment_per_project",
        "每个试点街道配置的办公设备",
        Unit.THINGS,
        "街道为每个试点配置的设备台数，按种类；各试点不同时取最少的（R-LZ-24，C-47）。",
        1,
        Counted(
            "select distinct on (tenant_id, project, device) tenant_id, device,"
            " sum(count) over (partition by tenant_id, project, device) as value, project, site_id, row_stream,"
            " row_version, project || '/' || device as item from site_equipment where {scope} and project <> ''"
            " order by tenant_id, project, device, row_stream, row_version desc",
            ("device",),
            Total.LEAST,
        ),
        adds=False,
    ),
    Indicator(
        "registry.sites_open",
        "开放站点数",
        Unit.THINGS,
        "开放中的站点个数，按层级（1 中心，2 区级站，3 街道站，4 社工室）。",
        1,
        _counted("site_list", "site_id, name, host, opened_on", "status = 'open'", dimensions=("level",)),
    ),
    Indicator(
        "registry.units_covered",
        "站点覆盖的行政单元数",
        Unit.THINGS,
        "至少有一个开放站点的街道（乡镇）、社区（村）个数；同一单元只计一次，统计用区不计。",
        1,
        Counted(
            "select distinct on (u.tenant_id, u.unit) u.tenant_id, u.kind, (s.site_id is not null)::int as value,"
            " u.unit, u.name, s.site_id, s.opened_on, coalesce(s.row_stream, u.row_stream) as row_stream,"
            " coalesce(s.row_version, u.row_version) as row_version, u.unit as item"
            " from (select * from unit_list where {scope} and counted) u"
            " left join site_list s on s.tenant_id = u.tenant_id and s.host = u.unit and s.status = 'open'"
            " order by u.tenant_id, u.unit, s.opened_on, s.site_id",
            ("kind",),
        ),
    ),
    Indicator(
        "registry.units_declared",
        "行政单元数",
        Unit.THINGS,
        "计入覆盖的街道（乡镇）、社区（村）个数。",
        1,
        _counted("unit_list", "unit, name, parent", "counted", item="unit", dimensions=("kind",)),
    ),
)
MECHANISM = (
    Indicator(
        "registry.officers_per_unit",
        "每个试点社区和街道负责人员",
        Unit.PERSONS,
        "试点社区和所在街道各自明确的负责人员数；各单位不同时取最多的（R-LZ-23）。",
        1,
        Counted(
            "select distinct on (tenant_id, unit) tenant_id, count(*) over (partition by tenant_id, unit) as value,"
            " unit, street, since, row_stream, row_version, unit as item from conference_person where {scope}"
            " and duty = 'officer' order by tenant_id, unit, row_stream, row_version desc",
            total=Total.MOST,
        ),
        adds=False,
    ),
    Indicator(
        "registry.units_with_officer",
        "已明确负责人员的单位数",
        Unit.THINGS,
        "已明确负责人员的试点社区和街道个数（R-LZ-23）。",
        1,
        Counted(
            "select distinct on (tenant_id, unit) tenant_id, 1 as value, unit, street, since, row_stream, row_version,"
            " unit as item from conference_person where {scope} and duty = 'officer'"
            " order by tenant_id, unit, row_stream, row_version"
        ),
    ),
    Indicator(
        "registry.conferences_open",
        "启动的联席会议数",
        Unit.THINGS,
        "四类主体齐备并已启动的街道联席会议个数（R-LZ-22）。",
        1,
        _counted("conference_list", "street, office, opened_on", "opened_on is not null"),
    ),
    Indicator(
        "registry.leading_group_divisions",
        "领导小组成员科室数",
        Unit.THINGS,
        "市级领导小组中市民政局成员科室个数（R-LZ-42）。",
        1,
        _counted(
            "leading_group cross join unnest(divisions) with ordinality as d (division, place)",
            "division, formed_on",
            item="place::text",
            dimensions=("scheme_id",),
        ),
        levels=CITY,
    ),
    Indicator(
        "registry.policy_target_year",
        "政策目标年份",
        Unit.YEARS,
        "文件提出的目标应当实现的年份。",
        1,
        _counted(
            "policy_target", "document_id, title", value="year", item="code", dimensions=("code",), total=Total.LEAST
        ),
        kind=Kind.TARGET,
        adds=False,
    ),
    Indicator(
        "registry.documents_issued",
        "印发文件数",
        Unit.THINGS,
        "登记的文件，附印出的发布时间（未注明时区）。",
        1,
        _counted("document_list", "document_id, issuer, number", dimensions=("title", "published_at")),
    ),
    Indicator(
        "registry.document_published_at",
        "文件发布时间",
        Unit.LOCAL_INSTANT,
        "文件印出的发布时间；来源未注明时区，故按原文保存，不作换算。",
        1,
        _counted(
            "document_list",
            "document_id, issuer, number",
            value="published_at",
            dimensions=("title",),
            total=Total.LEAST,
        ),
    ),
)
EMPLOYED = "organisation_id is not null"
PEOPLE = (
    Indicator(
        "registry.organisations",
        "社工机构数",
        Unit.THINGS,
        "登记的社工机构个数。",
        1,
        _counted("organisation_list", "organisation_id, name, registered_on"),
        levels=CITY,
    ),
    Indicator(
        "registry.organisations_blacklisted",
        "黑名单机构数",
        Unit.THINGS,
        "目前在黑名单内的机构个数（R-LZ-08）。",
        1,
        _counted("organisation_list", "organisation_id, name, listed_on, listed_reason", "listed_by is not null"),
        levels=CITY,
    ),
    *(
        Indicator(
            f"registry.{name}",
            title,
            Unit.PERSONS,
            definition,
            1,
            _counted("worker_list", "worker_id, organisation_id, employment, licensed", EMPLOYED, value=value),
            levels=CITY,
        )
        for name, title, definition, value in (
            ("employed_workers", "社工人数", "有用人单位的登记社工人数。", "1"),
            (
                "full_time_workers",
                "专职社工人数",
                "专职社工人数；与是否持证无关（R-TC-03）。",
                "(employment = 'full_time')::int",
            ),
            (
                "licensed_workers",
                "持证社工人数",
                "有有效证书的在职社工人数；与是否专职无关（R-TC-03）。",
                "licensed::int",
            ),
        )
    ),
)
INDICATORS = (*STAFFING, *PLACES, *MECHANISM, *PEOPLE)
