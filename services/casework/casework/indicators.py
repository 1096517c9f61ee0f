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
        "曾建立服务台账的人数，含此后去世、迁出和不再属于服务对象的，不含误登的；每份台账只计入建档时的社区，"
        "终止后重新建立的台账另计（R-KL-06）。",
        2,
        Counted(
            "select tenant_id, enrolled_in as community, 1 as value, entry_id, enrolled_on, row_stream, row_version,"
            " '' as item from ledger_entry where {scope} and end_reason is distinct from 'mistake'",
            BY_COMMUNITY,
        ),
    ),
    Indicator(
        "casework.persons_served_now",
        "在册服务人数",
        Unit.PERSONS,
        "台账未终止的人数，按现在所属的社区统计；去世、迁出、不再属于服务对象和误登的不计（R-KL-06）。",
        1,
        Counted(
            "select tenant_id, community, 1 as value, entry_id, enrolled_on, row_stream, row_version, '' as item"
            " from ledger_entry where {scope} and ended_on is null",
            BY_COMMUNITY,
        ),
    ),
    Indicator(
        "casework.persons_visited",
        "入户走访人数",
        Unit.PERSONS,
        "入户走访到的不同服务对象人数，在台账人数之内；多次走访同一人只计一人，计入建档时的社区（R-KL-07）。",
        2,
        Counted(
            "select tenant_id, enrolled_in as community, 1 as value, entry_id, first_visited_on, row_stream,"
            " row_version, '' as item from ledger_entry"
            " where {scope} and first_visited_on is not null and end_reason is distinct from 'mistake'",
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
        "个案数，按最近完成的环节统计：接案、预估、制定计划、介入、评估、结案；提前终止的计在终止前的环节（R-JX-03）。",
        2,
        Counted(
            "select tenant_id, stage, 1 as value, case_id, community, domain, opened_on, stage_on, row_stream,"
            " row_version, '' as item from case_list where {scope}",
            ("stage",),
        ),
    ),
    Indicator(
        "casework.cases_ended_early",
        "提前终止个案数",
        Unit.THINGS,
        "未结案而提前终止的个案数，按原因统计：去世、迁出、本人退出、转介其他机构、失去联系；不计入结案数（R-JX-03）。",
        1,
        Counted(
            "select tenant_id, end_reason as reason, 1 as value, case_id, community, domain, stage, opened_on,"
            " ended_on, row_stream, row_version, '' as item from case_list where {scope} and end_reason is not null",
            ("reason",),
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
