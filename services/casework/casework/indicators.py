"""The figures of casework (口径), each from the rows that it counts."""

from __future__ import annotations

from contracts.messages.registry import TenantLevel
from contracts.values import Unit
from kit.service import Counted, Indicator, Kind

DECLARERS = frozenset({TenantLevel.PROVINCE, TenantLevel.CITY})
"""Of service catalogues, which districts read."""
BY_COMMUNITY = ("community",)

INDICATORS = (
    Indicator(
        "casework.ledger_persons",
        "台账人数",
        Unit.PERSONS,
        "已建立服务台账的人数；每名服务对象只计入一个社区（R-KL-06）。",
        1,
        Counted(
            "select tenant_id, community, 1 as value, entry_id, enrolled_on, row_stream, row_version, '' as item"
            " from ledger_entry where {scope}",
            BY_COMMUNITY,
        ),
    ),
    Indicator(
        "casework.persons_visited",
        "入户走访人数",
        Unit.PERSONS,
        "入户走访到的不同服务对象人数；多次走访同一人只计一人（R-KL-07）。",
        1,
        Counted(
            "select tenant_id, community, 1 as value, entry_id, first_visited_on, row_stream, row_version, '' as item"
            " from ledger_entry where {scope} and first_visited_on is not null",
            BY_COMMUNITY,
        ),
    ),
    Indicator(
        "casework.home_visits",
        "入户走访次数",
        Unit.SESSIONS,
        "入户走访的次数，与走访人数分开统计（R-KL-07）。",
        1,
        Counted(
            "select tenant_id, community, 1 as value, visit_id, entry_id, visited_on, row_stream, row_version,"
            " visit_id::text as item from home_visit where {scope}",
            BY_COMMUNITY,
        ),
    ),
    Indicator(
        "casework.cases_by_stage",
        "个案数（按环节）",
        Unit.THINGS,
        "个案数，按最近完成的环节统计：接案、预估、制定计划、介入、评估、结案（R-JX-03）。",
        1,
        Counted(
            "select tenant_id, stage, 1 as value, case_id, community, domain, opened_on, stage_on, row_stream,"
            " row_version, '' as item from case_list where {scope}",
            ("stage",),
        ),
    ),
    Indicator(
        "casework.referrals",
        "救助协助数",
        Unit.THINGS,
        "已登记的救助协助，按民政救助和其他部门救助、按结果统计；pending 为尚无结果（R-LZ-21）。",
        1,
        Counted(
            "select tenant_id, kind, coalesce(outcome, 'pending') as outcome, 1 as value, referral_id, community,"
            " referred_on, row_stream, row_version, '' as item from referral_list where {scope}",
            ("kind", "outcome"),
        ),
    ),
    Indicator(
        "casework.service_domains",
        "服务领域数",
        Unit.THINGS,
        "民政部门公布的服务目录中的服务领域个数（R-LZ-19）。",
        1,
        Counted(
            "select tenant_id, catalogue_id, domain_count as value, title, declared_on, row_stream,"
            " row_version, '' as item from service_catalogue where {scope}",
            ("catalogue_id",),
        ),
        kind=Kind.PLAN,
        levels=DECLARERS,
    ),
    Indicator(
        "casework.assistance_policies",
        "“8+1”社会救助政策类数",
        Unit.THINGS,
        "服务目录中声明的社会救助政策类数，分“8”（core）和“1”（extra）；来源文件未列明具体内容（R-LZ-21）。",
        1,
        Counted(
            "select tenant_id, catalogue_id, part, value, title, declared_on, row_stream,"
            " row_version, part as item from service_catalogue"
            " cross join lateral (values ('core', core_policy_count), ('extra', extra_policy_count)) as p (part, value)"
            " where {scope}",
            ("catalogue_id", "part"),
        ),
        kind=Kind.PLAN,
        levels=DECLARERS,
    ),
)
