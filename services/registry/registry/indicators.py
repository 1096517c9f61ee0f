"""The figures of the registry (口径), each counted from its own tables, so that they can be asked as of a day.

What a scheme asks of one pilot is a minimum (不少于) of a rule that every verified pilot met; what was found is exact.
"""

from __future__ import annotations

from contracts.messages.registry import TenantLevel
from contracts.values import Qualifier, Unit
from kit.service import Indicator, Query, figures

CITY = frozenset({TenantLevel.CITY})
"""Keeps agencies, workers and its leading group for the districts below it."""
STAFFED = "verified_on is not null and ending is distinct from 'agency_revoked'"


def _verified(value: str, qualifier: Qualifier = Qualifier.EXACT) -> Query:
    """Over the pilots whose staffing was verified, unless the agency has lost the pilot since."""
    sql = f"select tenant_id, {value} as value from staffing_list where {{scope}} and {STAFFED}"
    return figures(f"{sql} group by 1 order by 1", qualifier=qualifier)


AT_LEAST = Qualifier.AT_LEAST

STAFFING = (
    Indicator(
        "registry.verified_pilots",
        "人员配置核验通过的试点数",
        Unit.THINGS,
        "人员配置已核验通过的试点个数（R-LZ-09 至 R-LZ-12）。",
        1,
        _verified("count(*)"),
        rows="/v1/staffing",
    ),
    Indicator(
        "registry.workers_per_pilot",
        "每个试点配备专业社工",
        Unit.PERSONS,
        "核验所依据方案规定的每个试点社工人数（R-LZ-09）。",
        1,
        _verified("max(headcount)"),
        rows="/v1/staffing",
        adds=False,
    ),
    Indicator(
        "registry.licensed_per_pilot",
        "每个试点持证社工",
        Unit.PERSONS,
        "每个核验通过的试点不少于该人数的持证社工（R-LZ-10）。",
        1,
        _verified("min(licensed_min)", AT_LEAST),
        rows="/v1/staffing",
        adds=False,
    ),
    Indicator(
        "registry.intermediate_per_pilot",
        "每个试点中级以上社工",
        Unit.PERSONS,
        "每个核验通过的试点不少于该人数的中级（含）以上社工（R-LZ-10）。",
        1,
        _verified("min(intermediate_min)", AT_LEAST),
        rows="/v1/staffing",
        adds=False,
    ),
    Indicator(
        "registry.sw_graduates_per_pilot",
        "每个试点社会工作专业毕业人员",
        Unit.PERSONS,
        "持证人员之外，每个试点须有的社会工作专业毕业人数（R-LZ-11）。",
        1,
        _verified("max(sw_graduate_min)"),
        rows="/v1/staffing",
        adds=False,
    ),
    Indicator(
        "registry.locked_per_pilot",
        "每个试点期间不得流动的专职社工",
        Unit.PERSONS,
        "已启动试点中，每个试点不少于该人数的专职社工在试点期间不得流动（R-LZ-12）。",
        1,
        figures(
            "select tenant_id, min(locked_min) as value from staffing_list where {scope} and from_day is not null"
            f" and {STAFFED} group by 1 order by 1",
            qualifier=AT_LEAST,
        ),
        rows="/v1/staffing",
        adds=False,
    ),
    Indicator(
        "registry.posted_workers",
        "试点专业社工总数",
        Unit.PERSONS,
        "各核验通过试点的社工人数之和。",
        1,
        _verified("sum(headcount)"),
        rows="/v1/staffing",
    ),
    Indicator(
        "registry.licensed_workers_required",
        "试点持证社工总数下限",
        Unit.PERSONS,
        "各核验通过试点须有持证人数之和，印作“不少于”。",
        1,
        _verified("sum(licensed_min)", AT_LEAST),
        rows="/v1/staffing",
    ),
    Indicator(
        "registry.intermediate_workers_required",
        "试点中级社工总数下限",
        Unit.PERSONS,
        "各核验通过试点须有中级（含）以上人数之和，印作“不少于”。",
        1,
        _verified("sum(intermediate_min)", AT_LEAST),
        rows="/v1/staffing",
    ),
    Indicator(
        "registry.licensed_workers_posted",
        "试点持证社工实有数",
        Unit.PERSONS,
        "核验时各试点实有持证人数之和。",
        1,
        _verified("sum(licensed)"),
        rows="/v1/staffing",
    ),
    Indicator(
        "registry.intermediate_workers_posted",
        "试点中级社工实有数",
        Unit.PERSONS,
        "核验时各试点实有中级（含）以上人数之和。",
        1,
        _verified("sum(intermediate)"),
        rows="/v1/staffing",
    ),
    Indicator(
        "registry.locked_worker_breaches",
        "锁定人员流动次数",
        Unit.PERSON_TIMES,
        "试点期间锁定社工实际流动、低于规定人数的次数（R-LZ-12）。",
        1,
        figures("select tenant_id, sum(breaches) as value from staffing_list where {scope} group by 1 order by 1"),
        rows="/v1/staffing",
    ),
    Indicator(
        "registry.workers_locked",
        "锁定社工数",
        Unit.PERSONS,
        "目前锁定在试点的社工人数。",
        1,
        figures("select tenant_id, count(*) as value from worker_list where {scope} and locked group by 1 order by 1"),
        rows="/v1/workers",
        levels=CITY,
    ),
)
PLACES = (
    Indicator(
        "registry.equipment_per_pilot",
        "每个试点街道配置的办公设备",
        Unit.THINGS,
        "街道为每个试点配置的设备台数，按种类；各试点不同时取最少的（R-LZ-24，C-47）。",
        1,
        figures(
            "select tenant_id, device, min(count) as value from (select tenant_id, pilot, device, sum(count) as count"
            " from site_equipment where {scope} and pilot <> '' group by 1, 2, 3) p group by 1, 2 order by 1, 2",
            "device",
        ),
        rows="/v1/sites",
        adds=False,
    ),
    Indicator(
        "registry.sites_open",
        "开放站点数",
        Unit.THINGS,
        "开放中的站点个数，按层级（1 中心，2 区级站，3 街道站，4 社工室）。",
        1,
        figures(
            "select tenant_id, level, count(*) as value from site_list where {scope} and status = 'open'"
            " group by 1, 2 order by 1, 2",
            "level",
        ),
        rows="/v1/sites",
    ),
    Indicator(
        "registry.units_covered",
        "站点覆盖的行政单元数",
        Unit.THINGS,
        "至少有一个开放站点的街道（乡镇）、社区（村）个数；同一单元只计一次，统计用区不计。",
        1,
        figures(
            "select tenant_id, kind, count(*) filter (where exists (select from site_list s where"
            " s.tenant_id = u.tenant_id and s.host = u.unit and s.status = 'open')) as value from unit_list u"
            " where {scope} and counted group by 1, 2 order by 1, 2",
            "kind",
        ),
        rows="/v1/coverage",
    ),
    Indicator(
        "registry.units_declared",
        "行政单元数",
        Unit.THINGS,
        "计入覆盖的街道（乡镇）、社区（村）个数。",
        1,
        figures(
            "select tenant_id, kind, count(*) as value from unit_list where {scope} and counted"
            " group by 1, 2 order by 1, 2",
            "kind",
        ),
        rows="/v1/coverage",
    ),
)
MECHANISM = (
    Indicator(
        "registry.officers_per_unit",
        "每个试点社区和街道负责人员",
        Unit.PERSONS,
        "试点社区和所在街道各自明确的负责人员数；各单位不同时取最多的（R-LZ-23）。",
        1,
        figures(
            "select tenant_id, max(officers) as value from (select tenant_id, unit, count(*) as officers from"
            " conference_person where {scope} and duty = 'officer' group by 1, 2) u group by 1 order by 1"
        ),
        rows="/v1/conferences",
        adds=False,
    ),
    Indicator(
        "registry.units_with_officer",
        "已明确负责人员的单位数",
        Unit.THINGS,
        "已明确负责人员的试点社区和街道个数（R-LZ-23）。",
        1,
        figures(
            "select tenant_id, count(distinct unit) as value from conference_person where {scope}"
            " and duty = 'officer' group by 1 order by 1"
        ),
        rows="/v1/conferences",
    ),
    Indicator(
        "registry.conferences_open",
        "启动的联席会议数",
        Unit.THINGS,
        "四类主体齐备并已启动的街道联席会议个数（R-LZ-22）。",
        1,
        figures(
            "select tenant_id, count(*) as value from conference_list where {scope} and opened_on is not null"
            " group by 1 order by 1"
        ),
        rows="/v1/conferences",
    ),
    Indicator(
        "registry.leading_group_divisions",
        "领导小组成员科室数",
        Unit.THINGS,
        "市级领导小组中市民政局成员科室个数（R-LZ-42）。",
        1,
        figures(
            "select tenant_id, scheme_id, cardinality(divisions) as value from leading_group where {scope}"
            " order by 1, 2",
            "scheme_id",
        ),
        rows="/v1/leading-groups",
        levels=CITY,
    ),
    Indicator(
        "registry.policy_target_year",
        "政策目标年份",
        Unit.YEARS,
        "文件提出的目标应当实现的年份。",
        1,
        figures("select tenant_id, code, year as value from policy_target where {scope} order by 1, 2, 3", "code"),
        rows="/v1/targets",
        adds=False,
    ),
    Indicator(
        "registry.documents_issued",
        "印发文件数",
        Unit.THINGS,
        "登记的文件，附印出的发布时间（未注明时区）。",
        1,
        figures(
            "select tenant_id, title, published_at, count(*) as value from document_list where {scope}"
            " group by 1, 2, 3 order by 1, 2, 3",
            "title",
            "published_at",
        ),
        rows="/v1/documents",
    ),
    Indicator(
        "registry.document_published_at",
        "文件发布时间",
        Unit.LOCAL_INSTANT,
        "文件印出的发布时间；来源未注明时区，故按原文保存，不作换算。",
        1,
        figures(
            "select tenant_id, title, published_at as value from document_list where {scope} order by 1, 2", "title"
        ),
        rows="/v1/documents",
    ),
)
PEOPLE = (
    Indicator(
        "registry.agencies",
        "社工机构数",
        Unit.THINGS,
        "登记的社工机构个数。",
        1,
        figures("select tenant_id, count(*) as value from agency_list where {scope} group by 1 order by 1"),
        rows="/v1/agencies",
        levels=CITY,
    ),
    Indicator(
        "registry.agencies_blacklisted",
        "黑名单机构数",
        Unit.THINGS,
        "目前在黑名单内的机构个数（R-LZ-08）。",
        1,
        figures(
            "select tenant_id, count(*) as value from agency_list where {scope} and listed_by is not null"
            " group by 1 order by 1"
        ),
        rows="/v1/blacklist",
        levels=CITY,
    ),
    *(
        Indicator(
            f"registry.{name}",
            title,
            Unit.PERSONS,
            definition,
            1,
            figures(
                f"select tenant_id, count(*) filter (where {kind}) as value from worker_list where {{scope}}"
                " and agency_id is not null group by 1 order by 1"
            ),
            rows="/v1/workforce",
            levels=CITY,
        )
        for name, title, definition, kind in (
            ("employed_workers", "社工人数", "有用人单位的登记社工人数。", "true"),
            (
                "full_time_workers",
                "专职社工人数",
                "专职社工人数；与是否持证无关（R-TC-03）。",
                "employment = 'full_time'",
            ),
            ("licensed_workers", "持证社工人数", "有有效证书的在职社工人数；与是否专职无关（R-TC-03）。", "licensed"),
        )
    ),
)
INDICATORS = (*STAFFING, *PLACES, *MECHANISM, *PEOPLE)
