"""The figures of casework (口径), each from the lists, so that they can be asked as of a day."""

from __future__ import annotations

from contracts.messages.registry import TenantLevel
from contracts.values import Unit
from kit.service import Indicator, Query, figures

DECLARERS = frozenset({TenantLevel.PROVINCE, TenantLevel.CITY})
"""Of service catalogues, which districts read."""


def _counted(table: str, dimension: str, which: str = "true") -> Query:
    return figures(
        f"select tenant_id, {dimension}, count(*) as value from {table} where {{scope}} and {which}"
        " group by 1, 2 order by 1, 2",
        dimension,
    )


INDICATORS = (
    Indicator(
        "casework.ledger_persons",
        "台账人数",
        Unit.PERSONS,
        "已建立服务台账的人数；每名服务对象只计入一个社区（R-KL-06）。",
        1,
        _counted("ledger_entry", "community"),
    ),
    Indicator(
        "casework.persons_visited",
        "入户走访人数",
        Unit.PERSONS,
        "入户走访到的不同服务对象人数；多次走访同一人只计一人（R-KL-07）。",
        1,
        _counted("ledger_entry", "community", "first_visited_on is not null"),
    ),
    Indicator(
        "casework.home_visits",
        "入户走访次数",
        Unit.SESSIONS,
        "入户走访的次数，与走访人数分开统计（R-KL-07）。",
        1,
        _counted("home_visit", "community"),
    ),
    Indicator(
        "casework.cases_by_stage",
        "个案数（按环节）",
        Unit.THINGS,
        "个案数，按最近完成的环节统计：接案、预估、制定计划、介入、评估、结案（R-JX-03）。",
        1,
        _counted("case_list", "stage"),
        rows="/v1/cases",
    ),
    Indicator(
        "casework.referrals",
        "救助协助数",
        Unit.THINGS,
        "已登记的救助协助，按民政救助和其他部门救助、按结果统计；pending 为尚无结果（R-LZ-21）。",
        1,
        figures(
            "select tenant_id, kind, coalesce(outcome, 'pending') as outcome, count(*) as value from referral_list"
            " where {scope} group by 1, 2, 3 order by 1, 2, 3",
            "kind",
            "outcome",
        ),
    ),
    Indicator(
        "casework.service_domains",
        "服务领域数",
        Unit.THINGS,
        "民政部门公布的服务目录中的服务领域个数（R-LZ-19）。",
        1,
        figures(
            "select tenant_id, catalogue_id::text as catalogue, domains as value from service_catalogue"
            " where {scope} order by 1, 2",
            "catalogue",
        ),
        rows="/v1/catalogues",
        levels=DECLARERS,
    ),
    Indicator(
        "casework.assistance_policies",
        "“8+1”社会救助政策类数",
        Unit.THINGS,
        "服务目录中声明的社会救助政策类数，分“8”（core）和“1”（extra）；来源文件未列明具体内容（R-LZ-21）。",
        1,
        figures(
            "select tenant_id, catalogue_id::text as catalogue, part, value from service_catalogue"
            " cross join lateral (values ('core', core_policies), ('extra', extra_policies)) as p (part, value)"
            " where {scope} order by 1, 2, 3",
            "catalogue",
            "part",
        ),
        rows="/v1/catalogues",
        levels=DECLARERS,
    ),
)
